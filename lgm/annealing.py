"""From the prior to the posterior by small steps: weights that do not collapse on the way."""

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from lgm.distributions.base import RNGLike
from lgm.logspace import Array, logmeanexp, total_and_shares
from lgm.models import JointModel
from lgm.models.joint import Density, real, single
from lgm.random_rules import independent
from lgm.rules import Draws, Rule

__all__ = ["annealed", "tempered_smc"]

MOVES = 10  # Metropolis moves at each temperature of sequential Monte Carlo
ACCEPTANCE = 0.3  # what the step of the random walk is adapted to


def annealed(
    model: JointModel, x: ArrayLike, size: int, rng: RNGLike = None, *, temperatures: int = 100
) -> Rule:
    """Annealed importance sampling: each draw is led from the prior to the posterior.

    The path goes through ``p(z) p(x | z)^β`` with β from 0 to 1, a Metropolis move at each stop,
    and its weight is what it gained on the way (Neal 2001, *Statistics and Computing* 11). The
    random walk takes its shape from all draws at that stop.

    Parameters
    ----------
    model : JointModel
        With one observation, or one hidden value for all (`SharedLatentModel`); its hidden
        variable is continuous.
    x : array_like of shape (N,) or (N, D)
        Observations.
    size : int
        Number S of draws.
    rng : Generator, int or None
        Whatever `numpy.random.default_rng` takes.
    temperatures : int
        Number of steps from β = 0 to 1; they are small where the prior still rules.

    Returns
    -------
    Rule
        Random, with log-weights that hold ``−log p(x, z_s)``, so that `log_marginal` of the same
        model and `x` adds up what was gained.

    Raises
    ------
    ValueError
        If the hidden variable is discrete: `enumerate_support` sums over that.

    Examples
    --------
    >>> from lgm import Normal, NormalNormal, annealed, log_marginal
    >>> model, x = NormalNormal(Normal(0.0, 10.0), scale=0.1), [3.0, 3.1]
    >>> estimate = log_marginal(model, x, annealed(model, x, 500, rng=1))
    >>> estimate.value.round(2), estimate.standard_error.round(2), model.log_marginal(x).round(2)
    (np.float64(-2.51), np.float64(0.12), np.float64(-2.48))
    """
    rng = np.random.default_rng(rng)
    log_lik, tempered = single(model, x)
    z = real(model.prior.sample(size, rng))
    betas = np.linspace(0.0, 1.0, temperatures + 1) ** 4
    gained, scale = np.zeros(size), 1.0
    for cooler, warmer in pairwise(betas):
        gained += (warmer - cooler) * log_lik(z)
        z, scale = _metropolis(z, tempered, warmer, scale, 1, rng)
    return _as_rule(z, gained - np.log(size), tempered, independent(size))


def tempered_smc(model: JointModel, x: ArrayLike, size: int, rng: RNGLike = None) -> Rule:
    """Sequential Monte Carlo from the prior to the posterior, through ``p(z) p(x | z)^β``.

    As annealing, but all draws go together: the next β is where half of them would be as good as
    all, those that fell behind are replaced by copies of others, and the copies move apart (Del
    Moral, Doucet & Jasra 2006, *J. R. Stat. Soc. B* 68(3)). Which draws descend from the same one
    tells the standard error (Lee & Whiteley 2018).

    Parameters
    ----------
    model : JointModel
        With one observation, or one hidden value for all (`SharedLatentModel`); its hidden
        variable is continuous.
    x : array_like of shape (N,) or (N, D)
        Observations.
    size : int
        Number S of draws.
    rng : Generator, int or None
        Whatever `numpy.random.default_rng` takes.

    Returns
    -------
    Rule
        As `annealed`.

    Raises
    ------
    ValueError
        If the hidden variable is discrete, or no draw from the prior can explain `x`.

    Examples
    --------
    >>> from lgm import Normal, NormalNormal, log_marginal, tempered_smc
    >>> model, x = NormalNormal(Normal(0.0, 10.0), scale=0.1), [3.0, 3.1]
    >>> estimate = log_marginal(model, x, tempered_smc(model, x, 2000, rng=1))
    >>> estimate.value.round(2), estimate.standard_error.round(2), model.log_marginal(x).round(2)
    (np.float64(-2.38), np.float64(0.05), np.float64(-2.48))
    """
    rng = np.random.default_rng(rng)
    log_lik, tempered = single(model, x)
    z = real(model.prior.sample(size, rng))
    families, generation = np.arange(size), 0
    beta, log_evidence, scale = 0.0, 0.0, 1.0
    while True:
        gain = log_lik(z)
        step = _next_step(gain, 1.0 - beta)
        log_weights = step * gain
        beta += step
        if beta >= 1.0:
            log_total = log_evidence + log_weights - np.log(size)
            return _as_rule(z, log_total, tempered, Draws(families, size, generation))
        log_evidence += float(logmeanexp(log_weights))
        chosen = rng.choice(size, size, p=total_and_shares(log_weights)[1])
        z, families, generation = z[chosen], families[chosen], generation + 1
        z, scale = _metropolis(z, tempered, beta, scale, MOVES, rng)


def _next_step(gain: Array, longest: float) -> float:
    """Find the step in β after which half of the draws would be as good as all of them."""
    possible = np.isfinite(gain)
    if not possible.any():
        raise ValueError(f"0 of {len(gain)} draws from the prior can explain x, expected some")

    def surplus(step: float) -> float:
        shares = total_and_shares(np.where(possible, step * gain, -np.inf))[1]
        return float(1 / (shares**2).sum() - min(0.5 * len(gain), 0.9 * possible.sum()))

    return longest if surplus(longest) >= 0 else float(brentq(surplus, 0.0, longest, xtol=1e-12))


def _metropolis(
    z: Array, tempered: Density, beta: float, scale: float, moves: int, rng: np.random.Generator
) -> tuple[Array, float]:
    """Random-walk moves that leave ``p(z) p(x | z)^β`` as it is, and the scale to go on with."""
    columns = z.reshape(len(z), -1)
    spread = np.atleast_2d(np.cov(columns, rowvar=False))
    values, vectors = np.linalg.eigh(spread)
    shape = (vectors * np.sqrt(values.clip(0))) * 2.4 / np.sqrt(len(values))
    density = tempered(z, beta)
    for _ in range(moves):
        noise = rng.normal(size=columns.shape) @ shape.T
        proposed = z + scale * noise.reshape(z.shape)
        proposed_density = tempered(proposed, beta)
        with np.errstate(invalid="ignore"):
            accepted = np.log(rng.random(len(z))) < proposed_density - density
        z = np.where(accepted.reshape(-1, *(1,) * (z.ndim - 1)), proposed, z)
        density = np.where(accepted, proposed_density, density)
        scale *= float(np.exp(accepted.mean() - ACCEPTANCE))
    return z, min(scale, 1.0)


def _as_rule(z: Array, log_total: Array, tempered: Density, draws: Draws) -> Rule:
    """Divide by the joint density, which `log_marginal` will multiply with again."""
    possible = np.isfinite(log_total)
    log_weights = np.full(len(z), -np.inf)
    log_weights[possible] = log_total[possible] - tempered(z[possible])
    return Rule(z, log_weights, draws)
