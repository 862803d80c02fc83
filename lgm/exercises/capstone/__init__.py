"""Chapter 10, the capstone: a change point with known evidence, so that methods can be judged."""

from lgm.exercises.capstone.changepoint_log_evidence import CHANGEPOINT_LOG_EVIDENCE
from lgm.exercises.capstone.gamma_poisson_log_marginal import GAMMA_POISSON_LOG_MARGINAL
from lgm.exercises.capstone.log_predictive import LOG_PREDICTIVE
from lgm.exercises.capstone.posterior_rates import POSTERIOR_RATES

__all__ = ["EXERCISES"]

EXERCISES = (
    GAMMA_POISSON_LOG_MARGINAL,
    LOG_PREDICTIVE,
    CHANGEPOINT_LOG_EVIDENCE,
    POSTERIOR_RATES,
)
