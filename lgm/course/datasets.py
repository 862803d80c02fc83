"""Real data, vendored: each set with its provenance, licence and hash in ``data/SOURCES.toml``."""

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "coal_disasters",
    "crabs",
    "earthquakes",
    "galaxies",
    "holzinger_swineford",
    "lsat",
    "old_faithful",
    "stock_indices",
    "titanic",
]

Array = NDArray[np.float64]


def _read(name: str) -> Array:
    """The rows of a vendored CSV file with one header line."""
    with (files("lgm.course") / "data" / f"{name}.csv").open(encoding="utf-8") as file:
        return np.loadtxt(file, delimiter=",", skiprows=1, ndmin=2)


def coal_disasters() -> tuple[Array, Array]:
    """Explosions in British coal mines that killed ten or more, a count for each year 1851–1962.

    Records begin with the disaster of 15 March 1851 and end with that of 22 March 1962.

    Returns
    -------
    years : ndarray of shape (112,)
    counts : ndarray of shape (112,)
        Number of disasters in each year, 191 in all.

    Examples
    --------
    >>> years, counts = coal_disasters()
    >>> years[:3], counts[:3], counts.sum()
    (array([1851., 1852., 1853.]), array([4., 5., 4.]), np.float64(191.0))
    """
    table = _read("coal_disasters")
    return table[:, 0], table[:, 1]


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


def galaxies() -> Array:
    """Galaxies in the region of Corona Borealis: how fast 82 of them move away from us.

    The 78th velocity is 26,960, on which the published evidences rest; R's MASS has it as 26,690.
    Evidences are published for velocities in 1,000 km/s.

    Returns
    -------
    velocities : ndarray of shape (82,)
        Velocities in km/s, in ascending order.

    Examples
    --------
    >>> galaxies()[:4]
    array([9172., 9350., 9483., 9558.])
    """
    return _read("galaxies")[:, 0]


def holzinger_swineford() -> tuple[Array, Array]:
    """Mental tests of 1939: 301 pupils of two schools in Illinois, nine tests each.

    The tests come in threes. Visual: visual perception, cubes, lozenges. Verbal: paragraph
    comprehension, sentence completion, word meaning. Speed: addition, counting of dots,
    discrimination of straight and curved capitals.

    Returns
    -------
    school : ndarray of shape (301,)
        0 for Pasteur (156 pupils), 1 for Grant-White (145 pupils).
    scores : ndarray of shape (301, 9)
        Points in the nine tests in the order above, each divided by a constant of its test so that
        the tests vary by similar amounts (no unit).

    Examples
    --------
    >>> school, scores = holzinger_swineford()
    >>> school[0], scores[0, :3]
    (np.float64(0.0), array([3.3333333, 7.75     , 0.375    ]))
    """
    table = _read("holzinger_swineford")
    return table[:, 0], table[:, 1:]


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


def stock_indices() -> Array:
    """European stock indices, mid-1991 to 1998: prices at the close of 1,860 business days.

    Weekends and holidays are left out, so that the days follow each other without gaps.

    Returns
    -------
    prices : ndarray of shape (1860, 4)
        Points of the DAX (Germany), SMI (Switzerland), CAC (France) and FTSE (United Kingdom).

    Examples
    --------
    >>> stock_indices()[0]
    array([1628.75, 1678.1 , 1772.8 , 2443.6 ])
    """
    return _read("stock_indices")


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
