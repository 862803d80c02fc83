"""The exercise ``discrete_marginal.log_marginal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm import logspace
from lgm.exercises.discrete_marginal.cases import with_excluded
from lgm.exercises.exercise import Exercise, Property, misconception

__all__ = ["LOG_MARGINAL"]


def log_marginal(log_prior, log_lik):
    return logspace.logsumexp(log_prior[:, None] + log_lik, axis=0)


def _between_terms(log_px, log_prior, log_lik):
    """A sum of nonnegative terms is at least its largest term, and at most K times that."""
    largest = (log_prior[:, None] + log_lik).max(axis=0)
    count = np.log(len(log_prior))
    return bool(np.all((log_px >= largest - 1e-2) & (log_px <= largest + count + 1e-2)))


@misconception(
    "You took the largest joint term instead of adding them all.",
    "One component often explains a point nearly alone, so the largest term looks like the whole; "
    "but every way in which the point can come about adds to its probability.",
)
def max_for_sum(log_prior, log_lik):
    return np.max(log_prior[:, None] + log_lik, axis=0)


@misconception(
    "You added the likelihoods without weighting them by the prior.",
    "The sum over components is there, so it looks like the marginal; but a component that is "
    "rarely chosen must count less.",
)
def unweighted_sum(log_prior, log_lik):
    m = log_lik.max(axis=0)
    return m + np.log(np.exp(log_lik - m).sum(axis=0))


@misconception(
    "You averaged the likelihoods with equal weights.",
    "The marginal is an average of the likelihoods; but it is the prior that says how much each of "
    "them counts, and it is not uniform here.",
)
def uniform_mean(log_prior, log_lik):
    m = log_lik.max(axis=0)
    return m + np.log(np.exp(log_lik - m).mean(axis=0))


@misconception(
    "You took the mean of the joint terms instead of their sum.",
    "The marginal is an average, so a mean feels right; but the prior inside the joint terms has "
    "made the average already, and you divide by K once more.",
)
def mean_of_joints(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    m = a.max(axis=0)
    return m + np.log(np.exp(a - m).mean(axis=0))


@misconception(
    "You averaged the log likelihoods, weighted by the prior.",
    "It is short, and it cannot underflow; but the logarithm of an average is not the average of "
    "the logarithms. What you have is never more than the log marginal (Jensen's inequality).",
)
def average_of_logs(log_prior, log_lik):
    return (np.exp(log_prior)[:, None] * log_lik).sum(axis=0)


@misconception(
    "You added the log joint terms themselves.",
    "In log space one adds all the time; but adding logarithms multiplies, and the ways in which a "
    "point can come about are alternatives, to be added.",
)
def log_joints_added(log_prior, log_lik):
    return (log_prior[:, None] + log_lik).sum(axis=0)


@misconception(
    "You multiplied the log prior by the log likelihood.",
    "Prior times likelihood is the rule; for logarithms, times becomes plus.",
)
def logs_multiplied(log_prior, log_lik):
    a = log_prior[:, None] * log_lik
    m = a.max(axis=0)
    return m + np.log(np.exp(a - m).sum(axis=0))


@misconception(
    "You weighted the likelihoods with the log prior, as if it were the prior.",
    "The weighting is in the right place; but logarithms of probabilities are negative, and a sum "
    "weighted with them has no logarithm.",
)
def log_prior_as_prior(log_prior, log_lik):
    return np.log((log_prior[:, None] * np.exp(log_lik)).sum(axis=0))


@misconception(
    "You used the likelihood of the component with the largest prior, and nothing else.",
    "If you had to bet on one component, it would be this one; but not knowing the component means "
    "that all of them contribute.",
)
def favourite_component(log_prior, log_lik):
    return log_lik[np.argmax(log_prior)]


@misconception(
    "You took the likelihood under the component that fits best.",
    "The best explanation is tempting; but picking it after seeing the point, and without its "
    "prior, gives every point more probability than there is to share out.",
)
def best_fit(log_prior, log_lik):
    return log_lik.max(axis=0)


@misconception(
    "You summed over the observations instead of the components.",
    "Both axes can be summed and numpy does not mind; but the hidden variable is the first axis, "
    "and one number for each observation must remain.",
)
def summed_over_observations(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    m = a.max(axis=1, keepdims=True)
    return m[:, 0] + np.log(np.exp(a - m).sum(axis=1))


@misconception(
    "You returned one number for all observations together.",
    "That number is wanted too, a little later; here each observation keeps its own.",
)
def dataset_total(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    m = a.max(axis=0)
    return (m + np.log(np.exp(a - m).sum(axis=0))).sum()


@misconception(
    "You returned the log joint, with the hidden variable still in it.",
    "Prior and likelihood are combined as they should be; but to marginalise is to sum the hidden "
    "variable out, and the first axis must be gone.",
)
def joint_returned(log_prior, log_lik):
    return log_prior[:, None] + log_lik


@misconception(
    "You added the log prior along the wrong axis.",
    "Numpy lines shapes up from the right, so an array of length K meets the observations; the "
    "prior belongs to the first axis.",
)
def prior_along_observations(log_prior, log_lik):
    a = log_prior + log_lik
    m = a.max(axis=0)
    return m + np.log(np.exp(a - m).sum(axis=0))


@misconception(
    "You exponentiated the joint terms as they are, with nothing subtracted first.",
    "It is the formula as it stands on paper, and right for numbers of ordinary size; a log "
    "likelihood of −1000 becomes an exact zero, and one of 1000 infinity.",
)
def exponentiated_first(log_prior, log_lik):
    return np.log((np.exp(log_prior)[:, None] * np.exp(log_lik)).sum(axis=0))


@misconception(
    "You left log space, and added a tiny number so that no logarithm is taken of zero.",
    "The −inf and the warning are gone; but every observation that is less probable than your tiny "
    "number now gets the same invented value, and an impossible one becomes possible.",
)
def floor_under_the_sum(log_prior, log_lik):
    return np.log((np.exp(log_prior)[:, None] * np.exp(log_lik)).sum(axis=0) + 1e-300)


@misconception(
    "You subtracted one maximum from all observations.",
    "One number is easy to subtract; but an observation that is far less probable than the "
    "likeliest one then underflows after all.",
)
def one_maximum_for_all_observations(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    m = a.max()
    return m + np.log(np.exp(a - m).sum(axis=0))


@misconception(
    "For an observation that every component excludes you returned NaN.",
    "Subtracting the maximum is safe nearly always; but −inf minus −inf is not a number. Such an "
    "observation has probability zero, and its logarithm is legal here.",
)
def nan_where_all_exclude(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    m = a.max(axis=0)
    return m + np.log(np.exp(a - m).sum(axis=0))


LOG_MARGINAL = Exercise(
    name="discrete_marginal.log_marginal",
    returns=("log p(x)",),
    section="One marginal for every observation",
    reference=log_marginal,
    cases=with_excluded,
    properties=(
        Property(
            _between_terms,
            "A sum of nonnegative terms cannot be below its largest term, nor above K times it.",
        ),
    ),
    misconceptions=(
        max_for_sum,
        unweighted_sum,
        uniform_mean,
        mean_of_joints,
        average_of_logs,
        log_joints_added,
        logs_multiplied,
        log_prior_as_prior,
        favourite_component,
        best_fit,
        summed_over_observations,
        dataset_total,
        joint_returned,
        prior_along_observations,
        exponentiated_first,
        floor_under_the_sum,
        one_maximum_for_all_observations,
        nan_where_all_exclude,
    ),
)
