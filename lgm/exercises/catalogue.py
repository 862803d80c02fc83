"""Every exercise of the course, by name."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import MappingProxyType

from lgm.exercises.exercise import Exercise

__all__ = ["CHAPTERS", "catalogue"]

CHAPTERS = (
    "latent_variables",
    "joint_factorization",
    "discrete_marginal",
    "continuous_marginal",
    "monte_carlo",
    "laplace_and_annealing",
    "the_bound",
    "mixtures_and_em",
    "factors_and_regimes",
    "capstone",
)


@cache
def catalogue() -> Mapping[str, Exercise]:
    """All exercises, in the order of the course.

    Returns
    -------
    Mapping of str to Exercise
        Keys like ``"discrete_marginal.log_marginal"``.

    Examples
    --------
    >>> "joint_factorization.log_joint" in catalogue()
    True
    """
    modules = (import_module(f"lgm.exercises.{chapter}") for chapter in CHAPTERS)
    return MappingProxyType({e.name: e for module in modules for e in module.EXERCISES})
