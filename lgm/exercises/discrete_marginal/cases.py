"""What the cases of several exercises of the chapter have in common."""

import numpy as np

from lgm.exercises.exercise import Case

SMALL = "one component or one observation"
FAR = "extreme values"
IMPOSSIBLE = "impossible data"


def priors_and_likelihoods(rng: np.random.Generator) -> list[Case]:
    """Cases for every function of a log prior (K,) and a log likelihood (K, N)."""
    prior = np.log([0.6, 0.3, 0.1])
    columns = np.array([-1000.0, 1000.0, -800.0, 900.0])
    far = rng.normal(0.0, 2.0, (3, 4)) + columns
    farther = rng.normal(0.0, 2.0, (3, 4)) - 2.0 * columns
    excluded = rng.normal(-1.0, 1.0, (3, 4))
    excluded[0, :2] = excluded[2, 3] = -np.inf
    never = np.log([0.45, 1.0, 0.55])
    never[1] = -np.inf
    return [
        *(
            Case(
                (np.log(rng.dirichlet(np.linspace(1.0, 6.0, k))), rng.normal(-2.0, 2.0, (k, n))),
                "several components with unequal weights",
            )
            for k, n in ((3, 5), (4, 2), (2, 7))
        ),
        Case((prior, rng.normal(-1.0, 1.0, (3, 1))), "a single observation", SMALL),
        Case((prior[::-1].copy(), rng.normal(-1.0, 1.0, (3, 1))), "a single observation", SMALL),
        Case((np.zeros(1), rng.normal(-1.0, 1.0, (1, 3))), "a single component", SMALL),
        Case((np.zeros(1), rng.normal(-1.0, 1.0, (1, 4))), "a single component", SMALL),
        Case((prior, far), "likelihoods too large or too small to exponentiate", FAR),
        Case((prior, farther), "likelihoods too large or too small to exponentiate", FAR),
        Case((prior, excluded), "observations that some components exclude", IMPOSSIBLE),
        Case(
            (never, rng.normal(-1.0, 1.0, (3, 2))), "a component that is never chosen", IMPOSSIBLE
        ),
    ]


def with_excluded(rng: np.random.Generator) -> list[Case]:
    """The same, and observations that no component can produce."""
    some = rng.normal(-1.0, 1.0, (3, 4))
    some[:, 2] = -np.inf
    label = "observations that every component excludes"
    return [
        *priors_and_likelihoods(rng),
        Case((np.log([0.6, 0.3, 0.1]), some), label, IMPOSSIBLE),
        Case((np.log([0.7, 0.3]), np.full((2, 3), -np.inf)), label, IMPOSSIBLE),
    ]
