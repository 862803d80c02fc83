"""Right answers to chapter 3, in the many styles in which people write them."""

import math

import numpy as np
import scipy

# --- logsumexp ---------------------------------------------------------------------------------


def shifted(a, axis):
    m = np.max(a, axis=axis, keepdims=True)
    m = np.where(np.isfinite(m), m, 0.0)
    with np.errstate(divide="ignore"):
        return np.squeeze(m, axis) + np.log(np.exp(a - m).sum(axis=axis))


def from_scipy(a, axis):
    return scipy.special.logsumexp(a, axis=axis)


def by_pairs(a, axis):
    return np.logaddexp.reduce(a, axis=axis)


def row_by_row(a, axis):
    def one(terms):
        m = max(terms)
        if m == -math.inf:
            return -math.inf
        return m + math.log(math.fsum(math.exp(t - m) for t in terms))

    return np.apply_along_axis(one, axis, a)


def nested_lists(a, axis):
    last = np.moveaxis(a, axis, -1)
    rows = last.reshape(-1, last.shape[-1])
    sums = [_add_logs(row) for row in rows]
    return np.array(sums).reshape(last.shape[:-1]).tolist()


def single_precision(a, axis):
    small = a.astype(np.float32)
    m = small.max(axis=axis, keepdims=True)
    m[np.isneginf(m)] = 0
    with np.errstate(divide="ignore"):
        return (m + np.log(np.exp(small - m).sum(axis=axis, keepdims=True))).squeeze(axis)


def sorted_terms(a, axis):
    ordered = np.moveaxis(np.sort(a, axis=axis), axis, 0)
    largest = ordered[-1]
    safe = np.where(largest == -np.inf, 0.0, largest)
    return largest + np.log1p(np.exp(ordered[:-1] - safe).sum(axis=0))


def _add_logs(terms):
    total = -math.inf
    for term in terms:
        high, low = max(total, term), min(total, term)
        total = high if low == -math.inf else high + math.log1p(math.exp(low - high))
    return float(total)


# --- log_marginal ------------------------------------------------------------------------------


def marginal_from_scipy(log_prior, log_lik):
    return scipy.special.logsumexp(log_prior[:, None] + log_lik, axis=0)


def marginal_with_weights(log_prior, log_lik):
    return scipy.special.logsumexp(log_lik, axis=0, b=np.exp(log_prior)[:, np.newaxis])


def marginal_by_loops(log_prior, log_lik):
    n_components, n = log_lik.shape
    return [
        _add_logs([log_prior[k] + log_lik[k, i] for k in range(n_components)]) for i in range(n)
    ]


def marginal_by_pairs(log_prior, log_lik):
    total = np.full(log_lik.shape[1], -np.inf)
    for weight, row in zip(log_prior, log_lik, strict=True):
        total = np.logaddexp(total, weight + row)
    return total


def marginal_by_einsum(log_prior, log_lik):
    m = log_lik.max(axis=0)
    m = np.where(m == -np.inf, 0, m)
    with np.errstate(divide="ignore"):
        return m + np.log(np.einsum("k,kn->n", np.exp(log_prior), np.exp(log_lik - m)))


def marginal_by_matrix_product(log_prior, log_lik):
    m = np.nan_to_num(log_lik.max(axis=0), neginf=0.0)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(log_prior) @ np.exp(log_lik - m)) + m


def marginal_in_single_precision(log_prior, log_lik):
    joint = log_prior.astype(np.float32).reshape(-1, 1) + log_lik.astype(np.float32)
    return np.logaddexp.reduce(joint, axis=0)


def marginal_transposed(log_prior, log_lik):
    return scipy.special.logsumexp(log_lik.T + log_prior, axis=1).tolist()


# --- responsibilities --------------------------------------------------------------------------


def softmax(log_prior, log_lik):
    return scipy.special.softmax(log_prior[:, None] + log_lik, axis=0)


def joint_minus_marginal(log_prior, log_lik):
    joint = log_prior[:, None] + log_lik
    return np.exp(joint - np.logaddexp.reduce(joint, axis=0))


def shifted_and_divided(log_prior, log_lik):
    joint = log_prior[:, None] + log_lik
    r = np.exp(joint - joint.max(axis=0))
    return r / r.sum(axis=0, keepdims=True)


def by_odds(log_prior, log_lik):
    """Each responsibility is one over the sum of the odds against it."""
    joint = log_prior[:, None] + log_lik
    with np.errstate(over="ignore", invalid="ignore"):
        odds = np.exp(joint[None, :, :] - joint[:, None, :]).sum(axis=1)
    return np.where(np.isneginf(joint), 0.0, 1 / odds)


def by_loops(log_prior, log_lik):
    n_components, n = log_lik.shape
    table = [[0.0] * n for _ in range(n_components)]
    for i in range(n):
        joint = [log_prior[k] + log_lik[k][i] for k in range(n_components)]
        total = _add_logs(joint)
        for k in range(n_components):
            table[k][i] = math.exp(joint[k] - total)
    return table


def softmax_of_rows(log_prior, log_lik):
    return np.stack([scipy.special.softmax(log_prior + column) for column in log_lik.T], axis=1)


def in_single_precision(log_prior, log_lik):
    joint = (log_prior[:, None] + log_lik).astype(np.float32)
    r = np.exp(joint - joint.max(axis=0))
    return r / r.sum(axis=0)


# --- dataset_log_likelihood --------------------------------------------------------------------


def total_from_scipy(log_prior, log_lik):
    return scipy.special.logsumexp(log_prior[:, None] + log_lik, axis=0).sum()


def total_as_float(log_prior, log_lik):
    return float(np.sum(np.logaddexp.reduce(log_prior[:, None] + log_lik)))


def total_by_loops(log_prior, log_lik):
    return math.fsum(_add_logs(log_prior + column) for column in log_lik.T)


def total_with_weights(log_prior, log_lik):
    weights = np.exp(log_prior)[:, None]
    return np.add.reduce(scipy.special.logsumexp(log_lik, b=weights, axis=0))


def total_in_single_precision(log_prior, log_lik):
    joint = log_prior.astype(np.float32)[:, None] + log_lik.astype(np.float32)
    return np.logaddexp.reduce(joint, axis=0).sum(dtype=np.float32)


def total_in_pieces(log_prior, log_lik):
    total = 0.0
    for column in np.transpose(log_lik):
        m = column.max()
        if m == -np.inf:
            return -np.inf
        total += m + np.log(np.dot(np.exp(log_prior), np.exp(column - m)))
    return total


def total_from_posterior(log_prior, log_lik):
    """Log joint minus log posterior is the log marginal, whichever component one takes."""
    joint = log_prior[:, None] + log_lik
    possible = joint.max(axis=0) > -np.inf
    if not possible.all():
        return np.array(-np.inf)
    log_r = scipy.special.log_softmax(joint, axis=0)
    k = joint.argmax(axis=0)
    n = np.arange(joint.shape[1])
    return (joint[k, n] - log_r[k, n]).sum()


RIGHT = {
    "discrete_marginal.logsumexp": [
        shifted,
        from_scipy,
        by_pairs,
        row_by_row,
        nested_lists,
        single_precision,
        sorted_terms,
    ],
    "discrete_marginal.log_marginal": [
        marginal_from_scipy,
        marginal_with_weights,
        marginal_by_loops,
        marginal_by_pairs,
        marginal_by_einsum,
        marginal_by_matrix_product,
        marginal_in_single_precision,
        marginal_transposed,
    ],
    "discrete_marginal.responsibilities": [
        softmax,
        joint_minus_marginal,
        shifted_and_divided,
        by_odds,
        by_loops,
        softmax_of_rows,
        in_single_precision,
    ],
    "discrete_marginal.dataset_log_likelihood": [
        total_from_scipy,
        total_as_float,
        total_by_loops,
        total_with_weights,
        total_in_single_precision,
        total_in_pieces,
        total_from_posterior,
    ],
}
