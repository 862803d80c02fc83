"""The exercise ``continuous_marginal.rule_log_marginal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.logspace import logsumexp

__all__ = ["RULE_LOG_MARGINAL"]


def rule_log_marginal(log_lik, log_weights):
    return logsumexp(log_lik + log_weights[:, None], axis=0)


def _rules(rng: np.random.Generator) -> list[Case]:
    def likelihood(s: int, n: int) -> np.ndarray:
        return rng.normal(-3.0, 2.0, (s, n))

    def weights(s: int) -> np.ndarray:
        """Log weights that do not sum to one when exponentiated."""
        return rng.normal(-0.7, 1.0, s)

    nodes, w = np.polynomial.hermite_e.hermegauss(7)
    ability = -np.logaddexp(0.0, -(rng.uniform(0.5, 2.0, 4) * nodes[:, None] + rng.normal(size=4)))
    label = "nodes and weights of a rule"
    far = np.array([-1000.0, 1000.0, -1500.0])
    lost = weights(5)
    lost[[0, 3]] = -np.inf
    excluded = likelihood(5, 4)
    excluded[:, 1] = excluded[2, 0] = -np.inf
    return [
        Case((ability, np.log(w / w.sum())), f"{label} whose weights sum to one"),
        Case((likelihood(5, 3), weights(5)), f"{label} whose weights do not sum to one"),
        Case((likelihood(3, 6), weights(3)), f"{label} whose weights do not sum to one"),
        Case((likelihood(4, 4), weights(4)), "as many nodes as columns"),
        Case((likelihood(4, 1), weights(4)), "a single column", "a single node or column"),
        Case((likelihood(6, 1), weights(6)), "a single column", "a single node or column"),
        Case((likelihood(1, 3), weights(1)), "a single node", "a single node or column"),
        Case((likelihood(1, 5), weights(1)), "a single node", "a single node or column"),
        *(
            Case(
                (likelihood(4, 3) + factor * far, weights(4)),
                "likelihoods too large or too small to exponentiate",
                "extreme values",
            )
            for factor in (1.0, 2.0, -3.0)
        ),
        Case((likelihood(5, 3), lost), "nodes of weight zero", "zeros"),
        Case((excluded, weights(5)), "columns that some or all nodes exclude", "zeros"),
        Case((excluded[:, [1, 0]], weights(5)), "columns that some or all nodes exclude", "zeros"),
    ]


def _between_weighted_extremes(log_px, log_lik, log_weights):
    """A weighted sum lies between total weight times lowest and times highest value."""
    total = logsumexp(log_weights)
    lowest, highest = log_lik.min(axis=0) + total, log_lik.max(axis=0) + total
    return bool(np.all((log_px >= lowest - 1e-2) & (log_px <= highest + 1e-2)))


@misconception(
    "You left the weights out and added the likelihoods at the nodes.",
    "The sum over nodes is there; but the nodes of a rule are not equal partners, and one far out "
    "in the tail of the prior must hardly count.",
)
def weights_left_out(log_lik, log_weights):
    return scipy.special.logsumexp(log_lik, axis=0)


@misconception(
    "You took the plain mean over the nodes.",
    "It is what one does with random draws, where all weights are equal; the nodes of a rule are "
    "chosen, and their weights say what each stands for.",
)
def plain_mean(log_lik, log_weights):
    return scipy.special.logsumexp(log_lik, axis=0) - np.log(len(log_lik))


@misconception(
    "You divided the weighted sum by the number of nodes as well.",
    "A sum over nodes feels as if it still had to become a mean; but the weights have done that "
    "already.",
)
def divided_as_well(log_lik, log_weights):
    return scipy.special.logsumexp(log_lik + log_weights[:, None], axis=0) - np.log(len(log_lik))


@misconception(
    "You rescaled the weights so that they sum to one.",
    "Prior probabilities sum to one, and these look like them; but the weights of a rule are used "
    "as they stand: their total is part of the answer.",
)
def weights_rescaled(log_lik, log_weights):
    rescaled = log_weights - scipy.special.logsumexp(log_weights)
    return scipy.special.logsumexp(log_lik + rescaled[:, None], axis=0)


@misconception(
    "You averaged the log likelihoods with the weights.",
    "The weighting is right and nothing overflows; but averaging logarithms is not the logarithm "
    "of an average: with weights that sum to one it is never higher, and one impossible node "
    "drags it to minus infinity.",
)
def mean_of_logs(log_lik, log_weights):
    return np.exp(log_weights) @ log_lik


@misconception(
    "You took the largest weighted term instead of adding them all.",
    "One node may dominate; but every node stands for a stretch of z in which the data can come "
    "about.",
)
def largest_term(log_lik, log_weights):
    return np.max(log_lik + log_weights[:, None], axis=0)


@misconception(
    "You added the weights themselves to log likelihoods.",
    "A weight multiplies a likelihood, and multiplying is adding in log space; but then both "
    "sides have to be logarithms, and log_weights already is one.",
)
def weights_not_as_logs(log_lik, log_weights):
    return scipy.special.logsumexp(log_lik + np.exp(log_weights)[:, None], axis=0)


@misconception(
    "You let the weights run along the columns instead of along the nodes.",
    "Adding the two arrays needs no extra axis when there are as many columns as nodes, so it "
    "even runs; but a weight belongs to a node, which is a row.",
)
def weights_along_columns(log_lik, log_weights):
    return scipy.special.logsumexp(log_lik + log_weights, axis=0)


@misconception(
    "You added over the columns and kept the nodes.",
    "The last axis is numpy's habit; but the nodes are what is summed over, and they come first.",
)
def summed_over_columns(log_lik, log_weights):
    return scipy.special.logsumexp(log_lik + log_weights[:, None], axis=1)


@misconception(
    "You multiplied the columns together first, as if all shared one hidden value.",
    "That would be the marginal of readings that share one z; here every column is a person with "
    "a z of their own.",
)
def one_z_for_all(log_lik, log_weights):
    return scipy.special.logsumexp(log_lik.sum(axis=1) + log_weights)


@misconception(
    "You returned one total for all columns.",
    "The total is what one maximises in the end; the specification asks for a value for each "
    "column.",
)
def total_for_all(log_lik, log_weights):
    return np.sum(scipy.special.logsumexp(log_lik + log_weights[:, None], axis=0))


@misconception(
    "You returned how probable each node is given the data, instead of how probable the data are.",
    "Both come from the same weighted terms; the marginal is their total, the posterior is what "
    "is left after dividing by it.",
)
def posterior_of_the_nodes(log_lik, log_weights):
    terms = log_lik + log_weights[:, None]
    return terms - scipy.special.logsumexp(terms, axis=0)


@misconception(
    "You exponentiated the likelihoods as they are.",
    "It reads like the formula and works for moderate numbers; but the likelihood of many answers "
    "is too small for floating point.",
)
def exponentiated_as_is(log_lik, log_weights):
    return np.log(np.exp(log_weights) @ np.exp(log_lik))


@misconception(
    "You added a tiny number before taking the logarithm.",
    "It silences the warning about the logarithm of zero; but it replaces every small probability "
    "by the same made-up one, and what is impossible becomes possible.",
)
def tiny_number_added(log_lik, log_weights):
    return np.log(np.exp(log_weights) @ np.exp(log_lik) + 1e-300)


@misconception(
    "You subtracted one maximum for all columns.",
    "It stops the overflow; but a column whose values lie far below that maximum still vanishes. "
    "Each column needs its own.",
)
def one_maximum_for_all(log_lik, log_weights):
    terms = log_lik + log_weights[:, None]
    return terms.max() + np.log(np.exp(terms - terms.max()).sum(axis=0))


@misconception(
    "You subtracted the maximum also where it is minus infinity.",
    "Subtracting the maximum is right nearly always; but infinity minus infinity is NaN, and data "
    "that every node excludes have probability zero, whose logarithm is −inf.",
)
def impossible_becomes_nan(log_lik, log_weights):
    terms = log_lik + log_weights[:, None]
    m = terms.max(axis=0)
    return m + np.log(np.exp(terms - m).sum(axis=0))


RULE_LOG_MARGINAL = Exercise(
    name="continuous_marginal.rule_log_marginal",
    returns=("log p(x)",),
    section="A few nodes in the right places",
    reference=rule_log_marginal,
    cases=_rules,
    properties=(
        Property(
            _between_weighted_extremes,
            "A weighted sum of likelihoods lies between the lowest and the highest of them, each "
            "times the total weight.",
        ),
    ),
    misconceptions=(
        weights_left_out,
        plain_mean,
        divided_as_well,
        weights_rescaled,
        mean_of_logs,
        largest_term,
        weights_not_as_logs,
        weights_along_columns,
        summed_over_columns,
        one_z_for_all,
        total_for_all,
        posterior_of_the_nodes,
        exponentiated_as_is,
        tiny_number_added,
        one_maximum_for_all,
        impossible_becomes_nan,
    ),
)
