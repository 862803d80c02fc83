"""The figures of chapter 1: recipes, what they hide and show, densities, and Pearson's crabs."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Ellipse, FancyBboxPatch
from numpy.typing import ArrayLike, NDArray

from lgm.course.plots.style import COLOURS, INK, figure, show

__all__ = [
    "crab_histogram",
    "crab_recipes",
    "density_above_one",
    "hidden_and_shown",
    "recipe_graph",
    "simulated_statistic",
    "two_scores",
    "unit_interval",
]

_HATCHES = ("", "///", "...", "\\\\\\", "xx", "++")
_LINES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D")
_GREY = "#b9bec5"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:-1]) + f" and {names[-1]}" if len(names) > 1 else names[0]


def _signed(value: float, form: str) -> str:
    """A number with a minus sign as it is printed, not a hyphen."""
    return f"{value:{form}}".replace("-", "−")


def _node(axes: Axes, x: float, y: float, width: float, text: str, hidden: bool) -> None:
    """One variable of a recipe: an empty dashed outline if hidden, a filled one if seen."""
    axes.add_patch(
        Ellipse(
            (x, y),
            width,
            0.62,
            facecolor="none" if hidden else _GREY,
            edgecolor=COLOURS[1] if hidden else INK,
            linestyle="--" if hidden else "-",
            linewidth=1.8,
        )
    )
    axes.text(x, y, text, ha="center", va="center")


def recipe_graph(recipes: Sequence[tuple[str, Sequence[str], str]]) -> None:
    """Draw recipes as graphs: an arrow goes from what is chosen to what is made from it.

    Parameters
    ----------
    recipes : sequence of (hidden, shown, each)
        For each recipe the name of its hidden variable, the names of what is seen, and for what
        the recipe is repeated: ``("recipe", ["weight"], "for each cake")``.
    """
    with figure(8.0, 2.5) as fig:
        panels = np.atleast_1d(np.array(fig.subplots(1, len(recipes))))
        for axes, (hidden, shown, each) in zip(panels, recipes, strict=True):
            places = np.linspace(-1.0, 1.0, len(shown)) * 0.95 * (len(shown) > 1)
            width = 1.2 if len(shown) == 1 else 0.86
            for place, name in zip(places, shown, strict=True):
                axes.annotate(
                    "",
                    (place, 0.36),
                    (0.28 * place, 1.04),
                    arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 1.5},
                )
                _node(axes, place, 0.05, width, name, hidden=False)
            _node(axes, 0.0, 1.35, 1.35, hidden, hidden=True)
            frame = FancyBboxPatch(
                (-1.5, -0.58),
                3.0,
                2.34,
                boxstyle="round,pad=0,rounding_size=0.12",
                facecolor="none",
                edgecolor=_GREY,
            )
            axes.add_patch(frame)
            axes.text(1.42, -0.5, each, ha="right", va="bottom", fontsize=9)
            axes.set(xlim=(-1.55, 1.55), ylim=(-0.62, 1.8))
            axes.set_axis_off()
        told = "; ".join(
            f"{each}, an arrow leads from the hidden “{hidden}” to the visible {_listed(shown)}"
            for hidden, shown, each in recipes
        )
        told = told.replace("$", "").replace("_", "")
        show(
            fig,
            alt=f"{len(recipes)} recipes as graphs, hidden variables dashed, visible ones filled: "
            f"{told}.",
        )


def unit_interval(weights: ArrayLike, u: ArrayLike, names: Sequence[str]) -> None:
    """Show how uniform numbers choose components: each owns an interval as long as its weight.

    Parameters
    ----------
    weights : array_like of shape (K,)
        Probabilities of the components.
    u : array_like of shape (N,)
        Numbers from 0 up to, not including, 1.
    names : sequence of str
        What the K components are called.
    """
    pi, draws = np.asarray(weights, dtype=float), np.asarray(u, dtype=float)
    borders = np.append(0.0, np.cumsum(pi))
    chosen = np.searchsorted(borders[1:], draws, side="right")
    with figure(7.5, 1.75) as fig:
        axes = fig.subplots()
        for k, (left, right) in enumerate(pairwise(borders)):
            axes.barh(
                0.0,
                right - left,
                left=left,
                height=0.8,
                color=COLOURS[k],
                hatch=_HATCHES[k],
                edgecolor="white",
                alpha=0.75,
            )
            axes.text(
                (left + right) / 2,
                0.0,
                f"z = {k}: {names[k]}",
                ha="center",
                va="center",
                bbox={"facecolor": "#fdfdfb", "edgecolor": "none", "pad": 2},
            )
        axes.plot(draws, np.full(len(draws), 0.62), "v", color=INK, markersize=8)
        for n, place in enumerate(draws):
            axes.text(place, 0.82, f"u[{n}]", ha="center", va="bottom", fontsize=9)
        axes.set(xlim=(0.0, 1.0), ylim=(-0.5, 1.25), xlabel="u, and the weights added up")
        axes.set_xticks(borders, [f"{border:g}" for border in borders])
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        show(
            fig,
            alt="The interval from 0 to 1 cut into "
            + ", ".join(
                f"[{left:g}, {right:g}) for {name}"
                for (left, right), name in zip(pairwise(borders), names, strict=True)
            )
            + ". "
            + ", ".join(
                f"u[{n}] = {value:.2f} falls on {names[k]}"
                for n, (value, k) in enumerate(zip(draws, chosen, strict=True))
            )
            + ".",
        )


def _stack(axes: Axes, parts: Sequence[NDArray[np.float64]], edges: NDArray[np.float64]) -> None:
    """Stack histograms, each in its colour and hatch."""
    floor = np.zeros(len(edges) - 1)
    for k, part in enumerate(parts):
        axes.bar(
            edges[:-1],
            part,
            np.diff(edges),
            bottom=floor,
            align="edge",
            color=COLOURS[k],
            hatch=_HATCHES[k],
            edgecolor="white",
            linewidth=0.4,
            alpha=0.8,
        )
        floor = floor + part


def hidden_and_shown(
    z: ArrayLike, x: ArrayLike, names: Sequence[str], xlabel: str, bins: int = 45
) -> None:
    """Show simulated data twice: with the hidden variable, and as one would be given them.

    Parameters
    ----------
    z : array_like of shape (N,)
        Labels of the components, from 0.
    x : array_like of shape (N,)
        What is seen.
    names : sequence of str
        What the components are called.
    xlabel : str
        What x is, with its unit.
    bins : int
        Number of bins.
    """
    labels, values = np.asarray(z, dtype=int), np.asarray(x, dtype=float)
    edges = np.histogram_bin_edges(values, bins)
    parts = [np.histogram(values[labels == k], edges)[0].astype(float) for k in range(len(names))]
    with figure(8.4, 2.7) as fig:
        left, right = fig.subplots(1, 2, sharey=True, sharex=True)
        _stack(left, parts, edges)
        left.legend(left.containers, [f"z = {k}: {name}" for k, name in enumerate(names)])
        left.set(title="What the simulation knows: z and x", xlabel=xlabel, ylabel="number")
        right.bar(edges[:-1], sum(parts), np.diff(edges), align="edge", color="#7b828c")
        right.set(title="What you are given: x", xlabel=xlabel)
        found = [
            f"{name} {int((labels == k).sum())} times around {values[labels == k].mean():.4g}"
            for k, name in enumerate(names)
            if (labels == k).any()
        ]
        show(
            fig,
            alt=f"Two histograms of the same {len(values)} values. Left, coloured by the hidden "
            f"component: {_listed(found)}. Right, the same outline all in grey.",
        )


def density_above_one(scales: Sequence[float], prediction: float | None = None) -> None:
    """Draw normal densities around 0, a line at height 1, and where the reader expected the top.

    Parameters
    ----------
    scales : sequence of float
        Standard deviations, one for each curve, in decreasing order.
    prediction : float, optional
        The height that the reader predicted for the top of the last curve.
    """
    tops = [1.0 / (scale * np.sqrt(2.0 * np.pi)) for scale in scales]
    x = np.linspace(-2.5, 2.5, 1501)
    with figure(7.0, 3.3) as fig:
        axes = fig.subplots()
        for k, (scale, top) in enumerate(zip(scales, tops, strict=True)):
            axes.plot(
                x,
                top * np.exp(-0.5 * (x / scale) ** 2),
                _LINES[k],
                color=COLOURS[k],
                label=f"scale {scale:g}: top {top:.2f}, area 1",
            )
        axes.axhline(1.0, color=INK, linewidth=1.0, linestyle=(0, (1, 2)))
        axes.text(-2.5, 1.0, "height 1", va="bottom", fontsize=9)
        alt = (
            f"Normal curves of area one, with scales {_listed([f'{s:g}' for s in scales])}; their "
        )
        alt += (
            f"tops are at {_listed([f'{top:.2f}' for top in tops])}; a dotted line marks height 1."
        )
        if prediction is not None:
            axes.plot(0.0, tops[-1], "o", color=COLOURS[len(scales) - 1])
            axes.plot(0.0, prediction, "X", color=INK, markersize=9, label="your prediction")
            alt += f" The prediction for the narrowest, {prediction:g}, is marked with a cross."
        axes.set(xlabel="x", ylabel="density, per unit of x", ylim=(0.0, None))
        axes.legend()
        show(fig, alt=alt)


def two_scores(
    z: ArrayLike,
    x: ArrayLike,
    names: Sequence[str],
    prediction: float | None = None,
    near: Sequence[float] = (-1.5, 0.0, 1.5),
) -> None:
    """Scatter two test scores of many people, without and with the hidden variable.

    Parameters
    ----------
    z : array_like of shape (N,)
        The hidden value of each person.
    x : array_like of shape (N, 2)
        Two scores of each person.
    names : sequence of str
        Names of the two tests.
    prediction : float, optional
        The correlation that the reader predicted.
    near : sequence of float
        Hidden values; the people within 0.2 of each are marked.
    """
    hidden, scores = np.asarray(z, dtype=float), np.asarray(x, dtype=float)
    groups = [scores[np.abs(hidden - value) < 0.2] for value in near]
    overall = np.corrcoef(scores.T)[0, 1]
    within = [
        f"z near {_signed(value, 'g')}: {_signed(np.corrcoef(group.T)[0, 1], '.2f')}"
        for value, group in zip(near, groups, strict=True)
    ]
    with figure(9.4, 3.1) as fig:
        left, right = fig.subplots(1, 2, sharex=True, sharey=True)
        left.plot(*scores.T, ".", color="#7b828c", markersize=3)
        title = f"z hidden: correlation {overall:.2f}"
        if prediction is not None:
            title += f" (you said {prediction:g})"
        left.set(title=title, xlabel=names[0], ylabel=names[1])
        right.plot(*scores.T, ".", color=_GREY, markersize=2)
        for k, (label, group) in enumerate(zip(within, groups, strict=True)):
            right.plot(*group.T, _MARKERS[k], color=COLOURS[k], markersize=3.5, label=label)
        right.legend(title="correlation of people with", loc="center left", bbox_to_anchor=(1, 0.5))
        right.set(title="z shown", xlabel=names[0])
        told = (
            f"Two scatter plots of the same {len(hidden)} people, {names[0]} against {names[1]}. "
            f"Left, all in grey, an oblique cloud with correlation {overall:.2f}. Right, people of "
            f"nearly equal z form round clouds, one beside the other; their correlations: "
            f"{_listed(within)}."
        )
        show(fig, alt=told)


def crab_histogram(edges: ArrayLike, counts: ArrayLike, expected: ArrayLike) -> None:
    """Show a histogram that somebody counted, with the counts that a recipe leads one to expect.

    Parameters
    ----------
    edges : array_like of shape (B + 1,)
        Where the bins begin and end.
    counts : array_like of shape (B,)
        What was counted.
    expected : array_like of shape (B,)
        What the recipe makes on average.
    """
    borders, seen = np.asarray(edges, dtype=float), np.asarray(counts, dtype=float)
    curve = np.asarray(expected, dtype=float)
    middles = (borders[1:] + borders[:-1]) / 2
    gap = seen - curve
    most, least = int(gap.argmax()), int(gap.argmin())
    with figure(7.5, 3.3) as fig:
        axes = fig.subplots()
        axes.bar(
            borders[:-1],
            seen,
            np.diff(borders),
            align="edge",
            color=_GREY,
            edgecolor="white",
            label="Weldon's crabs",
        )
        axes.plot(middles, curve, "o-", color=COLOURS[1], markersize=3.5, label="one normal curve")
        axes.set(xlabel="forehead breadth / body length", ylabel="number of crabs")
        axes.legend(loc="upper left")
        show(
            fig,
            alt=f"Histogram of {seen.sum():.0f} crabs in {len(seen)} bins, highest at "
            f"{middles[seen.argmax()]:.3f} with {seen.max():.0f} crabs, with a longer tail to the "
            f"left. A normal curve lies over it: furthest too low at {middles[most]:.3f} (by "
            f"{gap[most]:.0f} crabs), furthest too high at {middles[least]:.3f} (by "
            f"{-gap[least]:.0f}).",
        )


def simulated_statistic(
    observed: float, simulated: Mapping[str, ArrayLike], xlabel: str, decimals: int = 2
) -> None:
    """Show where a number computed from data lies among the same number from simulated data.

    Parameters
    ----------
    observed : float
        The number computed from the data.
    simulated : mapping of str to array_like
        For each recipe, the number computed from each data set that it made.
    xlabel : str
        What the number is.
    decimals : int
        How many decimals to write.
    """
    draws = {name: np.asarray(values, dtype=float) for name, values in simulated.items()}
    everything = np.concatenate([*draws.values(), [observed]])
    edges = np.linspace(everything.min(), everything.max(), 61)
    form = f".{decimals}f"
    with figure(7.5, 2.8) as fig:
        axes = fig.subplots()
        told = []
        for k, (name, values) in enumerate(draws.items()):
            axes.hist(
                values,
                list(edges),
                color=COLOURS[k],
                hatch=_HATCHES[k],
                edgecolor="white",
                linewidth=0.3,
                alpha=0.7,
                label=name,
            )
            told.append(
                f"{name}, from {_signed(values.min(), form)} to {_signed(values.max(), form)}"
            )
        axes.axvline(observed, color=INK)
        axes.margins(y=0.18)
        top = axes.get_ylim()[1]
        axes.text(observed, top, f" the data: {_signed(observed, form)}", va="top")
        axes.set(xlabel=xlabel, ylabel="simulated data sets")
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
        show(
            fig,
            alt=f"Histograms of “{xlabel}” over simulated data sets: {'; '.join(told)}. A vertical "
            f"line marks the data at {_signed(observed, form)}.",
        )


def crab_recipes(
    edges: ArrayLike, counts: ArrayLike, recipes: Mapping[str, Sequence[ArrayLike]]
) -> None:
    """Compare a histogram that somebody counted with what several recipes make on average.

    Parameters
    ----------
    edges : array_like of shape (B + 1,)
        Where the bins begin and end.
    counts : array_like of shape (B,)
        What was counted.
    recipes : mapping of str to sequence of array_like of shape (B,)
        For each recipe, the expected counts from each of its hidden components.
    """
    borders, seen = np.asarray(edges, dtype=float), np.asarray(counts, dtype=float)
    middles = (borders[1:] + borders[:-1]) / 2
    ends = middles[seen > 0][[0, -1]] + np.array([-2.0, 2.0]) * (borders[1] - borders[0])
    told = []
    with figure(9.0, 3.1) as fig:
        panels = np.atleast_1d(np.array(fig.subplots(1, len(recipes), sharey=True)))
        for axes, (name, given) in zip(panels, recipes.items(), strict=True):
            parts = [np.asarray(part, dtype=float) for part in given]
            _stack(axes, parts, borders)
            axes.plot(middles, seen, "o", color=INK, markersize=3.5)
            wrong = 0.5 * np.abs(seen - np.sum(parts, axis=0)).sum()
            axes.set(
                title=f"{name}\n{wrong:.0f} crabs to move",
                xlabel="forehead breadth / body length",
                xlim=ends,
            )
            if len(parts) > 1:
                axes.legend(axes.containers, [f"z = {k}" for k in range(len(parts))])
            told.append(f"{name}, {wrong:.0f} crabs would have to change bins")
        panels[0].set_ylabel("number of crabs (dots: Weldon's)")
        show(
            fig,
            alt="Weldon's counts as dots over the counts that recipes make on average, coloured by "
            f"the hidden component: {'; '.join(told)}.",
        )
