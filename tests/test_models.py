import tracemalloc
from itertools import product

import numpy as np
import pytest
import scipy.stats
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import expit

from lgm import (
    Bernoulli,
    Categorical,
    ItemResponse,
    LinearGaussian,
    Mixture,
    MultivariateNormal,
    Normal,
    Poisson,
    logsumexp,
)

RNG = np.random.default_rng(0)
ANSWERS = np.array(list(product((0, 1), repeat=4)))  # every way to answer four items
THREE = Categorical([0.6, 0.3, 0.1])
CLASSES = Mixture(THREE, Bernoulli(RNG.uniform(size=(3, 4))))
TEST = ItemResponse(slopes=[0.5, 1.0, 2.0, -1.0], intercepts=[0.0, 1.0, -2.0, 0.5])
FACTORS = LinearGaussian(RNG.normal(size=(5, 2)), RNG.normal(size=5), RNG.uniform(0.1, 2, size=5))
PPCA = LinearGaussian(RNG.normal(size=(5, 2)), RNG.normal(size=5), 0.3)
NORMALS = Mixture(THREE, Normal([-4.0, 0.0, 5.0], [0.3, 1.0, 2.0]))


# --- mixtures ----------------------------------------------------------------------------------


def test_the_log_joint_of_a_mixture_is_log_weight_plus_log_component():
    x = np.array([-3.0, 0.5, 2.0, 1000.0])
    expected = [
        np.log(weight) + scipy.stats.norm(mean, scale).logpdf(x)
        for weight, mean, scale in zip(
            [0.6, 0.3, 0.1], NORMALS.components.mean, NORMALS.components.scale, strict=True
        )
    ]
    assert_allclose(NORMALS.log_joint(x, z=[0, 1, 2]), expected)
    assert_allclose(NORMALS.log_joint(x, z=[2, 2, 0]), np.array(expected)[[2, 2, 0]])


def test_the_log_likelihood_of_a_multivariate_mixture_has_components_by_observations():
    covariances = [np.eye(2), np.diag([4.0, 0.1]), [[1.0, 0.9], [0.9, 1.0]]]
    means = RNG.normal(size=(3, 2))
    x = RNG.normal(size=(7, 2))
    expected = [
        scipy.stats.multivariate_normal(m, c).logpdf(x)
        for m, c in zip(means, covariances, strict=True)
    ]
    assert_allclose(
        Mixture(THREE, MultivariateNormal(means, covariances)).log_likelihood(x, [0, 1, 2]),
        expected,
    )


def test_a_component_of_weight_zero_is_impossible():
    mixture = Mixture(Categorical([1.0, 0.0]), Poisson([1.0, 2.0]))
    assert_array_equal(mixture.log_joint([3], z=[0, 1])[1], [-np.inf])


def test_each_observation_of_a_mixture_comes_from_its_own_component():
    far_apart = Mixture(THREE, Normal([0.0, 1e3, 2e3], 1.0))
    z, x = far_apart.sample(5000, rng=1)
    assert_array_equal(np.rint(x / 1e3), z)
    assert_allclose(np.bincount(z) / 5000, [0.6, 0.3, 0.1], atol=0.03)


def test_a_component_may_stay_empty():
    z, x = Mixture(Categorical([1.0, 0.0]), Poisson([5.0, 9.0])).sample(10, rng=1)
    assert x.shape == z.shape == (10,)


# --- items -------------------------------------------------------------------------------------


def test_items_are_independent_given_the_class():
    expected = np.ones((3, 16))
    for k, n, d in np.ndindex(3, 16, 4):
        p = CLASSES.components.probability[k, d]
        expected[k, n] *= p if ANSWERS[n, d] else 1 - p
    assert_allclose(np.exp(CLASSES.log_likelihood(ANSWERS, [0, 1, 2])), expected)


def test_items_are_independent_given_the_ability():
    z = np.array([-2.0, 0.0, 1.5])
    p = expit(np.multiply.outer(z, TEST.slopes) + TEST.intercepts)[:, None, :]
    expected = np.where(ANSWERS == 1, p, 1 - p).prod(axis=2)
    assert_allclose(np.exp(TEST.log_likelihood(ANSWERS, z)), expected)


@pytest.mark.parametrize("z", [-1e3, -1.0, 0.0, 1e3])
def test_the_probabilities_of_all_answers_sum_to_one(z):
    assert_allclose(logsumexp(TEST.log_likelihood(ANSWERS, [z]), axis=1), 0.0, atol=1e-12)


def test_an_item_that_a_class_always_solves_excludes_it_from_those_who_fail():
    model = Mixture(Categorical([0.5, 0.5]), Bernoulli([[1.0, 0.5], [0.5, 0.0]]))
    assert_allclose(np.exp(model.log_likelihood([[1, 1], [0, 0]], [0, 1])), [[0.5, 0], [0, 0.5]])


@pytest.mark.parametrize("model", [CLASSES, TEST])
def test_simulated_answers_are_as_frequent_as_their_probability(model):
    z, x = model.sample(20_000, rng=2)
    shares = np.array([(x == answer).all(axis=1).mean() for answer in ANSWERS])
    nodes = z[:2000]
    expected = np.exp(model.log_likelihood(ANSWERS, nodes)).mean(axis=0)
    assert_allclose(shares, expected, atol=0.02)


# --- factors -----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [FACTORS, PPCA])
def test_the_marginal_of_a_factor_model_is_the_normal_with_its_covariance(model):
    x = RNG.normal(size=(6, 5)) * 3
    covariance = model.loadings @ model.loadings.T + model.variance * np.eye(5)
    expected = scipy.stats.multivariate_normal(model.mean, covariance).logpdf(x)
    assert_allclose(model.log_marginal(x), expected)


def test_the_posterior_of_the_factors_obeys_bayes():
    x, z = FACTORS.mean + RNG.normal(size=(6, 5)), RNG.normal(size=(4, 2))
    log_posterior = FACTORS.posterior(x).log_prob(z[:, None, :])
    assert_allclose(FACTORS.log_joint(x, z), FACTORS.log_marginal(x) + log_posterior)


def test_the_likelihood_of_the_factors_adds_up_the_coordinates():
    x, z = RNG.normal(size=(6, 5)), RNG.normal(size=(4, 2))
    noise = Normal((z @ FACTORS.loadings.T + FACTORS.mean)[:, None, :], np.sqrt(FACTORS.variance))
    assert_allclose(FACTORS.log_likelihood(x, z), noise.log_prob(x).sum(axis=2))


def test_simulated_observations_have_the_covariance_of_the_marginal():
    z, x = FACTORS.sample(50_000, rng=3)
    covariance = FACTORS.loadings @ FACTORS.loadings.T + np.diag(FACTORS.variance)
    assert_allclose(np.cov(x.T), covariance, atol=0.05 * covariance.max())
    assert_allclose(x.mean(axis=0), FACTORS.mean, atol=0.05)
    assert_allclose(np.cov(z.T), np.eye(2), atol=0.03)


@pytest.mark.parametrize("offset", [-1e8, 1e8])
def test_a_far_origin_costs_a_factor_model_no_digits(offset):
    mean, x = np.arange(5.0), np.arange(30.0).reshape(6, 5) / 8
    here = LinearGaussian(FACTORS.loadings, mean, 0.5)
    there = LinearGaussian(FACTORS.loadings, mean + offset, 0.5)
    assert_allclose(there.log_marginal(x + offset), here.log_marginal(x), rtol=1e-13)


def test_noise_that_nearly_vanishes_costs_a_factor_model_no_digits():
    # On the line of the loadings the quadratic form is z², however large x over noise may be.
    loadings, variance, z = np.array([[0.3], [0.7]]), 1e-14, np.array([[0.1], [-0.7], [1.3]])
    model = LinearGaussian(loadings, [0.0, 0.0], variance)
    determinant = variance * (variance + (loadings**2).sum())
    expected = -0.5 * z[:, 0] ** 2 - np.log(2 * np.pi) - 0.5 * np.log(determinant)
    assert_allclose(model.log_marginal(z @ loadings.T), expected, rtol=1e-12)


def test_a_factor_model_of_many_coordinates_never_forms_their_covariance():
    d = 4000
    model = LinearGaussian(np.ones((d, 1)), np.zeros(d), 1.0)
    tracemalloc.start()
    log_marginal = model.log_marginal(np.zeros((2, d)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_allclose(log_marginal, -0.5 * (d * np.log(2 * np.pi) + np.log1p(d)))
    assert peak < 8 * d**2 / 100  # bytes


# --- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Mixture(THREE, Normal(0, 1)), "1 components, expected 3"),
        (
            lambda: Mixture(THREE, Bernoulli(np.ones((2, 4)))),
            "2 components, expected 3",
        ),
        (
            lambda: CLASSES.log_likelihood([[1], [0]], [0]),
            r"observations have shape \(2, 1\), expected \('N', 4\)",
        ),
        (
            lambda: ItemResponse([1.0], [1.0, 2.0]),
            r"shapes \(1,\) and \(2,\), expected both \(D,\)",
        ),
        (
            lambda: TEST.log_likelihood([[0, 1, 2, 0]], [0.0]),
            "responses contain 2.0, expected 0 or 1",
        ),
        (
            lambda: LinearGaussian(np.ones((3, 1)), np.zeros(2), 1.0),
            r"shapes \(3, 1\), \(2,\) and \(\), expected \(D, Q\)",
        ),
        (
            lambda: FACTORS.log_marginal(np.zeros((4, 3))),
            r"observations have shape \(4, 3\), expected \(..., 5\)",
        ),
        (
            lambda: FACTORS.log_likelihood(np.zeros((4, 5)), np.zeros((3, 1))),
            r"factors have shape \(3, 1\), expected \(..., 2\)",
        ),
    ],
)
def test_an_error_carries_both_numbers(make, message):
    with pytest.raises(ValueError, match=message):
        make()
