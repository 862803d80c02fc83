"""A hidden state that changes with time: ``z`` is a path, and the marginal a sum over all paths."""

# ruff: noqa: RUF009 - the calls in class bodies make descriptors, not defaults
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg.blas import dtbsv

from lgm.distributions import Categorical, Components
from lgm.distributions.base import Parameter, RNGLike, Statistics, average, probability
from lgm.logspace import Array, log_normalize, logsumexp
from lgm.models.joint import SharedLatentModel, in_batches
from lgm.models.mixtures import check_number

__all__ = ["HiddenMarkovModel"]


@dataclass(frozen=True, eq=False)
class HiddenMarkovModel(SharedLatentModel):
    """A mixture whose component at time t depends on that at t − 1, and on nothing before it.

    ``p(x, z) = p(z_1) Π_t p(z_t | z_{t−1}) Π_t p(x_t | z_t)``; Rabiner 1989, *Proc. IEEE* 77(2);
    Bishop 2006, §13.2. One hidden path is behind the whole series.

    Parameters
    ----------
    initial : Categorical
        Of the first of the K states.
    transition : array_like of shape (K, K)
        Row by row the probabilities of the next state; each row sums to one.
    components : Bernoulli, Poisson, Normal or MultivariateNormal
        What each state emits; as for a `Mixture`.

    Examples
    --------
    >>> from lgm import Categorical, HiddenMarkovModel, Poisson
    >>> quiet_or_busy = HiddenMarkovModel(
    ...     Categorical([0.5, 0.5]), [[0.9, 0.1], [0.2, 0.8]], Poisson([1.0, 6.0])
    ... )
    >>> quiet_or_busy.log_marginal([0, 2, 1, 7, 5]).round(4)
    np.float64(-10.8782)
    """

    initial: Categorical
    transition: Parameter = probability()
    components: Components  # type: ignore[misc]

    def __post_init__(self) -> None:
        k = len(self.initial.weights)
        if self.transition.shape != (k, k):
            raise ValueError(f"transition has shape {self.transition.shape}, expected {(k, k)}")
        total = self.transition.sum(axis=1)
        if np.abs(total - 1).max() > 1e-8:
            worst = total[np.abs(total - 1).argmax()]
            raise ValueError(f"a row of transition sums to {worst:.10g}, expected 1")
        check_number(self.components, k)

    def log_prior(self, z: ArrayLike) -> Array:
        """``log p(z_1) + Σ_t log p(z_t | z_{t−1})`` of each path in `z` (S, T), shape (S,)."""
        z = np.asarray(z)
        steps = self._log_transition[z[:, :-1], z[:, 1:]]
        log_prior: Array = self.initial.log_prob(z[:, 0]) + steps.sum(axis=1)
        return log_prior

    def log_likelihood(self, x: ArrayLike, z: ArrayLike) -> Array:
        """``log p(x_t | z_st)`` along each path in `z` (S, T), shape (S, T)."""
        z = np.asarray(z)
        log_lik: Array = self._log_emission(x)[z, np.arange(z.shape[1])]
        return log_lik

    def simulate(self, z: ArrayLike, rng: RNGLike = None) -> NDArray[Any]:
        """Draw one observation from each state of a path `z` (T,)."""
        z = np.asarray(z)
        draws: NDArray[Any] = self.components.sample(len(z), rng)[np.arange(len(z)), z]
        return draws

    def sample(self, size: int, rng: RNGLike = None) -> tuple[NDArray[Any], NDArray[Any]]:
        """Draw a path of `size` states, then an observation from each of them."""
        rng = np.random.default_rng(rng)
        cumulative = np.cumsum(np.vstack([self.initial.weights, self.transition]), axis=1)
        z, state = np.empty(size, dtype=np.int64), -1
        for t, u in enumerate(rng.random(size)):
            state = min(
                int(np.searchsorted(cumulative[state + 1], u, "right")), len(cumulative) - 2
            )
            z[t] = state
        return z, self.simulate(z, rng)

    def log_marginal(self, x: ArrayLike) -> Array:
        """``log p(x_1, …, x_T)``, all paths added up: the forward recursion."""
        log_initial = self.initial.log_prob(self.initial.support)
        return logsumexp(propagate(log_initial, self.transition, self._log_emission(x))[:, -1])

    def log_posterior(self, x: ArrayLike) -> Array:
        """``log p(z_t = k | x_1, …, x_T)``, shape (K, T): smoothed, from all of the series."""
        before, after, _ = self._both_sides(x)
        return log_normalize(before + after)

    def expectation(self, x: ArrayLike) -> tuple[float, Statistics]:
        """Log likelihood; expected first state, numbers of transitions, and what states emit."""
        before, after, log_emission = self._both_sides(x)
        log_marginal = logsumexp(before[:, -1])
        states = np.exp(log_normalize(before + after))
        arriving = log_emission[:, 1:] + after[:, 1:] - log_marginal
        moves = [
            np.exp(before[j, :-1] + self._log_transition[j][:, None] + arriving).sum(axis=1)
            for j in range(len(before))
        ]
        emitted = self.components.statistics(x, states)
        return float(log_marginal), (states[:, 0], np.array(moves), *emitted)

    def maximization(self, statistics: Statistics) -> "HiddenMarkovModel":
        """Return the model under which the completed series is likeliest."""
        first, moves, *emitted = statistics
        transition = average(moves, moves.sum(axis=1), self.transition)
        transition = transition / transition.sum(axis=1, keepdims=True)
        initial = Categorical(first / first.sum())
        return HiddenMarkovModel(initial, transition, self.components.maximize(tuple(emitted)))

    def _log_emission(self, x: ArrayLike) -> Array:
        if len(np.atleast_1d(x)) == 0:
            raise ValueError("the series has 0 observations, expected at least 1")
        batches = in_batches(x, len(self.initial.weights))
        return np.concatenate([self.components.log_likelihood(batch) for batch in batches], axis=1)

    def _both_sides(self, x: ArrayLike) -> tuple[Array, Array, Array]:
        """``log p(x_1..t, z_t)``, ``log p(x_t+1..T | z_t)`` and ``log p(x_t | z_t)``, (K, T)."""
        log_emission = self._log_emission(x)
        log_initial = self.initial.log_prob(self.initial.support)
        before = propagate(log_initial, self.transition, log_emission)
        # Backwards the same recursion runs, on the time that is still to come.
        to_come = propagate(np.zeros(len(before)), self.transition.T, log_emission[:, ::-1])[
            :, ::-1
        ]
        after = np.zeros_like(before)
        after[:, :-1] = logsumexp(self._log_transition.T[:, :, None] + to_come[:, None, 1:])
        return before, after, log_emission

    @property
    def _log_transition(self) -> Array:
        with np.errstate(divide="ignore"):
            return np.log(self.transition)


def propagate(log_initial: Array, transition: Array, log_lik: Array) -> Array:
    """``α_t(k) = [Σ_j α_{t−1}(j) A_jk] lik_t(k)`` in logarithms, from ``α_1 = initial · lik_1``.

    The recursion is a linear system, lower triangular and banded, so a solver in compiled code
    walks through a piece of many steps at once. There the numbers are probabilities, relative to
    what the likeliest state would give and to how they fell in the piece before. If one comes too
    near to zero a shorter piece is tried; a single step is taken in logarithms.
    """
    states, end = log_lik.shape
    alpha = np.full((states, end), -np.inf)
    alpha[:, 0] = log_initial + log_lik[:, 0]
    longest = max(1, 2**17 // states**2)
    done, length, pace = 1, min(longest, 256), 0.0
    while done < end and np.isfinite(alpha[:, done - 1]).any():
        start, ahead = alpha[:, done - 1], log_lik[:, done : done + length]
        piece = _many_steps(start, transition, ahead, pace) if length > 1 else None
        if piece is None and length > 1:
            length = (ahead.shape[1] + 1) // 2
            continue
        if piece is None:
            with np.errstate(divide="ignore"):
                piece = logsumexp(start[:, None] + np.log(transition))[:, None] + ahead
        elif length > 64:
            pace = (piece[:, -1].max() - start.max() - ahead.max(axis=0).sum()) / ahead.shape[1]
        alpha[:, done : done + length] = piece
        done, length = done + length, min(8 * length, longest)
    return alpha


def _many_steps(start: Array, transition: Array, log_lik: Array, pace: float) -> Array | None:
    """Solve for a piece of the recursion; nothing is returned if that would lose digits."""
    expected = log_lik.max(axis=0) + pace
    if np.isneginf(expected).any():
        return None
    states, steps = log_lik.shape
    lik = np.exp(log_lik - expected).T
    # Column (t, j) of the unit triangular matrix holds −A_jk lik_{t+1}(k) in the row (t + 1, k).
    band = np.zeros((steps, states, 2 * states))
    for j in range(states):
        band[:-1, j, states - j : 2 * states - j] = lik[1:] * -transition[j]
    alpha = np.zeros((steps, states))
    alpha[0] = np.exp(start - start.max()) @ transition * lik[0]
    alpha = dtbsv(
        2 * states - 1, band.reshape(-1, 2 * states).T, alpha.ravel(), lower=1, diag=1
    ).reshape(steps, states)
    if alpha.min() < 1e-280 or not alpha.max() < 1e280:
        return None
    log_alpha: Array = np.log(alpha).T + (start.max() + np.cumsum(expected))
    return log_alpha
