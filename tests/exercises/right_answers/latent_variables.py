"""Right answers to chapter 1, in the styles that people write them."""

import math
from bisect import bisect_right
from itertools import accumulate

import numpy as np
import scipy.stats


def sample_by_search(u, eps, weights, means, scales):
    z = np.searchsorted(weights.cumsum(), u, side="right")
    return z, means[z] + scales[z] * eps


def sample_by_loops(u, eps, weights, means, scales):
    z, x = [], []
    for n in range(len(u)):
        total, k = 0.0, -1
        while u[n] >= total and k < len(weights) - 1:
            k += 1
            total += weights[k]
        z.append(k)
        x.append(means[k] + scales[k] * eps[n])
    return z, x


def sample_by_bisection(u, eps, weights, means, scales):
    borders = list(accumulate(weights.tolist()))
    z = [bisect_right(borders, value) for value in u]
    x = [float(means[k] + scales[k] * e) for k, e in zip(z, eps, strict=True)]
    return [z, x]


def sample_by_comparison(u, eps, weights, means, scales):
    z = np.argmax(u < np.cumsum(weights)[:, None], axis=0)
    return z, scales.take(z) * eps + means.take(z)


def sample_by_counting(u, eps, weights, means, scales):
    z = (u[:, None] >= np.cumsum(weights)[:-1]).sum(axis=1).astype(float)
    chosen = z[:, None] == np.arange(len(weights))
    return z, np.einsum("nk,k->n", chosen, means) + np.einsum("nk,k->n", chosen, scales) * eps


def sample_by_digitizing(u, eps, weights, means, scales):
    z = np.digitize(u, np.cumsum(weights))
    every = means[:, None] + scales[:, None] * eps
    return z, every[z, np.arange(len(u))]


def sample_in_single_precision(u, eps, weights, means, scales):
    u, eps, weights, means, scales = (
        np.asarray(a, dtype=np.float32) for a in (u, eps, weights, means, scales)
    )
    z = np.searchsorted(np.cumsum(weights), u, side="right").astype(np.int32)
    return z, means[z] + scales[z] * eps


def sample_with_masks(u, eps, weights, means, scales):
    z = np.zeros(len(u), dtype=int)
    x = np.empty_like(eps)
    lower = 0.0
    for k, weight in enumerate(weights):
        upper = lower + weight
        here = (u >= lower) & (u < upper)
        z[here] = k
        x[here] = means[k] + scales[k] * eps[here]
        lower = upper
    return z, x


def log_normal_by_formula(x, mean, scale):
    return -0.5 * np.log(2 * np.pi) - np.log(scale) - (x - mean) ** 2 / (2 * scale**2)


def log_normal_by_scipy(x, mean, scale):
    return scipy.stats.norm(loc=mean, scale=scale).logpdf(x)


def log_normal_by_loops(x, mean, scale):
    def one(x, mean, scale):
        return -((x - mean) ** 2) / (2 * scale**2) - math.log(scale * math.sqrt(2 * math.pi))

    shape = np.broadcast(x, mean, scale).shape
    flat = (np.broadcast_to(a, shape).ravel().tolist() for a in (x, mean, scale))
    return np.reshape([one(*three) for three in zip(*flat, strict=True)], shape).tolist()


def log_normal_vectorized(x, mean, scale):
    one = np.vectorize(lambda d, s: -0.5 * d * d / (s * s) - 0.5 * math.log(2 * math.pi * s * s))
    return one(np.subtract(x, mean), scale)


def log_normal_in_single_precision(x, mean, scale):
    x, mean, scale = (np.float32(a) for a in (x, mean, scale))
    z = (x - mean) / scale
    return -(z * z) / 2 - np.log(scale) - np.float32(0.5 * np.log(2 * np.pi))


def log_normal_by_precision(x, mean, scale):
    precision = 1 / np.square(scale)
    return 0.5 * (np.log(precision / (2 * np.pi)) - precision * np.square(np.subtract(x, mean)))


def log_normal_by_standard_density(x, mean, scale):
    return scipy.stats.norm.logpdf((x - mean) / scale) - np.log(scale)


def scores_by_broadcasting(z, eps, loadings, intercepts, scales):
    return intercepts[None, :] + z[:, None] * loadings[None, :] + scales[None, :] * eps


def scores_by_loops(z, eps, loadings, intercepts, scales):
    return [
        [
            float(intercepts[p] + loadings[p] * z[n] + scales[p] * eps[n, p])
            for p in range(len(loadings))
        ]
        for n in range(len(z))
    ]


def scores_by_einsum(z, eps, loadings, intercepts, scales):
    return intercepts + np.einsum("n,p->np", z, loadings) + np.einsum("np,p->np", eps, scales)


def scores_by_matrix_product(z, eps, loadings, intercepts, scales):
    design = np.column_stack([np.ones_like(z), z])
    return design @ np.vstack([intercepts, loadings]) + eps @ np.diag(scales)


def scores_by_columns(z, eps, loadings, intercepts, scales):
    columns = [
        a + b * z + s * e for a, b, s, e in zip(intercepts, loadings, scales, eps.T, strict=True)
    ]
    return np.stack(columns, axis=1)


def scores_in_single_precision(z, eps, loadings, intercepts, scales):
    z, eps, loadings, intercepts, scales = (
        a.astype(np.float32) for a in (z, eps, loadings, intercepts, scales)
    )
    return np.outer(z, loadings) + intercepts + scales * eps


def scores_by_transposing(z, eps, loadings, intercepts, scales):
    x = np.zeros(eps.T.shape)
    x += intercepts[:, None]
    x += loadings[:, None] * z
    x += scales[:, None] * eps.T
    return x.T


RIGHT = {
    "latent_variables.ancestral_sample": [
        sample_by_search,
        sample_by_loops,
        sample_by_bisection,
        sample_by_comparison,
        sample_by_counting,
        sample_by_digitizing,
        sample_in_single_precision,
        sample_with_masks,
    ],
    "latent_variables.log_normal": [
        log_normal_by_formula,
        log_normal_by_scipy,
        log_normal_by_loops,
        log_normal_vectorized,
        log_normal_in_single_precision,
        log_normal_by_precision,
        log_normal_by_standard_density,
    ],
    "latent_variables.simulate_scores": [
        scores_by_broadcasting,
        scores_by_loops,
        scores_by_einsum,
        scores_by_matrix_product,
        scores_by_columns,
        scores_in_single_precision,
        scores_by_transposing,
    ],
}
