"""The exercise ``the_bound.iwae_bound``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.logspace import logsumexp

__all__ = ["IWAE_BOUND"]


def iwae_bound(log_weights):
    return logsumexp(log_weights, axis=0) - np.log(len(log_weights))


def _repetitions(rng: np.random.Generator) -> list[Case]:
    def weights(s: int, m: int) -> np.ndarray:
        return rng.normal(-3.0, 2.0, (s, m))

    def with_zeros(s: int, m: int) -> np.ndarray:
        """One repetition in which x excludes some draws."""
        log_weights = weights(s, m)
        log_weights[rng.permutation(s)[: s // 2], rng.integers(1, m)] = -np.inf
        return log_weights

    def with_nothing_left(s: int, m: int) -> np.ndarray:
        """And another one in which it excludes all of them."""
        log_weights = with_zeros(s, m)
        log_weights[:, 0] = -np.inf
        return log_weights

    far, one = np.array([-1000.0, 1000.0, -1500.0]), "a single draw or repetition"
    return [
        Case((weights(5, 3),), "more draws than repetitions"),
        Case((weights(3, 7),), "fewer draws than repetitions"),
        Case((weights(4, 4),), "as many draws as repetitions"),
        Case((weights(60, 5),), "many draws"),
        Case((weights(1, 4),), "a single draw, repeated", one),
        Case((weights(1, 6),), "a single draw, repeated", one),
        Case((weights(6, 1),), "a single repetition", one),
        Case((weights(4, 1),), "a single repetition", one),
        *(
            Case((weights(4, 3) + factor * far,), "weights that overflow or vanish", "extremes")
            for factor in (1.0, 2.0, -3.0)
        ),
        *(
            Case((with_zeros(s, m),), "draws that x excludes", "zeros")
            for s, m in ((4, 3), (7, 5), (6, 4))
        ),
        *(
            Case((with_nothing_left(s, m),), "a repetition whose draws x excludes", "zeros")
            for s, m in ((5, 3), (4, 6))
        ),
    ]


def _between_extremes(bounds, log_weights):
    """An average lies between the lowest and the highest of what it averages."""
    lowest, highest = log_weights.min(axis=0), log_weights.max(axis=0)
    return bool(np.all((bounds >= lowest - 1e-2) & (bounds <= highest + 1e-2)))


@misconception(
    "You averaged the log weights of each repetition.",
    "That is the bound for one draw at a time, steady but no better for more of them; here the "
    "weights of a repetition are averaged first, and the logarithm comes last.",
)
def mean_log_weight(log_weights):
    return np.mean(log_weights, axis=0)


@misconception(
    "You averaged over the repetitions and kept the draws.",
    "The last axis is numpy's habit; but the draws that share a logarithm lie along the first.",
)
def averaged_over_repetitions(log_weights):
    return scipy.special.logsumexp(log_weights, axis=1) - np.log(log_weights.shape[1])


@misconception(
    "You averaged all weights of all repetitions before taking the logarithm.",
    "It makes the best estimate of the log marginal out of all draws; but to see what few draws "
    "are worth, every repetition has to have its own logarithm.",
)
def everything_together(log_weights):
    return scipy.special.logsumexp(log_weights) - np.log(log_weights.size)


@misconception(
    "You averaged the repetitions as well.",
    "The mean over the repetitions is the bound that one reports in the end; the specification "
    "asks for one value each, so that their spread can be seen.",
)
def averaged_at_the_end(log_weights):
    return np.mean(scipy.special.logsumexp(log_weights, axis=0) - np.log(len(log_weights)))


@misconception(
    "You added the weights and did not divide by the number of draws.",
    "Adding is what a log marginal does with all values of a hidden variable; draws are a sample, "
    "and with a sum the bound would grow without end.",
)
def sum_for_mean(log_weights):
    return scipy.special.logsumexp(log_weights, axis=0)


@misconception(
    "You divided by the number of repetitions instead of the number of draws.",
    "Both numbers are in the shape; but the average runs over the draws, which are the first axis.",
)
def divided_by_repetitions(log_weights):
    return scipy.special.logsumexp(log_weights, axis=0) - np.log(log_weights.shape[1])


@misconception(
    "You divided by the number of all weights.",
    "It is the size of the array; but each repetition has its own average, over its own draws.",
)
def divided_by_all(log_weights):
    return scipy.special.logsumexp(log_weights, axis=0) - np.log(log_weights.size)


@misconception(
    "You multiplied by the number of draws where you should divide.",
    "In log space dividing is subtracting, and a sign is soon the wrong way round.",
)
def multiplied_by_draws(log_weights):
    return scipy.special.logsumexp(log_weights, axis=0) + np.log(len(log_weights))


@misconception(
    "You divided the logarithm of the sum by the number of draws.",
    "A mean is a sum divided by their number; but what is to be divided is the sum itself, and "
    "for its logarithm that is a subtraction.",
)
def logarithm_divided(log_weights):
    return scipy.special.logsumexp(log_weights, axis=0) / len(log_weights)


@misconception(
    "You subtracted the logarithm of the weights' own total from them first.",
    "Rescaled weights are right for an average under the posterior; but the total is what the "
    "bound is about, and once divided out nothing of the data is left.",
)
def rescaled_first(log_weights):
    total = scipy.special.logsumexp(log_weights, axis=0)
    shares = log_weights - np.where(total == -np.inf, 0.0, total)
    return scipy.special.logsumexp(shares, axis=0) - np.log(len(shares))


@misconception(
    "You averaged the log weights, each by its share.",
    "The shares are those of the posterior, and so it looks like an improved bound; but it lies "
    "above the log marginal as easily as below.",
)
def weighted_mean_log_weight(log_weights):
    shares = scipy.special.softmax(np.maximum(log_weights, -1e9), axis=0)
    return np.sum(shares * np.maximum(log_weights, -1e9), axis=0)


@misconception(
    "You kept the largest weight instead of averaging them all.",
    "The largest may carry most of the average; but it only ever grows with more draws, and can "
    "end above the log marginal.",
)
def largest_weight(log_weights):
    return np.max(log_weights, axis=0)


@misconception(
    "You took the median of the weights.",
    "It is not disturbed by a few large values; but these few are what an average of weights is "
    "made of.",
)
def median_weight(log_weights):
    return np.median(log_weights, axis=0)


@misconception(
    "You took the harmonic mean of the weights.",
    "It turns the sign twice, so that it looks as good as the plain mean; but its logarithm never "
    "lies above the mean log weight, and the point of more draws is to rise above that.",
)
def harmonic_mean(log_weights):
    return np.log(len(log_weights)) - scipy.special.logsumexp(-log_weights, axis=0)


@misconception(
    "You returned the bound after each draw.",
    "To watch it climb with the number of draws is what a figure is for; the function returns one "
    "bound for each repetition, from all of its draws.",
)
def running_bound(log_weights):
    number = np.arange(1, len(log_weights) + 1)[:, None]
    return np.logaddexp.accumulate(log_weights, axis=0) - np.log(number)


@misconception(
    "You left out the draws that x excludes, and averaged the others.",
    "Minus infinity looks like a fault in the data; but such a draw has weight zero, and it counts "
    "among the draws.",
)
def zeros_left_out(log_weights):
    allowed = np.isfinite(log_weights).sum(axis=0)
    return scipy.special.logsumexp(log_weights, axis=0) - np.log(np.maximum(allowed, 1))


@misconception(
    "You exponentiated the weights as they are.",
    "It reads like the formula and works for moderate numbers; but the weight of many answers is "
    "too small for floating point.",
)
def exponentiated_as_is(log_weights):
    return np.log(np.mean(np.exp(log_weights), axis=0))


@misconception(
    "You subtracted one maximum for all repetitions.",
    "It stops the overflow; but a repetition whose weights lie far below that maximum still "
    "vanishes. Each needs its own.",
)
def one_maximum_for_all(log_weights):
    m = log_weights.max()
    return m + np.log(np.mean(np.exp(log_weights - m), axis=0))


@misconception(
    "You subtracted the largest log weight for safety and did not add it back.",
    "The shift prevents underflow, and shares of the draws are the same without it; but the bound "
    "is then off by just what you subtracted.",
)
def maximum_not_added_back(log_weights):
    return np.log(np.mean(np.exp(log_weights - log_weights.max(axis=0)), axis=0))


@misconception(
    "You subtracted the maximum also where it is minus infinity.",
    "Subtracting the maximum is right nearly always; but infinity minus infinity is NaN, and a "
    "repetition whose draws are all excluded has an estimated probability of zero, whose logarithm "
    "is −inf.",
)
def impossible_becomes_nan(log_weights):
    m = log_weights.max(axis=0)
    return m + np.log(np.mean(np.exp(log_weights - m), axis=0))


IWAE_BOUND = Exercise(
    name="the_bound.iwae_bound",
    returns=("the array of bounds",),
    section="More draws, a higher bound",
    reference=iwae_bound,
    cases=_repetitions,
    properties=(
        Property(
            _between_extremes,
            "An average of weights lies between the lowest and the highest of them. Yours does "
            "not.",
        ),
    ),
    misconceptions=(
        mean_log_weight,
        averaged_over_repetitions,
        everything_together,
        averaged_at_the_end,
        sum_for_mean,
        divided_by_repetitions,
        divided_by_all,
        multiplied_by_draws,
        logarithm_divided,
        rescaled_first,
        weighted_mean_log_weight,
        largest_weight,
        median_weight,
        harmonic_mean,
        running_bound,
        zeros_left_out,
        exponentiated_as_is,
        one_maximum_for_all,
        maximum_not_added_back,
        impossible_becomes_nan,
    ),
)
