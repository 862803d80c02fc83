"""The exercise ``monte_carlo.mc_log_marginal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.logspace import logsumexp

__all__ = ["MC_LOG_MARGINAL"]


def mc_log_marginal(log_lik):
    return logsumexp(log_lik, axis=0) - np.log(len(log_lik))


def _draws(rng: np.random.Generator) -> list[Case]:
    def likelihood(s: int, n: int) -> np.ndarray:
        return rng.normal(-3.0, 2.0, (s, n))

    abilities = rng.normal(size=(30, 1))
    answers = -np.logaddexp(0.0, -(rng.uniform(0.5, 2.0, 4) * abilities + rng.normal(size=4)))
    far = np.array([-1000.0, 1000.0, -1500.0])
    excluded = likelihood(5, 4)
    excluded[:, 1] = excluded[[0, 3], 0] = excluded[2, 3] = -np.inf
    label = "draws from the prior"
    one = "a single draw or column"
    out = "columns that some or all draws exclude"
    return [
        Case((answers,), "answers to four items, at abilities drawn from the prior"),
        Case((likelihood(5, 3),), f"{label}, more than columns"),
        Case((likelihood(3, 6),), f"{label}, fewer than columns"),
        Case((likelihood(4, 4),), f"{label}, as many as columns"),
        Case((likelihood(4, 1),), "a single column", one),
        Case((likelihood(7, 1),), "a single column", one),
        Case((likelihood(1, 3),), "a single draw", one),
        Case((likelihood(1, 5),), "a single draw", one),
        *(
            Case(
                (likelihood(4, 3) + factor * far,),
                "likelihoods too large or too small to exponentiate",
                "extreme values",
            )
            for factor in (1.0, 2.0, -3.0)
        ),
        Case((excluded,), out, "zeros"),
        Case((excluded[:, [3, 1, 0]],), out, "zeros"),
        Case((excluded[1:, [2, 3]],), out, "zeros"),
    ]


def _between_extremes(log_px, log_lik):
    """An average lies between the lowest and the highest of what it averages."""
    lowest, highest = log_lik.min(axis=0), log_lik.max(axis=0)
    return bool(np.all((log_px >= lowest - 1e-2) & (log_px <= highest + 1e-2)))


@misconception(
    "You averaged the log likelihoods.",
    "It is short and nothing underflows; but the logarithm of an average is above the average of "
    "the logarithms wherever the draws disagree, and more draws do not close that gap.",
)
def mean_of_logs(log_lik):
    return np.mean(log_lik, axis=0)


@misconception(
    "You added the likelihoods of the draws and did not divide by their number.",
    "In chapter 3 a sum was all it took, because the prior was among the terms; a draw stands for "
    "an equal share of the prior, and without that share the answer grows with the draws.",
)
def sum_for_mean(log_lik):
    return scipy.special.logsumexp(log_lik, axis=0)


@misconception(
    "You took the harmonic mean of the likelihoods.",
    "A harmonic mean belongs to draws from the posterior, and even there it can hardly be trusted; "
    "draws from the prior take the plain mean.",
)
def harmonic_mean(log_lik):
    return np.log(len(log_lik)) - scipy.special.logsumexp(-log_lik, axis=0)


@misconception(
    "You divided by the number of columns instead of the number of draws.",
    "Both numbers are in the shape; but the average runs over the draws, which are the first axis.",
)
def divided_by_columns(log_lik):
    return scipy.special.logsumexp(log_lik, axis=0) - np.log(log_lik.shape[1])


@misconception(
    "You multiplied by the number of draws where you should divide.",
    "In log space dividing is subtracting, and a sign is soon the wrong way round.",
)
def multiplied_by_draws(log_lik):
    return scipy.special.logsumexp(log_lik, axis=0) + np.log(len(log_lik))


@misconception(
    "You divided the logarithm of the sum by the number of draws.",
    "A mean is a sum divided by a number; but it is the sum that is divided, not its logarithm. "
    "From the logarithm, subtract that of the number.",
)
def logarithm_divided(log_lik):
    return scipy.special.logsumexp(log_lik, axis=0) / len(log_lik)


@misconception(
    "You divided by the number of draws less one.",
    "That divisor belongs to a sample variance, where the mean has used up a draw; a mean divides "
    "by all of them.",
)
def divided_by_one_less(log_lik):
    return scipy.special.logsumexp(log_lik, axis=0) - np.log(max(len(log_lik) - 1, 1))


@misconception(
    "You kept the largest likelihood instead of averaging them all.",
    "A few draws carry most of the sum; but the best of them says how well x can be explained, and "
    "not how probable it is, and it only ever goes up with more draws.",
)
def best_draw(log_lik):
    return np.max(log_lik, axis=0)


@misconception(
    "You took the median of the draws.",
    "It is not disturbed by a few large values; but in an average of likelihoods the few large "
    "values are the answer.",
)
def median_draw(log_lik):
    return np.median(log_lik, axis=0)


@misconception(
    "You averaged over the columns and kept the draws.",
    "The last axis is numpy's habit; but the draws are what is averaged over, and they come first.",
)
def averaged_over_columns(log_lik):
    return scipy.special.logsumexp(log_lik, axis=1) - np.log(log_lik.shape[1])


@misconception(
    "You multiplied the columns together first, as if all shared one hidden value.",
    "That would be the marginal of observations that share one z; here each column has a z of its "
    "own, and the draws are only used for all of them.",
)
def one_z_for_all(log_lik):
    return scipy.special.logsumexp(log_lik.sum(axis=1)) - np.log(len(log_lik))


@misconception(
    "You returned one total for all columns.",
    "The total is what one maximises in the end; the specification asks for a value for each "
    "column.",
)
def total_for_all(log_lik):
    return np.sum(scipy.special.logsumexp(log_lik, axis=0) - np.log(len(log_lik)))


@misconception(
    "You averaged over draws and columns together.",
    "One mean over the whole array is short; but each column is an observation, and keeps a "
    "probability of its own.",
)
def mean_of_everything(log_lik):
    return scipy.special.logsumexp(log_lik) - np.log(log_lik.size)


@misconception(
    "You returned how much each draw contributes, instead of their average.",
    "Both come from the same likelihoods; the shares are the posterior of the draws, and the "
    "marginal is what one divides by to get them.",
)
def shares_of_the_draws(log_lik):
    return log_lik - scipy.special.logsumexp(log_lik, axis=0)


@misconception(
    "You subtracted the largest value for safety and did not add it back.",
    "The shift prevents underflow, and it does not change the shares; but the marginal needs it "
    "back.",
)
def maximum_not_added_back(log_lik):
    return np.log(np.mean(np.exp(log_lik - log_lik.max(axis=0)), axis=0))


@misconception(
    "You left out the draws that make x impossible, and averaged the others.",
    "Their logarithm is minus infinity and looks like a fault in the data; but a draw that cannot "
    "explain x is an honest zero, and it counts in the average.",
)
def zeros_left_out(log_lik):
    allowed = np.isfinite(log_lik).sum(axis=0)
    return scipy.special.logsumexp(log_lik, axis=0) - np.log(np.maximum(allowed, 1))


@misconception(
    "You exponentiated the likelihoods as they are.",
    "It reads like the formula and works for moderate numbers; but the likelihood of many answers "
    "is too small for floating point.",
)
def exponentiated_as_is(log_lik):
    return np.log(np.mean(np.exp(log_lik), axis=0))


@misconception(
    "You added a tiny number before taking the logarithm.",
    "It silences the warning about the logarithm of zero; but it replaces every small probability "
    "by the same made-up one, and what is impossible becomes possible.",
)
def tiny_number_added(log_lik):
    return np.log(np.mean(np.exp(log_lik), axis=0) + 1e-300)


@misconception(
    "You subtracted one maximum for all columns.",
    "It stops the overflow; but a column whose values lie far below that maximum still vanishes. "
    "Each column needs its own.",
)
def one_maximum_for_all(log_lik):
    return log_lik.max() + np.log(np.mean(np.exp(log_lik - log_lik.max()), axis=0))


@misconception(
    "You subtracted the maximum also where it is minus infinity.",
    "Subtracting the maximum is right nearly always; but infinity minus infinity is NaN, and data "
    "that every draw excludes have an estimated probability of zero, whose logarithm is −inf.",
)
def impossible_becomes_nan(log_lik):
    m = log_lik.max(axis=0)
    return m + np.log(np.mean(np.exp(log_lik - m), axis=0))


@misconception(
    "You divided by the number of entries of the whole array.",
    "An array's size is quickly at hand; but it counts draws and columns, and each average is over "
    "the draws of one column.",
)
def divided_by_all_entries(log_lik):
    return scipy.special.logsumexp(log_lik, axis=0) - np.log(log_lik.size)


@misconception(
    "You added all columns into one sum.",
    "Without an axis the function adds whatever it is given; but a column is an observation, and "
    "each has an average of its own.",
)
def one_sum_for_all(log_lik):
    return scipy.special.logsumexp(log_lik) - np.log(len(log_lik))


@misconception(
    "You added half the variance of the log likelihoods to their mean.",
    "It repairs the average of logarithms if these are normally distributed; likelihoods need not "
    "have that shape, and their average itself needs no repair.",
)
def as_if_lognormal(log_lik):
    return np.mean(log_lik, axis=0) + np.var(log_lik, axis=0) / 2


@misconception(
    "You averaged over the columns and divided by the number of draws.",
    "The last axis is numpy's habit; but the draws are what is averaged over, and they come first.",
)
def summed_over_columns(log_lik):
    return scipy.special.logsumexp(log_lik, axis=1) - np.log(len(log_lik))


MC_LOG_MARGINAL = Exercise(
    name="monte_carlo.mc_log_marginal",
    returns=("log p(x)",),
    section="Let chance place the nodes",
    reference=mc_log_marginal,
    cases=_draws,
    properties=(
        Property(
            _between_extremes,
            "An average lies between the lowest and the highest of what it averages. Yours does "
            "not.",
        ),
    ),
    misconceptions=(
        mean_of_logs,
        sum_for_mean,
        harmonic_mean,
        divided_by_columns,
        multiplied_by_draws,
        logarithm_divided,
        divided_by_one_less,
        best_draw,
        median_draw,
        averaged_over_columns,
        one_z_for_all,
        total_for_all,
        mean_of_everything,
        shares_of_the_draws,
        maximum_not_added_back,
        zeros_left_out,
        exponentiated_as_is,
        tiny_number_added,
        one_maximum_for_all,
        impossible_becomes_nan,
        divided_by_all_entries,
        one_sum_for_all,
        as_if_lognormal,
        summed_over_columns,
    ),
)
