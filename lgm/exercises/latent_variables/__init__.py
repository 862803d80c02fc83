"""Chapter 1, latent variables: recipes that choose something hidden and then make what is seen."""

from lgm.exercises.latent_variables.ancestral_sample import ANCESTRAL_SAMPLE
from lgm.exercises.latent_variables.log_normal import LOG_NORMAL
from lgm.exercises.latent_variables.simulate_scores import SIMULATE_SCORES

__all__ = ["EXERCISES"]

EXERCISES = (ANCESTRAL_SAMPLE, LOG_NORMAL, SIMULATE_SCORES)
