"""Chapter 3, the discrete marginal: a sum over the hidden variable, in log space."""

from lgm.exercises.discrete_marginal.dataset_log_likelihood import DATASET_LOG_LIKELIHOOD
from lgm.exercises.discrete_marginal.log_marginal import LOG_MARGINAL
from lgm.exercises.discrete_marginal.logsumexp import LOGSUMEXP
from lgm.exercises.discrete_marginal.responsibilities import RESPONSIBILITIES

__all__ = ["EXERCISES"]

EXERCISES = (LOGSUMEXP, LOG_MARGINAL, RESPONSIBILITIES, DATASET_LOG_LIKELIHOOD)
