import numpy as np
from scipy.optimize import minimize

from lgm import ItemResponse, gauss_hermite, log_marginal
from lgm.course.datasets import lsat

# The data of Bock & Lieberman 1970; the maximum as in the R package mirt (Chalmers 2012).
PUBLISHED = -2466.653


def minus_log_likelihood(theta, patterns, counts):
    model = ItemResponse(slopes=theta[:5], intercepts=theta[5:])
    return -counts @ log_marginal(model, patterns, gauss_hermite(model.prior, 61))


def test_two_parameter_logistic_model_of_the_law_school_test():
    start = np.concatenate([np.ones(5), np.zeros(5)])
    fit = minimize(minus_log_likelihood, start, args=lsat(), options={"gtol": 1e-2})
    assert round(-fit.fun, 3) == PUBLISHED
