"""Models with a hidden quantity: ``z`` is a number or a vector, and the marginal is an integral."""

# ruff: noqa: RUF009 - the calls in class bodies make descriptors, not defaults
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import cho_solve, cholesky
from scipy.spatial.distance import cdist
from scipy.special import expit, log_expit

from lgm.distributions import MultivariateNormal, Normal
from lgm.distributions.base import Parameter, RNGLike, Statistics, positive, real, rows
from lgm.logspace import Array, refuse_nan
from lgm.models.joint import JointModel, summed_over_batches

__all__ = ["ItemResponse", "LinearGaussian"]


@dataclass(frozen=True, eq=False)
class ItemResponse(JointModel):
    """Yes-or-no items that depend on a hidden ability: the two-parameter logistic model.

    ``p(x_d = 1 | z) = 1 / (1 + exp(−(slope_d z + intercept_d)))``;
    Birnbaum 1968; Bock & Aitkin 1981, *Psychometrika* 46(4).

    Parameters
    ----------
    slopes, intercepts : array_like of shape (D,)
        How sharply an item separates abilities, and how easy it is.
    prior : Normal, optional
        Of the abilities; standard normal, as nearly always.

    Examples
    --------
    >>> from lgm import ItemResponse
    >>> test = ItemResponse(slopes=[1.0, 2.0], intercepts=[0.0, 1.0])
    >>> test.log_likelihood([[1, 1], [0, 0]], z=[0.0, 3.0]).round(3)
    array([[ -1.006,  -2.006],
           [ -0.049, -10.049]])
    """

    slopes: Parameter = real()
    intercepts: Parameter = real()
    prior: Normal = Normal(0.0, 1.0)

    def __post_init__(self) -> None:
        if self.slopes.ndim != 1 or self.slopes.shape != self.intercepts.shape:
            raise ValueError(
                f"slopes and intercepts have shapes {self.slopes.shape} and "
                f"{self.intercepts.shape}, expected both (D,)"
            )

    def log_likelihood(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``Σ_d log p(x_nd | z_s)``, shape (S, N)."""
        x = rows(x, len(self.slopes), "responses")
        if not np.isin(x, (0, 1)).all():
            raise ValueError(f"responses contain {x[~np.isin(x, (0, 1))][0]}, expected 0 or 1")
        logits = self._logits(z)
        log_lik: Array = log_expit(logits) @ x.T + log_expit(-logits) @ (1 - x).T
        return log_lik

    def simulate(self, z: ArrayLike, rng: RNGLike = None) -> NDArray[np.int64]:
        """Draw the answers of one person of each ability in `z`, shape (S, D)."""
        rng = np.random.default_rng(rng)
        return rng.binomial(1, expit(self._logits(z)))

    def _logits(self, z: ArrayLike) -> Array:
        return np.multiply.outer(refuse_nan(z, "abilities"), self.slopes) + self.intercepts


@dataclass(frozen=True, eq=False)
class LinearGaussian(JointModel):
    """Factor analysis: ``x = loadings z + mean + noise`` with ``z ~ N(0, I)``.

    The noise is normal and independent across the D coordinates. With one variance for all of
    them this is probabilistic principal component analysis (Tipping & Bishop 1999, *J. R. Stat.
    Soc. B* 61(3)); with one for each, factor analysis (Bishop 2006, §12.2.4).

    Parameters
    ----------
    loadings : array_like of shape (D, Q)
    mean : array_like of shape (D,)
    variance : array_like of shape () or (D,)
        Of the noise, above 0.

    Examples
    --------
    >>> from lgm import LinearGaussian
    >>> model = LinearGaussian(loadings=[[1.0], [1.0]], mean=[0.0, 0.0], variance=1.0)
    >>> model.log_marginal([[0.0, 0.0], [1.0, -1.0]])
    array([-2.38718321, -3.38718321])
    """

    loadings: Parameter = real()
    mean: Parameter = real()
    variance: Parameter = positive()
    prior: MultivariateNormal = field(init=False, repr=False)

    def __post_init__(self) -> None:
        w, d, v = self.loadings.shape, self.mean.shape, self.variance.shape
        if len(w) != 2 or w[:1] != d or v not in ((), d):
            raise ValueError(
                f"loadings, mean and variance have shapes {w}, {d} and {v}, "
                "expected (D, Q), (D,) and () or (D,)"
            )
        object.__setattr__(self, "prior", MultivariateNormal(np.zeros(w[1]), np.eye(w[1])))

    def log_likelihood(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``log N(x_n; loadings z_s + mean, variance)``, shape (S, N)."""
        fitted = rows(z, self.loadings.shape[1], "factors") @ self._whitened_loadings.T
        squared_distance = cdist(fitted, self._whiten(x), "sqeuclidean")
        return -0.5 * squared_distance - self._log_constant

    def simulate(self, z: ArrayLike, rng: RNGLike = None) -> Array:
        """Draw one observation for each row of `z`, shape (S, D)."""
        rng = np.random.default_rng(rng)
        return rng.normal(np.asarray(z) @ self.loadings.T + self.mean, self._scale)

    def posterior(self, x: ArrayLike) -> MultivariateNormal:
        """``p(z | x_n)``: a mean for each observation, shape (N, Q), and their one covariance."""
        projected = self._whitened_loadings.T @ self._whiten(x).T
        mean = cho_solve((self._precision_cholesky, True), projected).T
        identity = np.eye(self.loadings.shape[1])
        return MultivariateNormal(mean, cho_solve((self._precision_cholesky, True), identity))

    def log_marginal(self, x: ArrayLike) -> Array:
        """``log N(x_n; mean, loadings loadingsᵀ + diag(variance))``, shape (N,).

        With ``r`` the residual and ``B`` the loadings in units of the noise, and ``m`` the
        posterior mean, the quadratic form is ``min_z |r − B z|² + |z|² = |r − B m|² + |m|²``: a
        sum, so no digits cancel. Nothing larger than (Q, Q) is factorized.
        """
        m = self.posterior(x).mean
        misfit = self._whiten(x) - m @ self._whitened_loadings.T
        quadratic = (misfit**2).sum(axis=1) + (m**2).sum(axis=1)
        log_det = np.log(np.diag(self._precision_cholesky)).sum()
        log_marginal: Array = -0.5 * quadratic - log_det - self._log_constant
        return log_marginal

    def expectation(self, x: ArrayLike) -> tuple[float, Statistics]:
        """Log likelihood, and the moments of factors and residuals up to the second."""
        return summed_over_batches(self._expectation, x, width=2)

    def maximization(self, statistics: Statistics) -> "LinearGaussian":
        """Regress the residuals on the factors and a constant; what is left over is noise.

        Rubin & Thayer 1982, *Psychometrika* 47(1). Nothing of size (D, D) is formed.
        """
        factors, products, squares = statistics
        coefficients = np.linalg.solve(factors, products.T).T
        noise = (squares - (coefficients * products).sum(axis=1)) / factors[-1, -1]
        variance = noise if self.variance.ndim else noise.mean()
        return LinearGaussian(coefficients[:, :-1], self.mean + coefficients[:, -1], variance)

    def _expectation(self, x: Array) -> tuple[float, Statistics]:
        posterior, residual = self.posterior(x), x - self.mean
        n, q = posterior.mean.shape
        factors = np.column_stack([posterior.mean, np.ones(n)])  # the constant comes last
        second = factors.T @ factors
        second[:q, :q] += n * posterior.covariance
        statistics = second, residual.T @ factors, np.einsum("nd,nd->d", residual, residual)
        return self.log_marginal(x).sum(), statistics

    @cached_property
    def _scale(self) -> Array:
        return np.broadcast_to(np.sqrt(self.variance), self.mean.shape)

    @cached_property
    def _whitened_loadings(self) -> Array:
        whitened: Array = self.loadings / self._scale[:, None]
        return whitened

    def _whiten(self, x: ArrayLike) -> Array:
        whitened: Array = (rows(x, len(self.mean), "observations") - self.mean) / self._scale
        return whitened

    @cached_property
    def _precision_cholesky(self) -> Array:
        """Cholesky factor of the posterior precision ``I + BᵀB``, shape (Q, Q)."""
        b = self._whitened_loadings
        factor: Array = cholesky(np.eye(b.shape[1]) + b.T @ b, lower=True)
        return factor

    @cached_property
    def _log_constant(self) -> float:
        return float(np.log(self._scale).sum() + 0.5 * len(self.mean) * np.log(2 * np.pi))
