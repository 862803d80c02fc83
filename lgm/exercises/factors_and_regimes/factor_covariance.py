"""The exercise ``factors_and_regimes.factor_covariance``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["FACTOR_COVARIANCE"]


def factor_covariance(loadings, noise):
    return loadings @ loadings.T + np.diag(noise)


def _models(rng: np.random.Generator) -> list[Case]:
    def model(d: int, q: int, size: float = 1.0, noise: float = 1.0) -> tuple[np.ndarray, ...]:
        loadings = size * rng.uniform(0.4, 1.5, (d, q)) * rng.choice([-1.0, 1.0], (d, q))
        return loadings, noise * rng.uniform(0.2, 3.0, d)

    def exact(d: int, q: int) -> tuple[np.ndarray, ...]:
        loadings, noise = model(d, q)
        noise[rng.permutation(d)[: d // 2]] = 0.0
        return loadings, noise

    one, single = "one factor", "a single measurement"
    return [
        Case(model(4, 2), "four measurements, two factors"),
        Case(model(6, 3), "six measurements, three factors"),
        Case(model(5, 2), "five measurements, two factors"),
        Case(model(3, 4), "more factors than measurements"),
        *(Case(model(d, 1), one, one) for d in (3, 5)),
        *(Case(model(1, q), single, single) for q in (2, 3)),
        Case(model(4, 2, size=0.01, noise=100.0), "much noise, small loadings", "extreme values"),
        Case(model(5, 3, size=1000.0, noise=1e6), "large numbers", "extreme values"),
        *(Case(exact(d, 2), "some measurements without noise", "no noise") for d in (4, 5)),
    ]


def _symmetric(covariance, loadings, noise):
    size = np.abs(covariance).max()
    return bool(np.all(np.abs(covariance - covariance.T) <= 1e-5 * size))


def _noise_is_a_part(covariance, loadings, noise):
    return bool(np.all(np.diag(covariance) >= noise * (1 - 1e-3) - 1e-6))


@misconception(
    "You left the noise out.",
    "It explains none of the correlations, and so it seems to be no part of the pattern; but every "
    "measurement varies by its noise as well, and without it the factors would have to explain "
    "each single point.",
)
def noise_left_out(loadings, noise):
    return loadings @ loadings.T


@misconception(
    "You squared the noise.",
    "A scale would have to be squared on its way into a covariance; these are variances already.",
)
def noise_as_scale(loadings, noise):
    return loadings @ loadings.T + np.diag(noise**2)


@misconception(
    "You took the square root of the noise.",
    "Roots turn variances into scales, which simulating needs; but variances are what adds up in "
    "a covariance matrix, and the noise is given as variances.",
)
def root_of_the_noise(loadings, noise):
    return loadings @ loadings.T + np.diag(np.sqrt(noise))


@misconception(
    "You added the noise to every row of the matrix.",
    "numpy adds a vector to a matrix without complaint; but the noise of one measurement has "
    "nothing to do with the noise of another.",
)
def noise_everywhere(loadings, noise):
    return loadings @ loadings.T + noise


@misconception(
    "You gave every measurement the same noise.",
    "That is probabilistic principal component analysis, the model of chapter 4; here some tests "
    "are noisier than others, and each keeps its own variance.",
)
def same_noise_for_all(loadings, noise):
    return loadings @ loadings.T + np.mean(noise) * np.eye(len(noise))


@misconception(
    "You used a noise of variance one.",
    "It is the variance of the factors that is one by convention; that of the noise is given.",
)
def noise_of_one(loadings, noise):
    return loadings @ loadings.T + np.eye(len(noise))


@misconception(
    "You subtracted the noise.",
    "Noise blurs, and blur seems to take something away; but independent contributions to a sum "
    "add their variances.",
)
def noise_subtracted(loadings, noise):
    return loadings @ loadings.T - np.diag(noise)


@misconception(
    "You inverted the noise.",
    "Precisions are what the posterior of the factors needs; a covariance is made of variances.",
)
def noise_as_precision(loadings, noise):
    return loadings @ loadings.T + np.diag(1 / noise)


@misconception(
    "You put the noise in the place of the diagonal.",
    "Noise belongs on the diagonal and nowhere else, that is right; but the factors make each "
    "measurement vary too, and both parts add.",
)
def diagonal_replaced(loadings, noise):
    covariance = loadings @ loadings.T
    np.fill_diagonal(covariance, noise)
    return covariance


@misconception(
    "You kept only the diagonal.",
    "The variances are right; but a factor is there to make different measurements vary together, "
    "and this you have thrown away.",
)
def correlations_dropped(loadings, noise):
    return np.diag(np.sum(loadings**2, axis=1) + noise)


@misconception(
    "You multiplied the loadings in the wrong order.",
    "Both products exist; but one compares factors with each other and the other compares "
    "measurements, and the covariance has a row for each measurement.",
)
def loadings_turned_round(loadings, noise):
    return loadings.T @ loadings + np.diag(noise)


@misconception(
    "You made a matrix with a row for each factor.",
    "It is square and has ones added on its diagonal; but the covariance of the measurements has a "
    "row for each measurement.",
)
def matrix_of_factors(loadings, noise):
    return loadings.T @ loadings + np.eye(loadings.shape[1])


@misconception(
    "You added the loadings of a measurement up before multiplying.",
    "That would be right if all factors were one and the same; they are independent, and each "
    "brings a product of its own.",
)
def factors_as_one(loadings, noise):
    total = loadings.sum(axis=1)
    return np.outer(total, total) + np.diag(noise)


@misconception(
    "You averaged over the factors.",
    "A mean looks tidy; but the contributions of independent factors add up, and a second factor "
    "does not halve the first.",
)
def averaged_over_factors(loadings, noise):
    return loadings @ loadings.T / loadings.shape[1] + np.diag(noise)


@misconception(
    "You dropped the signs of the loadings.",
    "Strength is what one looks for in a table of loadings; but a measurement that falls when the "
    "factor rises is correlated negatively with the others.",
)
def signs_dropped(loadings, noise):
    size = np.abs(loadings)
    return size @ size.T + np.diag(noise)


@misconception(
    "You returned the correlations.",
    "Correlations are easier to read, and the notebook draws them; the specification asks for "
    "covariances, in the units of the measurements.",
)
def correlations_returned(loadings, noise):
    covariance = loadings @ loadings.T + np.diag(noise)
    scale = np.sqrt(np.diag(covariance))
    return covariance / np.outer(scale, scale)


@misconception(
    "You returned the inverse.",
    "The density of a normal distribution needs it; but what was asked for is the covariance.",
)
def precision_returned(loadings, noise):
    return np.linalg.inv(loadings @ loadings.T + np.diag(noise))


@misconception(
    "You multiplied the noise by the number of factors.",
    "Each factor reaches each measurement, and a formula in a loop soon adds the noise each time; "
    "a measurement has its noise only once.",
)
def noise_for_each_factor(loadings, noise):
    return sum(np.outer(column, column) + np.diag(noise) for column in loadings.T)


FACTOR_COVARIANCE = Exercise(
    name="factors_and_regimes.factor_covariance",
    returns=("the covariance",),
    section="What a factor does to a covariance",
    reference=factor_covariance,
    cases=_models,
    properties=(
        Property(
            _symmetric,
            "A covariance matrix is symmetric: two measurements vary together in either order. "
            "Yours is not.",
        ),
        Property(
            _noise_is_a_part,
            "The noise is a part of each variance, so no variance can be smaller than its noise. "
            "One of yours is.",
        ),
    ),
    misconceptions=(
        noise_left_out,
        noise_as_scale,
        root_of_the_noise,
        noise_everywhere,
        same_noise_for_all,
        noise_of_one,
        noise_subtracted,
        noise_as_precision,
        diagonal_replaced,
        correlations_dropped,
        loadings_turned_round,
        matrix_of_factors,
        factors_as_one,
        averaged_over_factors,
        signs_dropped,
        correlations_returned,
        precision_returned,
        noise_for_each_factor,
    ),
)
