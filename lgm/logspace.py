"""Sums and means of probabilities that are known by their logarithms.

Arrays carry the latent axis first, and every reduction is over axis 0 unless told otherwise.
``-inf`` is the logarithm of zero and legal everywhere; NaN is refused.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["log_normalize", "logmeanexp", "logsumexp"]

Array = NDArray[np.float64]


def refuse_nan(a: ArrayLike, what: str) -> Array:
    """`a` as an array of float64, if there is no NaN in it; `what` names it in the error."""
    a = np.asarray(a, dtype=np.float64)
    if np.isnan(a).any():
        raise ValueError(f"{what} contain {int(np.isnan(a).sum())} NaN, expected none")
    return a


def shifted(a: ArrayLike, axis: int) -> tuple[Array, Array, Array]:
    """Exponentials of `a` less its maximum along `axis`, their sum, and that maximum."""
    a = np.asarray(a, dtype=np.float64)
    if a.ndim == 0 or a.shape[axis] == 0:
        raise ValueError(f"nothing to sum along axis {axis} of an array of shape {a.shape}")
    largest = a.max(axis=axis, keepdims=True)  # NaN if one of the terms is
    finite = np.isfinite(largest)
    if not finite.all():
        refuse_nan(a, "logarithms")
        # Infinity less infinity would be NaN: shift by nothing there.
        largest = np.where(finite, largest, 0.0)
    terms = np.subtract(a, largest)
    with np.errstate(over="ignore"):
        np.exp(terms, out=terms)
    return terms, terms.sum(axis=axis, keepdims=True), largest


def total_and_shares(a: ArrayLike, axis: int = 0) -> tuple[Array, Array]:
    """The `logsumexp` of `a`, and the share of each term in the sum, for one exponential a term.

    Where every term is ``-inf`` the total is ``-inf`` and the shares are 0.
    """
    terms, total, largest = shifted(a, axis)
    with np.errstate(divide="ignore"):
        log_total = (np.log(total) + largest).squeeze(axis)[()]
    terms /= np.where(total > 0, total, 1.0)
    return log_total, terms


def logsumexp(a: ArrayLike, axis: int = 0) -> Array:
    """Logarithm of a sum of exponentials, without overflow or underflow.

    Computes ``log Σ_k exp(a_k)`` as ``m + log Σ_k exp(a_k − m)`` with ``m = max_k a_k``
    (Blanchard, Higham & Higham 2021, *IMA J. Numer. Anal.* 41(4), eq. 1.5).

    Parameters
    ----------
    a : array_like
        Logarithms of the terms; any shape, at least one dimension.
    axis : int, default 0
        The axis to reduce; the latent axis by our convention.

    Returns
    -------
    ndarray
        `a` with `axis` removed. Where every term is ``-inf`` the result is ``-inf``.

    Raises
    ------
    ValueError
        If `a` contains NaN, or has no terms along `axis`.

    Examples
    --------
    >>> import numpy as np
    >>> logsumexp([-1000.0, -1000.0 + np.log(3.0)])
    np.float64(-998.6137056388801)
    >>> logsumexp(np.full((2, 3), -np.inf))
    array([-inf, -inf, -inf])
    """
    _, total, largest = shifted(a, axis)
    with np.errstate(divide="ignore"):
        log_total: Array = (np.log(total) + largest).squeeze(axis)[()]
    return log_total


def logmeanexp(a: ArrayLike, axis: int = 0) -> Array:
    """Logarithm of a mean of exponentials: ``logsumexp(a) − log S``.

    Parameters
    ----------
    a : array_like
        Logarithms of the S terms along `axis`.
    axis : int, default 0
        The axis to reduce.

    Returns
    -------
    ndarray
        `a` with `axis` removed.

    Raises
    ------
    ValueError
        As `logsumexp`.

    Examples
    --------
    >>> logmeanexp([-1000.0, -1000.0])
    np.float64(-1000.0)
    """
    a = np.asarray(a, dtype=np.float64)
    mean: Array = logsumexp(a, axis) - np.log(a.shape[axis])
    return mean


def log_normalize(a: ArrayLike, axis: int = 0) -> Array:
    """Subtract the log total, so that the exponentials sum to one along `axis`.

    ``log p(z | x) = log p(x, z) − log p(x)``: this is Bayes' rule when `a` is a log joint.

    Parameters
    ----------
    a : array_like
        Unnormalized log probabilities.
    axis : int, default 0
        The axis along which the result sums to one.

    Returns
    -------
    ndarray
        Same shape as `a`.

    Raises
    ------
    ValueError
        As `logsumexp`, and if every term along `axis` is ``-inf``: zero cannot be normalized.

    Examples
    --------
    >>> np.exp(log_normalize(np.log([1.0, 3.0])))
    array([0.25, 0.75])
    """
    a = np.asarray(a, dtype=np.float64)
    total = np.expand_dims(logsumexp(a, axis), axis)
    if np.isneginf(total).any():
        raise ValueError(
            f"{int(np.isneginf(total).sum())} of {total.size} distributions have total "
            "probability 0, expected all above 0"
        )
    normalized: Array = a - total
    return normalized
