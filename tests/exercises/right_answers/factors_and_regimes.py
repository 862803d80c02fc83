"""Right answers to chapter 9, in the styles that people write them."""

import math

import numpy as np
import scipy.linalg
import scipy.special
import scipy.stats

# --- factor_covariance ---------------------------------------------------------------------------


def covariance_in_one_line(loadings, noise):
    return loadings @ loadings.T + np.diag(noise)


def covariance_factor_by_factor(loadings, noise):
    return sum((np.outer(column, column) for column in loadings.T), start=np.diag(noise))


def covariance_with_einsum(loadings, noise):
    return np.einsum("dq,eq->de", loadings, loadings) + np.eye(len(noise)) * noise


def covariance_by_loops(loadings, noise):
    d, q = loadings.shape
    return [
        [
            math.fsum(loadings[i][k] * loadings[j][k] for k in range(q))
            + (noise[i] if i == j else 0)
            for j in range(d)
        ]
        for i in range(d)
    ]


def covariance_in_place(loadings, noise):
    covariance = np.inner(loadings, loadings)
    covariance[np.diag_indices_from(covariance)] += noise
    return covariance


def covariance_of_all_that_is_random(loadings, noise):
    """Factors and noise together are one vector of independent standard normals."""
    everything = np.hstack([loadings, np.diag(np.sqrt(noise))])
    return everything @ everything.T


def covariance_in_single_precision(loadings, noise):
    loadings = loadings.astype(np.float32)
    return loadings @ loadings.T + np.diag(noise.astype(np.float32))


# --- factor_posterior_mean -----------------------------------------------------------------------


def mean_by_precision(loadings, noise, x):
    weighted = loadings / noise[:, None]
    return np.linalg.solve(np.eye(loadings.shape[1]) + weighted.T @ loadings, weighted.T @ x)


def mean_by_regression(loadings, noise, x):
    return loadings.T @ np.linalg.solve(loadings @ loadings.T + np.diag(noise), x)


def mean_by_least_squares_with_the_prior_as_data(loadings, noise, x):
    """The prior is Q more measurements, of the factors themselves, that all read zero."""
    scale, q = np.sqrt(noise), loadings.shape[1]
    rows = np.vstack([loadings / scale[:, None], np.eye(q)])
    return np.linalg.lstsq(rows, np.append(x / scale, np.zeros(q)), rcond=None)[0]


def mean_by_inverses(loadings, noise, x):
    psi_inverse = np.linalg.inv(np.diag(noise))
    covariance = np.linalg.inv(np.eye(loadings.shape[1]) + loadings.T @ psi_inverse @ loadings)
    return covariance @ loadings.T @ psi_inverse @ x


def mean_by_cholesky(loadings, noise, x):
    b = loadings / np.sqrt(noise)[:, None]
    factor = scipy.linalg.cho_factor(np.eye(b.shape[1]) + b.T @ b)
    return scipy.linalg.cho_solve(factor, b.T @ (x / np.sqrt(noise)))


def mean_one_measurement_after_another(loadings, noise, x):
    """Kalman's way: the posterior of one measurement is the prior of the next."""
    mean, covariance = np.zeros(loadings.shape[1]), np.eye(loadings.shape[1])
    for row, variance, reading in zip(loadings, noise, x, strict=True):
        gain = covariance @ row / (row @ covariance @ row + variance)
        mean = mean + gain * (reading - row @ mean)
        covariance = covariance - np.outer(gain, row @ covariance)
    return list(mean)


def mean_by_shrinking_least_squares(loadings, noise, x):
    """In the directions in which the factors can be told apart, each shrinks by itself."""
    scale = np.sqrt(noise)
    u, s, v = np.linalg.svd(loadings / scale[:, None], full_matrices=False)
    return v.T @ (s / (1 + s**2) * (u.T @ (x / scale)))


def mean_in_single_precision(loadings, noise, x):
    loadings, noise, x = (a.astype(np.float32) for a in (loadings, noise, x))
    weighted = loadings / noise[:, None]
    precision = np.eye(loadings.shape[1], dtype=np.float32) + weighted.T @ loadings
    return np.linalg.solve(precision, weighted.T @ x)


# --- hmm_log_marginal ----------------------------------------------------------------------------


def marginal_with_scipy(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for t in range(1, log_lik.shape[1]):
        steps = before[:, np.newaxis] + log_transition
        before = scipy.special.logsumexp(steps, axis=0) + log_lik[:, t]
    return scipy.special.logsumexp(before)


def marginal_by_logaddexp(log_initial, log_transition, log_lik):
    before = log_initial + log_lik[:, 0]
    for today in log_lik.T[1:]:
        before = np.logaddexp.reduce(before + log_transition.T, axis=1) + today
    return float(np.logaddexp.reduce(before))


def marginal_from_the_end(log_initial, log_transition, log_lik):
    after = np.zeros(len(log_initial))
    for tomorrow in log_lik.T[:0:-1]:
        after = np.logaddexp.reduce(log_transition + tomorrow + after, axis=1)
    return np.logaddexp.reduce(log_initial + log_lik[:, 0] + after)


def marginal_by_scaled_probabilities(log_initial, log_transition, log_lik):
    """Probabilities that are divided by their sum each day; the sums are what is asked for."""
    highest = log_lik.max(axis=0)
    if np.isneginf(highest).any():
        return -np.inf
    lik, transition = np.exp(log_lik - highest), np.exp(log_transition)
    state, total = np.exp(log_initial), highest.sum()
    for t, today in enumerate(lik.T):
        state = (state @ transition if t else state) * today
        total += np.log(state.sum())
        state = state / state.sum()
    return total


def marginal_by_predictions(log_initial, log_transition, log_lik):
    """One factor a day: how probable it was, given all days before it."""
    predicted, total = log_initial, 0.0
    for today in log_lik.T:
        joint = predicted + today
        evidence = np.logaddexp.reduce(joint)
        if evidence == -np.inf:
            return evidence
        total += evidence
        predicted = np.logaddexp.reduce((joint - evidence)[:, None] + log_transition, axis=0)
    return total


def marginal_by_products_of_tables(log_initial, log_transition, log_lik):
    """Every day is a table (K, K), and the tables multiply in any grouping."""

    def multiplied(a, b):
        return np.logaddexp.reduce(a[:, :, None] + b[None], axis=1)

    tables = [log_transition + today for today in log_lik.T[1:]]
    while len(tables) > 1:
        pairs = [multiplied(a, b) for a, b in zip(tables[::2], tables[1::2], strict=False)]
        tables = pairs + tables[2 * len(pairs) :]
    first = log_initial + log_lik[:, 0]
    return (
        np.logaddexp.reduce(first[:, None] + tables[0], axis=None)
        if tables
        else (np.logaddexp.reduce(first))
    )


def marginal_by_loops(log_initial, log_transition, log_lik):
    def total(terms):
        m = max(terms)
        return m if m == -math.inf else m + math.log(math.fsum(math.exp(a - m) for a in terms))

    states = range(len(log_initial))
    before = [log_initial[k] + log_lik[k][0] for k in states]
    for t in range(1, len(log_lik[0])):
        before = [
            total([before[j] + log_transition[j][k] for j in states]) + log_lik[k][t]
            for k in states
        ]
    return total(before)


def marginal_in_single_precision(log_initial, log_transition, log_lik):
    before = (log_initial + log_lik[:, 0]).astype(np.float32)
    for today in log_lik.T[1:].astype(np.float32):
        steps = before[:, None] + log_transition.astype(np.float32)
        before = np.logaddexp.reduce(steps, axis=0) + today
    return np.logaddexp.reduce(before)


# --- hmm_smoothed --------------------------------------------------------------------------------


def smoothed_with_scipy(log_initial, log_transition, log_lik):
    k, t = log_lik.shape
    alpha, beta = np.zeros((k, t)), np.zeros((k, t))
    alpha[:, 0] = log_initial + log_lik[:, 0]
    for i in range(1, t):
        steps = alpha[:, i - 1][:, None] + log_transition
        alpha[:, i] = log_lik[:, i] + scipy.special.logsumexp(steps, axis=0)
    for i in range(t - 2, -1, -1):
        steps = log_transition + (log_lik[:, i + 1] + beta[:, i + 1])[None, :]
        beta[:, i] = scipy.special.logsumexp(steps, axis=1)
    return np.exp(alpha + beta - scipy.special.logsumexp(alpha[:, -1]))


def smoothed_by_logaddexp(log_initial, log_transition, log_lik):
    before, after = [log_initial + log_lik[:, 0]], [np.zeros(len(log_lik))]
    for today in log_lik.T[1:]:
        before.append(np.logaddexp.reduce(before[-1] + log_transition.T, axis=1) + today)
    for tomorrow in log_lik.T[:0:-1]:
        after.append(np.logaddexp.reduce(log_transition + tomorrow + after[-1], axis=1))
    return scipy.special.softmax(np.array(before) + np.array(after[::-1]), axis=1).T


def smoothed_by_correcting_the_filter(log_initial, log_transition, log_lik):
    """Rauch's way: filter forwards, then ask on the way back where each step came from."""
    p = log_lik + 0.0
    p[:, 0] += log_initial
    for t in range(1, p.shape[1]):
        p[:, t] += np.logaddexp.reduce(p[:, t - 1, None] + log_transition, axis=0)
    p = scipy.special.softmax(p, axis=0)
    with np.errstate(divide="ignore"):
        log_p = np.log(p)
    for t in reversed(range(p.shape[1] - 1)):
        came_from = log_p[:, t, None] + log_transition
        total = np.logaddexp.reduce(came_from, axis=0)
        came_from = np.exp(came_from - np.where(np.isneginf(total), 0.0, total))
        p[:, t] = came_from @ p[:, t + 1]
    return p


def smoothed_by_scaled_probabilities(log_initial, log_transition, log_lik):
    lik, transition = np.exp(log_lik - log_lik.max(axis=0)), np.exp(log_transition)
    days = lik.shape[1]
    before, after = np.ones_like(lik), np.ones_like(lik)
    for t in range(days):
        before[:, t] = lik[:, t] * (before[:, t - 1] @ transition if t else np.exp(log_initial))
        before[:, t] /= before[:, t].sum()
    for t in range(days - 2, -1, -1):
        after[:, t] = transition @ (lik[:, t + 1] * after[:, t + 1])
        after[:, t] /= after[:, t].sum()
    return before * after / (before * after).sum(axis=0)


def smoothed_by_excluding_states(log_initial, log_transition, log_lik):
    """The share that is left of the marginal when a day may be in one state only."""
    k, t = log_lik.shape
    only = np.tile(log_lik, (k, t, 1, 1))  # the first two axes: which state, on which day
    for day in range(t):
        only[:, day, :, day] += np.where(np.eye(k) == 1, 0.0, -np.inf)
    before = log_initial + only[..., 0]
    for today in range(1, t):
        steps = before[..., None] + log_transition
        before = np.logaddexp.reduce(steps, axis=-2) + only[..., today]
    p = np.logaddexp.reduce(before, axis=-1)
    return np.exp(p - scipy.special.logsumexp(p, axis=0))


def smoothed_by_loops(log_initial, log_transition, log_lik):
    def total(terms):
        m = max(terms)
        return m if m == -math.inf else m + math.log(math.fsum(math.exp(a - m) for a in terms))

    k, t = log_lik.shape
    before = [[log_initial[j] + log_lik[j, 0] for j in range(k)]]
    for i in range(1, t):
        before.append(
            [
                total([before[-1][a] + log_transition[a, b] for a in range(k)]) + log_lik[b, i]
                for b in range(k)
            ]
        )
    after = [[0.0] * k]
    for i in range(t - 1, 0, -1):
        after.insert(
            0,
            [
                total([log_transition[a, b] + log_lik[b, i] + after[0][b] for b in range(k)])
                for a in range(k)
            ],
        )
    whole = total(before[-1])
    return [[math.exp(before[i][j] + after[i][j] - whole) for i in range(t)] for j in range(k)]


def smoothed_in_single_precision(log_initial, log_transition, log_lik):
    """Single precision needs logarithms that do not grow with the days."""
    log_initial, log_transition, log_lik = (
        a.astype(np.float32) for a in (log_initial, log_transition, log_lik - log_lik.max(axis=0))
    )
    before, after = log_lik.copy(), np.zeros_like(log_lik)
    before[:, 0] += log_initial
    for t in range(1, before.shape[1]):
        before[:, t] += np.logaddexp.reduce(before[:, t - 1, None] + log_transition, axis=0)
        before[:, t] -= before[:, t].max()
    for t in reversed(range(before.shape[1] - 1)):
        to_come = log_lik[:, t + 1] + after[:, t + 1]
        after[:, t] = np.logaddexp.reduce(log_transition + to_come, axis=1)
        after[:, t] -= after[:, t].max()
    return scipy.special.softmax(before + after, axis=0)


RIGHT = {
    "factors_and_regimes.factor_covariance": [
        covariance_in_one_line,
        covariance_factor_by_factor,
        covariance_with_einsum,
        covariance_by_loops,
        covariance_in_place,
        covariance_of_all_that_is_random,
        covariance_in_single_precision,
    ],
    "factors_and_regimes.factor_posterior_mean": [
        mean_by_precision,
        mean_by_regression,
        mean_by_least_squares_with_the_prior_as_data,
        mean_by_inverses,
        mean_by_cholesky,
        mean_one_measurement_after_another,
        mean_by_shrinking_least_squares,
        mean_in_single_precision,
    ],
    "factors_and_regimes.hmm_log_marginal": [
        marginal_with_scipy,
        marginal_by_logaddexp,
        marginal_from_the_end,
        marginal_by_scaled_probabilities,
        marginal_by_predictions,
        marginal_by_products_of_tables,
        marginal_by_loops,
        marginal_in_single_precision,
    ],
    "factors_and_regimes.hmm_smoothed": [
        smoothed_with_scipy,
        smoothed_by_logaddexp,
        smoothed_by_correcting_the_filter,
        smoothed_by_scaled_probabilities,
        smoothed_by_excluding_states,
        smoothed_by_loops,
        smoothed_in_single_precision,
    ],
}
