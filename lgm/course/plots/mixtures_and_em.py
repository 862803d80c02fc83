"""The figures of chapter 8: one normal that fails, EM at work, and what can go wrong with it."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patches import Ellipse
from numpy.typing import ArrayLike, NDArray

from lgm.course.plots.style import COLOURS, INK, figure, show

__all__ = [
    "coordinate_ascent",
    "em_frames",
    "label_switching",
    "local_maxima",
    "one_normal_fails",
    "singularity",
]

Array = NDArray[np.float64]

_BETWEEN = LinearSegmentedColormap.from_list("responsibility", [COLOURS[1], "#b9b5ad", COLOURS[0]])
_DASHES = ("-", "--", ":", "-.")


def _ellipses(axes: Axes, mean: Array, covariance: Array, colour: str) -> None:
    """Draw where a normal distribution is one and two scales from its mean."""
    values, vectors = np.linalg.eigh(covariance)
    angle = np.degrees(np.arctan2(vectors[1, 1], vectors[0, 1]))
    for radius in (1.0, 2.0):
        height, width = 2.0 * radius * np.sqrt(values)
        axes.add_patch(
            Ellipse((mean[0], mean[1]), width, height, angle=angle, fill=False, edgecolor=colour)
        )
    axes.plot(*mean, "X", color=colour, markersize=9, markeredgecolor="white")


def one_normal_fails(x: ArrayLike, mean: ArrayLike, covariance: ArrayLike) -> None:
    """Show a normal distribution over two clouds, and how many points it expects how far out.

    Parameters
    ----------
    x : array_like of shape (N, 2)
        Eruptions of Old Faithful: duration and wait, in minutes.
    mean, covariance : array_like of shape (2,) and (2, 2)
        Of the normal distribution.
    """
    points, middle, matrix = np.asarray(x), np.asarray(mean), np.asarray(covariance)
    residuals = points - middle
    distance = np.sqrt(np.sum(residuals.T * np.linalg.solve(matrix, residuals.T), axis=0))
    edges = np.arange(0.0, distance.max() + 0.25, 0.25)
    survival = np.exp(-0.5 * edges**2)
    seen, expected = np.histogram(distance, edges)[0], -len(points) * np.diff(survival)
    with figure(8.8, 3.6) as fig:
        cloud, bars = fig.subplots(1, 2, width_ratios=[1.0, 1.1])
        cloud.plot(*points.T, ".", color=COLOURS[0], alpha=0.5, markeredgewidth=0)
        _ellipses(cloud, middle, matrix, COLOURS[1])
        cloud.set(
            xlabel="eruption, minutes",
            ylabel="wait until the next, minutes",
            title="one normal: one and two scales",
        )
        bars.bar(edges[:-1], seen, 0.25, align="edge", color=COLOURS[5], label="eruptions")
        bars.stairs(expected, edges, color=COLOURS[1], linewidth=1.8, label="expected")
        bars.legend(loc="upper right")
        bars.set(xlabel="distance from the mean, in scales", ylabel="number")
        near = int((distance < 0.5).sum())
        show(
            fig,
            f"Left: {len(points)} eruptions in two clouds, and the ellipses of one normal "
            f"distribution; its mean at {middle[0]:.2f} and {middle[1]:.1f} minutes lies in the "
            f"gap between the clouds. Right: how far they are from the mean. Within half a scale "
            f"there are {near}, where the normal expects {len(points) * (1 - survival[2]):.0f}; "
            f"between 0.75 and 1.5 scales there are {seen[3:6].sum()}, expected "
            f"{expected[3:6].sum():.0f}.",
        )


def em_frames(
    x: ArrayLike,
    frames: Mapping[int, tuple[ArrayLike, ArrayLike, ArrayLike]],
    log_likelihoods: ArrayLike,
) -> None:
    """Show two components finding their clouds.

    Parameters
    ----------
    x : array_like of shape (N, 2)
        Eruptions of Old Faithful.
    frames : mapping of int to (responsibilities (2, N), means (2, 2), covariances (2, 2, 2))
        Five steps, by number.
    log_likelihoods : array_like of shape (M,)
        Of the start and after each step.
    """
    points, heights = np.asarray(x), np.asarray(log_likelihoods, dtype=float)
    told = []
    with figure(7.6, 4.5) as fig:
        panels = fig.subplots(2, 3)
        for axes, (step, (r, means, covariances)) in zip(panels.flat, frames.items(), strict=False):
            first = np.asarray(r, dtype=float)[0]
            axes.scatter(*points.T, c=first, cmap=_BETWEEN, vmin=0, vmax=1, s=8, linewidth=0)
            centres = np.asarray(means, dtype=float)
            for k, matrix in enumerate(np.asarray(covariances, dtype=float)):
                _ellipses(axes, centres[k], matrix, COLOURS[k])
            axes.set(xlim=(0.8, 6.2), ylim=(32, 108))
            axes.set_title(f"step {step}" if step else "start", fontsize=10)
            told.append(
                f"step {step}: means at {centres[0, 0]:.1f}, {centres[0, 1]:.0f} and "
                f"{centres[1, 0]:.1f}, {centres[1, 1]:.0f}, log likelihood {heights[step]:.0f}"
            )
        for axes in panels[1, :2]:
            axes.set_xlabel("eruption, minutes")
        for axes in panels[:, 0]:
            axes.set_ylabel("wait, minutes")
        last = panels[1, 2]
        last.plot(heights, color=INK)
        steps = list(frames)
        last.plot(steps, heights[steps], "o", color=COLOURS[2])
        # The first step gains more than all others, and would flatten them.
        low, high = heights[1], heights[-1]
        last.set_ylim(low - 0.45 * (high - low), high + 0.08 * (high - low))
        last.annotate(
            f"start: {heights[0]:.0f}",
            (0.3, last.get_ylim()[0]),
            xytext=(22, 8),
            textcoords="offset points",
            fontsize=9,
            arrowprops={"arrowstyle": "->", "color": INK},
        )
        last.set(xlabel="step", title="log likelihood")
        last.title.set_fontsize(10)
        show(
            fig,
            "Eruptions of Old Faithful, coloured by responsibility, with the ellipses of two "
            f"components, and the log likelihood against the step. {'; '.join(told)}. The "
            "ellipses start as wide as the data, share the points, and end with one cloud each.",
        )


def coordinate_ascent(
    mu: ArrayLike,
    log_likelihood: ArrayLike,
    bound: ArrayLike,
    path: Sequence[float],
) -> None:
    """Show EM as a climb on the bound, first in one direction and then in the other.

    Parameters
    ----------
    mu : array_like of shape (G,)
        Values of the one free parameter, evenly spaced.
    log_likelihood : array_like of shape (G,)
        At these values.
    bound : array_like of shape (G, G)
        The lower bound: row i has the responsibilities that belong to ``mu[i]``, column j the
        parameter ``mu[j]``.
    path : sequence of float
        The parameter at the start and after each step.
    """
    at, curve = np.asarray(mu, dtype=float), np.asarray(log_likelihood, dtype=float)
    surface, visited = np.asarray(bound, dtype=float), np.asarray(path, dtype=float)
    near = np.abs(at[:, None] - visited).argmin(axis=0)
    low = curve[near[0]] - 0.6 * np.ptp(curve)
    told = []
    with figure(8.2, 3.8) as fig:
        slices, plane = fig.subplots(1, 2)
        slices.plot(at, curve, color=INK, linewidth=2.4, label="log likelihood")
        for step, (here, there) in enumerate(itertools.pairwise(near)):
            row, colour = surface[here], COLOURS[step]
            slices.plot(at, row, "--", color=colour, label=f"bound after E-step {step + 1}")
            slices.plot(at[here], curve[here], "o", color=colour, zorder=4)
            slices.plot(at[there], row[there], "^", color=colour, zorder=4)
            slices.plot(at[[there, there]], [row[there], curve[there]], ":", color=INK, lw=1.2)
            told.append(
                f"it touches at {at[here]:.1f} with {curve[here]:.0f}, and its top at "
                f"{at[there]:.1f} has {row[there]:.0f}, where the log likelihood is "
                f"{curve[there]:.0f}"
            )
        slices.set_ylim(low, curve.max() + 0.12 * np.ptp(curve))
        slices.legend(loc="lower center", fontsize=8)
        slices.set(
            xlabel="mean of the short waits, minutes",
            ylabel="nats",
            title="○ E-step: touch   △ M-step: to the top",
        )
        levels = np.linspace(low, surface.max(), 12)
        plane.contour(at, at, surface.T, levels, colors="#b9b5ad", linewidths=0.8, linestyles="-")
        plane.plot(at, at, color=INK, linewidth=1.0, linestyle=":")
        plane.text(
            at[0], at[0], "     KL = 0", va="bottom",
            rotation=45, rotation_mode="anchor", fontsize=8,
        )  # fmt: skip
        for step, (here, there) in enumerate(itertools.pairwise(visited)):
            start = (here, here)
            for end in ((here, there), (there, there)):
                plane.annotate(
                    "", end, start,
                    arrowprops={"arrowstyle": "->", "color": COLOURS[step], "linewidth": 2.0},
                )  # fmt: skip
                start = end
        plane.set(
            xlabel="responsibilities: posterior at this mean",
            ylabel="mean of the short waits, minutes",
            title="along a column: M-step   across: E-step",
        )
        plane.set_aspect("equal")
        show(
            fig,
            f"Left: the log likelihood against one mean, and {len(told)} lower bounds. "
            f"{'; '.join(told).capitalize()}. Right: contours of the bound over responsibilities "
            f"and mean. The path is a stair: along a column to the best mean, then across to the "
            f"diagonal, where the bound equals the log likelihood.",
        )


def singularity(
    x: ArrayLike,
    grid: ArrayLike,
    densities: Mapping[str, ArrayLike],
    scales: ArrayLike,
    log_likelihood: ArrayLike,
    penalised: ArrayLike,
    best: float,
) -> None:
    """Show a component that closes in on one point.

    Parameters
    ----------
    x : array_like of shape (N,)
        Velocities of galaxies, in 1,000 km/s.
    grid : array_like of shape (G,)
        Where the densities are given.
    densities : mapping of str to array_like of shape (G,)
        Of the mixture, by the scale of the component on the point.
    scales : array_like of shape (M,)
        Its scale.
    log_likelihood, penalised : array_like of shape (M,)
        Log likelihood at that scale, and with the log density of a prior added.
    best : float
        The highest log likelihood of a sensible fit with three components.
    """
    at, s = np.asarray(grid, dtype=float), np.asarray(scales, dtype=float)
    curve, with_prior = np.asarray(log_likelihood), np.asarray(penalised)
    crossing = s[curve > best].max()
    with figure(8.8, 3.6) as fig:
        spikes, growth = fig.subplots(1, 2)
        spikes.hist(np.asarray(x), 40, density=True, color=COLOURS[5], alpha=0.6, linewidth=0)
        for n, (name, density) in enumerate(densities.items()):
            spikes.plot(at, np.asarray(density), _DASHES[n], color=COLOURS[n], label=name, lw=1.4)
        spikes.legend(title="scale of the component", fontsize=9)
        spikes.set(xlabel="velocity, 1,000 km/s", ylabel="density")
        growth.semilogx(s, curve, color=COLOURS[1], label="log likelihood")
        growth.semilogx(s, with_prior, "--", color=COLOURS[2], label="with a prior on the scale")
        growth.axhline(best, color=INK, linewidth=1.0, linestyle=":")
        growth.text(s.max(), best, "best sensible fit, K = 3", va="bottom", ha="left", fontsize=9)
        growth.set_ylim(curve[s > 0.1].min() - 30, curve.max() + 4)
        growth.invert_xaxis()
        growth.legend(loc="lower right", fontsize=9)
        growth.set(xlabel="scale of the component on one point", ylabel="nats")
        peak = int(with_prior.argmax())
        show(
            fig,
            f"Left: a histogram of {len(np.asarray(x))} velocities, and the density of a broad "
            f"normal with a component on one point, for scales {', '.join(densities)}: an ever "
            f"taller spike. Right: the log likelihood against that scale, logarithmic and "
            f"falling to {s.min():.0e}. It rises in a straight line without end and passes the "
            f"best sensible fit, {best:.1f}, below {crossing:.0e}. With a prior it peaks at "
            f"{with_prior[peak]:.1f} at a scale of {s[peak]:.2g}.",
        )


def local_maxima(
    x: ArrayLike,
    log_likelihoods: ArrayLike,
    grid: ArrayLike,
    densities: Mapping[float, ArrayLike],
) -> None:
    """Show where EM ends from many starts, and what the ends look like.

    Parameters
    ----------
    x : array_like of shape (N,)
        Velocities of galaxies, in 1,000 km/s.
    log_likelihoods : array_like of shape (R,)
        Of the ends of R runs.
    grid : array_like of shape (G,)
        Where the densities are given.
    densities : mapping of float to array_like of shape (G,)
        Densities of the ends, by their log likelihood.
    """
    ends = np.sort(np.asarray(log_likelihoods, dtype=float))[::-1]
    told = []
    with figure(8.8, 3.9) as fig:
        ranks, places = fig.subplots(1, 2, width_ratios=[1.0, 1.5])
        ranks.plot(np.arange(1, len(ends) + 1), ends, ".", color=INK, markersize=4)
        places.hist(np.asarray(x), 60, density=True, color=COLOURS[5], alpha=0.5, linewidth=0)
        for n, (height, density) in enumerate(densities.items()):
            alike = ends[np.abs(ends - height) < 0.1]
            times = len(alike)
            ranks.axhline(alike[0], color=COLOURS[n], linewidth=1.2, linestyle=_DASHES[n])
            label = f"{height:.1f}: {times} of {len(ends)}"
            places.plot(
                np.asarray(grid), np.asarray(density), _DASHES[n], color=COLOURS[n], label=label
            )
            told.append(f"{height:.1f} in {times}")
        ranks.set(xlabel="runs, best first", ylabel="log likelihood at the end")
        places.legend(loc="upper right", fontsize=9)
        places.set(xlabel="velocity, 1,000 km/s", ylabel="density")
        show(
            fig,
            f"Left: the log likelihoods at which {len(ends)} runs end, from {ends[0]:.1f} down to "
            f"{ends[-1]:.1f}, in flat steps. Right: a histogram of the velocities and the "
            f"densities of {len(told)} ends: {'; '.join(told)} of the runs.",
        )


def label_switching(
    mu: ArrayLike,
    surface: ArrayLike,
    ends: ArrayLike,
    x: ArrayLike,
    grid: ArrayLike,
    densities: Mapping[str, ArrayLike],
) -> None:
    """Show two equal maxima, the fits that fell on either, and what their average means.

    Parameters
    ----------
    mu : array_like of shape (G,)
        Values of both means.
    surface : array_like of shape (G, G)
        The log likelihood of mean 1 (row) and mean 2 (column).
    ends : array_like of shape (2, R)
        Means that R fits arrived at.
    x : array_like of shape (N,)
        The data: waiting times in minutes.
    grid : array_like of shape (M,)
        Where the densities are given.
    densities : mapping of str to array_like of shape (M,)
        Of averaged parameters, by how they were averaged.
    """
    at, height = np.asarray(mu, dtype=float), np.asarray(surface, dtype=float)
    found = np.asarray(ends, dtype=float)
    middle = found.mean(axis=1)
    ordered = int((found[0] < found[1]).sum())
    with figure(8.2, 3.8) as fig:
        plane, curves = fig.subplots(1, 2)
        levels = height.max() - np.geomspace(5.0, 4000.0, 11)[::-1]
        plane.contour(at, at, height.T, levels, colors="#b9b5ad", linewidths=0.8, linestyles="-")
        plane.plot(at, at, color=INK, linewidth=1.0, linestyle=":")
        plane.plot(*found, "o", color=COLOURS[0], markersize=4, alpha=0.5, label="one fit")
        plane.plot(*middle, "X", color=COLOURS[1], markersize=11, label="their average")
        plane.legend(loc="upper right", fontsize=9, frameon=True, edgecolor="none")
        plane.set(xlabel="mean of component 1, minutes", ylabel="mean of component 2, minutes")
        plane.set_aspect("equal")
        curves.hist(np.asarray(x), 28, density=True, color=COLOURS[5], alpha=0.5, linewidth=0)
        for n, (name, density) in enumerate(densities.items()):
            curves.plot(
                np.asarray(grid),
                np.asarray(density),
                _DASHES[1 - n],
                color=COLOURS[1 - n],
                label=name,
            )
        curves.set_ylim(0.0, 0.08)
        curves.legend(loc="upper left", fontsize=9)
        curves.set(xlabel="wait, minutes", ylabel="density")
        show(
            fig,
            f"Left: contours of the log likelihood over the means of two components: two equal "
            f"peaks, mirror images across the diagonal. Of {found.shape[1]} fits {ordered} lie on "
            f"one and {found.shape[1] - ordered} on the other; their average, {middle[0]:.1f} and "
            f"{middle[1]:.1f}, lies in the valley between. Right: the waiting times with two "
            f"humps; the density of averaged parameters: {' and '.join(densities)}. The first has "
            f"one hump where there are few waits, the second follows the data.",
        )
