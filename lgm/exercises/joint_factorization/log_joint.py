"""The exercise ``joint_factorization.log_joint``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.exercises.joint_factorization.cases import IMPOSSIBLE, SHAPES, draw_prior

__all__ = ["LOG_JOINT"]


def log_joint(log_prior, log_lik):
    return log_prior[:, None] + log_lik


def _log_prior_and_log_lik(rng: np.random.Generator) -> list[Case]:
    def case(k: int, n: int, label: str) -> Case:
        return Case((np.log(draw_prior(rng, k)), rng.normal(-2.0, 2.0, (k, n))), label)

    prior = np.log([0.6, 0.3, 0.1])
    far = rng.normal(0.0, 2.0, (3, 4)) + np.array([-1000.0, 1000.0, -800.0, 900.0])
    never = np.array([np.log(0.7), -np.inf, np.log(0.3)])
    excluded = rng.normal(-1.0, 1.0, (3, 4))
    excluded[0, 1] = excluded[2, 1] = excluded[1, 3] = -np.inf
    nothing = rng.normal(-1.0, 1.0, (2, 3))
    nothing[:, 0] = -np.inf
    label = "likelihoods too large or too small to exponentiate"
    return [
        *(
            case(k, n, "as many components as observations" if k == n else "unequal prior weights")
            for k, n in SHAPES
        ),
        Case((np.zeros(1), rng.normal(-1.0, 1.0, (1, 3))), "a single component"),
        Case((prior, rng.normal(-1.0, 1.0, (3, 1))), "a single observation"),
        Case((prior, far), label, "extreme values"),
        Case((prior, 3.0 * far), label, "extreme values"),
        Case((never, excluded[:, :2]), "a component that never occurs", IMPOSSIBLE),
        Case((prior, excluded), "observations that some components exclude", IMPOSSIBLE),
        Case((prior[:2], nothing), "an observation that every component excludes", IMPOSSIBLE),
    ]


def _at_most_likelihood(out, log_prior, log_lik):
    """A prior probability is at most one, so it cannot make a likelihood larger."""
    return bool(np.all(out <= log_lik + 1e-2))


def _keeps_impossible(out, log_prior, log_lik):
    return bool(np.all(np.isneginf(out) == np.isneginf(log_prior[:, None] + log_lik)))


@misconception(
    "You returned the log likelihood as it came, without the prior.",
    "The likelihood is the part that depends on the data, so it looks like all that matters; but "
    "a rare component explains a point less often, however well it fits.",
)
def likelihood_only(log_prior, log_lik):
    return log_lik


@misconception(
    "You gave every component the same prior probability.",
    "With no reason to prefer one, equal weights seem fair; but the log prior that you were given "
    "says how often each component comes about.",
)
def flat_prior(log_prior, log_lik):
    return log_lik - np.log(len(log_prior))


@misconception(
    "You added the prior and the likelihood as probabilities and took the logarithm of that.",
    "“Add them in log space” is easily heard as “add them, then take the log”; the joint is the "
    "probability that both steps happen, and that is no sum of probabilities.",
)
def log_of_a_sum(log_prior, log_lik):
    return np.log(np.exp(log_prior)[:, None] + np.exp(log_lik))


@misconception(
    "You multiplied the two logarithms.",
    "The probabilities are multiplied, so the sign of multiplication stays in the hand; but these "
    "are logarithms, where a product of probabilities takes another form.",
)
def product_of_logs(log_prior, log_lik):
    return log_prior[:, None] * log_lik


@misconception(
    "You went back to probabilities, multiplied there and took the logarithm again.",
    "It is the same on paper; but beyond about ±700 the exponential is 0 or infinity in floating "
    "point, and what was lost there does not come back.",
)
def through_probabilities(log_prior, log_lik):
    return np.log(np.exp(log_prior)[:, None] * np.exp(log_lik))


@misconception(
    "You added the prior itself, not its logarithm, to the log likelihood.",
    "Weights are usually met as probabilities; but what is added to a logarithm must be a "
    "logarithm too, and the one that you were given already is.",
)
def prior_as_probability(log_prior, log_lik):
    return np.exp(log_prior)[:, None] + log_lik


@misconception(
    "You took the logarithm of the prior, which was a logarithm already.",
    "The formula on paper says log of the prior; the argument's name says that this has been "
    "done. The logarithm of a negative number is NaN.",
)
def log_taken_twice(log_prior, log_lik):
    return np.log(log_prior)[:, None] + log_lik


@misconception(
    "You laid the prior along the data, one entry for each observation.",
    "numpy lines a vector up with the last axis unless told otherwise; but the prior has one "
    "entry for each component, and the components are the rows.",
)
def prior_on_data_axis(log_prior, log_lik):
    return log_prior + log_lik


@misconception(
    "You returned one row for each observation and one column for each component.",
    "Most tables of data have the observations as rows; here the latent axis comes first, in the "
    "result as in the arguments.",
)
def data_axis_first(log_prior, log_lik):
    return log_lik.T + log_prior


@misconception(
    "You normalised over the components: these are the log posterior probabilities.",
    "That is Bayes' rule, and it starts from what is asked for here; the joint is not divided by "
    "anything yet.",
)
def posterior_for_joint(log_prior, log_lik):
    terms = log_prior[:, None] + log_lik
    largest = terms.max(axis=0)
    return terms - largest - np.log(np.exp(terms - largest).sum(axis=0))


@misconception(
    "You summed over the components, which leaves one number for each observation.",
    "That sum is the marginal, the goal of the next chapter; the joint keeps a row for each "
    "component.",
)
def summed_over_components(log_prior, log_lik):
    return np.log((np.exp(log_prior)[:, None] * np.exp(log_lik)).sum(axis=0))


@misconception(
    "You added up the observations, as if all of them came from one draw of the hidden variable.",
    "Log likelihoods of a data set are added, that is true; but here every observation has a "
    "hidden value of its own, and so a column of its own.",
)
def one_draw_for_all(log_prior, log_lik):
    return log_prior + log_lik.sum(axis=1)


@misconception(
    "You subtracted the log prior.",
    "Bayes' rule has a division in it, and a division is a subtraction of logarithms; but what is "
    "divided by there is the marginal, and here nothing is divided by.",
)
def prior_subtracted(log_prior, log_lik):
    return log_lik - log_prior[:, None]


@misconception(
    "You put a floor of about 1e-300 under the probabilities, to keep the logarithm finite.",
    "It silences a warning; but it makes what cannot happen possible, and everything rarer than "
    "the floor equally rare. Minus infinity is a legal log probability.",
)
def floor_under_zero(log_prior, log_lik):
    return np.log(np.exp(log_prior)[:, None] * np.exp(log_lik) + 1e-300)


@misconception(
    "You replaced minus infinity by a large negative number.",
    "Infinities look like errors that should be cleaned away; here one says exactly what it "
    "means: this cannot happen.",
)
def infinity_cleaned_away(log_prior, log_lik):
    return np.nan_to_num(log_prior[:, None] + log_lik)


LOG_JOINT = Exercise(
    name="joint_factorization.log_joint",
    returns=("log p(x, z)",),
    section="A product becomes a sum",
    reference=log_joint,
    cases=_log_prior_and_log_lik,
    properties=(
        Property(
            _at_most_likelihood,
            "A joint probability cannot exceed the likelihood it is made from: the prior is at "
            "most one.",
        ),
        Property(
            _keeps_impossible,
            "Minus infinity belongs exactly where the prior or the likelihood is impossible, and "
            "nowhere else.",
        ),
    ),
    misconceptions=(
        likelihood_only,
        flat_prior,
        log_of_a_sum,
        product_of_logs,
        through_probabilities,
        prior_as_probability,
        log_taken_twice,
        prior_on_data_axis,
        data_axis_first,
        posterior_for_joint,
        summed_over_components,
        one_draw_for_all,
        prior_subtracted,
        floor_under_zero,
        infinity_cleaned_away,
    ),
)
