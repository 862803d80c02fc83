"""The exercise ``discrete_marginal.dataset_log_likelihood``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.discrete_marginal.cases import FAR, with_excluded
from lgm.exercises.discrete_marginal.log_marginal import log_marginal
from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["DATASET_LOG_LIKELIHOOD"]


def dataset_log_likelihood(log_prior, log_lik):
    return float(log_marginal(log_prior, log_lik).sum())


def _datasets(rng: np.random.Generator) -> list[Case]:
    many, wide = "several hundred observations", "observations of very different probability"
    prior = np.log([0.6, 0.3, 0.1])
    one_huge = rng.normal(0.0, 2.0, (3, 4)) + np.array([-500.0, -600.0, -400.0, 1000.0])
    one_tiny = rng.normal(0.0, 2.0, (3, 4)) + np.array([500.0, 600.0, 450.0, -1000.0])
    # With a single observation, its log marginal in a list would pass for a value per observation.
    several = (case for case in with_excluded(rng) if case.args[1].shape[1] > 1)
    return [
        Case((prior, rng.normal(-6.0, 2.0, (3, 400))), many),
        Case((np.log([0.2, 0.8]), rng.normal(-5.0, 1.0, (2, 500))), many),
        *(case for case in several if case.group != FAR),
        Case((prior, one_huge), wide, FAR),
        Case((prior, one_tiny), wide, FAR),
    ]


def _between_sums(total, log_prior, log_lik):
    largest = (log_prior[:, None] + log_lik).max(axis=0).sum()
    slack = 1e-2 + 1e-5 * np.abs(largest) if np.isfinite(largest) else 0.0
    count = log_lik.shape[1] * np.log(len(log_prior))
    return bool(largest - slack <= total <= largest + count + slack)


@misconception(
    "You multiplied the densities of all observations and took the logarithm of the product.",
    "Independent observations multiply, so it is right on paper; but such a product soon leaves "
    "the range of the machine, to 0 below or to infinity above.",
)
def product_of_densities(log_prior, log_lik):
    px = np.exp(scipy.special.logsumexp(log_prior[:, None] + log_lik, axis=0))
    return np.log(np.prod(px))


@misconception(
    "You let one component produce the whole dataset.",
    "The likelihoods are summed over the observations first, then over the components; but each "
    "observation has a hidden variable of its own, so the components come first.",
)
def one_component_for_everything(log_prior, log_lik):
    return scipy.special.logsumexp(log_prior + log_lik.sum(axis=1))


@misconception(
    "You added the densities of the observations.",
    "There are two sums in this formula, so one logsumexp over everything is tempting; but "
    "observations that all happened are multiplied. Only alternatives are added.",
)
def densities_added(log_prior, log_lik):
    return scipy.special.logsumexp(log_prior[:, None] + log_lik)


@misconception(
    "You averaged over the observations.",
    "A mean per observation is easy to compare between datasets; but the log likelihood of the "
    "dataset is the total.",
)
def mean_per_observation(log_prior, log_lik):
    return scipy.special.logsumexp(log_prior[:, None] + log_lik, axis=0).mean()


@misconception(
    "You returned one number for each observation.",
    "These are the right ingredients; the dataset has one log likelihood, a single number.",
)
def never_totalled(log_prior, log_lik):
    return scipy.special.logsumexp(log_prior[:, None] + log_lik, axis=0)


@misconception(
    "You gave each observation to its likeliest component and added up those joint terms.",
    "That is the likelihood of the best labelling, and it looks close; but every observation could "
    "have come from any component, and what you leave out grows with the data.",
)
def best_labelling(log_prior, log_lik):
    return (log_prior[:, None] + log_lik).max(axis=0).sum()


@misconception(
    "You added the likelihoods of the components without their prior.",
    "Both sums are there; but a component that is rarely chosen must count less.",
)
def weights_left_out(log_prior, log_lik):
    return scipy.special.logsumexp(log_lik, axis=0).sum()


@misconception(
    "You let the prior run along the observations.",
    "numpy lines shapes up from the right, so the two arrays meet at the wrong end. A prior "
    "probability belongs to a component, which is a row.",
)
def prior_along_observations(log_prior, log_lik):
    return scipy.special.logsumexp(log_prior + log_lik, axis=0).sum()


@misconception(
    "You averaged the log likelihoods, weighted by the prior, and added them up.",
    "No exponential, no underflow; but the logarithm of an average is not the average of the "
    "logarithms. What you have is never more than the log likelihood (Jensen's inequality).",
)
def average_log_likelihood(log_prior, log_lik):
    return (np.exp(log_prior) @ log_lik).sum()


@misconception(
    "You added up the log joint over components and observations alike.",
    "Observations are indeed combined by adding logarithms; components are not. They are "
    "alternatives, and their probabilities add.",
)
def everything_added(log_prior, log_lik):
    return (log_prior[:, None] + log_lik).sum()


@misconception(
    "You averaged the log joint with the responsibilities as weights.",
    "It is the quantity that chapter 8 maximises, and it goes up when the likelihood does; but it "
    "is not the likelihood: it lies below it by the entropy of the responsibilities.",
)
def expected_log_joint(log_prior, log_lik):
    a = log_prior[:, None] + log_lik
    r = scipy.special.softmax(a, axis=0)
    return np.where(r > 0, r * a, 0.0).sum()


@misconception(
    "You returned the negative log likelihood.",
    "Optimisers minimise, so papers and libraries often print it with that sign; here the log "
    "likelihood itself is asked for.",
)
def sign_for_minimisers(log_prior, log_lik):
    return -scipy.special.logsumexp(log_prior[:, None] + log_lik, axis=0).sum()


@misconception(
    "You skipped the observations that no component can produce.",
    "They spoil the total, so dropping them feels like cleaning; but a model that calls what "
    "happened impossible has a likelihood of zero, and that must be seen.",
)
def impossible_ones_skipped(log_prior, log_lik):
    px = scipy.special.logsumexp(log_prior[:, None] + log_lik, axis=0)
    return px[np.isfinite(px)].sum()


@misconception(
    "You left log space for the sum over the components.",
    "It is the formula as it stands on paper, and right for numbers of ordinary size; a log "
    "likelihood of −1000 becomes an exact zero, and one of 1000 infinity.",
)
def components_without_logs(log_prior, log_lik):
    return np.log(np.exp(log_prior) @ np.exp(log_lik)).sum()


@misconception(
    "You put a tiny number under each density so that its logarithm is never that of zero.",
    "The −inf is gone; but each impossible or very improbable observation now costs an invented "
    "amount, and the total says more about your tiny number than about the data.",
)
def floor_under_each_density(log_prior, log_lik):
    return np.log(np.exp(log_prior) @ np.exp(log_lik) + 1e-300).sum()


DATASET_LOG_LIKELIHOOD = Exercise(
    name="discrete_marginal.dataset_log_likelihood",
    returns=("the log likelihood",),
    section="A whole dataset",
    reference=dataset_log_likelihood,
    cases=_datasets,
    properties=(
        Property(
            _between_sums,
            "Each observation is at least as probable as its likeliest way, and at most K times as "
            "probable. Your total lies outside what that allows.",
        ),
    ),
    misconceptions=(
        product_of_densities,
        one_component_for_everything,
        densities_added,
        mean_per_observation,
        never_totalled,
        best_labelling,
        weights_left_out,
        prior_along_observations,
        average_log_likelihood,
        everything_added,
        expected_log_joint,
        sign_for_minimisers,
        impossible_ones_skipped,
        components_without_logs,
        floor_under_each_density,
    ),
)
