"""The exercise ``factors_and_regimes.hmm_log_marginal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.exercises.factors_and_regimes.cases import IMPOSSIBLE, chain, series
from lgm.logspace import logsumexp

__all__ = ["HMM_LOG_MARGINAL"]


def hmm_log_marginal(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = logsumexp(before[:, None] + log_transition) + today
    return float(logsumexp(before))


def _series(rng: np.random.Generator) -> list[Case]:
    def excluded(k: int, t: int) -> Case:
        log_lik = rng.normal(-2.0, 1.5, (k, t))
        log_lik[:, t // 2] = -np.inf
        return Case((*chain(rng, k), log_lik), "a series that no path can produce", IMPOSSIBLE)

    return [*series(rng), excluded(3, 5), excluded(2, 4)]


def _between_extremes(log_px, log_initial, log_transition, log_lik):
    """An average over paths lies between the least and the most likely of them."""
    low, high = log_lik.min(axis=0).sum(), log_lik.max(axis=0).sum()
    if np.isneginf(high):
        return bool(log_px == -np.inf)
    slack = 1e-2 + 1e-3 * np.abs(log_lik[np.isfinite(log_lik)]).sum()
    return bool(low - slack <= log_px <= high + slack)


@misconception(
    "You used the transitions the wrong way round, from the column to the row.",
    "For a symmetric table it makes no difference; here rows are where a step comes from and "
    "columns where it leads, and a column need not add up to one.",
)
def transition_transposed(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before + log_transition, axis=1) + today
    return np.logaddexp.reduce(before)


@misconception(
    "You kept the best path only.",
    "With a maximum in the place of the sum this is the Viterbi algorithm, which has its uses; but "
    "the marginal adds up all paths, and many paths that are nearly as good weigh more than one.",
)
def best_path(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.max(before[:, None] + log_transition, axis=0) + today
    return np.max(before)


@misconception(
    "You took the likeliest last state in the end, and left the others out.",
    "The loop is right; but the last state is as hidden as the others, and has to be summed over "
    "as well.",
)
def best_last_state(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
    return np.max(before)


@misconception(
    "You returned one number for each last state.",
    "The loop is right, and what it leaves is the joint probability of the series and its last "
    "state; the state has still to be summed out.",
)
def last_state_not_summed(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
    return before


@misconception(
    "You left out how the series begins.",
    "After many days it hardly matters for the states where the chain began; but its probability "
    "is a factor of every path.",
)
def initial_left_out(log_initial, log_transition, log_lik):
    before = log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
    return np.logaddexp.reduce(before)


@misconception(
    "You began with equal probabilities.",
    "It is a fair choice when nothing is known; but the initial probabilities are given.",
)
def uniform_beginning(log_initial, log_transition, log_lik):
    before = log_lik[:, 0] - np.log(len(log_lik))
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
    return np.logaddexp.reduce(before)


@misconception(
    "You made a step before the first day.",
    "A loop that treats all days alike is tidy; but the initial probabilities are those of the "
    "first day itself.",
)
def step_before_the_first_day(log_initial, log_transition, log_lik):
    before = log_initial
    for today in log_lik.T:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
    return np.logaddexp.reduce(before)


@misconception(
    "You left out what was seen on the first day.",
    "The loop begins with the second day, and the first is easily lost; what was seen then counts "
    "like everything else.",
)
def first_day_left_out(log_initial, log_transition, log_lik):
    before = log_initial
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
    return np.logaddexp.reduce(before)


@misconception(
    "You weighed what is seen before the step instead of after it.",
    "Both are in the loop; but today's observation is made by the state that the step leads to.",
)
def seen_before_the_step(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce((before + today)[:, None] + log_transition, axis=0)
    return np.logaddexp.reduce(before)


@misconception(
    "You treated the days as if they were independent of each other.",
    "This is the mixture of chapter 3, and a good model of a shuffled series; but here a state "
    "lasts, and yesterday says something about today.",
)
def days_independent(log_initial, log_transition, log_lik):
    return np.sum(np.logaddexp.reduce(log_initial[:, None] + log_lik, axis=0))


@misconception(
    "You let the states change from day to day, but forgot what had been seen so far.",
    "The probabilities of each day are then right before anything is seen; but what was seen "
    "yesterday tells where the chain is today.",
)
def past_forgotten(log_initial, log_transition, log_lik):
    state, total = log_initial, np.logaddexp.reduce(log_initial + log_lik[:, 0])
    for today in log_lik.T[1:]:
        state = np.logaddexp.reduce(state[:, None] + log_transition, axis=0)
        total = total + np.logaddexp.reduce(state + today)
    return total


@misconception(
    "You added over the state that a step leads to, so that no state ever changes.",
    "The sum runs over one axis of the table, and both have the same length; but the steps from a "
    "state add up to one, so that the transitions vanish altogether. Sum over where a step comes "
    "from.",
)
def summed_over_the_new_state(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=1) + today
    return np.logaddexp.reduce(before)


@misconception(
    "You put yesterday's probabilities along the columns of the transition table.",
    "numpy lines a vector up with the last axis, which is where a step leads; yesterday belongs to "
    "the axis that it comes from.",
)
def yesterday_along_the_columns(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before + log_transition, axis=0) + today
    return np.logaddexp.reduce(before)


@misconception(
    "You averaged over the states instead of adding.",
    "A mean and a sum are one line each; but the transitions hold the shares already.",
)
def averaged_over_states(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
        before = before - np.log(len(before))
    return np.logaddexp.reduce(before)


@misconception(
    "You returned only the last of the factors, that of the last day given all before it.",
    "Dividing by the total each day keeps the numbers small; but each of the totals is a factor of "
    "the answer, and you kept one of them.",
)
def last_factor_only(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    total = np.logaddexp.reduce(before)
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce((before - total)[:, None] + log_transition, axis=0) + today
        total = np.logaddexp.reduce(before)
    return total


@misconception(
    "You averaged the log likelihoods over the states.",
    "Expected values are easy to add up over days; but the average of a logarithm lies below the "
    "logarithm of the average (Jensen, chapter 3).",
)
def expected_log_likelihood(log_initial, log_transition, log_lik):
    state, total = log_initial, np.sum(np.exp(log_initial) * log_lik[:, 0])
    for today in log_lik.T[1:]:
        state = np.logaddexp.reduce(state[:, None] + log_transition, axis=0)
        total = total + np.sum(np.exp(state) * today)
    return total


@misconception(
    "You divided by the number of days.",
    "A value per day is good for comparing series of different length; the specification asks for "
    "the whole.",
)
def value_per_day(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
    return np.logaddexp.reduce(before) / log_lik.shape[1]


@misconception(
    "You multiplied the probabilities themselves.",
    "It reads like the formula and works for a few days; but the product of some hundred densities "
    "is 0 or infinity in floating point.",
)
def exponentiated_as_is(log_initial, log_transition, log_lik):
    before = np.exp(log_initial + log_lik[:, 0])
    for today in np.exp(log_lik.T[1:]):
        before = (before @ np.exp(log_transition)) * today
    return np.log(np.sum(before))


@misconception(
    "You subtracted the maximum also where it is minus infinity.",
    "Subtracting the maximum is right nearly always; but infinity minus infinity is NaN, and a "
    "state that cannot be reached has probability zero, whose logarithm is −inf.",
)
def impossible_becomes_nan(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        terms = before[:, None] + log_transition
        m = terms.max(axis=0)
        before = m + np.log(np.sum(np.exp(terms - m), axis=0)) + today
    return before.max() + np.log(np.sum(np.exp(before - before.max())))


@misconception(
    "You replaced minus infinity by a large negative number.",
    "It keeps NaN away; but what is impossible becomes possible, and a series that no path can "
    "produce gets a probability.",
)
def impossible_made_possible(log_initial, log_transition, log_lik):
    log_initial, log_transition, log_lik = (
        np.where(np.isneginf(a), -50.0, a) for a in (log_initial, log_transition, log_lik)
    )
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
    return np.logaddexp.reduce(before)


@misconception(
    "You used what was seen the day before: the first day counts twice, the last not at all.",
    "An index is soon one off; but each step arrives at a new day, and it is that day's "
    "observation which the new state has to explain.",
)
def observation_of_the_day_before(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for yesterday in log_lik.T[:-1]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + yesterday
    return np.logaddexp.reduce(before)


@misconception(
    "You stopped one day too early.",
    "A range ends before its second number, and it is easy to subtract one once more; but the "
    "last day was seen like the others.",
)
def last_day_left_out(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:-1]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
    return np.logaddexp.reduce(before)


@misconception(
    "You added the logarithms of the last totals, which multiplies the totals.",
    "“Add up the totals of all states” reads like a call of sum; but what you keep are their "
    "logarithms.",
)
def logs_added_at_the_end(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
    return np.sum(before)


@misconception(
    "You multiplied logarithms: a vector of them by a table of them.",
    "The sum over states looks like a product of vector and matrix, and it is one for "
    "probabilities; for their logarithms products become sums, and the sum needs exponentials.",
)
def logs_multiplied(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = before @ log_transition + today
    return np.logaddexp.reduce(before)


@misconception(
    "You added transition probabilities where their logarithms belong.",
    "One exponential is soon too many when half of a formula is in logarithms; but in a sum of "
    "logarithms every term must be one.",
)
def transition_exponentiated(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + np.exp(log_transition), axis=0) + today
    return np.logaddexp.reduce(before)


@misconception(
    "You subtracted the largest log likelihood of each day and did not add it back.",
    "It keeps the numbers small, and for the probabilities of the states it does not matter; in "
    "the marginal it does.",
)
def largest_not_added_back(log_initial, log_transition, log_lik):
    log_lik = log_lik - log_lik.max(axis=0)
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before[:, None] + log_transition, axis=0) + today
    return np.logaddexp.reduce(before)


@misconception(
    "You divided by the total of each day also where it is zero.",
    "Dividing every day keeps the numbers small, and the logarithms of the totals add up to the "
    "answer; but where no path can produce the series a total is zero, and zero divided by zero "
    "is NaN.",
)
def divided_by_a_total_of_zero(log_initial, log_transition, log_lik):
    state, log_px = log_initial, 0.0
    for t, today in enumerate(log_lik.T):
        if t > 0:
            state = np.logaddexp.reduce(state[:, None] + log_transition, axis=0)
        total = np.logaddexp.reduce(state + today)
        state, log_px = state + today - total, log_px + total
    return log_px


HMM_LOG_MARGINAL = Exercise(
    name="factors_and_regimes.hmm_log_marginal",
    returns=("log p(x)",),
    section="All paths at once",
    reference=hmm_log_marginal,
    cases=_series,
    properties=(
        Property(
            _between_extremes,
            "The marginal is an average over paths, so it lies between the least and the most "
            "likely of them. Yours does not.",
        ),
    ),
    misconceptions=(
        transition_transposed,
        best_path,
        best_last_state,
        last_state_not_summed,
        initial_left_out,
        uniform_beginning,
        step_before_the_first_day,
        first_day_left_out,
        seen_before_the_step,
        days_independent,
        past_forgotten,
        summed_over_the_new_state,
        yesterday_along_the_columns,
        averaged_over_states,
        last_factor_only,
        expected_log_likelihood,
        value_per_day,
        exponentiated_as_is,
        impossible_becomes_nan,
        impossible_made_possible,
        observation_of_the_day_before,
        last_day_left_out,
        logs_added_at_the_end,
        logs_multiplied,
        transition_exponentiated,
        largest_not_added_back,
        divided_by_a_total_of_zero,
    ),
)
