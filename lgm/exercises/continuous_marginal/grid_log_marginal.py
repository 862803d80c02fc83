"""The exercise ``continuous_marginal.grid_log_marginal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.logspace import logsumexp

__all__ = ["GRID_LOG_MARGINAL"]


def grid_log_marginal(log_f, z):
    half_strips = np.diff(z) / 2
    widths = np.append(half_strips, 0.0) + np.append(0.0, half_strips)
    return logsumexp(log_f + np.log(widths))


def _integrand(rng: np.random.Generator, z: np.ndarray) -> np.ndarray:
    """A bump with one steep and one slow side, whose ends are not negligible."""
    u = z - rng.uniform(-0.5, 0.5)
    bump: np.ndarray = rng.normal(-1.0, 1.0) - 0.6 * u**2 + 0.5 * np.tanh(2 * u)
    return bump + 0.3 * rng.normal(size=z.shape)


def _grids(rng: np.random.Generator) -> list[Case]:
    def uneven(g: int) -> np.ndarray:
        return np.asarray(-2.0 + np.cumsum(rng.uniform(0.1, 0.9, g)))

    even = [np.linspace(-2.0, 1.5, 8), np.linspace(-1.0, 3.0, 11)]
    cases = [Case((_integrand(rng, z), z), "a grid with even spacing") for z in even]
    for g in (7, 10, 12):
        z = uneven(g)
        cases.append(Case((_integrand(rng, z), z), "a grid with uneven spacing"))
    for _ in range(2):
        z = uneven(2)
        cases.append(Case((_integrand(rng, z), z), "two nodes, a single strip"))
    for shift in (-1000.0, 1000.0, -1500.0, 1500.0):
        z = uneven(6)
        log_f = _integrand(rng, z) + shift
        cases.append(
            Case((log_f, z), "values too large or too small to exponentiate", "extreme values")
        )
    for g, nodes in ((6, [0, 3]), (8, [1, 2, 7]), (5, slice(None)), (4, slice(None))):
        z = uneven(g)
        log_f = _integrand(rng, z)
        log_f[nodes] = -np.inf
        where = "every node" if nodes == slice(None) else "some of the nodes"
        cases.append(Case((log_f, z), f"an integrand that is zero at {where}", "zeros"))
    return cases


def _between_heights(log_area, log_f, z):
    """An area lies between width times lowest and width times highest value."""
    width = np.log(z[-1] - z[0])
    return bool(log_f.min() + width - 1e-2 <= log_area <= log_f.max() + width + 1e-2)


@misconception(
    "You added the heights at the nodes and left out how far apart the nodes are.",
    "It is the sum of the discrete chapter, where every value of z counts once; but on a line a "
    "finer grid has more nodes, and the total must not grow because of that.",
)
def widths_left_out(log_f, z):
    return scipy.special.logsumexp(log_f)


@misconception(
    "You took the mean height over the nodes.",
    "A mean no longer grows with the number of nodes, so it looks settled; but an area is height "
    "times width, and the mean height of an uneven grid leans towards where the nodes crowd.",
)
def mean_height(log_f, z):
    return scipy.special.logsumexp(log_f) - np.log(len(log_f))


@misconception(
    "You took the mean height over the nodes, times the width of the grid.",
    "Width times mean height is an area, so this is close on a fine even grid; but the two end "
    "nodes own only half a strip each, and on an uneven grid the nodes own strips of different "
    "widths.",
)
def mean_height_times_width(log_f, z):
    return scipy.special.logsumexp(log_f) - np.log(len(log_f)) + np.log(z[-1] - z[0])


@misconception(
    "You gave every strip the height at its left end.",
    "One height for each strip is simple and right in the limit; but the trapezoid rule lets the "
    "two ends of a strip count alike.",
)
def left_ends(log_f, z):
    return scipy.special.logsumexp(log_f[:-1] + np.log(np.diff(z)))


@misconception(
    "You gave every strip the height at its right end.",
    "One height for each strip is simple and right in the limit; but the trapezoid rule lets the "
    "two ends of a strip count alike.",
)
def right_ends(log_f, z):
    return scipy.special.logsumexp(log_f[1:] + np.log(np.diff(z)))


@misconception(
    "You gave every node a full strip, as wide as the first.",
    "One number for all widths is enough on an even grid, apart from its ends; but the two end "
    "nodes own half a strip each, and on an uneven grid the strips differ.",
)
def one_width_for_every_node(log_f, z):
    return scipy.special.logsumexp(log_f + np.log(z[1] - z[0]))


@misconception(
    "You used the first spacing for the whole grid.",
    "On an even grid one spacing is all there is; this grid is uneven, and its strips have widths "
    "of their own.",
)
def first_spacing(log_f, z):
    widths = np.full(len(z), z[1] - z[0])
    widths[[0, -1]] /= 2
    return scipy.special.logsumexp(log_f + np.log(widths))


@misconception(
    "You used the average spacing for the whole grid.",
    "The total width comes out right, so the answer is close; but on an uneven grid wide strips "
    "must count for more than narrow ones.",
)
def average_spacing(log_f, z):
    widths = np.full(len(z), (z[-1] - z[0]) / (len(z) - 1))
    widths[[0, -1]] /= 2
    return scipy.special.logsumexp(log_f + np.log(widths))


@misconception(
    "You gave the first and the last node a whole strip each.",
    "np.gradient returns a spacing for every node, so it looks made for this; but an end node has "
    "a strip on one side only.",
)
def ends_count_whole(log_f, z):
    return scipy.special.logsumexp(log_f + np.log(np.gradient(z)))


@misconception(
    "You added the two ends of each strip and did not halve them.",
    "Both ends belong to the strip, so both are counted; but then every height counts twice.",
)
def halves_forgotten(log_f, z):
    strips = np.logaddexp(log_f[1:], log_f[:-1]) + np.log(np.diff(z))
    return scipy.special.logsumexp(strips)


@misconception(
    "You averaged the two ends of each strip as logarithms.",
    "The logarithms are what you are given; but a strip is as high as its two heights on average, "
    "and the average of their logarithms is lower. A strip with one end at zero would lose all "
    "its area.",
)
def ends_averaged_as_logs(log_f, z):
    strips = (log_f[1:] + log_f[:-1]) / 2 + np.log(np.diff(z))
    return scipy.special.logsumexp(strips)


@misconception(
    "You added the widths themselves to log_f.",
    "A width multiplies a height, and multiplying is adding in log space; but then both have to "
    "be logarithms, and a width is not one yet.",
)
def widths_not_as_logs(log_f, z):
    half_strips = np.diff(z) / 2
    widths = np.append(half_strips, 0.0) + np.append(0.0, half_strips)
    return scipy.special.logsumexp(log_f + widths)


@misconception(
    "You integrated the logarithm of f.",
    "log_f is the array at hand and the rule is the right one; but the area under log f says "
    "nothing about the area under f. It is the heights of f that make the strips.",
)
def integral_of_the_log(log_f, z):
    return np.trapezoid(log_f, z)


@misconception(
    "You took the highest value and multiplied it by the width of the grid.",
    "Near its mode the integrand is largest, so the mode seems to settle it; but an area depends "
    "on how fast the curve falls off, too.",
)
def highest_times_width(log_f, z):
    return log_f.max() + np.log(z[-1] - z[0])


@misconception(
    "You used Simpson's rule.",
    "It is often the more accurate one; here the specification asks for trapezoids, so that there "
    "is one right answer.",
)
def simpson(log_f, z):
    m = log_f.max() if np.isfinite(log_f).any() else 0.0
    return m + np.log(scipy.integrate.simpson(np.exp(log_f - m), x=z))


@misconception(
    "You exponentiated the values as they are.",
    "It reads like the formula and works for moderate numbers; but a likelihood of many "
    "observations is too small for floating point, and a density can be too large.",
)
def exponentiated_as_they_are(log_f, z):
    return np.log(np.trapezoid(np.exp(log_f), z))


@misconception(
    "You subtracted the largest value before exponentiating and did not put it back.",
    "The subtraction keeps the numbers in range; but it rescales the whole area, and the answer "
    "has to be scaled back.",
)
def largest_not_put_back(log_f, z):
    m = log_f.max() if np.isfinite(log_f).any() else 0.0
    return np.log(np.trapezoid(np.exp(log_f - m), z))


@misconception(
    "You subtracted the largest value also where it is minus infinity.",
    "Subtracting the largest value is right nearly always; but infinity minus infinity is NaN, and "
    "an integrand that is zero everywhere has an area of zero, whose logarithm is −inf.",
)
def zero_area_becomes_nan(log_f, z):
    m = log_f.max()
    return m + np.log(np.trapezoid(np.exp(log_f - m), z))


GRID_LOG_MARGINAL = Exercise(
    name="continuous_marginal.grid_log_marginal",
    returns=("log of the area",),
    section="Strips under a curve",
    reference=grid_log_marginal,
    cases=_grids,
    properties=(
        Property(
            _between_heights,
            "An area cannot be more than the width of the grid times the highest value, nor less "
            "than the width times the lowest.",
        ),
    ),
    misconceptions=(
        widths_left_out,
        mean_height,
        mean_height_times_width,
        left_ends,
        right_ends,
        one_width_for_every_node,
        first_spacing,
        average_spacing,
        ends_count_whole,
        halves_forgotten,
        ends_averaged_as_logs,
        widths_not_as_logs,
        integral_of_the_log,
        highest_times_width,
        simpson,
        exponentiated_as_they_are,
        largest_not_put_back,
        zero_area_becomes_nan,
    ),
)
