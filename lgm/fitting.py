"""Expectation–maximization: a model's parameters, when what would tell them is hidden.

Each step fills in the hidden part by its posterior (the bound of `lgm.elbo` touches the log
likelihood there), then takes the parameters under which the completed data are likeliest.
"""

from dataclasses import dataclass
from typing import Generic, Protocol, Self, TypeVar

from numpy.typing import ArrayLike

from lgm.distributions.base import Statistics

__all__ = ["EMResult", "Fittable", "em"]


class Fittable(Protocol):
    """What `em` asks of a model: `Mixture`, `LinearGaussian` and `HiddenMarkovModel` have it."""

    def expectation(self, x: ArrayLike) -> tuple[float, Statistics]:
        """Log likelihood, and the expected sufficient statistics of observed and hidden data."""

    def maximization(self, statistics: Statistics) -> Self:
        """Return the model under which such statistics are likeliest."""


Model = TypeVar("Model", bound=Fittable)


@dataclass(frozen=True)
class EMResult(Generic[Model]):
    """What `em` arrived at.

    Attributes
    ----------
    model : the model's own type
        With the parameters of the last step.
    log_likelihoods : tuple of float
        Of the start and after each step: it never falls.
    converged : bool
        Whether the last step gained less than the tolerance.

    Examples
    --------
    >>> from lgm import Categorical, Mixture, Poisson, em
    >>> result = em(Mixture(Categorical([0.5, 0.5]), Poisson([1.0, 5.0])), [0, 2, 9], max_steps=3)
    >>> [round(value, 3) for value in result.log_likelihoods], result.converged
    ([-7.694, -6.845, -6.633, -6.615], False)
    """

    model: Model
    log_likelihoods: tuple[float, ...]
    converged: bool


def em(
    model: Model, x: ArrayLike, *, tolerance: float = 1e-6, max_steps: int = 1000
) -> EMResult[Model]:
    """Climb from a model to one near it under which `x` is more probable.

    Dempster, Laird & Rubin 1977, *J. R. Stat. Soc. B* 39(1); Bishop 2006, §9.4. Nothing is
    estimated from observations one by one, only from sums over them, so that memory does not grow
    with their number.

    Parameters
    ----------
    model : Mixture, LinearGaussian or HiddenMarkovModel
        The start. The end has parameters of the same shapes, and what they share stays shared.
    x : array_like of shape (N,) or (N, D)
        Observations.
    tolerance : float
        Stop when a step gains less than this, in units of the log likelihood.
    max_steps : int
        Stop after as many steps.

    Returns
    -------
    EMResult
        A local maximum, if it converged: another start may find a higher one.

    Raises
    ------
    ValueError
        If the likelihood has no maximum near the start: a component closes in on a single point
        and its scale falls to zero.

    Examples
    --------
    >>> from lgm import Categorical, Mixture, Poisson, em
    >>> start = Mixture(Categorical([0.5, 0.5]), Poisson([1.0, 5.0]))
    >>> result = em(start, [0, 1, 1, 2, 8, 9, 11])
    >>> result.model.components.rate.round(2)
    array([1.  , 9.28])
    """
    log_likelihood, statistics = model.expectation(x)
    history, converged = [log_likelihood], False
    while not converged and len(history) <= max_steps:
        try:
            model = model.maximization(statistics)
        except ValueError as error:
            raise ValueError(
                f"no maximum near this start: after {len(history)} steps {error}; "
                "try another start, fewer components or shared variances"
            ) from error
        log_likelihood, statistics = model.expectation(x)
        converged = log_likelihood - history[-1] < tolerance
        history.append(log_likelihood)
    return EMResult(model, tuple(history), converged)
