"""Rules: where to look at the hidden variable, and how much each look counts.

A rule is nodes ``z_s`` with log-weights ``log w_s``, made so that for any function ``f``

    Σ_s w_s f(z_s) ≈ ∫ f(z) dz,    or the sum over z where it is discrete.

With ``f(z) = p(x, z)`` that is the marginal ``p(x)``; see `lgm.estimators`. The rules here are
deterministic; those of `lgm.random_rules` and `lgm.annealing` draw their nodes.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import roots_hermitenorm

from lgm.distributions import (
    Bernoulli,
    Categorical,
    MultivariateNormal,
    Normal,
)
from lgm.logspace import Array, refuse_nan

__all__ = ["Draws", "Rule", "enumerate_support", "gauss_hermite", "grid"]

LIMIT = 10**7  # nodes; their coordinates alone are 80 MB


@dataclass(frozen=True, eq=False)
class Draws:
    """How the nodes of a random rule hang together: what its standard errors are read from.

    Attributes
    ----------
    families : ndarray of int, shape (S,)
        Nodes of different families were drawn independently of each other.
    number : int
        How many families there were; some may have died out.
    resamplings : int
        How often the families have competed for the S places, as in sequential Monte Carlo.
    """

    families: NDArray[np.int64]
    number: int
    resamplings: int = 0


@dataclass(frozen=True, eq=False)
class Rule:
    """Nodes and log-weights.

    Parameters
    ----------
    nodes : ndarray of shape (S,) or (S, Q)
        Values of the hidden variable.
    log_weights : ndarray of shape (S,)
        ``-inf`` leaves a node out.
    draws : Draws, optional
        For random nodes, so that results carry a standard error.

    Raises
    ------
    ValueError
        If there is not one weight for each node, or a weight is NaN.

    Examples
    --------
    >>> from lgm import Beta, BetaBernoulli, Rule, log_marginal
    >>> middle = (np.arange(100) + 0.5) / 100  # the midpoint rule on the unit interval
    >>> rule = Rule(middle, np.full(100, -np.log(100)))
    >>> np.exp(log_marginal(BetaBernoulli(Beta(1.0, 1.0)), [1, 1, 0], rule)).round(4)  # 1/12
    np.float64(0.0833)
    """

    nodes: NDArray[Any]
    log_weights: Array
    draws: Draws | None = None

    def __post_init__(self) -> None:
        refuse_nan(self.log_weights, "log-weights")
        if self.log_weights.shape != self.nodes.shape[:1]:
            raise ValueError(
                f"log-weights have shape {self.log_weights.shape}, "
                f"expected {self.nodes.shape[:1]}: one for each node"
            )


def enumerate_support(distribution: Categorical | Bernoulli) -> Rule:
    """Every value that a discrete variable can take, each with weight one: an exact sum.

    Parameters
    ----------
    distribution : Categorical or Bernoulli
        The prior of the model, for instance.

    Returns
    -------
    Rule

    Examples
    --------
    >>> from lgm import Categorical, enumerate_support
    >>> enumerate_support(Categorical([0.5, 0.3, 0.2]))
    Rule(nodes=array([0, 1, 2]), log_weights=array([0., 0., 0.]), draws=None)
    """
    support = distribution.support
    return Rule(support, np.zeros(len(support)))


def grid(points: ArrayLike) -> Rule:
    """Trapezoids between given points: half the distance between a point's two neighbours.

    Parameters
    ----------
    points : array_like of shape (S,)
        Increasing, not necessarily evenly.

    Returns
    -------
    Rule

    Raises
    ------
    ValueError
        If there are fewer than two points, or they are not finite and increasing.

    Examples
    --------
    >>> from lgm import grid
    >>> np.exp(grid([0.0, 1.0, 3.0]).log_weights)
    array([0.5, 1.5, 1. ])
    """
    points = refuse_nan(points, "points")
    if points.ndim != 1 or len(points) < 2:
        raise ValueError(f"points have shape {points.shape}, expected (S,) with S at least 2")
    width = np.diff(points)
    acceptable = (width > 0) & (width < np.inf)
    if not acceptable.all():
        first = int(np.argmin(acceptable))
        raise ValueError(
            f"point {points[first + 1]} follows {points[first]}, expected finite and increasing"
        )
    return Rule(points, np.log((np.append(width, 0.0) + np.append(0.0, width)) / 2))


def gauss_hermite(normal: Normal | MultivariateNormal, n: int) -> Rule:
    """Gauss–Hermite quadrature, placed where a given normal distribution has its mass.

    Exact when the integrand is that normal density times a polynomial of degree below ``2 n``
    (Golub & Welsch 1969, *Math. Comp.* 23). In Q dimensions the rule is a product, of ``n**Q``
    nodes ``L t + mean`` with ``L`` the Cholesky factor of the covariance. Placed at the mode and
    curvature of the integrand it is called adaptive (Naylor & Smith 1982, *Appl. Statist.* 31).

    Parameters
    ----------
    normal : Normal or MultivariateNormal
        A single one; the prior of the model, or an approximation of its posterior.
    n : int
        Nodes for each dimension.

    Returns
    -------
    Rule
        Weights ``log w_s = log (Gauss–Hermite weight) − log N(z_s)``.

    Raises
    ------
    ValueError
        If more than ``10**7`` nodes are asked for.

    Examples
    --------
    >>> from lgm import Normal, gauss_hermite
    >>> rule = gauss_hermite(Normal(5.0, 2.0), n=3)
    >>> rule.nodes
    array([1.53589838, 5.        , 8.46410162])
    >>> weights = np.exp(rule.log_weights + Normal(5.0, 2.0).log_prob(rule.nodes))
    >>> (weights @ rule.nodes**2).round(9)  # E z² = 5² + 2²
    np.float64(29.0)
    """
    if isinstance(normal, Normal):
        q, batch = 1, np.broadcast(normal.mean, normal.scale).shape
    else:
        q, batch = normal.mean.shape[-1], normal.mean.shape[:-1]
    if batch != ():
        raise ValueError(f"normal has shape {batch}, expected (): one distribution")
    if n**q > LIMIT:
        raise ValueError(f"{n}**{q} nodes asked for, limit 10**{np.log10(LIMIT):.0f}")

    t, weights = roots_hermitenorm(n)
    with np.errstate(divide="ignore"):  # from n = 400 the outermost weights underflow
        log_weights = np.log(weights) - 0.5 * np.log(2 * np.pi)
    product = np.indices((n,) * q).reshape(q, -1)
    if isinstance(normal, Normal):
        nodes = normal.mean + normal.scale * t
    else:
        nodes = normal.mean + t[product].T @ normal.cholesky.T
    return Rule(nodes, log_weights[product].sum(axis=0) - normal.log_prob(nodes))
