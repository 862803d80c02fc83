"""Distributions over outcomes and counts: `log_prob` is the log of a probability."""

# ruff: noqa: RUF009 - the calls in class bodies make descriptors, not defaults
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, xlogy

from lgm.distributions.base import (
    Elementwise,
    Parameter,
    RNGLike,
    Statistics,
    average,
    nonnegative,
    probability,
)
from lgm.logspace import Array, refuse_nan

__all__ = ["Bernoulli", "Categorical", "Poisson"]

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Categorical:
    """One of K outcomes, numbered from 0: ``log p(k) = log weights[k]``.

    Parameters
    ----------
    weights : array_like of shape (K,)
        Probabilities; they sum to one.

    Examples
    --------
    >>> Categorical([0.25, 0.75, 0.0]).log_prob([0, 1, 2, 3])
    array([-1.38629436, -0.28768207, -inf, -inf])
    """

    weights: Parameter = probability()

    def __post_init__(self) -> None:
        if self.weights.ndim != 1:
            raise ValueError(f"weights have {self.weights.ndim} dimensions, expected 1")
        if abs(self.weights.sum() - 1) > 1e-8:
            raise ValueError(f"weights sum to {self.weights.sum():.10g}, expected 1")

    @property
    def support(self) -> Integers:
        """All outcomes, ``0, …, K − 1``."""
        return np.arange(len(self.weights))

    def log_prob(self, x: ArrayLike) -> Array:
        """Log probability of each outcome in `x`."""
        x = refuse_nan(x, "outcomes")
        possible = (x >= 0) & (x < len(self.weights)) & (x == np.floor(x))
        with np.errstate(divide="ignore"):
            log_weights = np.log(self.weights)
        outcome = np.where(possible, x, 0).astype(int)
        return np.where(possible, log_weights[outcome], -np.inf)

    def sample(self, size: int, rng: RNGLike = None) -> Integers:
        """Draw outcomes, shape (size,)."""
        rng = np.random.default_rng(rng)
        return rng.choice(len(self.weights), size, p=self.weights)


@dataclass(frozen=True, eq=False)
class Bernoulli(Elementwise):
    """One with the given probability, otherwise zero: ``log p(x) = x log p + (1 − x) log(1 − p)``.

    Parameters
    ----------
    probability : array_like
        Probability of a one, from 0 to 1.

    Examples
    --------
    >>> Bernoulli(0.25).log_prob([1, 0])
    array([-1.38629436, -0.28768207])
    """

    probability: Parameter = probability()

    @property
    def support(self) -> Integers:
        """Both outcomes, 0 and 1."""
        return np.arange(2)

    def log_prob(self, x: ArrayLike) -> Array:
        """Log probability at `x`, elementwise."""
        x = refuse_nan(x, "outcomes")
        with np.errstate(divide="ignore"):
            log_probs = [np.log(self.probability), np.log1p(-self.probability)]
        return np.select([x == 1, x == 0], log_probs, -np.inf)

    def sample(self, size: int, rng: RNGLike = None) -> Integers:
        """Draw zeros and ones, shape (size, ...)."""
        rng = np.random.default_rng(rng)
        return rng.binomial(1, self.probability, (size, *self.probability.shape))

    def statistics(self, x: ArrayLike, weights: Array) -> Statistics:
        """Number of outcomes, and of ones among them."""
        return weights.sum(axis=1), weights @ np.asarray(x)

    def maximize(self, statistics: Statistics) -> "Bernoulli":
        """Return the distributions whose probabilities are the shares of ones."""
        number, ones = statistics
        # Rounding may push a share of all beyond one.
        return Bernoulli(average(ones, number, self.probability).clip(0.0, 1.0))


@dataclass(frozen=True, eq=False)
class Poisson(Elementwise):
    """Counts of independent events: ``log p(x) = x log rate − rate − log x!``.

    Parameters
    ----------
    rate : array_like
        Expected count, not below 0.

    Examples
    --------
    >>> Poisson(2.0).log_prob([0, 1, 2.5])
    array([-2. , -1.30685282, -inf])
    """

    rate: Parameter = nonnegative()

    def log_prob(self, x: ArrayLike) -> Array:
        """Log probability of the counts `x`, elementwise."""
        x = refuse_nan(x, "counts")
        count = (x >= 0) & (x < np.inf) & (x == np.floor(x))
        k = np.where(count, x, 0.0)
        return np.where(count, xlogy(k, self.rate) - self.rate - gammaln(k + 1), -np.inf)

    def sample(self, size: int, rng: RNGLike = None) -> Integers:
        """Draw counts, shape (size, ...)."""
        rng = np.random.default_rng(rng)
        return rng.poisson(self.rate, (size, *self.rate.shape))

    def statistics(self, x: ArrayLike, weights: Array) -> Statistics:
        """Number of counts, and of events in them."""
        return weights.sum(axis=1), weights @ np.asarray(x)

    def maximize(self, statistics: Statistics) -> "Poisson":
        """Return the distributions whose rates are the mean counts."""
        number, events = statistics
        return Poisson(average(events, number, self.rate))
