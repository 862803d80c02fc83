"""Right answers to chapter 8, in the styles that people write them."""

import math

import numpy as np
import scipy.linalg
import scipy.special
import scipy.stats

# --- e_step --------------------------------------------------------------------------------------


def e_with_scipy_densities(x, weights, means, covariances):
    log_lik = np.array(
        [
            np.atleast_1d(scipy.stats.multivariate_normal(m, c).logpdf(x))
            for m, c in zip(means, covariances, strict=True)
        ]
    )
    log_joint = np.log(weights)[:, None] + log_lik
    total = scipy.special.logsumexp(log_joint, axis=0)
    return np.exp(log_joint - total), total.sum()


def e_with_inverses(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    log_joint = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    return scipy.special.softmax(log_joint, axis=0), np.logaddexp.reduce(log_joint).sum()


def e_with_triangular_solves(x, weights, means, covariances):
    rows = []
    for weight, mean, covariance in zip(weights, means, covariances, strict=True):
        factor = scipy.linalg.cholesky(covariance, lower=True)
        y = scipy.linalg.solve_triangular(factor, (x - mean).T, lower=True)
        constant = np.log(np.diag(factor)).sum() + 0.5 * x.shape[1] * math.log(2 * math.pi)
        rows.append(np.log(weight) - constant - 0.5 * (y**2).sum(axis=0))
    log_joint = np.array(rows)
    total = scipy.special.logsumexp(log_joint, axis=0)
    return np.exp(log_joint - total), float(total.sum())


def e_by_eigenvectors(x, weights, means, covariances):
    values, vectors = np.linalg.eigh(covariances)
    y = np.einsum("knd,kde->kne", x - means[:, None], vectors) / np.sqrt(values)[:, None]
    log_lik = scipy.stats.norm.logpdf(y).sum(axis=2) - 0.5 * np.log(values).sum(axis=1)[:, None]
    log_joint = log_lik + np.log(weights)[:, None]
    largest = log_joint.max(axis=0)
    joint = np.exp(log_joint - largest)
    return joint / joint.sum(axis=0), (largest + np.log(joint.sum(axis=0))).sum()


def e_point_by_point(x, weights, means, covariances):
    columns, log_likelihood = [], 0.0
    for point in x:
        log_joint = []
        for weight, mean, covariance in zip(weights, means, covariances, strict=True):
            d = point - mean
            value = -0.5 * (d @ np.linalg.solve(covariance, d))
            value -= 0.5 * np.linalg.slogdet(covariance)[1]
            value -= 0.5 * len(d) * math.log(2 * math.pi)
            log_joint.append(value + math.log(weight) if weight > 0 else -math.inf)
        largest = max(log_joint)
        terms = [math.exp(a - largest) for a in log_joint]
        columns.append([term / sum(terms) for term in terms])
        log_likelihood += largest + math.log(sum(terms))
    return np.array(columns).T.tolist(), log_likelihood


def e_by_one_product(x, weights, means, covariances):
    """All components at once: points and means, both centred, by stacked whitening matrices."""
    middle = x.mean(axis=0)
    whiten = np.linalg.inv(np.linalg.cholesky(covariances))  # (K, D, D)
    k, d = means.shape
    y = ((x - middle) @ whiten.reshape(k * d, d).T).reshape(len(x), k, d)
    y = y - np.einsum("kde,ke->kd", whiten, means - middle)
    log_det = np.log(np.diagonal(whiten, axis1=1, axis2=2)).sum(axis=1)
    a = np.log(weights) + log_det - 0.5 * d * np.log(2 * np.pi) - 0.5 * (y**2).sum(axis=2)
    total = scipy.special.logsumexp(a, axis=1)
    return np.exp(a.T - total), total.sum()


def e_in_single_precision(x, weights, means, covariances):
    d = (x - means[:, None]).astype(np.float32)
    precisions = np.linalg.inv(covariances).astype(np.float32)
    quadratic = np.einsum("knd,kde,kne->kn", d, precisions, d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1].astype(np.float32)
    a = (np.log(weights.astype(np.float32)) - log_det / 2)[:, None] - quadratic / 2
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


# --- m_step --------------------------------------------------------------------------------------


def m_by_matrix_products(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = (responsibilities @ x) / number[:, None]
    covariances = []
    for r, n, mean in zip(responsibilities, number, means, strict=True):
        d = x - mean
        covariances.append((r[:, None] * d).T @ d / n)
    return number / number.sum(), means, np.array(covariances)


def m_with_numpy_statistics(x, responsibilities):
    return (
        responsibilities.mean(axis=1),
        np.array([np.average(x, axis=0, weights=r) for r in responsibilities]),
        np.array([np.atleast_2d(_covariance(x, r)) for r in responsibilities]),
    )


def _covariance(x, r):
    if len(x) == 1:
        return np.zeros((x.shape[1], x.shape[1]))
    return np.cov(x.T, aweights=r, ddof=0)


def m_with_einsum(x, responsibilities):
    number = np.einsum("kn->k", responsibilities)
    means = np.einsum("kn,nd,k->kd", responsibilities, x, 1 / number)
    d = x[None] - means[:, None]
    covariances = np.einsum("kn,knd,kne,k->kde", responsibilities, d, d, 1 / number)
    return number / len(x), means, covariances


def m_by_loops(x, responsibilities):
    n_points, n_dims = x.shape
    weights, means, covariances = [], [], []
    for row in responsibilities:
        number = math.fsum(row)
        mean = [
            math.fsum(r * point[i] for r, point in zip(row, x, strict=True)) / number
            for i in range(n_dims)
        ]
        covariances.append(
            [
                [
                    math.fsum(
                        r * (point[i] - mean[i]) * (point[j] - mean[j])
                        for r, point in zip(row, x, strict=True)
                    )
                    / number
                    for j in range(n_dims)
                ]
                for i in range(n_dims)
            ]
        )
        weights.append(number / n_points)
        means.append(mean)
    return weights, means, covariances


def m_from_centred_moments(x, responsibilities):
    """Mean of the squares less square of the mean, which is safe about a point in the middle."""
    middle = x.mean(axis=0)
    y = x - middle
    shares = responsibilities / responsibilities.sum(axis=1, keepdims=True)
    means = shares @ y
    squares = np.einsum("kn,nd,ne->kde", shares, y, y)
    outer = means[:, :, None] * means[:, None, :]
    return responsibilities.mean(axis=1), means + middle, squares - outer


def m_by_roots_of_shares(x, responsibilities):
    shares = responsibilities / responsibilities.sum(axis=1, keepdims=True)
    means = shares @ x
    half = np.sqrt(shares)[:, :, None] * (x - means[:, None])
    return responsibilities.sum(axis=1) / len(x), means, half.transpose(0, 2, 1) @ half


def m_from_pairs(x, responsibilities):
    """A covariance is half the average squared difference of two independent draws."""
    shares = responsibilities / responsibilities.sum(axis=1, keepdims=True)
    pairs = x[:, None] - x[None]
    covariances = 0.5 * np.einsum("kn,km,nmd,nme->kde", shares, shares, pairs, pairs)
    return responsibilities.mean(axis=1), shares @ x, covariances


def m_in_single_precision(x, responsibilities):
    middle = x.mean(axis=0)
    y, r = (x - middle).astype(np.float32), responsibilities.astype(np.float32)
    number = r.sum(axis=1)
    means = r @ y / number[:, None]
    d = y - means[:, None]
    covariances = np.einsum("kn,knd,kne->kde", r, d, d) / number[:, None, None]
    return number / len(x), means + middle.astype(np.float32), covariances


# --- fit -----------------------------------------------------------------------------------------


def fit_with_scipy(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        a = scipy.stats.norm.logpdf(x, means[:, None], scales[:, None]) + np.log(weights)[:, None]
        total = scipy.special.logsumexp(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, history


def fit_by_two_functions(x, weights, means, scales, n_iter):
    def expect(weights, means, scales):
        d = (x[None] - means[:, None]) / scales[:, None]
        a = (np.log(weights) - np.log(scales))[:, None] - 0.5 * (d**2 + np.log(2 * np.pi))
        return scipy.special.softmax(a, axis=0), np.logaddexp.reduce(a, axis=0).sum()

    def maximise(r):
        means = np.array([np.average(x, weights=row) for row in r])
        spread = [np.average((x - m) ** 2, weights=row) for m, row in zip(means, r, strict=True)]
        return r.mean(axis=1), means, np.sqrt(spread)

    parameters, history = (weights, means, scales), np.zeros(n_iter)
    for step in range(n_iter):
        r, history[step] = expect(*parameters)
        parameters = maximise(r)
    return (*parameters, history)


def fit_with_points_first(x, weights, means, scales, n_iter):
    log_likelihoods = np.zeros(n_iter)
    for i in range(n_iter):
        z = (x[:, None] - means) / scales  # (N, K)
        log_joint = np.log(weights / scales) - z**2 / 2 - np.log(2 * np.pi) / 2
        largest = log_joint.max(axis=1, keepdims=True)
        joint = np.exp(log_joint - largest)
        marginal = joint.sum(axis=1, keepdims=True)
        log_likelihoods[i] = (largest + np.log(marginal)).sum()
        r = joint / marginal
        number = r.sum(axis=0)
        weights = number / number.sum()
        means = (r * x[:, None]).sum(axis=0) / number
        scales = np.sqrt((r * (x[:, None] - means) ** 2).sum(axis=0) / number)
    return weights, means, scales, log_likelihoods


def fit_by_loops(x, weights, means, scales, n_iter):
    weights, means, scales = list(weights), list(means), list(scales)
    history, k = [], len(weights)
    for _ in range(n_iter):
        rows, value = [], 0.0
        for point in x:
            a = [
                math.log(weights[j] / scales[j])
                - 0.5 * ((point - means[j]) / scales[j]) ** 2
                - 0.5 * math.log(2 * math.pi)
                for j in range(k)
            ]
            top = max(a)
            total = top + math.log(math.fsum(math.exp(v - top) for v in a))
            value += total
            rows.append([math.exp(v - total) for v in a])
        history.append(value)
        for j in range(k):
            number = math.fsum(row[j] for row in rows)
            weights[j] = number / len(x)
            means[j] = math.fsum(row[j] * p for row, p in zip(rows, x, strict=True)) / number
            squares = (row[j] * (p - means[j]) ** 2 for row, p in zip(rows, x, strict=True))
            scales[j] = math.sqrt(math.fsum(squares) / number)
    return weights, means, scales, history


def fit_in_units_of_the_data(x, weights, means, scales, n_iter):
    """Standardised first; the log likelihood is brought back to the old unit at the end."""
    middle, unit = x.mean(), x.std()
    y, means, scales = (x - middle) / unit, (means - middle) / unit, scales / unit
    history = np.zeros(n_iter)
    for step in range(n_iter):
        a = np.log(weights)[:, None] + scipy.stats.norm.logpdf(y, means[:, None], scales[:, None])
        total = scipy.special.logsumexp(a, axis=0)
        history[step] = total.sum() - len(x) * np.log(unit)
        shares = np.exp(a - total)
        weights = shares.mean(axis=1)
        shares /= shares.sum(axis=1, keepdims=True)
        means = shares @ y
        scales = np.sqrt(np.maximum(shares @ y**2 - means**2, 0.0))
    return weights, middle + unit * means, unit * scales, history


def fit_with_variances(x, weights, means, scales, n_iter):
    variances, history = scales**2, []
    for _ in range(n_iter):
        a = np.log(weights)[:, None] - 0.5 * (
            (x - means[:, None]) ** 2 / variances[:, None] + np.log(2 * np.pi * variances)[:, None]
        )
        history.append(float(scipy.special.logsumexp(a, axis=0).sum()))
        r = scipy.special.softmax(a, axis=0)
        weights = r.sum(axis=1) / x.size
        means = (r * x).sum(axis=1) / r.sum(axis=1)
        variances = np.einsum("kn,kn->k", r, (x - means[:, None]) ** 2) / r.sum(axis=1)
    return weights, means, np.sqrt(variances), np.array(history)


def fit_in_single_precision(x, weights, means, scales, n_iter):
    middle = np.median(x)
    y, means = (x - middle).astype(np.float32), (means - middle).astype(np.float32)
    weights, scales = weights.astype(np.float32), scales.astype(np.float32)
    history = np.zeros(n_iter, dtype=np.float32)
    for step in range(n_iter):
        d = (y - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - d**2 / 2 - np.float32(np.log(2 * np.pi) / 2)
        total = scipy.special.logsumexp(a, axis=0)
        history[step] = total.sum()
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(y), r @ y / number
        scales = np.sqrt((r * (y - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means + np.float32(middle), scales, history


# --- align_labels --------------------------------------------------------------------------------


def labels_along_the_axis(weights, means, scales):
    order = means.argsort(axis=0)
    return (
        np.take_along_axis(weights, order, 0),
        np.take_along_axis(means, order, 0),
        np.take_along_axis(scales, order, 0),
    )


def labels_by_index_pairs(weights, means, scales):
    index = np.argsort(means, axis=0), np.arange(means.shape[1])
    return [weights[index], means[index], scales[index]]


def labels_fit_by_fit(weights, means, scales):
    weights, means, scales = weights.copy(), means.copy(), scales.copy()
    for run in range(means.shape[1]):
        order = np.argsort(means[:, run])
        for array in (weights, means, scales):
            array[:, run] = array[order, run]
    return weights, means, scales


def labels_by_sorting_triples(weights, means, scales):
    columns = []
    for w, m, s in zip(weights.T, means.T, scales.T, strict=True):
        triples = sorted(zip(m, w, s, strict=True))
        columns.append([(weight, mean, scale) for mean, weight, scale in triples])
    return tuple(np.array(columns).transpose(2, 1, 0))


def labels_by_ranks(weights, means, scales):
    rank = (means[:, None] > means[None]).sum(axis=1)  # how many are smaller
    aligned = []
    for array in (weights, means, scales):
        new = np.empty_like(array)
        np.put_along_axis(new, rank, array, axis=0)
        aligned.append(new)
    return tuple(aligned)


def labels_by_permutation_matrices(weights, means, scales):
    k = len(means)
    choose = np.eye(k)[np.argsort(means, axis=0)]  # (K, R, K)
    return tuple(np.einsum("krj,jr->kr", choose, each) for each in (weights, means, scales))


def labels_of_a_stack(weights, means, scales):
    stack = np.stack([weights, means, scales])
    order = np.argsort(means, axis=0)
    return tuple(np.take_along_axis(stack, np.stack([order] * 3), axis=1))


def labels_in_single_precision(weights, means, scales):
    order = np.argsort(means, axis=0)
    arrays = (weights, means, scales)
    return tuple(np.take_along_axis(a, order, axis=0).astype(np.float32) for a in arrays)


RIGHT = {
    "mixtures_and_em.e_step": [
        e_with_scipy_densities,
        e_with_inverses,
        e_with_triangular_solves,
        e_by_eigenvectors,
        e_point_by_point,
        e_by_one_product,
        e_in_single_precision,
    ],
    "mixtures_and_em.m_step": [
        m_by_matrix_products,
        m_with_numpy_statistics,
        m_with_einsum,
        m_by_loops,
        m_from_centred_moments,
        m_by_roots_of_shares,
        m_from_pairs,
        m_in_single_precision,
    ],
    "mixtures_and_em.fit": [
        fit_with_scipy,
        fit_by_two_functions,
        fit_with_points_first,
        fit_by_loops,
        fit_in_units_of_the_data,
        fit_with_variances,
        fit_in_single_precision,
    ],
    "mixtures_and_em.align_labels": [
        labels_along_the_axis,
        labels_by_index_pairs,
        labels_fit_by_fit,
        labels_by_sorting_triples,
        labels_by_ranks,
        labels_by_permutation_matrices,
        labels_of_a_stack,
        labels_in_single_precision,
    ],
}
