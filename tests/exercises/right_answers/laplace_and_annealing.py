"""Right answers to the exercises of chapter 6, in the styles that people write them."""

import math

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.special
import scipy.stats

# --- laplace_log_marginal ------------------------------------------------------------------------


def laplace_by_slogdet(log_joint_at_mode, hessian):
    d = len(hessian)
    _, log_det = np.linalg.slogdet(-hessian)
    return log_joint_at_mode + 0.5 * d * np.log(2 * np.pi) - 0.5 * log_det


def laplace_in_one_matrix(log_joint_at_mode, hessian):
    return log_joint_at_mode - 0.5 * np.linalg.slogdet(-hessian / (2 * np.pi)).logabsdet


def laplace_by_cholesky(log_joint_at_mode, hessian):
    factor = np.linalg.cholesky(-hessian)
    half_log_det = np.log(np.diag(factor)).sum()
    return log_joint_at_mode + len(hessian) / 2 * math.log(2 * math.pi) - half_log_det


def laplace_by_eigenvalues(log_joint_at_mode, hessian):
    return log_joint_at_mode + 0.5 * np.sum(np.log(2 * np.pi / np.linalg.eigvalsh(-hessian)))


def laplace_from_the_covariance(log_joint_at_mode, hessian):
    covariance = np.linalg.inv(-hessian)
    return log_joint_at_mode + 0.5 * np.linalg.slogdet(2 * np.pi * covariance)[1]


def laplace_as_joint_over_posterior(log_joint_at_mode, hessian):
    d = hessian.shape[0]
    factor = scipy.linalg.cholesky(-hessian, lower=True)
    log_posterior = sum(math.log(factor[i, i]) for i in range(d)) - d * 0.5 * math.log(2 * math.pi)
    return float(log_joint_at_mode) - log_posterior


def laplace_by_elimination(log_joint_at_mode, hessian):
    _, _, upper = scipy.linalg.lu(hessian)
    log_det = np.log(np.abs(np.diagonal(upper))).sum()
    return np.array(log_joint_at_mode - 0.5 * (log_det - len(upper) * np.log(2 * np.pi)))


def laplace_in_single_precision(log_joint_at_mode, hessian):
    log_det = np.linalg.slogdet(-hessian.astype(np.float32))[1]
    volume = np.float32(0.5 * len(hessian) * np.log(2 * np.pi)) - np.float32(0.5) * log_det
    return np.float32(log_joint_at_mode) + volume


# --- metropolis_step -----------------------------------------------------------------------------


def metropolis_in_logs(z, proposed, log_f, log_f_proposed, u):
    return np.where((np.log(u) < log_f_proposed - log_f)[:, np.newaxis], proposed, z)


def metropolis_with_a_probability(z, proposed, log_f, log_f_proposed, u):
    probability = np.exp(np.minimum(0.0, log_f_proposed - log_f))
    accepted = (u <= probability).reshape(-1, 1)
    return accepted * proposed + (1 - accepted) * z


def metropolis_by_loops(z, proposed, log_f, log_f_proposed, u):
    moved = []
    for here, there, old, new, uniform in zip(z, proposed, log_f, log_f_proposed, u, strict=True):
        accepted = new >= old or uniform < math.exp(new - old)
        moved.append([float(a) for a in (there if accepted else here)])
    return moved


def metropolis_by_masks(z, proposed, log_f, log_f_proposed, u):
    moved = z.copy()
    accepted = np.log(u) + log_f < log_f_proposed
    moved[accepted] = proposed[accepted]
    return moved


def metropolis_by_choosing(z, proposed, log_f, log_f_proposed, u):
    accepted = (log_f_proposed - log_f > np.log(u)).astype(int)
    return np.stack([z, proposed])[accepted, np.arange(len(z))]


def metropolis_by_steps(z, proposed, log_f, log_f_proposed, u):
    accepted = -np.log(u) > log_f - log_f_proposed
    return z + accepted[:, None] * (proposed - z)


def metropolis_in_single_precision(z, proposed, log_f, log_f_proposed, u):
    accepted = np.log(u) < log_f_proposed - log_f
    return np.where(accepted[:, None], proposed, z).astype(np.float32)


# --- annealed_log_weights ------------------------------------------------------------------------


def annealed_by_matrix(log_lik, betas):
    return np.diff(betas) @ log_lik


def annealed_by_broadcasting(log_lik, betas):
    return ((betas[1:] - betas[:-1])[:, None] * log_lik).sum(axis=0)


def annealed_by_einsum(log_lik, betas):
    return np.einsum("t,ts->s", np.diff(betas), log_lik)


def annealed_by_loops(log_lik, betas):
    return [
        math.fsum((betas[t + 1] - betas[t]) * row[s] for t, row in enumerate(log_lik))
        for s in range(log_lik.shape[1])
    ]


def annealed_step_by_step(log_lik, betas):
    log_weights = np.zeros(log_lik.shape[1])
    for step, row in zip(np.diff(betas), log_lik, strict=True):
        log_weights += step * row
    return log_weights


def annealed_as_an_average(log_lik, betas):
    return np.average(log_lik, axis=0, weights=np.diff(betas))


def annealed_transposed(log_lik, betas):
    return log_lik.T @ np.ediff1d(betas)


def annealed_in_single_precision(log_lik, betas):
    return np.diff(betas).astype(np.float32) @ log_lik.astype(np.float32)


# --- bridge_log_marginal -------------------------------------------------------------------------


def log_mean(a):
    return np.logaddexp.reduce(a) - np.log(len(a))


def bridge_by_iteration(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    log_s1, log_s2 = np.log(m / (n + m)), np.log(n / (n + m))
    r, before = log_mean(at_q), np.inf
    while abs(r - before) > 1e-11 * max(1.0, abs(r)):
        before = r
        above = log_mean(at_q - np.logaddexp(log_s1 + at_q, log_s2 + r))
        r = above - log_mean(-np.logaddexp(log_s1 + at_post, log_s2 + r))
    return r


def bridge_from_an_evidence_of_one(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    r = 0.0
    for _ in range(100):
        above = log_mean(at_q - np.logaddexp(np.log(m) + at_q, np.log(n) + r))
        r = above - log_mean(-np.logaddexp(np.log(m) + at_post, np.log(n) + r))
    return r


def bridge_shifted(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    shift = np.median(at_post)
    w_q, w_post = np.exp(at_q - shift), np.exp(at_post - shift)
    s1 = len(w_post) / (len(w_q) + len(w_post))
    r = 1.0
    for _ in range(100):
        above = np.mean(w_q / (s1 * w_q + (1 - s1) * r))
        r = above / np.mean(1 / (s1 * w_post + (1 - s1) * r))
    return float(np.log(r) + shift)


def bridge_with_both_densities(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    n, m = len(log_joint_at_q), len(log_joint_at_post)
    c = float(np.median(log_joint_at_post - log_q_at_post))
    for _ in range(100):
        mixed_q = np.logaddexp(np.log(m) + log_joint_at_q - c, np.log(n) + log_q_at_q)
        mixed_post = np.logaddexp(np.log(m) + log_joint_at_post - c, np.log(n) + log_q_at_post)
        c = log_mean(log_joint_at_q - mixed_q) - log_mean(log_q_at_post - mixed_post)
    return c


def bridge_by_root(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    odds = np.log(len(at_post)) - np.log(len(at_q))

    def surplus(c):
        theirs = scipy.special.expit(at_q - c + odds).sum()
        return theirs - scipy.special.expit(c - odds - at_post).sum()

    finite = np.concatenate([at_q[at_q > -np.inf], at_post])
    return scipy.optimize.bisect(surplus, finite.min() - 1, finite.max() + 1, xtol=1e-11)


def bridge_by_logistic_regression(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    logits = np.concatenate([log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post])
    kind = np.repeat([0.0, 1.0], [len(log_q_at_q), len(log_q_at_post)])
    kind, logits = kind[logits > -np.inf], logits[logits > -np.inf]
    odds = np.log(len(log_q_at_post) / len(log_q_at_q))
    low, high = logits.min() - 1, logits.max() + 1
    for _ in range(80):
        c = (low + high) / 2
        predicted = 1 / (1 + np.exp(-np.clip(logits + odds - c, -700, 700)))
        low, high = (c, high) if predicted.sum() > kind.sum() else (low, c)
    return c


def bridge_in_single_precision(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q = (log_joint_at_q - log_q_at_q).astype(np.float32)
    at_post = (log_joint_at_post - log_q_at_post).astype(np.float32)
    odds = np.float32(np.log(len(at_post) / len(at_q)))
    r = at_post.mean()
    for _ in range(60):
        above = np.logaddexp.reduce(-np.logaddexp(0, odds - r + at_q) + at_q)
        r = above - np.logaddexp.reduce(-np.logaddexp(0, odds - r + at_post))
        r = r + odds
    return np.float32(r)


RIGHT = {
    "laplace_and_annealing.laplace_log_marginal": [
        laplace_by_slogdet,
        laplace_in_one_matrix,
        laplace_by_cholesky,
        laplace_by_eigenvalues,
        laplace_from_the_covariance,
        laplace_as_joint_over_posterior,
        laplace_by_elimination,
        laplace_in_single_precision,
    ],
    "laplace_and_annealing.metropolis_step": [
        metropolis_in_logs,
        metropolis_with_a_probability,
        metropolis_by_loops,
        metropolis_by_masks,
        metropolis_by_choosing,
        metropolis_by_steps,
        metropolis_in_single_precision,
    ],
    "laplace_and_annealing.annealed_log_weights": [
        annealed_by_matrix,
        annealed_by_broadcasting,
        annealed_by_einsum,
        annealed_by_loops,
        annealed_step_by_step,
        annealed_as_an_average,
        annealed_transposed,
        annealed_in_single_precision,
    ],
    "laplace_and_annealing.bridge_log_marginal": [
        bridge_by_iteration,
        bridge_from_an_evidence_of_one,
        bridge_shifted,
        bridge_with_both_densities,
        bridge_by_root,
        bridge_by_logistic_regression,
        bridge_in_single_precision,
    ],
}
