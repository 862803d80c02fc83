"""The exercise ``capstone.changepoint_log_evidence``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy
from scipy.special import gammaln

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["CHANGEPOINT_LOG_EVIDENCE"]


def changepoint_log_evidence(counts, shape, rate):
    def part(events, years):
        """Log marginal of a part with these totals, but for the factorials of its counts."""
        prior = shape * np.log(rate) - gammaln(shape)
        return prior + gammaln(shape + events) - (shape + events) * np.log(rate + years)

    years_before = np.arange(len(counts))
    before = np.cumsum(counts) - counts
    after = np.sum(counts) - before
    both = part(before, years_before) + part(after, len(counts) - years_before)
    return both - gammaln(counts + 1).sum()


def _series(rng: np.random.Generator) -> list[Case]:
    def counts(before: int, after: int, factor: float = 1.0) -> np.ndarray:
        means = factor * np.repeat(rng.permutation([0.8, 3.5]), [before, after])
        some = rng.poisson(means).astype(float)
        some[0], some[-1] = rng.integers(2, 5), rng.integers(1, 4)
        return some

    def prior() -> tuple[float, float]:
        return rng.uniform(1.5, 5.0), rng.uniform(0.3, 0.7)

    short, far = "one or two counts", "large counts"
    return [
        *(
            Case((counts(before, after), *prior()), "a few counts")
            for before, after in ((2, 3), (4, 3), (3, 6), (8, 5))
        ),
        Case((counts(4, 4), rng.uniform(0.3, 0.8), rng.uniform(2.0, 4.0)), "a prior near zero"),
        *(Case((rng.poisson(2.0, n) + 1.0, *prior()), short, short) for n in (1, 2, 2)),
        *(Case((np.zeros(n), *prior()), "only zeros", "only zeros") for n in (4, 7)),
        *(
            Case((counts(before, after, factor), *prior()), far, "extreme values")
            for before, after, factor in ((9, 12, 15.0), (3, 4, 300.0), (6, 8, 40.0))
        ),
    ]


def _log_probabilities(log_evidence, counts, shape, rate):
    return bool(np.all(log_evidence <= 1e-3))


@misconception(
    "You put the change one count too late.",
    "Whether the count at the change belongs to the old rate or to the new is a matter of "
    "definition; here it is the first of the new.",
)
def change_one_later(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    return np.array([part(counts[: t + 1]) + part(counts[t + 1 :]) for t in range(len(counts))])


@misconception(
    "You multiplied by a uniform prior over the place of the change.",
    "The sum over all places will need it; here the place is given, and its prior comes later.",
)
def prior_of_the_place_included(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    given = np.array([part(counts[:t]) + part(counts[t:]) for t in range(len(counts))])
    return given - np.log(len(counts))


@misconception(
    "You normalised over the places of the change.",
    "That is the posterior of the place; its evidence is what remains when nothing has been "
    "divided, and it alone can be compared between models.",
)
def posterior_of_the_place(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        return prior + scipy.special.gammaln(a) - a * np.log(b)

    given = np.array([part(counts[:t]) + part(counts[t:]) for t in range(len(counts))])
    return given - scipy.special.logsumexp(given)


@misconception(
    "You let both parts share one rate.",
    "Then there is no change, wherever it is put; each part has a rate of its own, and the prior "
    "begins anew.",
)
def one_rate_for_both(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    prior = shape * np.log(rate) - scipy.special.gammaln(shape)
    factorials = np.sum(scipy.special.gammaln(counts + 1))
    whole = prior + scipy.special.gammaln(a) - a * np.log(b) - factorials
    return np.full(len(counts), whole)


@misconception(
    "You left out the counts from the change on.",
    "It is half of the work, and easily taken for the whole; all counts were observed.",
)
def after_left_out(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    return np.array([part(counts[:t]) for t in range(len(counts))])


@misconception(
    "You left out the counts before the change.",
    "One part looks like the other, and one is easily lost; all counts were observed.",
)
def before_left_out(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    return np.array([part(counts[t:]) for t in range(len(counts))])


@misconception(
    "You used for each part the rate that fits it best.",
    "It needs no integral; but the best fit rewards every freedom, and says that there is a change "
    "in nearly any series.",
)
def best_rates_plugged_in(counts, shape, rate):
    def part(x):
        return np.sum(scipy.stats.poisson.logpmf(x, np.mean(x))) if len(x) else 0.0

    return np.array([part(counts[:t]) + part(counts[t:]) for t in range(len(counts))])


@misconception(
    "You plugged the posterior mean of each rate into the likelihood.",
    "Good estimates, but single ones; the evidence is an average over all rates that the prior "
    "admits.",
)
def posterior_means_plugged_in(counts, shape, rate):
    def part(x):
        mean = (shape + np.sum(x)) / (rate + len(x))
        return np.sum(scipy.stats.poisson.logpmf(x, mean))

    return np.array([part(counts[:t]) + part(counts[t:]) for t in range(len(counts))])


@misconception(
    "You left the factorials of the counts out.",
    "They are the same wherever the change is put, and cancel in its posterior; the evidence of a "
    "model is not complete without them.",
)
def factorials_left_out(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        return prior + scipy.special.gammaln(a) - a * np.log(b)

    return np.array([part(counts[:t]) + part(counts[t:]) for t in range(len(counts))])


@misconception(
    "You counted the constant of the prior once.",
    "There is one prior distribution; but it is used twice, once for each rate, and both times it "
    "has to be paid.",
)
def prior_constant_once(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return scipy.special.gammaln(a) - a * np.log(b) - factorials

    both = np.array([part(counts[:t]) + part(counts[t:]) for t in range(len(counts))])
    return both + shape * np.log(rate) - scipy.special.gammaln(shape)


@misconception(
    "You read the second parameter of the prior as a scale.",
    "Many libraries, numpy and scipy among them, ask for a scale; here it is the rate, its "
    "inverse.",
)
def rate_as_scale(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), 1 / rate + len(x)
        prior = -shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    return np.array([part(counts[:t]) + part(counts[t:]) for t in range(len(counts))])


@misconception(
    "You gave each part the length of the whole series.",
    "The events are shared out and the years forgotten; a part was watched for as long as it "
    "lasted.",
)
def years_not_shared_out(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(counts)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    return np.array([part(counts[:t]) + part(counts[t:]) for t in range(len(counts))])


@misconception(
    "You counted the place of the change from the end.",
    "There are as many places either way; here the number of the entry says how many counts come "
    "before.",
)
def counted_from_the_end(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    places = range(len(counts), 0, -1)
    return np.array([part(counts[:t]) + part(counts[t:]) for t in places])


@misconception(
    "You added the probabilities of the two parts.",
    "Adding is for alternatives; here both parts happened, and probabilities of what happens "
    "together are multiplied.",
)
def parts_added(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    return np.array([np.logaddexp(part(counts[:t]), part(counts[t:])) for t in range(len(counts))])


@misconception(
    "You let the first entry, with nothing before the change, be impossible.",
    "A change before the first count is no change; that is why the entry is there, as the evidence "
    "of one rate for all.",
)
def no_change_excluded(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    places = range(1, len(counts))
    return np.append(-np.inf, [part(counts[:t]) + part(counts[t:]) for t in places])


@misconception(
    "You multiplied by a uniform prior over the places at which there is a change.",
    "All but the first are such places, and their number will be needed when they are summed; here "
    "the place is given.",
)
def prior_of_the_changes_included(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    given = np.array([part(counts[:t]) + part(counts[t:]) for t in range(len(counts))])
    return given - np.log(max(len(counts) - 1, 1))


@misconception(
    "You measured every place against no change at all.",
    "That is a Bayes factor, and what one compares in the end; an evidence is the probability of "
    "the counts themselves.",
)
def relative_to_no_change(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        return prior + scipy.special.gammaln(a) - a * np.log(b)

    given = np.array([part(counts[:t]) + part(counts[t:]) for t in range(len(counts))])
    return given - given[0]


@misconception(
    "You lost the count at the place of the change: it is in neither part.",
    "A change seems to lie between two parts; but the count there was observed like all others, "
    "and it is the first of the new rate.",
)
def count_at_the_change_lost(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    return np.array([part(counts[:t]) + part(counts[t + 1 :]) for t in range(len(counts))])


@misconception(
    "You left out the place before all counts.",
    "There is no change at it, and so it is easily skipped; it is asked for, as the first entry "
    "and the evidence of one rate.",
)
def first_place_left_out(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        prior = shape * np.log(rate) - scipy.special.gammaln(shape)
        factorials = np.sum(scipy.special.gammaln(x + 1))
        return prior + scipy.special.gammaln(a) - a * np.log(b) - factorials

    return np.array([part(counts[:t]) + part(counts[t:]) for t in range(1, len(counts))])


@misconception(
    "You multiplied gamma functions and factorials as they are, and took the logarithm at the end.",
    "It is right for a handful of counts; but the gamma function of 200 is too large for floating "
    "point. Add logarithms from the start.",
)
def exponentiated_as_is(counts, shape, rate):
    def part(x):
        a, b = shape + np.sum(x), rate + len(x)
        ratio = scipy.special.gamma(a) / scipy.special.gamma(shape) * rate**shape / b**a
        return ratio / np.prod(scipy.special.factorial(x))

    return np.log([part(counts[:t]) * part(counts[t:]) for t in range(len(counts))])


CHANGEPOINT_LOG_EVIDENCE = Exercise(
    name="capstone.changepoint_log_evidence",
    returns=("the log evidence",),
    section="One change",
    reference=changepoint_log_evidence,
    cases=_series,
    properties=(
        Property(
            _log_probabilities,
            "Each entry is the logarithm of a probability of counts, and not above zero. One of "
            "yours is.",
        ),
    ),
    misconceptions=(
        change_one_later,
        prior_of_the_place_included,
        posterior_of_the_place,
        one_rate_for_both,
        after_left_out,
        before_left_out,
        best_rates_plugged_in,
        posterior_means_plugged_in,
        factorials_left_out,
        prior_constant_once,
        rate_as_scale,
        years_not_shared_out,
        counted_from_the_end,
        parts_added,
        no_change_excluded,
        prior_of_the_changes_included,
        relative_to_no_change,
        count_at_the_change_lost,
        first_place_left_out,
        exponentiated_as_is,
    ),
)
