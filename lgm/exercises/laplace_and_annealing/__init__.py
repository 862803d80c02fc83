"""Chapter 6, Laplace and annealing: what to do when draws from the prior starve."""

from lgm.exercises.laplace_and_annealing.annealed_log_weights import ANNEALED_LOG_WEIGHTS
from lgm.exercises.laplace_and_annealing.bridge_log_marginal import BRIDGE_LOG_MARGINAL
from lgm.exercises.laplace_and_annealing.laplace_log_marginal import LAPLACE_LOG_MARGINAL
from lgm.exercises.laplace_and_annealing.metropolis_step import METROPOLIS_STEP

__all__ = ["EXERCISES"]

EXERCISES = (
    LAPLACE_LOG_MARGINAL,
    METROPOLIS_STEP,
    ANNEALED_LOG_WEIGHTS,
    BRIDGE_LOG_MARGINAL,
)
