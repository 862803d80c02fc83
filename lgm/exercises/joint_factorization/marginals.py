"""The exercise ``joint_factorization.marginals``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Exercise, Property, misconception
from lgm.exercises.joint_factorization.cases import (
    joint_tables,
)

__all__ = ["MARGINALS"]


def marginals(joint):
    return joint.sum(axis=1), joint.sum(axis=0)


def _both_sum_to_one(margins, joint):
    return all(bool(np.all(p >= 0) and abs(p.sum() - 1.0) < 1e-3) for p in margins)


@misconception(
    "You returned the two margins in exchanged places.",
    "axis=0 sounds like the rows; but it is the axis that disappears in the sum, so summing over "
    "axis 0 leaves one number for each column.",
)
def margins_exchanged(joint):
    return joint.sum(axis=0), joint.sum(axis=1)


@misconception(
    "You averaged the cells instead of adding them.",
    "An average looks like a summary of a row; but the ways in which something can happen exclude "
    "each other, and their probabilities add up.",
)
def averages(joint):
    return joint.mean(axis=1), joint.mean(axis=0)


@misconception(
    "You took the largest cell of each row and column instead of adding all cells.",
    "The largest cell often makes up most of the sum; but the smaller ones are ways in which the "
    "same thing can happen, and they count.",
)
def largest_cells(joint):
    return joint.max(axis=1), joint.max(axis=0)


@misconception(
    "You kept the summed axis, so that the margins are still tables with one row or one column.",
    "keepdims is handy for dividing afterwards; a margin itself has one axis, that of its own "
    "variable.",
)
def axis_kept(joint):
    return joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)


@misconception(
    "You returned only the distribution of the hidden variable.",
    "The word “marginal” is in the singular in most books; a table has two margins, and both are "
    "asked for.",
)
def hidden_margin_only(joint):
    return joint.sum(axis=1)


@misconception(
    "You returned the logarithms of the margins.",
    "Most of this course works with logarithms; this function takes probabilities and returns "
    "probabilities.",
)
def logarithms_of_margins(joint):
    return np.log(joint.sum(axis=1)), np.log(joint.sum(axis=0))


@misconception(
    "You exponentiated the table before adding, as if it held logarithms.",
    "The exercise before this one did hold logarithms; this table holds probabilities, and they "
    "can be added as they are.",
)
def table_taken_for_logs(joint):
    return np.exp(joint).sum(axis=1), np.exp(joint).sum(axis=0)


@misconception(
    "You added all cells of the table, which leaves a single number.",
    "Without an axis, numpy sums over everything; a margin is summed over the other variable only.",
)
def everything_added(joint):
    return joint.sum(), joint.sum()


@misconception(
    "You read the margins off the last column and the last row.",
    "In a printed table the totals often stand there; this table has no totals yet, and its last "
    "row and column are cells like the others.",
)
def totals_already_there(joint):
    return joint[:, -1], joint[-1]


@misconception(
    "You averaged the rows' conditional distributions without weighting them by the hidden "
    "probabilities.",
    "Each row says what can be seen, so their average looks fair; but a row whose hidden value is "
    "rare contributes less to what is seen.",
)
def unweighted_average(joint):
    hidden = joint.sum(axis=1)
    conditional = joint / hidden[:, None]
    return hidden, conditional.mean(axis=0)


@misconception(
    "You returned the conditional tables instead of the margins.",
    "They are made with the margins, in the next step; a margin is one number for each value of "
    "one variable.",
)
def conditionals_returned(joint):
    return joint / joint.sum(axis=1, keepdims=True), joint / joint.sum(axis=0, keepdims=True)


@misconception(
    "You rounded the margins to two decimals.",
    "Rounded numbers read well; but what is computed from them later inherits the error. Round "
    "when you print, not when you compute.",
)
def rounded(joint):
    return np.round(joint.sum(axis=1), 2), np.round(joint.sum(axis=0), 2)


@misconception(
    "You dropped the values whose probability is zero.",
    "They never happen, so they look superfluous; but the place in the array says which value is "
    "meant, and without the zeros the others move.",
)
def zeros_dropped(joint):
    hidden, seen = joint.sum(axis=1), joint.sum(axis=0)
    return hidden[hidden > 0], seen[seen > 0]


MARGINALS = Exercise(
    name="joint_factorization.marginals",
    returns=("p(z)", "p(x)"),
    section="Sums at the margins",
    reference=marginals,
    cases=joint_tables,
    properties=(
        Property(
            _both_sum_to_one,
            "Each margin is a distribution: no entry is negative, and its entries sum to one.",
        ),
    ),
    misconceptions=(
        margins_exchanged,
        averages,
        largest_cells,
        axis_kept,
        hidden_margin_only,
        logarithms_of_margins,
        table_taken_for_logs,
        everything_added,
        totals_already_there,
        unweighted_average,
        conditionals_returned,
        rounded,
        zeros_dropped,
    ),
)
