"""Random results, and how far they can be trusted."""

from dataclasses import dataclass

import numpy as np

from lgm.logspace import Array, total_and_shares
from lgm.rules import Draws

__all__ = ["Estimate", "of_log_total", "of_total", "pareto_k"]


@dataclass(frozen=True, eq=False)
class Estimate:
    """A random result, and how far it can be trusted.

    Attributes
    ----------
    value : ndarray
        The estimate.
    standard_error : ndarray
        Its standard deviation over repetitions; for a logarithm by the delta method: that of the
        total, divided by the total (Owen 2013, ch. 2). Infinite if it cannot be known, as from a
        single draw.
    effective_sample_size : ndarray
        ``(Σ w)² / Σ w²``: the number of equally weighted draws that would be as good (Kong 1992).
    pareto_k : ndarray
        Shape of the tail of the weights: above 0.7 the standard error is not to be believed
        (Vehtari et al. 2024, *JMLR* 25(72)). NaN where there are no weights of independent draws.

    Examples
    --------
    >>> from lgm import Estimate
    >>> Estimate(value=-3.4, standard_error=0.1, effective_sample_size=80.0, pareto_k=0.2).value
    -3.4
    """

    value: Array
    standard_error: Array
    effective_sample_size: Array
    pareto_k: Array


def of_log_total(log_weights: Array, draws: Draws) -> Estimate:
    """Estimate the logarithm of what the weights on axis 0 add up to in expectation."""
    value, shares = total_and_shares(log_weights)
    possible = ~np.isneginf(value)
    variance = np.where(possible, _variance(shares, draws), np.inf)
    squares = np.einsum("s...,s...->...", shares, shares)
    tail = pareto_k(log_weights) if draws.resamplings == 0 else np.full(value.shape, np.nan)[()]
    return Estimate(
        value=value,
        standard_error=np.sqrt(variance)[()],
        effective_sample_size=np.where(possible, 1 / np.where(possible, squares, 1.0), 0.0)[()],
        pareto_k=tail,
    )


def of_total(terms: Array, draws: Draws) -> Estimate:
    """Estimate what the terms on axis 0 add up to in expectation."""
    value = terms.sum(axis=0)
    certain = np.isfinite(value)
    variance = _variance(np.where(certain, terms, 0.0), draws)
    return Estimate(
        value=value,
        standard_error=np.where(certain, np.sqrt(variance), np.inf)[()],
        effective_sample_size=np.full(value.shape, float(len(terms)))[()],
        pareto_k=np.full(value.shape, np.nan)[()],
    )


def _variance(terms: Array, draws: Draws) -> Array:
    """Variance of the sum of `terms`, from the sums of families that are independent.

    With ``n`` resamplings this is the estimator of Lee & Whiteley 2018, *Biometrika* 105(3),
    eq. 6; without any, the textbook variance of a sum of independent terms.
    """
    if draws.number < 2:
        return np.full(terms.shape[1:], np.inf)
    total = terms.sum(axis=0)
    if draws.number == len(terms) and not draws.resamplings:
        families = terms
    else:
        families = np.zeros((draws.number, *terms.shape[1:]))
        np.add.at(families, draws.families, terms)
    apart = 1 - 1 / draws.number  # the chance that two of the first draws are different ones
    scatter = ((families - total / draws.number) ** 2).sum(axis=0)
    variance = scatter / apart ** (draws.resamplings + 1)
    drift: Array = variance + total**2 * (1 - apart**-draws.resamplings)
    return np.maximum(drift, 0.0)


def pareto_k(log_weights: Array) -> Array:
    """Shape of the generalized Pareto distribution that fits the largest weights on axis 0.

    The min(S / 5, 3 √S) largest are fitted (Vehtari et al. 2024) by the estimator of Zhang &
    Stephens 2009, *Technometrics* 51(3), pulled a little towards one half. Below 25 draws, or if
    the largest weights are all the same, there is no tail to fit: the result is NaN.
    """
    size = len(log_weights)
    tail = int(min(size / 5, 3 * np.sqrt(size)))
    columns = log_weights.reshape(size, -1)
    k = np.full(columns.shape[1], np.nan)
    if tail >= 5:
        largest = np.sort(np.partition(columns, size - tail - 1, axis=0)[size - tail - 1 :], axis=0)
        for n, (threshold, *logs) in enumerate(largest.T):
            if np.isfinite(threshold) and logs[0] > threshold:
                excesses = np.exp(np.array(logs) - logs[-1]) - np.exp(threshold - logs[-1])
                k[n] = (tail * _zhang_stephens(excesses / excesses[-1]) + 5) / (tail + 10)
    return k.reshape(log_weights.shape[1:])[()]


def _zhang_stephens(excesses: Array) -> float:
    """Shape of the generalized Pareto distribution of increasing positive numbers up to 1.

    A posterior mean over a grid of inverse scales, with the likelihood profiled over the shape.
    """
    n = len(excesses)
    points = 30 + int(np.sqrt(n))
    quartile = excesses[int(n / 4 + 0.5) - 1]
    if quartile == 0:  # one weight dwarfs the others
        return np.inf
    b = 1 + (1 - np.sqrt(points / (np.arange(1, points + 1) - 0.5))) / (3 * quartile)
    k = np.log1p(-b[:, None] * excesses).mean(axis=1)
    log_likelihood = n * (np.log(-b / k) - k - 1)
    _, posterior = total_and_shares(log_likelihood)
    return float(np.log1p(-(posterior @ b) * excesses).mean())
