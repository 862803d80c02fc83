"""EM climbs, keeps shared what is shared, and says when there is nothing to climb to."""

import tracemalloc
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lgm import (
    Bernoulli,
    Categorical,
    HiddenMarkovModel,
    LinearGaussian,
    Mixture,
    MultivariateNormal,
    Normal,
    Poisson,
    em,
    enumerate_support,
    log_marginal,
)


def mixture(rng, k, components):
    return Mixture(Categorical(rng.dirichlet(np.full(k, 5.0))), components)


def around(rng, k, x):
    """Centres so near the middle that no component begins alone with a point."""
    return x.mean(axis=0) + 0.5 * x.std(axis=0) * rng.normal(size=(k, x.shape[1]))


def normals(scale_shape):
    def start(rng, k, x):
        scale = rng.uniform(1.0, 3.0, [{"K": k, "D": x.shape[1]}.get(n, n) for n in scale_shape])
        return mixture(rng, k, Normal(around(rng, k, x), scale))

    return start


def multivariate(shared):
    def start(rng, k, x):
        d = x.shape[1]
        roots = rng.normal(size=(k, d, 2 * d))
        covariances = roots @ roots.mT / (2 * d) + 2.0 * np.eye(d)
        means = around(rng, k, x)
        return mixture(rng, k, MultivariateNormal(means, covariances[0] if shared else covariances))

    return start


def factors(variance_shape):
    def start(rng, k, x):
        d = x.shape[1]
        variance = rng.uniform(0.3, 2.0, [{"D": d}[n] for n in variance_shape])
        return LinearGaussian(rng.normal(size=(d, min(k, d - 1))), rng.normal(size=d), variance)

    return start


def counts(rng, k, x):
    return mixture(rng, k, Poisson(rng.uniform(0.5, 5.0, (k, x.shape[1]))))


def classes(rng, k, x):
    return mixture(rng, k, Bernoulli(rng.uniform(0.2, 0.8, (k, x.shape[1]))))


def regimes(rng, k, x):
    transition = rng.dirichlet(np.full(k, 2.0), size=k)
    return HiddenMarkovModel(
        Categorical(rng.dirichlet(np.full(k, 2.0))),
        transition,
        normals(("K", 1))(rng, k, x).components,
    )


STARTS = {
    "full covariances": multivariate(shared=False),
    "one covariance for all": multivariate(shared=True),
    "diagonal": normals("KD"),
    "diagonal, one for all": normals((1, "D")),
    "spherical": normals(("K", 1)),
    "spherical, one for all": normals(""),
    "Poisson": counts,
    "latent classes": classes,
    "probabilistic PCA": factors(""),
    "factor analysis": factors("D"),
    "hidden Markov": regimes,
}
OF_NUMBERS = ("Poisson", "latent classes")
OF_FACTORS = ("probabilistic PCA", "factor analysis")


def data(rng, name, n, d):
    if name == "latent classes":
        return rng.integers(0, 2, (n, d)).astype(float)
    if name == "Poisson":
        return rng.poisson(3.0, (n, d)).astype(float)
    return rng.normal(size=(n, d)) * rng.uniform(0.5, 3.0, d) + rng.integers(0, 3, (n, 1))


def log_likelihood(model, x):
    return model.expectation(x)[0]


def family(model):
    """What has the parameters: the components, or the model itself."""
    return getattr(model, "components", model)


def parameters(model):
    part = family(model)
    values = {field.name: getattr(part, field.name) for field in fields(part) if field.init}
    return {name: value for name, value in values.items() if name not in {"initial", "prior"}}


def replaced(model, **parameters):
    part = replace(family(model), **parameters)
    return replace(model, components=part) if hasattr(model, "components") else part


@pytest.mark.parametrize("name", STARTS)
@given(seed=st.integers(0, 2**32), k=st.integers(1, 4), d=st.integers(2, 4))
def test_a_step_never_lowers_the_log_likelihood(name, seed, k, d):
    rng = np.random.default_rng(seed)
    x = data(rng, name, 100, d)
    result = em(STARTS[name](rng, k, x), x, max_steps=5, tolerance=-np.inf)
    gains = np.diff(result.log_likelihoods)
    assert (gains > -1e-9 * np.abs(result.log_likelihoods[:-1])).all()


@pytest.mark.parametrize("name", STARTS)
def test_where_it_ends_nothing_near_is_more_probable(name):
    rng = np.random.default_rng(1)
    x = data(rng, name, 150, 3)
    model = em(STARTS[name](rng, 2, x), x, tolerance=1e-11, max_steps=10**4).model
    best = log_likelihood(model, x)
    for name_of, value in parameters(model).items():
        for _ in range(10):
            nudge = 1e-3 * rng.normal(size=value.shape)
            if name_of == "covariance":
                nudge = nudge + nudge.mT
            nudged = replaced(
                model, **{name_of: value * (1 + nudge) if value.min() >= 0 else value + nudge}
            )
            assert log_likelihood(nudged, x) < best + 1e-6


@pytest.mark.parametrize("name", STARTS)
def test_parameters_keep_their_shapes(name):
    rng = np.random.default_rng(2)
    x = data(rng, name, 80, 3)
    start = STARTS[name](rng, 3, x)
    end = em(start, x, max_steps=3).model
    assert type(end) is type(start)
    shapes = {field: value.shape for field, value in parameters(start).items()}
    assert {field: parameters(end)[field].shape for field in shapes} == shapes


@pytest.mark.parametrize("name", [name for name in STARTS if name not in OF_NUMBERS])
@pytest.mark.parametrize("offset", [1e8, -1e8])
def test_a_far_origin_changes_nothing(name, offset):
    rng = np.random.default_rng(3)
    x = np.round(data(rng, name, 80, 3), 3)
    near = STARTS[name](np.random.default_rng(4), 2, x)
    # In steps of 2⁻¹⁰ the offset can be added without rounding.
    x, mean = np.round(x * 2**10) / 2**10, np.round(family(near).mean * 2**10) / 2**10

    def at(origin):
        return replaced(near, mean=mean + origin)

    here, there = em(at(0.0), x, max_steps=20), em(at(offset), x + offset, max_steps=20)
    assert_allclose(there.log_likelihoods, here.log_likelihoods, rtol=1e-7)


@pytest.mark.parametrize("name", [name for name in STARTS if name != "hidden Markov"])
def test_the_order_of_the_observations_does_not_matter(name):
    rng = np.random.default_rng(5)
    x = data(rng, name, 70, 3)
    start = STARTS[name](rng, 3, x)
    shuffled = em(start, rng.permutation(x), max_steps=10)
    assert_allclose(shuffled.log_likelihoods, em(start, x, max_steps=10).log_likelihoods)


@pytest.mark.parametrize("name", [name for name in STARTS if name not in OF_FACTORS])
def test_one_component_is_fitted_in_one_step(name):
    rng = np.random.default_rng(6)
    x = data(rng, name, 50, 3)
    result = em(STARTS[name](rng, 1, x), x)
    components = result.model.components
    first = getattr(components, next(iter(components.__dataclass_fields__)))
    assert_allclose(first, x.mean(axis=0)[None])
    assert result.converged
    assert len(result.log_likelihoods) == 3


def test_batches_give_the_same_sums_as_one_pass(monkeypatch):
    rng = np.random.default_rng(7)
    x = data(rng, "full covariances", 101, 3)
    start = STARTS["full covariances"](rng, 3, x)
    whole = em(start, x, max_steps=4).log_likelihoods
    monkeypatch.setattr("lgm.models.joint.BATCH", 60)
    assert_allclose(em(start, x, max_steps=4).log_likelihoods, whole)


def test_the_memory_of_a_fit_does_not_grow_with_the_data():
    def peak(n):
        x = np.random.default_rng(8).normal(size=(n, 8))
        start = mixture(np.random.default_rng(9), 5, MultivariateNormal(x[:5], np.eye(8)))
        tracemalloc.start()
        em(start, x, max_steps=2)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    assert peak(200_000) < 1.2 * peak(20_000)


def test_a_component_that_closes_in_on_one_point_is_reported():
    x = np.array([0.0, 1.0, 2.0, 3.0, 50.0])
    start = Mixture(Categorical([0.5, 0.5]), Normal([1.5, 50.0], [1.0, 1.0]))
    with pytest.raises(ValueError, match=r"no maximum near this start: after \d steps scale .* 0"):
        em(start, x)


def test_data_in_a_plane_have_no_covariance_of_full_rank():
    x = np.random.default_rng(10).normal(size=(50, 2)) @ [[1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
    start = Mixture(Categorical([1.0]), MultivariateNormal(np.zeros((1, 3)), np.eye(3)))
    with pytest.raises(ValueError, match=r"no maximum near this start: .* singular"):
        em(start, x)


def test_a_component_without_weight_stays_as_it_is():
    start = Mixture(Categorical([1.0, 0.0]), Poisson([2.0, 7.0]))
    end = em(start, [1, 2, 6], max_steps=3).model
    assert_array_equal(end.components.rate, [3.0, 7.0])
    normal = Mixture(Categorical([1.0, 0.0]), Normal([2.0, 7.0], [1.0, 0.25]))
    end = em(normal, [1, 2, 6], max_steps=3).model
    assert_allclose(end.components.scale, [np.std([1, 2, 6]), 0.25])


def test_one_point_is_enough_where_a_maximum_exists():
    result = em(Mixture(Categorical([0.5, 0.5]), Poisson([1.0, 5.0])), [3])
    assert result.converged
    model = result.model
    assert_allclose(
        log_marginal(model, [3], enumerate_support(model.prior)),
        Poisson(3.0).log_prob([3]),
        atol=1e-4,
    )


def test_impossible_data_leave_a_likelihood_of_zero_and_no_warning():
    start = Mixture(Categorical([0.5, 0.5]), Poisson([0.0, 0.0]))
    assert start.expectation([4.0])[0] == -np.inf


def test_a_fit_that_ran_out_of_steps_says_so():
    x = data(np.random.default_rng(11), "Poisson", 50, 2)
    start = counts(np.random.default_rng(12), 3, x)
    result = em(start, x, max_steps=2)
    assert not result.converged
    assert len(result.log_likelihoods) == 3
    assert_allclose(log_likelihood(result.model, x), result.log_likelihoods[-1])


def test_no_step_returns_the_start():
    start = Mixture(Categorical([0.5, 0.5]), Poisson([1.0, 5.0]))
    result = em(start, [1, 2], max_steps=0)
    assert result.model is start
    assert len(result.log_likelihoods) == 1
