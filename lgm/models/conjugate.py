"""Models with one hidden parameter, whose posterior stays in the family of the prior.

Bishop 2006, §2.1.1 and §2.3.6; Murphy 2012, *Machine Learning*, §3.3 and §4.6.1.
"""

# ruff: noqa: RUF009 - the calls in class bodies make descriptors, not defaults
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lgm.distributions import Bernoulli, Beta, Distribution, Gamma, Normal, Poisson
from lgm.distributions.base import Parameter, RNGLike, positive
from lgm.logspace import Array, refuse_nan
from lgm.models.joint import SharedLatentModel

__all__ = ["BetaBernoulli", "GammaPoisson", "NormalNormal"]


class _ConjugateModel(SharedLatentModel):
    """Everything follows from the likelihood and the posterior."""

    @abstractmethod
    def given(self, z: ArrayLike) -> Distribution:
        """Return the likelihood model: the distribution of one observation given `z`."""

    @abstractmethod
    def posterior(self, x: ArrayLike) -> Beta | Gamma | Normal:
        """Return the distribution of the hidden value given all of `x`."""

    def log_likelihood(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``log p(x_n | z_s)``, shape (S, N)."""
        return self.given(np.asarray(z)[:, None]).log_prob(x)

    def simulate(self, z: ArrayLike, rng: RNGLike = None) -> NDArray[Any]:
        """Draw one observation for each value in `z`."""
        draws: NDArray[Any] = self.given(z).sample(1, rng)[0]
        return draws

    def log_marginal(self, x: ArrayLike) -> Array:
        """``log p(x) = log p(x, z) − log p(z | x)``, which is the same for every ``z``.

        Parameters
        ----------
        x : array_like of shape (N,)
            Observations that share one hidden value.

        Returns
        -------
        float
            Log probability of the whole sequence, in the order given.
        """
        posterior = self.posterior(x)
        z = posterior.mean[None]
        log_marginal: Array = (self.log_joint(x, z) - posterior.log_prob(z))[0]
        return log_marginal


@dataclass(frozen=True, eq=False)
class BetaBernoulli(_ConjugateModel):
    """Zeros and ones that share an unknown probability ``z``.

    Parameters
    ----------
    prior : Beta

    Examples
    --------
    >>> from lgm import Beta, BetaBernoulli
    >>> BetaBernoulli(Beta(1.0, 1.0)).log_marginal([1, 1, 0])  # log 1/12
    np.float64(-2.4849066...)
    """

    prior: Beta

    def given(self, z: ArrayLike) -> Bernoulli:
        """Return the distribution of one outcome."""
        return Bernoulli(z)

    def posterior(self, x: ArrayLike) -> Beta:
        """``p(z | x)``: ones are added to ``a``, zeros to ``b``."""
        x = refuse_nan(x, "outcomes")
        return Beta(self.prior.a + x.sum(), self.prior.b + (1 - x).sum())


@dataclass(frozen=True, eq=False)
class GammaPoisson(_ConjugateModel):
    """Counts that share an unknown rate ``z``.

    Parameters
    ----------
    prior : Gamma

    Examples
    --------
    >>> from lgm import Gamma, GammaPoisson
    >>> GammaPoisson(Gamma(shape=1.0, rate=1.0)).log_marginal([0])  # log 1/2
    np.float64(-0.6931471...)
    """

    prior: Gamma

    def given(self, z: ArrayLike) -> Poisson:
        """Return the distribution of one count."""
        return Poisson(z)

    def posterior(self, x: ArrayLike) -> Gamma:
        """``p(z | x)``: events are added to the shape, the number of counts to the rate."""
        x = refuse_nan(x, "counts")
        return Gamma(self.prior.shape + x.sum(), self.prior.rate + x.size)


@dataclass(frozen=True, eq=False)
class NormalNormal(_ConjugateModel):
    """Measurements that share an unknown mean ``z``, with noise of known scale.

    Parameters
    ----------
    prior : Normal
    scale : array_like of shape ()
        Standard deviation of one measurement.

    Examples
    --------
    >>> from lgm import Normal, NormalNormal
    >>> NormalNormal(Normal(0.0, 1.0), scale=1.0).log_marginal([1.0, -1.0])
    np.float64(-3.38718321...)
    """

    prior: Normal
    scale: Parameter = positive()

    def given(self, z: ArrayLike) -> Normal:
        """Return the distribution of one measurement."""
        return Normal(z, self.scale)

    def posterior(self, x: ArrayLike) -> Normal:
        """``p(z | x)``: precisions add, and the mean is shrunk towards that of the prior."""
        x = refuse_nan(x, "measurements")
        precision = self.prior.scale**-2 + x.size * self.scale**-2
        shift = (x - self.prior.mean).sum() * self.scale**-2 / precision
        return Normal(self.prior.mean + shift, precision**-0.5)
