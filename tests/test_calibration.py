"""Error bars mean what they say: nineteen out of twenty intervals hold the exact answer."""

import numpy as np
import pytest

from lgm import (
    Beta,
    BetaBernoulli,
    Gamma,
    GammaPoisson,
    Normal,
    NormalNormal,
    annealed,
    bridge,
    log_marginal,
    monte_carlo,
    sobol,
    tempered_smc,
)

SEEDS = 200
RNG = np.random.default_rng(0)
MODELS = {
    "normal mean": (NormalNormal(Normal(1.0, 2.0), 0.8), RNG.normal(2, 0.8, 6), Normal(1.8, 0.6)),
    "probability": (BetaBernoulli(Beta(2.0, 3.0)), RNG.binomial(1, 0.3, 12), Beta(2.0, 4.0)),
    "rate": (GammaPoisson(Gamma(3.0, 0.5)), RNG.poisson(4.0, 6), Gamma(8.0, 2.0)),
}
METHODS = {
    "simple Monte Carlo": lambda m, x, q, rng: log_marginal(
        m, x, monte_carlo(m.prior, 2000, rng=rng)
    ),
    "importance sampling": lambda m, x, q, rng: log_marginal(m, x, monte_carlo(q, 1000, rng=rng)),
    "Sobol points": lambda m, x, q, rng: log_marginal(m, x, sobol(q, 512, rng=rng)),
    "annealing": lambda m, x, q, rng: log_marginal(
        m, x, annealed(m, x, 400, rng=rng, temperatures=20)
    ),
    "tempered SMC": lambda m, x, q, rng: log_marginal(m, x, tempered_smc(m, x, 1000, rng=rng)),
    "bridge": lambda m, x, q, rng: bridge(m, x, m.posterior(x).sample(500, rng), q, rng),
}


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("method", METHODS)
def test_the_intervals_hold_the_exact_answer_as_often_as_they_claim(method, model):
    m, x, q = MODELS[model]
    exact = m.log_marginal(x)
    estimates = [
        METHODS[method](m, x, q, np.random.default_rng([1, seed])) for seed in range(SEEDS)
    ]
    errors = np.array([(e.value - exact) / e.standard_error for e in estimates])
    # Sobol points know their error from 16 scramblings: 15 degrees of freedom.
    coverage = (np.abs(errors) < (2.13 if method == "Sobol points" else 1.96)).mean()
    print(f"{method:20} {model:12} coverage {coverage:.3f}, scatter {errors.std():.2f}")
    assert 0.90 <= coverage <= 0.98
