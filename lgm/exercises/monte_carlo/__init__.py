"""Chapter 5, Monte Carlo: random draws, their error bar, and weights that can be trusted or not."""

from lgm.exercises.monte_carlo.effective_sample_size import EFFECTIVE_SAMPLE_SIZE
from lgm.exercises.monte_carlo.is_log_marginal import IS_LOG_MARGINAL
from lgm.exercises.monte_carlo.mc_log_marginal import MC_LOG_MARGINAL
from lgm.exercises.monte_carlo.mc_standard_error import MC_STANDARD_ERROR

__all__ = ["EXERCISES"]

EXERCISES = (MC_LOG_MARGINAL, MC_STANDARD_ERROR, IS_LOG_MARGINAL, EFFECTIVE_SAMPLE_SIZE)
