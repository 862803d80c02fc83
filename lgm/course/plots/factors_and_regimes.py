"""The figures of chapter 9: what factors do to correlations, and regimes behind prices."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import ArrayLike, NDArray

from lgm.course.plots.style import COLOURS, INK, figure, show

__all__ = [
    "correlations_implied",
    "filtered_and_smoothed",
    "hindsight",
    "loadings_heat_map",
    "paths_through_time",
    "regimes_over_prices",
    "shrinkage",
]

Array = NDArray[np.float64]

_PAPER = "#fdfdfb"
# From negative (orange) over nothing to positive (blue).
_SIGNED = LinearSegmentedColormap.from_list("signed", [COLOURS[1], _PAPER, COLOURS[0]])


def _signed(value: float) -> str:
    """A number between −1 and 1 with two decimals and no zero before the point."""
    text = f"{abs(value):.2f}".removeprefix("0")
    return f"−{text}" if value < -0.005 else text


def _heat(axes: Axes, table: Array, size: float) -> None:
    """Draw a table of numbers between −1 and 1 as shaded cells, with the numbers in them."""
    axes.imshow(table, cmap=_SIGNED, vmin=-1.0, vmax=1.0, aspect="auto")
    for (row, column), value in np.ndenumerate(table):
        ink = "white" if abs(value) > 0.62 else INK
        axes.text(column, row, _signed(value), ha="center", va="center", color=ink, fontsize=size)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def correlations_implied(matrices: Mapping[str, ArrayLike], tests: Sequence[str]) -> None:
    """Show a matrix of correlations, and how near models come to it.

    Parameters
    ----------
    matrices : mapping of str to array_like of shape (D, D)
        By name; the first is what was observed, the others are what models imply.
    tests : sequence of str
        Names of the D tests.
    """
    tables = {name: np.asarray(values, dtype=float) for name, values in matrices.items()}
    observed = next(iter(tables.values()))
    told = []
    with figure(9.8, 3.9) as fig:
        panels = fig.subplots(1, len(tables), squeeze=False)[0]
        for axes, (name, table) in zip(panels, tables.items(), strict=True):
            _heat(axes, table, 7.0)
            axes.set_xticks(range(len(tests)), tests, rotation=90)
            axes.set_yticks(range(len(tests)), tests if axes is panels[0] else [""] * len(tests))
            off = float(np.abs(table - observed).max())
            axes.set_title(name if table is observed else f"{name}\noff by up to {off:.2f}")
            if table is not observed:
                told.append(f"{name} by at most {off:.2f}")
        pairs = observed[np.triu_indices(len(observed), 1)]
        show(
            fig,
            f"Matrices of correlations of {len(tests)} tests, with their numbers. The observed "
            f"ones lie between {pairs.min():.2f} and {pairs.max():.2f}, with blocks of high ones "
            f"along the diagonal. Those implied miss them: {'; '.join(told)}.".replace("-", "−"),
        )


def loadings_heat_map(loadings: Mapping[str, ArrayLike], tests: Sequence[str]) -> None:
    """Show how strongly each test depends on each factor, in several solutions.

    Parameters
    ----------
    loadings : mapping of str to array_like of shape (D, Q)
        Loadings of standardised tests, by name; D is common to all.
    tests : sequence of str
        Names of the D tests.
    """
    tables = {name: np.asarray(values, dtype=float) for name, values in loadings.items()}
    widths = [0.7 + table.shape[1] for table in tables.values()]
    told = []
    with figure(9.0, 3.8) as fig:
        panels = fig.subplots(1, len(tables), width_ratios=widths, squeeze=False)[0]
        for axes, (name, table) in zip(panels, tables.items(), strict=True):
            _heat(axes, table, 9.0)
            axes.set_xticks(range(table.shape[1]), [f"$z_{q + 1}$" for q in range(table.shape[1])])
            axes.set_yticks(range(len(tests)), tests if axes is panels[0] else [""] * len(tests))
            axes.set_title(name)
            strong = [
                f"{tests[row]} {table[row, column]:.2f}".replace("-", "−")
                for column, row in enumerate(np.abs(table).argmax(axis=0))
            ]
            clear = int((np.abs(table).max(axis=1) > 2 * np.sort(np.abs(table))[:, -2:-1].T).sum())
            plain = (
                f"; {clear} of {len(tests)} tests depend on one factor more than twice as much as "
                "on any other"
            )
            told.append(
                f"{name}: strongest by factor are {', '.join(strong)}"
                + (plain if table.shape[1] > 1 else "")
            )
        show(fig, f"Heat maps of loadings, tests against factors. {'. '.join(told)}.")


def shrinkage(
    least_squares: ArrayLike,
    posterior_means: ArrayLike,
    factors: Sequence[str],
    errors: Mapping[str, ArrayLike],
    tests: Sequence[str],
) -> None:
    """Show that posterior means lie nearer to zero, and what that is good for.

    Parameters
    ----------
    least_squares, posterior_means : array_like of shape (N, Q)
        Two estimates of the factors of N people.
    factors : sequence of str
        Names of the Q factors.
    errors : mapping of str to array_like of shape (D,)
        Mean squared errors of predicting each test from the others, in units of its variance.
    tests : sequence of str
        Names of the D tests.
    """
    fitted, mean = np.asarray(least_squares, dtype=float), np.asarray(posterior_means, dtype=float)
    end = float(np.abs(fitted).max()) * 1.05
    told = []
    with figure(9.4, 4.0) as fig:
        left, right = fig.subplots(1, 2, width_ratios=[1.0, 1.25])
        left.plot([-end, end], [-end, end], color=INK, linewidth=1.0, linestyle=":")
        left.text(end, end, "equal ", ha="right", va="top", fontsize=9)
        for q, name in enumerate(factors):
            slope = (fitted[:, q] @ mean[:, q]) / (fitted[:, q] @ fitted[:, q])
            left.plot(fitted[:, q], mean[:, q], "os^"[q % 3], color=COLOURS[q], markersize=3,
                      alpha=0.6, markeredgewidth=0, label=f"{name}: slope {slope:.2f}")  # fmt: skip
            told.append(f"{name} {slope:.2f}")
        left.set(xlim=(-end, end), ylim=(-end, end), xlabel="least squares")
        left.set(ylabel="posterior mean", title="factors of each pupil")
        left.legend(loc="upper left", fontsize=9, markerscale=2)

        height = 0.8 / len(errors)
        for n, (name, values) in enumerate(errors.items()):
            at = np.arange(len(tests)) + (n - (len(errors) - 1) / 2) * height
            right.barh(at, np.asarray(values), height, color=COLOURS[n + 3], label=name)
        right.axvline(1.0, color=INK, linewidth=1.0, linestyle=":")
        right.text(1.0, -0.6, " guessing the mean", fontsize=9, va="bottom")
        right.set_yticks(range(len(tests)), tests)
        right.invert_yaxis()
        fig.legend(
            *right.get_legend_handles_labels(), loc="outside lower right", ncols=2, fontsize=9
        )
        right.set(xlabel="squared error, in variances of the test")
        right.set_title("a test predicted from the other eight", pad=14)
        means = [f"{name} {np.mean(np.asarray(v)):.2f}" for name, v in errors.items()]
        show(
            fig,
            f"Left: posterior means against least squares for {len(fitted)} pupils. The points lie "
            f"along lines flatter than the diagonal, with slopes {', '.join(told)}. Right: bars of "
            f"the squared error of predicting each test from the others, on average "
            f"{', '.join(means)} of its variance.",
        )


def paths_through_time(
    paths: ArrayLike, shares: ArrayLike, states: Sequence[str], seen: Sequence[str]
) -> None:
    """Show every path through a few days, as thick as its share of the marginal.

    Parameters
    ----------
    paths : array_like of shape (S, T)
        State of each path on each day, as whole numbers.
    shares : array_like of shape (S,)
        What each path contributes to the marginal, as a share of it.
    states : sequence of str
        Names of the states.
    seen : sequence of str
        What was seen on each of the T days.
    """
    path, share = np.asarray(paths), np.asarray(shares, dtype=float)
    days = np.arange(path.shape[1])
    best = int(share.argmax())
    with figure(7.8, 3.1) as fig:
        axes = fig.subplots()
        for n in np.argsort(share):
            # Paths that share a step would hide each other: each has a height of its own.
            shift = 0.09 * (n - (len(path) - 1) / 2)
            axes.plot(
                days,
                path[n] + shift * 0.8,
                color=COLOURS[1] if n == best else COLOURS[0],
                linewidth=0.6 + 14 * share[n],
                alpha=0.75,
                solid_joinstyle="round",
            )
            axes.text(days[-1] + 0.08, path[n, -1] + shift, f"{share[n]:.2f}", fontsize=9,
                      va="center", color=COLOURS[1] if n == best else INK)  # fmt: skip
        axes.set_xticks(days, [f"day {t + 1}\n{text}" for t, text in enumerate(seen)])
        axes.set_yticks(range(len(states)), states)
        axes.set_ylim(len(states) - 0.5, -0.5)
        axes.set_xlim(-0.2, days[-1] + 0.4)
        axes.set_title("every path, as thick as its share of $p(x)$")
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        route = ", ".join(states[k] for k in path[best])
        show(
            fig,
            f"{len(path)} paths through {len(days)} days and {len(states)} states, drawn as thick "
            f"as their share of the marginal. The best, {route}, has a share of {share[best]:.2f}; "
            f"all others together {1 - share[best]:.2f}.",
        )


def _shade(axes: Axes, at: Array, probability: Array, low: float, high: float) -> None:
    """Shade the ground by a probability, one column for each day."""
    shades = LinearSegmentedColormap.from_list("shades", [_PAPER, "#f2a36b"])
    axes.imshow(
        probability[None],
        cmap=shades,
        vmin=0.0,
        vmax=1.0,
        aspect="auto",
        extent=(at[0], at[-1], low, high),
        interpolation="nearest",
        zorder=0,
    )
    axes.set(xlim=(at[0], at[-1]), ylim=(low, high))


def filtered_and_smoothed(
    x: ArrayLike,
    truth: ArrayLike,
    probabilities: Mapping[str, ArrayLike],
    path: ArrayLike,
    x_label: str,
) -> None:
    """Show a series with its true states, what could be known of them and when, and the best path.

    Parameters
    ----------
    x : array_like of shape (T,)
        What was seen.
    truth, path : array_like of shape (T,)
        1 on turbulent days and 0 on calm ones: as they were, and along the best path.
    probabilities : mapping of str to array_like of shape (T,)
        Probabilities of turbulence, by what they are based on.
    x_label : str
        What was seen, with its unit.
    """
    seen, states = np.asarray(x, dtype=float), np.asarray(truth, dtype=float)
    best, days = np.asarray(path, dtype=float), np.arange(1.0, len(np.asarray(x)) + 1)
    end = 1.1 * float(np.abs(seen).max())
    told = []
    with figure(9.0, 4.8) as fig:
        series, curves, line = fig.subplots(3, 1, sharex=True, height_ratios=[1.2, 1.2, 0.35])
        _shade(series, days, states, -end, end)
        series.vlines(days, 0.0, seen, color=INK, linewidth=1.0)
        series.set(ylabel=x_label, title="what was seen (shaded: days that were turbulent)")
        _shade(curves, days, states, -0.03, 1.03)
        for n, (name, values) in enumerate(probabilities.items()):
            p = np.asarray(values, dtype=float)
            colour, style = ((COLOURS[0], "--"), (INK, "-"))[n % 2]
            curves.plot(days, p, style, color=colour, label=name)
            wrong = int(((p > 0.5) != (states > 0.5)).sum())
            told.append(f"{name} is on the wrong side of one half on {wrong} days")
        curves.set_ylabel("P(turbulent)")
        curves.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=9)
        _shade(line, days, states, -0.3, 1.3)
        line.step(days, best, where="mid", color=COLOURS[2], linewidth=2.0)
        line.set_yticks([0, 1], ["calm", "turbulent"])
        line.set(xlabel="day")
        line.text(1.01, 0.5, "best path", color=COLOURS[2], transform=line.transAxes, va="center")
        wrong = int((best != states).sum())
        show(
            fig,
            f"A series of {len(seen)} days with its true states shaded, {states.sum():.0f} of them "
            f"turbulent. Probabilities of turbulence: {'; '.join(told)}; the filtered curve is "
            f"jagged and late, the smoothed one calm. The best path is wrong on {wrong} days.",
        )


def regimes_over_prices(
    years: ArrayLike, prices: ArrayLike, returns: ArrayLike, turbulent: ArrayLike, name: str
) -> None:
    """Show prices and returns over the probability of the turbulent regime.

    Parameters
    ----------
    years, prices, returns, turbulent : array_like of shape (T,)
        Date, price, return in per cent, and smoothed probability of turbulence of each day.
    name : str
        Of what has this price.
    """
    at, level = np.asarray(years, dtype=float), np.asarray(prices, dtype=float)
    change, p = np.asarray(returns, dtype=float), np.asarray(turbulent, dtype=float)
    with figure(9.4, 4.8) as fig:
        above, below = fig.subplots(2, 1, sharex=True, height_ratios=[1.5, 1.0])
        _shade(above, at, p, np.log(0.9 * level.min()), np.log(1.1 * level.max()))
        above.plot(at, np.log(level), color=INK, linewidth=1.1)
        ticks = level[0] * 2.0 ** np.arange(0, np.ceil(np.log2(level.max() / level[0])))
        above.set_yticks(np.log(ticks), [f"{tick:.0f}" for tick in ticks])
        above.set(ylabel="index, log scale", title=f"{name} (shaded: probability of turbulence)")
        end = 1.05 * float(np.abs(change).max())
        _shade(below, at, p, -end, end)
        below.vlines(at, 0.0, change, color=INK, linewidth=0.6)
        below.set(ylabel="return (%)", xlabel="year")
        below.set_xticks(np.arange(np.ceil(at[0]), at[-1] + 0.01))
        worst = int(change.argmin())
        show(
            fig,
            f"{name} from {at[0]:.1f} to {at[-1]:.1f} on a logarithmic scale, rising from "
            f"{level[0]:.0f} to {level[-1]:.0f}, and the daily returns below. Shading marks "
            f"{(p > 0.5).sum()} of {len(p)} days as turbulent, in {_spells(p > 0.5)} spells, where "
            f"the returns scatter widely; the worst day, −{-change[worst]:.1f} %, is at "
            f"{at[worst]:.1f}.",
        )


def _spells(on: NDArray[np.bool_]) -> int:
    """How many unbroken spells there are."""
    return int((np.diff(on.astype(int), prepend=0) == 1).sum())


def hindsight(years: ArrayLike, gains: Mapping[str, ArrayLike]) -> None:
    """Show what became of money that was in the market on some days and not on others.

    Parameters
    ----------
    years : array_like of shape (T,)
        Date of each day.
    gains : mapping of str to array_like of shape (T,)
        Log return of each day, zero on days out of the market; by the rule that was followed.
    """
    at = np.asarray(years, dtype=float)
    told = []
    with figure(9.0, 3.6) as fig:
        axes = fig.subplots()
        for n, (name, values) in enumerate(gains.items()):
            factor = np.exp(np.cumsum(np.asarray(values, dtype=float)))
            style = ("-", "--", "-.", ":")[n % 4]
            axes.semilogy(at, factor, style, color=(INK, *COLOURS)[n], linewidth=1.6)
            axes.text(at[-1] + 0.06, factor[-1], f"× {factor[-1]:.1f}  {name}", va="center",
                      color=(INK, *COLOURS)[n], fontsize=9)  # fmt: skip
            told.append(f"{name} {factor[-1]:.1f}")
        axes.set_yticks([1, 2, 4], ["1", "2", "4"])
        axes.minorticks_off()
        axes.set_xticks(np.arange(np.ceil(at[0]), at[-1] + 0.01))
        axes.set(xlabel="year", ylabel="worth of 1, log scale", xlim=(at[0], at[-1]))
        show(
            fig,
            f"What became of 1 from {at[0]:.1f} to {at[-1]:.1f}, by rule: {'; '.join(told)}.",
        )
