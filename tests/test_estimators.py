import subprocess
import sys

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import lgm
from lgm import (
    Bernoulli,
    Beta,
    BetaBernoulli,
    Categorical,
    Gamma,
    GammaPoisson,
    ItemResponse,
    LinearGaussian,
    Mixture,
    Normal,
    NormalNormal,
    Poisson,
    Rule,
    enumerate_support,
    gauss_hermite,
    grid,
    log_marginal,
    log_posterior,
    logsumexp,
    monte_carlo,
)
from lgm.random_rules import independent

ONE_FACTOR = LinearGaussian([[1.0], [0.5], [-0.3]], [0.0, 1.0, 2.0], [0.5, 1.0, 2.0])
TWO_FACTORS = LinearGaussian([[1.0, 0.2], [0.5, -1.0], [-0.3, 0.4]], [0.0, 1.0, 2.0], 0.7)
UNKNOWN_MEAN = NormalNormal(Normal(1.0, 2.0), 0.5)
COIN = BetaBernoulli(Beta(2.0, 3.0))
COUNTS = GammaPoisson(Gamma(3.0, 0.5))
MIXTURE = Mixture(Categorical([0.6, 0.3, 0.1]), Poisson([2.0, 9.0, 30.0]))

FACTOR_DATA = np.random.default_rng(0).normal(1.0, 1.5, size=(4, 3))
MEASUREMENTS = np.array([0.3, 1.1, 0.8])
TOSSES = np.array([1, 0, 0, 1, 1, 0, 1])
TALLIES = np.array([3, 0, 5])


@pytest.mark.parametrize(
    ("model", "x", "rule"),
    [
        (ONE_FACTOR, FACTOR_DATA, gauss_hermite(ONE_FACTOR.prior, 60)),
        (TWO_FACTORS, FACTOR_DATA, gauss_hermite(TWO_FACTORS.prior, 60)),
        (UNKNOWN_MEAN, MEASUREMENTS, gauss_hermite(UNKNOWN_MEAN.posterior(MEASUREMENTS), 1)),
        (UNKNOWN_MEAN, MEASUREMENTS, grid(np.linspace(-15, 15, 2001))),
        (UNKNOWN_MEAN, MEASUREMENTS, grid(np.sinh(np.linspace(-4, 4, 4001)))),
        (COIN, TOSSES, grid(np.linspace(0, 1, 2001))),
        (COUNTS, TALLIES, grid(np.linspace(0, 50, 4001))),
    ],
)
def test_a_deterministic_rule_agrees_with_the_closed_form(model, x, rule):
    assert_allclose(log_marginal(model, x, rule), model.log_marginal(x), rtol=1e-6)


@pytest.mark.parametrize(
    ("model", "x", "proposal"),
    [
        (ONE_FACTOR, FACTOR_DATA, ONE_FACTOR.prior),
        (TWO_FACTORS, FACTOR_DATA, TWO_FACTORS.prior),
        (UNKNOWN_MEAN, MEASUREMENTS, UNKNOWN_MEAN.prior),
        (UNKNOWN_MEAN, MEASUREMENTS, Normal(0.5, 1.0)),
        (COIN, TOSSES, COIN.prior),
        (COIN, TOSSES, Beta(1.0, 1.0)),
        (COUNTS, TALLIES, COUNTS.prior),
        (COUNTS, TALLIES, Gamma(2.0, 1.0)),
    ],
)
def test_a_random_rule_agrees_with_the_closed_form_within_its_error(model, x, proposal):
    estimate = log_marginal(model, x, monte_carlo(proposal, 20_000, rng=1))
    assert (np.abs(estimate.value - model.log_marginal(x)) < 4 * estimate.standard_error).all()
    assert (estimate.standard_error < 0.2).all()


def test_every_value_of_a_discrete_variable_gives_the_exact_marginal():
    x = np.arange(200)
    exact = log_marginal(MIXTURE, x, enumerate_support(MIXTURE.prior))
    assert_allclose(np.exp(exact).sum(), 1.0)
    drawn = log_marginal(MIXTURE, x[:20], monte_carlo(MIXTURE.prior, 5000, rng=2))
    assert (np.abs(drawn.value - exact[:20]) < 4 * drawn.standard_error).all()


def test_the_numbering_of_the_components_does_not_matter():
    x = np.arange(40)
    renumbered = Mixture(Categorical([0.1, 0.6, 0.3]), Poisson([30.0, 2.0, 9.0]))
    expected = log_marginal(MIXTURE, x, enumerate_support(MIXTURE.prior))
    assert_allclose(log_marginal(renumbered, x, enumerate_support(renumbered.prior)), expected)


@pytest.mark.parametrize(
    ("model", "rule"),
    [
        (
            ItemResponse([0.5, 1.0, 2.0], [0.0, 1.0, -2.0]),
            gauss_hermite(Normal(0.0, 1.0), 40),
        ),
        (
            Mixture(Categorical([0.3, 0.7]), Bernoulli([[0.1, 0.5, 0.9], [0.4, 0.0, 1.0]])),
            enumerate_support(Categorical([0.3, 0.7])),
        ),
    ],
)
def test_the_marginal_probabilities_of_all_answers_sum_to_one(model, rule):
    answers = np.indices((2, 2, 2)).reshape(3, 8).T
    assert_allclose(logsumexp(log_marginal(model, answers, rule)), 0.0, atol=1e-12)


def test_a_proposal_equal_to_the_posterior_makes_no_error():
    rule = monte_carlo(UNKNOWN_MEAN.posterior(MEASUREMENTS), 50, rng=3)
    estimate = log_marginal(UNKNOWN_MEAN, MEASUREMENTS, rule)
    assert_allclose(estimate.value, UNKNOWN_MEAN.log_marginal(MEASUREMENTS))
    assert_allclose(estimate.standard_error, 0.0, atol=1e-12)
    assert_allclose(estimate.effective_sample_size, 50)


def test_the_standard_error_is_the_scatter_over_seeds():
    estimates = [
        log_marginal(ONE_FACTOR, FACTOR_DATA, monte_carlo(ONE_FACTOR.prior, 500, rng=seed))
        for seed in range(400)
    ]
    scatter = np.std([estimate.value for estimate in estimates], axis=0)
    claimed = np.mean([estimate.standard_error for estimate in estimates], axis=0)
    assert_allclose(claimed, scatter, rtol=0.15)


def test_the_error_and_the_effective_sample_size_of_four_uneven_weights():
    rule = Rule(np.zeros(4), np.append(np.log([0.5, 0.25, 0.25]), -np.inf), independent(4))
    estimate = log_marginal(UNKNOWN_MEAN, MEASUREMENTS, rule)
    relative = np.array([2.0, 1.0, 1.0, 0.0])
    assert_allclose(estimate.standard_error, relative.std(ddof=1) / np.sqrt(4))
    assert_allclose(estimate.effective_sample_size, relative.sum() ** 2 / (relative**2).sum())


def test_a_single_draw_has_no_known_error():
    estimate = log_marginal(ONE_FACTOR, FACTOR_DATA, monte_carlo(ONE_FACTOR.prior, 1, rng=4))
    assert_array_equal(estimate.standard_error, np.inf)
    assert_allclose(estimate.effective_sample_size, 1.0)


def test_impossible_data_have_log_marginal_minus_infinity_and_no_known_error():
    x = [2, -1]
    exact = log_marginal(MIXTURE, x, enumerate_support(MIXTURE.prior))
    assert_array_equal(np.isneginf(exact), [False, True])
    estimate = log_marginal(MIXTURE, x, monte_carlo(MIXTURE.prior, 50, rng=5))
    assert_array_equal(np.isneginf(estimate.value), [False, True])
    assert_array_equal(np.isinf(estimate.standard_error), [False, True])
    assert estimate.effective_sample_size[1] == 0.0


def test_the_posterior_of_impossible_data_is_refused():
    with pytest.raises(ValueError, match="1 of 2 distributions have total probability 0"):
        log_posterior(MIXTURE, [2, -1], enumerate_support(MIXTURE.prior))


def test_the_posterior_of_a_class_is_bayes_rule():
    x = np.arange(30)
    responsibilities = np.exp(log_posterior(MIXTURE, x, enumerate_support(MIXTURE.prior)))
    joint = np.exp(MIXTURE.log_joint(x, [0, 1, 2]))
    assert_allclose(responsibilities, joint / joint.sum(axis=0))


def test_posterior_expectations_agree_with_the_closed_form():
    rule = gauss_hermite(TWO_FACTORS.prior, 60)
    means = np.exp(log_posterior(TWO_FACTORS, FACTOR_DATA, rule)).T @ rule.nodes
    assert_allclose(means, TWO_FACTORS.posterior(FACTOR_DATA).mean, rtol=1e-5)


def test_the_package_offers_what_it_lists_and_loads_nothing_before_it_is_used():
    assert all(getattr(lgm, name) is not None for name in lgm.__all__)
    code = "import lgm, sys; assert not any(m.startswith(('numpy', 'lgm.')) for m in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_no_part_of_the_mathematics_loads_scipy_stats():
    code = "import sys; from lgm import *; assert 'scipy.stats' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
