"""The exercise ``capstone.posterior_rates``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["POSTERIOR_RATES"]


def posterior_rates(counts, log_weights, shape, rate):
    total, years_before = len(counts), np.arange(len(counts))
    before = np.cumsum(counts) - counts
    first = (shape + before) / (rate + years_before)
    second = (shape + np.sum(counts) - before) / (rate + total - years_before)
    weights = scipy.special.softmax(log_weights)
    # Axis 0 is the place of the change; a year before it has the first rate.
    changed = years_before[:, None] <= years_before
    return weights @ np.where(changed, second[:, None], first[:, None])


def _weighted(rng: np.random.Generator) -> list[Case]:
    def counts(before: int, after: int, factor: float = 1.0) -> np.ndarray:
        means = factor * np.repeat(rng.permutation([0.8, 4.0]), [before, after])
        return rng.poisson(means) + 1.0

    def prior() -> tuple[float, float]:
        return rng.uniform(1.5, 5.0), rng.uniform(0.3, 0.7)

    def weights(t: int, centre: float = -2.0) -> np.ndarray:
        return rng.normal(centre, 1.2, t)

    def with_zeros(t: int) -> np.ndarray:
        some = weights(t)
        some[0] = some[t // 2] = -np.inf
        return some

    def certain(t: int) -> np.ndarray:
        some = np.full(t, -np.inf)
        some[rng.integers(1, t)] = rng.normal()
        return some

    one, zeros = "a single count", "places with a probability of zero"
    far = "weights too large or too small to exponentiate"
    return [
        *(
            Case((counts(before, after), weights(before + after), *prior()), "a few counts")
            for before, after in ((2, 3), (4, 3), (3, 6), (8, 5))
        ),
        Case((counts(30, 40), weights(70, centre=2.0), *prior()), "many counts"),
        *(Case((counts(1, 0), weights(1), *prior()), one, one) for _ in range(2)),
        *(Case((counts(3, n), with_zeros(n + 3), *prior()), zeros, zeros) for n in (2, 5)),
        Case((counts(3, 4), certain(7), *prior()), "a change whose place is certain", zeros),
        *(
            Case((counts(4, n), weights(n + 4, centre), *prior()), far, "extreme values")
            for n, centre in ((3, -1000.0), (5, 1000.0), (4, -2500.0))
        ),
    ]


def _above_zero(rates, counts, log_weights, shape, rate):
    return bool(np.all(rates > 0))


@misconception(
    "You used the exponentials of the weights without dividing by their sum.",
    "They are shares only when they add to one; these are known up to a constant.",
)
def weights_not_normalised(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    return np.exp(log_weights) @ np.where(t <= i, second, first)


@misconception(
    "You used the most probable place of the change and no other.",
    "One place gives two clean rates; but the place is hidden, and what is hidden is averaged "
    "over.",
)
def best_place_only(counts, log_weights, shape, rate):
    t, i = np.argmax(log_weights), np.arange(len(counts))
    first = (shape + np.sum(counts[:t])) / (rate + t)
    second = (shape + np.sum(counts[t:])) / (rate + len(counts) - t)
    return np.where(i >= t, second, first)


@misconception(
    "You averaged the place of the change first, and used the rates there.",
    "An average place is a handy summary; but the rate at the average is not the average of the "
    "rates, and between two likely places there may be none.",
)
def average_place(counts, log_weights, shape, rate):
    i = np.arange(len(counts))
    t = int(np.round(scipy.special.softmax(log_weights) @ i))
    first = (shape + np.sum(counts[:t])) / (rate + t)
    second = (shape + np.sum(counts[t:])) / (rate + len(counts) - t)
    return np.where(i >= t, second, first)


@misconception(
    "You averaged each of the two rates over all places first, and mixed them afterwards.",
    "Each average is right by itself; but rate and place are tied, and an average of products is "
    "not the product of averages.",
)
def rates_averaged_first(counts, log_weights, shape, rate):
    t, before = np.arange(len(counts)), np.cumsum(counts) - counts
    w = scipy.special.softmax(log_weights)
    first = w @ ((shape + before) / (rate + t))
    second = w @ ((shape + np.sum(counts) - before) / (rate + len(counts) - t))
    changed = np.cumsum(w)
    return changed * second + (1 - changed) * first


@misconception(
    "You gave the count at the change the old rate.",
    "Whether it belongs to the old or to the new is a matter of definition; here it is the first "
    "of the new.",
)
def change_one_later(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    return scipy.special.softmax(log_weights) @ np.where(t < i, second, first)


@misconception(
    "You exchanged the two rates.",
    "A condition is easily turned round; the years before the change have the rate of the counts "
    "before it.",
)
def rates_exchanged(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    return scipy.special.softmax(log_weights) @ np.where(t <= i, first, second)


@misconception(
    "You forgot the prior of the rates, and used the mean count of each part.",
    "With many counts it hardly shows; but a part may be short or empty, and then the prior is "
    "what is known.",
)
def prior_of_the_rates_left_out(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first, second = before / np.maximum(t, 1), (np.sum(counts) - before) / (len(counts) - t)
    return scipy.special.softmax(log_weights) @ np.where(t <= i, second, first)


@misconception(
    "You counted all places as equally probable.",
    "That was their prior; the weights say what the counts have made of it.",
)
def places_equally_probable(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    return np.mean(np.where(t <= i, second, first), axis=0)


@misconception(
    "You used the log weights as weights.",
    "Divided by their sum they add to one, and nothing complains; but what they are the logarithms "
    "of should add to one. Exponentiate first.",
)
def logs_as_weights(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    return log_weights / np.sum(log_weights) @ np.where(t <= i, second, first)


@misconception(
    "You used the most probable rate of each part instead of its mean.",
    "For a symmetric posterior they agree; a gamma distribution leans to the right, and its mean "
    "is above its peak.",
)
def mode_for_mean(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before - 1) / (rate + t)
    second = (shape + np.sum(counts) - before - 1) / (rate + len(counts) - t)
    return scipy.special.softmax(log_weights) @ np.where(t <= i, second, first)


@misconception(
    "You averaged the logarithms of the rates.",
    "Working in log space has become a habit; but it is the rates that are averaged, and the "
    "average of their logarithms belongs to the geometric mean, which is smaller.",
)
def geometric_mean(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    return np.exp(scipy.special.softmax(log_weights) @ np.log(np.where(t <= i, second, first)))


@misconception(
    "You gave every year the same rate, that of all counts together.",
    "It is the answer if nothing changed; the weights say where something did.",
)
def one_rate_for_all(counts, log_weights, shape, rate):
    return np.full(len(counts), (shape + np.sum(counts)) / (rate + len(counts)))


@misconception(
    "You gave each year a rate of its own.",
    "A year's own count says something about its rate; but it shares that rate with all years on "
    "the same side of the change.",
)
def a_rate_for_each_year(counts, log_weights, shape, rate):
    return (shape + counts) / (rate + 1)


@misconception(
    "You read the second parameter of the prior as a scale.",
    "Many libraries, numpy and scipy among them, ask for a scale; here it is the rate, its "
    "inverse.",
)
def rate_as_scale(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before) / (1 / rate + t)
    second = (shape + np.sum(counts) - before) / (1 / rate + len(counts) - t)
    return scipy.special.softmax(log_weights) @ np.where(t <= i, second, first)


@misconception(
    "You added over the years and kept the places of the change.",
    "Both axes have the same length, so that nothing complains; the place is hidden and has to go, "
    "and the years stay.",
)
def years_added_up(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    return np.where(t <= i, second, first) @ scipy.special.softmax(log_weights)


@misconception(
    "You took the largest log weight out, and did not divide by the sum.",
    "It keeps the exponentials in range, and the largest of them is one; shares they are only when "
    "all of them together are.",
)
def largest_taken_out_only(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    w = np.exp(log_weights - np.max(log_weights))
    return w @ np.where(t <= i, second, first)


@misconception(
    "You excluded the place before all counts.",
    "In the model with one change it is impossible; but then its weight says so. Where the weight "
    "is not zero, no change is one of the possibilities.",
)
def first_place_excluded(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    w = scipy.special.softmax(log_weights[1:])
    return w @ np.where(t <= i, second, first)[1:]


@misconception(
    "You mixed the two rates with the probability that the change is at the year itself.",
    "The weights are at hand, one for each year; but a year has the new rate if the change was "
    "then or at any time before.",
)
def weights_not_accumulated(counts, log_weights, shape, rate):
    t, before = np.arange(len(counts)), np.cumsum(counts) - counts
    w = scipy.special.softmax(log_weights)
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    return w * second + (1 - w) * first


@misconception(
    "You mixed, for each year, the rates that a change in this very year would give.",
    "The chance that the year has the new rate is right; but the rates go with the place of the "
    "change, and that may be any other.",
)
def rates_of_the_year_itself(counts, log_weights, shape, rate):
    t, before = np.arange(len(counts)), np.cumsum(counts) - counts
    changed = np.cumsum(scipy.special.softmax(log_weights))
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    return changed * second + (1 - changed) * first


@misconception(
    "You exponentiated the weights as they are.",
    "It works for moderate numbers; but the log evidence of a long series is far below zero, and "
    "all weights become zero. Their largest does not matter, so take it out first.",
)
def exponentiated_as_is(counts, log_weights, shape, rate):
    t, i = np.arange(len(counts))[:, None], np.arange(len(counts))
    before = (np.cumsum(counts) - counts)[:, None]
    first = (shape + before) / (rate + t)
    second = (shape + np.sum(counts) - before) / (rate + len(counts) - t)
    w = np.exp(log_weights)
    return w / np.sum(w) @ np.where(t <= i, second, first)


POSTERIOR_RATES = Exercise(
    name="capstone.posterior_rates",
    returns=("the array of posterior means",),
    section="What were the rates?",
    reference=posterior_rates,
    cases=_weighted,
    properties=(Property(_above_zero, "A mean of rates is above zero. One of yours is not."),),
    misconceptions=(
        weights_not_normalised,
        best_place_only,
        average_place,
        rates_averaged_first,
        change_one_later,
        rates_exchanged,
        prior_of_the_rates_left_out,
        places_equally_probable,
        logs_as_weights,
        mode_for_mean,
        geometric_mean,
        one_rate_for_all,
        a_rate_for_each_year,
        rate_as_scale,
        years_added_up,
        largest_taken_out_only,
        first_place_excluded,
        weights_not_accumulated,
        rates_of_the_year_itself,
        exponentiated_as_is,
    ),
)
