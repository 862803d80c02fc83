"""What the cases of several exercises of the chapter have in common."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case

SHAPES = ((3, 5), (4, 2), (2, 7), (3, 3), (4, 4))
LINES = "a single row or column"
IMPOSSIBLE = "impossible values"


def draw_prior(rng: np.random.Generator, k: int):
    return rng.dirichlet(np.linspace(1.0, 6.0, k))


def draw_conditional(rng: np.random.Generator, k: int, v: int):
    return rng.dirichlet(np.linspace(1.0, 3.0, v), size=k)


def shape_label(k: int, v: int) -> str:
    return "a table with as many rows as columns" if k == v else "unequal hidden probabilities"


def draw_joint(rng: np.random.Generator, k: int, v: int):
    return draw_prior(rng, k)[:, None] * draw_conditional(rng, k, v)


def joint_tables(rng: np.random.Generator) -> list[Case]:
    """Cases for every function of a joint table (K, V)."""
    no_row, no_column, neither = draw_joint(rng, 4, 3), draw_joint(rng, 3, 4), draw_joint(rng, 3, 5)
    no_row[2] = no_column[:, 1] = neither[0] = neither[:, 3] = 0.0
    return [
        *(Case((draw_joint(rng, k, v),), shape_label(k, v)) for k, v in SHAPES),
        Case((draw_joint(rng, 1, 4),), "a single hidden value", LINES),
        Case((draw_joint(rng, 3, 1),), "a single value that can be seen", LINES),
        Case((no_row / no_row.sum(),), "a hidden value of probability zero", IMPOSSIBLE),
        Case((no_column / no_column.sum(),), "a value that is never seen", IMPOSSIBLE),
        Case((neither / neither.sum(),), "a row and a column of zeros", IMPOSSIBLE),
    ]
