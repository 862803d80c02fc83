import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose
from scipy.special import betaln, gammaln

from lgm import (
    Beta,
    BetaBernoulli,
    Gamma,
    GammaPoisson,
    MultivariateNormal,
    Normal,
    NormalNormal,
)

CONJUGATE = {
    "coin": BetaBernoulli(Beta(2.0, 0.7)),
    "counts": GammaPoisson(Gamma(3.0, 0.5)),
    "measurements": NormalNormal(Normal(1.0, 2.0), 0.5),
}


@given(arrays(int, st.integers(0, 20), elements=st.integers(0, 1)))
def test_the_marginal_of_tosses_is_a_ratio_of_beta_functions(x):
    a, b = 2.0, 0.7
    expected = betaln(a + x.sum(), b + (1 - x).sum()) - betaln(a, b)
    assert_allclose(CONJUGATE["coin"].log_marginal(x), expected, atol=1e-12)


@given(arrays(int, st.integers(0, 20), elements=st.integers(0, 60)))
def test_the_marginal_of_counts_is_a_ratio_of_gamma_functions(x):
    a, b, s, n = 3.0, 0.5, x.sum(), len(x)
    expected = a * np.log(b) - gammaln(a) + gammaln(a + s) - (a + s) * np.log(b + n)
    expected -= gammaln(x + 1).sum()
    assert_allclose(CONJUGATE["counts"].log_marginal(x), expected, rtol=1e-12, atol=1e-11)


@given(arrays(float, st.integers(1, 20), elements=st.floats(-50, 50)))
def test_the_marginal_of_measurements_is_a_normal_that_correlates_them(x):
    covariance = 0.5**2 * np.eye(len(x)) + 2.0**2
    expected = MultivariateNormal(np.full(len(x), 1.0), covariance).log_prob(x)
    assert_allclose(CONJUGATE["measurements"].log_marginal(x), expected, rtol=1e-10)


@pytest.mark.parametrize("name", CONJUGATE)
def test_todays_posterior_is_tomorrows_prior(name):
    model = CONJUGATE[name]
    _, x = model.sample(9, rng=4)
    updated = type(model)(
        model.posterior(x[:5]), *([model.scale] if name == "measurements" else [])
    )
    chained = model.log_marginal(x[:5]) + updated.log_marginal(x[5:])
    assert_allclose(chained, model.log_marginal(x))


@pytest.mark.parametrize("model", CONJUGATE.values(), ids=CONJUGATE)
def test_the_posterior_of_a_parameter_obeys_bayes(model):
    _, x = model.sample(6, rng=5)
    z = model.prior.sample(4, rng=6)
    log_posterior = model.posterior(x).log_prob(z)
    assert_allclose(model.log_joint(x, z), model.log_marginal(x) + log_posterior)


@pytest.mark.parametrize("model", CONJUGATE.values(), ids=CONJUGATE)
def test_all_observations_share_one_hidden_value(model):
    z, x = model.sample(200_000, rng=7)
    assert z.shape == ()
    mean, scale = x.mean(), x.std() / np.sqrt(len(x))
    assert abs(mean - z) < 4 * scale + 1e-12


def test_a_far_origin_costs_an_unknown_mean_no_digits():
    x = np.arange(40.0) / 8
    there = NormalNormal(Normal(1.0 + 1e8, 2.0), 0.5).log_marginal(x + 1e8)
    assert_allclose(there, CONJUGATE["measurements"].log_marginal(x), rtol=1e-12)
