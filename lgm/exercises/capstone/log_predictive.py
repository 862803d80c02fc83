"""The exercise ``capstone.log_predictive``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy
from scipy.special import gammaln

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["LOG_PREDICTIVE"]


def log_predictive(counts, shape, rate):
    events = shape + np.cumsum(counts) - counts
    exposure = rate + np.arange(len(counts))
    choices = gammaln(events + counts) - gammaln(events) - gammaln(counts + 1)
    return choices + events * np.log(exposure) - (events + counts) * np.log(exposure + 1)


def _series(rng: np.random.Generator) -> list[Case]:
    def counts(n: int, mean: float) -> np.ndarray:
        some = rng.poisson(mean, n).astype(float)
        some[0], some[-1] = rng.integers(2, 5), rng.integers(1, 4)
        return some

    def prior() -> tuple[float, float]:
        return rng.uniform(1.5, 5.0), rng.uniform(0.3, 0.7)

    one, far = "a single count", "long series and large counts"
    return [
        *(
            Case((counts(n, mean), *prior()), "a few counts")
            for n, mean in ((4, 1.2), (5, 3.0), (7, 0.8), (12, 2.0))
        ),
        Case((counts(6, 1.5), rng.uniform(0.3, 0.8), rng.uniform(2.0, 4.0)), "a prior near zero"),
        *(Case((counts(1, 2.0), *prior()), one, one) for _ in range(2)),
        *(Case((np.zeros(n), *prior()), "only zeros", "only zeros") for n in (3, 8)),
        *(
            Case((counts(n, mean), *prior()), far, "extreme values")
            for n, mean in ((300, 3.0), (6, 900.0), (120, 40.0))
        ),
    ]


def _log_probabilities(log_px, counts, shape, rate):
    return bool(np.all(log_px <= 1e-3))


@misconception(
    "You predicted each count with what is known once all have been seen.",
    "The final posterior is the best knowledge there is; but the counts to be predicted are in it, "
    "and that is using them twice.",
)
def known_from_the_end(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    return scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))


@misconception(
    "You let each count help to predict itself.",
    "A running total includes the current count unless it is taken out again; a prediction is made "
    "before.",
)
def count_itself_included(counts, shape, rate):
    a, b = shape + np.cumsum(counts), rate + np.arange(1, len(counts) + 1)
    return scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))


@misconception(
    "You predicted with a single rate, the mean of what was known.",
    "It is the best guess of the rate; but the rate is uncertain, and a prediction that averages "
    "over it is wider.",
)
def mean_rate_plugged_in(counts, shape, rate):
    a, b = shape + np.cumsum(counts) - counts, rate + np.arange(len(counts))
    return scipy.stats.poisson.logpmf(counts, a / b)


@misconception(
    "You predicted every count from the prior.",
    "It is right for the first; after that, the counts before have something to say.",
)
def nothing_learned(counts, shape, rate):
    return scipy.stats.nbinom.logpmf(counts, shape, rate / (rate + 1))


@misconception(
    "You exchanged the two chances of the negative binomial.",
    "Two numbers that add to one are easily exchanged, and books differ in what they call success; "
    "the one with the rate on top goes with the shape.",
)
def chances_exchanged(counts, shape, rate):
    a, b = shape + np.cumsum(counts) - counts, rate + np.arange(len(counts))
    return scipy.stats.nbinom.logpmf(counts, a, 1 / (b + 1))


@misconception(
    "You returned running totals.",
    "They are the log probability of all counts so far; the specification asks for each count by "
    "itself, given those before.",
)
def running_totals(counts, shape, rate):
    a, b = shape + np.cumsum(counts) - counts, rate + np.arange(len(counts))
    return np.cumsum(scipy.stats.nbinom.logpmf(counts, a, b / (b + 1)))


@misconception(
    "You returned the total for the whole series.",
    "The total is the marginal of the series, and what one compares in the end; here each count "
    "has its own value.",
)
def total_of_the_series(counts, shape, rate):
    a, b = shape + np.cumsum(counts) - counts, rate + np.arange(len(counts))
    return np.sum(scipy.stats.nbinom.logpmf(counts, a, b / (b + 1)))


@misconception(
    "You learned from the last count only.",
    "In a chain the last state is all that matters; here one rate is behind all counts, and each "
    "of those before tells as much as the last.",
)
def last_count_only(counts, shape, rate):
    last = np.concatenate([np.zeros(1), counts[:-1]])
    a, b = shape + last, rate + (np.arange(len(counts)) > 0)
    return scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))


@misconception(
    "You counted one count too many as seen.",
    "Counting from one is natural; before the first count none has been seen.",
)
def one_count_too_many(counts, shape, rate):
    a, b = shape + np.cumsum(counts) - counts, rate + np.arange(1, len(counts) + 1)
    return scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))


@misconception(
    "You left the factorials of the counts out.",
    "For the posterior of the rate they cancel; a prediction is a probability over counts, and "
    "without them it does not add to one.",
)
def factorials_left_out(counts, shape, rate):
    a, b = shape + np.cumsum(counts) - counts, rate + np.arange(len(counts))
    ratio = scipy.special.gammaln(a + counts) - scipy.special.gammaln(a)
    return ratio + a * np.log(b) - (a + counts) * np.log(b + 1)


@misconception(
    "You exchanged the number of events and the number of counts in what was learned.",
    "Both update the prior; events go with the shape, and the number of counts with the rate.",
)
def events_and_years_exchanged(counts, shape, rate):
    a, b = shape + np.arange(len(counts)), rate + np.cumsum(counts) - counts
    return scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))


@misconception(
    "You read the second parameter of the prior as a scale.",
    "Many libraries, numpy and scipy among them, ask for a scale; here it is the rate, its "
    "inverse.",
)
def rate_as_scale(counts, shape, rate):
    a, b = shape + np.cumsum(counts) - counts, 1 / rate + np.arange(len(counts))
    return scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))


@misconception(
    "You updated the shape and left the rate as it was.",
    "Events are news; but a year without any is news as well, and the rate is where it is counted.",
)
def rate_not_updated(counts, shape, rate):
    a = shape + np.cumsum(counts) - counts
    return scipy.stats.nbinom.logpmf(counts, a, rate / (rate + 1))


@misconception(
    "You learned from the mean of the counts before, as if it were a single count.",
    "The mean says where the rate is; how many counts it was taken from says how sure one may be.",
)
def mean_as_one_count(counts, shape, rate):
    seen = np.arange(len(counts))
    mean = (np.cumsum(counts) - counts) / np.maximum(seen, 1)
    a, b = shape + mean, rate + (seen > 0)
    return scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))


@misconception(
    "You updated the rate of the prior and left its shape as it was.",
    "A year has passed, and that is counted; what happened in it is news as well, and belongs to "
    "the shape.",
)
def shape_not_updated(counts, shape, rate):
    b = rate + np.arange(len(counts))
    return scipy.stats.nbinom.logpmf(counts, shape, b / (b + 1))


@misconception(
    "You predicted each count from all others, also from those after it.",
    "Leaving one out at a time is a fair test of a model; but these predictions do not add up to "
    "the evidence, for which each may use the past only.",
)
def all_others_known(counts, shape, rate):
    a, b = shape + np.sum(counts) - counts, rate + len(counts) - 1
    return scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))


@misconception(
    "You predicted each count from those after it.",
    "Running totals taken from the wrong end do that. Their sum is the same, since any order gives "
    "the evidence; the specification asks for the order of time.",
)
def predicted_backwards(counts, shape, rate):
    a = shape + np.sum(counts) - np.cumsum(counts)
    b = rate + np.arange(len(counts))[::-1]
    return scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))


@misconception(
    "You gave the first count the probability one.",
    "No count comes before it; but the prior does, and it predicts the first count as it would any "
    "other.",
)
def first_not_predicted(counts, shape, rate):
    a, b = shape + np.cumsum(counts) - counts, rate + np.arange(len(counts))
    scores = scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))
    return np.append(0.0, scores[1:])


@misconception(
    "You counted the events of a year as known before it, but not the year.",
    "A running total includes its last entry, a running number that starts at zero does not; the "
    "two must stop at the same count, the one before.",
)
def events_ahead_of_years(counts, shape, rate):
    a, b = shape + np.cumsum(counts), rate + np.arange(len(counts))
    return scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))


@misconception(
    "You predicted with the mean of the counts before.",
    "It is what one would write down without a prior; one quiet year at the beginning, and any "
    "disaster is impossible.",
)
def mean_count_plugged_in(counts, shape, rate):
    seen = np.arange(len(counts))
    mean = np.where(seen > 0, (np.cumsum(counts) - counts) / np.maximum(seen, 1), shape / rate)
    return scipy.stats.poisson.logpmf(counts, mean)


@misconception(
    "You multiplied gamma functions and factorials as they are, and took the logarithm at the end.",
    "It is right for a handful of counts; but the gamma function of 200 is too large for floating "
    "point. Add logarithms from the start.",
)
def exponentiated_as_is(counts, shape, rate):
    a, b = shape + np.cumsum(counts) - counts, rate + np.arange(len(counts))
    ways = scipy.special.gamma(a + counts) / scipy.special.gamma(a)
    p = ways / scipy.special.factorial(counts) * (b / (b + 1)) ** a / (b + 1) ** counts
    return np.log(p)


LOG_PREDICTIVE = Exercise(
    name="capstone.log_predictive",
    returns=("the array of log probabilities",),
    section="Evidence is prediction",
    reference=log_predictive,
    cases=_series,
    properties=(
        Property(
            _log_probabilities,
            "Each count has a probability, and the logarithm of a probability is not above zero. "
            "One of yours is.",
        ),
    ),
    misconceptions=(
        known_from_the_end,
        count_itself_included,
        mean_rate_plugged_in,
        nothing_learned,
        chances_exchanged,
        running_totals,
        total_of_the_series,
        last_count_only,
        one_count_too_many,
        factorials_left_out,
        events_and_years_exchanged,
        rate_as_scale,
        rate_not_updated,
        mean_as_one_count,
        shape_not_updated,
        all_others_known,
        predicted_backwards,
        first_not_predicted,
        events_ahead_of_years,
        mean_count_plugged_in,
        exponentiated_as_is,
    ),
)
