"""Models with a hidden class: ``z`` is one of K numbers, and the marginal is a sum of K terms."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lgm.distributions import Categorical, Components
from lgm.distributions.base import RNGLike, Statistics
from lgm.logspace import Array, total_and_shares
from lgm.models.joint import JointModel, summed_over_batches

__all__ = ["Mixture"]


@dataclass(frozen=True, eq=False)
class Mixture(JointModel):
    """Each observation comes from one of K components: ``p(x) = Σ_k p(z = k) p_k(x)``.

    Bishop 2006, §9.2. With `Bernoulli` components over D items this is the latent class model
    (Lazarsfeld & Henry 1968; Bishop 2006, §9.3.3).

    Parameters
    ----------
    prior : Categorical
        The weights of the K components.
    components : Bernoulli, Poisson, Normal or MultivariateNormal
        K distributions side by side, whose parameters have the shape (K,) or (K, D). A scale or
        covariance may be shared: `Normal` takes scales (K, D), (K, 1), (1, D) or a number,
        `MultivariateNormal` covariances (K, D, D) or (D, D).

    Raises
    ------
    ValueError
        If there is not one component for each weight.

    Examples
    --------
    >>> from lgm import Categorical, Mixture, Normal
    >>> waiting = Mixture(Categorical([0.36, 0.64]), Normal([54.6, 80.1], 5.9))
    >>> waiting.log_joint([50.0, 80.0], z=[0, 1]).round(2)
    array([[ -4.02, -12.98],
           [-16.15,  -3.14]])
    """

    prior: Categorical
    components: Components

    def __post_init__(self) -> None:
        check_number(self.components, len(self.prior.weights))

    def log_likelihood(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``log p_k(x_n)`` for every ``k`` in `z`, shape (S, N)."""
        log_lik: Array = self.components.log_likelihood(x)[np.asarray(z)]
        return log_lik

    def simulate(self, z: ArrayLike, rng: RNGLike = None) -> NDArray[Any]:
        """Draw one observation from each of the components in `z`."""
        z = np.asarray(z)
        draws: NDArray[Any] = self.components.sample(len(z), rng)[np.arange(len(z)), z]
        return draws

    def expectation(self, x: ArrayLike) -> tuple[float, Statistics]:
        """Log likelihood of `x`, and the components' statistics weighted by responsibilities."""
        return summed_over_batches(self._expectation, x, width=len(self.prior.weights))

    def maximization(self, statistics: Statistics) -> "Mixture":
        """Return the mixture under which the completed data are likeliest."""
        number = statistics[0]
        return Mixture(Categorical(number / number.sum()), self.components.maximize(statistics))

    def _expectation(self, x: Array) -> tuple[float, Statistics]:
        log_joint = self.log_prior(self.prior.support)[:, None] + self.components.log_likelihood(x)
        log_marginal, responsibilities = total_and_shares(log_joint)
        return log_marginal.sum(), self.components.statistics(x, responsibilities)


def check_number(components: Components, expected: int) -> None:
    """Refuse components that are not as many as expected."""
    found = components.sample(0, 0).shape[1:2]
    if found != (expected,):
        raise ValueError(f"{found[0] if found else 1} components, expected {expected}")
