import numpy as np
import pytest
from scipy.optimize import minimize

from lgm import Categorical, Mixture, Poisson, enumerate_support, log_marginal
from lgm.course.datasets import earthquakes

# Zucchini & MacDonald 2009, Hidden Markov Models for Time Series, ch. 1: −log L.
PUBLISHED = {1: 391.9189, 2: 360.3690, 3: 356.8489, 4: 356.7337}


def poisson_mixture(theta):
    """The mixture with K − 1 log odds of the weights, then K logarithms of the rates."""
    k = (len(theta) + 1) // 2
    odds = np.exp(np.append(0.0, theta[: k - 1]))
    return Mixture(Categorical(odds / odds.sum()), Poisson(np.exp(theta[k - 1 :])))


def minus_log_likelihood(theta, counts):
    model = poisson_mixture(theta)
    return -log_marginal(model, counts, enumerate_support(model.prior)).sum()


@pytest.mark.parametrize("components", PUBLISHED)
def test_mixtures_of_earthquake_counts_reach_the_published_likelihood(components):
    counts = earthquakes()
    rates = np.quantile(counts, (np.arange(components) + 0.5) / components)
    start = np.concatenate([np.zeros(components - 1), np.log(rates)])
    fit = minimize(minus_log_likelihood, start, args=(counts,), options={"gtol": 1e-4})
    assert round(fit.fun, 4) == PUBLISHED[components]
