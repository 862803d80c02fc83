import pickle
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lgm import Bernoulli, Beta, Categorical, Gamma, MultivariateNormal, Normal, Poisson

MEAN = np.array([1.0, -2.0, 0.5])
COVARIANCE = np.array([[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]])

# Ours, the same in scipy.stats, and points inside and outside of the support.
SCALARS = {
    "categorical": (
        Categorical([0.5, 0.2, 0.3]),
        scipy.stats.rv_discrete(values=([0, 1, 2], [0.5, 0.2, 0.3])),
        [-1, 0, 0.5, 1, 2, 3, np.inf],
    ),
    "bernoulli": (Bernoulli(0.3), scipy.stats.bernoulli(0.3), [-1, 0, 0.5, 1, 2, -np.inf]),
    "poisson": (Poisson(4.2), scipy.stats.poisson(4.2), [-1, 0, 1, 1.5, 7, 400]),
    "normal": (Normal(1.5, 0.3), scipy.stats.norm(1.5, 0.3), [-1e3, 0.0, 1.5, np.inf]),
    "beta": (Beta(2.5, 0.5), scipy.stats.beta(2.5, 0.5), [-0.1, 0.0, 0.2, 0.9, 1.1, np.inf]),
    "gamma": (Gamma(0.7, 3.0), scipy.stats.gamma(0.7, scale=1 / 3), [-1.0, 0.1, 900.0]),
}
with_a_peer = pytest.mark.parametrize(("ours", "theirs", "x"), SCALARS.values(), ids=SCALARS)
every_one = pytest.mark.parametrize(
    "distribution",
    [ours for ours, _, _ in SCALARS.values()] + [MultivariateNormal(MEAN, COVARIANCE)],
    ids=[*SCALARS, "multivariate normal"],
)


@with_a_peer
def test_log_prob_agrees_with_scipy(ours, theirs, x):
    expected = theirs.logpmf(x) if hasattr(theirs, "logpmf") else theirs.logpdf(x)
    assert_allclose(ours.log_prob(x), expected, rtol=1e-12)


@with_a_peer
def test_draws_have_the_right_mean_and_variance(ours, theirs, x):
    draws = ours.sample(40_000, rng=7)
    assert abs(draws.mean() - theirs.mean()) < 4 * theirs.std() / np.sqrt(len(draws))
    assert_allclose(draws.var(), theirs.var(), rtol=0.05)


@pytest.mark.parametrize("distribution", [Poisson(4.2), Gamma(2.0, 1.0), Gamma(0.5, 1.0)])
def test_infinity_is_impossible(distribution):
    assert_array_equal(distribution.log_prob([-np.inf, np.inf]), [-np.inf, -np.inf])


def test_multivariate_log_prob_agrees_with_scipy():
    x = np.random.default_rng(0).normal(size=(4, 5, 3)) * 10
    expected = scipy.stats.multivariate_normal(MEAN, COVARIANCE).logpdf(x)
    assert_allclose(MultivariateNormal(MEAN, COVARIANCE).log_prob(x), expected, rtol=1e-12)


def test_multivariate_draws_have_the_right_mean_and_covariance():
    draws = MultivariateNormal(MEAN, COVARIANCE).sample(40_000, rng=7)
    assert_allclose(draws.mean(axis=0), MEAN, atol=4 * np.sqrt(2 / 40_000))
    assert_allclose(np.cov(draws.T), COVARIANCE, atol=0.05)


@every_one
def test_the_seed_decides_and_a_generator_moves_on(distribution):
    rng = np.random.default_rng(3)
    first, second = distribution.sample(50, rng), distribution.sample(50, rng)
    assert_array_equal(distribution.sample(50, rng=3), first)
    assert not np.array_equal(first, second)


@every_one
def test_nan_is_refused(distribution):
    with pytest.raises(ValueError, match="contain 3 NaN, expected none"):
        distribution.log_prob(np.full(3, np.nan))


@every_one
def test_a_distribution_survives_a_pickle(distribution):
    copy = pickle.loads(pickle.dumps(distribution))
    assert_array_equal(copy.sample(5, rng=1), distribution.sample(5, rng=1))


def test_parameters_broadcast_against_each_other_and_against_the_points():
    normal = Normal([[0.0], [5.0]], [1.0, 2.0, 3.0])
    assert normal.sample(7, rng=0).shape == (7, 2, 3)
    expected = scipy.stats.norm([[0.0], [5.0]], [1.0, 2.0, 3.0]).logpdf(4.0)
    assert_allclose(normal.log_prob(4.0), expected)


def test_several_means_may_share_a_covariance():
    means = np.stack([MEAN, 2 * MEAN])
    normal = MultivariateNormal(means, COVARIANCE)
    assert normal.sample(7, rng=0).shape == (7, 2, 3)
    each = [MultivariateNormal(mean, COVARIANCE).log_prob(np.zeros(3)) for mean in means]
    assert_allclose(normal.log_prob(np.zeros(3)), each)


@given(st.floats(-5, 5), st.sampled_from([-1e8, 1e8]))
def test_a_far_origin_costs_no_digits(x, offset):
    x = (x + offset) - offset  # a number that both origins can represent
    here = Normal(0.25, 0.5).log_prob(x)
    assert Normal(0.25 + offset, 0.5).log_prob(x + offset) == here
    there = MultivariateNormal(MEAN + offset, COVARIANCE).log_prob(np.full(3, x) + offset)
    assert_allclose(there, MultivariateNormal(MEAN, COVARIANCE).log_prob(np.full(3, x)), rtol=1e-13)


@given(st.floats(0, 500))
def test_the_probabilities_of_all_counts_sum_to_one(rate):
    assert_allclose(np.exp(Poisson(rate).log_prob(np.arange(1500))).sum(), 1.0, rtol=1e-10)


@pytest.mark.parametrize("name", ["beta", "gamma"])
def test_the_mean_agrees_with_scipy(name):
    ours, theirs, _ = SCALARS[name]
    assert_allclose(ours.mean, theirs.mean())


@pytest.mark.parametrize(
    ("certain", "outcome"), [(Bernoulli(0.0), 0), (Bernoulli(1.0), 1), (Poisson(0.0), 0)]
)
def test_certainty_has_log_probability_zero_and_all_else_is_impossible(certain, outcome):
    assert_array_equal(certain.log_prob([outcome, 1 - outcome]), [0.0, -np.inf])


def test_a_beta_or_gamma_density_may_be_infinite_at_an_end():
    assert_array_equal(Beta(0.5, 2.0).log_prob([0.0, 1.0]), [np.inf, -np.inf])
    assert_array_equal(Gamma(0.5, 2.0).log_prob([0.0]), [np.inf])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Categorical([0.5, 0.47]), "weights sum to 0.97, expected 1"),
        (lambda: Categorical([1.5, -0.5]), "weights contains 1.5, expected numbers from 0 to 1"),
        (lambda: Categorical([[0.5, 0.5]]), "weights have 2 dimensions, expected 1"),
        (lambda: Bernoulli([0.2, 1.2]), "probability contains 1.2, expected numbers from 0 to 1"),
        (lambda: Poisson(-1), "rate contains -1.0, expected finite numbers not below 0"),
        (lambda: Normal(0, 0), "scale contains 0.0, expected finite numbers above 0"),
        (lambda: Normal(np.nan, 1), "mean contains nan, expected finite numbers"),
        (lambda: Beta(np.inf, 1), "a contains inf, expected finite numbers above 0"),
        (
            lambda: MultivariateNormal([0, 0], np.eye(3)),
            r"covariance has shape \(3, 3\), expected \(2, 2\)",
        ),
        (
            lambda: MultivariateNormal([0, 0], [[1, 0.5], [0, 1]]),
            "covariance is asymmetric by 0.5, expected 0",
        ),
        (
            lambda: MultivariateNormal([0, 0], [[1, 2], [2, 1]]),
            "covariance has eigenvalue -1, expected all > 0",
        ),
        (
            lambda: MultivariateNormal([0, 0], np.eye(2)).log_prob([[1.0], [2.0]]),
            r"observations have shape \(2, 1\), expected \(..., 2\)",
        ),
    ],
)
def test_an_error_carries_both_numbers(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_parameters_are_copies_that_cannot_change():
    mean = np.zeros(2)
    normal = Normal(mean, 1.0)
    mean[0] = 5.0
    assert_array_equal(normal.mean, [0.0, 0.0])
    with pytest.raises(ValueError, match="read-only"):
        normal.mean[0] = 5.0
    with pytest.raises(FrozenInstanceError):
        normal.mean = 5.0


def test_a_changed_copy_is_checked_like_the_original():
    assert replace(Normal(0.0, 1.0), mean=3.0).mean == 3.0
    with pytest.raises(ValueError, match="scale contains -1"):
        replace(Normal(0.0, 1.0), scale=-1.0)
