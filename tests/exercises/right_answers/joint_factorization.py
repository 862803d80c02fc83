"""Right answers to chapter 2, in the styles that people write them."""

import numpy as np
from scipy.special import logsumexp


def table_by_broadcasting(prior, conditional):
    return prior.reshape(-1, 1) * conditional


def table_by_einsum(prior, conditional):
    return np.einsum("k,kv->kv", prior, conditional)


def table_by_loops(prior, conditional):
    return [[float(p) * float(c) for c in row] for p, row in zip(prior, conditional, strict=True)]


def table_by_transposing(prior, conditional):
    return (conditional.T * prior).T


def table_by_diagonal(prior, conditional):
    return np.diag(prior) @ conditional


def table_in_single_precision(prior, conditional):
    return prior.astype(np.float32)[:, np.newaxis] * conditional.astype(np.float32)


def table_in_logs(prior, conditional):
    with np.errstate(divide="ignore"):
        return np.exp(np.log(prior)[:, None] + np.log(conditional))


def log_joint_by_broadcasting(log_prior, log_lik):
    return np.expand_dims(log_prior, 1) + log_lik


def log_joint_by_loops(log_prior, log_lik):
    return [[float(p) + float(v) for v in row] for p, row in zip(log_prior, log_lik, strict=True)]


def log_joint_by_filling(log_prior, log_lik):
    out = np.empty_like(log_lik)
    for k in range(log_lik.shape[0]):
        out[k] = log_prior[k] + log_lik[k]
    return out


def log_joint_by_transposing(log_prior, log_lik):
    return (log_lik.T + log_prior).T


def log_joint_by_outer(log_prior, log_lik):
    return np.add.outer(log_prior, np.zeros(log_lik.shape[1])) + log_lik


def log_joint_by_tiling(log_prior, log_lik):
    return np.tile(log_prior, (log_lik.shape[1], 1)).T + log_lik


def log_joint_by_logsumexp(log_prior, log_lik):
    weighted = np.stack([log_prior[:, None] + log_lik, np.full(log_lik.shape, -np.inf)])
    return logsumexp(weighted, axis=0)


def log_joint_in_single_precision(log_prior, log_lik):
    return log_prior.astype(np.float32)[:, None] + log_lik.astype(np.float32)


def margins_by_sums(joint):
    return joint.sum(1), joint.sum(0)


def margins_by_einsum(joint):
    return np.einsum("kv->k", joint), np.einsum("kv->v", joint)


def margins_by_loops(joint):
    return [float(sum(row)) for row in joint], [float(sum(col)) for col in zip(*joint, strict=True)]


def margins_by_matrix_products(joint):
    k, v = joint.shape
    return joint @ np.ones(v), np.ones(k) @ joint


def margins_in_a_list(joint):
    return [np.sum(joint, axis=-1), np.sum(joint, axis=-2)]


def margins_in_single_precision(joint):
    joint = joint.astype(np.float32)
    return joint.sum(axis=1), joint.sum(axis=0)


def margins_in_logs(joint):
    with np.errstate(divide="ignore"):
        log_joint = np.log(joint)
    return np.exp(logsumexp(log_joint, axis=1)), np.exp(logsumexp(log_joint, axis=0))


def conditionals_by_where(joint):
    pz, px = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    with np.errstate(invalid="ignore"):
        return np.where(pz > 0, joint / pz, 0.0), np.where(px > 0, joint / px, 0.0)


def conditionals_by_safe_sums(joint):
    pz, px = joint.sum(axis=1), joint.sum(axis=0)
    return joint / np.where(pz == 0, 1.0, pz)[:, None], joint / np.where(px == 0, 1.0, px)


def conditionals_by_loops(joint):
    k, v = joint.shape
    rows = [sum(joint[i, j] for j in range(v)) for i in range(k)]
    columns = [sum(joint[i, j] for i in range(k)) for j in range(v)]
    given_z = [[joint[i, j] / rows[i] if rows[i] else 0.0 for j in range(v)] for i in range(k)]
    given_x = [
        [joint[i, j] / columns[j] if columns[j] else 0.0 for j in range(v)] for i in range(k)
    ]
    return given_z, given_x


def conditionals_by_cleaning(joint):
    with np.errstate(invalid="ignore"):
        given_z = np.nan_to_num(joint / joint.sum(axis=1, keepdims=True))
        given_x = np.nan_to_num(joint / joint.sum(axis=0, keepdims=True))
    return given_z, given_x


def conditionals_by_transposing(joint):
    def rows(table):
        out = np.zeros_like(table)
        for i, row in enumerate(table):
            if row.any():
                out[i] = row / row.sum()
        return out

    return rows(joint), rows(joint.T).T


def conditionals_in_single_precision(joint):
    joint = joint.astype(np.float32)
    pz, px = joint.sum(axis=1, keepdims=True), joint.sum(axis=0, keepdims=True)
    return joint / np.where(pz > 0, pz, np.float32(1)), joint / np.where(px > 0, px, np.float32(1))


def conditionals_by_bayes(joint):
    pz = joint.sum(axis=1, keepdims=True)
    likelihood = joint / np.where(pz > 0, pz, 1.0)
    weighted = pz * likelihood
    evidence = weighted.sum(axis=0)
    return likelihood, weighted / np.where(evidence > 0, evidence, 1.0)


RIGHT = {
    "joint_factorization.joint_table": [
        table_by_broadcasting,
        table_by_einsum,
        table_by_loops,
        table_by_transposing,
        table_by_diagonal,
        table_in_single_precision,
        table_in_logs,
    ],
    "joint_factorization.log_joint": [
        log_joint_by_broadcasting,
        log_joint_by_loops,
        log_joint_by_filling,
        log_joint_by_transposing,
        log_joint_by_outer,
        log_joint_by_tiling,
        log_joint_by_logsumexp,
        log_joint_in_single_precision,
    ],
    "joint_factorization.marginals": [
        margins_by_sums,
        margins_by_einsum,
        margins_by_loops,
        margins_by_matrix_products,
        margins_in_a_list,
        margins_in_single_precision,
        margins_in_logs,
    ],
    "joint_factorization.conditionals": [
        conditionals_by_where,
        conditionals_by_safe_sums,
        conditionals_by_loops,
        conditionals_by_cleaning,
        conditionals_by_transposing,
        conditionals_in_single_precision,
        conditionals_by_bayes,
    ],
}
