"""The exercise ``capstone.gamma_poisson_log_marginal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import math

import numpy as np
import scipy
from scipy.special import gammaln

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["GAMMA_POISSON_LOG_MARGINAL"]


def gamma_poisson_log_marginal(counts, shape, rate):
    events, exposure = shape + np.sum(counts), rate + len(counts)
    prior = shape * np.log(rate) - gammaln(shape)
    return float(prior + gammaln(events) - events * np.log(exposure) - gammaln(counts + 1).sum())


def _counts(rng: np.random.Generator) -> list[Case]:
    def counts(n: int, mean: float) -> np.ndarray:
        some = rng.poisson(mean, n).astype(float)
        some[0] += 2.0  # no case of the typical ones is without an event
        return some

    def prior() -> tuple[float, float]:
        return rng.uniform(1.5, 5.0), rng.uniform(0.3, 0.7)

    one, far = "a single count", "long series and large counts"
    return [
        *(
            Case((counts(n, mean), *prior()), "a few counts")
            for n, mean in ((4, 1.2), (5, 3.0), (7, 0.8), (12, 2.0))
        ),
        Case((counts(8, 1.5), rng.uniform(0.3, 0.8), rng.uniform(2.0, 4.0)), "a prior near zero"),
        *(Case((counts(1, 2.0), *prior()), one, one) for _ in range(2)),
        *(Case((np.zeros(0), *prior()), "no counts at all", "no counts") for _ in range(2)),
        *(Case((np.zeros(n), *prior()), "only zeros", "only zeros") for n in (3, 8)),
        *(
            Case((counts(n, mean), *prior()), far, "extreme values")
            for n, mean in ((400, 3.0), (6, 900.0), (150, 40.0))
        ),
    ]


def _log_probability(log_px, counts, shape, rate):
    return bool(log_px <= 1e-3)


@misconception(
    "You left the factorials of the counts out.",
    "They do not depend on the rate, and for its posterior they cancel; the probability of the "
    "counts is not complete without them.",
)
def factorials_left_out(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    return (
        shape * np.log(rate)
        - scipy.special.gammaln(shape)
        + scipy.special.gammaln(a)
        - a * np.log(b)
    )


@misconception(
    "You left the constant of the prior out.",
    "For the shape of the posterior it does not matter; for the marginal it does, and without it "
    "nothing says how much a vague prior costs.",
)
def prior_constant_left_out(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    return scipy.special.gammaln(a) - a * np.log(b) - np.sum(scipy.special.gammaln(counts + 1))


@misconception(
    "You read the second parameter of the prior as a scale.",
    "Many libraries, numpy and scipy among them, ask for a scale; here it is the rate, its "
    "inverse.",
)
def rate_as_scale(counts, shape, rate):
    a, b = shape + np.sum(counts), 1 / rate + len(counts)
    prior = -shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials


@misconception(
    "You gave each count a rate of its own.",
    "One marginal for each count, added up, is what chapter 3 does for data with a hidden value "
    "each; these counts share a single rate, and so each tells something about the others.",
)
def a_rate_for_each_count(counts, shape, rate):
    return np.sum(scipy.stats.nbinom.logpmf(counts, shape, rate / (rate + 1)))


@misconception(
    "You returned the likelihood at the rate that fits best.",
    "It is the largest value that the likelihood has; the marginal is its average over the prior, "
    "and an average is smaller.",
)
def best_rate_plugged_in(counts, shape, rate):
    best = np.mean(counts) if len(counts) else 0.0
    return np.sum(scipy.stats.poisson.logpmf(counts, best))


@misconception(
    "You plugged the posterior mean of the rate into the likelihood.",
    "It is a good estimate of the rate; but a single rate, however good, does not stand for the "
    "average over all of them.",
)
def posterior_mean_plugged_in(counts, shape, rate):
    mean = (shape + np.sum(counts)) / (rate + len(counts))
    return np.sum(scipy.stats.poisson.logpmf(counts, mean))


@misconception(
    "You plugged the mean of the prior into the likelihood.",
    "The average of a likelihood is not the likelihood at the average.",
)
def prior_mean_plugged_in(counts, shape, rate):
    return np.sum(scipy.stats.poisson.logpmf(counts, shape / rate))


@misconception(
    "You returned the probability of the total instead of the counts one by one.",
    "The total is all that matters for the rate; but many different series have the same total, "
    "and the question was about this one.",
)
def probability_of_the_total(counts, shape, rate):
    n = len(counts)
    if n == 0:
        return 0.0
    return scipy.stats.nbinom.logpmf(np.sum(counts), shape, rate / (rate + n))


@misconception(
    "You added one to the rate of the prior, whatever the number of counts.",
    "That is right for a single count; each further one adds its year of watching.",
)
def one_count_watched(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + 1
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials


@misconception(
    "You exchanged the number of events and the number of counts.",
    "Both numbers update the prior; events go with the shape, and the number of counts with the "
    "rate.",
)
def events_and_years_exchanged(counts, shape, rate):
    a, b = shape + len(counts), rate + np.sum(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials


@misconception(
    "You took the factorial of the total instead of the factorial of each count.",
    "The total has replaced the counts everywhere else; here each count has its own.",
)
def factorial_of_the_total(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorial = scipy.special.gammaln(np.sum(counts) + 1)
    return prior + scipy.special.gammaln(a) - a * np.log(b) - factorial


@misconception(
    "You added one to the posterior's shape inside the gamma function.",
    "A factorial needs that one, since the gamma function of a number is the factorial of one "
    "less; the constant of a gamma density takes the shape as it is.",
)
def gamma_one_too_far(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    return prior + scipy.special.gammaln(a + 1) - a * np.log(b) - factorials


@misconception(
    "You evaluated the joint density at the most probable rate.",
    "It is the height of the curve; the marginal is the area below it, and the width is missing.",
)
def height_for_area(counts, shape, rate):
    mode = max((shape + np.sum(counts) - 1) / (rate + len(counts)), 1e-9)
    prior = scipy.stats.gamma.logpdf(mode, shape, scale=1 / rate)
    return prior + np.sum(scipy.stats.poisson.logpmf(counts, mode))


@misconception(
    "You divided by the number of counts.",
    "A mean per count is handy when series of different lengths are compared; the specification "
    "asks for the whole series.",
)
def mean_per_count(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    whole = prior + scipy.special.gammaln(a) - a * np.log(b) - factorials
    return whole / max(len(counts), 1)


@misconception(
    "You added the prior to the counts twice.",
    "The shape and the rate of the posterior are there already, with the prior in them; it is easy "
    "to take them for the bare totals.",
)
def prior_added_twice(counts, shape, rate):
    a, b = 2 * shape + np.sum(counts), 2 * rate + len(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials


@misconception(
    "You took the exponent of the density for the shape.",
    "In a gamma density the power to which the rate is raised is one less than the shape; its "
    "normaliser goes by the shape.",
)
def exponent_for_shape(counts, shape, rate):
    a, b = shape + np.sum(counts) - 1, rate + len(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials


@misconception(
    "You multiplied by the constant of the posterior instead of dividing by it.",
    "It has the same form as that of the prior, so one is tempted to treat both alike; but the "
    "prior's constant is a factor of the integrand, and the integral of the rest is one over the "
    "posterior's.",
)
def posterior_constant_multiplied(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    return prior + a * np.log(b) - scipy.special.gammaln(a) - factorials


@misconception(
    "You divided by the constant of the prior instead of multiplying by it.",
    "One of the two constants is divided by; it is the other, that of the posterior.",
)
def prior_constant_divided(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    return scipy.special.gammaln(a) - a * np.log(b) - prior - factorials


@misconception(
    "You divided by the rate of the posterior once.",
    "A single division looks like that by the number of counts in a mean; in the normaliser of a "
    "gamma density the rate is raised to the power of the shape.",
)
def power_left_out(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    return prior + scipy.special.gammaln(a) - np.log(b) - factorials


@misconception(
    "You multiplied by the power of the posterior's rate instead of dividing by it.",
    "That of the prior's rate is a factor; the posterior's constant goes the other way round, and "
    "its power with it.",
)
def power_multiplied(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    return prior + scipy.special.gammaln(a) + a * np.log(b) - factorials


@misconception(
    "You multiplied by the factorials of the counts instead of dividing by them.",
    "All other terms are gamma functions too, and some of them are factors; the factorials of a "
    "Poisson distribution stand below the line.",
)
def factorials_multiplied(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    return prior + scipy.special.gammaln(a) - a * np.log(b) + factorials


@misconception(
    "You multiplied gamma functions and factorials as they are, and took the logarithm at the end.",
    "It is right for a handful of counts; but the gamma function of 200 is too large for floating "
    "point. Add logarithms from the start.",
)
def exponentiated_as_is(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    ratio = scipy.special.gamma(a) / scipy.special.gamma(shape) * rate**shape / b**a
    return np.log(ratio / np.prod(scipy.special.factorial(counts)))


@misconception(
    "You averaged the counts first and took the factorial of that average, once for each count.",
    "The mean tells all that the counts say about the rate; but the counts themselves are what was "
    "observed.",
)
def mean_count_for_each(counts, shape, rate):
    if len(counts) == 0:
        return 0.0
    a, b, n = shape + np.sum(counts), rate + len(counts), len(counts)
    prior = shape * np.log(rate) - math.lgamma(shape)
    return prior + math.lgamma(a) - a * np.log(b) - n * math.lgamma(np.mean(counts) + 1)


GAMMA_POISSON_LOG_MARGINAL = Exercise(
    name="capstone.gamma_poisson_log_marginal",
    returns=("log p(x)",),
    section="One rate",
    reference=gamma_poisson_log_marginal,
    cases=_counts,
    properties=(
        Property(
            _log_probability,
            "Counts are whole numbers, so that theirs is a probability and not a density: its "
            "logarithm cannot be above zero. Yours is.",
        ),
    ),
    misconceptions=(
        factorials_left_out,
        prior_constant_left_out,
        rate_as_scale,
        a_rate_for_each_count,
        best_rate_plugged_in,
        posterior_mean_plugged_in,
        prior_mean_plugged_in,
        probability_of_the_total,
        one_count_watched,
        events_and_years_exchanged,
        factorial_of_the_total,
        gamma_one_too_far,
        height_for_area,
        mean_per_count,
        mean_count_for_each,
        prior_added_twice,
        exponent_for_shape,
        posterior_constant_multiplied,
        prior_constant_divided,
        power_left_out,
        power_multiplied,
        factorials_multiplied,
        exponentiated_as_is,
    ),
)
