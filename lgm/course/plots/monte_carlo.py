"""The figures of chapter 5: what a grid costs, how draws err, and weights that lie."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lgm.course.plots.style import COLOURS, INK, figure, show

__all__ = [
    "error_against_draws",
    "error_bars_of_runs",
    "grid_against_draws",
    "harmonic_mean_stuck",
    "proposals_and_weights",
]

Array = NDArray[np.float64]

_MARKERS = ("o", "s", "^", "D")
_SPANS = (
    (1.0, "one second"),
    (86_400.0, "one day"),
    (3.156e7, "one year"),
    (4.35e17, "age of the universe"),
)


def grid_against_draws(
    grid_seconds: ArrayLike,
    growth: float,
    draw_seconds: ArrayLike,
    grid_errors: ArrayLike,
    draw_errors: ArrayLike,
    budget: int,
    predicted: float | None = None,
) -> None:
    """Show what a grid costs against the number of hidden values, and what it is worth.

    Parameters
    ----------
    grid_seconds : array_like of shape (A,)
        Measured time of a fixed number of nodes for each of 1 to A hidden values.
    growth : float
        By what factor one more hidden value multiplies the nodes: the line beyond the last.
    draw_seconds : array_like of shape (B,)
        Measured time of the random draws for 1 to B hidden values.
    grid_errors, draw_errors : array_like of shape (C,)
        Absolute errors of the log marginal with the same number of evaluations, for 1 to C hidden
        values.
    budget : int
        That number of evaluations.
    predicted : float, optional
        The reader's prediction of where the draws begin to win.
    """
    seconds, draw_time = np.asarray(grid_seconds, dtype=float), np.asarray(draw_seconds)
    by_grid, by_draws = np.asarray(grid_errors, dtype=float), np.asarray(draw_errors, dtype=float)
    d = np.arange(1, len(draw_time) + 1)
    known, beyond = d[: len(seconds)], d[len(seconds) - 1 :]
    projected = seconds[-1] * growth ** (beyond - beyond[0])
    wins = int(np.argmax(by_draws < by_grid)) + 1
    with figure(9.4, 3.9) as fig:
        time, error = fig.subplots(1, 2, width_ratios=[1.15, 1.0])
        time.semilogy(beyond, projected, "--", color=COLOURS[0], linewidth=1.4)
        time.semilogy(known, seconds, "o-", color=COLOURS[0], markersize=5)
        time.semilogy(d, draw_time, "s-", color=COLOURS[1], markersize=4)
        for span, name in _SPANS:
            time.axhline(span, color=INK, linewidth=0.7, linestyle=":")
            time.text(d[-1], span, name, ha="right", va="bottom", fontsize=9)
        middle = len(beyond) // 2
        time.annotate(
            f"grid, {growth:g} nodes each\n(dashed: not waited for)",
            (beyond[middle], projected[middle]),
            xytext=(-10, 22),
            textcoords="offset points",
            ha="right",
            color=COLOURS[0],
        )
        time.text(
            d[-1], draw_time[-1] * 6, f"{budget:,} random draws", ha="right", color=COLOURS[1]
        )
        time.set_xticks([1, *range(5, d[-1] + 1, 5)])
        time.set(xlabel="hidden talents $D$", ylabel="seconds", title="time on this machine")

        c = np.arange(1, len(by_grid) + 1)
        error.semilogy(c, by_grid, "o-", color=COLOURS[0], markersize=5, label="grid")
        error.semilogy(c, by_draws, "s-", color=COLOURS[1], markersize=5, label="random draws")
        if predicted is not None and predicted <= len(by_grid):
            error.axvline(predicted, color=COLOURS[2], linestyle="--", linewidth=1.4)
            error.text(predicted, by_grid[0], " your prediction", color=COLOURS[2], fontsize=9)
        elif predicted is not None:
            error.annotate(
                f"your prediction: {predicted:g}",
                (1.0, 0.09),
                xycoords="axes fraction",
                xytext=(-24, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                color=COLOURS[2],
                arrowprops={"arrowstyle": "->", "color": COLOURS[2], "linewidth": 1.4},
            )
        error.set_xlim(0.5, len(by_grid) + 0.5)
        error.set_xticks(c)
        error.legend(loc="upper left", fontsize=9)
        error.set(
            xlabel="hidden talents $D$",
            ylabel=r"error of $\log\,p(x)$",
            title=f"with {budget:,} evaluations for either",
        )
        said = "" if predicted is None else f" The prediction was {predicted:g}."
        show(
            fig,
            f"Left: time on a logarithmic scale against 1 to {d[-1]} hidden talents. The grid "
            f"took {seconds[-1]:.2g} seconds for {known[-1]} talents and would take "
            f"{projected[-1]:.0e} for {d[-1]}; random draws took {draw_time[-1]:.1g}. Right: error "
            f"with {budget} evaluations. The grid's rises from {by_grid[0]:.0e} with one talent to "
            f"{by_grid[-1]:.0e} with {c[-1]}, that of draws stays near {np.median(by_draws):.1g} "
            f"and is the smaller one from {wins} talents on.{said}",
        )


def error_against_draws(
    sizes: ArrayLike, errors: Mapping[str, ArrayLike], reported: ArrayLike
) -> None:
    """Show how far many runs err, against the number of draws, with the slope of −1/2.

    Parameters
    ----------
    sizes : array_like of shape (M,)
        Numbers of draws.
    errors : mapping of str to array_like of shape (M, R)
        Errors of R runs for each number of draws, by name.
    reported : array_like of shape (M,)
        The error bar that a run computes for itself, in the middle of all runs.
    """
    s, bars = np.asarray(sizes, dtype=float), np.asarray(reported, dtype=float)
    told = []
    with figure(7.8, 4.4) as fig:
        axes = fig.subplots()
        for n, (name, values) in enumerate(errors.items()):
            error = np.abs(np.asarray(values, dtype=float))
            typical = np.sqrt(np.mean(error**2, axis=1))
            shift = 10 ** (0.09 * (n - (len(errors) - 1) / 2))
            spread = shift * 10 ** np.linspace(-0.03, 0.03, error.shape[1])
            across = s[:, None] * spread
            axes.loglog(
                across.ravel(), error.ravel(), ".", color=COLOURS[n], markersize=3, alpha=0.35
            )
            axes.loglog(
                s * shift,
                typical,
                _MARKERS[n],
                color=COLOURS[n],
                markersize=8,
                markeredgecolor="white",
                label=f"{name}: root mean square of {error.shape[1]} runs",
            )
            told.append(f"with {name} from {typical[0]:.2g} to {typical[-1]:.2g}")
        first = np.asarray(next(iter(errors.values())), dtype=float)
        height = np.sqrt(np.mean(first[-1] ** 2))
        axes.loglog(
            s, height * np.sqrt(s[-1] / s), color=INK, linewidth=1.0, label=r"slope $-\frac{1}{2}$"
        )
        axes.loglog(
            s,
            bars,
            "--",
            color=COLOURS[2],
            label="error bar that a run gives itself (median)",
        )
        axes.set_ylim(0.02 * height, None)
        axes.legend(loc="lower left", fontsize=9)
        axes.set(xlabel="number of draws $S$", ylabel=r"error of $\log\,p(x)$")
        show(
            fig,
            f"Errors of many runs against {s[0]:g} to {s[-1]:g} draws, both scales logarithmic. "
            f"The typical error falls {' and '.join(told)}, along a line of slope −1/2: a hundred "
            f"times as many draws for one more digit. The error bars that the runs compute for "
            f"themselves fall from {bars[0]:.2g} to {bars[-1]:.2g}.",
        )


def proposals_and_weights(
    z: ArrayLike,
    log_posterior: ArrayLike,
    log_proposals: Mapping[str, ArrayLike],
    log_weights: Mapping[str, ArrayLike],
    log_px: float,
) -> None:
    """Show proposals over the posterior, and below each the histogram of its weights.

    Parameters
    ----------
    z : array_like of shape (M,)
        Values of the hidden variable, increasing.
    log_posterior : array_like of shape (M,)
        Its log posterior density.
    log_proposals : mapping of str to array_like of shape (M,)
        Log densities of the proposals, by name.
    log_weights : mapping of str to array_like of shape (S,)
        Log weights of the draws of each, log p(x, z) − log q(z).
    log_px : float
        The true log marginal, with which weights are compared.
    """
    at, posterior = np.asarray(z, dtype=float), np.exp(np.asarray(log_posterior, dtype=float))
    edges = np.linspace(-4.0, 2.0, 37)
    told = []
    with figure(9.4, 4.8) as fig:
        panels = fig.subplots(2, len(log_proposals), sharex="row", sharey="row", squeeze=False)
        for column, (name, log_q) in enumerate(log_proposals.items()):
            above, below = panels[:, column]
            above.fill_between(at, posterior, color=COLOURS[0], alpha=0.25, linewidth=0)
            above.plot(at, posterior, color=COLOURS[0], label="posterior")
            above.plot(at, np.exp(np.asarray(log_q)), "--", color=COLOURS[1], label="proposal $q$")
            above.set(xlabel="ability $z$ (prior scales)", title=name)

            relative = (np.asarray(log_weights[name], dtype=float) - log_px) / np.log(10.0)
            share = np.full(len(relative), 1.0 / len(relative))
            inside = np.clip(relative, edges[0], edges[-1])
            below.hist(inside, edges, weights=share, color=COLOURS[5], linewidth=0)
            contribution = share * 10.0**relative
            below.hist(inside, edges, weights=contribution, histtype="step", color=INK)
            below.axvline(0.0, color=COLOURS[1], linewidth=1.2, linestyle=":")
            below.set_xticks([-4, -2, 0, 2], [r"$10^{-4}$", r"$10^{-2}$", "1", r"$10^{2}$"])
            below.set(xlabel="weight, divided by $p(x)$")
            told.append(
                f"{name}: weights from {10 ** relative.min():.0e} to {10 ** relative.max():.1f} "
                f"times p(x), with mean {contribution.sum():.2f}"
            )
        panels[0, 0].set_ylabel("density")
        panels[0, 0].legend(loc="upper left", fontsize=8)
        panels[1, 0].set_ylabel("share")
        panels[1, 0].plot([], [], color=COLOURS[5], linewidth=6, label="of the draws")
        panels[1, 0].plot([], [], color=INK, linewidth=1, label="of the estimate")
        panels[1, 0].legend(loc="upper left", fontsize=8)
        show(
            fig,
            f"Above, {len(told)} proposals over the same posterior; below, histograms of the "
            f"weights of their draws on a logarithmic scale. {'; '.join(told)}.",
        )


def harmonic_mean_stuck(
    prior_scales: ArrayLike,
    log_px: ArrayLike,
    estimates: Mapping[str, ArrayLike],
    x_label: str,
) -> None:
    """Show an estimate that stays where it is while the truth moves away.

    Parameters
    ----------
    prior_scales : array_like of shape (P,)
        Scales of the prior, increasing.
    log_px : array_like of shape (P,)
        The true log marginal for each.
    estimates : mapping of str to array_like of shape (P, R)
        Estimates of R runs for each, by what was done.
    x_label : str
        Name of the scale, with its unit.
    """
    scales, truth = np.asarray(prior_scales, dtype=float), np.asarray(log_px, dtype=float)
    told = []
    with figure(7.8, 3.9) as fig:
        axes = fig.subplots()
        axes.semilogx(scales, truth, "-", color=INK, label="truth")
        for n, (name, values) in enumerate(estimates.items()):
            runs = np.asarray(values, dtype=float)
            shift = 1.09 ** (n - (len(estimates) - 1) / 2)
            axes.semilogx(
                np.repeat(scales * shift, runs.shape[1]),
                runs.ravel(),
                _MARKERS[n],
                color=COLOURS[n],
                markersize=5,
                alpha=0.7,
                markeredgewidth=0,
                label=name,
            )
            middle = np.median(runs, axis=1)
            told.append(f"{name} {middle[0]:.1f} and {middle[-1]:.1f}")
        axes.legend(loc="lower left", fontsize=9)
        axes.set(xlabel=x_label, ylabel=r"$\log\,p(x)$")
        show(
            fig,
            f"Log marginal against the scale of the prior, {scales[0]:g} to {scales[-1]:g}, on a "
            f"logarithmic axis. The truth falls from {truth[0]:.1f} to {truth[-1]:.1f}. At these "
            f"two ends the median estimates are: {'; '.join(told)}.",
        )


def error_bars_of_runs(
    names: Sequence[str],
    estimates: ArrayLike,
    standard_errors: ArrayLike,
    log_px: float,
    effective_sizes: ArrayLike,
    pareto_shapes: ArrayLike,
    limit: float,
) -> None:
    """Show many runs of each method with their error bars, and which of them miss the truth.

    Parameters
    ----------
    names : sequence of str
        The methods.
    estimates, standard_errors : array_like of shape (P, R)
        Of R runs of each.
    log_px : float
        The truth.
    effective_sizes, pareto_shapes : array_like of shape (P,)
        Typical diagnostics of a run of each method.
    limit : float
        How far from the truth the picture reaches; what lies beyond is drawn at its edge.
    """
    value, bar = np.asarray(estimates, dtype=float), 2.0 * np.asarray(standard_errors, dtype=float)
    told = []
    with figure(9.4, 4.2) as fig:
        panels = fig.subplots(1, len(names), sharey=True, squeeze=False)[0]
        sizes, shapes = np.asarray(effective_sizes), np.asarray(pareto_shapes)
        rows = zip(panels, names, value - log_px, bar, sizes, shapes, strict=True)
        for axes, name, error, half, size, shape in rows:
            run = np.arange(len(error))
            covered = np.abs(error) <= half
            for mask, colour, marker in ((covered, COLOURS[0], "o"), (~covered, COLOURS[1], "X")):
                axes.errorbar(
                    np.clip(error[mask], -limit, limit),
                    run[mask],
                    xerr=half[mask],
                    fmt=marker,
                    color=colour,
                    markersize=3 if marker == "o" else 5,
                    elinewidth=1.2,
                )
            axes.axvline(0.0, color=INK, linewidth=1.0)
            axes.set_xlim(-limit, limit)
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            hits = f"{name}: {np.sum(covered)} of {len(run)}"
            axes.set_title(f"{hits}\nESS {size:.0f}, $\\hat k = {shape:.1f}$", fontsize=10)
            axes.set_xlabel(r"error of $\log\,p(x)$")
            told.append(f"{hits} with effective size {size:.0f} and Pareto shape {shape:.1f}")
        panels[0].set_ylabel("runs")
        show(
            fig,
            f"Estimates of {value.shape[1]} runs with bars of two standard errors, for "
            f"{len(names)} methods; crosses mark those that miss the truth. Bars that contain it: "
            f"{'; '.join(told)}.",
        )
