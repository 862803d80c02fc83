"""What the cases of both exercises on hidden Markov models have in common."""

import numpy as np
from scipy.special import log_softmax

from lgm.exercises.exercise import Case

SMALL = "a single day or a single state"
FAR = "extreme values"
IMPOSSIBLE = "impossible steps"


def chain(rng: np.random.Generator, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Log initial (K,) and log transition (K, K), with states that last and do not last alike."""
    log_initial = log_softmax(rng.normal(0.0, 1.5, k))
    log_transition = log_softmax(rng.normal(0.0, 1.2, (k, k)) + np.eye(k), axis=1)
    return log_initial, log_transition


def series(rng: np.random.Generator) -> list[Case]:
    """Series that are possible: cases for every function of a chain and a log likelihood (K, T)."""

    def case(
        k: int, t: int, label: str, group: str = "typical values", level: float = -2.0
    ) -> Case:
        return Case((*chain(rng, k), rng.normal(level, 1.5, (k, t))), label, group)

    def far(k: int, t: int, level: float, spread: float = 2.0) -> Case:
        args = *chain(rng, k), rng.normal(level, spread, (k, t))
        return Case(args, "likelihoods too large or too small to exponentiate", FAR)

    def with_zeros(k: int, t: int) -> Case:
        """Steps that never happen and days that exclude a state, around a path that is possible."""
        log_initial, log_transition = chain(rng, k)
        log_lik = rng.normal(-2.0, 1.5, (k, t))
        path = rng.integers(k, size=t)
        log_transition[rng.random((k, k)) < 0.4] = -np.inf
        log_transition[path[:-1], path[1:]] = rng.normal(0.0, 0.5, t - 1)
        log_transition[np.arange(k), (np.arange(k) + 1) % k] = 0.0
        log_lik[rng.random((k, t)) < 0.3] = -np.inf
        log_lik[path, np.arange(t)] = rng.normal(-2.0, 1.5, t)
        log_initial[(path[0] + 1) % k] = -np.inf
        args = log_softmax(log_initial), log_softmax(log_transition, axis=1), log_lik
        return Case(args, "steps and observations that some states exclude", IMPOSSIBLE)

    def one_way(k: int, t: int) -> Case:
        """A chain that begins in its first state and goes on one by one, never back."""
        _, log_transition = chain(rng, k)
        log_transition[np.tril_indices(k, -1)] = log_transition[np.triu_indices(k, 2)] = -np.inf
        log_initial = np.full(k, -np.inf)
        log_initial[0] = 0.0
        args = log_initial, log_softmax(log_transition, axis=1), rng.normal(-2.0, 1.5, (k, t))
        return Case(args, "a chain that goes on state by state and never back", IMPOSSIBLE)

    return [
        case(3, 5, "three states, five days"),
        case(2, 6, "two states, six days"),
        case(4, 3, "four states, three days"),
        case(3, 40, "three states, forty days"),
        case(2, 7, "densities above one", level=2.0),
        case(3, 1, "a single day", SMALL),
        case(4, 1, "a single day", SMALL),
        case(1, 4, "a single state", SMALL),
        case(1, 6, "a single state", SMALL),
        far(3, 4, -1000.0),
        far(2, 5, 1000.0),
        far(3, 6, 0.0, spread=1000.0),
        far(3, 60, -1000.0),
        far(2, 70, 1000.0),
        with_zeros(3, 5),
        with_zeros(4, 7),
        one_way(3, 6),
        one_way(4, 8),
    ]
