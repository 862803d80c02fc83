"""Right answers to chapter 10, in the styles that people write them."""

import math

import numpy as np
import scipy.special
import scipy.stats
from scipy.special import gammaln

# --- gamma_poisson_log_marginal ------------------------------------------------------------------


def marginal_by_formula(counts, shape, rate):
    a, b = shape + np.sum(counts), rate + len(counts)
    prior = shape * np.log(rate) - gammaln(shape)
    return prior + gammaln(a) - a * np.log(b) - np.sum(gammaln(counts + 1))


def marginal_by_loops(counts, shape, rate):
    a, b, factorials = shape, rate, 0.0
    for count in counts:
        a, b = a + float(count), b + 1
        factorials += math.lgamma(count + 1)
    prior = shape * math.log(rate) - math.lgamma(shape)
    return prior + math.lgamma(a) - a * math.log(b) - factorials


def marginal_by_bayes(counts, shape, rate):
    """Joint over posterior, at any rate."""
    a, b = shape + counts.sum(), rate + counts.size
    z = a / b
    joint = scipy.stats.gamma.logpdf(z, shape, scale=1 / rate)
    joint += scipy.stats.poisson.logpmf(counts, z).sum()
    return joint - scipy.stats.gamma.logpdf(z, a, scale=1 / b)


def marginal_as_predictions(counts, shape, rate):
    total = 0.0
    for count in counts:
        total += scipy.stats.nbinom.logpmf(count, shape, rate / (rate + 1))
        shape, rate = shape + count, rate + 1
    return total


def marginal_of_total_and_shares(counts, shape, rate):
    """The total is negative binomial; given it, events fall on the years at random."""
    total, n = np.sum(counts), len(counts)
    if n == 0:
        return 0
    shares = gammaln(total + 1) - np.sum(gammaln(counts + 1)) - total * np.log(n)
    return scipy.stats.nbinom.logpmf(total, shape, rate / (rate + n)) + shares


def marginal_with_rising_factorial(counts, shape, rate):
    total, n = np.sum(counts), len(counts)
    ratio = np.sum(np.log(shape + np.arange(int(total))))
    chance = -shape * np.log1p(n / rate) - total * np.log(rate + n)
    return np.array(ratio + chance - sum(math.lgamma(count + 1) for count in counts))


def marginal_in_single_precision(counts, shape, rate):
    return np.float32(marginal_by_formula(counts, shape, rate))


# --- log_predictive ------------------------------------------------------------------------------


def predictive_with_scipy(counts, shape, rate):
    a, b = shape + np.cumsum(counts) - counts, rate + np.arange(len(counts))
    return scipy.stats.nbinom.logpmf(counts, a, b / (b + 1))


def predictive_by_updating(counts, shape, rate):
    answer = []
    for count in counts:
        answer.append(scipy.stats.nbinom.logpmf(count, shape, rate / (rate + 1)))
        shape, rate = shape + count, rate + 1
    return answer


def predictive_from_marginals(counts, shape, rate):
    wholes = [marginal_by_formula(counts[:n], shape, rate) for n in range(len(counts) + 1)]
    return np.diff(wholes)


def predictive_by_loops(counts, shape, rate):
    a, b, answer = shape, rate, np.empty(len(counts))
    for n, count in enumerate(counts):
        choose = math.lgamma(a + count) - math.lgamma(a) - math.lgamma(count + 1)
        answer[n] = choose + a * math.log(b / (b + 1)) - count * math.log(b + 1)
        a, b = a + count, b + 1
    return answer


def predictive_with_beta_function(counts, shape, rate):
    before = np.concatenate([[0.0], np.cumsum(counts)[:-1]])
    a, b = shape + before, rate + np.arange(counts.size)
    choose = -scipy.special.betaln(a, counts + 1) - np.log(a + counts)
    return choose - a * np.log1p(1 / b) - counts * np.log1p(b)


def predictive_with_triangle(counts, shape, rate):
    earlier = np.tri(len(counts), k=-1)
    a, b = shape + earlier @ counts, rate + earlier.sum(axis=1)
    ratio = gammaln(a + counts) - gammaln(a) - gammaln(counts + 1)
    return list(ratio + a * np.log(b) - (a + counts) * np.log(b + 1))


def predictive_in_single_precision(counts, shape, rate):
    return predictive_with_scipy(counts, shape, rate).astype(np.float32)


# --- changepoint_log_evidence --------------------------------------------------------------------


def evidence_by_slices(counts, shape, rate):
    places = range(len(counts))
    return [
        marginal_by_formula(counts[:t], shape, rate) + marginal_by_formula(counts[t:], shape, rate)
        for t in places
    ]


def evidence_by_running_totals(counts, shape, rate):
    n, before = np.arange(len(counts)), np.append(0, np.cumsum(counts)[:-1])
    a = shape + np.stack([before, counts.sum() - before])
    b = rate + np.stack([n, len(counts) - n])
    parts = shape * np.log(rate) - gammaln(shape) + gammaln(a) - a * np.log(b)
    return parts.sum(axis=0) - gammaln(counts + 1).sum()


def evidence_by_predictions(counts, shape, rate):
    """Forwards up to the change, and from the change on backwards."""
    forwards = np.cumsum(predictive_with_scipy(counts, shape, rate))
    backwards = np.cumsum(predictive_with_scipy(counts[::-1], shape, rate))[::-1]
    return np.append(0.0, forwards[:-1]) + backwards


def evidence_with_a_mask(counts, shape, rate):
    later = np.tri(len(counts)).T  # row t has ones from t on
    answer = -gammaln(counts + 1).sum()
    for mask in (later, 1 - later):
        a, b = shape + mask @ counts, rate + mask.sum(axis=1)
        answer = answer + shape * np.log(rate) - gammaln(shape) + gammaln(a) - a * np.log(b)
    return answer


def evidence_by_loops(counts, shape, rate):
    answer = np.empty(len(counts))
    for t in range(len(counts)):
        answer[t] = sum(marginal_by_loops(part, shape, rate) for part in (counts[:t], counts[t:]))
    return answer


def evidence_by_moving_the_change(counts, shape, rate):
    """Each step takes one count from the second part into the first."""
    a1, b1 = shape, rate
    a2, b2 = shape + counts.sum(), rate + len(counts)
    answer = [marginal_by_formula(counts, shape, rate)]
    for x in counts[:-1]:
        gain = math.lgamma(a1 + x) + a1 * math.log(b1) - math.lgamma(a1)
        gain -= (a1 + x) * math.log(b1 + 1)
        loss = math.lgamma(a2 - x) + a2 * math.log(b2) - math.lgamma(a2)
        loss -= (a2 - x) * math.log(b2 - 1)
        answer.append(answer[-1] + gain + loss)
        a1, b1, a2, b2 = a1 + x, b1 + 1, a2 - x, b2 - 1
    return np.array(answer)


def evidence_in_single_precision(counts, shape, rate):
    return evidence_by_running_totals(counts, shape, rate).astype(np.float32)


# --- posterior_rates -----------------------------------------------------------------------------


def rates_by_loops(counts, log_weights, shape, rate):
    m = max(log_weights)
    weights = [math.exp(w - m) for w in log_weights]
    answer = [0.0] * len(counts)
    for t, weight in enumerate(weights):
        first = (shape + sum(counts[:t])) / (rate + t)
        second = (shape + sum(counts[t:])) / (rate + len(counts) - t)
        for i in range(len(counts)):
            answer[i] += weight / sum(weights) * (first if i < t else second)
    return answer


def rates_by_running_sums(counts, log_weights, shape, rate):
    n, before = np.arange(len(counts)), np.append(0, np.cumsum(counts)[:-1])
    w = scipy.special.softmax(log_weights)
    first = w * (shape + before) / (rate + n)
    second = w * (shape + counts.sum() - before) / (rate + len(counts) - n)
    return np.cumsum(second) + first.sum() - np.cumsum(first)


def rates_by_matrix(counts, log_weights, shape, rate):
    w = np.exp(log_weights - scipy.special.logsumexp(log_weights))
    t, i = np.ogrid[: len(counts), : len(counts)]
    before = np.array([counts[:k].sum() for k in range(len(counts))])[:, None]
    table = np.where(
        i < t,
        (shape + before) / (rate + t),
        (shape + counts.sum() - before) / (rate + len(counts) - t),
    )
    return (w[:, None] * table).sum(axis=0)


def rates_with_einsum(counts, log_weights, shape, rate):
    later = np.triu(np.ones((len(counts), len(counts))))
    w = np.exp(log_weights - np.max(log_weights))
    second = (shape + later @ counts) / (rate + later.sum(axis=1))
    first = (shape + (1 - later) @ counts) / (rate + (1 - later).sum(axis=1))
    total = np.einsum("t,t,ti->i", w, second, later)
    return (total + np.einsum("t,t,ti->i", w, first, 1 - later)) / w.sum()


def rates_in_logs(counts, log_weights, shape, rate):
    size = len(counts)
    log_rates = np.empty((size, size))
    for t in range(size):
        log_rates[t, :t] = np.log((shape + counts[:t].sum()) / (rate + t))
        log_rates[t, t:] = np.log((shape + counts[t:].sum()) / (rate + size - t))
    total = scipy.special.logsumexp(log_weights)
    return np.exp(scipy.special.logsumexp(log_weights[:, None] + log_rates, axis=0) - total)


def rates_year_by_year(counts, log_weights, shape, rate):
    w = scipy.special.softmax(log_weights)
    first = [(shape + counts[:t].sum()) / (rate + t) for t in range(len(w))]
    second = [(shape + counts[t:].sum()) / (rate + len(w) - t) for t in range(len(w))]
    return np.array(
        [
            np.dot(w[: i + 1], second[: i + 1]) + np.dot(w[i + 1 :], first[i + 1 :])
            for i in range(len(w))
        ]
    )


def rates_in_single_precision(counts, log_weights, shape, rate):
    return rates_by_running_sums(counts, log_weights, shape, rate).astype(np.float32)


RIGHT = {
    "capstone.gamma_poisson_log_marginal": [
        marginal_by_formula,
        marginal_by_loops,
        marginal_by_bayes,
        marginal_as_predictions,
        marginal_of_total_and_shares,
        marginal_with_rising_factorial,
        marginal_in_single_precision,
    ],
    "capstone.log_predictive": [
        predictive_with_scipy,
        predictive_by_updating,
        predictive_from_marginals,
        predictive_by_loops,
        predictive_with_beta_function,
        predictive_with_triangle,
        predictive_in_single_precision,
    ],
    "capstone.changepoint_log_evidence": [
        evidence_by_slices,
        evidence_by_running_totals,
        evidence_by_predictions,
        evidence_with_a_mask,
        evidence_by_loops,
        evidence_by_moving_the_change,
        evidence_in_single_precision,
    ],
    "capstone.posterior_rates": [
        rates_by_loops,
        rates_by_running_sums,
        rates_by_matrix,
        rates_with_einsum,
        rates_in_logs,
        rates_year_by_year,
        rates_in_single_precision,
    ],
}
