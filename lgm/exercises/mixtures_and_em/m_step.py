"""The exercise ``mixtures_and_em.m_step``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["M_STEP"]


def m_step(x, responsibilities):
    number = responsibilities.sum(axis=1)
    shares = responsibilities / number[:, None]
    means = shares @ x
    residuals = x - means[:, None]  # (K, N, D), centred before they are squared
    covariances = np.einsum("kn,knd,kne->kde", shares, residuals, residuals)
    return number / len(x), means, covariances


def _completed_data(rng: np.random.Generator) -> list[Case]:
    def case(
        n: int, k: int, d: int, label: str, group: str = "typical values", **kw: float
    ) -> Case:
        """Points that vary together, shared out unevenly among K components."""
        x = 4.0 * rng.normal(size=(n, 1)) * rng.uniform(0.5, 1.5, d)
        x = kw.get("unit", 1.0) * (x + 6.0 * rng.normal(size=(n, d)) + rng.uniform(2.0, 9.0, d))
        shares = rng.dirichlet(np.linspace(0.8, 2.4, k), size=n).T
        if "rare" in kw:
            shares[0] *= kw["rare"]
            shares[1:] *= (1.0 - shares[0]) / shares[1:].sum(axis=0)
        if "hard" in kw:
            owners = rng.permutation(np.resize(np.arange(k), n))
            shares = np.where(np.arange(k)[:, None] == owners, 1.0, 0.0)
        return Case((x + kw.get("centre", 0.0), shares), label, group)

    small, offset = "one of something", "large numbers with small differences"
    rare, narrow = "a component to which hardly any point belongs", "a small unit"
    return [
        case(9, 3, 2, "three components in two dimensions"),
        case(7, 2, 3, "two components in three dimensions"),
        case(8, 4, 2, "four components in two dimensions"),
        case(11, 3, 2, "points that belong wholly to one component", hard=1),
        case(1, 2, 3, "a single point", small),
        case(1, 3, 2, "a single point", small),
        case(6, 1, 2, "a single component", small),
        case(5, 1, 3, "a single component", small),
        case(7, 3, 1, "a single measurement of each point", small),
        case(9, 2, 1, "a single measurement of each point", small),
        case(8, 3, 2, "a mean far from zero", offset, centre=1e8),
        case(6, 2, 3, "a mean far from zero", offset, centre=-1e8),
        case(7, 3, 2, rare, rare, rare=1e-12),
        case(9, 2, 3, rare, rare, rare=1e-15),
        case(8, 3, 2, "points that lie close together", narrow, unit=1e-3),
        case(7, 2, 3, "points that lie close together", narrow, unit=1e-3),
    ]


def _weights_sum_to_one(results, x, responsibilities):
    return bool(abs(results[0].sum() - 1.0) < 1e-3)


def _means_among_the_points(results, x, responsibilities):
    slack = 1e-2 * np.ptp(x, axis=0) + 1e-4 * np.abs(x).max()
    low, high = x.min(axis=0) - slack, x.max(axis=0) + slack
    return bool(np.all((results[1] >= low) & (results[1] <= high)))


def _symmetric(results, x, responsibilities):
    covariances = results[2]
    size = 1e-3 * np.abs(covariances).max() + 1e-9
    return bool(np.all(np.abs(covariances - np.swapaxes(covariances, 1, 2)) <= size))


@misconception(
    "You divided the weighted sums of the points by their number, not by the component's own.",
    "One divides by the number of points to get a mean; but of these points a component owns "
    "only its share, and its mean is pulled towards zero.",
)
def means_divided_by_all(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / len(x)
    d = x - means[:, None]
    covariances = np.einsum("kn,knd,kne->kde", responsibilities, d, d) / number[:, None, None]
    return number / len(x), means, covariances


@misconception(
    "You divided each covariance by the number of all points, not by the component's own.",
    "One divides by the number of points to get a covariance; but then a component that owns "
    "few points comes out too narrow, the more so the rarer it is.",
)
def covariance_divided_by_all(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / number[:, None]
    d = x - means[:, None]
    return number / len(x), means, np.einsum("kn,knd,kne->kde", responsibilities, d, d) / len(x)


@misconception(
    "You did not divide the covariances at all.",
    "The weighted sum of squares has the right shape; but it grows with the number of points.",
)
def covariance_not_divided(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / number[:, None]
    d = x - means[:, None]
    return number / len(x), means, np.einsum("kn,knd,kne->kde", responsibilities, d, d)


@misconception(
    "You measured the spread about the mean of all points, not about each component's own.",
    "There is one data set with one mean; but then the distance between the components counts "
    "as spread within them.",
)
def covariance_about_the_common_mean(x, responsibilities):
    number = responsibilities.sum(axis=1)
    d = x - x.mean(axis=0)
    covariances = np.einsum("kn,nd,ne->kde", responsibilities, d, d) / number[:, None, None]
    return number / len(x), responsibilities @ x / number[:, None], covariances


@misconception(
    "You measured the spread about zero, without subtracting a mean.",
    "The average square is easily taken for a variance; it is one only if the mean is zero.",
)
def covariance_about_zero(x, responsibilities):
    number = responsibilities.sum(axis=1)
    covariances = np.einsum("kn,nd,ne->kde", responsibilities, x, x) / number[:, None, None]
    return number / len(x), responsibilities @ x / number[:, None], covariances


@misconception(
    "You divided each covariance by the component's number less one.",
    "That removes the bias of a sample variance; but what is asked for is the likeliest "
    "covariance, and the M-step is sure to raise the likelihood only with that one.",
)
def covariance_by_one_less(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / number[:, None]
    d = x - means[:, None]
    scatter = np.einsum("kn,knd,kne->kde", responsibilities, d, d)
    return number / len(x), means, scatter / (number - 1.0)[:, None, None]


@misconception(
    "You weighted the differences twice: the responsibilities are squared in the covariances.",
    "Each of the two factors looks as if it needed its weight; but a point counts once.",
)
def responsibilities_squared(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / number[:, None]
    d = responsibilities[:, :, None] * (x - means[:, None])
    return number / len(x), means, np.einsum("knd,kne->kde", d, d) / number[:, None, None]


@misconception(
    "You kept only the variances: your covariance matrices are diagonal.",
    "Each measurement has its spread; but how two of them vary together, which tilts the "
    "ellipse, is lost.",
)
def correlations_dropped(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / number[:, None]
    d = x - means[:, None]
    variances = np.einsum("kn,knd->kd", responsibilities, d**2) / number[:, None]
    return number / len(x), means, variances[:, :, None] * np.eye(x.shape[1])


@misconception(
    "You made one covariance matrix of all components and gave it to each of them.",
    "Sharing one is a sound model, and sometimes a wise one; but what is asked for is a shape for "
    "each component.",
)
def one_covariance_for_all(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / number[:, None]
    d = x - means[:, None]
    pooled = np.einsum("kn,knd,kne->de", responsibilities, d, d) / len(x)
    return number / len(x), means, np.stack([pooled] * len(number))


@misconception(
    "You gave each point wholly to its best component before you averaged.",
    "That is k-means, where a point has one owner; here a point counts for each component as far "
    "as that component is responsible for it.",
)
def hard_assignment(x, responsibilities):
    r = np.where(np.arange(len(responsibilities))[:, None] == responsibilities.argmax(0), 1.0, 0.0)
    number = r.sum(axis=1)
    means = r @ x / number[:, None]
    d = x - means[:, None]
    return number / len(x), means, np.einsum("kn,knd,kne->kde", r, d, d) / number[:, None, None]


@misconception(
    "You returned the effective numbers of points where their shares are asked for.",
    "They say how much each component owns; weights are probabilities, and sum to one.",
)
def numbers_for_weights(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / number[:, None]
    d = x - means[:, None]
    covariances = np.einsum("kn,knd,kne->kde", responsibilities, d, d) / number[:, None, None]
    return number, means, covariances


@misconception(
    "You gave all components the same weight.",
    "Means and covariances are what one looks at; but how common a component is belongs to the "
    "model, and is learned like the rest.",
)
def equal_weights(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / number[:, None]
    d = x - means[:, None]
    covariances = np.einsum("kn,knd,kne->kde", responsibilities, d, d) / number[:, None, None]
    return np.full(len(number), 1.0 / len(number)), means, covariances


@misconception(
    "You left the responsibilities out of the covariances: every point counts in full.",
    "The differences are taken from the component's own mean; but points that belong elsewhere "
    "then widen it.",
)
def covariance_without_responsibilities(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / number[:, None]
    d = x - means[:, None]
    return number / len(x), means, np.einsum("knd,kne->kde", d, d) / len(x)


@misconception(
    "You subtracted the square of the mean from the mean of the squares.",
    "On paper it is the same, and one pass over the data suffices; but far from zero two large "
    "numbers that are nearly equal lose the digits that matter.",
)
def mean_square_less_square_mean(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / number[:, None]
    squares = np.einsum("kn,nd,ne->kde", responsibilities, x, x) / number[:, None, None]
    return number / len(x), means, squares - means[:, :, None] * means[:, None, :]


@misconception(
    "You added a tiny number to what you divide by.",
    "It guards against a component without any points; but a component that owns very little has "
    "a mean all the same, and yours is pulled to zero.",
)
def tiny_number_in_the_denominator(x, responsibilities):
    number = responsibilities.sum(axis=1) + 1e-10
    means = responsibilities @ x / number[:, None]
    d = x - means[:, None]
    covariances = np.einsum("kn,knd,kne->kde", responsibilities, d, d) / number[:, None, None]
    return responsibilities.sum(axis=1) / len(x), means, covariances


@misconception(
    "You added a small number to the variances.",
    "Programs do it, and say so, to keep a component from closing in on a point; but it gives "
    "another estimate than the likeliest, and what is small depends on the unit.",
)
def variances_padded(x, responsibilities):
    number = responsibilities.sum(axis=1)
    means = responsibilities @ x / number[:, None]
    d = x - means[:, None]
    covariances = np.einsum("kn,knd,kne->kde", responsibilities, d, d) / number[:, None, None]
    return number / len(x), means, covariances + 1e-6 * np.eye(x.shape[1])


@misconception(
    "You divided means and covariances by the number of all points, not by the component's own.",
    "For the weights that is right; but a component's sums run over its share of the points "
    "only, so that its mean is pulled towards zero.",
)
def everything_divided_by_all(x, responsibilities):
    means = responsibilities @ x / len(x)
    d = x - means[:, None]
    covariances = np.einsum("kn,knd,kne->kde", responsibilities, d, d) / len(x)
    return responsibilities.mean(axis=1), means, covariances


@misconception(
    "You divided each covariance by less than the component's number, as np.cov does with aweights "
    "unless it is told otherwise.",
    "It takes the weights and looks like the very thing; but by default (ddof) it removes a bias, "
    "and what is asked for is the likeliest covariance, bias and all.",
)
def np_cov_unasked(x, responsibilities):
    number = responsibilities.sum(axis=1)
    covariances = [np.atleast_2d(np.cov(x.T, aweights=r)) for r in responsibilities]
    return number / len(x), responsibilities @ x / number[:, None], np.array(covariances)


M_STEP = Exercise(
    name="mixtures_and_em.m_step",
    returns=("weights", "means", "covariances"),
    section="The M-step",
    reference=m_step,
    cases=_completed_data,
    properties=(
        Property(_weights_sum_to_one, "Weights are probabilities and sum to one. Yours do not."),
        Property(
            _means_among_the_points,
            "A mean is an average of the points, so it lies among them. Yours does not.",
        ),
        Property(_symmetric, "A covariance matrix is symmetric. Yours is not."),
    ),
    misconceptions=(
        means_divided_by_all,
        covariance_divided_by_all,
        covariance_not_divided,
        covariance_about_the_common_mean,
        covariance_about_zero,
        covariance_by_one_less,
        responsibilities_squared,
        correlations_dropped,
        one_covariance_for_all,
        hard_assignment,
        numbers_for_weights,
        equal_weights,
        covariance_without_responsibilities,
        mean_square_less_square_mean,
        tiny_number_in_the_denominator,
        variances_padded,
        everything_divided_by_all,
        np_cov_unasked,
    ),
)
