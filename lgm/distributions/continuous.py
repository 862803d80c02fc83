"""Distributions over shares and positive numbers: `log_prob` is a log density, and may exceed 0."""

# ruff: noqa: RUF009 - the calls in class bodies make descriptors, not defaults
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, betaln, gammaincinv, gammaln, xlog1py, xlogy

from lgm.distributions.base import Parameter, RNGLike, positive
from lgm.logspace import Array, refuse_nan

__all__ = ["Beta", "Gamma"]


@dataclass(frozen=True, eq=False)
class Beta:
    """A probability: ``log p(x) = (a − 1) log x + (b − 1) log(1 − x) − log B(a, b)``.

    Parameters
    ----------
    a, b : array_like
        Above 0; as if ``a − 1`` ones and ``b − 1`` zeros had been seen under a flat prior.

    Examples
    --------
    >>> Beta(2.0, 1.0).log_prob([0.5, 1.5])
    array([  0., -inf])
    """

    a: Parameter = positive()
    b: Parameter = positive()

    @property
    def mean(self) -> Array:
        """``a / (a + b)``."""
        return self.a / (self.a + self.b)

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density at `x`, elementwise."""
        x = refuse_nan(x, "observations")
        log_prob = xlogy(self.a - 1, x) + xlog1py(self.b - 1, -x) - betaln(self.a, self.b)
        return np.where((x >= 0) & (x <= 1), log_prob, -np.inf)

    def sample(self, size: int, rng: RNGLike = None) -> Array:
        """Draw probabilities, shape (size, ...)."""
        rng = np.random.default_rng(rng)
        return rng.beta(self.a, self.b, (size, *np.broadcast(self.a, self.b).shape))

    def quantile(self, u: ArrayLike) -> Array:
        """The number below which a share `u` of the probability lies, elementwise."""
        return np.asarray(betaincinv(self.a, self.b, np.asarray(u, dtype=np.float64)))


@dataclass(frozen=True, eq=False)
class Gamma:
    """A positive number: ``log p(x) = s log r + (s − 1) log x − r x − log Γ(s)``, s shape, r rate.

    Parameters
    ----------
    shape, rate : array_like
        Above 0.

    Examples
    --------
    >>> Gamma(1.0, 2.0).log_prob([0.0, -1.0])
    array([0.69314718, -inf])
    """

    shape: Parameter = positive()
    rate: Parameter = positive()

    @property
    def mean(self) -> Array:
        """``shape / rate``."""
        return self.shape / self.rate

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density at `x`, elementwise."""
        x = refuse_nan(x, "observations")
        inside = (x >= 0) & (x < np.inf)
        y = np.where(inside, x, 0.0)
        kernel = xlogy(self.shape - 1, y) - self.rate * y
        log_prob = kernel + xlogy(self.shape, self.rate) - gammaln(self.shape)
        return np.where(inside, log_prob, -np.inf)

    def sample(self, size: int, rng: RNGLike = None) -> Array:
        """Draw positive numbers, shape (size, ...)."""
        rng = np.random.default_rng(rng)
        return rng.gamma(
            self.shape, 1 / self.rate, (size, *np.broadcast(self.shape, self.rate).shape)
        )

    def quantile(self, u: ArrayLike) -> Array:
        """The number below which a share `u` of the probability lies, elementwise."""
        return np.asarray(gammaincinv(self.shape, np.asarray(u, dtype=np.float64)) / self.rate)
