"""The exercise ``discrete_marginal.responsibilities``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm import logspace
from lgm.exercises.discrete_marginal.cases import priors_and_likelihoods
from lgm.exercises.exercise import Exercise, Property, misconception

__all__ = ["RESPONSIBILITIES"]


def responsibilities(log_prior, log_lik):
    return np.exp(logspace.log_normalize(log_prior[:, None] + log_lik, axis=0))


def _probabilities(posterior, log_prior, log_lik):
    return bool(np.all((posterior >= -1e-6) & (posterior <= 1 + 1e-3)))


def _columns_sum_to_one(posterior, log_prior, log_lik):
    return bool(np.all(np.abs(posterior.sum(axis=0) - 1) <= 1e-3))


@misconception(
    "You returned prior times likelihood without normalising.",
    "These numbers have the right proportions, and the largest is where it should be; but "
    "probabilities of the components, given the observation, must sum to one.",
)
def never_normalised(log_prior, log_lik):
    return np.exp(log_prior[:, None] + log_lik)


@misconception(
    "You normalised the likelihoods and left the prior out.",
    "The likelihood says how well each component explains the point; but a rare component needs "
    "more evidence than a common one.",
)
def prior_left_out(log_prior, log_lik):
    r = np.exp(log_lik - log_lik.max(axis=0))
    return r / r.sum(axis=0)


@misconception(
    "You let the prior run along the observations.",
    "numpy lines shapes up from the right, so the two arrays meet at the wrong end. A prior "
    "probability belongs to a component, which is a row.",
)
def prior_along_observations(log_prior, log_lik):
    a = log_prior + log_lik
    r = np.exp(a - a.max(axis=0))
    return r / r.sum(axis=0)


@misconception(
    "You counted the prior twice.",
    "Bayes' rule is applied once: when the joint already holds the prior, weighting it again makes "
    "the common components too common.",
)
def prior_counted_twice(log_prior, log_lik):
    a = 2 * log_prior[:, None] + log_lik
    r = np.exp(a - a.max(axis=0))
    return r / r.sum(axis=0)


@misconception(
    "You normalised over the observations, so that each component's numbers sum to one.",
    "Dividing by a sum is right, but over which axis? Each observation came from one component: it "
    "is the components that compete for an observation.",
)
def normalised_over_observations(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    r = np.exp(a - a.max(axis=1, keepdims=True))
    return r / r.sum(axis=1, keepdims=True)


@misconception(
    "You normalised the whole table at once, so that all its numbers together sum to one.",
    "A joint table is normalised like that; but you were asked for one distribution over the "
    "components for each observation.",
)
def normalised_globally(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    r = np.exp(a - a.max())
    return r / r.sum()


@misconception(
    "You gave each observation wholly to its likeliest component.",
    "A label for each point is easy to read; but it claims certainty where there is none. A point "
    "between two components belongs partly to each.",
)
def hard_assignment(log_prior, log_lik):
    best = np.argmax(log_prior[:, None] + log_lik, axis=0)
    return (np.arange(len(log_prior))[:, None] == best).astype(float)


@misconception(
    "You returned the logarithms of the responsibilities.",
    "Everything up to here is a logarithm, so staying there is natural; but a responsibility is a "
    "probability, between 0 and 1.",
)
def logarithms_returned(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    return a - scipy.special.logsumexp(a, axis=0)


@misconception(
    "You divided the log joint by the sum of the log joint.",
    "Dividing by the total is how one normalises numbers; logarithms are normalised by subtracting "
    "the logarithm of a total.",
)
def logarithms_divided(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    return a / a.sum(axis=0)


@misconception(
    "You divided by the product of the joint terms instead of by their sum.",
    "Subtracting a sum of logarithms looks like normalising in log space; but a sum of logarithms "
    "is the logarithm of a product.",
)
def divided_by_the_product(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    return np.exp(a - a.sum(axis=0))


@misconception(
    "You normalised the likelihoods first and weighted them by the prior afterwards.",
    "Both ingredients are there, in the wrong order: after the weighting the columns no longer sum "
    "to one.",
)
def weighted_after_normalising(log_prior, log_lik):
    r = np.exp(log_lik - log_lik.max(axis=0))
    return np.exp(log_prior)[:, None] * r / r.sum(axis=0)


@misconception(
    "You multiplied the log prior by the log likelihood.",
    "Prior times likelihood is the rule; for logarithms, times becomes plus.",
)
def prior_multiplied_in_logs(log_prior, log_lik):
    a = log_prior[:, None] * log_lik
    r = np.exp(a - a.max(axis=0))
    return r / r.sum(axis=0)


@misconception(
    "You weighted the likelihoods with the log prior, as if it were the prior.",
    "After the division nothing looks wrong, since negative over negative is positive; but the "
    "rarest component has the most negative logarithm, so it now counts most.",
)
def weighted_with_log_prior(log_prior, log_lik):
    r = log_prior[:, None] * np.exp(log_lik - log_lik.max(axis=0))
    return r / r.sum(axis=0)


@misconception(
    "You averaged the responsibilities over the observations.",
    "The share of each component in the data is a useful number, and chapter 8 needs it; but here "
    "each observation keeps its own column.",
)
def averaged_over_observations(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    r = np.exp(a - a.max(axis=0))
    return (r / r.sum(axis=0)).mean(axis=1)


@misconception(
    "You put the observations first, with shape (N, K).",
    "A table with a row for each observation is common elsewhere; in this course the latent axis "
    "comes first.",
)
def observations_first(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    r = np.exp(a - a.max(axis=0))
    return (r / r.sum(axis=0)).T


@misconception(
    "You left log space before normalising.",
    "It is Bayes' rule as it stands on paper, and right for numbers of ordinary size; when all "
    "joint terms of an observation underflow it becomes 0 divided by 0.",
)
def bayes_without_logs(log_prior, log_lik):
    joint = np.exp(log_prior[:, None] + log_lik)
    return joint / joint.sum(axis=0)


@misconception(
    "You left log space, and added a tiny number to what you divide by.",
    "The division by zero is gone; but an observation whose terms all underflow now belongs to no "
    "component at all.",
)
def tiny_number_in_the_denominator(log_prior, log_lik):
    joint = np.exp(log_prior[:, None] + log_lik)
    return joint / (joint.sum(axis=0) + 1e-300)


@misconception(
    "You subtracted one maximum from all observations.",
    "One number is easy to subtract; but an observation that is far less probable than the "
    "likeliest one then underflows after all, and becomes 0 divided by 0.",
)
def same_shift_for_all(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    r = np.exp(a - a.max())
    return r / r.sum(axis=0)


RESPONSIBILITIES = Exercise(
    name="discrete_marginal.responsibilities",
    returns=("p(z given x)",),
    section="From prior to posterior",
    reference=responsibilities,
    cases=priors_and_likelihoods,
    properties=(
        Property(_probabilities, "Responsibilities are probabilities: each lies between 0 and 1."),
        Property(
            _columns_sum_to_one,
            "Every observation came from some component, so each column of responsibilities sums "
            "to one. Yours do not.",
        ),
    ),
    misconceptions=(
        never_normalised,
        prior_left_out,
        prior_along_observations,
        prior_counted_twice,
        normalised_over_observations,
        normalised_globally,
        hard_assignment,
        logarithms_returned,
        logarithms_divided,
        divided_by_the_product,
        weighted_after_normalising,
        prior_multiplied_in_logs,
        weighted_with_log_prior,
        averaged_over_observations,
        observations_first,
        bayes_without_logs,
        tiny_number_in_the_denominator,
        same_shift_for_all,
    ),
)
