"""Generative models with latent variables: the reference package behind the course.

One idea carries it. A *rule* is a set of nodes ``z_s`` with log-weights ``log w_s``, and

    log p(x) ≈ logsumexp_s [ log w_s + log p(x, z_s) ].

Exact sums, quadrature and Monte Carlo differ only in the rule that they choose.

The names below are loaded when they are first used, so that ``import lgm.course`` works where
the mathematics is not installed.
"""

from importlib import import_module

_HOMES = {
    "logspace": ("log_normalize", "logmeanexp", "logsumexp"),
    "distributions": (
        "Bernoulli",
        "Beta",
        "Categorical",
        "Distribution",
        "Gamma",
        "MultivariateNormal",
        "Normal",
        "Poisson",
    ),
    "models": (
        "BetaBernoulli",
        "GammaPoisson",
        "HiddenMarkovModel",
        "ItemResponse",
        "JointModel",
        "LinearGaussian",
        "Mixture",
        "NormalNormal",
        "SharedLatentModel",
    ),
    "rules": ("Rule", "enumerate_support", "gauss_hermite", "grid"),
    "random_rules": ("monte_carlo", "sobol"),
    "estimates": ("Estimate",),
    "estimators": ("bridge", "log_marginal", "log_posterior"),
    "bounds": ("elbo", "iwae"),
    "modes": ("laplace",),
    "annealing": ("annealed", "tempered_smc"),
    "fitting": ("EMResult", "em"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__version__ = "0.1.0"
__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'lgm' has no attribute {name!r}")
    return getattr(import_module(f"lgm.{_HOME_OF[name]}"), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
