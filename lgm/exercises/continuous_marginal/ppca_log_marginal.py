"""The exercise ``continuous_marginal.ppca_log_marginal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.models import LinearGaussian

__all__ = ["PPCA_LOG_MARGINAL"]


def ppca_log_marginal(x, loadings, mean, variance):
    return LinearGaussian(loadings, mean, variance).log_marginal(x)


def _rows(rng: np.random.Generator) -> list[Case]:
    def case(
        n: int, d: int, q: int, label: str, group: str = "typical values", **kw: float
    ) -> Case:
        loadings = rng.uniform(0.4, 1.5, (d, q)) * rng.choice([-1.0, 1.0], (d, q))
        mean, variance = rng.uniform(1.0, 4.0, d), kw.get("variance", rng.uniform(0.2, 0.6))
        z = rng.normal(size=(n, q))
        x = (
            mean
            + z @ loadings.T
            + np.sqrt(variance) * rng.normal(size=(n, d))
            + kw.get("away", 0.0)
        )
        return Case((x, loadings, mean, variance), label, group)

    far, many = "rows far from the mean", "a hundred measurements and more per row"
    return [
        case(5, 3, 2, "three measurements, two hidden values"),
        case(4, 2, 1, "two measurements, one hidden value"),
        case(3, 5, 2, "five measurements, two hidden values"),
        case(4, 2, 2, "as many hidden values as measurements"),
        case(3, 2, 3, "more hidden values than measurements"),
        case(1, 3, 1, "a single row", "a single row or measurement"),
        case(1, 4, 2, "a single row", "a single row or measurement"),
        case(3, 1, 2, "a single measurement per row", "a single row or measurement"),
        case(4, 1, 1, "a single measurement per row", "a single row or measurement"),
        case(3, 3, 1, far, "extreme values", away=1000.0),
        case(4, 4, 2, far, "extreme values", away=-1000.0),
        case(3, 110, 2, many, "many measurements", variance=5e-4),
        case(2, 120, 3, many, "many measurements", variance=5e-4),
    ]


def _below_the_best_hidden(log_px, x, loadings, mean, variance):
    """No average over z exceeds the density of a row that its z explains without a residual."""
    best = -0.5 * len(mean) * np.log(2 * np.pi * variance)
    return bool(np.all(log_px <= best + 1e-2 + 1e-3 * abs(best)))


@misconception(
    "You put zero, the mean of its prior, in the place of z.",
    "It removes the integral at once; but then nothing is hidden any more, and the measurements "
    "no longer vary together.",
)
def z_at_zero(x, loadings, mean, variance):
    return scipy.stats.norm.logpdf(x, mean, np.sqrt(variance)).sum(axis=1)


@misconception(
    "You put the posterior mean in the place of z.",
    "It reconstructs each row as well as one can, and the density looks splendid; but the "
    "marginal averages over all z, most of which fit the row worse.",
)
def z_at_its_best(x, loadings, mean, variance):
    precision = loadings.T @ loadings + variance * np.eye(loadings.shape[1])
    z = np.linalg.solve(precision, loadings.T @ (x - mean).T).T
    return scipy.stats.norm.logpdf(x, mean + z @ loadings.T, np.sqrt(variance)).sum(axis=1)


@misconception(
    "You returned the joint density at its highest point.",
    "Prior and likelihood are both in it; but that is the height of the integrand, and the "
    "marginal is the volume under it.",
)
def height_for_volume(x, loadings, mean, variance):
    precision = loadings.T @ loadings + variance * np.eye(loadings.shape[1])
    z = np.linalg.solve(precision, loadings.T @ (x - mean).T).T
    log_lik = scipy.stats.norm.logpdf(x, mean + z @ loadings.T, np.sqrt(variance)).sum(axis=1)
    return scipy.stats.norm.logpdf(z).sum(axis=1) + log_lik


@misconception(
    "You kept only the diagonal of the covariance matrix.",
    "Each measurement alone then has the right density; but measurements that share a hidden "
    "value vary together, and that is what the model is for.",
)
def correlations_dropped(x, loadings, mean, variance):
    scales = np.sqrt(np.sum(loadings**2, axis=1) + variance)
    return scipy.stats.norm.logpdf(x, mean, scales).sum(axis=1)


@misconception(
    "You left the noise out of the covariance matrix.",
    "The loadings carry what is interesting; but with fewer hidden values than measurements and no "
    "noise, all rows would lie exactly on a line or in a plane, and the matrix has no inverse.",
)
def noise_left_out(x, loadings, mean, variance):
    return scipy.stats.multivariate_normal(mean, loadings @ loadings.T).logpdf(x)


@misconception(
    "You added the noise variance to every entry of the matrix.",
    "numpy adds a number to a whole array without complaint; but the noise of one measurement has "
    "nothing to do with the noise of another.",
)
def noise_everywhere(x, loadings, mean, variance):
    r = x - mean
    covariance = loadings @ loadings.T + variance
    log_det = np.linalg.slogdet(covariance)[1]
    quadratic = np.sum(r.T * np.linalg.solve(covariance, r.T), axis=0)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + log_det + quadratic)


@misconception(
    "You squared the noise variance.",
    "A scale would have to be squared; a variance has been already.",
)
def variance_squared(x, loadings, mean, variance):
    covariance = loadings @ loadings.T + variance**2 * np.eye(len(mean))
    return scipy.stats.multivariate_normal(mean, covariance).logpdf(x)


@misconception(
    "You multiplied the loadings in the wrong order.",
    "Both products exist; but one compares hidden values with each other and the other compares "
    "measurements, and the covariance of x has a row for each measurement.",
)
def loadings_turned_round(x, loadings, mean, variance):
    covariance = loadings.T @ loadings + variance * np.eye(len(mean))
    r = x - mean
    log_det = np.linalg.slogdet(covariance)[1]
    quadratic = np.sum(r.T * np.linalg.solve(covariance, r.T), axis=0)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + log_det + quadratic)


@misconception(
    "You made a covariance matrix of shape (Q, Q).",
    "It is square and has the noise on its diagonal; but it compares hidden values. The covariance "
    "of x compares measurements and has shape (D, D).",
)
def covariance_of_hidden_values(x, loadings, mean, variance):
    r = x - mean
    covariance = loadings.T @ loadings + variance * np.eye(loadings.shape[1])
    log_det = np.linalg.slogdet(covariance)[1]
    quadratic = np.sum(r.T * np.linalg.solve(covariance, r.T), axis=0)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + log_det + quadratic)


@misconception(
    "You did not subtract the mean.",
    "Data are often centred beforehand, and then it makes no difference; here they are not.",
)
def mean_left_in(x, loadings, mean, variance):
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    return scipy.stats.multivariate_normal(np.zeros(len(mean)), covariance).logpdf(x)


@misconception(
    "You subtracted the mean of the rows at hand instead of the mean of the model.",
    "Centring the data is a good habit; but the model says where its centre is, and how far the "
    "data lie from it is part of how probable they are.",
)
def centred_on_the_rows(x, loadings, mean, variance):
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    return scipy.stats.multivariate_normal(np.zeros(len(mean)), covariance).logpdf(
        x - x.mean(axis=0)
    )


@misconception(
    "You subtracted half of log 2π once for the whole row.",
    "In one dimension there is one such term; a row brings one for each measurement.",
)
def one_log_two_pi_per_row(x, loadings, mean, variance):
    r = x - mean
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    log_det = np.linalg.slogdet(covariance)[1]
    quadratic = np.sum(r.T * np.linalg.solve(covariance, r.T), axis=0)
    return -0.5 * (np.log(2 * np.pi) + log_det + quadratic)


@misconception(
    "You counted rows where the entries of a row were wanted.",
    "Both numbers are at hand, and N stood in the formula for a vector of N readings; here the "
    "vector is one row, and each of its D measurements brings a log 2π.",
)
def rows_for_entries(x, loadings, mean, variance):
    r = x - mean
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    log_det = np.linalg.slogdet(covariance)[1]
    quadratic = np.sum(r.T * np.linalg.solve(covariance, r.T), axis=0)
    return -0.5 * (len(x) * np.log(2 * np.pi) + log_det + quadratic)


@misconception(
    "You subtracted the whole log determinant.",
    "The determinant stands under a square root in the density; in log space a root is a half.",
)
def determinant_not_halved(x, loadings, mean, variance):
    r = x - mean
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    log_det = np.linalg.slogdet(covariance)[1]
    quadratic = np.sum(r.T * np.linalg.solve(covariance, r.T), axis=0)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + quadratic) - log_det


@misconception(
    "You used the covariance matrix where its inverse belongs.",
    "The quadratic form has the right shape; but it should be small in directions in which the "
    "data vary much, and yours is large there.",
)
def covariance_not_inverted(x, loadings, mean, variance):
    r = x - mean
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    log_det = np.linalg.slogdet(covariance)[1]
    quadratic = np.sum(r * (r @ covariance), axis=1)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + log_det + quadratic)


@misconception(
    "You gave the solver the observations as rows.",
    "The data come with a row for each observation; but a linear solver takes its right-hand "
    "sides as columns, with a measurement in each row.",
)
def observations_not_turned(x, loadings, mean, variance):
    r = x - mean
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    log_det = np.linalg.slogdet(covariance)[1]
    quadratic = np.sum(r * np.linalg.solve(covariance, r), axis=1)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + log_det + quadratic)


@misconception(
    "You returned a table with an entry for every pair of rows.",
    "A product of matrices computes the quadratic form for one row; for several at once it "
    "crosses each row with every other, and only the diagonal of that is wanted.",
)
def every_pair_of_rows(x, loadings, mean, variance):
    r = x - mean
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    log_det = np.linalg.slogdet(covariance)[1]
    quadratic = r @ np.linalg.inv(covariance) @ r.T
    return -0.5 * (len(mean) * np.log(2 * np.pi) + log_det + quadratic)


@misconception(
    "You returned a bare number where there is a single row.",
    "scipy drops an axis of length one, so this happens by itself; but whoever calls your "
    "function with one row still expects an array with one entry.",
)
def bare_number_for_one_row(x, loadings, mean, variance):
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    return scipy.stats.multivariate_normal(mean, covariance).logpdf(x)


@misconception(
    "You returned one total for all rows.",
    "The total is what one maximises in the end; the specification asks for a value for each row.",
)
def total_for_all_rows(x, loadings, mean, variance):
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    return np.sum(scipy.stats.multivariate_normal(mean, covariance).logpdf(x))


@misconception(
    "You computed the determinant first and took its logarithm afterwards.",
    "For a few measurements nothing is lost; but the determinant of a large matrix is a product "
    "of many small numbers, and it underflows to zero.",
)
def log_after_determinant(x, loadings, mean, variance):
    r = x - mean
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    log_det = np.log(np.linalg.det(covariance))
    quadratic = np.sum(r.T * np.linalg.solve(covariance, r.T), axis=0)
    return -0.5 * (len(mean) * np.log(2 * np.pi) + log_det + quadratic)


@misconception(
    "You computed the density first and took its logarithm afterwards.",
    "For a few measurements nothing is lost; but the density of a long or an unlikely row is too "
    "small or too large for floating point.",
)
def log_after_density(x, loadings, mean, variance):
    covariance = loadings @ loadings.T + variance * np.eye(len(mean))
    density = scipy.stats.multivariate_normal(mean, covariance).pdf(x)
    return np.log(np.atleast_1d(density))


PPCA_LOG_MARGINAL = Exercise(
    name="continuous_marginal.ppca_log_marginal",
    returns=("log p(x)",),
    section="Several hidden values",
    reference=ppca_log_marginal,
    cases=_rows,
    properties=(
        Property(
            _below_the_best_hidden,
            "The marginal is an average over z of the density of x given z, so it cannot exceed "
            "that density at a z that leaves no residual. Yours does.",
        ),
    ),
    misconceptions=(
        z_at_zero,
        z_at_its_best,
        height_for_volume,
        correlations_dropped,
        noise_left_out,
        noise_everywhere,
        variance_squared,
        loadings_turned_round,
        covariance_of_hidden_values,
        mean_left_in,
        centred_on_the_rows,
        one_log_two_pi_per_row,
        rows_for_entries,
        determinant_not_halved,
        covariance_not_inverted,
        observations_not_turned,
        every_pair_of_rows,
        bare_number_for_one_row,
        total_for_all_rows,
        log_after_determinant,
        log_after_density,
    ),
)
