"""Right answers to chapter 5, in the styles that people write them."""

import math

import numpy as np
import scipy.special
import scipy.stats

# --- mc_log_marginal -----------------------------------------------------------------------------


def mc_with_scipy(log_lik):
    return scipy.special.logsumexp(log_lik, axis=0) - np.log(log_lik.shape[0])


def mc_with_equal_weights(log_lik):
    return scipy.special.logsumexp(log_lik, axis=0, b=1 / len(log_lik))


def mc_as_a_rule(log_lik):
    log_weights = np.full(len(log_lik), -np.log(len(log_lik)))
    return np.logaddexp.reduce(log_lik + log_weights[:, None], axis=0)


def mc_by_loops(log_lik):
    answer = []
    for n in range(len(log_lik[0])):
        column = [float(row[n]) for row in log_lik]
        m = max(column)
        if m == -math.inf:
            answer.append(m)
        else:
            answer.append(m + math.log(math.fsum(math.exp(a - m) for a in column) / len(column)))
    return answer


def mc_by_hand(log_lik):
    m = np.nan_to_num(log_lik.max(axis=0), neginf=0.0)
    with np.errstate(divide="ignore"):
        return m + np.log(np.exp(log_lik - m).mean(axis=0))


def mc_draw_by_draw(log_lik):
    """A running mean, which never holds more than one draw."""
    mean = np.full(log_lik.shape[1], -np.inf)
    for s, row in enumerate(log_lik, start=1):
        mean = np.logaddexp(mean + np.log((s - 1) / s) if s > 1 else mean, row - np.log(s))
    return list(mean)


def mc_with_einsum(log_lik):
    m = np.where(np.isneginf(log_lik.max(axis=0)), 0.0, log_lik.max(axis=0))
    with np.errstate(divide="ignore"):
        return m + np.log(np.einsum("sn->n", np.exp(log_lik - m)) / len(log_lik))


def mc_in_single_precision(log_lik):
    log_lik = log_lik.astype(np.float32)
    return np.logaddexp.reduce(log_lik, axis=0) - np.float32(np.log(len(log_lik)))


# --- mc_standard_error ---------------------------------------------------------------------------


def error_by_shifting(log_lik):
    ratio = np.exp(log_lik - log_lik.max())
    return ratio.std(ddof=1) / ratio.mean() / np.sqrt(len(ratio))


def error_with_scipy(log_lik):
    ratio = np.exp(log_lik - scipy.special.logsumexp(log_lik) + np.log(len(log_lik)))
    return scipy.stats.sem(ratio)


def error_by_coefficient_of_variation(log_lik):
    ratio = np.exp(log_lik - np.max(log_lik))
    return scipy.stats.variation(ratio, ddof=1) / math.sqrt(len(ratio))


def error_from_shares(log_lik):
    s = len(log_lik)
    shares = scipy.special.softmax(log_lik)
    return np.sqrt(s / (s - 1) * np.sum((shares - 1 / s) ** 2))


def error_from_effective_draws(log_lik):
    s, total = len(log_lik), scipy.special.logsumexp(log_lik)
    inverse_size = np.exp(scipy.special.logsumexp(2 * log_lik) - 2 * total)
    return np.sqrt((inverse_size - 1 / s) * s / (s - 1))


def error_by_loops(log_lik):
    values = [float(a) for a in log_lik]
    m = max(values)
    ratios = [math.exp(a - m) for a in values]
    mean = math.fsum(ratios) / len(ratios)
    variance = math.fsum((r - mean) ** 2 for r in ratios) / (len(ratios) - 1)
    return math.sqrt(variance / len(ratios)) / mean


def error_by_leaving_one_out(log_lik):
    """The jackknife error of a mean is its standard error."""
    s = len(log_lik)
    ratio = np.exp(log_lik - log_lik.max())
    others = (ratio.sum() - ratio) / (s - 1)
    return np.sqrt((s - 1) * np.mean((others - others.mean()) ** 2)) / ratio.mean()


def error_in_single_precision(log_lik):
    ratio = np.exp((log_lik - log_lik.max()).astype(np.float32))
    return np.std(ratio, ddof=1) / np.mean(ratio) / np.sqrt(np.float32(len(ratio)))


# --- is_log_marginal -----------------------------------------------------------------------------


def is_with_scipy(log_joint, log_q):
    return scipy.special.logsumexp(log_joint - log_q) - np.log(len(log_joint))


def is_with_factors(log_joint, log_q):
    return float(scipy.special.logsumexp(log_joint - log_q, b=1 / len(log_q)))


def is_as_a_rule(log_joint, log_q):
    log_weights = -np.log(len(log_q)) - log_q
    return np.logaddexp.reduce(log_joint + log_weights)


def is_by_loops(log_joint, log_q):
    weights = [float(p) - float(q) for p, q in zip(log_joint, log_q, strict=True)]
    m = max(weights)
    if m == -math.inf:
        return m
    return m + math.log(math.fsum(math.exp(w - m) for w in weights) / len(weights))


def is_by_hand(log_joint, log_q):
    w = np.subtract(log_joint, log_q)
    m = w.max() if w.max() > -np.inf else 0.0
    with np.errstate(divide="ignore"):
        return m + np.log(np.exp(w - m).mean())


def is_draw_by_draw(log_joint, log_q):
    total = -np.inf
    for p, q in zip(log_joint, log_q, strict=True):
        total = np.logaddexp(total, p - q)
    return total - math.log(len(log_q))


def is_as_an_array_without_axes(log_joint, log_q):
    return np.array(scipy.special.logsumexp(log_joint - log_q) - np.log(log_q.size))


def is_in_single_precision(log_joint, log_q):
    w = (log_joint - log_q).astype(np.float32)
    return np.logaddexp.reduce(w) - np.float32(np.log(len(w)))


# --- effective_sample_size -----------------------------------------------------------------------


def size_in_logs(log_weights):
    total = scipy.special.logsumexp(log_weights)
    return np.exp(2 * total - scipy.special.logsumexp(2 * log_weights))


def size_by_shifting(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return w.sum() ** 2 / (w @ w)


def size_from_shares(log_weights):
    return 1 / np.sum(scipy.special.softmax(log_weights) ** 2)


def size_from_relative_variance(log_weights):
    w = np.exp(log_weights - np.max(log_weights))
    return len(w) / (1 + np.var(w) / np.mean(w) ** 2)


def size_from_the_mean_square(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return len(w) * np.mean(w) ** 2 / np.mean(w**2)


def size_by_loops(log_weights):
    m = max(float(a) for a in log_weights)
    weights = [math.exp(a - m) for a in log_weights]
    return math.fsum(weights) ** 2 / math.fsum(w * w for w in weights)


def size_with_einsum(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return np.einsum("s->", w) ** 2 / np.einsum("s,s->", w, w)


def size_in_single_precision(log_weights):
    w = np.exp((log_weights - log_weights.max()).astype(np.float32))
    return np.sum(w) ** 2 / np.sum(w**2)


RIGHT = {
    "monte_carlo.mc_log_marginal": [
        mc_with_scipy,
        mc_with_equal_weights,
        mc_as_a_rule,
        mc_by_loops,
        mc_by_hand,
        mc_draw_by_draw,
        mc_with_einsum,
        mc_in_single_precision,
    ],
    "monte_carlo.mc_standard_error": [
        error_by_shifting,
        error_with_scipy,
        error_by_coefficient_of_variation,
        error_from_shares,
        error_from_effective_draws,
        error_by_loops,
        error_by_leaving_one_out,
        error_in_single_precision,
    ],
    "monte_carlo.is_log_marginal": [
        is_with_scipy,
        is_with_factors,
        is_as_a_rule,
        is_by_loops,
        is_by_hand,
        is_draw_by_draw,
        is_as_an_array_without_axes,
        is_in_single_precision,
    ],
    "monte_carlo.effective_sample_size": [
        size_in_logs,
        size_by_shifting,
        size_from_shares,
        size_from_relative_variance,
        size_from_the_mean_square,
        size_by_loops,
        size_with_einsum,
        size_in_single_precision,
    ],
}
