"""Generative models: first a hidden ``z`` from the prior, then an observed ``x`` given ``z``.

A model is its two factors, ``p(x, z) = p(z) p(x | z)``. What cannot be observed is on the first
axis of every array: `z` is (S,) or (S, Q), `x` is (N,) or (N, D), and their log joint is (S, N).
The marginal ``p(x)`` of any of them is `lgm.log_marginal` with a rule; where there is a closed
form as well, it is the model's own ``log_marginal(x)``.
"""

from lgm.models.conjugate import BetaBernoulli, GammaPoisson, NormalNormal
from lgm.models.factors import ItemResponse, LinearGaussian
from lgm.models.joint import JointModel, SharedLatentModel
from lgm.models.markov import HiddenMarkovModel
from lgm.models.mixtures import Mixture

__all__ = [
    "BetaBernoulli",
    "GammaPoisson",
    "HiddenMarkovModel",
    "ItemResponse",
    "JointModel",
    "LinearGaussian",
    "Mixture",
    "NormalNormal",
    "SharedLatentModel",
]
