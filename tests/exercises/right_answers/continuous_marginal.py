"""Right answers to chapter 4, in the styles that people write them."""

import math

import numpy as np
import scipy.integrate
import scipy.linalg
import scipy.special
import scipy.stats

# --- grid_log_marginal ---------------------------------------------------------------------------


def grid_from_neighbours(log_f, z):
    """As the notebook does it: each node owns half of the strip on either side."""
    widths = (np.diff(z, prepend=z[0]) + np.diff(z, append=z[-1])) / 2
    return scipy.special.logsumexp(log_f, b=widths)


def grid_strip_by_strip(log_f, z):
    total = -math.inf
    for g in range(len(z) - 1):
        a, b = float(log_f[g]), float(log_f[g + 1])
        m = max(a, b)
        if m == -math.inf:
            continue
        height = m + math.log((math.exp(a - m) + math.exp(b - m)) / 2)
        strip = height + math.log(z[g + 1] - z[g])
        m = max(total, strip)
        total = m + math.log(math.exp(total - m) + math.exp(strip - m))
    return total


def grid_with_trapezoid(log_f, z):
    m = log_f.max()
    if m == -np.inf:
        return -np.inf
    return float(m + np.log(np.trapezoid(np.exp(log_f - m), z)))


def grid_with_scipy(log_f, z):
    shift = np.nan_to_num(log_f.max(), neginf=0.0)
    with np.errstate(divide="ignore"):
        return np.log(scipy.integrate.trapezoid(np.exp(log_f - shift), x=z)) + shift


def grid_with_logaddexp(log_f, z):
    strips = np.logaddexp(log_f[1:], log_f[:-1]) - np.log(2) + np.log(np.diff(z))
    return np.logaddexp.reduce(strips)


def grid_cumulatively(log_f, z):
    if not np.isfinite(log_f).any():
        return float("-inf")
    m = np.max(log_f)
    return m + np.log(scipy.integrate.cumulative_trapezoid(np.exp(log_f - m), z)[-1])


def grid_with_einsum(log_f, z):
    m = log_f.max() if log_f.max() > -np.inf else 0.0
    f = np.exp(log_f - m)
    area = 0.5 * np.einsum("g,g->", f[1:] + f[:-1], z[1:] - z[:-1])
    return m + math.log(area) if area > 0 else -math.inf


def grid_in_single_precision(log_f, z):
    log_f, z = log_f.astype(np.float32), z.astype(np.float32)
    strips = np.logaddexp(log_f[1:], log_f[:-1]) + np.log(np.diff(z) / 2)
    return np.logaddexp.reduce(strips)


# --- rule_log_marginal ---------------------------------------------------------------------------


def rule_with_scipy(log_lik, log_weights):
    return scipy.special.logsumexp(log_lik + log_weights[:, None], axis=0)


def rule_with_weights_as_factors(log_lik, log_weights):
    return scipy.special.logsumexp(log_lik, axis=0, b=np.exp(log_weights)[:, None])


def rule_by_loops(log_lik, log_weights):
    answer = []
    for n in range(len(log_lik[0])):
        terms = [float(log_lik[s][n] + log_weights[s]) for s in range(len(log_weights))]
        m = max(terms)
        if m == -math.inf:
            answer.append(m)
        else:
            answer.append(m + math.log(math.fsum(math.exp(t - m) for t in terms)))
    return answer


def rule_by_hand(log_lik, log_weights):
    terms = np.add(log_lik.T, log_weights)
    m = terms.max(axis=1, keepdims=True)
    m = np.where(np.isneginf(m), 0.0, m)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(terms - m).sum(axis=1)) + m[:, 0]


def rule_with_logaddexp(log_lik, log_weights):
    return np.logaddexp.reduce(log_lik + log_weights.reshape(-1, 1), axis=0)


def rule_node_by_node(log_lik, log_weights):
    total = np.full(log_lik.shape[1], -np.inf)
    for row, weight in zip(log_lik, log_weights, strict=True):
        total = np.logaddexp(total, row + weight)
    return list(total)


def rule_with_einsum(log_lik, log_weights):
    m = np.nan_to_num(log_lik.max(axis=0), neginf=0.0)
    with np.errstate(divide="ignore"):
        return m + np.log(np.einsum("s,sn->n", np.exp(log_weights), np.exp(log_lik - m)))


def rule_in_single_precision(log_lik, log_weights):
    terms = log_lik.astype(np.float32) + log_weights.astype(np.float32)[:, None]
    return np.logaddexp.reduce(terms, axis=0)


# --- gaussian_log_marginal -----------------------------------------------------------------------


def gaussian_as_a_vector(x, prior_mean, prior_scale, scale):
    """As the notebook does it: one normal density with a full covariance matrix."""
    n, r = len(x), x - prior_mean
    covariance = scale**2 * np.eye(n) + prior_scale**2
    log_det = np.linalg.slogdet(covariance)[1]
    return -0.5 * (n * np.log(2 * np.pi) + log_det + r @ np.linalg.solve(covariance, r))


def gaussian_with_scipy(x, prior_mean, prior_scale, scale):
    n = len(x)
    covariance = scale**2 * np.identity(n) + prior_scale**2 * np.ones((n, n))
    return scipy.stats.multivariate_normal.logpdf(x, np.repeat(prior_mean, n), covariance)


def gaussian_one_by_one(x, prior_mean, prior_scale, scale):
    """Predict each reading from those before it."""
    mean, variance, total = prior_mean, prior_scale**2, 0.0
    for value in x.tolist():
        spread = variance + scale**2
        total += -0.5 * (math.log(2 * math.pi * spread) + (value - mean) ** 2 / spread)
        mean += variance / spread * (value - mean)
        variance *= scale**2 / spread
    return total


def gaussian_by_bayes(x, prior_mean, prior_scale, scale):
    """Prior times likelihood over posterior, at the posterior mean."""
    variance = 1 / (1 / prior_scale**2 + len(x) / scale**2)
    z = variance * (prior_mean / prior_scale**2 + x.sum() / scale**2)
    normal = scipy.stats.norm
    joint = normal(prior_mean, prior_scale).logpdf(z) + normal(z, scale).logpdf(x).sum()
    return float(joint - normal(z, np.sqrt(variance)).logpdf(z))


def gaussian_from_mean_and_scatter(x, prior_mean, prior_scale, scale):
    n, centre = len(x), sum(x) / len(x)
    return (
        scipy.stats.norm.logpdf(x, centre, scale).sum()
        + scipy.stats.norm.logpdf(centre, prior_mean, math.sqrt(prior_scale**2 + scale**2 / n))
        - scipy.stats.norm.logpdf(0.0, 0.0, scale / math.sqrt(n))
    )


def gaussian_on_a_grid_at_the_posterior(x, prior_mean, prior_scale, scale):
    spread = 1 / math.sqrt(1 / prior_scale**2 + len(x) / scale**2)
    mode = spread**2 * (prior_mean / prior_scale**2 + x.sum() / scale**2)
    z = mode + spread * np.linspace(-9, 9, 181)
    log_f = scipy.stats.norm.logpdf(x[:, None], z, scale).sum(axis=0)
    log_f += scipy.stats.norm.logpdf(z, prior_mean, prior_scale)
    return np.log(z[1] - z[0]) + np.logaddexp.reduce(log_f)


def gaussian_by_cholesky(x, prior_mean, prior_scale, scale):
    covariance = np.full((len(x), len(x)), prior_scale**2)
    np.fill_diagonal(covariance, prior_scale**2 + scale**2)
    factor = np.linalg.cholesky(covariance)
    u = scipy.linalg.solve_triangular(factor, x - prior_mean, lower=True)
    return scipy.stats.norm.logpdf(u).sum() - np.log(np.diag(factor)).sum()


def gaussian_in_single_precision(x, prior_mean, prior_scale, scale):
    x = np.asarray(x, dtype=np.float32)
    n, centre = len(x), x.mean()
    total = np.float32(scale**2 + n * prior_scale**2)
    quadratic = ((x - centre) ** 2).sum() / scale**2 + n * (centre - prior_mean) ** 2 / total
    log_det = (n - 1) * np.log(scale**2) + np.log(total)
    return np.float32(-0.5 * (n * np.log(2 * np.pi) + log_det + quadratic))


# --- ppca_log_marginal ---------------------------------------------------------------------------


def ppca_with_solve(x, loadings, mean, variance):
    """As the notebook does it: one normal density with a full covariance matrix."""
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    r = (x - mean).T
    quadratic = np.sum(r * np.linalg.solve(covariance, r), axis=0)
    log_det = np.linalg.slogdet(covariance)[1]
    return -0.5 * (len(mean) * np.log(2 * np.pi) + log_det + quadratic)


def ppca_with_scipy(x, loadings, mean, variance):
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    return np.atleast_1d(scipy.stats.multivariate_normal(mean, covariance).logpdf(x))


def ppca_row_by_row(x, loadings, mean, variance):
    d, q = loadings.shape
    w = loadings.tolist()
    covariance = [
        [sum(w[i][k] * w[j][k] for k in range(q)) + (variance if i == j else 0.0) for j in range(d)]
        for i in range(d)
    ]
    inverse = np.linalg.inv(covariance)
    constant = d * math.log(2 * math.pi) + np.linalg.slogdet(covariance).logabsdet
    return [-0.5 * float(constant + (row - mean) @ inverse @ (row - mean)) for row in x]


def ppca_with_small_matrices(x, loadings, mean, variance):
    """Woodbury and the determinant lemma: nothing larger than (Q, Q)."""
    d, q = loadings.shape
    r = x - mean
    small = np.eye(q) + loadings.T @ loadings / variance
    projected = r @ loadings / variance
    quadratic = np.einsum("nd,nd->n", r, r) / variance
    quadratic -= np.einsum("nq,nq->n", projected, np.linalg.solve(small, projected.T).T)
    log_det = d * np.log(variance) + np.linalg.slogdet(small)[1]
    return -0.5 * (d * np.log(2 * np.pi) + log_det + quadratic)


def ppca_with_eigenvectors(x, loadings, mean, variance):
    eigenvalues, vectors = np.linalg.eigh(loadings @ loadings.T + np.diag(0 * mean + variance))
    scores = (x - mean) @ vectors
    return scipy.stats.norm.logpdf(scores, 0.0, np.sqrt(eigenvalues)).sum(axis=1)


def ppca_with_singular_values(x, loadings, mean, variance):
    vectors, singular, _ = np.linalg.svd(loadings, full_matrices=True)
    spread = np.full(len(mean), float(variance))
    spread[: len(singular)] += singular**2
    scores = (x - mean) @ vectors
    return -0.5 * (np.log(2 * np.pi * spread) + scores**2 / spread).sum(axis=1)


def ppca_by_cholesky(x, loadings, mean, variance):
    factor = np.linalg.cholesky(
        np.einsum("iq,jq->ij", loadings, loadings) + variance * np.eye(len(mean))
    )
    u = scipy.linalg.solve_triangular(factor, (x - mean).T, lower=True)
    return (scipy.stats.norm.logpdf(u) - np.log(np.diag(factor))[:, None]).sum(axis=0).tolist()


def ppca_by_bayes(x, loadings, mean, variance):
    """Prior times likelihood over posterior, at the posterior mean."""
    normal = scipy.stats.norm
    precision = np.eye(loadings.shape[1]) + loadings.T @ loadings / variance
    z = np.linalg.solve(precision, loadings.T @ (x - mean).T / variance).T
    log_lik = normal.logpdf(x, mean + z @ loadings.T, np.sqrt(variance)).sum(axis=1)
    log_posterior = 0.5 * np.linalg.slogdet(precision / (2 * np.pi))[1]
    return normal.logpdf(z).sum(axis=1) + log_lik - log_posterior


def ppca_in_single_precision(x, loadings, mean, variance):
    x, loadings, mean = (np.asarray(a, dtype=np.float32) for a in (x, loadings, mean))
    precision = np.eye(loadings.shape[1], dtype=np.float32) + loadings.T @ loadings / variance
    z = np.linalg.solve(precision, loadings.T @ (x - mean).T / variance).T
    misfit = x - mean - z @ loadings.T
    quadratic = (misfit**2).sum(axis=1) / variance + (z**2).sum(axis=1)
    log_det = len(mean) * np.log(variance) + np.linalg.slogdet(precision)[1]
    return np.float32(-0.5) * (quadratic + log_det + len(mean) * np.log(2 * np.pi)).astype("f4")


RIGHT = {
    "continuous_marginal.grid_log_marginal": [
        grid_from_neighbours,
        grid_strip_by_strip,
        grid_with_trapezoid,
        grid_with_scipy,
        grid_with_logaddexp,
        grid_cumulatively,
        grid_with_einsum,
        grid_in_single_precision,
    ],
    "continuous_marginal.rule_log_marginal": [
        rule_with_scipy,
        rule_with_weights_as_factors,
        rule_by_loops,
        rule_by_hand,
        rule_with_logaddexp,
        rule_node_by_node,
        rule_with_einsum,
        rule_in_single_precision,
    ],
    "continuous_marginal.gaussian_log_marginal": [
        gaussian_as_a_vector,
        gaussian_with_scipy,
        gaussian_one_by_one,
        gaussian_by_bayes,
        gaussian_from_mean_and_scatter,
        gaussian_on_a_grid_at_the_posterior,
        gaussian_by_cholesky,
        gaussian_in_single_precision,
    ],
    "continuous_marginal.ppca_log_marginal": [
        ppca_with_solve,
        ppca_with_scipy,
        ppca_row_by_row,
        ppca_with_small_matrices,
        ppca_with_eigenvectors,
        ppca_with_singular_values,
        ppca_by_cholesky,
        ppca_by_bayes,
        ppca_in_single_precision,
    ],
}
