import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.polynomial import Polynomial
from numpy.testing import assert_allclose, assert_array_equal

from lgm import (
    Bernoulli,
    Categorical,
    MultivariateNormal,
    Normal,
    Rule,
    enumerate_support,
    gauss_hermite,
    grid,
    logsumexp,
    monte_carlo,
)


def integrate(rule, density, function):
    """Integral of a density times a function, by a rule."""
    return np.exp(rule.log_weights + density.log_prob(rule.nodes)) @ function(rule.nodes)


@pytest.mark.parametrize(
    ("distribution", "values"),
    [(Categorical([0.2, 0.5, 0.3]), [0, 1, 2]), (Bernoulli(0.4), [0, 1])],
)
def test_an_enumeration_visits_each_value_once(distribution, values):
    rule = enumerate_support(distribution)
    assert_array_equal(rule.nodes, values)
    assert_array_equal(rule.log_weights, np.zeros(len(values)))


@given(arrays(float, st.integers(2, 30), elements=st.floats(-50, 50), unique=True))
def test_a_grid_is_the_trapezoid_rule_on_uneven_points(points):
    points = np.sort(points)
    rule = grid(points)
    assert_allclose(np.exp(rule.log_weights) @ np.cos(points), np.trapezoid(np.cos(points), points))


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_gauss_hermite_is_exact_for_polynomials_of_degree_below_2n(n):
    rng = np.random.default_rng(n)
    polynomial = Polynomial(rng.normal(size=2 * n))
    # E tᵏ for a standard normal t is (k − 1)!! for even k, and zero for odd.
    moments = [np.prod(np.arange(k - 1, 0, -2.0)) if k % 2 == 0 else 0.0 for k in range(2 * n)]
    density = Normal(3.0, 0.5)
    standardized = lambda z: polynomial((z - 3.0) / 0.5)  # noqa: E731
    expected = polynomial.coef @ moments
    assert_allclose(
        integrate(gauss_hermite(density, n), density, standardized), expected, rtol=1e-9
    )


def test_gauss_hermite_is_a_product_rule_that_follows_the_covariance():
    mean, covariance = (
        np.array([1.0, -2.0, 0.5]),
        np.array([[2, 0.6, 0], [0.6, 1, 0.2], [0, 0.2, 0.5]]),
    )
    density = MultivariateNormal(mean, covariance)
    rule = gauss_hermite(density, 4)
    assert rule.nodes.shape == (64, 3)
    assert_allclose(integrate(rule, density, lambda z: z), mean)
    second = integrate(
        rule, density, lambda z: np.einsum("si,sj->sij", z - mean, z - mean).reshape(64, 9)
    )
    assert_allclose(second.reshape(3, 3), covariance, atol=1e-12)


def test_gauss_hermite_with_one_dimension_is_the_same_for_both_normals():
    one, also_one = (
        gauss_hermite(Normal(2.0, 3.0), 7),
        gauss_hermite(MultivariateNormal([2], [[9]]), 7),
    )
    assert_allclose(also_one.nodes[:, 0], one.nodes)
    assert_allclose(also_one.log_weights, one.log_weights)


def test_gauss_hermite_with_very_many_nodes_stays_exact():
    density = Normal(0.0, 1.0)
    assert_allclose(integrate(gauss_hermite(density, 1000), density, np.square), 1.0)


@pytest.mark.parametrize(
    "density", [Normal(2.0, 3.0), MultivariateNormal([0, 1], [[2, 1], [1, 2]])]
)
def test_draws_from_a_density_integrate_it_exactly(density):
    rule = monte_carlo(density, 100, rng=1)
    assert rule.draws.number == 100
    assert_array_equal(rule.nodes, density.sample(100, rng=1))
    assert_allclose(logsumexp(rule.log_weights + density.log_prob(rule.nodes)), 0.0, atol=1e-12)


def test_draws_from_another_density_integrate_within_their_error():
    rule = monte_carlo(Normal(0.0, 2.0), 10_000, rng=1)
    ratio = np.exp(rule.log_weights + Normal(0.5, 1.0).log_prob(rule.nodes)) * 10_000
    assert abs(ratio.mean() - 1.0) < 4 * ratio.std() / np.sqrt(10_000)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: gauss_hermite(MultivariateNormal(np.zeros(12), np.eye(12)), 10),
            r"10\*\*12 nodes asked for, limit 10\*\*7",
        ),
        (
            lambda: gauss_hermite(Normal([0.0, 1.0], 1.0), 2),
            r"normal has shape \(2,\), expected \(\): one distribution",
        ),
        (lambda: grid([0.0, 2.0, 1.0]), "point 1.0 follows 2.0, expected finite and increasing"),
        (lambda: grid([0.0, 1.0, np.inf]), "point inf follows 1.0, expected finite and increasing"),
        (lambda: grid([0.0]), r"points have shape \(1,\), expected \(S,\) with S at least 2"),
        (lambda: grid([0.0, np.nan]), "points contain 1 NaN"),
        (
            lambda: Rule(np.zeros(3), np.zeros(2)),
            r"log-weights have shape \(2,\), expected \(3,\): one for each node",
        ),
        (lambda: Rule(np.zeros(2), np.array([0, np.nan])), "log-weights contain 1 NaN"),
        (
            lambda: monte_carlo(Normal([0.0, 1.0], 1.0), 5),
            r"log-weights have shape \(5, 2\), expected \(5,\)",
        ),
    ],
)
def test_an_error_carries_both_numbers(make, message):
    with pytest.raises(ValueError, match=message):
        make()
