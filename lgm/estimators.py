"""Estimators: what can be read off the log-weights ``log w_s + log p(x, z_s)`` of a rule.

Their logsumexp is the log marginal, and their softmax the posterior.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lgm.logspace import Array, log_normalize, logsumexp
from lgm.models import JointModel
from lgm.rules import Rule

__all__ = ["Estimate", "log_marginal", "log_posterior"]


@dataclass(frozen=True, eq=False)
class Estimate:
    """A random result, and how far it can be trusted.

    Attributes
    ----------
    value : ndarray
        The estimate.
    standard_error : ndarray
        Its standard deviation over repetitions, by the delta method: that of the mean of the
        weights, divided by the mean (Owen 2013, ch. 2). Infinite if there is a single draw.
    effective_sample_size : ndarray
        ``(Σ w)² / Σ w²``: the number of equally weighted draws that would be as good (Kong 1992).
    """

    value: Array
    standard_error: Array
    effective_sample_size: Array


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
    >>> model = Mixture(Categorical([0.6, 0.4]), [Poisson(15.0), Poisson(25.0)])
    >>> log_marginal(model, [13, 30], enumerate_support(model.prior)).round(4)
    array([-2.8354, -4.001 ])
    """
    log_weights = _log_weights(model, x, rule)
    value = logsumexp(log_weights)
    return _estimate(value, log_weights) if rule.random else value


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
    return log_normalize(_log_weights(model, x, rule))


def _log_weights(model: JointModel, x: ArrayLike, rule: Rule) -> Array:
    """``log w_s + log p(x_n, z_s)``, with the nodes on axis 0."""
    log_joint = model.log_joint(x, rule.nodes)
    return rule.log_weights.reshape(-1, *(1,) * (log_joint.ndim - 1)) + log_joint


def _estimate(value: Array, log_weights: Array) -> Estimate:
    """How far to trust `value`, the logsumexp of the `log_weights` of independent draws."""
    size = len(log_weights)
    possible = ~np.isneginf(value)
    share = np.exp(log_weights - np.where(possible, value, 0.0))
    variance = ((share - 1 / size) ** 2).sum(axis=0) * size / max(size - 1, 1)
    squares = np.where(possible, (share**2).sum(axis=0), np.inf)
    return Estimate(
        value=value,
        standard_error=np.where(possible & (size > 1), np.sqrt(variance), np.inf),
        effective_sample_size=1 / squares,
    )
