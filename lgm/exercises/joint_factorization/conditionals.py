"""The exercise ``joint_factorization.conditionals``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.exercises.joint_factorization.cases import draw_joint, joint_tables

__all__ = ["CONDITIONALS"]


def conditionals(joint):
    pz, px = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    return (
        np.divide(joint, pz, out=np.zeros_like(joint), where=pz > 0),
        np.divide(joint, px, out=np.zeros_like(joint), where=px > 0),
    )


def _joint_tables_with_rare_lines(rng: np.random.Generator) -> list[Case]:
    row, column, both = draw_joint(rng, 3, 4), draw_joint(rng, 4, 3), draw_joint(rng, 3, 5)
    row[1] *= 1e-15
    column[:, 2] *= 1e-15
    both[0] *= 1e-15
    both[:, 4] *= 1e-15
    return [
        *joint_tables(rng),
        Case((row / row.sum(),), "a hidden value that is very rare, yet possible", "rare values"),
        Case((column / column.sum(),), "a value that is seen very rarely", "rare values"),
        Case((both / both.sum(),), "a rare row and a rare column", "rare values"),
    ]


def _one_or_nothing(table, margin, axis):
    """Sums to one where the condition can happen, and is all zero where it cannot."""
    return bool(np.all(table >= 0) and np.allclose(table.sum(axis=axis), margin > 0, atol=1e-3))


def _rows_are_distributions(tables, joint):
    return _one_or_nothing(tables[0], joint.sum(axis=1), axis=1)


def _columns_are_distributions(tables, joint):
    return _one_or_nothing(tables[1], joint.sum(axis=0), axis=0)


@misconception(
    "You returned the two tables in exchanged places.",
    "Both are made from the same cells, and “given” is easily read backwards; what stands behind "
    "that word is held fixed, and the other variable is the one whose probabilities sum to one.",
)
def directions_exchanged(joint):
    return joint / joint.sum(axis=0), joint / joint.sum(axis=1, keepdims=True)


@misconception(
    "You returned the joint table twice, without dividing it.",
    "A cell does tell how often two things go together; but “given” means that you look at one "
    "row or one column only, and there the cells must sum to one.",
)
def joint_undivided(joint):
    return joint, joint


@misconception(
    "You returned p(x given z) for both directions.",
    "In speech the two sound alike, and in court they have been confused; but they answer "
    "different questions, and they divide by different sums.",
)
def one_direction_twice(joint):
    likelihood = joint / joint.sum(axis=1, keepdims=True)
    return likelihood, likelihood


@misconception(
    "You divided rows by the sums of the rows, but laid these sums along the columns.",
    "The sums are the right ones; but numpy lines a vector up with the last axis, so each column "
    "was divided by the sum of some row.",
)
def margin_on_wrong_axis(joint):
    return joint / joint.sum(axis=1), joint / joint.sum(axis=0)


@misconception(
    "You divided zero by zero where the condition has probability zero, which gives NaN.",
    "The formula says to divide, and for most tables that is all; a condition that cannot happen "
    "needs the agreement that the specification states.",
)
def zero_over_zero(joint):
    return joint / joint.sum(axis=1, keepdims=True), joint / joint.sum(axis=0, keepdims=True)


@misconception(
    "You put a uniform distribution where the condition has probability zero.",
    "It sums to one, so it looks tidier than zeros; but it claims to know something about a case "
    "that cannot happen. The specification asks for zeros there.",
)
def uniform_where_impossible(joint):
    k, v = joint.shape
    pz, px = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    return np.where(pz > 0, joint / pz, 1 / v), np.where(px > 0, joint / px, 1 / k)


@misconception(
    "You returned p(z given x) with the values that can be seen as rows.",
    "What is given reads like the thing to look up first; but the latent axis comes first in "
    "every array of this course, whichever variable is given.",
)
def seen_axis_first(joint):
    return joint / joint.sum(axis=1, keepdims=True), (joint / joint.sum(axis=0)).T


@misconception(
    "You normalised the likelihoods over the hidden values: the prior is missing in p(z given x).",
    "What fits best looks most probable; but a hidden value that is rare stays rare unless what "
    "is seen speaks for it strongly enough.",
)
def prior_forgotten(joint):
    likelihood = joint / joint.sum(axis=1, keepdims=True)
    return likelihood, likelihood / likelihood.sum(axis=0)


@misconception(
    "You multiplied the joint by the prior once more before you normalised it.",
    "Bayes' rule speaks of prior times likelihood; but the joint is that product already.",
)
def prior_twice(joint):
    prior = joint.sum(axis=1, keepdims=True)
    weighted = joint * prior
    return joint / prior, weighted / weighted.sum(axis=0)


@misconception(
    "You divided by the largest cell of each row and column instead of by their sums.",
    "The best then gets a one, which is convenient for a picture; a distribution has to sum to "
    "one, and its largest entry is less.",
)
def divided_by_largest(joint):
    return joint / joint.max(axis=1, keepdims=True), joint / joint.max(axis=0)


@misconception(
    "You divided by both margins at once.",
    "The result says how much more often two things go together than by chance, which is worth "
    "knowing; but only one thing is given at a time, so only one sum divides.",
)
def divided_by_both(joint):
    ratio = joint / (joint.sum(axis=1, keepdims=True) * joint.sum(axis=0))
    return ratio, ratio


@misconception(
    "You kept only the most probable value, with probability one.",
    "One answer is easier to act on than a distribution; but how sure it is, and what else it "
    "could be, has been thrown away.",
)
def most_probable_only(joint):
    k, v = joint.shape
    return np.eye(v)[joint.argmax(axis=1)], np.eye(k)[joint.argmax(axis=0)].T


@misconception(
    "You returned the margins instead of the conditional tables.",
    "They are what one divides by; the division is still to be done, and it keeps the shape of "
    "the table.",
)
def margins_returned(joint):
    return joint.sum(axis=1), joint.sum(axis=0)


@misconception(
    "You took a very small probability for zero.",
    "A threshold looks like a careful test for zero; but rare is not impossible, and given that a "
    "rare thing happened, the rest is an ordinary distribution.",
)
def rare_taken_for_impossible(joint):
    pz, px = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    return np.where(pz > 1e-12, joint / pz, 0.0), np.where(px > 1e-12, joint / px, 0.0)


@misconception(
    "You added a small number to the sums before dividing.",
    "It avoids the division by zero; but where a condition is rarer than that small number, the "
    "result no longer sums to one.",
)
def padded_sums(joint):
    rows, columns = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    return joint / (rows + 1e-12), joint / (columns + 1e-12)


CONDITIONALS = Exercise(
    name="joint_factorization.conditionals",
    returns=("p(x given z)", "p(z given x)"),
    section="One table, two factorizations",
    reference=conditionals,
    cases=_joint_tables_with_rare_lines,
    properties=(
        Property(
            _rows_are_distributions,
            "Each row of p(x given z) must sum to one, or be all zero if its hidden value cannot "
            "happen.",
        ),
        Property(
            _columns_are_distributions,
            "Each column of p(z given x) must sum to one, or be all zero if what it stands for "
            "cannot be seen.",
        ),
    ),
    misconceptions=(
        directions_exchanged,
        joint_undivided,
        one_direction_twice,
        margin_on_wrong_axis,
        zero_over_zero,
        uniform_where_impossible,
        seen_axis_first,
        prior_forgotten,
        prior_twice,
        divided_by_largest,
        divided_by_both,
        most_probable_only,
        margins_returned,
        rare_taken_for_impossible,
        padded_sums,
    ),
)
