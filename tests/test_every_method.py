"""Every way to the log marginal, on every model whose log marginal is known."""

from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose

from lgm import (
    Bernoulli,
    Beta,
    BetaBernoulli,
    Categorical,
    Gamma,
    GammaPoisson,
    HiddenMarkovModel,
    LinearGaussian,
    Mixture,
    MultivariateNormal,
    Normal,
    NormalNormal,
    Poisson,
    Rule,
    annealed,
    bridge,
    elbo,
    enumerate_support,
    gauss_hermite,
    grid,
    iwae,
    laplace,
    log_marginal,
    log_posterior,
    logsumexp,
    monte_carlo,
    sobol,
    tempered_smc,
)

RNG = np.random.default_rng(0)
MEASUREMENTS = RNG.normal(2.0, 0.8, size=12)
TOSSES = RNG.binomial(1, 0.3, size=40)
COUNTS = RNG.poisson(4.0, size=15)
TWO_FACTORS = LinearGaussian([[1.0, 0.2], [0.5, -1.0], [-0.3, 0.4]], [0.0, 1.0, 2.0], 0.3)
CLASSES = Mixture(Categorical([0.5, 0.3, 0.2]), Bernoulli(RNG.uniform(size=(3, 4))))
REGIMES = HiddenMarkovModel(Categorical([0.6, 0.4]), [[0.8, 0.2], [0.3, 0.7]], Poisson([1.0, 5.0]))

# The models with a continuous hidden variable, each with data and a distribution wider than the
# posterior to draw from.
CONTINUOUS = {
    "normal mean": (NormalNormal(Normal(1.0, 2.0), 0.8), MEASUREMENTS, Normal(2.0, 0.5)),
    "probability": (BetaBernoulli(Beta(2.0, 3.0)), TOSSES, Beta(5.0, 9.0)),
    "rate": (GammaPoisson(Gamma(3.0, 0.5)), COUNTS, Gamma(20.0, 5.0)),
    "factors": (
        TWO_FACTORS,
        np.array([[1.0, 0.0, 2.5]]),
        MultivariateNormal([0.5, 0.5], np.eye(2)),
    ),
}
GRIDS = {
    "normal mean": grid(np.linspace(-15.0, 15.0, 20_001)),
    "probability": grid(np.linspace(0.0, 1.0, 2001)),
    "rate": grid(np.linspace(0.0, 60.0, 20_001)),
}
DETERMINISTIC = {
    "grid": lambda name, model, x: GRIDS.get(name),
    "adaptive quadrature": lambda name, model, x: gauss_hermite(laplace(model, x), 30),
}
RANDOM = {
    "simple Monte Carlo": lambda model, x, wide: monte_carlo(model.prior, 20_000, rng=1),
    "importance sampling": lambda model, x, wide: monte_carlo(wide, 20_000, rng=2),
    "importance sampling at the mode": lambda model, x, wide: monte_carlo(
        laplace(model, x), 20_000, rng=3
    ),
    "Sobol points": lambda model, x, wide: sobol(wide, 4096, rng=4),
    "annealing": lambda model, x, wide: annealed(model, x, 500, rng=5),
    "tempered SMC": lambda model, x, wide: tempered_smc(model, x, 4000, rng=6),
}
SUMS = {
    "latent classes": (CLASSES, np.array([[1, 0, 1, 1], [0, 0, 0, 0]]), CLASSES.prior),
    "one class": (
        Mixture(Categorical([1.0]), Normal([2.0], 3.0)),
        np.array([5.0]),
        Categorical([1.0]),
    ),
}

for_each_continuous = pytest.mark.parametrize("name", CONTINUOUS)


@cache
def exact(name):
    """The closed form, which no method of the package computes in the same way."""
    model, x, _ = CONTINUOUS[name]
    return np.squeeze(model.log_marginal(x))


def posterior_draws(model, x, size, rng):
    draws = model.posterior(x).sample(size, rng)
    return draws[:, 0] if draws.ndim == 3 else draws


@for_each_continuous
@pytest.mark.parametrize("method", DETERMINISTIC)
def test_a_deterministic_rule_gives_the_exact_answer(name, method):
    model, x, _ = CONTINUOUS[name]
    rule = DETERMINISTIC[method](name, model, x)
    if rule is not None:
        assert_allclose(np.squeeze(log_marginal(model, x, rule)), exact(name), atol=1e-5)


@for_each_continuous
@pytest.mark.parametrize("method", RANDOM)
def test_a_random_rule_gives_the_exact_answer_within_its_error(name, method):
    model, x, wide = CONTINUOUS[name]
    estimate = log_marginal(model, x, RANDOM[method](model, x, wide))
    error = np.squeeze(estimate.standard_error)
    assert abs(np.squeeze(estimate.value) - exact(name)) < 4 * error + 1e-12
    assert error < 0.15
    assert np.squeeze(estimate.effective_sample_size) > 50
    assert not np.squeeze(estimate.pareto_k) > 0.7


@for_each_continuous
def test_a_bridge_gives_the_exact_answer_within_its_error(name):
    model, x, wide = CONTINUOUS[name]
    estimate = bridge(model, x, posterior_draws(model, x, 5000, rng=7), wide, rng=8)
    assert abs(estimate.value - exact(name)) < 4 * estimate.standard_error
    assert estimate.standard_error < 0.05


@for_each_continuous
def test_laplace_is_near_and_exact_where_the_posterior_is_normal(name):
    model, x, _ = CONTINUOUS[name]
    approximation = np.squeeze(log_marginal(model, x, gauss_hermite(laplace(model, x), 1)))
    normal = name in {"normal mean", "factors"}
    assert_allclose(approximation, exact(name), atol=1e-5 if normal else 0.1)


@for_each_continuous
def test_the_bounds_are_below_and_touch_at_the_posterior(name):
    model, x, wide = CONTINUOUS[name]
    rule = monte_carlo(wide, 2**14, rng=9)
    loose, tighter = elbo(model, x, wide, rule), iwae(model, x, rule, 16)
    assert np.squeeze(loose.value) < np.squeeze(tighter.value)
    assert np.squeeze(tighter.value) < exact(name) + 3 * np.squeeze(tighter.standard_error)
    if name != "factors":
        posterior = model.posterior(x)
        touching = elbo(model, x, posterior, monte_carlo(posterior, 100, rng=10))
        assert_allclose(touching.value, exact(name), rtol=1e-9)
        assert_allclose(touching.standard_error, 0.0, atol=1e-9)


@for_each_continuous
@pytest.mark.parametrize("method", RANDOM)
def test_every_random_rule_finds_the_posterior_mean(name, method):
    model, x, wide = CONTINUOUS[name]
    rule = RANDOM[method](model, x, wide)
    mean = np.squeeze(np.exp(log_posterior(model, x, rule)).T @ rule.nodes)
    expected = np.squeeze(model.posterior(x).mean)
    spread = posterior_draws(model, x, 2000, rng=11).std(axis=0)
    assert_allclose((mean - expected) / spread, np.zeros_like(mean), atol=0.15)


@pytest.mark.parametrize("name", SUMS)
def test_a_sum_agrees_with_draws_and_with_its_bound(name):
    model, x, uniform = SUMS[name]
    support = enumerate_support(model.prior)
    expected = np.log(np.exp(model.log_joint(x, support.nodes)).sum(axis=0))
    assert_allclose(log_marginal(model, x, support), expected)
    drawn = log_marginal(model, x, monte_carlo(uniform, 20_000, rng=12))
    assert (np.abs(drawn.value - expected) <= 4 * drawn.standard_error + 1e-12).all()
    assert (elbo(model, x, uniform, support) <= expected + 1e-12).all()


def test_the_forward_recursion_agrees_with_the_sum_over_paths_and_with_draws_of_paths():
    x = np.array([0, 1, 6, 4, 0, 2])
    paths = np.indices((2,) * len(x)).reshape(len(x), -1).T
    assert_allclose(
        REGIMES.log_marginal(x), log_marginal(REGIMES, x, Rule(paths, np.zeros(len(paths))))
    )
    drawn = np.array([REGIMES.sample(len(x), rng=seed)[0] for seed in range(20_000)])
    weights = REGIMES.log_likelihood(x, drawn).sum(axis=1)
    error = np.exp(weights - logsumexp(weights)).std() * np.sqrt(len(weights))
    assert abs(logsumexp(weights) - np.log(len(weights)) - REGIMES.log_marginal(x)) < 4 * error
