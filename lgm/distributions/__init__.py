"""Probability distributions: immutable, vectorized, two methods each.

``log_prob(x)`` is the logarithm of the mass or density at `x`; ``sample(size, rng)`` draws.
Parameters are arrays, so ``Normal([0, 5], 1)`` is two distributions side by side. Outside its
support a distribution has log probability ``-inf``; NaN is refused everywhere.

Formulas: Bishop 2006, *Pattern Recognition and Machine Learning*, appendix B; the Poisson, Murphy
2012, *Machine Learning*, §2.3.3.
"""

from lgm.distributions.base import Components, Distribution
from lgm.distributions.continuous import Beta, Gamma
from lgm.distributions.discrete import Bernoulli, Categorical, Poisson
from lgm.distributions.normal import MultivariateNormal, Normal

__all__ = [
    "Bernoulli",
    "Beta",
    "Categorical",
    "Components",
    "Distribution",
    "Gamma",
    "MultivariateNormal",
    "Normal",
    "Poisson",
]
