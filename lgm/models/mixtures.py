"""Models with a hidden class: ``z`` is one of K numbers, and the marginal is a sum of K terms."""

# ruff: noqa: RUF009 - the calls in class bodies make descriptors, not defaults
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lgm.distributions import Bernoulli, Categorical, Distribution
from lgm.distributions.base import Parameter, RNGLike, probability, rows
from lgm.logspace import Array
from lgm.models.joint import JointModel

__all__ = ["LatentClass", "Mixture"]


@dataclass(frozen=True, eq=False)
class Mixture(JointModel):
    """Each observation comes from one of K components: ``p(x) = Σ_k p(z = k) p_k(x)``.

    Bishop 2006, §9.2.

    Parameters
    ----------
    prior : Categorical
        The weights of the K components.
    components : sequence of K Distribution
        Of any family; each gives one log probability per observation.

    Examples
    --------
    >>> from lgm import Categorical, Mixture, Normal
    >>> waiting = Mixture(Categorical([0.36, 0.64]), [Normal(54.6, 5.9), Normal(80.1, 5.9)])
    >>> waiting.log_joint([50.0, 80.0], z=[0, 1]).round(2)
    array([[ -4.02, -12.98],
           [-16.15,  -3.14]])
    """

    prior: Categorical
    components: Sequence[Distribution]

    def __post_init__(self) -> None:
        if len(self.components) != len(self.prior.weights):
            raise ValueError(
                f"{len(self.components)} components, expected {len(self.prior.weights)}: "
                "one for each weight"
            )

    def log_likelihood(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``log p_k(x_n)`` for every ``k`` in `z`, shape (S, N)."""
        return _take(z, [component.log_prob(x) for component in self.components])

    def simulate(self, z: ArrayLike, rng: RNGLike = None) -> NDArray[Any]:
        """Draw one observation from each of the components in `z`."""
        rng = np.random.default_rng(rng)
        z = np.asarray(z)
        sizes = np.bincount(z, minlength=len(self.components))
        draws = [c.sample(n, rng) for c, n in zip(self.components, sizes, strict=True)]
        grouped = np.concatenate(draws)
        x = np.empty_like(grouped)
        x[np.argsort(z, kind="stable")] = grouped
        return x


@dataclass(frozen=True, eq=False)
class LatentClass(JointModel):
    """Yes-or-no items that depend on a hidden class, and given the class are independent.

    ``p(x) = Σ_k p(z = k) Π_d p(x_d | z = k)``; Lazarsfeld & Henry 1968; Bishop 2006, §9.3.3.

    Parameters
    ----------
    prior : Categorical
        The weights of the K classes.
    probabilities : array_like of shape (K, D)
        Probability of a one for each class and item.

    Examples
    --------
    >>> from lgm import Categorical, LatentClass
    >>> model = LatentClass(Categorical([0.5, 0.5]), [[0.9, 0.8], [0.1, 0.2]])
    >>> np.exp(model.log_joint([[1, 1], [1, 0]], z=[0, 1]))
    array([[0.36, 0.09],
           [0.01, 0.04]])
    """

    prior: Categorical
    probabilities: Parameter = probability()

    def __post_init__(self) -> None:
        classes = len(self.prior.weights)
        if self.probabilities.ndim != 2 or len(self.probabilities) != classes:
            raise ValueError(
                f"probabilities have shape {self.probabilities.shape}, expected ({classes}, D)"
            )

    def log_likelihood(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``Σ_d log p(x_nd | z_s)``, shape (S, N)."""
        x = rows(x, self.probabilities.shape[1], "responses")
        return _take(z, [Bernoulli(p).log_prob(x).sum(axis=1) for p in self.probabilities])

    def simulate(self, z: ArrayLike, rng: RNGLike = None) -> NDArray[np.int64]:
        """Draw the answers of one person of each class in `z`, shape (S, D)."""
        rng = np.random.default_rng(rng)
        draws: NDArray[np.int64] = rng.binomial(1, self.probabilities[np.asarray(z)])
        return draws


def _take(z: ArrayLike, by_class: list[Array]) -> Array:
    """Rows `z` of the log likelihoods of all classes."""
    rows: Array = np.stack(by_class)[np.asarray(z)]
    return rows
