"""The exercise ``the_bound.kl_normal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import math

import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["KL_NORMAL"]


def kl_normal(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / prior_scale
    return 0.5 * (ratio**2 + distance**2 - 1) - np.log(ratio)


def _pairs(rng: np.random.Generator) -> list[Case]:
    def mean(*shape: int):
        return rng.normal(0.0, 2.0, shape)

    def scale(*shape: int):
        return rng.uniform(0.4, 3.0, shape)

    def alone(low: float, high: float) -> tuple[float, float, float, float]:
        """Two numbers each, the scales a factor of low to high apart."""
        wide = rng.uniform(1.5, 2.5)
        return float(mean()), wide * rng.uniform(low, high), float(mean()), wide

    def same(k: int):
        middle, spread = mean(k), scale(k)
        return middle, spread, middle.copy(), spread.copy()

    far, apart = "means a thousand away", np.array([-1000.0, 1000.0, 990.0])
    unlike = "scales a thousand times apart"
    return [
        Case((mean(5), scale(5), mean(5), scale(5)), "a prior for each"),
        Case((mean(4), scale(4), 0.7, 1.6), "several against one prior"),
        Case((mean(3, 1), scale(3, 1), mean(4), scale(4)), "all of several against all priors"),
        Case((float(mean()), 0.6, mean(3), scale(3)), "one against several priors"),
        Case(alone(0.2, 0.6), "narrower than the prior, a single pair"),
        Case(alone(1.5, 2.5), "wider than the prior, a single pair"),
        *(Case(same(k), "the prior itself", "the prior itself") for k in (3, 4)),
        Case((apart, scale(3), mean(3), scale(3)), far, "extreme values"),
        Case((mean(3), scale(3), apart, scale(3)), far, "extreme values"),
        Case((mean(3), scale(3) / 1000, mean(3), scale(3)), unlike, "extreme values"),
        Case((mean(3), scale(3), mean(3), scale(3) / 1000), unlike, "extreme values"),
    ]


def _not_negative(kl, mean, scale, prior_mean, prior_scale):
    return bool(np.all(kl >= -1e-2))


@misconception(
    "You computed the divergence of the prior from q, and not that of q from the prior.",
    "A divergence sounds like a distance, which is the same in both directions; this one is not. "
    "The average is taken under the distribution that is named first, which has to be q.",
)
def reversed_direction(mean, scale, prior_mean, prior_scale):
    ratio, distance = prior_scale / scale, (mean - prior_mean) / scale
    return 0.5 * (ratio**2 + distance**2 - 1) - np.log(ratio)


@misconception(
    "You averaged the two directions.",
    "That makes it symmetric, as one expects of a distance; but only one of the directions is the "
    "gap under a bound.",
)
def both_directions(mean, scale, prior_mean, prior_scale):
    there = (scale / prior_scale) ** 2 + ((mean - prior_mean) / prior_scale) ** 2
    back = (prior_scale / scale) ** 2 + ((mean - prior_mean) / scale) ** 2
    return (there + back - 2) / 4


@misconception(
    "You used the scales as if they were variances.",
    "Normal distributions are often written with a variance as second parameter; here it is the "
    "standard deviation.",
)
def scales_as_variances(mean, scale, prior_mean, prior_scale):
    distance = (mean - prior_mean) ** 2 / prior_scale
    return 0.5 * (scale / prior_scale + distance - 1 - np.log(scale / prior_scale))


@misconception(
    "You divided the distance of the means by the scale of q.",
    "It is the distribution whose mean has moved, so its own scale seems to be the yardstick; but "
    "what is asked is how surprising the place is under the prior.",
)
def distance_in_own_scales(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / scale
    return 0.5 * (ratio**2 + distance**2 - 1) - np.log(ratio)


@misconception(
    "You divided the squared distance of the means by the prior's scale, and not by its square.",
    "The rest is right, and the term looks right at a glance; a distance is measured in scales "
    "before it is squared.",
)
def distance_by_scale_unsquared(mean, scale, prior_mean, prior_scale):
    ratio = scale / prior_scale
    return 0.5 * (ratio**2 + (mean - prior_mean) ** 2 / prior_scale - 1) - np.log(ratio)


@misconception(
    "You did not measure the distance of the means in scales of the prior.",
    "With a standard normal prior it makes no difference, and most programs have only that; this "
    "prior has a scale of its own.",
)
def distance_unscaled(mean, scale, prior_mean, prior_scale):
    ratio = scale / prior_scale
    return 0.5 * (ratio**2 + (mean - prior_mean) ** 2 - 1) - np.log(ratio)


@misconception(
    "You assumed a standard normal prior.",
    "It is the usual prior of a hidden variable; but here the prior's mean and scale are "
    "arguments, and they count.",
)
def standard_normal_prior(mean, scale, prior_mean, prior_scale):
    kl = 0.5 * (scale**2 + mean**2 - 1) - np.log(scale)
    return kl + 0 * (prior_mean + prior_scale)


@misconception(
    "You compared the means and took the scales as equal.",
    "It is the part that one sees first; but a belief that is too narrow or too wide is a "
    "different distribution even in the right place.",
)
def means_only(mean, scale, prior_mean, prior_scale):
    return 0.5 * ((mean - prior_mean) / prior_scale) ** 2 + 0 * scale


@misconception(
    "You compared the scales and took the means as equal.",
    "A standardised variable has mean zero, so the means seem to be dealt with; but how far apart "
    "they lie is a part of the divergence.",
)
def scales_only(mean, scale, prior_mean, prior_scale):
    ratio = scale / prior_scale
    return 0.5 * (ratio**2 - 1) - np.log(ratio) + 0 * (mean - prior_mean)


@misconception(
    "You forgot to take off the constant at the end.",
    "A constant does not move the best q, so it is often dropped; but two equal distributions have "
    "to have divergence zero, and yours do not.",
)
def constant_forgotten(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / prior_scale
    return 0.5 * (ratio**2 + distance**2) - np.log(ratio)


@misconception(
    "The logarithm of the scales has the wrong sign.",
    "Whether it is one scale over the other or the other over the one is soon mixed up; a narrow "
    "belief lies further from a wide prior, and not nearer.",
)
def logarithm_upside_down(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / prior_scale
    return 0.5 * (ratio**2 + distance**2 - 1) + np.log(ratio)


@misconception(
    "You left the logarithm of the scales out.",
    "The squares are what one remembers of a normal distribution; the logarithm is the difference "
    "of the two normalisers, and it alone forbids a q without width.",
)
def logarithm_left_out(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / prior_scale
    return 0.5 * (ratio**2 + distance**2 - 1)


@misconception(
    "You counted the logarithm of the scales only by half.",
    "With variances inside, one half stands before all the terms; with scales inside, the "
    "logarithm has lost its half already.",
)
def logarithm_halved(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / prior_scale
    return 0.5 * (ratio**2 + distance**2 - 1 - np.log(ratio))


@misconception(
    "You halved neither the squares nor the constant.",
    "The half belongs to the exponent of a normal distribution and is easily lost between the "
    "terms.",
)
def half_forgotten(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / prior_scale
    return ratio**2 + distance**2 - 1 - np.log(ratio)


@misconception(
    "You did not halve the squares, though you halved the constant.",
    "The two stands below the line beside the prior's variance, and is easily lost when that "
    "is written first.",
)
def squares_not_halved(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / prior_scale
    return ratio**2 + distance**2 - 0.5 - np.log(ratio)


@misconception(
    "You multiplied the squares by the prior's variance where they are to be divided by it.",
    "Written on one line it reads like the formula; but without brackets only the next factor is "
    "divided by, and the one after it multiplies.",
)
def brackets_forgotten(mean, scale, prior_mean, prior_scale):
    squares = scale**2 + (mean - prior_mean) ** 2
    return np.log(prior_scale / scale) + squares / 2 * prior_scale**2 - 0.5


@misconception(
    "You did not square the distance of the means.",
    "The scale beside it has its square, and the eye lends it to both; but a mean too low by some "
    "amount is as far away as one too high.",
)
def distance_not_squared(mean, scale, prior_mean, prior_scale):
    squares = scale**2 + (mean - prior_mean)
    return np.log(prior_scale / scale) + squares / (2 * prior_scale**2) - 0.5


@misconception(
    "You counted the logarithm of the scales twice.",
    "With variances inside it needs a half before it; without the half it takes scales.",
)
def logarithm_doubled(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / prior_scale
    return 0.5 * (ratio**2 + distance**2 - 1) - np.log(ratio**2)


@misconception(
    "You used a logarithm that takes a single number.",
    "It serves for one pair; but arrays are allowed too, and numpy has a logarithm for both.",
)
def single_numbers_only(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / prior_scale
    return 0.5 * (ratio**2 + distance**2 - 1) - math.log(ratio)


@misconception(
    "You compared the two densities at the mean of q, and not on average under q.",
    "The mean is the typical place; but away from it the two differ by other amounts, and the "
    "divergence is the average.",
)
def at_the_mean_only(mean, scale, prior_mean, prior_scale):
    log_q = -np.log(scale)
    return log_q + np.log(prior_scale) + 0.5 * ((mean - prior_mean) / prior_scale) ** 2


@misconception(
    "You returned the average of the log prior with its sign turned, without the entropy of q.",
    "It says how surprising q's values are under the prior; the divergence asks how much more "
    "surprising they are than under q itself.",
)
def cross_entropy(mean, scale, prior_mean, prior_scale):
    squares = (scale**2 + (mean - prior_mean) ** 2) / prior_scale**2
    return 0.5 * squares + np.log(prior_scale) + 0.5 * np.log(2 * np.pi)


@misconception(
    "You returned the divergence with its sign turned.",
    "The bound contains the divergence with a minus; the divergence itself is never negative.",
)
def negative_divergence(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / prior_scale
    return np.log(ratio) - 0.5 * (ratio**2 + distance**2 - 1)


@misconception(
    "You added everything up to one number.",
    "For independent hidden values the sum is what the bound needs; the specification asks for one "
    "divergence for each pair.",
)
def total_for_all(mean, scale, prior_mean, prior_scale):
    ratio, distance = scale / prior_scale, (mean - prior_mean) / prior_scale
    return np.sum(0.5 * (ratio**2 + distance**2 - 1) - np.log(ratio))


@misconception(
    "You computed the divergence from the densities on a grid near the prior.",
    "A sum over a grid is right as long as the grid covers q and is finer than q is wide; the "
    "arguments go far beyond, and the integral is known exactly.",
)
def on_a_fixed_grid(mean, scale, prior_mean, prior_scale):
    z = np.linspace(-20.0, 20.0, 4001)
    mean, scale, prior_mean, prior_scale = (
        np.asarray(a)[..., None] for a in (mean, scale, prior_mean, prior_scale)
    )
    log_q = scipy.stats.norm.logpdf(z, mean, scale)
    log_prior = scipy.stats.norm.logpdf(z, prior_mean, prior_scale)
    return np.sum(np.exp(log_q) * (log_q - log_prior), axis=-1) * 0.01


KL_NORMAL = Exercise(
    name="the_bound.kl_normal",
    returns=("the divergence",),
    section="How far apart are two distributions?",
    reference=kl_normal,
    cases=_pairs,
    properties=(
        Property(
            _not_negative,
            "A divergence is never negative: on average, nothing explains draws from q better "
            "than q. Yours is.",
        ),
    ),
    misconceptions=(
        reversed_direction,
        both_directions,
        scales_as_variances,
        distance_in_own_scales,
        distance_by_scale_unsquared,
        distance_unscaled,
        standard_normal_prior,
        means_only,
        scales_only,
        constant_forgotten,
        logarithm_upside_down,
        logarithm_left_out,
        logarithm_halved,
        half_forgotten,
        squares_not_halved,
        brackets_forgotten,
        distance_not_squared,
        logarithm_doubled,
        single_numbers_only,
        at_the_mean_only,
        cross_entropy,
        negative_divergence,
        total_for_all,
        on_a_fixed_grid,
    ),
)
