"""The exercise ``joint_factorization.joint_table``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.exercises.joint_factorization.cases import (
    IMPOSSIBLE,
    LINES,
    SHAPES,
    draw_conditional,
    draw_prior,
    shape_label,
)

__all__ = ["JOINT_TABLE"]


def joint_table(prior, conditional):
    return prior[:, None] * conditional


def _prior_and_conditional(rng: np.random.Generator) -> list[Case]:
    def case(k: int, v: int, label: str, group: str = "typical values") -> Case:
        return Case((draw_prior(rng, k), draw_conditional(rng, k, v)), label, group)

    excluded = np.array([0.3, 0.0, 0.7]), draw_conditional(rng, 3, 4)
    forbidden = np.array([0.1, 0.6, 0.3]), draw_conditional(rng, 3, 5)
    forbidden[1][0, 1:] = forbidden[1][1, 0] = 0.0
    forbidden[1][:] /= forbidden[1].sum(axis=1, keepdims=True)
    return [
        *(case(k, v, shape_label(k, v)) for k, v in SHAPES),
        case(1, 4, "a single hidden value", LINES),
        case(3, 1, "a single value that can be seen", LINES),
        Case(excluded, "a hidden value of probability zero", IMPOSSIBLE),
        Case(forbidden, "hidden values that rule out some of what can be seen", IMPOSSIBLE),
    ]


def _is_distribution(joint, prior, conditional):
    return bool(np.all(joint >= 0) and abs(joint.sum() - 1.0) < 1e-3)


def _gives_prior_back(joint, prior, conditional):
    return bool(np.allclose(joint.sum(axis=1), prior, atol=1e-3))


@misconception(
    "You returned the conditional probabilities as they came, without the prior.",
    "Each row already is a distribution, so it looks finished; but a row whose hidden value is "
    "rare must weigh less than a row whose hidden value is common.",
)
def conditional_only(prior, conditional):
    return conditional


@misconception(
    "You laid the prior along the columns, one entry for each value that can be seen.",
    "numpy lines a vector up with the last axis unless told otherwise; but the prior belongs to "
    "the hidden values, and these are the rows.",
)
def prior_on_value_axis(prior, conditional):
    return prior * conditional


@misconception(
    "You added the prior to the conditional probabilities.",
    "In log space one does add, and the habit carries over; here the numbers are probabilities "
    "themselves, and two steps that must both happen combine in another way.",
)
def added_instead(prior, conditional):
    return prior[:, None] + conditional


@misconception(
    "You returned the logarithms of the table.",
    "The next exercise works with logarithms, and most of this course does; this table is asked "
    "for in probabilities, which sum to one.",
)
def logarithm_of_table(prior, conditional):
    return np.log(prior[:, None]) + np.log(conditional)


@misconception(
    "You summed over the hidden values, which leaves one number for each value that can be seen.",
    "A matrix product is short and multiplies the right pairs; but it also adds them up at once. "
    "The table keeps every pair in a cell of its own.",
)
def matrix_product(prior, conditional):
    return prior @ conditional


@misconception(
    "You returned the table with the values that can be seen as rows.",
    "Turning the table makes the prior line up by itself; but the latent axis comes first, and "
    "the table has to be turned back.",
)
def values_first(prior, conditional):
    return conditional.T * prior


@misconception(
    "You divided each column by its total: these are the hidden values' probabilities given what "
    "is seen.",
    "They are where Bayes' rule ends, so one runs on to them; the joint is the step before, and "
    "its cells sum to one all together, not column by column.",
)
def bayes_too_early(prior, conditional):
    joint = prior[:, None] * conditional
    return joint / joint.sum(axis=0)


@misconception(
    "You gave every hidden value the same probability.",
    "With no reason to prefer one, equal weights seem fair; but the prior that you were given says "
    "how often each hidden value comes about.",
)
def equal_weights(prior, conditional):
    return conditional / len(prior)


@misconception(
    "You multiplied the two margins, as if what is seen did not depend on what is hidden.",
    "Multiplying probabilities is right for independent events; here each hidden value has a row "
    "of its own, and using only the average row forgets which is which.",
)
def independent_product(prior, conditional):
    return np.outer(prior, prior @ conditional)


@misconception(
    "You rescaled the columns of the conditional table to sum to one before you used it.",
    "It looks like a table of probabilities that still needs normalising; but its rows are the "
    "distributions, and these are normalised already.",
)
def columns_rescaled(prior, conditional):
    return prior[:, None] * (conditional / conditional.sum(axis=0))


@misconception(
    "You put a small number in place of each zero.",
    "It is a common guard against the logarithm of zero; but zero is a legal probability, and a "
    "cell that cannot happen must stay exactly zero.",
)
def zeros_made_small(prior, conditional):
    return np.maximum(prior, 1e-6)[:, None] * np.maximum(conditional, 1e-6)


@misconception(
    "You divided by the prior.",
    "Dividing by the prior is how one comes back from the joint to a row of conditional "
    "probabilities; this is the way there.",
)
def prior_divided_out(prior, conditional):
    return conditional / prior[:, None]


JOINT_TABLE = Exercise(
    name="joint_factorization.joint_table",
    returns=("p(z, x)",),
    section="Prior times likelihood",
    reference=joint_table,
    cases=_prior_and_conditional,
    properties=(
        Property(
            _is_distribution,
            "A joint table holds no negative number, and all its cells together sum to one.",
        ),
        Property(
            _gives_prior_back,
            "Added along a row, the joint must give back the prior of that row.",
        ),
    ),
    misconceptions=(
        conditional_only,
        prior_on_value_axis,
        added_instead,
        logarithm_of_table,
        matrix_product,
        values_first,
        bayes_too_early,
        equal_weights,
        independent_product,
        columns_rescaled,
        zeros_made_small,
        prior_divided_out,
    ),
)
