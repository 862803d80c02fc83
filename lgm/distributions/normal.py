"""The normal distribution, in one dimension and in many."""

# ruff: noqa: RUF009 - the calls in class bodies make descriptors, not defaults
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg.lapack import dtrtri
from scipy.special import ndtri

from lgm.distributions.base import (
    Elementwise,
    Parameter,
    RNGLike,
    Statistics,
    average,
    pooled,
    positive,
    real,
    rows,
)
from lgm.logspace import Array, refuse_nan

__all__ = ["MultivariateNormal", "Normal"]


@dataclass(frozen=True, eq=False)
class Normal(Elementwise):
    """The bell curve: ``log p(x) = −½ ((x − mean) / scale)² − log scale − ½ log 2π``.

    Parameters
    ----------
    mean : array_like
        Centre.
    scale : array_like
        Standard deviation, above 0. Components share it along axes of length 1, or all of it if
        it is a single number.

    Examples
    --------
    >>> Normal([0.0, 5.0], 1.0).log_prob(5.0)
    array([-13.41893853,  -0.91893853])
    """

    mean: Parameter = real()
    scale: Parameter = positive()

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density at `x`, elementwise."""
        log_prob = np.asarray((refuse_nan(x, "observations") - self.mean) / self.scale)
        # In place: for many observations a new array costs more than the arithmetic.
        log_prob *= log_prob
        log_prob *= -0.5
        log_prob -= np.log(self.scale) + 0.5 * np.log(2 * np.pi)
        return log_prob[()]

    def sample(self, size: int, rng: RNGLike = None) -> Array:
        """Draw numbers, shape (size, ...)."""
        rng = np.random.default_rng(rng)
        return rng.normal(self.mean, self.scale, (size, *np.broadcast(self.mean, self.scale).shape))

    def quantile(self, u: ArrayLike) -> Array:
        """The number below which a share `u` of the probability lies, elementwise."""
        return np.asarray(self.mean + self.scale * ndtri(np.asarray(u, dtype=np.float64)))

    def statistics(self, x: ArrayLike, weights: Array) -> Statistics:
        """Number, and the first two moments about the present mean, so that no digits cancel."""
        deviation = np.asarray(x).T - self.mean[..., None]
        weighted = deviation * (weights[:, None] if deviation.ndim == 3 else weights)
        return weights.sum(axis=1), weighted.sum(axis=-1), (weighted * deviation).sum(axis=-1)

    def maximize(self, statistics: Statistics) -> "Normal":
        """Return the distributions with the weighted means and variances of the data."""
        number, first, second = statistics
        shift = average(first, number, 0.0)
        variance = average(second, number, self.scale**2) - shift**2
        return Normal(
            self.mean + shift, np.sqrt(pooled(variance, number, self.scale.shape).clip(0))
        )


@dataclass(frozen=True, eq=False)
class MultivariateNormal:
    """The bell in D dimensions: ``log p(x) = −½ |L⁻¹(x − mean)|² − log det L − ½ D log 2π``.

    ``L`` is the Cholesky factor of the covariance.

    Parameters
    ----------
    mean : array_like of shape (..., D)
        Centre.
    covariance : array_like of shape (D, D) or (..., D, D)
        Symmetric and positive definite; one that all centres share, or one for each of them.

    Raises
    ------
    ValueError
        If a covariance does not fit the mean, is not symmetric, or not positive definite.

    Examples
    --------
    >>> MultivariateNormal([0.0, 0.0], [[2.0, 1.0], [1.0, 2.0]]).log_prob([[0.0, 0.0], [1.0, -1.0]])
    array([-2.38718321, -3.38718321])
    """

    mean: Parameter = real()
    covariance: Parameter = real()

    def __post_init__(self) -> None:
        shape, d = self.covariance.shape, self.mean.shape[-1:]
        if not d or shape not in (d + d, self.mean.shape + d):
            raise ValueError(f"covariance has shape {shape}, expected {d + d} or one per mean")
        asymmetry = np.abs(self.covariance - self.covariance.mT).max(initial=0.0)
        if asymmetry > 1e-8 * np.abs(self.covariance).max(initial=0.0):
            raise ValueError(f"covariance is asymmetric by {asymmetry:.3g}, expected 0")
        try:
            pivots = np.diagonal(self.cholesky, axis1=-2, axis2=-1) ** 2
        except np.linalg.LinAlgError:
            least = np.linalg.eigvalsh(self.covariance).min()
            raise ValueError(f"covariance has eigenvalue {least:.3g}, expected all > 0") from None
        # What is left of a variance when the coordinates before it are known.
        left = (pivots / np.diagonal(self.covariance, axis1=-2, axis2=-1)).min(initial=1.0)
        if left < 8 * np.finfo(float).eps:
            raise ValueError(
                f"covariance is singular: a coordinate keeps {left:.1g} of its variance"
            )

    @cached_property
    def cholesky(self) -> Array:
        """The lower triangular ``L`` with ``L Lᵀ = covariance``, of the covariance's shape."""
        factor: Array = np.asarray(np.linalg.cholesky(self.covariance), dtype=np.float64)
        return factor

    @cached_property
    def _whitener(self) -> Array:
        """``L⁻¹``: it turns deviations into independent standard normal numbers."""
        d = self.mean.shape[-1]
        inverses = [dtrtri(factor, lower=1)[0] for factor in self.cholesky.reshape(-1, d, d)]
        return np.reshape(inverses, self.covariance.shape)

    @cached_property
    def _log_constant(self) -> Array:
        log_diagonal = np.log(np.diagonal(self.cholesky, axis1=-2, axis2=-1))
        constant: Array = log_diagonal.sum(axis=-1) + 0.5 * self.mean.shape[-1] * np.log(2 * np.pi)
        return constant

    def log_prob(self, x: ArrayLike) -> Array:
        """Log density of each row of `x`: from (..., D) to (...)."""
        centred = rows(x, self.mean.shape[-1], "observations") - self.mean
        if self._whitener.ndim == 2:
            white = centred @ self._whitener.T
        else:
            white = np.einsum("...ij,...j->...i", self._whitener, centred)
        log_prob: Array = -0.5 * (white**2).sum(axis=-1) - self._log_constant
        return log_prob

    def log_likelihood(self, x: ArrayLike) -> Array:
        """``log p_k(x_n)``, shape (K, N): one matrix product for all components.

        The data are centred before they are multiplied, and coordinates are whitened once if all
        components share their covariance.
        """
        d = self.mean.shape[-1]
        origin = self.mean.mean(axis=0)
        centred = (rows(x, d, "observations") - origin).T
        whitener = self._whitener.reshape(-1, d, d)  # (K, D, D), or (1, D, D) if shared
        white = (whitener.reshape(-1, d) @ centred).reshape(len(whitener), d, -1)
        white = white - whitener @ (self.mean - origin)[..., None]
        log_likelihood: Array = np.square(white, out=white).sum(axis=1)
        log_likelihood *= -0.5
        log_likelihood -= self._log_constant.reshape(-1, 1)
        return log_likelihood

    def sample(self, size: int, rng: RNGLike = None) -> Array:
        """Draw vectors, shape (size, ..., D)."""
        rng = np.random.default_rng(rng)
        noise = rng.normal(size=(size, *self.mean.shape))
        draws: Array = self.mean + np.einsum("...ij,s...j->s...i", self.cholesky, noise)
        return draws

    def quantile(self, u: ArrayLike) -> Array:
        """``mean + L Φ⁻¹(u)`` for each row of `u`: from (..., D) to (..., D); Φ⁻¹ elementwise."""
        return np.asarray(self.mean + ndtri(np.asarray(u, dtype=np.float64)) @ self.cholesky.T)

    def statistics(self, x: ArrayLike, weights: Array) -> Statistics:
        """Number, and the first two moments about the present mean, so that no digits cancel."""
        root = np.sqrt(weights)[:, :, None]
        deviation = np.asarray(x).T - self.mean[..., None]
        deviation *= root.mT
        # A matrix times its own transpose costs half as much as a product of two.
        return weights.sum(axis=1), (deviation @ root)[..., 0], deviation @ deviation.mT

    def maximize(self, statistics: Statistics) -> "MultivariateNormal":
        """Return the distributions with the weighted means and covariances of the data."""
        number, first, second = statistics
        shift = average(first, number, 0.0)
        moments = average(second, number, self.covariance)
        covariance = moments - shift[:, :, None] * shift[:, None, :]
        if self.covariance.ndim == 2:
            covariance = np.average(covariance, axis=0, weights=number)
        return MultivariateNormal(self.mean + shift, covariance)
