"""The figures of chapter 2: the joint table, its margins, and its two factorizations."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle
from numpy.typing import ArrayLike, NDArray

from lgm.course.plots.style import COLOURS, INK, figure, show

__all__ = [
    "joint_with_margins",
    "log_joint_curves",
    "prior_times_likelihood",
    "subgroup_rates",
    "two_factorizations",
    "two_questions",
]

Array = NDArray[np.float64]

_HATCHES = ("", "///", "...", "\\\\\\", "xx", "++")
_LINES = ("-", "--", "-.", ":")
_MARKERS = ("o", "s", "^", "D")
_SHADES = mpl.colors.LinearSegmentedColormap.from_list("shades", ["#f4f8fb", COLOURS[0]])


def _decimal(value: float) -> str:
    """A probability with two decimals, or with three where it is small and needs them."""
    precise = f"{value:.3f}"
    return precise if 0 < value < 0.1 and precise[-1] != "0" else f"{value:.2f}"


def _minus(value: float) -> str:
    """A number with a minus sign as it is printed, not a hyphen."""
    return f"{value:.4g}".replace("-", "−")


def _even(value: float) -> str:
    """A probability with three decimals, so that the numbers of a table can be added by eye."""
    return f"{value:.3f}"


def _heat(axes: Axes, table: Array, top: float) -> None:
    """Draw a table as shaded cells, with its numbers in them."""
    axes.imshow(table, cmap=_SHADES, vmin=0.0, vmax=top, aspect="auto")
    for (k, v), value in np.ndenumerate(table):
        ink = "white" if value > 0.65 * top else INK
        axes.text(v, k, _even(value), ha="center", va="center", color=ink)
    axes.set_xticks(np.arange(table.shape[1] + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(table.shape[0] + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="white", linewidth=2)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)


def _names(axes: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    axes.set_yticks(range(len(rows)), rows)
    axes.set_xticks(range(len(columns)), columns)


def prior_times_likelihood(
    prior: ArrayLike,
    conditional: ArrayLike,
    hidden: Sequence[str],
    seen: Sequence[str],
    title: str = "",
) -> None:
    """Show a prior, a likelihood and their product as three tables in a row.

    Parameters
    ----------
    prior : array_like of shape (K,)
        Probabilities of the hidden values.
    conditional : array_like of shape (K, V)
        Row k holds the probabilities of what is seen, given hidden value k.
    hidden, seen : sequence of str
        Names of the K hidden values and of the V values that can be seen.
    title : str
        What the hidden variable and the seen one are.
    """
    weights, table = np.asarray(prior, dtype=float), np.asarray(conditional, dtype=float)
    joint = weights[:, None] * table
    with figure(9.6, 2.6) as fig:
        columns = table.shape[1]
        left, middle, right = fig.subplots(1, 3, width_ratios=[1.1, columns, columns])
        top = float(max(weights.max(), table.max()))
        _heat(left, weights[:, None], top)
        _heat(middle, table, top)
        _heat(right, joint, top)
        _names(left, hidden, ["prior"])
        for axes in (middle, right):
            _names(axes, [""] * len(hidden), seen)
        left.set_title("p(z)")
        middle.set_title("×  p(x | z): each row sums to 1")
        right.set_title("=  p(z, x): all cells sum to 1")
        fig.suptitle(title, x=0.01, ha="left", fontsize=10)
        k, v = np.unravel_index(joint.argmax(), joint.shape)
        show(
            fig,
            alt=f"Three tables with rows {', '.join(hidden)}. The prior "
            f"({', '.join(map(_even, weights))}) times the likelihood of {', '.join(seen)} "
            f"gives the joint. Its largest cell is {hidden[k]} with {seen[v]}, "
            f"{_even(joint.max())}; its smallest is {_even(joint.min())}.",
        )


def joint_with_margins(
    joint: ArrayLike,
    hidden: Sequence[str],
    seen: Sequence[str],
    hidden_label: str,
    seen_label: str,
) -> None:
    """Show a joint table as a heat map, with its two margins as bars.

    Parameters
    ----------
    joint : array_like of shape (K, V)
        Joint probabilities, one row for each hidden value.
    hidden, seen : sequence of str
        Names of the K hidden values and of the V values that can be seen.
    hidden_label, seen_label : str
        What the two variables are.
    """
    table = np.asarray(joint, dtype=float)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    with figure(7.2, 4.0) as fig:
        grid = fig.subplots(2, 2, width_ratios=[2.7, 1.2], height_ratios=[1.1, 2.2])
        (above, corner), (heat, beside) = grid
        corner.set_axis_off()
        _heat(heat, table, float(table.max()))
        _names(heat, hidden, seen)
        heat.set_xlabel(f"seen: {seen_label}")
        heat.set_ylabel(f"hidden: {hidden_label}")

        above.bar(range(len(columns)), columns, color=COLOURS[1], width=0.7)
        above.set_xlim(heat.get_xlim())
        above.set_ylim(0, columns.max() * 1.35)
        above.set_xticks([])
        above.set_ylabel("probability")
        above.set_title("p(x): sums of the columns")
        for v, value in enumerate(columns):
            above.text(v, value, _even(value), ha="center", va="bottom")

        beside.barh(
            range(len(rows)), rows, color=COLOURS[2], height=0.6, hatch="///", edgecolor="white"
        )
        beside.set_ylim(heat.get_ylim())
        beside.set_xlim(0, rows.max() * 1.45)
        beside.set_yticks([])
        beside.set_xlabel("probability")
        beside.set_title("p(z): sums of the rows")
        for k, value in enumerate(rows):
            beside.text(value, k, f" {_even(value)}", va="center")
        of_rows = ", ".join(f"{n} {_even(p)}" for n, p in zip(hidden, rows, strict=True))
        of_columns = ", ".join(f"{n} {_even(p)}" for n, p in zip(seen, columns, strict=True))
        show(
            fig,
            alt=f"A table of joint probabilities, {hidden_label} by {seen_label}, with bars beside "
            f"and above it. Sums of the rows: {of_rows}. Sums of the columns: {of_columns}.",
        )


def two_factorizations(
    joint: ArrayLike,
    hidden: Sequence[str],
    seen: Sequence[str],
    hidden_label: str,
    seen_label: str,
    highlight: tuple[int, int],
    symbols: tuple[str, str] = ("z", "x"),
) -> None:
    """Cut a square of area one in two ways: first by the hidden variable, first by the seen one.

    The area of each tile is a joint probability, the same in both squares.

    Parameters
    ----------
    joint : array_like of shape (K, V)
        Joint probabilities, one row for each hidden value.
    hidden, seen : sequence of str
        Names of the K hidden values and of the V values that can be seen.
    hidden_label, seen_label : str
        What the two variables are.
    highlight : tuple of int
        The cell to outline in both squares.
    symbols : tuple of str
        How the hidden variable and the seen one are written inside p( ).
    """
    table = np.asarray(joint, dtype=float)
    rows, columns = table.sum(axis=1), table.sum(axis=0)
    z, x = symbols
    # A label explains its symbol, unless it is the symbol.
    of_hidden = f", {hidden_label}" if z != hidden_label else ""
    of_seen = f", {seen_label}" if x != seen_label else ""
    with figure(9.6, 4.6) as fig:
        left, right = fig.subplots(1, 2)
        for k, v in np.ndindex(table.shape):
            # First by rows: strips from the top, each cut into widths.
            height, width = rows[k], table[k, v] / rows[k]
            corner = (table[k, :v].sum() / rows[k], 1 - rows[: k + 1].sum())
            _tile(left, corner, width, height, (k, v), table, seen[v], highlight)
            # First by columns: strips from the left, each cut into heights.
            height, width = table[k, v] / columns[v], columns[v]
            corner = (columns[:v].sum(), 1 - table[: k + 1, v].sum() / columns[v])
            _tile(right, corner, width, height, (k, v), table, hidden[k], highlight)
        for axes in (left, right):
            axes.set(xlim=(0, 1), ylim=(0, 1))
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0)
        left.set_title(f"p({z}), then p({x} | {z})")
        left.set_yticks(
            1 - np.cumsum(rows) + rows / 2,
            [f"{n} {_even(p)}" for n, p in zip(hidden, rows, strict=True)],
        )
        left.set_ylabel(f"height: p({z}){of_hidden}")
        left.set_xlabel(f"width: p({x} | {z}){of_seen}")
        right.set_title(f"p({x}), then p({z} | {x})")
        right.set_xticks(
            np.cumsum(columns) - columns / 2,
            [f"{n}\n{_even(p)}" for n, p in zip(seen, columns, strict=True)],
        )
        right.set_xlabel(f"width: p({x}){of_seen}")
        right.set_ylabel(f"height: p({z} | {x}){of_hidden}")
        k, v = highlight
        fig.legend(
            handles=[
                Patch(facecolor=COLOURS[i], hatch=_HATCHES[i], edgecolor="white", label=name)
                for i, name in enumerate(hidden)
            ],
            loc="outside lower center",
            ncols=len(hidden),
        )
        show(
            fig,
            alt="Two squares of area one, cut into the same tiles of different shape. On the left "
            f"strips for each {hidden_label} are cut by {seen_label}, on the right the other way "
            f"round. The outlined tile, {hidden[k]} with {seen[v]}, has area "
            f"{_even(table[k, v])} in both: {_even(rows[k])} high and "
            f"{_decimal(table[k, v] / rows[k])} wide on the left, "
            f"{_decimal(table[k, v] / columns[v])} high and {_even(columns[v])} wide on the "
            "right.",
        )


def _tile(
    axes: Axes,
    corner: tuple[float, float],
    width: float,
    height: float,
    cell: tuple[int, ...],
    table: Array,
    name: str,
    highlight: tuple[int, int],
) -> None:
    """Draw one cell of the joint as a rectangle of its area."""
    k, v = cell
    strength = 0.35 + 0.5 * v / max(table.shape[1] - 1, 1)
    axes.add_patch(
        Rectangle(
            corner,
            width,
            height,
            facecolor=COLOURS[k],
            alpha=strength,
            hatch=_HATCHES[k],
            edgecolor="white",
        )
    )
    outlined = cell == highlight
    axes.add_patch(
        Rectangle(
            corner,
            width,
            height,
            fill=False,
            edgecolor=INK if outlined else "white",
            linewidth=2.6 if outlined else 1.2,
            zorder=3 if outlined else 2,
        )
    )
    x, y = corner[0] + width / 2, corner[1] + height / 2
    label = f"{name}\n{_even(table[k, v])}"
    if height < 0.1:
        label = label.replace("\n", " ")
    lines = label.split("\n")
    size = 7 if outlined and min(width, height) < 0.1 else 8
    wide = max(map(len, lines)) * 0.0022 * size
    if outlined or (width > wide and height > 0.035 + 0.025 * len(lines)):
        box = {"boxstyle": "square,pad=0.1", "facecolor": "#fdfdfb", "edgecolor": "none"}
        axes.text(x, y, label, ha="center", va="center", fontsize=size, bbox=box, zorder=4)


def two_questions(
    given_hidden: ArrayLike,
    given_seen: ArrayLike,
    hidden: Sequence[str],
    seen: str,
    prediction: tuple[str, float] | None = None,
    variable: str = "z",
) -> None:
    """Set p(x | z) beside p(z | x) for one value of x: the same cells, two questions.

    Parameters
    ----------
    given_hidden : array_like of shape (K,)
        Probability of the value that is seen, given each hidden value.
    given_seen : array_like of shape (K,)
        Probability of each hidden value, given what is seen.
    hidden : sequence of str
        Names of the hidden values.
    seen : str
        Name of the value that is seen.
    prediction : tuple of str and float, optional
        The hidden value that the reader was asked about, and the probability that was guessed.
    variable : str
        How the hidden variable is written inside p( ).
    """
    forward, backward = np.asarray(given_hidden, float), np.asarray(given_seen, float)
    with figure(9.0, 1.2 + 0.48 * len(hidden)) as fig:
        panels = fig.subplots(1, 2, sharey=True)
        titles = (
            f"p({seen} | {variable}): need not sum to 1",
            f"p({variable} | {seen}): sums to 1",
        )
        for axes, values, title, colour, hatch in zip(
            panels, (forward, backward), titles, COLOURS[:2], ("", "///"), strict=True
        ):
            axes.barh(hidden, values, color=colour, hatch=hatch, edgecolor="white", height=0.62)
            for k, value in enumerate(values):
                ground = {"facecolor": "#fdfdfb", "edgecolor": "none", "pad": 1.0}
                axes.text(value + 0.015, k, _decimal(value), va="center", bbox=ground)
            axes.set(xlim=(0, 1), xlabel="probability", title=title)
            axes.tick_params(axis="y", length=0)
        panels[0].invert_yaxis()
        guessed = ""
        if prediction is not None:
            name, value = prediction
            k = list(hidden).index(name)
            panels[1].plot([value, value], [k - 0.45, k + 0.45], color=INK, linestyle="--")
            side, gap = ("right", -0.015) if value > 0.6 else ("left", 0.015)
            panels[1].text(value + gap, k - 0.32, "your prediction", ha=side, fontsize=9)
            guessed = (
                f" The prediction for {name} was {_decimal(value)}; it is {_decimal(backward[k])}."
            )
        told = "; ".join(
            f"{n} {_decimal(a)} and {_decimal(b)}"
            for n, a, b in zip(hidden, forward, backward, strict=True)
        )
        show(
            fig,
            alt=f"Two rows of bars. Left, the probability of {seen} given each hidden value; "
            f"right, the probability of each hidden value given {seen}: {told}. The longest bar is "
            f"{hidden[int(forward.argmax())]} on the left and {hidden[int(backward.argmax())]} on "
            f"the right.{guessed}",
        )


def log_joint_curves(
    x: ArrayLike,
    log_joint: ArrayLike,
    hidden: Sequence[str],
    observed: ArrayLike,
    x_label: str,
    floor: float = -30.0,
) -> None:
    """Show joint densities over a continuous x, and the same curves as logarithms.

    Parameters
    ----------
    x : array_like of shape (G,)
        Where the curves are computed.
    log_joint : array_like of shape (K, G)
        Log joint density of each hidden value with x.
    hidden : sequence of str
        Names of the K hidden values.
    observed : array_like of shape (N,)
        Observed values, marked on the axis.
    x_label : str
        What x is, with its unit.
    floor : float
        Lower end of the logarithmic axis.
    """
    grid, curves = np.asarray(x, dtype=float), np.asarray(log_joint, dtype=float)
    marks = np.asarray(observed, dtype=float)
    with figure(9.6, 3.4) as fig:
        left, right = fig.subplots(1, 2)
        for k, name in enumerate(hidden):
            style = {"color": COLOURS[k], "linestyle": _LINES[k], "label": name}
            left.plot(grid, np.exp(curves[k]), **style)
            right.plot(grid, np.where(curves[k] > floor, curves[k], np.nan), **style)
        top = np.exp(curves.max())
        left.set_ylim(-0.06 * top, 1.05 * top)
        right.set_ylim(floor, np.log(top) + 2.0)
        left.plot(marks, np.full(marks.shape, -0.03 * top), "|", color=INK, markersize=8)
        right.plot(marks, np.full(marks.shape, floor + 0.8), "|", color=INK, markersize=8)
        left.set(xlabel=x_label, ylabel="joint density", title="p(z) p(x | z)")
        right.set(
            xlabel=x_label,
            ylabel="log joint density",
            title=f"log p(z) + log p(x | z), cut at −{-floor:.0f}",
        )
        left.legend(title="hidden")
        far = int(np.argmax(np.abs(marks)))
        near = int(np.argmin(np.abs(grid - marks[far])))
        told = ", ".join(
            f"{n} {_minus(round(v))}" + (", below the lower edge" if v < floor else "")
            for n, v in zip(hidden, curves[:, near], strict=True)
        )
        show(
            fig,
            alt=f"Curves for {', '.join(hidden)} over {x_label}. As densities all of them look "
            f"like zero at the farthest observation, {_minus(marks[far])}. As logarithms they "
            f"differ there: {told}. Ticks mark the {marks.size} observations.",
        )


def subgroup_rates(
    counts: ArrayLike,
    groups: Sequence[str],
    lines: Sequence[str],
    label: str,
) -> None:
    """Show a rate in subgroups and over all, with the size of each subgroup as an area.

    Parameters
    ----------
    counts : array_like of shape (L, G, 2)
        For each line and group: how many did not, and how many did.
    groups : sequence of str
        Names of the G subgroups.
    lines : sequence of str
        Names of the L lines that are compared.
    label : str
        What the rate is.
    """
    people = np.asarray(counts, dtype=float)
    size = people.sum(axis=2)
    rates = people[..., 1] / size
    overall = people[..., 1].sum(axis=1) / size.sum(axis=1)
    with figure(7.2, 3.6) as fig:
        axes = fig.subplots()
        places = np.arange(len(groups) + 1)
        for i, name in enumerate(lines):
            shift = (i - (len(lines) - 1) / 2) * 0.36
            colour, marker = COLOURS[i], _MARKERS[i]
            axes.scatter(
                places[:-1] + shift,
                rates[i],
                s=0.9 * size[i],
                color=colour,
                alpha=0.35,
                linewidth=0,
            )
            axes.plot(
                places + shift,
                [*rates[i], overall[i]],
                linestyle="none",
                marker=marker,
                color=colour,
                label=name,
            )
            radii = [*np.sqrt(0.9 * size[i] / np.pi), 0.0]
            for place, rate, radius in zip(places, [*rates[i], overall[i]], radii, strict=True):
                axes.annotate(
                    f"{rate:.0%}" if place < len(groups) else f"{rate:.1%}",
                    (place + shift, rate),
                    (0, max(9, radius + 3)),
                    textcoords="offset points",
                    ha="center",
                )
            for place, number in zip(places[:-1], size[i], strict=True):
                axes.text(place + shift, -0.13, f"{number:.0f}", ha="center", fontsize=9)
            axes.text(places[-1] + shift, -0.13, f"{size[i].sum():.0f}", ha="center", fontsize=9)
        axes.axvline(len(groups) - 0.5, color=INK, linewidth=0.8, linestyle=":")
        axes.set_xticks(places, [*groups, "all together"])
        axes.text(-0.62, -0.13, "people", ha="right", fontsize=9)
        axes.set(xlim=(-0.6, len(groups) + 0.6), ylim=(-0.2, 1.08), ylabel=label)
        axes.set_yticks(np.linspace(0, 1, 6), [f"{t:.0%}" for t in np.linspace(0, 1, 6)])
        axes.legend(loc="upper right")
        told = "; ".join(
            f"{group}: "
            + ", ".join(
                f"{line} {rates[i, g]:.0%} of {size[i, g]:.0f}" for i, line in enumerate(lines)
            )
            for g, group in enumerate(groups)
        )
        together = ", ".join(f"{n} {r:.1%}" for n, r in zip(lines, overall, strict=True))
        show(
            fig,
            alt=f"{label}, with the number of people as the area of a disc. {told}; all together: "
            f"{together}.",
        )
