"""Estimators: what can be read off the log-weights ``log w_s + log p(x, z_s)`` of a rule.

Their logsumexp is the log marginal, and their softmax the posterior. `lgm.bounds` has their mean.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import expit

from lgm.distributions import Distribution
from lgm.distributions.base import RNGLike
from lgm.estimates import Estimate, of_log_total
from lgm.logspace import Array, log_normalize, logsumexp
from lgm.models import JointModel, SharedLatentModel
from lgm.models.joint import in_batches, single
from lgm.rules import Rule

__all__ = ["along", "bridge", "joined", "log_marginal", "log_posterior", "log_weights"]


def log_marginal(model: JointModel, x: ArrayLike, rule: Rule) -> Array | Estimate:
    """``log p(x_n) ≈ logsumexp_s [ log w_s + log p(x_n, z_s) ]``.

    Parameters
    ----------
    model : JointModel
    x : array_like of shape (N,) or (N, D)
        Observations.
    rule : Rule
        Where to look at the hidden variable.

    Returns
    -------
    ndarray or Estimate
        One number for each observation, shape (N,); for a `SharedLatentModel` a single one. An
        `Estimate` if the rule is random.

    Examples
    --------
    >>> from lgm import Categorical, Mixture, Poisson, enumerate_support, log_marginal
    >>> model = Mixture(Categorical([0.6, 0.4]), Poisson([15.0, 25.0]))
    >>> log_marginal(model, [13, 30], enumerate_support(model.prior)).round(4)
    array([-2.8354, -4.001 ])
    """
    batches = log_weights(model, x, rule)
    if rule.draws is None:
        return joined([logsumexp(weights) for weights in batches])
    estimates = [of_log_total(weights, rule.draws) for weights in batches]
    columns = zip(*(vars(estimate).values() for estimate in estimates), strict=True)
    return Estimate(*map(joined, columns))


def log_posterior(model: JointModel, x: ArrayLike, rule: Rule) -> Array:
    """``log p(z_s | x_n)``: the log-weights of the rule's nodes once `x` is known.

    Where the support was enumerated this is Bayes' rule, and its exponential are the
    responsibilities; for any rule, posterior expectations are sums weighted by it.

    Parameters
    ----------
    model : JointModel
    x : array_like of shape (N,) or (N, D)
        Observations.
    rule : Rule
        Where to look at the hidden variable.

    Returns
    -------
    ndarray of shape (S, N)
        Sums to one, after exponentiation, over the nodes; (S,) for a `SharedLatentModel`.

    Raises
    ------
    ValueError
        If an observation has probability zero at all nodes.

    Examples
    --------
    >>> from lgm import Normal, NormalNormal, gauss_hermite, log_posterior
    >>> rule = gauss_hermite(Normal(0.0, 1.0), 30)
    >>> posterior = np.exp(log_posterior(NormalNormal(Normal(0.0, 1.0), 1.0), [3.0], rule))
    >>> (posterior @ rule.nodes).round(6)  # the posterior mean is half of 3
    np.float64(1.5)
    """
    return joined([log_normalize(weights) for weights in log_weights(model, x, rule)])


def bridge(
    model: JointModel,
    x: ArrayLike,
    posterior_draws: ArrayLike,
    proposal: Distribution,
    rng: RNGLike = None,
) -> Estimate:
    """Optimal bridge sampling: the evidence from draws on both of its sides.

    As many draws from a proposal as there are from the posterior are mixed with these. The log
    evidence is the constant for which a classifier by density ratio would expect as many of each
    kind as there are (Meng & Wong 1996, *Statistica Sinica* 6, eq. 4.1; Geyer 1994).

    Parameters
    ----------
    model : JointModel
        With one observation, or one hidden value for all (`SharedLatentModel`).
    x : array_like of shape (N,) or (N, D)
        Observations.
    posterior_draws : array_like of shape (S,) or (S, Q)
        Independent draws of the hidden variable given `x`.
    proposal : Distribution
        That overlaps with the posterior; `laplace` finds one.
    rng : Generator, int or None
        Whatever `numpy.random.default_rng` takes.

    Returns
    -------
    Estimate

    Examples
    --------
    >>> from lgm import Normal, NormalNormal, bridge
    >>> model, x = NormalNormal(Normal(0.0, 1.0), scale=1.0), [1.0, -1.0]
    >>> draws = model.posterior(x).sample(1000, rng=1)
    >>> estimate = bridge(model, x, draws, Normal(0.5, 1.0), rng=2)
    >>> estimate.value.round(2), estimate.standard_error.round(3)  # -3.39 is exact
    (np.float64(-3.36), np.float64(0.02))
    """
    log_joint = single(model, x)[1]
    posterior_draws = np.asarray(posterior_draws)
    size = len(posterior_draws)
    drawn = proposal.sample(size, rng)
    ours = log_joint(posterior_draws) - proposal.log_prob(posterior_draws)
    theirs = log_joint(drawn) - proposal.log_prob(drawn)

    def surplus(log_evidence: float) -> float:
        return float(expit(theirs - log_evidence).sum() - expit(log_evidence - ours).sum())

    finite, margin = np.concatenate([ours, theirs[np.isfinite(theirs)]]), 1 + np.log(size)
    value = np.asarray(brentq(surplus, finite.min() - margin, finite.max() + margin, xtol=1e-10))
    # The overlap of the two densities, 1 if they agree: Meng & Wong 1996, eq. 4.2.
    overlap = 2 * expit(theirs - value).mean()
    # All draws together are draws from the mixture of both, with weights posterior over mixture.
    weights = expit(np.concatenate([ours, theirs]) - value)
    return Estimate(
        value=value[()],
        standard_error=np.sqrt(max(2 / size * (1 / overlap - 1), 0.0)),
        effective_sample_size=weights.sum() ** 2 / (weights**2).sum(),
        pareto_k=np.asarray(np.nan)[()],
    )


def log_weights(model: JointModel, x: ArrayLike, rule: Rule) -> Iterator[Array]:
    """``log w_s + log p(x_n, z_s)`` with the nodes on axis 0, for some observations at a time."""
    if isinstance(model, SharedLatentModel):
        batches: Iterator[ArrayLike] = iter([x])
    else:
        batches = in_batches(x, len(rule.nodes))
    for batch in batches:
        log_joint = model.log_joint(batch, rule.nodes)
        yield along(rule.log_weights, log_joint) + log_joint


def along(per_node: Array, log_joint: Array) -> Array:
    """Numbers that belong to the nodes, shaped so that they broadcast over observations."""
    return per_node.reshape(-1, *(1,) * (log_joint.ndim - 1))


def joined(batches: Sequence[Array]) -> Array:
    """Results for some observations at a time, as one array with the observations last."""
    return batches[0] if len(batches) == 1 else np.concatenate(batches, axis=-1)
