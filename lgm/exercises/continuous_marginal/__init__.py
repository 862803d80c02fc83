"""Chapter 4, the continuous marginal: an integral over the hidden variable, in log space."""

from lgm.exercises.continuous_marginal.gaussian_log_marginal import GAUSSIAN_LOG_MARGINAL
from lgm.exercises.continuous_marginal.grid_log_marginal import GRID_LOG_MARGINAL
from lgm.exercises.continuous_marginal.ppca_log_marginal import PPCA_LOG_MARGINAL
from lgm.exercises.continuous_marginal.rule_log_marginal import RULE_LOG_MARGINAL

__all__ = ["EXERCISES"]

EXERCISES = (GRID_LOG_MARGINAL, RULE_LOG_MARGINAL, GAUSSIAN_LOG_MARGINAL, PPCA_LOG_MARGINAL)
