"""The figures of chapter 3: adding up the ways, and going back from the sum to its parts."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from lgm.course.plots.style import COLOURS, INK, figure, show

__all__ = [
    "components_by_year",
    "count_mixtures",
    "hidden_against_seen",
    "mixture_over_histogram",
    "prior_to_posterior",
    "vanishing_product",
    "weighted_components",
]

Array = NDArray[np.float64]

_HATCHES = ("", "///", "...", "\\\\\\", "xx", "++")
_LINES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D")


def _stack(axes: Axes, x: Array, terms: Array, names: Sequence[str], step: bool = False) -> None:
    """Pile the rows of `terms` on each other, each with its colour and hatch."""
    top = np.zeros(len(x))
    for k, (name, term) in enumerate(zip(names, terms, strict=True)):
        axes.fill_between(
            x,
            top,
            top + term,
            step="mid" if step else None,
            facecolor=COLOURS[k] + "55",
            edgecolor=COLOURS[k],
            hatch=_HATCHES[k],
            linewidth=0.0,
            label=name,
        )
        top = top + term


def weighted_components(
    x: ArrayLike,
    terms: ArrayLike,
    names: Sequence[str],
    xlabel: str,
    above: float | None = None,
    share: float | None = None,
    prediction: float | None = None,
) -> None:
    """Show the joint density of each component, and how these stack to the marginal.

    Parameters
    ----------
    x : array_like of shape (G,)
        Where the densities were computed, in increasing order.
    terms : array_like of shape (K, G)
        Prior times likelihood, p(z) p(x | z), for each component.
    names : sequence of str
        Names of the K components.
    xlabel : str
        What x is, with its unit.
    above : float, optional
        Mark the part of the marginal to the right of this value.
    share : float, optional
        The probability of that part.
    prediction : float, optional
        What the reader expected `share` to be.
    """
    grid, parts = np.asarray(x, dtype=float), np.asarray(terms, dtype=float)
    total = parts.sum(axis=0)
    with figure(9.6, 3.5) as fig:
        left, right = fig.subplots(1, 2, sharex=True, sharey=True)
        for k, (name, term) in enumerate(zip(names, parts, strict=True)):
            left.plot(grid, term, _LINES[k % 4], color=COLOURS[k], label=name)
        left.set(title="each way on its own: p(z) p(x | z)", xlabel=xlabel)
        left.set_ylabel("density")
        left.legend(loc="upper right")
        _stack(right, grid, parts, names)
        right.plot(grid, total, color=INK, label="p(x), their sum")
        right.set(title="stacked: they add up to p(x)", xlabel=xlabel)
        right.set(xlim=(grid[0], grid[-1]), ylim=(0.0, None))
        peaks = _peaks(names, grid, parts)
        alt = (
            f"Left: {len(names)} curves, prior times likelihood, with their peaks: "
            f"{peaks}. Right: the same curves stacked; the top of the pile is the "
            f"marginal density, with its peak at {grid[total.argmax()]:.1f}."
        )
        if above is not None:
            right.axvline(above, color=INK, linewidth=1.0, linestyle=":")
            alt += f" A dotted line marks {above:g}."
        if above is not None and share is not None:
            note = f"above {above:g}: {share:.1%}"
            if prediction is not None:
                note += f"\n(you said {prediction:.1%})"
                alt += f" The prediction for the part above it was {prediction:.1%}."
            right.annotate(
                note,
                (above, 0.35 * total.max()),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
            )
            alt += f" The part above it has probability {share:.1%}."
        right.legend(loc="upper right")
        show(fig, alt=alt)


def prior_to_posterior(
    prior: ArrayLike,
    x: ArrayLike,
    posterior: ArrayLike,
    names: Sequence[str],
    xlabel: str,
    at: float,
    prediction: tuple[int, float] | None = None,
) -> None:
    """Show the prior as one bar, and the posterior as it changes with what is observed.

    Parameters
    ----------
    prior : array_like of shape (K,)
        Probabilities of the components.
    x : array_like of shape (G,)
        Possible observations, in increasing order.
    posterior : array_like of shape (K, G)
        Probabilities of the components given each of them.
    names : sequence of str
        Names of the K components.
    xlabel : str
        What x is, with its unit.
    at : float
        The observation to point out.
    prediction : tuple of int and float, optional
        A component, and what the reader expected its probability at `at` to be.
    """
    grid, after = np.asarray(x, dtype=float), np.asarray(posterior, dtype=float)
    before = np.asarray(prior, dtype=float)
    here = np.array([np.interp(at, grid, row) for row in after])
    with figure(9.6, 3.4) as fig:
        bar, areas = fig.subplots(1, 2, sharey=True, width_ratios=[1, 6])
        _stack(bar, np.array([0.0, 1.0]), np.repeat(before[:, None], 2, axis=1), names)
        for p, middle in zip(before, before.cumsum() - before / 2, strict=True):
            bar.text(0.5, middle, f"{p:.2f}", ha="center", va="center", bbox=_PLATE)
        bar.set(title="before: p(z)", xticks=[], xlim=(0, 1), ylim=(0, 1), ylabel="probability")
        _stack(areas, grid, after, names)
        areas.axvline(at, color=INK, linewidth=1.2, linestyle=":")
        for p, middle in zip(here, here.cumsum() - here / 2, strict=True):
            if p > 0.02:
                areas.text(at, middle, f"{p:.2f}", ha="center", va="center", bbox=_PLATE)
        areas.set(title=f"after: p(z | x), with x = {at:g} marked", xlabel=xlabel)
        areas.set_xlim(grid[0], grid[-1])
        alt = (
            f"Left: the prior as a stacked bar, {_listed(names, before)}. Right: the posterior as "
            f"stacked bands over x from {grid[0]:g} to {grid[-1]:g}; at x = {at:g} it is "
            f"{_listed(names, here)}."
        )
        if prediction is not None:
            k, guess = prediction
            low = 1.0 - guess if k == len(names) - 1 else min(here[:k].sum(), 1.0 - guess)
            beside = at + 0.05 * (grid[-1] - grid[0])
            areas.plot(
                [beside, beside],
                [low, low + guess],
                color=INK,
                linewidth=3,
                marker="_",
                markersize=12,
                markeredgewidth=3,
                label=f"you said {guess:.2f}\nfor {names[k]}",
            )
            alt += f" A bracket shows the prediction for {names[k]}, {guess:.2f}."
        areas.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), reverse=True)
        show(fig, alt=alt)


def vanishing_product(log_densities: ArrayLike, prediction: int | None = None) -> None:
    """Show a running product of densities reaching zero, and the sum of logarithms going on.

    Parameters
    ----------
    log_densities : array_like of shape (N,)
        Log density of each observation, in the order of multiplication.
    prediction : int, optional
        After how many factors the reader expected zero.
    """
    logs = np.asarray(log_densities, dtype=float)
    count = np.arange(1, len(logs) + 1)
    product = np.cumprod(np.exp(logs))
    alive = product > 0
    died = int(count[alive][-1]) + 1
    floor = np.log10(np.nextafter(0.0, 1.0))
    with figure(8.4, 3.4) as fig:
        axes = fig.subplots()
        axes.plot(count, logs.cumsum() / np.log(10), "--", color=COLOURS[0], label="sum of logs")
        axes.plot(
            count[alive], np.log10(product[alive]), color=COLOURS[1], linewidth=4, alpha=0.6,
            label="product",
        )  # fmt: skip
        axes.axhline(floor, color=INK, linewidth=1.0, linestyle=":")
        axes.text(2, floor, "smallest positive number of the machine", va="bottom", fontsize=9)
        if died <= len(logs):
            axes.plot(died, floor, "X", color=COLOURS[1], markersize=11, zorder=4)
            axes.annotate(
                f"factor {died}: the product is exactly 0",
                (died, floor),
                xytext=(-6, -8),
                textcoords="offset points",
                ha="right",
                va="top",
            )
        if prediction is not None:
            axes.axvline(prediction, color=COLOURS[2], linestyle="-.", linewidth=1.4)
            right = prediction > len(logs) / 2
            axes.text(
                prediction,
                0,
                f" you said {prediction} ",
                color=COLOURS[2],
                va="top",
                ha="right" if right else "left",
            )
        axes.set(xlabel="number of observations multiplied", ylabel="log₁₀ of the product")
        axes.set(xlim=(0, len(logs) + 1))
        axes.legend(loc="center left", bbox_to_anchor=(0.0, 0.56))
        show(
            fig,
            alt=f"Two lines fall together in a nearly straight line: the running product of "
            f"{len(logs)} densities and the running sum of their logarithms, on a scale of powers "
            f"of ten. "
            + (
                f"The product ends at factor {died}, where it falls below the smallest positive "
                f"number, ten to the {floor:.1f}, and becomes exactly 0; the sum of logarithms "
                f"goes on to ten to the {logs.sum() / np.log(10):.1f}."
                if died <= len(logs)
                else "Neither reaches zero."
            )
            + ("" if prediction is None else f" The prediction, {prediction}, is marked."),
        )


def mixture_over_histogram(
    values: ArrayLike,
    x: ArrayLike,
    terms: ArrayLike,
    names: Sequence[str],
    xlabel: str,
    bins: ArrayLike,
) -> None:
    """Show a mixture over the histogram of the data, and the posterior below it.

    Parameters
    ----------
    values : array_like of shape (N,)
        The data.
    x : array_like of shape (G,)
        Where the densities were computed, in increasing order.
    terms : array_like of shape (K, G)
        Prior times likelihood for each component.
    names : sequence of str
        Names of the K components.
    xlabel : str
        What x is, with its unit.
    bins : array_like
        Edges of the histogram.
    """
    data, grid = np.asarray(values, dtype=float), np.asarray(x, dtype=float)
    parts = np.asarray(terms, dtype=float)
    total = parts.sum(axis=0)
    posterior = parts / total
    with figure(8.4, 4.6) as fig:
        top, bottom = fig.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        top.hist(
            data, bins=np.asarray(bins), density=True, histtype="step", color="#6e7781",
            linewidth=1.2, label=f"{len(data)} observations",
        )  # fmt: skip
        _stack(top, grid, parts, names)
        top.plot(grid, total, color=INK, label="p(x)")
        top.set(ylabel="density", ylim=(0, None))
        top.legend(loc="upper left")
        _stack(bottom, grid, posterior, names)
        bottom.set(xlabel=xlabel, ylabel="p(z | x)", ylim=(0, 1), xlim=(grid[0], grid[-1]))
        peaks = _peaks(names, grid, parts)
        change = grid[np.abs(posterior[0] - 0.5).argmin()]
        show(
            fig,
            alt=f"Above: the histogram of {len(data)} values with a mixture of {len(names)} "
            f"components stacked over it, peaks {peaks}; the outline of the pile "
            f"follows the histogram. Below: the probability of each component given x; "
            f"it changes from {names[0]} to {names[-1]} at {change:.1f}.",
        )


def hidden_against_seen(
    x: ArrayLike,
    other: ArrayLike,
    posterior: ArrayLike,
    names: Sequence[str],
    xlabel: str,
    ylabel: str,
    unsure: float = 0.9,
) -> None:
    """Show a variable that the model has not seen against the one from which it inferred z.

    Parameters
    ----------
    x : array_like of shape (N,)
        What the model has seen.
    other : array_like of shape (N,)
        What it has not.
    posterior : array_like of shape (K, N)
        Probabilities of the components given `x`.
    names : sequence of str
        Names of the K components.
    xlabel, ylabel : str
        What `x` and `other` are, with their units.
    unsure : float, default 0.9
        Ring the points of which no component is more probable than this.
    """
    seen, unseen = np.asarray(x, dtype=float), np.asarray(other, dtype=float)
    r = np.asarray(posterior, dtype=float)
    best, doubtful = r.argmax(axis=0), r.max(axis=0) < unsure
    with figure(8.4, 3.9) as fig:
        axes = fig.subplots()
        for k, name in enumerate(names):
            mine = best == k
            axes.plot(
                seen[mine], unseen[mine], _MARKERS[k], color=COLOURS[k], markersize=4.5, alpha=0.65,
                markeredgewidth=0, label=f"{name} is more probable",
            )  # fmt: skip
        axes.plot(
            seen[doubtful], unseen[doubtful], "o", markersize=10, markerfacecolor="none",
            markeredgecolor=INK, label=f"but below {unsure:.0%}",
        )  # fmt: skip
        axes.set(xlabel=xlabel, ylabel=ylabel)
        axes.legend(loc="upper left")
        means = [f"{name} {unseen[best == k].mean():.1f}" for k, name in enumerate(names)]
        show(
            fig,
            alt=f"Scatter plot of {len(seen)} points, {ylabel} against {xlabel}, in two "
            f"clouds. The mark says which component is more probable given x alone: "
            f"the vertical means are {', '.join(means)}. "
            f"{int(doubtful.sum())} points between the clouds are ringed as uncertain.",
        )


def count_mixtures(
    counts: ArrayLike,
    support: ArrayLike,
    models: Mapping[str, ArrayLike],
    log_likelihoods: ArrayLike,
    xlabel: str,
    far: int,
) -> None:
    """Show counts with the models put to them, and log likelihood against components.

    Parameters
    ----------
    counts : array_like of shape (N,)
        The data.
    support : array_like of shape (G,)
        Consecutive whole numbers.
    models : mapping of str to array_like of shape (G,)
        Names of models, and the probability that each gives to every number of `support`.
    log_likelihoods : array_like of shape (M,)
        Log likelihood of the data with 1, 2, …, M components.
    xlabel : str
        What was counted.
    far : int
        The text that stands for the figure says how many years have this count or more.
    """
    data, numbers = np.asarray(counts), np.asarray(support)
    heights = np.asarray(log_likelihoods, dtype=float)
    components = np.arange(1, len(heights) + 1)
    seen = np.array([(data == value).sum() for value in numbers])
    with figure(9.6, 3.5) as fig:
        left, right = fig.subplots(1, 2, width_ratios=[2.4, 1])
        left.bar(numbers, seen, color="#b7bec6", width=0.9, label=f"{len(data)} years")
        for k, (name, pmf) in enumerate(models.items()):
            left.plot(
                numbers, len(data) * np.asarray(pmf), _LINES[k % 4], marker=_MARKERS[k],
                markersize=3.5, color=COLOURS[k], label=name,
            )  # fmt: skip
        left.set(xlabel=xlabel, ylabel="number of years")
        left.yaxis.set_major_locator(MaxNLocator(integer=True))
        left.legend()
        right.plot(components, heights, "o-", color=COLOURS[2])
        for k, height in enumerate(heights, start=1):
            right.annotate(
                f"{height:.1f}".replace("-", "−"),
                (k, height),
                xytext=(6, -13),
                textcoords="offset points",
            )
        right.set(xlabel="number of components", ylabel="log likelihood", xticks=components)
        right.set(ylim=(heights.min() - 6, heights.max() + 3), xlim=(0.8, len(heights) + 0.75))
        tails = [
            f"{name} expects {len(data) * float(np.asarray(pmf)[numbers >= far].sum()):.1f}"
            for name, pmf in models.items()
        ]
        show(
            fig,
            alt=f"Left: a bar chart of {len(data)} yearly counts from {data.min():.0f} to "
            f"{data.max():.0f}, with {' and '.join(models)} as lines; for {far} and more there "
            f"are {int((data >= far).sum())} years, of which {', '.join(tails)}. Right: the log "
            f"likelihood against the number of components: "
            f"{', '.join(f'{height:.1f}' for height in heights)}.",
        )


def components_by_year(
    years: ArrayLike, counts: ArrayLike, posterior: ArrayLike, names: Sequence[str], ylabel: str
) -> None:
    """Show a series of counts, and below each the probabilities of the components.

    Parameters
    ----------
    years : array_like of shape (N,)
        Consecutive years.
    counts : array_like of shape (N,)
        The count of each year.
    posterior : array_like of shape (K, N)
        Probabilities of the components given the count of that year.
    names : sequence of str
        Names of the K components.
    ylabel : str
        What was counted.
    """
    when, data = np.asarray(years, dtype=float), np.asarray(counts, dtype=float)
    r = np.asarray(posterior, dtype=float)
    best = r.argmax(axis=0)
    with figure(9.6, 4.0) as fig:
        top, bottom = fig.subplots(2, 1, sharex=True, height_ratios=[3, 2])
        top.plot(when, data, color="#b7bec6", linewidth=1.0)
        for k, name in enumerate(names):
            mine = best == k
            top.plot(
                when[mine], data[mine], _MARKERS[k], color=COLOURS[k], markersize=5, label=name
            )
        top.set(ylabel=ylabel, ylim=(0, None))
        top.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=len(names), borderpad=0)
        _stack(bottom, when, r, names, step=True)
        bottom.set(ylabel="p(z | x)", xlabel="year", ylim=(0, 1), xlim=(when[0] - 1, when[-1] + 1))
        shares = [f"{name} in {int((best == k).sum())}" for k, name in enumerate(names)]
        stays = int((best[1:] == best[:-1]).sum())
        show(
            fig,
            alt=f"Above: counts for the years {when[0]:.0f} to {when[-1]:.0f}, each marked with "
            f"its most probable component: {', '.join(shares)} years. Below: the probabilities of "
            f"the components for each year as stacked bands. Like years come in runs: in {stays} "
            f"of {len(best) - 1} cases the next year has the same component.",
        )


_PLATE = {"boxstyle": "round,pad=0.15", "facecolor": "#fdfdfb", "edgecolor": "none"}


def _peaks(names: Sequence[str], grid: Array, parts: Array) -> str:
    tops = grid[parts.argmax(axis=1)]
    return ", ".join(f"{name} at {top:.0f}" for name, top in zip(names, tops, strict=True))


def _listed(names: Sequence[str], values: Array) -> str:
    return ", ".join(f"{name} {value:.2f}" for name, value in zip(names, values, strict=True))
