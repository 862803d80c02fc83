"""Chapter 9, factors and regimes: what is behind test scores, and what is behind prices."""

from lgm.exercises.factors_and_regimes.factor_covariance import FACTOR_COVARIANCE
from lgm.exercises.factors_and_regimes.factor_posterior_mean import FACTOR_POSTERIOR_MEAN
from lgm.exercises.factors_and_regimes.hmm_log_marginal import HMM_LOG_MARGINAL
from lgm.exercises.factors_and_regimes.hmm_smoothed import HMM_SMOOTHED

__all__ = ["EXERCISES"]

EXERCISES = (FACTOR_COVARIANCE, FACTOR_POSTERIOR_MEAN, HMM_LOG_MARGINAL, HMM_SMOOTHED)
