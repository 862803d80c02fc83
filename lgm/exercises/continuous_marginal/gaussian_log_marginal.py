"""The exercise ``continuous_marginal.gaussian_log_marginal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.distributions import Normal
from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.models import NormalNormal

__all__ = ["GAUSSIAN_LOG_MARGINAL"]


def gaussian_log_marginal(x, prior_mean, prior_scale, scale):
    return NormalNormal(Normal(prior_mean, prior_scale), scale).log_marginal(x)


def _readings(rng: np.random.Generator) -> list[Case]:
    def case(n: int, scale: float, label: str, group: str, away: float = 0.0) -> Case:
        prior_mean, prior_scale = rng.uniform(1.0, 3.0), rng.uniform(1.3, 2.0)
        z = prior_mean + prior_scale * rng.normal() + away
        x = z + scale * rng.normal(size=n)
        return Case((x, prior_mean, prior_scale, scale), label, group)

    several, typical = "several readings of one hidden value", "typical values"
    far, many = "readings far from what the prior expects", "very many precise readings"
    return [
        case(3, 0.6, several, typical),
        case(5, 0.4, several, typical),
        case(2, 3.0, several, typical),
        case(7, 0.8, several, typical),
        case(1, 0.5, "a single reading", "a single reading"),
        case(1, 2.5, "a single reading", "a single reading"),
        case(4, 0.7, far, "extreme values", 1000.0),
        case(6, 0.3, far, "extreme values", -1000.0),
        case(105, 0.02, many, "many readings"),
        case(115, 0.02, many, "many readings"),
    ]


def _below_the_best_z(log_px, x, prior_mean, prior_scale, scale):
    """An average of p(x given z) over z cannot exceed its value at the best z."""
    deviations = (x - x.mean()) / scale
    best = np.sum(-0.5 * deviations**2 - np.log(scale) - 0.5 * np.log(2 * np.pi))
    return bool(log_px <= best + 1e-2 + 1e-3 * abs(best))


@misconception(
    "You treated the readings as independent: each got a hidden value of its own.",
    "Each reading alone has exactly the density that you used, so every piece is right; but all "
    "of them share one z, and so they move together.",
)
def independent_readings(x, prior_mean, prior_scale, scale):
    total_scale = np.sqrt(prior_scale**2 + scale**2)
    return np.sum(scipy.stats.norm.logpdf(x, prior_mean, total_scale))


@misconception(
    "You returned a value for each reading.",
    "logpdf gives one for each entry; the readings share a hidden value, so there is one density "
    "of the whole vector, and it is not made of the separate ones.",
)
def one_value_per_reading(x, prior_mean, prior_scale, scale):
    return scipy.stats.norm.logpdf(x, prior_mean, np.sqrt(prior_scale**2 + scale**2))


@misconception(
    "You put the prior mean in the place of z.",
    "It is the best guess before the data; but the marginal averages over all that z might have "
    "been, and the spread of the prior has vanished from your answer.",
)
def z_at_prior_mean(x, prior_mean, prior_scale, scale):
    return np.sum(scipy.stats.norm.logpdf(x, prior_mean, scale))


@misconception(
    "You put the mean of the readings in the place of z.",
    "It is the z that makes the data most probable; but that is the maximum of the likelihood, "
    "and the marginal is an average of it.",
)
def z_at_mean_of_readings(x, prior_mean, prior_scale, scale):
    return np.sum(scipy.stats.norm.logpdf(x, np.mean(x), scale))


@misconception(
    "You put the posterior mean in the place of z.",
    "It is the best guess after the data; but a guess, however good, is one value, and the "
    "marginal is an average over all values.",
)
def z_at_posterior_mean(x, prior_mean, prior_scale, scale):
    precision = 1 / prior_scale**2 + len(x) / scale**2
    z = (prior_mean / prior_scale**2 + np.sum(x) / scale**2) / precision
    return np.sum(scipy.stats.norm.logpdf(x, z, scale))


@misconception(
    "You returned the joint density at its highest point.",
    "Prior and likelihood are both in it; but that is the height of the integrand, and the "
    "marginal is the area under it.",
)
def height_for_area(x, prior_mean, prior_scale, scale):
    precision = 1 / prior_scale**2 + len(x) / scale**2
    z = (prior_mean / prior_scale**2 + np.sum(x) / scale**2) / precision
    log_lik = np.sum(scipy.stats.norm.logpdf(x, z, scale))
    return scipy.stats.norm.logpdf(z, prior_mean, prior_scale) + log_lik


@misconception(
    "You averaged the log likelihood over the prior.",
    "The average over z is there; but the logarithm has to be taken after averaging, and taken "
    "before, it gives something lower.",
)
def average_of_the_log(x, prior_mean, prior_scale, scale):
    at_mean = np.sum(scipy.stats.norm.logpdf(x, prior_mean, scale))
    return at_mean - 0.5 * len(x) * prior_scale**2 / scale**2


@misconception(
    "You returned the density of the mean of the readings.",
    "The mean holds all that the readings say about z; but the question is how probable the whole "
    "vector is, and that includes how the readings scatter about their mean.",
)
def density_of_the_mean(x, prior_mean, prior_scale, scale):
    spread = np.sqrt(prior_scale**2 + scale**2 / len(x))
    return scipy.stats.norm.logpdf(np.mean(x), prior_mean, spread)


@misconception(
    "You built the covariance matrix from the scales as they are.",
    "A scale measures spread, and so does a covariance; but variances are what adds, and they are "
    "in squared units.",
)
def scales_for_variances(x, prior_mean, prior_scale, scale):
    n = len(x)
    covariance = scale * np.eye(n) + prior_scale * np.ones((n, n))
    return scipy.stats.multivariate_normal(np.full(n, prior_mean), covariance).logpdf(x)


@misconception(
    "You exchanged the two scales: what belongs to the hidden value went to the noise.",
    "The matrix has the right form; but what all readings share comes from z, and what each has "
    "alone comes from the noise.",
)
def scales_exchanged(x, prior_mean, prior_scale, scale):
    n = len(x)
    covariance = prior_scale**2 * np.eye(n) + scale**2 * np.ones((n, n))
    return scipy.stats.multivariate_normal(np.full(n, prior_mean), covariance).logpdf(x)


@misconception(
    "You put only the noise on the diagonal of the covariance matrix.",
    "It looks like a division of labour, noise on the diagonal and the prior beside it; but each "
    "reading by itself varies with z too, so both kinds of spread are on the diagonal.",
)
def diagonal_without_the_prior(x, prior_mean, prior_scale, scale):
    n = len(x)
    r = x - prior_mean
    covariance = prior_scale**2 * np.ones((n, n))
    np.fill_diagonal(covariance, scale**2)
    log_det = np.linalg.slogdet(covariance)[1]
    return -0.5 * (n * np.log(2 * np.pi) + log_det + r @ np.linalg.solve(covariance, r))


@misconception(
    "You added scale² to every entry of the matrix, so that all readings seem to have the same "
    "error.",
    "numpy adds a number to a whole array without complaint; but the errors are unrelated: scale² "
    "belongs on the diagonal only.",
)
def error_shared_by_all(x, prior_mean, prior_scale, scale):
    n = len(x)
    r = x - prior_mean
    covariance = np.full((n, n), prior_scale**2 + scale**2)
    log_det = np.linalg.slogdet(covariance)[1]
    return -0.5 * (n * np.log(2 * np.pi) + log_det + r @ np.linalg.solve(covariance, r))


@misconception(
    "You left the errors of the readings out of the covariance matrix.",
    "What the readings share is all in it; but without errors they would all be equal, and a "
    "matrix whose rows are all alike has no inverse.",
)
def errors_left_out(x, prior_mean, prior_scale, scale):
    n = len(x)
    r = x - prior_mean
    covariance = np.full((n, n), prior_scale**2)
    log_det = np.linalg.slogdet(covariance)[1]
    return -0.5 * (n * np.log(2 * np.pi) + log_det + r @ np.linalg.solve(covariance, r))


@misconception(
    "You left out the determinant of the covariance matrix.",
    "The quadratic form is what depends on x; but without the determinant the density does not "
    "integrate to one, and models cannot be compared.",
)
def determinant_left_out(x, prior_mean, prior_scale, scale):
    n = len(x)
    r = x - prior_mean
    covariance = scale**2 * np.eye(n) + prior_scale**2 * np.ones((n, n))
    return -0.5 * (n * np.log(2 * np.pi) + r @ np.linalg.solve(covariance, r))


@misconception(
    "You subtracted half of log 2π once for the whole vector.",
    "In one dimension there is one such term; a vector brings one for each of its entries.",
)
def one_log_two_pi(x, prior_mean, prior_scale, scale):
    n = len(x)
    r = x - prior_mean
    covariance = scale**2 * np.eye(n) + prior_scale**2 * np.ones((n, n))
    log_det = np.linalg.slogdet(covariance)[1]
    return -0.5 * (np.log(2 * np.pi) + log_det + r @ np.linalg.solve(covariance, r))


@misconception(
    "You integrated on a fixed grid around the prior.",
    "That is where z comes from, so the grid seems safe; but the mass of the integrand sits where "
    "the data put it, which may be far outside, or in a peak that slips between two nodes.",
)
def grid_around_the_prior(x, prior_mean, prior_scale, scale):
    z = np.linspace(prior_mean - 4 * prior_scale, prior_mean + 4 * prior_scale, 201)
    log_f = np.sum(scipy.stats.norm.logpdf(x, z[:, None], scale), axis=1)
    log_f = log_f + scipy.stats.norm.logpdf(z, prior_mean, prior_scale)
    log_strip = np.log(z[1] - z[0])
    return log_strip + scipy.special.logsumexp(log_f, b=np.r_[0.5, np.ones(199), 0.5])


@misconception(
    "You computed the density first and took its logarithm afterwards.",
    "For a few readings nothing is lost; but the density of a long or an unlikely vector is too "
    "small or too large for floating point. Compute its logarithm from the start.",
)
def density_before_log(x, prior_mean, prior_scale, scale):
    n = len(x)
    covariance = scale**2 * np.eye(n) + prior_scale**2 * np.ones((n, n))
    density = scipy.stats.multivariate_normal(np.full(n, prior_mean), covariance).pdf(x)
    return np.log(density)


@misconception(
    "You computed the determinant first and took its logarithm afterwards.",
    "For a few readings nothing is lost; but the determinant of a large matrix is a product of "
    "many small numbers, and it underflows to zero.",
)
def determinant_before_log(x, prior_mean, prior_scale, scale):
    n = len(x)
    r = x - prior_mean
    covariance = scale**2 * np.eye(n) + prior_scale**2 * np.ones((n, n))
    log_det = np.log(np.linalg.det(covariance))
    return -0.5 * (n * np.log(2 * np.pi) + log_det + r @ np.linalg.solve(covariance, r))


GAUSSIAN_LOG_MARGINAL = Exercise(
    name="continuous_marginal.gaussian_log_marginal",
    returns=("log p(x)",),
    section="When the integral has an answer",
    reference=gaussian_log_marginal,
    cases=_readings,
    properties=(
        Property(
            _below_the_best_z,
            "The marginal is an average over z of the density of x given z, so it cannot exceed "
            "that density at the best z. Yours does.",
        ),
    ),
    misconceptions=(
        independent_readings,
        one_value_per_reading,
        z_at_prior_mean,
        z_at_mean_of_readings,
        z_at_posterior_mean,
        height_for_area,
        average_of_the_log,
        density_of_the_mean,
        scales_for_variances,
        scales_exchanged,
        diagonal_without_the_prior,
        error_shared_by_all,
        errors_left_out,
        determinant_left_out,
        one_log_two_pi,
        grid_around_the_prior,
        density_before_log,
        determinant_before_log,
    ),
)
