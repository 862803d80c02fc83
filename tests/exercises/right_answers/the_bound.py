"""Right answers to chapter 7, in the styles that people write them."""

import math

import numpy as np
import scipy.special
import scipy.stats

# --- elbo ----------------------------------------------------------------------------------------


def elbo_inside(log_joint, q):
    inside = q > 0
    return q[inside] @ (log_joint[inside] - np.log(q[inside]))


def elbo_with_entropy(log_joint, q):
    return np.where(q > 0, q * np.where(q > 0, log_joint, 0.0), 0.0).sum() + scipy.stats.entropy(q)


def elbo_with_entr(log_joint, q):
    expected = sum(weight * value for weight, value in zip(q, log_joint, strict=True) if weight)
    return float(expected + scipy.special.entr(q).sum())


def elbo_by_loops(log_joint, q):
    terms = []
    for p, b in zip(log_joint.tolist(), q.tolist(), strict=True):
        if b == 0:
            continue
        if p == -math.inf:
            return -math.inf
        terms.append(b * (p - math.log(b)))
    return math.fsum(terms)


def elbo_with_where(log_joint, q):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sum(np.where(q == 0, 0.0, q * (log_joint - np.log(q))))


def elbo_with_nansum(log_joint, q):
    """The NaN here are zeros times infinity, and zeros."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nansum(q * log_joint) - np.nansum(q * np.log(q))


def elbo_as_marginal_less_gap(log_joint, q):
    log_px = scipy.special.logsumexp(log_joint)
    if log_px == -np.inf:
        return log_px
    inside = q > 0
    return log_px - np.sum(q[inside] * (np.log(q[inside]) - (log_joint - log_px)[inside]))


def elbo_in_single_precision(log_joint, q):
    inside = q > 0
    log_joint, q = log_joint[inside].astype(np.float32), q[inside].astype(np.float32)
    return np.sum(q * (log_joint - np.log(q)))


# --- kl_normal -----------------------------------------------------------------------------------


def kl_as_in_the_books(mean, scale, prior_mean, prior_scale):
    squares = scale**2 + (mean - prior_mean) ** 2
    return np.log(prior_scale / scale) + squares / (2 * prior_scale**2) - 0.5


def kl_with_variances(mean, scale, prior_mean, prior_scale):
    v, w = scale**2, prior_scale**2
    return 0.5 * (v / w + (mean - prior_mean) ** 2 / w - 1 - np.log(v / w))


def kl_as_difference_of_entropies(mean, scale, prior_mean, prior_scale):
    def log_density(x, centre, width):
        return scipy.stats.norm.logpdf(x, centre, width)

    cross = log_density(mean, prior_mean, prior_scale) - 0.5 * (scale / prior_scale) ** 2
    return -(0.5 + np.log(scale) + 0.5 * np.log(2 * np.pi)) - cross


def kl_by_quadrature(mean, scale, prior_mean, prior_scale):
    """Three nodes integrate a quadratic exactly."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    mean, scale, prior_mean, prior_scale = (
        np.asarray(a)[..., None] for a in (mean, scale, prior_mean, prior_scale)
    )
    z = mean + scale * nodes
    log_ratio = np.log(prior_scale / scale) + 0.5 * (((z - prior_mean) / prior_scale) ** 2)
    return (log_ratio - 0.5 * nodes**2) @ weights / weights.sum()


def kl_by_loops(mean, scale, prior_mean, prior_scale):
    arguments = np.broadcast_arrays(mean, scale, prior_mean, prior_scale)
    answer = np.empty(arguments[0].shape)
    for i in np.ndindex(answer.shape):
        m, s, m0, s0 = (float(a[i]) for a in arguments)
        answer[i] = math.log(s0) - math.log(s) + (s * s + (m - m0) ** 2) / (2 * s0 * s0) - 0.5
    return answer


def kl_vectorized(mean, scale, prior_mean, prior_scale):
    def one(m, s, m0, s0):
        return math.log(s0 / s) + 0.5 * ((s / s0) ** 2 + ((m - m0) / s0) ** 2 - 1)

    return np.vectorize(one)(mean, scale, prior_mean, prior_scale)


def kl_without_cancelling(mean, scale, prior_mean, prior_scale):
    excess = (scale - prior_scale) * (scale + prior_scale) / prior_scale**2
    return 0.5 * (excess - np.log1p(excess) + ((mean - prior_mean) / prior_scale) ** 2)


def kl_in_single_precision(mean, scale, prior_mean, prior_scale):
    m, s, m0, s0 = (np.asarray(a, np.float32) for a in (mean, scale, prior_mean, prior_scale))
    return np.log(s0 / s) + ((s / s0) ** 2 + ((m - m0) / s0) ** 2) / 2 - np.float32(0.5)


# --- iwae_bound ----------------------------------------------------------------------------------


def iwae_with_scipy(log_weights):
    return scipy.special.logsumexp(log_weights, axis=0) - np.log(log_weights.shape[0])


def iwae_with_equal_factors(log_weights):
    return scipy.special.logsumexp(log_weights, axis=0, b=1 / len(log_weights))


def iwae_by_logaddexp(log_weights):
    return np.logaddexp.reduce(log_weights - np.log(len(log_weights)))


def iwae_by_hand(log_weights):
    m = np.nan_to_num(log_weights.max(axis=0), neginf=0.0)
    with np.errstate(divide="ignore"):
        return m + np.log(np.exp(log_weights - m).mean(axis=0))


def iwae_by_loops(log_weights):
    answer = []
    for column in log_weights.T.tolist():
        m = max(column)
        total = math.fsum(math.exp(w - m) for w in column) if m > -math.inf else 1.0
        answer.append(m + math.log(total / len(column)))
    return answer


def iwae_one_repetition_at_a_time(log_weights):
    return np.apply_along_axis(
        lambda column: scipy.special.logsumexp(column) - math.log(column.size), 0, log_weights
    )


def iwae_draw_by_draw(log_weights):
    bound = log_weights[0]
    for s, row in enumerate(log_weights[1:], start=2):
        bound = np.logaddexp(bound + np.log((s - 1) / s), row - np.log(s))
    return bound


def iwae_in_single_precision(log_weights):
    log_weights = log_weights.astype(np.float32)
    return np.logaddexp.reduce(log_weights, axis=0) - np.float32(np.log(len(log_weights)))


# --- reparameterised_gradient --------------------------------------------------------------------


def gradient_by_means(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean(), np.mean(slope * eps) + 1 / scale


def gradient_by_dot_products(eps, mean, scale, dlog_lik):
    s = len(eps)
    slope = dlog_lik - mean - scale * eps
    return slope.sum() / s, slope @ eps / s + scale**-1.0


def gradient_part_by_part(eps, mean, scale, dlog_lik):
    d_mean = dlog_lik.mean() - mean - scale * eps.mean()
    return d_mean, (dlog_lik * eps).mean() - mean * eps.mean() - scale * (eps**2).mean() + 1 / scale


def gradient_with_einsum(eps, mean, scale, dlog_lik):
    moved = np.stack([np.ones_like(eps), eps])  # how z moves with mean and scale
    d_mean, d_scale = np.einsum("ps,s->p", moved, dlog_lik - (mean + scale * eps)) / eps.size
    return d_mean, d_scale + 1 / scale


def gradient_by_loops(eps, mean, scale, dlog_lik):
    d_mean = d_scale = 0.0
    for e, d in zip(eps.tolist(), dlog_lik.tolist(), strict=True):
        slope = d - (mean + scale * e)
        d_mean += slope / len(eps)
        d_scale += slope * e / len(eps)
    return [d_mean, d_scale + 1.0 / scale]


def gradient_of_each_draw(eps, mean, scale, dlog_lik):
    """Along a path log q changes by no more than −1 / scale, whatever the draw."""
    d_log_prior = -(mean + scale * eps)
    each = np.column_stack([dlog_lik + d_log_prior, (dlog_lik + d_log_prior) * eps + 1 / scale])
    return tuple(each.mean(axis=0))


def gradient_in_single_precision(eps, mean, scale, dlog_lik):
    eps, dlog_lik = eps.astype(np.float32), dlog_lik.astype(np.float32)
    slope = dlog_lik - np.float32(mean) - np.float32(scale) * eps
    return np.mean(slope), np.mean(slope * eps) + np.float32(1 / scale)


RIGHT = {
    "the_bound.elbo": [
        elbo_inside,
        elbo_with_entropy,
        elbo_with_entr,
        elbo_by_loops,
        elbo_with_where,
        elbo_with_nansum,
        elbo_as_marginal_less_gap,
        elbo_in_single_precision,
    ],
    "the_bound.kl_normal": [
        kl_as_in_the_books,
        kl_with_variances,
        kl_as_difference_of_entropies,
        kl_by_quadrature,
        kl_by_loops,
        kl_vectorized,
        kl_without_cancelling,
        kl_in_single_precision,
    ],
    "the_bound.iwae_bound": [
        iwae_with_scipy,
        iwae_with_equal_factors,
        iwae_by_logaddexp,
        iwae_by_hand,
        iwae_by_loops,
        iwae_one_repetition_at_a_time,
        iwae_draw_by_draw,
        iwae_in_single_precision,
    ],
    "the_bound.reparameterised_gradient": [
        gradient_by_means,
        gradient_by_dot_products,
        gradient_part_by_part,
        gradient_with_einsum,
        gradient_by_loops,
        gradient_of_each_draw,
        gradient_in_single_precision,
    ],
}
