"""Distributions over numbers and vectors: `log_prob` is the log of a density, and may exceed 0."""

# ruff: noqa: RUF009 - the calls in class bodies make descriptors, not defaults
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cholesky, solve_triangular
from scipy.special import betaln, gammaln, xlog1py, xlogy

from lgm.distributions.base import Parameter, RNGLike, positive, real, rows
from lgm.logspace import Array, refuse_nan

__all__ = ["Beta", "Gamma", "MultivariateNormal", "Normal"]


@dataclass(frozen=True, eq=False)
class Normal:
    """The bell curve: ``log p(x) = −½ ((x − mean) / scale)² − log scale − ½ log 2π``.

    Parameters
    ----------
    mean : array_like
        Centre.
    scale : array_like
        Standard deviation, above 0.

    Examples
    --------
    >>> Normal([0.0, 5.0], 1.0).log_prob(5.0)
    array([-13.41893853,  -0.91893853])
    """

    mean: Parameter = real()
    scale: Parameter = positive()

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density at `x`, elementwise."""
        standardized = (refuse_nan(x, "observations") - self.mean) / self.scale
        log_prob: Array = -0.5 * standardized**2 - np.log(self.scale) - 0.5 * np.log(2 * np.pi)
        return log_prob

    def sample(self, size: int, rng: RNGLike = None) -> Array:
        """Draw numbers, shape (size, ...)."""
        rng = np.random.default_rng(rng)
        return rng.normal(self.mean, self.scale, (size, *np.broadcast(self.mean, self.scale).shape))


@dataclass(frozen=True, eq=False)
class MultivariateNormal:
    """The bell in D dimensions: ``log p(x) = −½ |L⁻¹(x − mean)|² − log det L − ½ D log 2π``.

    ``L`` is the Cholesky factor of the covariance.

    Parameters
    ----------
    mean : array_like of shape (..., D)
        Centre; several centres may share the covariance.
    covariance : array_like of shape (D, D)
        Symmetric and positive definite.

    Raises
    ------
    ValueError
        If the covariance does not fit the mean, is not symmetric, or not positive definite.

    Examples
    --------
    >>> MultivariateNormal([0.0, 0.0], [[2.0, 1.0], [1.0, 2.0]]).log_prob([[0.0, 0.0], [1.0, -1.0]])
    array([-2.38718321, -3.38718321])
    """

    mean: Parameter = real()
    covariance: Parameter = real()

    def __post_init__(self) -> None:
        d = self.mean.shape[-1] if self.mean.ndim else 0
        if self.covariance.shape != (d, d):
            raise ValueError(f"covariance has shape {self.covariance.shape}, expected {(d, d)}")
        asymmetry = np.abs(self.covariance - self.covariance.T).max()
        if asymmetry > 1e-8 * np.abs(self.covariance).max():
            raise ValueError(f"covariance is asymmetric by {asymmetry:.3g}, expected 0")
        try:
            _ = self.cholesky
        except np.linalg.LinAlgError:
            least = np.linalg.eigvalsh(self.covariance)[0]
            raise ValueError(f"covariance has eigenvalue {least:.3g}, expected all > 0") from None

    @cached_property
    def cholesky(self) -> Array:
        """The lower triangular ``L`` with ``L Lᵀ = covariance``, shape (D, D)."""
        factor: Array = cholesky(self.covariance, lower=True)
        return factor

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density of each row of `x`: from (..., D) to (...)."""
        d = self.mean.shape[-1]
        centred = rows(x, d, "observations") - self.mean
        white = solve_triangular(self.cholesky, centred.reshape(-1, d).T, lower=True)
        log_constant = np.log(np.diag(self.cholesky)).sum() + 0.5 * d * np.log(2 * np.pi)
        log_prob: Array = -0.5 * np.einsum("dn,dn->n", white, white) - log_constant
        return log_prob.reshape(centred.shape[:-1])

    def sample(self, size: int, rng: RNGLike = None) -> Array:
        """Draw vectors, shape (size, ..., D)."""
        rng = np.random.default_rng(rng)
        draws: Array = self.mean + rng.normal(size=(size, *self.mean.shape)) @ self.cholesky.T
        return draws


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
