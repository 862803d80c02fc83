"""The exercise ``factors_and_regimes.factor_posterior_mean``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.models import LinearGaussian

__all__ = ["FACTOR_POSTERIOR_MEAN"]


def factor_posterior_mean(loadings, noise, x):
    return LinearGaussian(loadings, np.zeros(len(x)), noise).posterior(x[None]).mean[0]


def _people(rng: np.random.Generator) -> list[Case]:
    def person(d: int, q: int, size: float = 1.0, noise: float = 1.0) -> tuple[np.ndarray, ...]:
        loadings = size * rng.uniform(0.4, 1.5, (d, q)) * rng.choice([-1.0, 1.0], (d, q))
        variances = noise * rng.uniform(0.2, 3.0, d)
        scores = loadings @ rng.normal(size=q) + np.sqrt(variances) * rng.normal(size=d)
        return loadings, variances, scores

    def far(d: int, q: int, distance: float) -> tuple[np.ndarray, ...]:
        loadings, variances, scores = person(d, q)
        return loadings, variances, scores + distance

    one, few = "one factor", "no more measurements than factors"
    return [
        Case(person(4, 2), "four measurements, two factors"),
        Case(person(6, 3), "six measurements, three factors"),
        Case(person(5, 2), "five measurements, two factors"),
        Case(person(7, 3), "seven measurements, three factors"),
        *(Case(person(d, 1), one, one) for d in (3, 6)),
        Case(person(2, 3), few, few),
        Case(person(1, 2), few, few),
        Case(person(3, 3), few, few),
        *(
            Case(far(d, 2, away), "scores far from the mean", "extreme values")
            for d, away in ((4, 1000.0), (5, -1000.0))
        ),
        Case(person(4, 2, noise=1000.0), "next to nothing but noise", "extreme values"),
    ]


def _better_than_zero(z, loadings, noise, x):
    """The posterior is highest at its mean, so higher than at zero."""
    misfit = np.sum((x - loadings @ z) ** 2 / noise) + np.sum(z**2)
    return bool(misfit <= np.sum(x**2 / noise) * (1 + 1e-3) + 1e-6)


@misconception(
    "You found the factors that fit best, without regard to their prior.",
    "Weighted least squares, the Bartlett score, is a respectable estimate; but few and noisy "
    "measurements are no reason to believe in an extraordinary person, and the posterior mean "
    "stays nearer to zero.",
)
def least_squares(loadings, noise, x):
    scale = np.sqrt(noise)
    return np.linalg.lstsq(loadings / scale[:, None], x / scale)[0]


@misconception(
    "You fitted the factors by ordinary least squares.",
    "It is one call; but it trusts a noisy measurement as much as an exact one, and knows nothing "
    "of the prior.",
)
def ordinary_least_squares(loadings, noise, x):
    return np.linalg.lstsq(loadings, x)[0]


@misconception(
    "You shrank towards zero, but counted every measurement alike.",
    "The prior is in it, which is the harder half; but a noisy measurement has to count for less.",
)
def noise_left_out(loadings, noise, x):
    return np.linalg.solve(np.eye(loadings.shape[1]) + loadings.T @ loadings, loadings.T @ x)


@misconception(
    "You squared the noise.",
    "A scale would have to be squared; these are variances already.",
)
def noise_as_scale(loadings, noise, x):
    weighted = loadings / noise[:, None] ** 2
    return np.linalg.solve(np.eye(loadings.shape[1]) + weighted.T @ loadings, weighted.T @ x)


@misconception(
    "You divided by the scale of the noise where its variance belongs.",
    "Dividing a difference by its scale is how one standardises it; but in the misfit the "
    "difference is squared, and so is the scale that divides it.",
)
def root_of_the_noise(loadings, noise, x):
    weighted = loadings / np.sqrt(noise)[:, None]
    return np.linalg.solve(np.eye(loadings.shape[1]) + weighted.T @ loadings, weighted.T @ x)


@misconception(
    "You multiplied by the noise where you should divide.",
    "Something has to be done to each measurement with its noise; but this way the noisiest counts "
    "most.",
)
def noise_as_weight(loadings, noise, x):
    weighted = loadings * noise[:, None]
    return np.linalg.solve(np.eye(loadings.shape[1]) + weighted.T @ loadings, weighted.T @ x)


@misconception(
    "You gave every measurement the average noise.",
    "One variance for all is the model of chapter 4; here each measurement has its own, and the "
    "exact ones should count for more.",
)
def same_noise_for_all(loadings, noise, x):
    weighted = loadings / np.mean(noise)
    return np.linalg.solve(np.eye(loadings.shape[1]) + weighted.T @ loadings, weighted.T @ x)


@misconception(
    "You added up the weighted measurements and did not divide.",
    "The sum points in the right direction; but it grows with every further measurement, and has "
    "still to be compared with how much the measurements could say.",
)
def not_divided(loadings, noise, x):
    return loadings.T @ (x / noise)


@misconception(
    "You added up the measurements, each times its loading.",
    "A score that weights each test by its loading is quickly made; but it knows neither the noise "
    "nor its own unit.",
)
def sum_of_scores(loadings, noise, x):
    return loadings.T @ x


@misconception(
    "You multiplied by the precision where you should divide by it.",
    "Both matrices have the right shape; but the more is known, the less the answer should be "
    "stretched.",
)
def multiplied_by_precision(loadings, noise, x):
    weighted = loadings / noise[:, None]
    return (np.eye(loadings.shape[1]) + weighted.T @ loadings) @ (weighted.T @ x)


@misconception(
    "You treated the factors one at a time.",
    "With one factor it is right, and a division is simpler than a system of equations; but two "
    "factors that share measurements explain the same scores, and each must leave room for the "
    "other.",
)
def one_factor_at_a_time(loadings, noise, x):
    weighted = loadings / noise[:, None]
    return (weighted.T @ x) / (1 + np.sum(weighted * loadings, axis=0))


@misconception(
    "You counted the prior once for each measurement.",
    "In a loop over measurements it is easily added every time; but a person has one ability, and "
    "the prior speaks once.",
)
def prior_for_each_measurement(loadings, noise, x):
    weighted = loadings / noise[:, None]
    prior = len(x) * np.eye(loadings.shape[1])
    return np.linalg.solve(prior + weighted.T @ loadings, weighted.T @ x)


@misconception(
    "You subtracted the prior's precision where it is to be added.",
    "Shrinking sounds like taking something away; but what you know before and what the "
    "measurements say are two sources of knowledge, and they add up.",
)
def prior_subtracted(loadings, noise, x):
    weighted = loadings / noise[:, None]
    return np.linalg.solve(weighted.T @ loadings - np.eye(loadings.shape[1]), weighted.T @ x)


@misconception(
    "You put the loadings into units of the noise, but not the measurements.",
    "Dividing both by the scale is a neat way; if only one is divided, the two no longer fit.",
)
def measurements_not_rescaled(loadings, noise, x):
    rescaled = loadings / np.sqrt(noise)[:, None]
    return np.linalg.solve(np.eye(loadings.shape[1]) + rescaled.T @ rescaled, rescaled.T @ x)


@misconception(
    "You centred the measurements of the person on their own average.",
    "Centring is a good habit, but it was done already, test by test; now the level of the person "
    "is what you want to know, and you have removed it.",
)
def centred_again(loadings, noise, x):
    weighted = loadings / noise[:, None]
    precision = np.eye(loadings.shape[1]) + weighted.T @ loadings
    return np.linalg.solve(precision, weighted.T @ (x - np.mean(x)))


@misconception(
    "You returned what the factors predict for the measurements.",
    "It is the picture that one wants to compare with x; but it has an entry for each measurement, "
    "and what is asked for is one for each factor.",
)
def fitted_measurements(loadings, noise, x):
    weighted = loadings / noise[:, None]
    precision = np.eye(loadings.shape[1]) + weighted.T @ loadings
    return loadings @ np.linalg.solve(precision, weighted.T @ x)


@misconception(
    "You returned the covariance of the posterior.",
    "It comes out of the same few lines; but it says how sure one is, and does not even look at x.",
)
def posterior_covariance(loadings, noise, x):
    weighted = loadings / noise[:, None]
    return np.linalg.inv(np.eye(loadings.shape[1]) + weighted.T @ loadings)


@misconception(
    "You divided the posterior mean by the posterior scale.",
    "It looks like a standardised score; but it measures how clearly the ability differs from "
    "zero, and not how large it is.",
)
def in_units_of_the_posterior(loadings, noise, x):
    weighted = loadings / noise[:, None]
    covariance = np.linalg.inv(np.eye(loadings.shape[1]) + weighted.T @ loadings)
    return covariance @ (weighted.T @ x) / np.sqrt(np.diag(covariance))


@misconception(
    "You multiplied by the covariance of the measurements where its inverse belongs.",
    "Loadings, covariance and scores have shapes that fit; but a direction in which scores vary "
    "much should count for less, and yours counts for more.",
)
def covariance_not_inverted(loadings, noise, x):
    return loadings.T @ (loadings @ loadings.T + np.diag(noise)) @ x


@misconception(
    "You took the loadings as if factors came in rows.",
    "The latent axis comes first for most arrays of this course; loadings keep the habit of the "
    "field, with a row for each measurement and a column for each factor.",
)
def loadings_turned_round(loadings, noise, x):
    weighted = loadings / noise
    return np.linalg.solve(np.eye(len(loadings)) + weighted @ loadings.T, weighted @ x)


@misconception(
    "You divided the scores by the noise, but not the matrix in front of the factors.",
    "The noise stands once in the misfit, and one place for it seems to do; but the derivative "
    "of the misfit has two parts, and the noise is in both.",
)
def noise_for_the_scores_only(loadings, noise, x):
    return np.linalg.solve(
        np.eye(loadings.shape[1]) + loadings.T @ loadings, loadings.T @ (x / noise)
    )


@misconception(
    "You divided by the noise in the matrix, but not in the scores.",
    "The noise stands once in the misfit, and one place for it seems to do; but the derivative "
    "of the misfit has two parts, and the noise is in both.",
)
def noise_for_the_matrix_only(loadings, noise, x):
    precision = np.eye(loadings.shape[1]) + loadings.T @ (loadings / noise[:, None])
    return np.linalg.solve(precision, loadings.T @ x)


@misconception(
    "You added one to every entry of the matrix.",
    "numpy adds a number to a whole matrix without complaint, and with one factor it is right; "
    "but the prior ties no factor to another, and belongs on the diagonal alone.",
)
def one_added_everywhere(loadings, noise, x):
    weighted = loadings / noise[:, None]
    return np.linalg.solve(1 + weighted.T @ loadings, weighted.T @ x)


@misconception(
    "You gave the prior twice its weight.",
    "The derivative of a square brings a factor of two; but there is a half in front of both "
    "sums, and it cancels in both.",
)
def prior_counted_twice(loadings, noise, x):
    weighted = loadings / noise[:, None]
    precision = 2 * np.eye(loadings.shape[1]) + weighted.T @ loadings
    return np.linalg.solve(precision, weighted.T @ x)


FACTOR_POSTERIOR_MEAN = Exercise(
    name="factors_and_regimes.factor_posterior_mean",
    returns=("the posterior mean",),
    section="What nine scores say about a pupil",
    reference=factor_posterior_mean,
    cases=_people,
    properties=(
        Property(
            _better_than_zero,
            "The posterior is highest at its mean. Yours is at a place where it is lower than at "
            "factors of zero.",
        ),
    ),
    misconceptions=(
        least_squares,
        ordinary_least_squares,
        noise_left_out,
        noise_as_scale,
        root_of_the_noise,
        noise_as_weight,
        same_noise_for_all,
        not_divided,
        sum_of_scores,
        multiplied_by_precision,
        one_factor_at_a_time,
        prior_for_each_measurement,
        prior_subtracted,
        measurements_not_rescaled,
        centred_again,
        fitted_measurements,
        posterior_covariance,
        in_units_of_the_posterior,
        covariance_not_inverted,
        loadings_turned_round,
        noise_for_the_scores_only,
        noise_for_the_matrix_only,
        one_added_everywhere,
        prior_counted_twice,
    ),
)
