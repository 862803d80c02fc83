"""The mathematics against its peers: the same work in the same process, by turns.

Every line is the median over repetitions of (the peer's time) / (our time), so that what else the
machine does falls on both. `make bench` writes a table and a picture to benchmarks/results/.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as in a kernel that grades; one core for both

import gc
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import scipy.special
import scipy.stats
from hmmlearn.hmm import GaussianHMM
from matplotlib.figure import Figure
from rich.progress import track
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture
from sklearn.utils._testing import ignore_warnings

import lgm

RESULTS = Path(__file__).parent / "results"
SECONDS = 2.0  # for each line
Work = Callable[[], Any]


@dataclass(frozen=True)
class Comparison:
    """The same work, done by us and by a peer."""

    what: str
    peer: str
    target: float  # peer's cost over ours
    ours: Work
    theirs: Work
    same: Callable[[Any, Any], bool]
    cost: str = "time"  # or "peak memory"


def seconds(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak(work: Work) -> float:
    """Largest number of bytes that numpy held at a time."""
    gc.collect()
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


def ratio(comparison: Comparison) -> float:
    """How many times the peer costs what we cost."""
    assert comparison.same(comparison.ours(), comparison.theirs()), comparison.what
    if comparison.cost == "peak memory":
        return peak(comparison.theirs) / peak(comparison.ours)
    ratios, end = [], time.perf_counter() + SECONDS
    while len(ratios) < 5 or (time.perf_counter() < end and len(ratios) < 200):
        ratios.append(seconds(comparison.theirs) / seconds(comparison.ours))
        ratios.append(1 / (seconds(comparison.ours) / seconds(comparison.theirs)))
    return float(np.median(ratios))


def close(a: Any, b: Any) -> bool:
    return bool(np.allclose(a, b, rtol=1e-6, atol=1e-6))


# --- what is compared --------------------------------------------------------------------------


def sums() -> Iterator[Comparison]:
    rng = np.random.default_rng(0)
    for k in (2, 3, 5, 10):
        for n in (100, 1000, 10_000, 100_000):
            a = 10 * rng.normal(size=(k, n))
            by_rows = np.ascontiguousarray(a.T)  # as scikit-learn and most others lay it out
            yield Comparison(
                f"logsumexp, {k} × {n:,}",
                "scipy, N × K",
                5.0,
                lambda a=a: lgm.logsumexp(a),
                lambda b=by_rows: scipy.special.logsumexp(b, axis=1),
                close,
            )
            yield Comparison(
                f"logsumexp, {k} × {n:,}, same layout",
                "scipy, K × N",
                5.0,
                lambda a=a: lgm.logsumexp(a),
                lambda a=a: scipy.special.logsumexp(a, axis=0),
                close,
            )


def normals(k: int, d: int, n: int) -> tuple[Any, lgm.Mixture, GaussianMixture]:
    """Data, and the same mixture for us and for scikit-learn."""
    rng = np.random.default_rng(1)
    centres = 4 * rng.normal(size=(k, d))
    x = centres[rng.integers(k, size=n)] + rng.normal(size=(n, d)) @ rng.normal(size=(d, d)) / 2
    covariances = np.tile(np.cov(x.T).reshape(d, d) + np.eye(d), (k, 1, 1))
    weights, means = np.full(k, 1 / k), x[:k].copy()
    ours = lgm.Mixture(lgm.Categorical(weights), lgm.MultivariateNormal(means, covariances))
    theirs = GaussianMixture(
        k,
        weights_init=weights,
        means_init=means,
        precisions_init=np.linalg.inv(covariances),
        reg_covar=0.0,
        tol=0.0,
        max_iter=20,
    )
    return x, ours, theirs


def expectation_steps(cost: str) -> Iterator[Comparison]:
    for k, d, n in (
        (3, 2, 100_000),
        (5, 8, 100_000),
        (10, 16, 50_000),
        (5, 64, 20_000),
        (5, 256, 5000),
    ):
        x, model, theirs = normals(k, d, n)
        theirs._initialize_parameters(x, np.random.RandomState(0))
        rule = lgm.enumerate_support(model.prior)
        target = 2.0 if d <= 16 or cost == "peak memory" else 1.0
        yield Comparison(
            f"E-step, K = {k}, D = {d}, N = {n:,}",
            "scikit-learn",
            target,
            lambda m=model, x=x, r=rule: lgm.log_posterior(m, x, r),
            lambda t=theirs, x=x: t._e_step(x)[1],
            lambda a, b: close(a.T, b),
            cost,
        )


def fits(cost: str) -> Iterator[Comparison]:
    for k, d, n in ((3, 2, 50_000), (5, 8, 50_000), (10, 16, 20_000)):
        x, model, theirs = normals(k, d, n)
        steps = 20
        yield Comparison(
            f"EM, {steps} steps, K = {k}, D = {d}, N = {n:,}",
            "scikit-learn",
            2.0,
            lambda m=model, x=x, s=steps: lgm.em(
                m, x, max_steps=s, tolerance=-np.inf
            ).log_likelihoods[-1],
            lambda t=theirs, x=x: (
                ignore_warnings(t.fit, category=ConvergenceWarning)(x).score(x) * len(x)
            ),
            lambda a, b: bool(np.isclose(a, b, rtol=1e-9)),
            cost,
        )


def factors() -> Iterator[Comparison]:
    rng = np.random.default_rng(2)
    d, q, n = 2000, 5, 100
    model = lgm.LinearGaussian(rng.normal(size=(d, q)), rng.normal(size=d), rng.uniform(0.5, 2, d))
    _, x = model.sample(n, rng=3)

    def by_covariance() -> Any:
        covariance = model.loadings @ model.loadings.T + np.diag(model.variance)
        return lgm.MultivariateNormal(model.mean, covariance).log_prob(x)

    yield Comparison(
        f"factor marginal, D = {d:,}, Q = {q}", "a D × D Cholesky factor", 10.0,
        lambda: model.log_marginal(x), by_covariance, close,
    )  # fmt: skip


def chains() -> Iterator[Comparison]:
    rng = np.random.default_rng(4)
    for k, t in ((2, 1000), (3, 1000), (3, 10_000), (5, 10_000), (3, 100_000), (10, 10_000)):
        initial, transition = np.full(k, 1 / k), rng.dirichlet(np.full(k, 2.0), size=k)
        model = lgm.HiddenMarkovModel(
            lgm.Categorical(initial), transition, lgm.Normal(np.arange(k) * 1.0, np.ones(k))
        )
        theirs = GaussianHMM(k, "diag")
        theirs.startprob_, theirs.transmat_, theirs.n_features = initial, transition, 1
        theirs.means_, theirs.covars_ = np.arange(k)[:, None] * 1.0, np.ones((k, 1))
        _, x = model.sample(t, rng=5)
        yield Comparison(
            f"HMM log marginal, K = {k}, T = {t:,}",
            "hmmlearn",
            1.0,
            lambda m=model, x=x: m.log_marginal(x),
            lambda h=theirs, x=x: h.score(x[:, None]),
            close,
        )


def draws() -> Iterator[Comparison]:
    """Here the peer is the generator itself: evaluation may cost twice what drawing costs."""
    model, x, size = lgm.NormalNormal(lgm.Normal(0.0, 1.0), 1.0), np.array([2.0]), 1_000_000
    proposal = lgm.Normal(1.0, 1.0)
    yield Comparison(
        "a million importance draws, with their error", "only drawing them", 0.5,
        lambda: lgm.log_marginal(model, x, lgm.monte_carlo(proposal, size, rng=6)),
        lambda: proposal.sample(size, rng=6), lambda a, b: a.standard_error < 0.01,
    )  # fmt: skip


def flat_memory() -> list[str]:
    """Peak memory of an EM fit, while the data grow and are not counted."""
    lines = ["", "Peak memory of an EM fit (K = 5, D = 8), data not counted:", ""]
    for n in (10_000, 100_000, 1_000_000):
        x, model, _ = normals(5, 8, n)
        most = peak(lambda m=model, x=x: lgm.em(m, x, max_steps=2))
        lines.append(
            f"- N = {n:>9,}: {most / 1e6:5.1f} MB; "
            f"the responsibilities alone would be {n * 5 * 8 / 1e6:.1f} MB"
        )
    return lines


def picture(rows: list[tuple[Comparison, float]]) -> Figure:
    figure = Figure(figsize=(9, 0.24 * len(rows) + 1.2), layout="constrained")
    axes = figure.subplots()
    for place, (comparison, measured) in enumerate(rows):
        reached = measured >= comparison.target
        axes.plot([1, measured], [place] * 2, color="#0072b2" if reached else "#d55e00", lw=3)
        axes.plot(comparison.target, place, "|", color="#24292f", ms=9)
    axes.set_yticks(
        range(len(rows)), [f"{c.what} · {c.cost} · {c.peer}" for c, _ in rows], fontsize=7
    )
    axes.set(xscale="log", xlabel="the peer's cost over ours; | is what was aimed at")
    axes.axvline(1, color="#24292f", lw=0.8)
    axes.invert_yaxis()
    return figure


def main() -> None:
    comparisons = [
        *sums(),
        *expectation_steps("time"),
        *expectation_steps("peak memory"),
        *fits("time"),
        *fits("peak memory"),
        *factors(),
        *chains(),
        *draws(),
    ]
    rows = [(c, ratio(c)) for c in track(comparisons, "measuring")]
    table = ["| work | peer | cost | peer / ours | aimed at |", "|---|---|---|---|---|"]
    table += [
        f"| {c.what} | {c.peer} | {c.cost} | {measured:.2f} | {c.target:g} |"
        for c, measured in rows
    ]
    text = "\n".join([*table, *flat_memory(), ""])
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "mathematics.md").write_text(text, encoding="utf-8")
    picture(rows).savefig(RESULTS / "mathematics.png", dpi=110)
    print(text)


if __name__ == "__main__":
    main()
