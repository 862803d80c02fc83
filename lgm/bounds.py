"""Lower bounds on the log marginal: the logarithm is taken before the mean."""

import numpy as np
from numpy.typing import ArrayLike

from lgm.distributions import Distribution
from lgm.estimates import Estimate, of_total
from lgm.estimators import along, joined, log_weights
from lgm.logspace import Array, logsumexp
from lgm.models import JointModel
from lgm.random_rules import independent
from lgm.rules import Rule

__all__ = ["elbo", "iwae"]


def elbo(model: JointModel, x: ArrayLike, q: Distribution, rule: Rule) -> Array | Estimate:
    """Evidence lower bound ``E_q [ log p(x, z) − log q(z) ] = log p(x) − KL(q | p(z | x))``.

    Jordan et al. 1999, *Machine Learning* 37; Bishop 2006, §10.1.

    Parameters
    ----------
    model : JointModel
    x : array_like of shape (N,) or (N, D)
        Observations.
    q : Distribution
        Over the hidden variable.
    rule : Rule
        How to take the expectation: `enumerate_support`, `gauss_hermite` placed at `q`, or draws
        from `q`.

    Returns
    -------
    ndarray or Estimate
        As `log_marginal`, and never above it in expectation; ``-inf`` if `q` believes in
        something that the model excludes.

    Examples
    --------
    >>> from lgm import Normal, NormalNormal, elbo, gauss_hermite
    >>> model = NormalNormal(Normal(0.0, 1.0), scale=1.0)
    >>> q = model.posterior([1.0, -1.0])  # then the bound is the log marginal
    >>> elbo(model, [1.0, -1.0], q, gauss_hermite(q, 5)).round(6), model.log_marginal([1.0, -1.0])
    (np.float64(-3.387183), np.float64(-3.38718321...))
    """
    log_q = q.log_prob(rule.nodes)
    weight = np.exp(rule.log_weights + log_q)
    inside = weight > 0
    log_joint = model.log_joint(x, rule.nodes[inside])
    gain = log_joint - along(log_q[inside], log_joint)
    terms = np.zeros((len(weight), *log_joint.shape[1:]))
    terms[inside] = along(weight[inside], log_joint) * gain
    return of_total(terms, rule.draws) if rule.draws else terms.sum(axis=0)


def iwae(model: JointModel, x: ArrayLike, rule: Rule, size: int) -> Estimate:
    """Importance-weighted bound: the expected logarithm of an estimate from `size` draws.

    ``E log (1/S) Σ_s p(x, z_s) / q(z_s)``: for one draw the evidence lower bound, and climbing
    towards ``log p(x)`` with their number (Burda, Grosse & Salakhutdinov 2016, *ICLR*).

    Parameters
    ----------
    model : JointModel
    x : array_like of shape (N,) or (N, D)
        Observations.
    rule : Rule
        Independent draws, as from `monte_carlo`; each `size` of them give one logarithm, and the
        bound is the mean of these.
    size : int
        Number of draws for each.

    Returns
    -------
    Estimate

    Raises
    ------
    ValueError
        If the rule is not random, or its draws cannot be shared out.

    Examples
    --------
    >>> from lgm import Normal, NormalNormal, iwae, monte_carlo
    >>> model = NormalNormal(Normal(0.0, 1.0), scale=1.0)
    >>> rule = monte_carlo(model.prior, 64_000, rng=1)
    >>> [float(iwae(model, [2.0], rule, size).value.round(2)) for size in (1, 4, 16, 64)]
    [-3.43, -2.48, -2.32, -2.29]
    """
    draws = len(rule.nodes)
    if rule.draws is None or rule.draws.number != draws:
        raise ValueError("the nodes are not independent draws, expected those of monte_carlo")
    groups = draws // size
    if groups * size != draws:
        raise ValueError(f"{draws} draws cannot be shared out by {size}")
    weights = joined(list(log_weights(model, x, rule)))
    grouped = weights.reshape(groups, size, *weights.shape[1:])
    return of_total((logsumexp(grouped, axis=1) + np.log(groups)) / groups, independent(groups))
