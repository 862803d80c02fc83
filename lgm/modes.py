"""The mode of a posterior, and the normal distribution that fits it there."""

import numpy as np
from numpy.typing import ArrayLike

from lgm.distributions import MultivariateNormal, Normal
from lgm.logspace import Array
from lgm.models import JointModel
from lgm.models.joint import Density, real, single

__all__ = ["laplace"]

NEWTON_STEPS = 100


def laplace(model: JointModel, x: ArrayLike) -> Normal | MultivariateNormal:
    """Fit a normal distribution to the mode and the curvature of the posterior.

    Its covariance is the inverse of minus the Hessian of ``log p(x, z)`` at the mode (Tierney &
    Kadane 1986, *JASA* 81; MacKay 2003, ch. 27). ``gauss_hermite(laplace(model, x), 1)`` is
    Laplace's method for the log marginal, more nodes make adaptive quadrature, and draws from it
    a good start for importance sampling.

    Parameters
    ----------
    model : JointModel
        With one observation, or one hidden value for all (`SharedLatentModel`); its hidden
        variable is continuous.
    x : array_like of shape (N,) or (N, D)
        Observations.

    Returns
    -------
    Normal or MultivariateNormal
        A `Normal` if the hidden value is a single number.

    Raises
    ------
    ValueError
        If Newton's method finds no mode.

    Examples
    --------
    >>> from lgm import Gamma, GammaPoisson, gauss_hermite, laplace, log_marginal
    >>> model, x = GammaPoisson(Gamma(shape=3.0, rate=1.0)), [4, 5, 3]
    >>> normal = laplace(model, x)
    >>> normal.mean.round(4), normal.scale.round(4)  # 14 / 4 and √14 / 4
    (np.float64(3.5), np.float64(0.9354))
    >>> log_marginal(model, x, gauss_hermite(normal, 1)).round(3), model.log_marginal(x).round(3)
    (np.float64(-6.06), np.float64(-6.054))
    """
    log_joint = single(model, x)[1]
    draws = real(model.prior.sample(1000, 0))
    start, width = draws[log_joint(draws).argmax()], draws.std(axis=0) / 10
    if draws.ndim == 2:
        mode, hessian = _newton(log_joint, start, width)
        return MultivariateNormal(mode, np.linalg.inv(-hessian))
    mode, hessian = _newton(lambda z: log_joint(z[:, 0]), start[None], width[None])
    return Normal(mode[0], (-hessian[0, 0]) ** -0.5)


def _newton(density: Density, z: Array, width: Array) -> tuple[Array, Array]:
    """Mode and Hessian of a log density, by Newton's method with numerical derivatives."""
    for _ in range(NEWTON_STEPS):
        gradient, hessian = _derivatives(density, z, width)
        curvature, axes = np.linalg.eigh(hessian)
        # Uphill even where the density is not concave, and not too far where it is flat.
        curvature = np.maximum(np.abs(curvature), 1e-10 * np.abs(curvature).max())
        step = axes @ ((axes.T @ gradient) / curvature)
        along = z + step * 0.5 ** np.arange(30)[:, None]
        better = density(along)
        if not better.max() > density(z[None])[0]:
            break
        z = along[better.argmax()]
        if np.diag(hessian).max() < 0:
            width = 1e-3 * (-np.diag(hessian)) ** -0.5
    gradient, hessian = _derivatives(density, z, width)
    if not np.linalg.eigvalsh(hessian).max() < 0:
        raise ValueError("the log joint density has no mode near its best draw from the prior")
    return z, hessian


def _derivatives(density: Density, z: Array, width: Array) -> tuple[Array, Array]:
    """Gradient and Hessian by central differences, from one call of the density."""
    q = len(z)
    steps = np.diag(width)
    pairs = steps[:, None] + steps[None]
    offsets = [np.zeros((1, q)), steps, -steps, pairs.reshape(-1, q), -pairs.reshape(-1, q)]
    points = z + np.concatenate(offsets)
    values = density(points)
    if not np.isfinite(values).all():  # a neighbour lies outside the support
        return _derivatives(density, z, width / 4)
    centre, above, below = values[0], values[1 : q + 1], values[q + 1 : 2 * q + 1]
    both = values[2 * q + 1 :].reshape(2, q, q).sum(axis=0)
    around = above + below
    gradient = (above - below) / (2 * width)
    hessian = (both - around[:, None] - around[None] + 2 * centre) / 2
    return gradient, hessian / np.multiply.outer(width, width)
