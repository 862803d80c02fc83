"""The figures of chapter 10: a change point, how many there are, and every method against truth."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from lgm.course.plots.style import COLOURS, INK, figure, show

__all__ = [
    "changepoint_and_rates",
    "counts_by_year",
    "evidence_as_years_pass",
    "methods_against_cost",
    "number_of_changes",
    "replicated_statistics",
    "runs_of_every_method",
]

Array = NDArray[np.float64]

GREY = "#8c959f"


def counts_by_year(years: ArrayLike, counts: ArrayLike) -> None:
    """Show a count for each year.

    Parameters
    ----------
    years, counts : array_like of shape (T,)
    """
    at, height = np.asarray(years, dtype=float), np.asarray(counts, dtype=float)
    with figure(8.6, 2.8) as fig:
        axes = fig.subplots()
        axes.bar(at, height, width=0.8, color=COLOURS[5])
        axes.set(xlabel="year", ylabel="disasters", xlim=(at[0] - 1, at[-1] + 1))
        tenths = ", ".join(f"{part.sum():g}" for part in np.array_split(height, 4))
        show(
            fig,
            f"Bars: number of disasters in each year from {at[0]:g} to {at[-1]:g}, between 0 and "
            f"{height.max():g}. The four quarters of the time have {tenths} of them.",
        )


def changepoint_and_rates(
    years: ArrayLike,
    counts: ArrayLike,
    posterior: ArrayLike,
    rates: ArrayLike,
    draws: ArrayLike,
    predicted: float | None = None,
) -> None:
    """Show counts with the rate of each year, and below the posterior of the change.

    Parameters
    ----------
    years, counts : array_like of shape (T,)
    posterior : array_like of shape (T,)
        Probability that each year is the first with the new rate.
    rates : array_like of shape (T,)
        Posterior mean of each year's rate.
    draws : array_like of shape (S, T)
        Draws of each year's rate, for a band of 95 per cent.
    predicted : float, optional
        The reader's guess of the year.
    """
    at, height, chance = (np.asarray(a, dtype=float) for a in (years, counts, posterior))
    mean = np.asarray(rates, dtype=float)
    low, high = np.quantile(np.asarray(draws, dtype=float), [0.025, 0.975], axis=0)
    with figure(8.6, 4.8) as fig:
        above, below = fig.subplots(2, 1, sharex=True, height_ratios=[1.5, 1.0])
        above.bar(at, height, width=0.8, color=COLOURS[5], alpha=0.55)
        above.fill_between(at, low, high, color=COLOURS[1], alpha=0.3, linewidth=0)
        above.plot(at, mean, color=COLOURS[1])
        above.annotate(
            "rate: posterior mean\nand band of 95 %",
            (at[60], high[60]),
            xytext=(at[60], 0.75 * height.max()),
            color=COLOURS[1],
            arrowprops={"arrowstyle": "-", "color": COLOURS[1]},
        )
        above.set_ylabel("disasters in a year")
        below.bar(at, chance, width=0.8, color=COLOURS[0])
        best = int(chance.argmax())
        below.annotate(
            f"{at[best]:g}", (at[best], chance[best]), xytext=(4, -4), textcoords="offset points"
        )
        if predicted is not None:
            below.axvline(predicted, color=COLOURS[2], linestyle="--", linewidth=1.4)
            side = "left" if predicted > at[best] else "right"
            below.text(
                predicted,
                0.75 * chance.max(),
                " your guess ",
                color=COLOURS[2],
                ha=side,
            )
        below.set(
            xlabel="first year of the new rate",
            ylabel="probability",
            xlim=(at[0] - 1, at[-1] + 1),
        )
        said = "" if predicted is None else f" The guess was {predicted:g}."
        show(
            fig,
            f"Above, disasters in each year with the posterior mean of the rate: {mean[0]:.2f} a "
            f"year at the beginning, {mean[-1]:.2f} at the end, with a band of 95 per cent from "
            f"{low[0]:.2f} to {high[0]:.2f} and from {low[-1]:.2f} to {high[-1]:.2f}. It falls "
            f"within a few years. Below, the posterior of the first year of the new rate: highest "
            f"for {at[best]:g} with {chance[best]:.2f}, and {chance[chance > 0.02].sum():.2f} in "
            f"the {np.sum(chance > 0.02)} years that have more than 0.02 each.{said}",
        )


def evidence_as_years_pass(
    years: ArrayLike, log_factor: ArrayLike, gains: ArrayLike, change: float
) -> None:
    """Show how the evidence for a change builds up from predictions one year ahead.

    Parameters
    ----------
    years : array_like of shape (T,)
    log_factor : array_like of shape (T,)
        Log Bayes factor of one change against none, from the counts up to each year.
    gains : array_like of shape (T,)
        What each year adds to it.
    change : float
        The most probable year of the change, for orientation.
    """
    at, total, gain = (np.asarray(a, dtype=float) for a in (years, log_factor, gains))
    decided = at[np.flatnonzero(total < np.log(20.0))[-1] + 1]
    with figure(8.6, 4.2) as fig:
        above, below = fig.subplots(2, 1, sharex=True, height_ratios=[1.6, 1.0])
        above.plot(at, total, color=COLOURS[0])
        for factor, words in ((1.0, "1 : 1"), (20.0, "20 : 1"), (1e6, "a million : 1")):
            above.axhline(np.log(factor), color=INK, linewidth=0.7, linestyle=":")
            above.text(at[-1], np.log(factor), words, ha="right", va="bottom", fontsize=9)
        above.axvline(decided, color=COLOURS[2], linewidth=1.2, linestyle="--")
        above.text(
            decided, 0.85 * total.max(), f"{decided:g} ", ha="right", color=COLOURS[2], fontsize=9
        )
        above.set_ylabel("log Bayes factor")
        for mask, colour in ((gain >= 0, COLOURS[0]), (gain < 0, COLOURS[1])):
            below.bar(at[mask], gain[mask], width=0.8, color=colour)
        for axes in (above, below):
            axes.axvline(change, color=GREY, linewidth=1.0)
        below.text(change, gain.min(), f" {change:g}", color=INK, va="bottom", fontsize=9)
        below.set(xlabel="last year that is known", ylabel="gain of the year")
        below.set_xlim(at[0] - 1, at[-1] + 1)
        show(
            fig,
            f"Log Bayes factor of one change against none, as the years pass. It stays between "
            f"{total[at < change].min():.1f} and {total[at < change].max():.1f} until {change:g}, "
            f"is above 20 to 1 for good from {decided:g} on, and ends at {total[-1]:.1f}. Below, "
            f"what each year adds: up to {gain.max():.2f} for a quiet year, down to "
            f"{gain.min():.2f} for a bad one.",
        )


def number_of_changes(
    log_evidence: ArrayLike, probability: ArrayLike, years: ArrayLike, two_changes: ArrayLike
) -> None:
    """Show the evidence for each number of changes, and where two of them would be.

    Parameters
    ----------
    log_evidence, probability : array_like of shape (M,)
        For 0 to M − 1 changes.
    years : array_like of shape (T,)
    two_changes : array_like of shape (T, T)
        Posterior of the first years of the second and of the third rate, with two changes.
    """
    evidence, share = np.asarray(log_evidence, dtype=float), np.asarray(probability, dtype=float)
    at, table = np.asarray(years, dtype=float), np.asarray(two_changes, dtype=float)
    number = np.arange(len(evidence))
    first, second = np.unravel_index(table.argmax(), table.shape)
    with figure(9.4, 3.8) as fig:
        left, right = fig.subplots(1, 2, width_ratios=[1.0, 1.15])
        left.plot(number, evidence, "o-", color=COLOURS[0], markersize=7)
        for n, value, chance in zip(number, evidence, share, strict=True):
            left.annotate(
                f"{chance:.2f}" if chance > 5e-3 else "≈ 0",
                (n, value),
                xytext=(0, 8) if n else (10, -3),
                textcoords="offset points",
                ha="center" if n else "left",
                fontsize=9,
            )
        left.set(
            xlabel="number of changes",
            ylabel=r"log evidence $\log\,p(x)$",
            title="with posterior probabilities",
            ylim=(evidence.min() - 2.0, evidence.max() + 4.0),
        )
        left.set_xticks(number)
        edges = np.append(at, at[-1] + 1) - 0.5
        shown = np.ma.masked_less(np.sqrt(table), 1e-3)
        image = right.pcolormesh(edges, edges, shown.T, cmap="Blues", rasterized=True)
        right.plot([edges[0], edges[-1]], [edges[0], edges[-1]], color=GREY, linewidth=0.8)
        right.set(
            xlabel="first change",
            ylabel="second change",
            title=f"two changes: best {at[first]:g} and {at[second]:g}",
        )
        ticks = np.array([0.0, 0.01, 0.03, 0.06])
        ticks = ticks[ticks <= table.max()]
        bar = fig.colorbar(image, ax=right, ticks=np.sqrt(ticks), label="probability")
        bar.ax.set_yticklabels([f"{tick:g}" for tick in ticks])
        told = ", ".join(
            f"{n}: {value:.2f} ({chance:.2f})"
            for n, value, chance in zip(number, evidence, share, strict=True)
        )
        show(
            fig,
            f"Left: log evidence for each number of changes, with posterior probability: {told}. A "
            f"cliff from none to one, and hardly a step after that. Right: heat map of the "
            f"posterior of two changes, with the largest value {table.max():.3f} at {at[first]:g} "
            f"and {at[second]:g}; the first change is narrow, the second spread over decades.",
        )


def replicated_statistics(
    statistics: Mapping[str, tuple[Mapping[str, ArrayLike], float]],
) -> None:
    """Show statistics of data simulated from fitted models, and where the real data are.

    Parameters
    ----------
    statistics : mapping of str to (mapping of str to array_like of shape (S,), float)
        For each statistic, its values in replicated data by model, and its value in the real data.
    """
    told = []
    with figure(9.4, 3.2) as fig:
        panels = fig.subplots(1, len(statistics), squeeze=False)[0]
        for axes, (name, (models, real)) in zip(panels, statistics.items(), strict=True):
            values = {model: np.asarray(v, dtype=float) for model, v in models.items()}
            every = np.concatenate([*values.values(), [real]])
            whole = bool(np.all(every == np.round(every)))
            edges = (
                np.arange(every.min(), every.max() + 2) - 0.5
                if whole
                else np.linspace(every.min(), every.max(), 45)
            )
            for (model, value), colour in zip(
                values.items(), (COLOURS[4], COLOURS[0]), strict=True
            ):
                axes.hist(value, edges, color=colour, alpha=0.6, label=model, linewidth=0)
                share = np.mean(value >= real)
                told.append(f"{name}, {model}: {share:.3f} of replicates reach {real:.3g}")
            axes.axvline(real, color=COLOURS[1], linewidth=2.0, label="the real data")
            axes.set_yticks([])
            axes.spines["left"].set_visible(False)
            axes.set(xlabel=name)
        panels[0].set_ylabel("replicates")
        handles, labels = panels[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside upper center", ncols=3, fontsize=9)
        show(
            fig,
            f"Histograms of {len(statistics)} statistics of data simulated from the fitted models, "
            f"with a line for the real data. {'; '.join(told)}.",
        )


def runs_of_every_method(
    runs: Mapping[str, tuple[ArrayLike, ArrayLike]], limit: float, near: float
) -> None:
    """Show the errors of single runs with their own error bars, a row for each method.

    Parameters
    ----------
    runs : mapping of str to (array_like of shape (R,), array_like of shape (R,))
        For each method the errors of its runs, estimate less truth, and the standard errors that
        they give themselves; all zero for a method that gives none.
    limit : float
        How far the left panel reaches.
    near : float
        How far the right panel reaches, which shows the methods that stay within.
    """
    told = []
    with figure(9.4, 5.0) as fig:
        wide, close = fig.subplots(1, 2, sharey=True, width_ratios=[1.25, 1.0])
        for row, (name, (errors, bars)) in enumerate(runs.items()):
            error, half = np.asarray(errors, dtype=float), 2.0 * np.asarray(bars, dtype=float)
            verdict = f"{np.sum(np.abs(error) <= half)} of {len(error)}" if half.any() else "no bar"
            _runs(wide, row, error, half, np.abs(error) <= half)
            if _root_mean_square(error) < near:
                _runs(close, row, error, half, np.abs(error) <= half)
            close.annotate(
                verdict,
                (1.0, row),
                xycoords=("axes fraction", "data"),
                xytext=(8, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
            told.append(f"{name}: {verdict}, mean error {error.mean():+.3f}")
        for axes, reach in ((wide, limit), (close, near)):
            axes.axvline(0.0, color=INK, linewidth=1.0)
            axes.set_xlim(-reach, reach)
            axes.tick_params(axis="y", length=0)
            axes.set_xlabel("estimate less exact value")
        wide.set_yticks(range(len(runs)), list(runs))
        wide.invert_yaxis()
        close.set_title("the close ones, enlarged", fontsize=10)
        close.annotate(
            "bars with\nthe truth",
            (1.0, 1.0),
            xycoords="axes fraction",
            xytext=(8, 0),
            textcoords="offset points",
            fontsize=9,
        )
        show(
            fig,
            f"Errors of the runs of each of {len(runs)} methods with bars of two standard errors, "
            f"around the exact log evidence; crosses mark bars that miss it. Bars that contain the "
            f"truth: {'; '.join(told)}.",
        )


def _runs(axes: Axes, row: int, error: Array, half: Array, hit: NDArray[np.bool_]) -> None:
    """Draw the runs of one method, one above the other around its row."""
    height = row + np.linspace(-0.33, 0.33, len(error)) if len(error) > 1 else np.array([row])
    kinds = [(hit, COLOURS[0], "o", 3), (~hit, COLOURS[1], "X", 5)]
    if not half.any():
        kinds = [(~hit, INK, "D", 5)]
    for mask, colour, marker, size in kinds:
        axes.errorbar(
            error[mask],
            height[mask],
            xerr=half[mask],
            fmt=marker,
            color=colour,
            markersize=size,
            elinewidth=0.9,
        )


def methods_against_cost(
    panels: Mapping[str, Mapping[str, tuple[ArrayLike, Sequence[ArrayLike]]]],
    families: Sequence[Sequence[str]],
    floor: float = 1e-6,
) -> None:
    """Show the error of every method against what it cost, both logarithmic.

    Parameters
    ----------
    panels : mapping of str to mapping of str to (array_like of shape (B,), sequence of arrays)
        For each panel and method, numbers of evaluations and, for each, the errors of its runs.
    families : sequence of sequence of str
        The methods, those of one colour together.
    floor : float
        Smaller errors are drawn here.
    """
    told = []
    with figure(9.6, 5.4) as fig:
        axes_of = fig.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axes, (title, methods) in zip(axes_of, panels.items(), strict=True):
            for colour, family in zip((*COLOURS[:4], INK), families, strict=True):
                for member, name in enumerate(family):
                    cost, errors = methods[name]
                    height, half = _with_intervals(errors, floor)
                    axes.errorbar(
                        np.asarray(cost),
                        height,
                        yerr=half,
                        fmt=("o-", "s--", "^:")[member],
                        color=colour,
                        linewidth=1.4,
                        markersize=6,
                        elinewidth=1.0,
                        capsize=2,
                        label=name,
                    )
                    last = f"{height[-1]:.1g}" if height[-1] > floor else f"below {floor:g}"
                    told.append(f"{title}, {name}: {last}")
            axes.axhline(0.1, color=GREY, linewidth=0.8, linestyle=":")
            axes.text(0.7, 0.1, "10 per cent off", va="bottom", fontsize=8)
            axes.set(xlabel="evaluations of the joint density", title=title, xscale="log")
            axes.set(yscale="log", xlim=(0.6, None))
        low, high = int(np.log10(floor)), 3
        axes_of[0].set_yticks(
            10.0 ** np.arange(low, high),
            [f"$10^{{{low}}}$\nor less", *(f"$10^{{{n}}}$" for n in range(low + 1, high))],
        )
        axes_of[0].set_ylabel(r"error of $\log\,p(x)$, root mean square")
        handles, labels = axes_of[0].get_legend_handles_labels()
        fig.legend(handles, labels, loc="outside lower center", ncols=5, fontsize=9)
        show(
            fig,
            f"Error of the log evidence against the number of evaluations, both scales "
            f"logarithmic, with bars for the uncertainty of the error. At the largest number: "
            f"{'; '.join(told)}.",
        )


def _with_intervals(errors: Sequence[ArrayLike], floor: float) -> tuple[Array, Array]:
    """Root mean square of the runs for each cost, and how far its 95 % interval reaches.

    The interval resamples the runs (bootstrap). A single run has none.
    """
    rng = np.random.default_rng(0)
    height, ends = [], []
    for each in errors:
        runs = np.asarray(each, dtype=float)
        resampled = runs[rng.integers(len(runs), size=(400, len(runs)))]
        height.append(_root_mean_square(runs))
        ends.append(np.quantile(_root_mean_square(resampled), [0.025, 0.975]))
    middle = np.maximum(height, floor)
    return middle, np.abs(np.maximum(ends, floor).T - middle)


def _root_mean_square(errors: Array) -> Array:
    square: Array = np.sqrt(np.mean(errors**2, axis=-1))
    return square
