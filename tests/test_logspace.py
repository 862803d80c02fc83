import math

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal

from lgm import log_normalize, logmeanexp, logsumexp

logs = st.floats(-1e3, 1e3) | st.just(-np.inf)
vectors = arrays(float, st.integers(1, 30), elements=logs)
tables = arrays(float, array_shapes(min_dims=2, max_dims=3, max_side=6), elements=logs)


@given(vectors, st.floats(-1e8, 1e8))
def test_a_shift_of_all_terms_shifts_their_logsumexp(a, shift):
    assert_allclose(logsumexp(a + shift), logsumexp(a) + shift, rtol=1e-12, atol=1e-7)


@given(vectors, st.randoms())
def test_the_order_of_the_terms_does_not_matter(a, random):
    shuffled = a.copy()
    random.shuffle(shuffled)
    assert_allclose(logsumexp(shuffled), logsumexp(a), rtol=1e-13)


@given(vectors)
def test_impossible_terms_add_nothing(a):
    assert_array_equal(logsumexp(np.append(a, -np.inf)), logsumexp(a))


@given(arrays(float, st.integers(1, 30), elements=st.floats(-300, 300)))
def test_logsumexp_agrees_with_a_correctly_rounded_sum(a):
    assert_allclose(logsumexp(a), math.log(math.fsum(map(math.exp, a))), rtol=1e-13, atol=1e-13)


@given(tables, st.integers(0, 1))
def test_logsumexp_agrees_with_scipy_on_any_axis(a, axis):
    assert_allclose(logsumexp(a, axis), scipy.special.logsumexp(a, axis), rtol=1e-13, atol=1e-13)


@given(vectors)
def test_logmeanexp_of_copies_is_that_of_one(a):
    assert_allclose(logmeanexp(np.tile(a, 3)), logmeanexp(a), rtol=1e-13, atol=1e-13)


@given(arrays(float, (4, 3), elements=st.floats(-1e8, 1e8)))
def test_normalized_probabilities_sum_to_one(a):
    assert_allclose(np.exp(log_normalize(a)).sum(axis=0), 1.0, rtol=1e-7)


def test_the_latent_axis_comes_first():
    a = np.log([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    assert_allclose(np.exp(logsumexp(a)), [5.0, 7.0, 9.0])
    assert_allclose(np.exp(logsumexp(a, axis=1)), [6.0, 15.0])
    assert_allclose(np.exp(log_normalize(a, axis=1)).sum(axis=1), 1.0)


def test_a_column_of_impossible_terms_is_impossible():
    assert_array_equal(logsumexp([[-np.inf, 0.0], [-np.inf, -np.inf]]), [-np.inf, 0.0])


def test_an_infinite_term_makes_the_sum_infinite():
    assert logsumexp([0.0, np.inf]) == np.inf


@pytest.mark.parametrize("dtype", [int, np.float32])
def test_results_have_double_precision_whatever_comes_in(dtype):
    total = logsumexp(np.zeros(2, dtype=dtype))
    assert total.dtype == np.float64
    assert_allclose(total, math.log(2), rtol=1e-15)


@pytest.mark.parametrize("function", [logsumexp, logmeanexp, log_normalize])
def test_nan_is_refused(function):
    with pytest.raises(ValueError, match="logarithms contain 2 NaN, expected none"):
        function([0.0, np.nan, np.nan])


@pytest.mark.parametrize("nothing", [np.zeros((0, 3)), 5.0])
def test_there_must_be_something_to_sum(nothing):
    with pytest.raises(ValueError, match="nothing to sum along axis 0"):
        logsumexp(nothing)


def test_probability_zero_cannot_be_normalized():
    with pytest.raises(ValueError, match="1 of 2 distributions have total probability 0"):
        log_normalize([[-np.inf, 0.0], [-np.inf, 0.0]])
