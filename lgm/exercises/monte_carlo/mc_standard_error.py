"""The exercise ``monte_carlo.mc_standard_error``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["MC_STANDARD_ERROR"]


def mc_standard_error(log_lik):
    ratio = np.exp(log_lik - log_lik.max())
    return float(ratio.std(ddof=1) / (np.sqrt(len(ratio)) * ratio.mean()))


def _draws(rng: np.random.Generator) -> list[Case]:
    def likelihood(s: int) -> np.ndarray:
        return rng.normal(-4.0, 1.5, s)

    def with_zeros(s: int) -> np.ndarray:
        draws = likelihood(s)
        draws[rng.permutation(s)[: s // 3]] = -np.inf
        return draws

    far = "likelihoods too large or too small to exponentiate"
    zeros = "draws that make x impossible"
    return [
        *(Case((likelihood(s),), "a handful of draws") for s in (5, 8, 12)),
        *(Case((likelihood(s),), "many draws") for s in (60, 250)),
        *(
            Case((likelihood(s) + shift,), far, "extreme values")
            for s, shift in ((6, -1000.0), (9, 1000.0), (15, -2000.0))
        ),
        *(Case((with_zeros(s),), zeros, "zeros") for s in (7, 10, 30)),
    ]


def _at_most_one(error, log_lik):
    return bool(0.0 <= error <= 1.01)


@misconception(
    "You measured the spread of the log likelihoods.",
    "The result is about a logarithm, so one reaches for the logarithms; but they were not what "
    "was averaged. A draw of likelihood nearly zero is far out as a logarithm, and hardly matters "
    "in the average.",
)
def spread_of_logs(log_lik):
    return np.std(log_lik, ddof=1) / np.sqrt(len(log_lik))


@misconception(
    "You returned the spread of the single draws, and not that of their average.",
    "It is relative to the mean, as it should be; but an average of many draws varies less than "
    "each of them.",
)
def spread_of_one_draw(log_lik):
    ratio = np.exp(log_lik - scipy.special.logsumexp(log_lik) + np.log(len(log_lik)))
    return np.std(ratio, ddof=1)


@misconception(
    "You divided the spread by the number of draws.",
    "More draws, less error, so one divides; but it is the variance that falls with their number, "
    "and the error only with its square root.",
)
def divided_by_draws(log_lik):
    ratio = np.exp(log_lik - scipy.special.logsumexp(log_lik) + np.log(len(log_lik)))
    return np.std(ratio, ddof=1) / len(log_lik)


@misconception(
    "You returned the standard error of the estimate of the probability itself.",
    "It is the error of an average as every textbook has it; but the logarithm turns an absolute "
    "error into a relative one, and yours still has to be compared with the average.",
)
def error_of_the_probability(log_lik):
    return np.std(np.exp(log_lik), ddof=1) / np.sqrt(len(log_lik))


@misconception(
    "You took the logarithm of a standard error.",
    "The estimate is a logarithm, so its error bar seems to want one as well; but an error is a "
    "distance on the log scale, and a distance is not logged again.",
)
def logarithm_of_the_error(log_lik):
    return np.log(np.std(np.exp(log_lik), ddof=1) / np.sqrt(len(log_lik)))


@misconception(
    "You divided the error of the probability by the estimate's logarithm.",
    "A relative error is what is wanted; but it is relative to the average likelihood itself.",
)
def relative_to_the_logarithm(log_lik):
    log_px = scipy.special.logsumexp(log_lik) - np.log(len(log_lik))
    return np.std(np.exp(log_lik), ddof=1) / np.sqrt(len(log_lik)) / np.abs(log_px)


@misconception(
    "You divided by the likeliest draw instead of by the average.",
    "After subtracting the largest logarithm the numbers are safe, and the largest is one; but the "
    "error has to be relative to the average, which is smaller.",
)
def relative_to_the_largest(log_lik):
    return np.std(np.exp(log_lik - log_lik.max()), ddof=1) / np.sqrt(len(log_lik))


@misconception(
    "You used the variance that divides by the number of draws.",
    "It is numpy's default; but the mean was estimated from the same draws, and the specification "
    "asks for the sample variance.",
)
def population_variance(log_lik):
    ratio = np.exp(log_lik - log_lik.max())
    return np.std(ratio) / np.mean(ratio) / np.sqrt(len(log_lik))


@misconception(
    "You returned a variance.",
    "Variances are what adds up; a standard error is the square root of one.",
)
def variance_for_error(log_lik):
    ratio = np.exp(log_lik - log_lik.max())
    return np.var(ratio, ddof=1) / np.mean(ratio) ** 2 / len(log_lik)


@misconception(
    "You took the root of the number of draws, but not of the variance.",
    "A root has been taken, and one is easily content with it; the spread is the root of the "
    "variance as well.",
)
def variance_over_root(log_lik):
    ratio = np.exp(log_lik - log_lik.max())
    return np.var(ratio, ddof=1) / np.mean(ratio) ** 2 / np.sqrt(len(log_lik))


@misconception(
    "You returned an error that knows only the number of draws.",
    "The rate is right, and it is the part that everybody remembers; but how far a draw varies "
    "decides how high the line begins.",
)
def number_of_draws_only(log_lik):
    return 1 / np.sqrt(len(log_lik))


@misconception(
    "You took the inverse root of an effective number of draws.",
    "It is nearly the same when a few draws dominate; but when all are equal it still reports an "
    "error, where there is none to be seen.",
)
def from_effective_draws(log_lik):
    shares = np.exp(log_lik - scipy.special.logsumexp(log_lik))
    return np.sqrt(np.sum(shares**2))


@misconception(
    "You measured how far the logarithm moves when one standard error is added.",
    "It is how far the upper end of the bar lies from the estimate, and for small errors it is the "
    "same; but the delta method follows the straight line, and the end below lies farther away.",
)
def upper_end_of_the_bar(log_lik):
    ratio = np.exp(log_lik - log_lik.max())
    return np.log1p(np.std(ratio, ddof=1) / np.mean(ratio) / np.sqrt(len(log_lik)))


@misconception(
    "You returned the half-width of a 95 % interval.",
    "That is what one draws in a figure; a standard error is about half of it.",
)
def half_width_of_the_interval(log_lik):
    ratio = np.exp(log_lik - log_lik.max())
    return 1.96 * np.std(ratio, ddof=1) / np.mean(ratio) / np.sqrt(len(log_lik))


@misconception(
    "You left out the draws that make x impossible.",
    "Their logarithm is minus infinity and looks like a fault; but a likelihood of zero is a value "
    "like any other, and a large part of the spread.",
)
def zeros_left_out(log_lik):
    possible = log_lik[np.isfinite(log_lik)]
    ratio = np.exp(possible - possible.max())
    return np.std(ratio, ddof=1) / np.mean(ratio) / np.sqrt(len(possible))


@misconception(
    "You exponentiated the likelihoods as they are.",
    "It reads like the formula and works for moderate numbers; but far from zero everything "
    "becomes 0 or infinity, and an error that is relative does not need it: a common factor "
    "cancels.",
)
def exponentiated_as_is(log_lik):
    likelihood = np.exp(log_lik)
    return np.std(likelihood, ddof=1) / np.mean(likelihood) / np.sqrt(len(log_lik))


@misconception(
    "You used the log likelihoods as if they were the likelihoods.",
    "The formula has been followed to the letter; but its letters are likelihoods, and you were "
    "given their logarithms.",
)
def logs_as_likelihoods(log_lik):
    return np.std(log_lik, ddof=1) / np.sqrt(len(log_lik)) / np.abs(np.mean(log_lik))


@misconception(
    "You corrected twice for the mean that was estimated.",
    "One draw fewer is right within the sample variance; an average of S draws still has S of "
    "them, and the root outside takes them all.",
)
def corrected_twice(log_lik):
    ratio = np.exp(log_lik - log_lik.max())
    return np.std(ratio, ddof=1) / np.mean(ratio) / np.sqrt(len(log_lik) - 1)


@misconception(
    "You used the variance of the likelihoods where their standard deviation belongs.",
    "The one is a step on the way to the other; but a variance has the unit squared, and so a "
    "common factor of the likelihoods no longer cancels.",
)
def variance_for_deviation(log_lik):
    ratio = np.exp(log_lik - log_lik.max())
    return np.var(ratio, ddof=1) / np.mean(ratio) / np.sqrt(len(log_lik))


@misconception(
    "You measured how far the likelihoods are from zero, and not from their mean.",
    "When a few draws dominate it is nearly the same; but a spread is about the mean, and draws "
    "that agree have none.",
)
def mean_not_subtracted(log_lik):
    ratio = np.exp(log_lik - log_lik.max())
    return np.sqrt(np.sum(ratio**2) / (len(ratio) - 1) / len(ratio)) / np.mean(ratio)


@misconception(
    "You compared the spread with the exponential of the average logarithm.",
    "It is the middle of the likelihoods on the log scale, and safe to subtract; but it lies below "
    "their mean, which is what the error is relative to.",
)
def relative_to_the_mean_logarithm(log_lik):
    ratio = np.exp(log_lik - np.mean(log_lik[np.isfinite(log_lik)]))
    return np.std(ratio, ddof=1) / np.sqrt(len(ratio))


@misconception(
    "You rescaled the likelihoods to a sum of one, and did not divide by their mean.",
    "Shares look as if they were relative already; but they are relative to the sum, and the "
    "formula compares with the mean.",
)
def relative_to_the_sum(log_lik):
    shares = np.exp(log_lik - scipy.special.logsumexp(log_lik))
    return np.std(shares, ddof=1) / np.sqrt(len(shares))


MC_STANDARD_ERROR = Exercise(
    name="monte_carlo.mc_standard_error",
    returns=("the standard error",),
    section="An error bar for free",
    reference=mc_standard_error,
    cases=_draws,
    properties=(
        Property(
            _at_most_one,
            "Likelihoods are not negative, and so this error lies between zero and one, where one "
            "means that a single draw carries everything. Yours does not.",
        ),
    ),
    misconceptions=(
        spread_of_logs,
        spread_of_one_draw,
        divided_by_draws,
        error_of_the_probability,
        logarithm_of_the_error,
        relative_to_the_logarithm,
        relative_to_the_largest,
        population_variance,
        variance_for_error,
        variance_over_root,
        number_of_draws_only,
        from_effective_draws,
        upper_end_of_the_bar,
        half_width_of_the_interval,
        zeros_left_out,
        exponentiated_as_is,
        logs_as_likelihoods,
        corrected_twice,
        variance_for_deviation,
        mean_not_subtracted,
        relative_to_the_mean_logarithm,
        relative_to_the_sum,
    ),
)
