"""What every model is made of: a prior, a likelihood, and what follows from the two."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lgm.distributions.base import Distribution, RNGLike, Statistics
from lgm.logspace import Array

__all__ = ["JointModel", "SharedLatentModel", "in_batches", "real", "single", "summed_over_batches"]

Density = Callable[..., Array]  # of hidden values, (S,) or (S, Q) to (S,)

BATCH = 2**17  # numbers that are worked on at a time: they fit in a processor's cache
ROWS = 512  # observations at a time, at least: fewer make slow matrix products


class JointModel(ABC):
    """A prior over ``z`` and a likelihood of ``x`` given ``z``; the rest follows from these.

    Attributes
    ----------
    prior : Distribution
        The distribution of the hidden variable.

    Examples
    --------
    A model of your own needs a prior and these two methods:

    >>> from lgm import JointModel, Normal, gauss_hermite, log_marginal
    >>> class NoisyAngle(JointModel):
    ...     prior = Normal(0.0, 1.0)
    ...
    ...     def log_likelihood(self, x, z):
    ...         return Normal(np.sin(z)[:, None], 0.5).log_prob(x)
    ...
    ...     def simulate(self, z, rng=None):
    ...         return Normal(np.sin(z), 0.5).sample(1, rng)[0]
    >>> model = NoisyAngle()
    >>> log_marginal(model, [0.0, 0.9], gauss_hermite(model.prior, 60)).round(3)
    array([-0.876, -1.176])
    """

    prior: Distribution

    @abstractmethod
    def log_likelihood(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``log p(x_n | z_s)`` for every pair, shape (S, N)."""

    # What `lgm.em` needs, in the models that it can fit: `expectation(x)` returns the log
    # likelihood and expected sufficient statistics, `maximization` a model from the latter.

    @abstractmethod
    def simulate(self, z: ArrayLike, rng: RNGLike = None) -> NDArray[Any]:
        """Draw one observation for each hidden value, shape (S,) or (S, D)."""

    def log_prior(self, z: ArrayLike) -> Array:
        """``log p(z_s)``, shape (S,)."""
        return self.prior.log_prob(z)

    def log_joint(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``log p(x_n, z_s) = log p(z_s) + log p(x_n | z_s)``.

        Parameters
        ----------
        x : array_like of shape (N,) or (N, D)
            Observations.
        z : array_like of shape (S,) or (S, Q)
            Values of the hidden variable.

        Returns
        -------
        ndarray of shape (S, N)
            For a `SharedLatentModel`, of shape (S,).
        """
        return self._joint(z, lambda possible: self.log_likelihood(x, possible))

    def _joint(self, z: ArrayLike, log_likelihood: Density) -> Array:
        """Add prior and likelihood; where the prior excludes `z` there may be no likelihood."""
        z, log_prior = np.asarray(z), self.log_prior(z)
        possible = log_prior > -np.inf
        log_lik = log_likelihood(z if possible.all() else z[possible])
        ahead = (-1, *(1,) * (log_lik.ndim - 1))
        if possible.all():
            return log_prior.reshape(ahead) + log_lik
        log_joint = np.full((len(z), *log_lik.shape[1:]), -np.inf)
        log_joint[possible] = log_prior[possible].reshape(ahead) + log_lik
        return log_joint

    def sample(self, size: int, rng: RNGLike = None) -> tuple[NDArray[Any], NDArray[Any]]:
        """Ancestral sampling: draw `z` from the prior, then `x` given `z`.

        Parameters
        ----------
        size : int
            Number N of observations.
        rng : Generator, int or None
            Whatever `numpy.random.default_rng` takes.

        Returns
        -------
        z : ndarray of shape (N,) or (N, Q)
        x : ndarray of shape (N,) or (N, D)
        """
        rng = np.random.default_rng(rng)
        z = self.prior.sample(size, rng)
        return z, self.simulate(z, rng)


class SharedLatentModel(JointModel):
    """A model in which all observations share one hidden value, so that `x` is seen as a whole.

    Examples
    --------
    >>> from lgm import Beta, BetaBernoulli
    >>> coin = BetaBernoulli(Beta(1.0, 1.0))
    >>> coin.log_joint([1, 1, 0], z=[0.5, 0.9]).round(3)  # one number for each z
    array([-2.079, -2.513])
    """

    def log_joint(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``log p(x, z_s) = log p(z_s) + Σ_n log p(x_n | z_s)``, shape (S,)."""
        return self._joint(z, lambda possible: self.log_likelihood(x, possible).sum(axis=1))

    def sample(self, size: int, rng: RNGLike = None) -> tuple[NDArray[Any], NDArray[Any]]:
        """Draw one hidden value, then `size` observations given it."""
        rng = np.random.default_rng(rng)
        z = self.prior.sample(1, rng)
        return z[0], self.simulate(np.repeat(z, size, axis=0), rng)


def single(model: JointModel, x: ArrayLike) -> tuple[Density, Density]:
    """``log p(x | z)`` and ``log p(z) + β log p(x | z)`` as functions of one hidden value.

    They take `z` of shape (S,) or (S, Q), the second one β as well, 1 unless told otherwise. The
    likelihood is not asked for where the prior excludes `z`.
    """
    x = np.asarray(x)
    if not isinstance(model, SharedLatentModel) and len(x) != 1:
        raise ValueError(f"{len(x)} observations with a hidden value each, expected 1 at a time")

    def log_likelihood(z: NDArray[Any]) -> Array:
        of_all: Array = model.log_likelihood(x, z).sum(axis=1)
        return of_all

    def tempered(z: NDArray[Any], beta: float = 1.0) -> Array:
        density = model.log_prior(z)
        inside = np.isfinite(density)
        density[inside] += beta * log_likelihood(z[inside])
        return density

    return log_likelihood, tempered


def real(draws: NDArray[Any]) -> Array:
    """Draws of a continuous variable, for which steps make sense."""
    if draws.dtype.kind != "f":
        raise ValueError(f"the hidden variable is {draws.dtype}, expected float64")
    return draws


def in_batches(x: ArrayLike, width: int) -> Iterator[Array]:
    """Runs of observations, so that `width` numbers for each coordinate make a small array."""
    x = np.asarray(x, dtype=np.float64)
    size = max(ROWS, BATCH // (width * int(np.prod(x.shape[1:]))))
    for start in range(0, max(len(x), 1), size):
        yield x[start : start + size]


def summed_over_batches(
    expectation: Callable[[Array], tuple[float, Statistics]], x: ArrayLike, width: int
) -> tuple[float, Statistics]:
    """Add up log likelihoods and statistics, so that no more than a batch is held at a time."""
    log_likelihood, statistics = 0.0, None
    for batch in in_batches(x, width):
        more, of_batch = expectation(batch)
        log_likelihood += more
        statistics = (
            of_batch
            if statistics is None
            else tuple(a + b for a, b in zip(statistics, of_batch, strict=True))
        )
    assert statistics is not None
    return float(log_likelihood), statistics
