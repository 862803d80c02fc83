"""Chapter 7, the bound: a number below log p(x), how far below, and how to push it up."""

from lgm.exercises.the_bound.elbo import ELBO
from lgm.exercises.the_bound.iwae_bound import IWAE_BOUND
from lgm.exercises.the_bound.kl_normal import KL_NORMAL
from lgm.exercises.the_bound.reparameterised_gradient import REPARAMETERISED_GRADIENT

__all__ = ["EXERCISES"]

EXERCISES = (ELBO, KL_NORMAL, IWAE_BOUND, REPARAMETERISED_GRADIENT)
