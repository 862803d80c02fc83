"""The exercise ``latent_variables.log_normal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.distributions import Normal
from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["LOG_NORMAL"]


def log_normal(x, mean, scale):
    return Normal(mean, scale).log_prob(x)


def _points(rng: np.random.Generator) -> list[Case]:
    def scale(size=None):
        return rng.uniform(1.3, 3.0, size)

    def several(k: int, n: int):
        return rng.normal(0.0, 2.0, n), rng.normal(0.0, 2.0, (k, 1)), scale((k, 1))

    narrow, far = "narrow curves", "far from the mean"
    apart = np.array([[-1000.0], [1000.0]])
    return [
        Case((rng.normal(0.0, 2.0, 6), 1.5, 2.0), "many points under one curve"),
        Case((*rng.normal(0.0, 2.0, (2, 5)), scale(5)), "a curve for each point"),
        Case(several(3, 4), "several means and scales against several points"),
        Case(several(3, 3), "several means and scales against as many points"),
        Case((float(rng.normal()), 0.5, 1.7), "a single point"),
        Case((rng.normal(0.0, 0.2, 5), 0.1, 0.2), "a scale well below one", narrow),
        Case((rng.normal(1.0, 0.02, 4), 1.0, scale((2, 1)) / 80), "scales near zero", narrow),
        Case((np.array([-1000.0, 0.5, 1000.0]), 0.0, scale()), "points a thousand away", far),
        Case((rng.normal(size=3), apart, scale((2, 1))), "means a thousand away", far),
        Case((40.0, 0.0, 0.5), "a single point many scales away", far),
    ]


def _highest_at_the_mean(log_p, x, mean, scale):
    return bool(np.all(log_p <= Normal(0.0, scale).log_prob(0.0) + 1e-2))


@misconception(
    "You used the scale as if it were the variance.",
    "Normal curves are often written with a variance as second parameter; here it is the standard "
    "deviation, in the units of x.",
)
def scale_as_variance(x, mean, scale):
    return -0.5 * (x - mean) ** 2 / scale - 0.5 * np.log(2 * np.pi * scale)


@misconception(
    "You divided the squared distance by the scale, not by its square.",
    "The normaliser is right, and the exponent looks right at a glance; but a distance is measured "
    "in scales before it is squared.",
)
def scale_not_squared(x, mean, scale):
    return -0.5 * (x - mean) ** 2 / scale - np.log(scale) - 0.5 * np.log(2 * np.pi)


@misconception(
    "You multiplied by the scale where one divides, so the scale acts as a precision.",
    "Some books state a normal curve by its precision, the inverse of the variance; here a larger "
    "scale makes a wider curve.",
)
def scale_as_precision(x, mean, scale):
    return -0.5 * (x - mean) ** 2 * scale + 0.5 * np.log(scale) - 0.5 * np.log(2 * np.pi)


@misconception(
    "You left out the part of the normaliser that depends on the scale.",
    "Standardising x seems to have dealt with the scale already; but a curve that is made wider "
    "must become lower, or its area is no longer one.",
)
def forgets_the_scale_outside(x, mean, scale):
    return -0.5 * ((x - mean) / scale) ** 2 - 0.5 * np.log(2 * np.pi)


@misconception(
    "You left out the constant part of the normaliser.",
    "A constant does not move the maximum, so it is often dropped; but later chapters add "
    "and compare densities, and there the area has to be one.",
)
def forgets_two_pi(x, mean, scale):
    return -0.5 * ((x - mean) / scale) ** 2 - np.log(scale)


@misconception(
    "Your normaliser lacks its square root.",
    "What stands under the root is easy to remember and the root is easy to lose, above all when "
    "everything is in logarithms; the area is not one without it.",
)
def root_forgotten(x, mean, scale):
    return -0.5 * ((x - mean) / scale) ** 2 - np.log(2 * np.pi * scale**2)


@misconception(
    "You took the scale under the square root of the normaliser, together with 2π.",
    "What stands under the root there is the variance, in many books; the scale, which is its root "
    "already, stands outside.",
)
def scale_under_the_root(x, mean, scale):
    return -0.5 * ((x - mean) / scale) ** 2 - 0.5 * np.log(2 * np.pi * scale)


@misconception(
    "You treated the scale rightly, but left 2π without its square root.",
    "The scale stands outside the root and 2π under it, and in logarithms the root is only a "
    "factor, easily lost; all your values are off by the same amount.",
)
def two_pi_without_root(x, mean, scale):
    return -0.5 * ((x - mean) / scale) ** 2 - np.log(scale) - np.log(2 * np.pi)


@misconception(
    "You added the logarithm of the scale where it is subtracted.",
    "The signs are easily lost on the way into log space; a wider curve is a lower one.",
)
def normaliser_upside_down(x, mean, scale):
    return -0.5 * ((x - mean) / scale) ** 2 + np.log(scale) - 0.5 * np.log(2 * np.pi)


@misconception(
    "You lost the one half in front of the squared distance.",
    "The curve still falls off like a bell and the normaliser is right; but the two no longer fit "
    "together, and the area is not one.",
)
def half_forgotten(x, mean, scale):
    return -(((x - mean) / scale) ** 2) - np.log(scale) - 0.5 * np.log(2 * np.pi)


@misconception(
    "The sign of the squared distance is lost: your density grows away from the mean.",
    "It agrees with the right one at the mean, where people test first; away from the mean a "
    "density has to fall.",
)
def grows_with_distance(x, mean, scale):
    return 0.5 * ((x - mean) / scale) ** 2 - np.log(scale) - 0.5 * np.log(2 * np.pi)


@misconception(
    "You did not square the distance.",
    "The distance in scales is the natural first step; but without the square your curve rises on "
    "one side of the mean and falls on the other.",
)
def distance_not_squared(x, mean, scale):
    return -0.5 * (x - mean) / scale - np.log(scale) - 0.5 * np.log(2 * np.pi)


@misconception(
    "You cut the density off at one.",
    "Nothing likelier than certain exists, so a density above one looks like an error; but only "
    "areas are probabilities, and a narrow curve has to be tall.",
)
def cut_off_at_one(x, mean, scale):
    return np.minimum(scipy.stats.norm.logpdf(x, mean, scale), 0.0)


@misconception(
    "You computed the density first and took its logarithm at the end.",
    "On paper that is the same; but far from the mean the density underflows to zero, and the "
    "logarithm of that is −inf instead of a large negative number.",
)
def logarithm_last(x, mean, scale):
    density = np.exp(-0.5 * ((x - mean) / scale) ** 2) / (scale * np.sqrt(2 * np.pi))
    with np.errstate(divide="ignore"):
        return np.log(density)


@misconception(
    "You returned the density itself, not its logarithm.",
    "It is the formula of the textbooks; the name of the function says that its logarithm is "
    "asked for, because densities of many points underflow.",
)
def density_itself(x, mean, scale):
    return np.exp(-0.5 * ((x - mean) / scale) ** 2) / (scale * np.sqrt(2 * np.pi))


@misconception(
    "You took logarithms to base ten.",
    "Powers of ten are easier to read; in this course every logarithm is a natural one, since the "
    "exponential has to undo it.",
)
def base_ten(x, mean, scale):
    return scipy.stats.norm.logpdf(x, mean, scale) / np.log(10)


@misconception(
    "You computed the logarithm of the probability of falling below x.",
    "That is a probability, and it is what tables of the normal curve hold; the density at x is "
    "the slope of that probability, not its value.",
)
def probability_below(x, mean, scale):
    return scipy.stats.norm.logcdf(x, mean, scale)


@misconception(
    "You added the log densities of all points into one number.",
    "A data set is scored by that sum, later; here each point keeps its own value.",
)
def summed_over_points(x, mean, scale):
    return np.sum(-0.5 * ((x - mean) / scale) ** 2 - np.log(scale) - 0.5 * np.log(2 * np.pi))


LOG_NORMAL = Exercise(
    name="latent_variables.log_normal",
    returns=("log p(x)",),
    section="A density is not a probability",
    reference=log_normal,
    cases=_points,
    properties=(
        Property(
            _highest_at_the_mean,
            "You returned more than the log density at the mean, which is the highest value "
            "possible. Look first at the part that does not contain x, then at the sign of the "
            "part that does.",
        ),
    ),
    misconceptions=(
        scale_as_variance,
        scale_not_squared,
        scale_as_precision,
        forgets_the_scale_outside,
        forgets_two_pi,
        root_forgotten,
        scale_under_the_root,
        two_pi_without_root,
        normaliser_upside_down,
        half_forgotten,
        grows_with_distance,
        distance_not_squared,
        cut_off_at_one,
        logarithm_last,
        density_itself,
        base_ten,
        probability_below,
        summed_over_points,
    ),
)
