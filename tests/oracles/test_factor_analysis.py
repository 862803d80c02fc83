import numpy as np
import pytest

from lgm import LinearGaussian, em

# The one-factor model of the correlations 0.4^|i − j| of four variables; statsmodels tests its
# class Factor with it. The mirror image of a solution is one too.
PUBLISHED = [0.8529, 0.6092, 0.5538, 0.8261]
CORRELATION = 0.4 ** np.abs(np.subtract.outer(range(4), range(4)))
ROOT = 2 * np.linalg.cholesky(CORRELATION).T
POINTS = np.concatenate([ROOT, -ROOT])  # eight, with exactly these correlations


def fit(loadings):
    start = LinearGaussian(np.c_[loadings], np.zeros(4), np.full(4, 0.5))
    return em(start, POINTS, tolerance=1e-13, max_steps=10**4)


@pytest.mark.parametrize(
    ("start", "order"), [([0.3, 0.6, 0.7, 0.4], 1), ([0.4, 0.7, 0.6, 0.3], -1)]
)
def test_one_factor_explains_a_matrix_of_correlations(start, order):
    assert fit(start).model.variance.round(4).tolist() == PUBLISHED[::order]


def test_a_start_that_is_its_own_mirror_image_stays_one_and_ends_lower():
    # There R's factanal stops, too.
    symmetric = fit([0.5, 0.6, 0.6, 0.5])
    assert np.allclose(symmetric.model.variance, symmetric.model.variance[::-1])
    assert symmetric.log_likelihoods[-1] < fit([0.3, 0.6, 0.7, 0.4]).log_likelihoods[-1] - 5e-6
