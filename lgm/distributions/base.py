"""What every distribution is made of: two methods, and parameters that are checked."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lgm.logspace import Array, refuse_nan

__all__ = [
    "Distribution",
    "Parameter",
    "RNGLike",
    "nonnegative",
    "positive",
    "probability",
    "real",
    "rows",
]

RNGLike = np.random.Generator | int | None  # what numpy.random.default_rng takes (SPEC 7)


class Distribution(Protocol):
    """What all distributions have in common, and all that a model or a rule asks of one."""

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
