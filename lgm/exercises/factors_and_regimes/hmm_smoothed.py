"""The exercise ``factors_and_regimes.hmm_smoothed``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Exercise, Property, misconception
from lgm.exercises.factors_and_regimes.cases import series
from lgm.logspace import log_normalize, logsumexp

__all__ = ["HMM_SMOOTHED"]


def hmm_smoothed(log_initial, log_transition, log_lik):
    before, after = np.empty_like(log_lik), np.zeros_like(log_lik)
    before[:, 0] = log_initial + log_lik[:, 0]
    for t in range(1, log_lik.shape[1]):
        before[:, t] = logsumexp(before[:, t - 1, None] + log_transition) + log_lik[:, t]
    for t in reversed(range(log_lik.shape[1] - 1)):
        to_come = log_lik[:, t + 1] + after[:, t + 1]
        after[:, t] = logsumexp(log_transition + to_come, axis=1)
    return np.exp(log_normalize(before + after))


def _columns_sum_to_one(p, log_initial, log_transition, log_lik):
    return bool(np.all(np.abs(p.sum(axis=0) - 1) <= 1e-3) and np.all(p >= -1e-6))


@misconception(
    "You used what was seen up to each day, and not what came after it.",
    "These are the filtered probabilities, all that one could know on the day itself; smoothed "
    "ones look at the whole series, and a later day often settles what an earlier one was.",
)
def filtered(log_initial, log_transition, log_lik):
    p = log_lik.copy()
    p[:, 0] += log_initial
    for t in range(1, p.shape[1]):
        p[:, t] += np.logaddexp.reduce(p[:, t - 1, None] + log_transition, axis=0)
    return scipy.special.softmax(p, axis=0)


@misconception(
    "You used what was seen from each day on, and not what came before it.",
    "The backward pass is the harder half, and it is right; but the past counts as well, and so "
    "does how the series begins.",
)
def future_only(log_initial, log_transition, log_lik):
    p = log_lik.copy()
    for t in reversed(range(p.shape[1] - 1)):
        p[:, t] += np.logaddexp.reduce(log_transition + p[:, t + 1], axis=1)
    return scipy.special.softmax(p, axis=0)


@misconception(
    "You used the transitions the wrong way round in both directions.",
    "For a symmetric table it makes no difference; here rows are where a step comes from and "
    "columns where it leads.",
)
def transition_transposed(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1] + log_transition, axis=1)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1, None]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=0)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You went backwards with the transitions of the way forwards.",
    "The two loops look alike, and one is soon copied from the other; but on the way back today is "
    "where a step comes from, and the sum runs over where it leads.",
)
def backward_pass_transposed(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1, None]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=0)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You went forwards with the transitions the wrong way round.",
    "The backward pass is right; on the way forwards the sum runs over where a step comes from, "
    "and that is the row.",
)
def forward_pass_transposed(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1] + log_transition, axis=1)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You returned the best path, with certainty.",
    "The Viterbi path is one story that hangs together; but it does not say how sure one can be of "
    "any day, and thousands of other paths may be nearly as good.",
)
def best_path(log_initial, log_transition, log_lik):
    best, came_from = log_initial + log_lik[:, 0], []
    for today in log_lik.T[1:]:
        steps = best[:, None] + log_transition
        came_from.append(np.argmax(steps, axis=0))
        best = np.max(steps, axis=0) + today
    path = [np.argmax(best)]
    for origin in came_from[::-1]:
        path.append(origin[path[-1]])
    return np.eye(len(log_lik))[:, path[::-1]]


@misconception(
    "You compared the best paths through each state, where all paths through it are to be added.",
    "A maximum in the place of the sum gives numbers that look like probabilities; but a state may "
    "have one good path through it, or a thousand.",
)
def best_paths_compared(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.max(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        after[:, t] = np.max(log_transition + (log_lik + after)[:, t + 1], axis=1)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You left out how the series begins.",
    "After many days it hardly matters where the chain began; on the first days it does. The "
    "probabilities of the first state belong in the first column.",
)
def initial_left_out(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You made a step before the first day.",
    "A loop that treats all days alike is tidy; but the initial probabilities are those of the "
    "first day itself.",
)
def step_before_the_first_day(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += np.logaddexp.reduce(log_initial[:, None] + log_transition, axis=0)
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You began the way back with the initial probabilities.",
    "Both passes need a beginning, and these were at hand; but after the last day there is nothing "
    "to come, and nothing to prefer one state over another.",
)
def backward_pass_begins_with_the_initial(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    after[:, -1] = log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You looked at each day by itself.",
    "Bayes' rule for one observation gives this, and with independent days it would be all; but "
    "states last, and the days around a day say much about it.",
)
def each_day_by_itself(log_initial, log_transition, log_lik):
    return scipy.special.softmax(log_initial[:, None] + log_lik, axis=0)


@misconception(
    "You counted what was seen on each day twice, once in either direction.",
    "Each pass is right by itself; but the day where they meet belongs to one of them only.",
)
def each_day_counted_twice(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), log_lik.copy()
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        after[:, t] += np.logaddexp.reduce(log_transition + after[:, t + 1], axis=1)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You left out what was seen on the day itself.",
    "Past and future are both in it, and they meet at this day; but somebody has to bring what was "
    "seen on it.",
)
def the_day_itself_left_out(log_initial, log_transition, log_lik):
    before, after = np.zeros_like(log_lik), np.zeros_like(log_lik)
    before[:, 0] = log_initial
    for t in range(1, before.shape[1]):
        seen = (before + log_lik)[:, t - 1, None]
        before[:, t] = np.logaddexp.reduce(seen + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You used today's observation on the way back where tomorrow's belongs.",
    "An index is soon one off; the step leads to tomorrow, and it is tomorrow's state that makes "
    "what is seen tomorrow.",
)
def backward_pass_one_day_off(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = log_lik[:, t] + after[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You averaged what the past says and what the future says.",
    "A mean of two opinions sounds fair; but independent evidence multiplies, and two who are each "
    "rather sure should be surer together.",
)
def average_of_both_passes(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), log_lik.copy()
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        after[:, t] += np.logaddexp.reduce(log_transition + after[:, t + 1], axis=1)
    return (scipy.special.softmax(before, axis=0) + scipy.special.softmax(after, axis=0)) / 2


@misconception(
    "You did not divide by the probability of the series.",
    "Past times future is the joint probability of the state and of all that was seen; what is "
    "asked for is the probability of the state, given what was seen.",
)
def joint_for_posterior(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return np.exp(before + after)


@misconception(
    "You let the days of a state add up to one.",
    "The last axis is numpy's habit; but on each day the chain is in one of its states, so the "
    "states of a day add up to one.",
)
def normalised_over_days(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return scipy.special.softmax(before + after, axis=1)


@misconception(
    "You rounded to certainty, day by day.",
    "A picture with sharp borders is easy to read; but how sure one can be is the very thing that "
    "was asked for.",
)
def likeliest_state_each_day(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return np.eye(len(log_lik))[:, np.argmax(before + after, axis=0)]


@misconception(
    "You multiplied the probabilities themselves.",
    "It reads like the formula and works for a few days; but the product of some hundred densities "
    "is 0 or infinity in floating point, and their ratio NaN.",
)
def exponentiated_as_is(log_initial, log_transition, log_lik):
    lik, transition = np.exp(log_lik), np.exp(log_transition)
    before, after = lik.copy(), np.ones_like(lik)
    before[:, 0] *= np.exp(log_initial)
    for t in range(1, lik.shape[1]):
        before[:, t] *= before[:, t - 1] @ transition
    for t in reversed(range(lik.shape[1] - 1)):
        after[:, t] = transition @ (lik * after)[:, t + 1]
    return before * after / np.sum(before * after, axis=0)


@misconception(
    "You subtracted the maximum also where it is minus infinity.",
    "Subtracting the maximum is right nearly always; but infinity minus infinity is NaN, and a "
    "state that cannot be reached has probability zero, whose logarithm is −inf.",
)
def impossible_becomes_nan(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        terms = before[:, t - 1, None] + log_transition
        m = terms.max(axis=0)
        before[:, t] += m + np.log(np.sum(np.exp(terms - m), axis=0))
    for t in reversed(range(before.shape[1] - 1)):
        terms = (log_transition + log_lik[:, t + 1] + after[:, t + 1]).T
        m = terms.max(axis=0)
        after[:, t] = m + np.log(np.sum(np.exp(terms - m), axis=0))
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You used only what came after each day: neither the day itself nor what came before it.",
    "The backward pass is the harder half, and it is right; but it has to meet the forward one.",
)
def afterwards_only(log_initial, log_transition, log_lik):
    after = np.zeros_like(log_lik)
    for t in reversed(range(after.shape[1] - 1)):
        after[:, t] = np.logaddexp.reduce(log_transition + (log_lik + after)[:, t + 1], axis=1)
    return scipy.special.softmax(after, axis=0)


@misconception(
    "You normalised what each state says of the day, and used neither the chain nor its beginning.",
    "The likelihood looks like an opinion about the state; but without a prior it is none, and "
    "here yesterday and tomorrow make the prior.",
)
def likelihood_alone(log_initial, log_transition, log_lik):
    return scipy.special.softmax(log_lik, axis=0)


@misconception(
    "You began the way back with what was seen on the last day, which the forward pass has counted "
    "already.",
    "The forward pass begins with an observation, and it seems that the backward pass should, too; "
    "but after the last day nothing more is seen.",
)
def last_day_counted_twice(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    after[:, -1] = log_lik[:, -1]
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You summed over the wrong axis on the way back: tomorrow stands in the columns, and stays.",
    "The forward pass sums over the first axis; backwards the sum runs over where a step leads, "
    "which is the other one.",
)
def summed_over_today_on_the_way_back(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=0)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You summed over the wrong axis on the way forwards: each state gets back what it sent.",
    "Both axes have the same length; but on the way forwards the sum runs over where a step "
    "comes from, and the steps from a state add up to one.",
)
def summed_over_tomorrow_on_the_way_forward(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=1)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return scipy.special.softmax(before + after, axis=0)


@misconception(
    "You added past and future as probabilities, where they multiply.",
    "Two logarithms are soon joined by the function that adds; but the state must fit what came "
    "before and what comes after.",
)
def passes_added(log_initial, log_transition, log_lik):
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
    for t in reversed(range(before.shape[1] - 1)):
        to_come = (log_lik + after)[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
    return scipy.special.softmax(np.logaddexp(before, after), axis=0)


@misconception(
    "You ran the filter forwards and, on the reversed series, once more, and multiplied the two.",
    "The filter is at hand, and looking back seems to be the same thing the other way round; but "
    "the steps reversed have other probabilities, and the day itself and the beginning are "
    "counted twice.",
)
def two_filters_multiplied(log_initial, log_transition, log_lik):
    passes = [log_lik.copy(), log_lik[:, ::-1].copy()]
    for p in passes:
        p[:, 0] += log_initial
        for t in range(1, p.shape[1]):
            p[:, t] += np.logaddexp.reduce(p[:, t - 1, None] + log_transition, axis=0)
    return scipy.special.softmax(passes[0] + passes[1][:, ::-1], axis=0)


HMM_SMOOTHED = Exercise(
    name="factors_and_regimes.hmm_smoothed",
    returns=("the array of probabilities",),
    section="Looking back",
    reference=hmm_smoothed,
    cases=series,
    properties=(
        Property(
            _columns_sum_to_one,
            "On each day the chain is in one of its states: the probabilities of a day are not "
            "negative and add up to one. Yours do not.",
        ),
    ),
    misconceptions=(
        filtered,
        future_only,
        transition_transposed,
        backward_pass_transposed,
        forward_pass_transposed,
        best_path,
        best_paths_compared,
        initial_left_out,
        step_before_the_first_day,
        backward_pass_begins_with_the_initial,
        each_day_by_itself,
        each_day_counted_twice,
        the_day_itself_left_out,
        backward_pass_one_day_off,
        average_of_both_passes,
        joint_for_posterior,
        normalised_over_days,
        likeliest_state_each_day,
        exponentiated_as_is,
        impossible_becomes_nan,
        afterwards_only,
        likelihood_alone,
        last_day_counted_twice,
        summed_over_today_on_the_way_back,
        summed_over_tomorrow_on_the_way_forward,
        passes_added,
        two_filters_multiplied,
    ),
)
