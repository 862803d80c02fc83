"""What the bounds promise: ELBO ≤ IWAE(S) ≤ IWAE(2S) ≤ log p(x), in expectation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from lgm import (
    Beta,
    BetaBernoulli,
    Categorical,
    Gamma,
    GammaPoisson,
    LinearGaussian,
    Mixture,
    MultivariateNormal,
    Normal,
    NormalNormal,
    Poisson,
    elbo,
    enumerate_support,
    gauss_hermite,
    grid,
    iwae,
    log_marginal,
    log_posterior,
    monte_carlo,
)

UNKNOWN_MEAN = NormalNormal(Normal(1.0, 2.0), 0.5)
MEASUREMENTS = np.array([0.3, 1.1, 0.8])
MIXTURE = Mixture(Categorical([0.6, 0.3, 0.1]), Poisson([2.0, 9.0, 30.0]))
CLASSES = enumerate_support(MIXTURE.prior)


def kl_of_normals(q, p):
    ratio = q.scale / p.scale
    return -np.log(ratio) + 0.5 * (ratio**2 + ((q.mean - p.mean) / p.scale) ** 2 - 1)


@given(weights=st.lists(st.floats(0, 1), min_size=3, max_size=3), x=st.integers(0, 60))
def test_the_bound_is_the_log_marginal_less_the_divergence(weights, x):
    q = Categorical((np.array(weights) + 1e-12) / (sum(weights) + 3e-12))
    posterior = np.exp(log_posterior(MIXTURE, [x], CLASSES))[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(q.weights > 0, q.weights * np.log(q.weights / posterior), 0.0)
    bound = elbo(MIXTURE, [x], q, CLASSES)
    exact = log_marginal(MIXTURE, [x], CLASSES)
    assert_allclose(bound, exact - terms.sum(), rtol=1e-9, atol=1e-9)
    assert bound <= exact + 1e-12 * np.abs(exact)


def test_the_posterior_closes_the_gap():
    posterior = np.exp(log_posterior(MIXTURE, [12], CLASSES))[:, 0]
    assert_allclose(
        elbo(MIXTURE, [12], Categorical(posterior), CLASSES), log_marginal(MIXTURE, [12], CLASSES)
    )


def test_a_class_that_is_believed_in_but_excluded_costs_everything():
    excluded = Mixture(Categorical([1.0, 0.0]), Poisson([2.0, 9.0]))
    rule = enumerate_support(excluded.prior)
    assert elbo(excluded, [3], Categorical([0.5, 0.5]), rule) == -np.inf
    assert_allclose(elbo(excluded, [3], Categorical([1.0, 0.0]), rule), Poisson(2.0).log_prob(3))


@pytest.mark.parametrize("q", [Normal(0.7, 0.3), Normal(2.0, 1.0), Normal(0.0, 0.05)])
def test_for_normal_distributions_the_gap_is_their_divergence(q):
    expected = UNKNOWN_MEAN.log_marginal(MEASUREMENTS) - kl_of_normals(
        q, UNKNOWN_MEAN.posterior(MEASUREMENTS)
    )
    assert_allclose(elbo(UNKNOWN_MEAN, MEASUREMENTS, q, gauss_hermite(q, 20)), expected)
    drawn = elbo(UNKNOWN_MEAN, MEASUREMENTS, q, monte_carlo(q, 20_000, rng=1))
    assert abs(drawn.value - expected) < 4 * drawn.standard_error
    assert drawn.standard_error < 0.5


def test_a_bound_by_draws_from_another_distribution_is_weighted():
    q = Normal(0.7, 0.3)
    exact = elbo(UNKNOWN_MEAN, MEASUREMENTS, q, grid(np.linspace(-3, 4, 4001)))
    drawn = elbo(UNKNOWN_MEAN, MEASUREMENTS, q, monte_carlo(Normal(0.5, 0.5), 50_000, rng=2))
    assert abs(drawn.value - exact) < 4 * drawn.standard_error


@pytest.mark.parametrize(
    ("model", "x", "q"),
    [
        (UNKNOWN_MEAN, MEASUREMENTS, Normal(0.5, 0.6)),
        (BetaBernoulli(Beta(2.0, 3.0)), np.array([1, 0, 0, 1, 1]), Beta(1.0, 1.0)),
        (GammaPoisson(Gamma(3.0, 0.5)), np.array([3, 0, 5]), Gamma(2.0, 0.5)),
        (
            LinearGaussian([[1.0, 0.2], [0.5, -1.0], [-0.3, 0.4]], np.zeros(3), 0.7),
            np.array([[1.0, 0.5, -0.5]]),
            MultivariateNormal(np.zeros(2), np.eye(2)),
        ),
    ],
)
def test_more_draws_climb_from_the_bound_to_the_log_marginal(model, x, q):
    rule = monte_carlo(q, 2**16, rng=3)
    sizes = [1, 2, 4, 8, 16, 32, 64]
    steps = [iwae(model, x, rule, size) for size in sizes]
    values = np.array([np.squeeze(step.value) for step in steps])
    errors = np.array([np.squeeze(step.standard_error) for step in steps])
    bound = elbo(model, x, q, rule)
    assert_allclose(values[0], np.squeeze(bound.value))
    assert_allclose(errors[0], np.squeeze(bound.standard_error))
    # The same draws serve all sizes, so that the steps cannot fall: the logarithm is concave.
    assert (np.diff(values) > 0).all()
    exact = np.squeeze(model.log_marginal(x))
    assert (values < exact + 3 * errors).all()
    assert values[0] < exact - 3 * errors[0]
    assert exact - values[-1] < 0.2 * (exact - values[0])


def test_as_many_draws_as_there_are_give_the_log_marginal():
    rule = monte_carlo(UNKNOWN_MEAN.prior, 500, rng=4)
    together = iwae(UNKNOWN_MEAN, MEASUREMENTS, rule, 500)
    assert_allclose(together.value, log_marginal(UNKNOWN_MEAN, MEASUREMENTS, rule).value)
    assert together.standard_error == np.inf  # a single logarithm has no scatter


def test_each_observation_has_its_own_bound():
    model = LinearGaussian([[1.0], [0.5]], [0.0, 1.0], 0.5)
    x = np.random.default_rng(5).normal(size=(4, 2))
    rule = monte_carlo(model.prior, 256, rng=6)
    together = iwae(model, x, rule, 16).value
    assert_allclose(together, [iwae(model, row[None], rule, 16).value[0] for row in x])


@pytest.mark.parametrize(
    ("rule", "size", "message"),
    [
        (gauss_hermite(Normal(0.0, 1.0), 8), 2, "not independent draws"),
        (monte_carlo(Normal(0.0, 1.0), 10, rng=1), 3, "10 draws cannot be shared out by 3"),
    ],
)
def test_what_cannot_be_shared_out_is_refused(rule, size, message):
    with pytest.raises(ValueError, match=message):
        iwae(UNKNOWN_MEAN, MEASUREMENTS, rule, size)
