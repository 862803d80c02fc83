"""The figures of chapter 7: a bound and the gap above it, two ways to fit, and ways up."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from lgm.course.plots.style import COLOURS, INK, figure, show

__all__ = [
    "bound_and_gap",
    "climbing_with_draws",
    "forward_and_reverse",
    "gaps_of_a_class",
    "path_on_contours",
]

Array = NDArray[np.float64]

_MARKERS = ("o", "s", "^", "D")


def bound_and_gap(
    beliefs: ArrayLike,
    bounds: ArrayLike,
    curve: tuple[ArrayLike, ArrayLike],
    log_px: float,
    best: float,
    event: str,
    predicted: float | None = None,
) -> None:
    """Show the log marginal as one bar of bound and gap for several beliefs, and for all of them.

    Parameters
    ----------
    beliefs : array_like of shape (B,)
        Probabilities that q gives to the event.
    bounds : array_like of shape (B,)
        The bound for each.
    curve : tuple of two array_like of shape (M,)
        Many beliefs in increasing order, and their bounds.
    log_px : float
        The log marginal.
    best : float
        Posterior probability of the event.
    event : str
        What q believes in or not.
    predicted : float, optional
        The reader's prediction of the best belief.
    """
    q, bound = np.asarray(beliefs, dtype=float), np.asarray(bounds, dtype=float)
    gap, at = log_px - bound, np.arange(len(q))
    floor = bound.min() - 0.35 * gap.max()
    with figure(9.4, 3.9) as fig:
        bars, line = fig.subplots(1, 2, sharey=True, width_ratios=[1.2, 1.0])
        bars.bar(at, bound - floor, 0.72, bottom=floor, color=COLOURS[0], label="bound")
        bars.bar(at, gap, 0.72, bottom=bound, color=COLOURS[4], label="gap: KL($q$ ‖ posterior)")
        for x, low, height in zip(at, bound, gap, strict=True):
            bars.text(
                x,
                low - 0.03,
                f"{low:.2f}".replace("-", "−"),
                ha="center",
                va="top",
                color="white",
                fontsize=9,
            )
            bars.text(x, log_px + 0.02, f"+{height:.2f}", ha="center", va="bottom", fontsize=9)
        bars.set_xticks(at, [f"{value:.2f}" for value in q])
        bars.set(xlabel=f"$q$({event})", ylabel="nats", ylim=(floor, log_px + 0.45))
        bars.legend(loc="upper right", ncols=2, fontsize=9)

        line.plot(*map(np.asarray, curve), color=COLOURS[0])
        line.plot(best, log_px, "o", color=INK, markersize=7)
        line.annotate(
            f"posterior, {best:.2f}",
            (best, log_px),
            (0, -24),
            textcoords="offset points",
            ha="center",
        )
        if predicted is not None:
            line.axvline(predicted, color=COLOURS[1], linestyle=":")
            line.text(predicted, floor, " your prediction", color=COLOURS[1], va="bottom")
        line.set(xlabel=f"$q$({event})")
        for axes in (bars, line):
            axes.axhline(log_px, color=INK, linewidth=1.0)
        line.text(1.0, log_px + 0.02, r"$\log\,p(x)$", ha="right", va="bottom")
        parts = "; ".join(
            f"for {b:.2f}, {low:.2f} and {height:.2f}"
            for b, low, height in zip(q, bound, gap, strict=True)
        )
        said = "" if predicted is None else f" The prediction, {predicted:g}, is marked."
        show(
            fig,
            f"Left: {len(q)} bars of the same height, up to the log marginal {log_px:.3f}, each "
            f"divided into a bound below and a gap above, by the probability that q gives to "
            f"{event}: {parts}. Right: the bound as an arch over all such probabilities. It "
            f"touches the log marginal only at the posterior, {best:.2f}.{said}",
        )


def forward_and_reverse(
    z: ArrayLike,
    log_posterior: ArrayLike,
    cover: tuple[float, float],
    picks: Sequence[tuple[float, float]],
    divergences: ArrayLike,
    predicted: float | None = None,
) -> None:
    """Show which normal fits a posterior best, for the divergence in either direction.

    Parameters
    ----------
    z : array_like of shape (M,)
        Values of the hidden variable, increasing.
    log_posterior : array_like of shape (M,)
        Its log posterior density.
    cover : tuple of float
        Mean and scale of the normal that the posterior is nearest to on average over the posterior.
    picks : sequence of tuple of float
        Means and scales of the normals of highest bound, one for each start.
    divergences : array_like of shape (2, 2)
        KL of the posterior from q, and of q from the posterior, for `cover` and for a pick.
    predicted : float, optional
        The reader's prediction of the mean of the highest bound.
    """
    at, density = np.asarray(z, dtype=float), np.exp(np.asarray(log_posterior, dtype=float))
    kl = np.asarray(divergences, dtype=float)
    with figure(9.4, 3.7) as fig:
        left, right = fig.subplots(1, 2, sharey=True)
        for axes, fits, title, values in (
            (left, [cover], "smallest KL of posterior from $q$: it covers", kl[0]),
            (right, picks, "smallest KL of $q$ from posterior: it picks", kl[1]),
        ):
            axes.fill_between(at, density, color=COLOURS[0], alpha=0.25, linewidth=0)
            axes.plot(at, density, color=COLOURS[0], linewidth=1.2, label="posterior")
            for (mean, scale), style in zip(fits, ("-", ":"), strict=False):
                axes.plot(at, _normal(at, mean, scale), style, color=COLOURS[1], label="$q$")
            axes.set(xlabel="speed $z$", title=title)
            axes.text(
                0.5,
                0.97,
                f"KL of posterior from $q$: {values[0]:.3g}\n"
                f"KL of $q$ from posterior: {values[1]:.3g}",
                transform=axes.transAxes,
                ha="center",
                va="top",
                fontsize=9,
            )
        left.plot([], [], ":", color=COLOURS[1], label="$q$ from another start")
        left.legend(loc="upper center", bbox_to_anchor=(0.5, 0.8), fontsize=9)
        highest = max(_normal(mean, mean, scale) for mean, scale in picks)
        left.set(ylabel="density", ylim=(0.0, 1.4 * highest))
        if predicted is not None:
            right.axvline(predicted, ymax=0.76, color=COLOURS[2], linestyle="--", linewidth=1.2)
            right.text(
                predicted,
                0.77,
                "your prediction",
                transform=right.get_xaxis_transform(),
                color=COLOURS[2],
                ha="center",
            )
        centres = " or ".join(f"{mean:.2f}" for mean, _ in picks)
        said = (
            "" if predicted is None else f" The prediction for its mean, {predicted:g}, is shown."
        )
        show(
            fig,
            f"A posterior with two narrow peaks, and one normal curve fitted to it in two ways. "
            f"Left: the divergence of the posterior from q is smallest, {kl[0, 0]:.2f}, for a low "
            f"wide curve with mean {cover[0]:z.2f} and scale {cover[1]:.2f} that covers both peaks "
            f"and the valley. Right: the divergence of q from the posterior is smallest, "
            f"{kl[1, 1]:.2f}, for a curve of scale {picks[0][1]:.2f} on one peak, at {centres}, "
            f"depending on the start.{said}",
        )


def _normal(z: Array | float, mean: float, scale: float) -> Array:
    log_density = -0.5 * ((np.asarray(z) - mean) / scale) ** 2 - np.log(scale)
    density: Array = np.exp(log_density) / np.sqrt(2 * np.pi)
    return density


def climbing_with_draws(
    sizes: ArrayLike,
    runs: Mapping[str, Sequence[Array]],
    log_px: float,
    relative_variance: float,
    predicted: float | None = None,
) -> None:
    """Show how the expected log of an average weight climbs with the number of draws.

    Parameters
    ----------
    sizes : array_like of shape (A,)
        Numbers of draws, increasing from one.
    runs : mapping of str to sequence of A arrays
        Log average weights of many runs for each number, by proposal.
    log_px : float
        The log marginal.
    relative_variance : float
        Of a single weight of the first proposal: half of it, divided by the draws, is the gap that
        is left by many draws.
    predicted : float, optional
        The reader's prediction of where the first proposal overtakes the second.
    """
    s = np.asarray(sizes, dtype=float)
    means = {name: np.array([each.mean() for each in values]) for name, values in runs.items()}
    told = []
    with figure(9.4, 4.1) as fig:
        climb, gaps = fig.subplots(1, 2)
        for n, (name, values) in enumerate(runs.items()):
            if n == 0:
                middle = np.array([np.quantile(each, [0.05, 0.95]) for each in values])
                climb.fill_between(s, *middle.T, color=COLOURS[0], alpha=0.2, linewidth=0)
            _curve(climb, n, s, means[name], name)
            _curve(gaps, n, s, log_px - means[name], name)
            told.append(f"{name}, from {means[name][0]:.2f} to {means[name][-1]:.3f}")
        climb.fill_between([], [], color=COLOURS[0], alpha=0.2, label="nine in ten of its runs")
        climb.axhline(log_px, color=INK, linewidth=1.0)
        climb.text(s[0], log_px + 0.08, r"$\log\,p(x)$", va="bottom")
        climb.set_xscale("log")
        climb.set(xlabel="number of draws $S$", ylabel="bound (mean of all runs)")
        climb.set_ylim(log_px - 4.2, log_px + 1.1)
        climb.legend(loc="lower right", fontsize=9)
        limit = relative_variance / (2 * s)
        line = gaps.plot(
            s, limit, "--", color=INK, linewidth=1.0, label=f"$v / 2S$, {next(iter(runs))}"
        )
        gaps.set_xscale("log")
        gaps.set_yscale("log")
        gaps.set_ylim(0.2 * limit[-1], 5.0)
        gaps.set(xlabel="number of draws $S$", ylabel=r"gap below $\log\,p(x)$")
        if predicted is not None:
            gaps.axvline(predicted, ymax=0.9, color=COLOURS[4], linestyle=":")
            gaps.text(
                predicted,
                0.22 * limit[-1],
                " your prediction",
                rotation=90,
                va="bottom",
                ha="right",
            )
        gaps.legend(handles=line, loc="upper center", fontsize=9)
        said = "" if predicted is None else f" The prediction, {predicted:g} draws, is marked."
        show(
            fig,
            f"Left: expected log average weight against {s[0]:g} to {s[-1]:g} draws, climbing "
            f"towards the log marginal {log_px:.3f}: {'; '.join(told)}. A band shows that single "
            f"runs also lie above it. Right: the gaps, both scales logarithmic; the first comes to "
            f"fall along the dashed line, half of a relative variance of {relative_variance:.1f} "
            f"divided by the number of draws.{said}",
        )


def _curve(axes: Axes, n: int, x: Array, y: Array, name: str) -> None:
    axes.plot(x, y, f"{_MARKERS[n]}-", color=COLOURS[n], markersize=4, linewidth=1.3, label=name)


def path_on_contours(
    means: ArrayLike,
    scales: ArrayLike,
    gaps: ArrayLike,
    paths: Mapping[str, ArrayLike],
    path_gaps: Mapping[str, ArrayLike],
) -> None:
    """Show climbs over the contours of the bound, and the gap that each leaves step by step.

    Parameters
    ----------
    means, scales : array_like of shape (A,) and (B,)
        Of the normal q, increasing.
    gaps : array_like of shape (B, A)
        Log marginal less bound, for each scale and mean.
    paths : mapping of str to array_like of shape (T, 2)
        Mean and scale after each step, by name.
    path_gaps : mapping of str to array_like of shape (T,)
        The gap after each step.
    """
    levels = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0]
    table = np.asarray(gaps, dtype=float)
    row, column = np.unravel_index(table.argmin(), table.shape)
    top = float(np.asarray(means)[column]), float(np.asarray(scales)[row])
    told = []
    with figure(9.4, 4.2) as fig:
        plane, steps = fig.subplots(1, 2, width_ratios=[1.25, 1.0])
        lines = plane.contour(
            means, scales, np.maximum(table, 1e-6), levels, colors=INK, linewidths=0.7, alpha=0.6
        )
        plane.clabel(lines, fmt=lambda level: f"{level:g}", fontsize=8)
        for n, (name, path) in enumerate(paths.items()):
            way = np.asarray(path, dtype=float)
            gap = np.asarray(path_gaps[name], dtype=float)
            plane.plot(*way.T, "-", color=COLOURS[n], linewidth=1.1, label=name)
            plane.plot(*way[0], _MARKERS[n], color=COLOURS[n], markersize=7)
            steps.semilogy(np.maximum(gap, 1e-6), color=COLOURS[n], linewidth=1.1, label=name)
            told.append(
                f"{name}: from mean {way[0, 0]:.1f} and scale {way[0, 1]:.1f}, gap {gap[0]:.1f}, "
                f"to {way[-1, 0]:.2f} and {way[-1, 1]:.2f}, gap {gap[-1]:.1e}"
            )
        plane.plot(*top, "+", color=INK, markersize=12, markeredgewidth=2)
        plane.set(xlabel="mean of $q$", ylabel="scale of $q$", title="contours: gap in nats")
        plane.legend(loc="upper right", fontsize=9)
        steps.set(xlabel="step", ylabel=r"gap below $\log\,p(x)$")
        show(
            fig,
            f"Left: contours of the gap over mean and scale of q, closing in on mean {top[0]:.2f} "
            f"and scale {top[1]:.2f}, with {len(told)} wobbling paths towards it. Right: the gap "
            f"against the step, on a logarithmic scale. {'; '.join(told)}.",
        )


def gaps_of_a_class(
    z: ArrayLike,
    log_posteriors: Mapping[str, ArrayLike],
    fits: Mapping[str, tuple[float, float]],
    scores: ArrayLike,
    gaps: Mapping[str, ArrayLike],
    totals: ArrayLike,
) -> None:
    """Show posteriors with their normals, and the gap that families of q leave to each pattern.

    Parameters
    ----------
    z : array_like of shape (M,)
        Abilities, increasing.
    log_posteriors : mapping of str to array_like of shape (M,)
        Log posterior densities for some patterns of answers, by name.
    fits : mapping of str to tuple of float
        Mean and scale of the normal for each of these.
    scores : array_like of shape (P,)
        Number of right answers in each pattern.
    gaps : mapping of str to array_like of shape (P,)
        Log marginal less bound for each pattern, by family.
    totals : array_like of shape (F,)
        The gap of all people together, for each family.
    """
    at, right_answers = np.asarray(z, dtype=float), np.asarray(scores, dtype=float)
    told = []
    with figure(9.4, 4.3) as fig:
        curves, dots = fig.subplots(1, 2)
        for n, (name, log_posterior) in enumerate(log_posteriors.items()):
            colour, density = COLOURS[n], np.exp(np.asarray(log_posterior, dtype=float))
            curves.fill_between(at, density, color=colour, alpha=0.25, linewidth=0, label=name)
            mean, scale = fits[name]
            curves.plot(at, _normal(at, mean, scale), "--", color=colour, linewidth=1.4)
        curves.plot([], [], "--", color=INK, linewidth=1.4, label="its $q$")
        curves.set(
            xlabel="ability $z$ (prior scales)", ylabel="density", title="answers and ability"
        )
        curves.set_ylim(0.0, 0.68)
        curves.legend(loc="upper left", fontsize=9, ncols=2)
        for n, (name, values) in enumerate(gaps.items()):
            gap, total = np.asarray(values, dtype=float), float(np.asarray(totals)[n])
            shift = 0.13 * (n - (len(gaps) - 1) / 2)
            dots.semilogy(
                right_answers + shift,
                gap,
                _MARKERS[n],
                color=COLOURS[n],
                markersize=4.5,
                alpha=0.75,
                markeredgewidth=0,
                label=f"{name}: {total:.1f} in all",
            )
            told.append(
                f"{name}, from {gap.min():.1e} to {gap.max():.1e} and {total:.1f} for all people"
            )
        dots.set(xlabel="right answers, of five", ylabel="gap of one person (nats)")
        dots.set_ylim(None, 20 * dots.get_ylim()[1])
        dots.legend(loc="upper left", fontsize=9, ncols=2)
        show(
            fig,
            f"Left: posteriors of ability for {len(fits)} patterns of answers, further right for "
            f"more right answers, each with a dashed normal curve that can hardly be told from it. "
            f"Right: the gap between log marginal and bound for each of {len(right_answers)} "
            f"patterns, on a logarithmic scale, for {len(told)} families of q: {'; '.join(told)}.",
        )
