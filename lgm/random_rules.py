"""Rules whose nodes are drawn, each with the same weight per unit of the density drawn from."""

import numpy as np

from lgm.distributions import Beta, Distribution, Gamma, MultivariateNormal, Normal
from lgm.distributions.base import RNGLike
from lgm.rules import Draws, Rule

__all__ = ["independent", "monte_carlo", "sobol"]

SCRAMBLINGS = 16  # of Sobol points; the error has as many degrees of freedom, less one


def independent(size: int) -> Draws:
    """Draws that have nothing in common: each is a family of its own."""
    return Draws(np.arange(size), size)


def monte_carlo(proposal: Distribution, size: int, rng: RNGLike = None) -> Rule:
    """Draws from a distribution, each with the same weight per unit of its density.

    From the prior this is simple Monte Carlo; from any other proposal, importance sampling
    (Owen 2013, *Monte Carlo theory, methods and examples*, ch. 9).

    Parameters
    ----------
    proposal : Distribution
        Must be positive wherever the integrand is.
    size : int
        Number S of draws.
    rng : Generator, int or None
        Whatever `numpy.random.default_rng` takes.

    Returns
    -------
    Rule
        Random, with weights ``log w_s = −log S − log q(z_s)``.

    Examples
    --------
    >>> from lgm import Normal, monte_carlo
    >>> rule = monte_carlo(Normal(0.0, 1.0), 4, rng=1)
    >>> (rule.log_weights + Normal(0.0, 1.0).log_prob(rule.nodes)).round(6)  # log 1/4
    array([-1.386294, -1.386294, -1.386294, -1.386294])
    """
    nodes = proposal.sample(size, rng)
    return Rule(nodes, -np.log(size) - proposal.log_prob(nodes), independent(size))


def sobol(
    proposal: Normal | MultivariateNormal | Beta | Gamma, size: int, rng: RNGLike = None
) -> Rule:
    """Importance sampling with draws that avoid each other: scrambled Sobol points.

    Sixteen independent scramblings (Owen 1997, *Ann. Statist.* 25(4)) share the draws, and the
    standard error is read from how far their results differ. For smooth integrands in few
    dimensions it falls faster than ``1 / √S``.

    Parameters
    ----------
    proposal : Normal, MultivariateNormal, Beta or Gamma
        A single one, positive wherever the integrand is.
    size : int
        Number S of draws, 16 times a power of two.
    rng : Generator, int or None
        Whatever `numpy.random.default_rng` takes.

    Returns
    -------
    Rule
        Random, with weights ``log w_s = −log S − log q(z_s)``.

    Raises
    ------
    ValueError
        If `size` is not 16 times a power of two.

    Examples
    --------
    >>> from lgm import Normal, sobol
    >>> rule = sobol(Normal(0.0, 1.0), 1024, rng=1)
    >>> rule.nodes.mean().round(3), rule.nodes.var().round(2)
    (np.float64(-0.0), np.float64(1.0))
    """
    from scipy.stats import qmc  # here, since scipy.stats takes longer to load than all the rest

    log2 = np.log2(max(size, 1) / SCRAMBLINGS)
    if log2 < 0 or log2 % 1:
        raise ValueError(f"{size} draws asked for, expected {SCRAMBLINGS} times a power of two")
    rng = np.random.default_rng(rng)
    q = proposal.sample(1, 0)[0].size
    points = [qmc.Sobol(q, rng=rng).random_base2(int(log2)) for _ in range(SCRAMBLINGS)]
    u = np.concatenate(points) if isinstance(proposal, MultivariateNormal) else np.ravel(points)
    nodes = proposal.quantile(u)
    families = np.repeat(np.arange(SCRAMBLINGS), size // SCRAMBLINGS)
    return Rule(nodes, -np.log(size) - proposal.log_prob(nodes), Draws(families, SCRAMBLINGS))
