"""Real data, vendored: each set with its provenance, licence and hash in ``data/SOURCES.toml``."""

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["crabs", "earthquakes", "lsat", "old_faithful", "titanic"]

Array = NDArray[np.float64]


def _read(name: str) -> Array:
    """The rows of a vendored CSV file with one header line."""
    with (files("lgm.course") / "data" / f"{name}.csv").open(encoding="utf-8") as file:
        return np.loadtxt(file, delimiter=",", skiprows=1, ndmin=2)


def crabs() -> tuple[Array, Array]:
    """Shore crabs from Naples: ratio of forehead breadth to body length, 1,000 animals in 29 bins.

    Measured by Weldon (1893); Pearson (1894) asked whether they were one race or two.

    Returns
    -------
    edges : ndarray of shape (30,)
        Where the bins begin and end, as ratios of two lengths (no unit).
    counts : ndarray of shape (29,)
        Number of crabs in each bin.

    Examples
    --------
    >>> edges, counts = crabs()
    >>> edges[:3], counts[:2], counts.sum()
    (array([0.5795, 0.5835, 0.5875]), array([1., 3.]), np.float64(1000.0))
    """
    table = _read("crabs")
    return np.append(table[:, 0], table[-1, 1]), table[:, 2]


def earthquakes() -> Array:
    """Major earthquakes (magnitude 7 or more) in the world, a count for each year 1900–2006.

    Returns
    -------
    counts : ndarray of shape (107,)

    Examples
    --------
    >>> earthquakes()[:4]
    array([13., 14.,  8., 10.])
    """
    return _read("earthquakes")[:, 0]


def lsat() -> tuple[Array, Array]:
    """Law School Admission Test, section 6: the answers of 1,000 people to five items.

    Returns
    -------
    patterns : ndarray of shape (32, 5)
        Every way to answer the five items, 1 for right and 0 for wrong.
    counts : ndarray of shape (32,)
        Number of people who answered in that way.

    Examples
    --------
    >>> patterns, counts = lsat()
    >>> patterns[-1], counts[-1], counts.sum()
    (array([1., 1., 1., 1., 1.]), np.float64(298.0), np.float64(1000.0))
    """
    table = _read("lsat")
    return table[:, :-1], table[:, -1]


def old_faithful() -> Array:
    """Old Faithful geyser, Yellowstone: 272 eruptions, each with the wait that followed it.

    Returns
    -------
    eruptions : ndarray of shape (272, 2)
        Duration of the eruption and waiting time to the next one, both in minutes.

    Examples
    --------
    >>> old_faithful()[:2]
    array([[ 3.6, 79. ],
           [ 1.8, 54. ]])
    """
    return _read("old_faithful")


def titanic() -> Array:
    """Everybody on board the Titanic in 1912: 2,201 people by class, sex, age and fate.

    Returns
    -------
    people : ndarray of shape (4, 2, 2, 2)
        Numbers of people. Axis 0 is the class (first, second, third, crew), axis 1 the sex (male,
        female), axis 2 the age (child, adult), axis 3 the fate (lost, survived).

    Examples
    --------
    >>> titanic().sum(axis=(1, 2))
    array([[122., 203.],
           [167., 118.],
           [528., 178.],
           [673., 212.]])
    """
    return _read("titanic")[:, -1].reshape(4, 2, 2, 2)
