from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from lgm import (
    Categorical,
    HiddenMarkovModel,
    Mixture,
    Normal,
    Poisson,
    Rule,
    enumerate_support,
    log_marginal,
    log_posterior,
    logsumexp,
)
from lgm.models.markov import propagate

STICKY = HiddenMarkovModel(
    Categorical([0.5, 0.3, 0.2]),
    [[0.9, 0.1, 0.0], [0.05, 0.9, 0.05], [0.3, 0.0, 0.7]],
    Normal([-1.0, 0.0, 4.0], [0.5, 1.0, 2.0]),
)


def every_path(states, steps):
    paths = np.array(list(product(range(states), repeat=steps)))
    return Rule(paths, np.zeros(len(paths)))


def step_by_step(log_initial, transition, log_lik):
    """The forward recursion as it is written down, in logarithms."""
    with np.errstate(divide="ignore"):
        log_transition = np.log(transition)
    columns = [log_initial + log_lik[:, 0]]
    for column in log_lik.T[1:]:
        columns.append(logsumexp(columns[-1][:, None] + log_transition) + column)
    return np.array(columns).T


def drawn_model(rng, states):
    transition = rng.dirichlet(np.ones(states), size=states)
    if states > 1 and rng.random() < 0.5:
        transition[rng.random((states, states)) < 0.3] = 0.0
        transition[np.arange(states), rng.integers(states, size=states)] += 1e-3
        transition /= transition.sum(axis=1, keepdims=True)
    initial = np.eye(states)[0] if rng.random() < 0.3 else rng.dirichlet(np.ones(states))
    # Scales from 0.01 to 10: log likelihoods down to a hundred thousand below zero.
    emission = Normal(10 * rng.normal(size=states), 10 ** rng.uniform(-2, 1, size=states))
    return HiddenMarkovModel(Categorical(initial), transition, emission)


@given(seed=st.integers(0, 2**32), states=st.integers(1, 3), steps=st.integers(1, 6))
def test_the_recursions_add_up_all_paths(seed, states, steps):
    rng = np.random.default_rng(seed)
    model, x = drawn_model(rng, states), 5 * rng.normal(size=steps)
    paths = every_path(states, steps)
    expected = log_marginal(model, x, paths)
    assert_allclose(model.log_marginal(x), expected, rtol=1e-12)
    if np.isneginf(expected):
        return
    shares = np.exp(log_posterior(model, x, paths))
    smoothed = [[shares[paths.nodes[:, t] == k].sum() for t in range(steps)] for k in range(states)]
    assert_allclose(np.exp(model.log_posterior(x)), smoothed, atol=1e-9)
    moves = np.zeros((states, states))
    for path, share in zip(paths.nodes, shares, strict=True):
        np.add.at(moves, (path[:-1], path[1:]), share)
    log_likelihood, (first, expected_moves, *_) = model.expectation(x)
    assert_allclose(log_likelihood, expected, rtol=1e-12)
    assert_allclose(first, [row[0] for row in smoothed], atol=1e-9)
    assert_allclose(expected_moves, moves, atol=1e-9)


@pytest.mark.parametrize("height", [1.0, 30.0, 1000.0])
@pytest.mark.parametrize("states", [1, 2, 5])
def test_many_steps_at_once_are_as_good_as_one_by_one(states, height):
    rng = np.random.default_rng(states)
    log_initial = np.log(rng.dirichlet(np.ones(states)))
    transition = rng.dirichlet(np.ones(states), size=states)
    log_lik = height * rng.normal(size=(states, 3000)) - 5 * height
    log_lik[:, 1500] -= 1e5  # one observation that nobody expected
    expected = step_by_step(log_initial, transition, log_lik)
    assert_allclose(propagate(log_initial, transition, log_lik), expected, rtol=1e-11)


def test_what_nearly_vanished_is_not_lost_when_it_becomes_the_only_way():
    # State 1 starts at exp(−1000) of state 0, which the last observation excludes.
    log_lik = np.array([[0.0] * 50 + [-np.inf], [-1000.0] + [0.0] * 50])
    alpha = propagate(np.zeros(2), np.eye(2), log_lik)
    assert_allclose(alpha[1], -1000.0)
    assert_array_equal(alpha[0, -1], -np.inf)


def test_an_impossible_series_has_log_marginal_minus_infinity():
    model = HiddenMarkovModel(Categorical([1.0, 0.0]), np.eye(2), Poisson([0.0, 3.0]))
    assert model.log_marginal([0, 0, 2, 0] * 300) == -np.inf
    with pytest.raises(ValueError, match="distributions have total probability 0"):
        model.log_posterior([0, 0, 2, 0])


def test_equal_rows_of_the_transition_make_a_mixture():
    weights = [0.6, 0.3, 0.1]
    mixture = Mixture(Categorical(weights), Poisson([1.0, 5.0, 20.0]))
    model = HiddenMarkovModel(mixture.prior, np.tile(weights, (3, 1)), mixture.components)
    x = np.random.default_rng(1).poisson(6, size=40)
    rule = enumerate_support(mixture.prior)
    assert_allclose(model.log_marginal(x), log_marginal(mixture, x, rule).sum())
    assert_allclose(model.log_posterior(x), log_posterior(mixture, x, rule))


def test_the_numbering_of_the_states_does_not_matter():
    order = [2, 0, 1]
    renumbered = HiddenMarkovModel(
        Categorical(STICKY.initial.weights[order]),
        STICKY.transition[np.ix_(order, order)],
        Normal(STICKY.components.mean[order], STICKY.components.scale[order]),
    )
    _, x = STICKY.sample(300, rng=2)
    assert_allclose(renumbered.log_marginal(x), STICKY.log_marginal(x))
    assert_allclose(
        np.exp(renumbered.log_posterior(x)), np.exp(STICKY.log_posterior(x))[order], atol=1e-12
    )


def test_a_sampled_path_moves_as_often_as_the_transition_says():
    z, x = STICKY.sample(30_000, rng=3)
    moves = np.zeros((3, 3))
    np.add.at(moves, (z[:-1], z[1:]), 1)
    assert_allclose(moves / moves.sum(axis=1, keepdims=True), STICKY.transition, atol=0.02)
    assert_allclose([x[z == k].mean() for k in range(3)], [-1.0, 0.0, 4.0], atol=0.1)
    assert_array_equal(moves[STICKY.transition == 0], 0)


def test_the_first_state_is_drawn_from_the_initial_distribution():
    first = [STICKY.sample(1, rng=seed)[0][0] for seed in range(2000)]
    assert_allclose(np.bincount(first) / 2000, STICKY.initial.weights, atol=0.04)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: HiddenMarkovModel(Categorical([0.5, 0.5]), np.eye(3), Poisson([1.0, 2.0])),
            r"transition has shape \(3, 3\), expected \(2, 2\)",
        ),
        (
            lambda: HiddenMarkovModel(
                Categorical([0.5, 0.5]), [[0.5, 0.5], [0.5, 0.4]], Poisson([1.0, 2.0])
            ),
            "a row of transition sums to 0.9, expected 1",
        ),
        (
            lambda: HiddenMarkovModel(Categorical([0.5, 0.5]), np.eye(2), Poisson([1.0])),
            "1 components, expected 2",
        ),
        (lambda: STICKY.log_marginal([]), "the series has 0 observations, expected at least 1"),
        (lambda: STICKY.log_marginal([0.0, np.nan]), "observations contain 1 NaN"),
    ],
)
def test_an_error_carries_both_numbers(make, message):
    with pytest.raises(ValueError, match=message):
        make()
