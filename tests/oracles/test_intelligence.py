import numpy as np
from scipy.optimize import minimize

from lgm import LinearGaussian, MultivariateNormal
from lgm.course.datasets import holzinger_swineford

# Holzinger & Swineford 1939, nine tests of 301 pupils; log likelihoods as in the R package lavaan
# (Rosseel 2012, J. Stat. Softw. 48(2)), whose tutorial has this example.
THREE_FACTORS, SATURATED = -3737.745, -3695.092
_, SCORES = holzinger_swineford()


def three_correlated_factors(theta):
    """Each test depends on one of three factors, and these are correlated.

    With 9 loadings, 3 numbers for the Cholesky factor of the factors' correlations, and 9
    logarithms of variances; loadings times that factor make the factors independent.
    """
    pattern = np.zeros((9, 3))
    pattern[np.arange(9), np.repeat(range(3), 3)] = theta[:9]
    root = np.eye(3)
    root[np.tril_indices(3, -1)] = theta[9:12]
    root /= np.linalg.norm(root, axis=1, keepdims=True)
    return LinearGaussian(pattern @ root, SCORES.mean(axis=0), np.exp(theta[12:]))


def minus_log_likelihood(theta):
    return -three_correlated_factors(theta).log_marginal(SCORES).sum()


def test_three_correlated_factors_behind_nine_tests():
    start = np.concatenate([np.full(9, 0.7), np.full(3, 0.3), np.full(9, -0.5)])
    fit = minimize(minus_log_likelihood, start, options={"gtol": 1e-2})
    assert round(-fit.fun, 3) == THREE_FACTORS


def test_the_saturated_model_of_nine_tests():
    covariance = np.cov(SCORES.T, bias=True)
    log_likelihood = MultivariateNormal(SCORES.mean(axis=0), covariance).log_prob(SCORES).sum()
    assert round(log_likelihood, 3) == SATURATED
