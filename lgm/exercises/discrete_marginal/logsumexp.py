"""The exercise ``discrete_marginal.logsumexp``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm import logspace
from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["LOGSUMEXP"]


def logsumexp(a, axis):
    return logspace.logsumexp(a, axis)


def _terms(rng: np.random.Generator) -> list[Case]:
    far = np.array([-1000.0, 1000.0, -800.0, 900.0])
    spread = np.array([0.0, -900.0, 40.0])
    some, every = rng.normal(0.0, 2.0, (2, 3, 4))
    some[1] = some[:, 2] = -np.inf
    every[:] = -np.inf
    label, unlike = "an axis other than the first", "terms of very different sizes"
    zeros, axes = "terms that are zero", "every axis"
    return [
        Case((rng.normal(0.0, 2.0, (3, 5)), 0), "a sum down each column"),
        Case((rng.normal(0.0, 2.0, (2, 7)), 0), "a sum down each column"),
        Case((rng.normal(1.0, 2.0, (4, 2)), 1), "a sum along each row"),
        Case((rng.normal(-3.0, 1.0, (5, 3)), 1), "a sum along each row"),
        Case((rng.normal(0.0, 2.0, 6), 0), "one list of terms"),
        Case((rng.normal(0.0, 2.0, (3, 4)) + far, 0), "sums too large or too small to write down"),
        Case((rng.normal(0.0, 2.0, (5, 4)) - far, 0), "sums too large or too small to write down"),
        Case((rng.normal(-1000.0, 2.0, 3), 0), "sums too large or too small to write down"),
        Case((rng.normal(0.0, 2.0, (2, 3)) + spread, 1), unlike, unlike),
        Case((rng.normal(0.0, 2.0, (3, 4)) + spread[:, None], 0), unlike, unlike),
        Case((rng.normal(0.0, 2.0, (2, 3, 4)), 1), label, axes),
        Case((rng.normal(0.0, 2.0, (3, 2, 5)), 2), label, axes),
        Case((rng.normal(0.0, 2.0, (4, 3)), -1), "an axis counted from the end", axes),
        Case((rng.normal(0.0, 2.0, (4, 3, 2)), -2), "an axis counted from the end", axes),
        Case((rng.normal(0.0, 2.0, (1, 3)), 0), "an axis of a single term", axes),
        Case((rng.normal(0.0, 2.0, (2, 1)), -1), "an axis of a single term", axes),
        Case((some, 0), "some terms are the logarithm of zero", zeros),
        Case((some.T.copy(), 1), "some terms are the logarithm of zero", zeros),
        Case((every, 1), "all terms are the logarithm of zero", zeros),
        Case((every[:, 0].copy(), 0), "all terms are the logarithm of zero", zeros),
    ]


def _between_largest_and_count(total, a, axis):
    largest = a.max(axis=axis)
    return bool(np.all((total >= largest - 1e-2) & (total <= largest + np.log(a.size) + 1e-2)))


@misconception(
    "You exponentiated the terms as they are, added, and took the logarithm at the end.",
    "That is what the name says, and it is right for numbers of ordinary size; but the exponential "
    "of −1000 is stored as 0 and that of 1000 as infinity, and no logarithm brings them back. Take "
    "the largest out before, and put it back after.",
)
def naive_sum(a, axis):
    return np.log(np.exp(a).sum(axis=axis))


@misconception(
    "You exponentiated the terms as they are, and added a tiny number so that no logarithm is "
    "taken of zero.",
    "It stops the −inf and the warning; but where the sum is smaller than your tiny number, you "
    "report the tiny number, and where the sum is zero, −inf is the right answer.",
)
def tiny_number_added(a, axis):
    return np.log(np.exp(a).sum(axis=axis) + 1e-300)


@misconception(
    "You subtracted the maximum and did not put it back.",
    "The exponentials are safe, and the result looks tame; but subtracting from every logarithm "
    "divides the sum, and that must be undone.",
)
def maximum_never_added_back(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return np.log(np.exp(a - m).sum(axis=axis))


@misconception(
    "You subtracted one maximum, that of the whole array, from all the sums.",
    "One number is easier to subtract than one for each sum; but a sum far smaller than the "
    "largest one then underflows, which is what the subtraction was to prevent.",
)
def one_maximum_for_all_sums(a, axis):
    m = a.max()
    return m + np.log(np.exp(a - m).sum(axis=axis))


@misconception(
    "Where all terms are −inf you returned NaN.",
    "Subtracting the maximum is safe nearly always; but −inf minus −inf is not a number. A sum of "
    "nothing but zeros is zero, and that has a logarithm here.",
)
def nan_where_all_are_zero(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return m.squeeze(axis) + np.log(np.exp(a - m).sum(axis=axis))


@misconception(
    "You subtracted the smallest term instead of the largest.",
    "Any shift is right on paper, and the smallest makes every exponent positive; but then it is "
    "the large terms that overflow. Only one choice leaves no exponent above zero.",
)
def smallest_subtracted(a, axis):
    m = a.min(axis=axis, keepdims=True)
    return m.squeeze(axis) + np.log(np.exp(a - m).sum(axis=axis))


@misconception(
    "You took the logarithm of the sum of the logarithms.",
    "There is a sum and there is a logarithm; but the terms to add are the numbers, and you are "
    "given their logarithms. Adding these multiplies the numbers.",
)
def exponentials_forgotten(a, axis):
    return np.log(a.sum(axis=axis))


@misconception(
    "You added the logarithms.",
    "One adds in log space so often that it has become a habit; but a sum of logarithms is the "
    "logarithm of a product, and here the numbers themselves are to be added.",
)
def logs_summed(a, axis):
    return a.sum(axis=axis)


@misconception(
    "You added the exponentials and did not take the logarithm of their sum.",
    "With the maximum taken out and put back the work seems done; but what is added to the maximum "
    "must be a logarithm too.",
)
def last_logarithm_forgotten(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return m.squeeze(axis) + np.exp(a - m).sum(axis=axis)


@misconception(
    "You took the mean of the exponentials instead of their sum.",
    "A marginal is an average, so a mean feels right; but this function only adds. The weights "
    "that make an average of the sum are in its terms already.",
)
def mean_for_sum(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return m.squeeze(axis) + np.log(np.exp(a - m).mean(axis=axis))


@misconception(
    "You returned the largest term alone.",
    "When one term is much larger than the rest, the sum is nearly that; but when several are "
    "alike, the others count.",
)
def largest_term_only(a, axis):
    return a.max(axis=axis)


@misconception(
    "You put the maximum back inside the logarithm.",
    "It has to be added back somewhere; but it was subtracted from logarithms, so it has to be "
    "added to a logarithm: that of the sum.",
)
def maximum_added_inside(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return np.log(m.squeeze(axis) + np.exp(a - m).sum(axis=axis))


@misconception(
    "You counted the largest term twice.",
    "Libraries take log1p of the sum of the *other* terms, for a few more digits; with the largest "
    "term still among them, its 1 is added twice.",
)
def maximum_counted_twice(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return m.squeeze(axis) + np.log1p(np.exp(a - m).sum(axis=axis))


@misconception(
    "You summed over the first axis, whatever `axis` says.",
    "The latent axis comes first in this course, so the first axis is nearly always meant; but the "
    "caller decides.",
)
def always_first_axis(a, axis):
    m = a.max(axis=0)
    return m + np.log(np.exp(a - m).sum(axis=0))


@misconception(
    "You summed over the whole array.",
    "Without `axis`, numpy's max and sum take everything and never complain; here each sum runs "
    "along one axis, and the other axes stay.",
)
def whole_array_summed(a, axis):
    m = a.max()
    return m + np.log(np.exp(a - m).sum())


@misconception(
    "You kept the summed axis, with length 1.",
    "`keepdims=True` is what makes the subtraction broadcast; but the result has one axis less "
    "than `a`.",
)
def summed_axis_kept(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return m + np.log(np.exp(a - m).sum(axis=axis, keepdims=True))


@misconception(
    "You added a maximum that still has the summed axis to a sum that has lost it, and numpy "
    "paired each with each.",
    "`keepdims=True` is what makes the subtraction broadcast; but before the maximum is put back, "
    "it has to lose that axis too.",
)
def maximum_keeps_the_axis(a, axis):
    m = a.max(axis=axis, keepdims=True)
    return m + np.log(np.exp(a - m).sum(axis=axis))


@misconception(
    "You dropped the axis of the maximum before you subtracted it.",
    "For axis 0 this broadcasts by luck; for any other axis the shapes no longer line up: numpy "
    "stops, or pairs the wrong numbers.",
)
def axis_of_maximum_lost(a, axis):
    m = a.max(axis=axis)
    return m + np.log(np.exp(a - m).sum(axis=axis))


LOGSUMEXP = Exercise(
    name="discrete_marginal.logsumexp",
    returns=("the log of the sum",),
    section="Sums of numbers too small to write down",
    reference=logsumexp,
    cases=_terms,
    properties=(
        Property(
            _between_largest_and_count,
            "A sum of nonnegative terms is at least its largest term, and at most the number of "
            "terms times that. Yours is not.",
        ),
    ),
    misconceptions=(
        naive_sum,
        tiny_number_added,
        maximum_never_added_back,
        one_maximum_for_all_sums,
        nan_where_all_are_zero,
        smallest_subtracted,
        exponentials_forgotten,
        logs_summed,
        last_logarithm_forgotten,
        mean_for_sum,
        largest_term_only,
        maximum_added_inside,
        maximum_counted_twice,
        always_first_axis,
        whole_array_summed,
        summed_axis_kept,
        maximum_keeps_the_axis,
        axis_of_maximum_lost,
    ),
)
