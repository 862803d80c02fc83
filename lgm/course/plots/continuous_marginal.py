"""The figures of chapter 4: areas under prior × likelihood, rules, and what dimensions cost."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import ArrayLike, NDArray

from lgm.course.plots.style import COLOURS, INK, figure, show

__all__ = [
    "ability_posteriors",
    "cost_of_dimensions",
    "error_against_nodes",
    "grid_on_integrands",
    "line_and_cloud",
    "nodes_on_integrand",
    "shared_or_separate",
    "slice_and_integrate",
    "strips",
]

Array = NDArray[np.float64]

_MARKERS = ("o", "s", "^", "D", "v", "P")
_LINES = ("-", "--", "-.", ":")
_SHADES = LinearSegmentedColormap.from_list("shades", ["#fdfdfb", COLOURS[5], COLOURS[0]])
_SCORES = LinearSegmentedColormap.from_list(
    "scores", [COLOURS[1], COLOURS[4], COLOURS[2], COLOURS[0]]
)
_SPANS = (
    (1.0, "one second"),
    (86_400.0, "one day"),
    (3.156e7, "one year"),
    (4.35e17, "age of the universe"),
)


def _relative(log_f: ArrayLike) -> Array:
    """A curve known by its logarithm, scaled so that its highest point is 1."""
    log_f = np.asarray(log_f, dtype=float)
    scaled: Array = np.exp(log_f - log_f.max())
    return scaled


def _power(value: float, sign: str = "") -> str:
    """A number for a title, as digits times a power of ten."""
    digits, exponent = f"{value:{sign}.1e}".split("e")
    factor = "" if digits == "1.0" else rf"{digits}\cdot"
    return rf"${factor}10^{{{int(exponent)}}}$"


def _spread_out(values: Sequence[float], gap: float) -> list[float]:
    """Move values up where needed, so that neighbours are at least `gap` apart."""
    places = [0.0] * len(values)
    last = -np.inf
    for index in np.argsort(values):
        places[index] = last = max(values[index], last + gap)
    return places


def _no_left_side(axes: Axes) -> None:
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def slice_and_integrate(
    x: ArrayLike, z: ArrayLike, log_joint: ArrayLike, x_seen: float, x_label: str, z_label: str
) -> None:
    """Show a joint density, its slice at one observation, and the area of every slice.

    Parameters
    ----------
    x : array_like of shape (X,)
        Values that can be observed, increasing.
    z : array_like of shape (Z,)
        Values of the hidden variable, increasing.
    log_joint : array_like of shape (Z, X)
        The log joint density at each pair.
    x_seen : float
        Where to slice: the nearest entry of `x` is taken.
    x_label, z_label : str
        Names of the axes, with units.
    """
    x, z = np.asarray(x, dtype=float), np.asarray(z, dtype=float)
    joint = np.exp(np.asarray(log_joint, dtype=float))
    areas = np.trapezoid(joint, z, axis=0)
    column = int(np.argmin(np.abs(x - x_seen)))
    cut, area, x_cut = joint[:, column], areas[column], x[column]
    with figure(7.6, 5.2) as fig:
        grid = fig.add_gridspec(2, 2, width_ratios=[2.2, 1.0], height_ratios=[1.0, 2.2])
        centre = fig.add_subplot(grid[1, 0])
        above = fig.add_subplot(grid[0, 0], sharex=centre)
        right = fig.add_subplot(grid[1, 1], sharey=centre)

        centre.contourf(x, z, joint, levels=np.linspace(0.03, 1.0, 7) * joint.max(), cmap=_SHADES)
        centre.axvline(x_cut, color=COLOURS[1])
        centre.set(xlabel=x_label, ylabel=z_label, title="joint density $p(x, z)$")

        right.fill_betweenx(z, cut, color=COLOURS[1], alpha=0.25, linewidth=0)
        right.plot(cut, z, color=COLOURS[1])
        right.text(cut.max() / 2, z[np.argmax(cut)], f"area\n{area:.4f}", ha="center", va="center")
        right.tick_params(labelleft=False)
        right.set(xlabel="$p(x, z)$ along the slice", title=f"slice at $x$ = {x_cut:g}")
        right.set_xlim(0.0, 1.15 * cut.max())

        above.plot(x, areas, color=COLOURS[0])
        above.plot(x_cut, area, "o", color=COLOURS[1], markersize=8)
        above.annotate(
            f"{area:.4f}", (x_cut, area), xytext=(8, 2), textcoords="offset points", color=INK
        )
        above.tick_params(labelbottom=False)
        above.set_ylim(0.0, 1.12 * areas.max())
        above.set(ylabel="$p(x)$", title="marginal: the area of every slice")
        show(
            fig,
            f"A map of the joint density of x and z, cut along a vertical line at x = {x_cut:g}. "
            "To the right the slice as a curve over z, highest at "
            f"z = {z[np.argmax(cut)]:.1f}, with area {area:.4f}. Above, the marginal p(x) with a "
            f"dot of height {area:.4f} at x = {x_cut:g}.",
        )


def strips(
    z: ArrayLike, f: ArrayLike, grids: Sequence[tuple[ArrayLike, ArrayLike]], area: float
) -> None:
    """Show the trapezoids under a curve for several grids, with the error of each.

    Parameters
    ----------
    z, f : array_like of shape (M,)
        The curve, finely.
    grids : sequence of (array_like, array_like)
        Nodes and heights of each grid.
    area : float
        The true area under the curve.
    """
    told = []
    with figure(9.2, 2.7) as fig:
        panels = fig.subplots(1, len(grids), sharex=True, sharey=True, squeeze=False)[0]
        for axes, (nodes, heights) in zip(panels, grids, strict=True):
            at, height = np.asarray(nodes, dtype=float), np.asarray(heights, dtype=float)
            error = np.trapezoid(height, at) / area - 1.0
            axes.fill_between(at, height, color=COLOURS[5], alpha=0.4, linewidth=0)
            axes.vlines(at, 0.0, height, color=COLOURS[0], linewidth=1.0)
            axes.plot(at, height, "o-", color=COLOURS[0], markersize=4, linewidth=1.2)
            axes.plot(z, f, color=COLOURS[1], linestyle="--", linewidth=1.5)
            axes.set(xlabel="$z$", title=f"{len(at)} nodes: error {_power(error, '+')}")
            told.append(f"{len(at)} nodes with error {error:+.1e}")
        panels[0].set_xlim(np.min(z), np.max(z))
        panels[0].set_ylabel("height")
        panels[0].set_ylim(0.0, None)
        show(
            fig,
            f"A bell-shaped curve with trapezoids under it, in {len(grids)} panels: "
            f"{'; '.join(told)}, relative to the true area.",
        )


def grid_on_integrands(
    z: ArrayLike,
    log_fs: ArrayLike,
    nodes: ArrayLike,
    titles: Sequence[str],
    approximate: ArrayLike,
    exact: ArrayLike,
) -> None:
    """Show one grid under several integrands, each scaled to height 1.

    Parameters
    ----------
    z : array_like of shape (M,)
        Where the integrands are known, finely.
    log_fs : array_like of shape (P, M)
        Logarithms of the integrands.
    nodes : array_like of shape (G,)
        The grid, the same for all.
    titles : sequence of str
        One for each integrand.
    approximate, exact : array_like of shape (P,)
        The log areas by the grid and in truth.
    """
    fine, at = np.asarray(z, dtype=float), np.asarray(nodes, dtype=float)
    told = []
    with figure(9.2, 2.9) as fig:
        panels = fig.subplots(1, len(titles), sharex=True, sharey=True, squeeze=False)[0]
        rows = zip(panels, np.asarray(log_fs, dtype=float), titles, strict=True)
        values = zip(np.asarray(approximate), np.asarray(exact), strict=True)
        for (axes, log_f, title), (grid, truth) in zip(rows, values, strict=True):
            curve = _relative(log_f)
            axes.fill_between(fine, curve, color=COLOURS[1], alpha=0.25, linewidth=0)
            axes.plot(fine, curve, color=COLOURS[1], linewidth=1.4)
            height = np.interp(at, fine, curve)
            axes.plot(at, height, "o", color=COLOURS[0], markersize=5)
            axes.vlines(at, 0.0, height, color=COLOURS[0], linewidth=1.0)
            axes.set(xlabel="$z$")
            axes.set_title(f"{title}\ngrid ${grid:.2f}$, truth ${truth:.2f}$")
            told.append(f"{title}: grid {grid:.2f}, truth {truth:.2f}")
        panels[0].set_ylabel("integrand, scaled")
        show(
            fig,
            f"The same {len(at)} grid nodes under {len(titles)} integrands that get narrower. Log "
            f"areas: {'; '.join(told)}.",
        )


def nodes_on_integrand(
    z: ArrayLike,
    log_prior: ArrayLike,
    log_lik: ArrayLike,
    rules: Sequence[tuple[ArrayLike, ArrayLike]],
    log_area: float,
) -> None:
    """Show the nodes of several rules on prior × likelihood; the size of a dot is its weight.

    Parameters
    ----------
    z : array_like of shape (M,)
        Where the curves are known, finely.
    log_prior, log_lik : array_like of shape (M,)
        The two factors.
    rules : sequence of (array_like, array_like)
        Nodes and log weights (against the prior) of each rule.
    log_area : float
        The true log marginal.
    """
    fine, log_prior = np.asarray(z, dtype=float), np.asarray(log_prior, dtype=float)
    log_lik = np.asarray(log_lik, dtype=float)
    likelihood = _relative(log_lik)
    told = []
    with figure(9.2, 3.2) as fig:
        panels = fig.subplots(1, len(rules), sharex=True, sharey=True, squeeze=False)[0]
        for axes, (nodes, log_weights) in zip(panels, rules, strict=True):
            at, weights = np.asarray(nodes, dtype=float), np.exp(np.asarray(log_weights))
            height = np.interp(at, fine, likelihood)
            error = float(np.log(weights @ height) + log_lik.max() - log_area)
            axes.fill_between(
                fine,
                _relative(log_prior + log_lik),
                color=COLOURS[1],
                alpha=0.3,
                linewidth=0,
                label="$p(x, z)$",
            )
            axes.plot(fine, _relative(log_prior), color=INK, linestyle=":", label="prior")
            axes.plot(fine, likelihood, color=COLOURS[0], label="likelihood")
            axes.vlines(at, 0.0, height, color=COLOURS[0], linewidth=1.0)
            size = 330 * weights + 6
            axes.scatter(at, height, s=size, color=COLOURS[0], edgecolor="white", zorder=3)
            axes.set(xlabel="$z$", title=f"{len(at)} nodes: error {_power(error, '+')}")
            told.append(f"{len(at)} nodes with error {error:+.1e}")
        panels[0].set_xlim(fine[0], fine[-1])
        panels[0].set_ylim(0.0, 1.13)
        panels[0].set_ylabel("scaled to height 1")
        panels[-1].legend(loc="upper right", fontsize=8, handlelength=1.4, borderaxespad=0.0)
        show(
            fig,
            "A prior, a likelihood and the area under their product. Dots on the likelihood mark "
            f"the nodes, large where the weight is large: {'; '.join(told)} in log p(x).",
        )


def shared_or_separate(
    x: ArrayLike,
    log_shared: ArrayLike,
    log_separate: ArrayLike,
    points: Mapping[str, tuple[float, float]],
    x_label: str,
) -> None:
    """Show two joint densities of a pair of readings, side by side.

    Parameters
    ----------
    x : array_like of shape (M,)
        Values of either reading, increasing.
    log_shared, log_separate : array_like of shape (M, M)
        Log densities of the pair: with one hidden value for both, and with one for each.
    points : mapping of str to (float, float)
        Pairs to mark, by name.
    x_label : str
        What is read, with its unit.
    """
    densities = [np.exp(np.asarray(a, dtype=float)) for a in (log_shared, log_separate)]
    titles = ("one hidden value for both", "a hidden value for each")
    told = []
    with figure(7.8, 3.9) as fig:
        panels = fig.subplots(1, 2, sharex=True, sharey=True)
        for axes, density, title in zip(panels, densities, titles, strict=True):
            levels = np.array([0.03, 0.15, 0.35, 0.6, 0.85, 1.0]) * density.max()
            axes.contourf(x, x, density, levels=levels, cmap=_SHADES)
            for (name, (first, second)), marker in zip(points.items(), _MARKERS, strict=False):
                axes.plot(
                    first, second, marker, color=COLOURS[1], markeredgecolor="white", markersize=9
                )
                axes.annotate(
                    name, (first, second), xytext=(9, -4), textcoords="offset points", fontsize=9
                )
            axes.set_aspect("equal")
            axes.set(xlabel=f"first {x_label}", title=title)
        panels[0].set_ylabel(f"second {x_label}")
        told = [f"{name} at {pair[0]:g} and {pair[1]:g}" for name, pair in points.items()]
        show(
            fig,
            "Two maps of the density of a pair of readings. With one hidden value for both, a "
            "narrow ridge along the diagonal; with a hidden value for each, a round hill. Marked: "
            f"{'; '.join(told)}.",
        )


def line_and_cloud(
    first: ArrayLike,
    second: ArrayLike,
    log_density: ArrayLike,
    rows: ArrayLike,
    line: ArrayLike,
    z: ArrayLike,
) -> None:
    """Show points scattered about a line, and the contours of their marginal density.

    Parameters
    ----------
    first, second : array_like of shape (A,) and (B,)
        Values of the two measurements, increasing.
    log_density : array_like of shape (B, A)
        Log marginal density.
    rows : array_like of shape (N, 2)
        Simulated observations.
    line : array_like of shape (Z, 2)
        Where x lies, without noise, for each entry of `z`.
    z : array_like of shape (Z,)
        Values of the hidden variable along the line.
    """
    x, along = np.asarray(rows, dtype=float), np.asarray(line, dtype=float)
    values = np.asarray(z, dtype=float)
    density = np.exp(np.asarray(log_density, dtype=float))
    with figure(6.6, 4.2) as fig:
        axes = fig.subplots()
        levels = density.max() * np.exp(-0.5 * np.array([3.0, 2.0, 1.0]) ** 2)
        axes.contour(first, second, density, levels=levels, colors=COLOURS[0], linewidths=1.3)
        axes.plot(*x.T, "o", color=INK, markersize=3, alpha=0.4, label="observations $x$")
        axes.plot(*along.T, "-", color=COLOURS[1], linewidth=2)
        axes.plot(*along.T, "s", color=COLOURS[1], markersize=6, label="loadings · $z$ + mean")
        for value, place in zip(values, along, strict=True):
            axes.annotate(
                f"$z = {value:g}$",
                place,
                xytext=(7, -17),
                textcoords="offset points",
                fontsize=9,
                bbox={"facecolor": "#fdfdfb", "alpha": 0.85, "linewidth": 0, "pad": 1.0},
            )
        axes.plot([], [], color=COLOURS[0], label="$p(x)$, at 1, 2 and 3 scales")
        axes.set_aspect("equal")
        axes.set(xlabel="first measurement", ylabel="second measurement")
        axes.legend(loc="upper left", fontsize=9)
        show(
            fig,
            f"{len(x)} points scattered about a straight line, which is marked at z = "
            f"{', '.join(f'{value:g}' for value in values)}. The contours of the marginal density "
            "are ellipses along the line.",
        )


def cost_of_dimensions(
    dimensions: ArrayLike,
    nodes_per_axis: Sequence[int],
    evaluations_per_second: float,
    draws: Mapping[str, ArrayLike],
) -> None:
    """Show how many evaluations a grid takes, against the number of hidden values.

    Parameters
    ----------
    dimensions : array_like of shape (M,)
        Numbers of hidden values.
    nodes_per_axis : sequence of int
        Grid nodes for each hidden value; a curve for each.
    evaluations_per_second : float
        How fast the computer is; it places the landmarks of time.
    draws : mapping of str to array_like of shape (M,)
        How many random draws are needed, by name: further curves, dashed.
    """
    d = np.asarray(dimensions, dtype=float)
    curves = {f"{g} nodes each": float(g) ** d for g in nodes_per_axis}
    curves |= {name: np.asarray(number, dtype=float) for name, number in draws.items()}
    ends = [float(np.log10(curve[-1])) for curve in curves.values()]
    top = 10 ** (max(ends) + 3)
    places = _spread_out(ends, gap=max(ends) / 18)
    colours = (*COLOURS[: len(nodes_per_axis)], *[INK] * len(draws))
    lines = (*["-"] * len(nodes_per_axis), *("--", "-.", ":")[: len(draws)])
    with figure(8.6, 4.2) as fig:
        axes = fig.subplots()
        for n, (name, curve) in enumerate(curves.items()):
            marker = _MARKERS[n] if n < len(nodes_per_axis) else ""
            axes.semilogy(d, curve, lines[n], color=colours[n], marker=marker, markersize=4)
            axes.annotate(
                name,
                (d[-1], 10 ** places[n]),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                color=colours[n],
            )
        for seconds, name in _SPANS:
            if seconds * evaluations_per_second < top:
                axes.axhline(
                    seconds * evaluations_per_second, color=INK, linewidth=0.7, linestyle=":"
                )
                axes.text(
                    d[0],
                    seconds * evaluations_per_second,
                    f" {name}",
                    va="bottom",
                    fontsize=9,
                    color=INK,
                )
        axes.set_ylim(1.0, top)
        axes.set_xlim(d[0] - 0.3, d[-1] + 0.2)
        axes.set(xlabel="number of hidden values $D$", ylabel="evaluations of $p(x, z)$")
        axes.set_xticks(np.unique(np.r_[d[0], d[d % 5 == 0]]))
        axes.set_title(f"dotted: time at {_power(evaluations_per_second)} evaluations a second")
        told = [f"{name} {curve[-1]:.0e}" for name, curve in curves.items()]
        show(
            fig,
            f"Evaluations on a logarithmic scale against {d[0]:g} to {d[-1]:g} hidden values: "
            f"straight lines that climb. At {d[-1]:g} hidden values: {'; '.join(told)}. The age of "
            f"the universe is passed at {_SPANS[-1][0] * evaluations_per_second:.0e}.",
        )


def error_against_nodes(
    n_nodes: ArrayLike, errors: ArrayLike, tolerance: float, predicted: float | None = None
) -> None:
    """Show the error of a rule against its number of nodes.

    Parameters
    ----------
    n_nodes : array_like of shape (M,)
        Numbers of nodes.
    errors : array_like of shape (M,)
        Absolute errors of the log likelihood.
    tolerance : float
        The error that one is willing to accept.
    predicted : float, optional
        The reader's prediction of how many nodes that takes.
    """
    s, error = np.asarray(n_nodes, dtype=float), np.asarray(errors, dtype=float)
    enough = int(s[int(np.argmax(error < tolerance))])
    with figure(7.4, 3.3) as fig:
        axes = fig.subplots()
        axes.semilogy(s, error, "o-", color=COLOURS[0], markersize=5)
        axes.axhline(tolerance, color=INK, linewidth=0.9, linestyle=":")
        axes.text(s[-1], tolerance, f"{tolerance:g}", ha="right", va="bottom", fontsize=9)
        axes.plot(enough, error[s == enough][0], "o", color=COLOURS[1], markersize=10, zorder=0)
        axes.annotate(
            f"{enough} nodes are enough",
            (enough, error[s == enough][0]),
            xytext=(14, 12),
            textcoords="offset points",
        )
        if predicted is not None and predicted <= 1.3 * s[-1]:
            axes.axvline(predicted, color=COLOURS[2], linestyle="--", linewidth=1.4)
            axes.text(predicted, error.max(), " your prediction", va="top", color=COLOURS[2])
        elif predicted is not None:
            axes.annotate(
                f"your prediction: {predicted:g}",
                (1.0, 0.93),
                xytext=(-24, 0),
                xycoords="axes fraction",
                textcoords="offset points",
                ha="right",
                va="center",
                color=COLOURS[2],
                arrowprops={"arrowstyle": "->", "color": COLOURS[2], "linewidth": 1.4},
            )
        axes.set(xlabel="number of nodes $S$", ylabel="error of the log likelihood")
        said = "" if predicted is None else f" The prediction was {predicted:g}."
        show(
            fig,
            f"The error of the log likelihood falls from {error[0]:.0e} with {s[0]:g} node to "
            f"{error[-1]:.0e} with {s[-1]:g}, nearly a straight line on a logarithmic scale; it "
            f"drops below {tolerance:g} at {enough} nodes.{said}",
        )


def ability_posteriors(
    z: ArrayLike,
    log_posterior: ArrayLike,
    patterns: ArrayLike,
    counts: ArrayLike,
    expected: ArrayLike,
) -> None:
    """Show what every pattern of answers says about ability, a ridge for each pattern.

    Parameters
    ----------
    z : array_like of shape (M,)
        Abilities, evenly spaced, in prior scales.
    log_posterior : array_like of shape (M, P)
        Log posterior density of each pattern.
    patterns : array_like of shape (P, I)
        One where an item was answered rightly, zero where wrongly.
    counts, expected : array_like of shape (P,)
        How many people gave the pattern, and how many the model expects.
    """
    ability = np.asarray(z, dtype=float)
    density = np.exp(np.asarray(log_posterior, dtype=float))
    right = np.asarray(patterns, dtype=float)
    people, model = np.asarray(counts, dtype=float), np.asarray(expected, dtype=float)
    means = ability @ density / density.sum(axis=0)
    order = np.argsort(means)
    score, items = right.sum(axis=1), right.shape[1]
    height = 2.4 / density.max()
    seen = ability[density.max(axis=1) > 0.01 * density.max()]
    with figure(8.8, 8.2) as fig:
        squares, ridges, bars = fig.subplots(1, 3, sharey=True, width_ratios=[0.9, 3.2, 1.5])
        for row, pattern in enumerate(order):
            colour = _SCORES(score[pattern] / items)
            for item in range(items):
                full = bool(right[pattern, item])
                squares.plot(
                    item + 1,
                    row,
                    "s",
                    markersize=7,
                    color=colour,
                    fillstyle="full" if full else "none",
                    markeredgewidth=0.9,
                )
            curve = row + height * density[:, pattern]
            layer = 2 * (len(order) - row)
            ridges.fill_between(
                ability, row, curve, color=colour, alpha=0.75, linewidth=0, zorder=layer
            )
            ridges.plot(ability, curve, color="white", linewidth=1.0, zorder=layer + 1)
            ridges.vlines(means[pattern], row, row + 0.55, color=INK, linewidth=1.4, zorder=100)
            bars.barh(row, people[pattern], color=colour, height=0.7)
            bars.plot(model[pattern], row, "D", color=INK, markersize=3.5, fillstyle="none")
            bars.text(
                max(people[pattern], model[pattern]) + 0.03 * people.max(),
                row,
                f"{people[pattern]:.0f}",
                va="center",
                fontsize=8,
            )
        _brackets(squares, score[order], items)
        squares.text(-0.35, len(order), "right", ha="right", va="center", fontsize=9)
        squares.set_xlim(-1.9, items + 0.6)
        squares.set_ylim(-1.0, len(order) + 2.0)
        squares.set_xticks(range(1, items + 1))
        squares.set(xlabel="item", title="answers")
        ridges.axvline(0.0, color=INK, linewidth=0.7, linestyle=":", zorder=0)
        ridges.set_xlim(seen[0], seen[-1])
        ridges.set(xlabel="ability $z$ (prior scales)", title="what they say about ability")
        bars.set_xlim(0.0, 1.2 * people.max())
        bars.set(xlabel="people (◇ expected)", title="how many gave them")
        for axes in (squares, ridges, bars):
            _no_left_side(axes)
        low, high = order[0], order[-1]
        spread = np.sqrt(ability**2 @ density / density.sum(axis=0) - means**2)
        show(
            fig,
            f"{len(order)} broad, overlapping curves, one for each pattern of answers, in the "
            f"order of their means, which are ticked: from {means[low]:.2f} for {score[low]:.0f} "
            f"right answers to {means[high]:.2f} for {score[high]:.0f}. Their scales are "
            f"{spread.min():.2f} to {spread.max():.2f}. Beside them the answers as full and empty "
            "squares, and bars for the numbers of people, "
            f"{people.min():.0f} to {people.max():.0f}, close to what is expected.",
        )


def _brackets(axes: Axes, scores: Array, items: int) -> None:
    """Name each run of rows with the same score, to the left of the squares."""
    for score in range(items + 1):
        rows = np.flatnonzero(scores == score)
        if not rows.size:
            continue
        bracket = [[(0.0, rows[0] - 0.35), (0.0, rows[-1] + 0.35)]]
        axes.add_collection(LineCollection(bracket, colors=INK, linewidths=1.0))
        axes.text(-0.35, rows.mean(), f"{score}", ha="right", va="center")
