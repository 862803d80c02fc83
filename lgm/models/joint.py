"""What every model is made of: a prior, a likelihood, and what follows from the two."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lgm.distributions.base import Distribution, RNGLike
from lgm.logspace import Array

__all__ = ["JointModel", "SharedLatentModel"]


class JointModel(ABC):
    """A prior over ``z`` and a likelihood of ``x`` given ``z``; the rest follows from these.

    Attributes
    ----------
    prior : Distribution
        The distribution of the hidden variable.
    """

    prior: Distribution

    @abstractmethod
    def log_likelihood(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``log p(x_n | z_s)`` for every pair, shape (S, N)."""

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
        return self.log_prior(z)[:, None] + self.log_likelihood(x, z)

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
    """A model in which all observations share one hidden value, so that `x` is seen as a whole."""

    def log_joint(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``log p(x, z_s) = log p(z_s) + Σ_n log p(x_n | z_s)``, shape (S,)."""
        log_joint: Array = self.log_prior(z) + self.log_likelihood(x, z).sum(axis=1)
        return log_joint

    def sample(self, size: int, rng: RNGLike = None) -> tuple[NDArray[Any], NDArray[Any]]:
        """Draw one hidden value, then `size` observations given it."""
        rng = np.random.default_rng(rng)
        z = self.prior.sample(1, rng)
        return z[0], self.simulate(np.repeat(z, size, axis=0), rng)
