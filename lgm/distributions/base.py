"""What every distribution is made of: a few methods, and parameters that are checked."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lgm.logspace import Array, refuse_nan

__all__ = [
    "Components",
    "Distribution",
    "Elementwise",
    "Parameter",
    "RNGLike",
    "Statistics",
    "average",
    "nonnegative",
    "pooled",
    "positive",
    "probability",
    "real",
    "rows",
]

RNGLike = np.random.Generator | int | None  # what numpy.random.default_rng takes (SPEC 7)
Statistics = tuple[Array, ...]  # sums over observations: those of two batches add up


class Distribution(Protocol):
    """What all distributions have in common, and all that a model or a rule asks of one.

    Examples
    --------
    A distribution of your own needs these two methods and no more:

    >>> class Uniform:
    ...     def log_prob(self, x):
    ...         x = np.asarray(x)
    ...         return np.where((x >= 0) & (x <= 1), 0.0, -np.inf)
    ...
    ...     def sample(self, size, rng=None):
    ...         return np.random.default_rng(rng).random(size)
    >>> from lgm import monte_carlo
    >>> monte_carlo(Uniform(), 4, rng=1).log_weights.round(3)
    array([-1.386, -1.386, -1.386, -1.386])
    """

    def log_prob(self, x: ArrayLike) -> Array:
        """Logarithm of the mass or density at `x`, elementwise (`MultivariateNormal`: by rows).

        Parameters
        ----------
        x : array_like
            Points; broadcast against the parameters. Outside the support the result is ``-inf``.

        Returns
        -------
        ndarray

        Raises
        ------
        ValueError
            If `x` contains NaN.
        """

    def sample(self, size: int, rng: RNGLike = None) -> NDArray[Any]:
        """Draw `size` times from each distribution.

        Parameters
        ----------
        size : int
            Number of draws; they run along axis 0 of the result.
        rng : Generator, int or None
            Whatever `numpy.random.default_rng` takes.

        Returns
        -------
        ndarray of shape (size, ...)
            The parameters' common shape follows `size`.
        """


class Components(Distribution, Protocol):
    """K distributions of one family side by side: the first axis of the parameters counts them.

    The components of a mixture, or what the states of a Markov model emit.
    """

    def log_likelihood(self, x: ArrayLike) -> Array:
        """``log p_k(x_n)`` of every observation under every component, shape (K, N).

        The coordinates of an observation with D of them are independent, or their covariance is
        a parameter.

        Parameters
        ----------
        x : array_like of shape (N,) or (N, D)
        """

    def statistics(self, x: ArrayLike, weights: Array) -> Statistics:
        """Sums over observations, weighted by (K, N) `weights`, from which `maximize` works.

        The first is the total weight of each component.
        """

    def maximize(self, statistics: Statistics) -> Self:
        """Return the family's members under which the weighted observations are likeliest.

        Parameters keep their shapes, and what a shape shares among components or coordinates is
        estimated jointly. A component of total weight zero stays as it is.
        """


class Elementwise:
    """Components whose coordinates are independent: parameters of shape (K,) or (K, D)."""

    def log_likelihood(self, x: ArrayLike) -> Array:
        """``Σ_d log p_kd(x_nd)``, shape (K, N)."""
        parameters = [getattr(self, field.name) for field in fields(self)]  # type: ignore[arg-type]
        coordinates = np.broadcast_shapes(*(p.shape for p in parameters))[1:]
        x = np.asarray(x)
        if x.shape[1:] != coordinates:
            raise ValueError(f"observations have shape {x.shape}, expected {('N', *coordinates)}")
        across = type(self)(*(p[..., None] if p.ndim else p for p in parameters))
        log_prob: Array = across.log_prob(x.T)  # type: ignore[attr-defined]
        return log_prob.sum(axis=1) if log_prob.ndim == 3 else log_prob


class Parameter:
    """A field that keeps a read-only float64 copy of what it is given, if that is acceptable."""

    def __init__(self, accepts: Callable[[Array], NDArray[np.bool_]], expected: str) -> None:
        self.accepts, self.expected = accepts, expected

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, instance: object, owner: type) -> Array:
        if instance is None:  # dataclasses look here for a default: there is none
            raise AttributeError(self.name)
        value: Array = instance.__dict__[self.name]
        return value

    def __set__(self, instance: object, value: ArrayLike) -> None:
        array = np.array(value, dtype=np.float64)
        refused = array[~self.accepts(array)]
        if refused.size:
            raise ValueError(f"{self.name} contains {refused[0]}, expected {self.expected}")
        array.setflags(write=False)
        instance.__dict__[self.name] = array


def real() -> Parameter:
    """Any finite numbers."""
    return Parameter(np.isfinite, "finite numbers")


def positive() -> Parameter:
    """Finite numbers above zero: scales, shapes, rates of decay."""
    return Parameter(lambda a: (a > 0) & (a < np.inf), "finite numbers above 0")


def nonnegative() -> Parameter:
    """Finite numbers, zero included: expected counts."""
    return Parameter(lambda a: (a >= 0) & (a < np.inf), "finite numbers not below 0")


def probability() -> Parameter:
    """Numbers from zero to one."""
    return Parameter(lambda a: (a >= 0) & (a <= 1), "numbers from 0 to 1")


def rows(x: ArrayLike, width: int, what: str) -> Array:
    """`x` as an array of float64, if its rows have `width` entries and no NaN."""
    x = refuse_nan(x, what)
    if x.shape[-1:] != (width,):
        raise ValueError(f"{what} have shape {x.shape}, expected (..., {width})")
    return x


def average(total: Array, weight: Array, default: ArrayLike) -> Array:
    """`total` over `weight` along axis 0, and `default` where there is no weight."""
    weight = weight.reshape(-1, *(1,) * (total.ndim - 1))
    return np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), default)


def pooled(variance: Array, weight: Array, shape: tuple[int, ...]) -> Array:
    """Variances (K,) or (K, D), averaged over whatever a parameter of the given shape shares."""
    if (not shape or shape[0] == 1) and weight.sum() > 0:
        variance = np.average(variance, axis=0, weights=weight, keepdims=True)
    if variance.ndim == 2 and (not shape or shape[-1] == 1):
        variance = variance.mean(axis=1, keepdims=True)
    return variance.reshape(shape)
