"""The exercise ``mixtures_and_em.e_step``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.logspace import total_and_shares

__all__ = ["E_STEP"]


def e_step(x, weights, means, covariances):
    factors = np.linalg.cholesky(covariances)
    residuals = np.swapaxes(x - means[:, None], 1, 2)  # (K, D, N), small numbers whatever the unit
    whitened = np.linalg.solve(factors, residuals)
    half_log_det = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
    constant = half_log_det + 0.5 * x.shape[1] * np.log(2 * np.pi)
    with np.errstate(divide="ignore"):
        log_prior = np.log(weights)
    log_joint = (log_prior - constant)[:, None] - 0.5 * np.sum(whitened**2, axis=1)
    log_marginal, responsibilities = total_and_shares(log_joint)
    return responsibilities, float(log_marginal.sum())


def _mixtures(rng: np.random.Generator) -> list[Case]:
    def case(
        n: int, k: int, d: int, label: str, group: str = "typical values", **kw: float
    ) -> Case:
        """Points of K overlapping components whose measurements vary together."""
        unit, centre = kw.get("unit", 1.0), kw.get("centre", 0.0)
        weights = rng.dirichlet(np.linspace(2.0, 6.0, k))
        if "without" in kw:
            weights[int(kw["without"])] = 0.0
            weights /= weights.sum()
        means = rng.normal(0.0, 1.5, (k, d))
        loadings = rng.normal(size=(k, d, 1)) * rng.uniform(0.8, 2.0, (k, 1, 1))
        noise = np.eye(d) * rng.uniform(0.2, 1.2, (k, 1, d))
        covariances = loadings @ np.swapaxes(loadings, 1, 2) + noise
        z = rng.integers(k, size=n)
        x = means[z] + np.einsum(
            "nde,ne->nd", np.linalg.cholesky(covariances)[z], rng.normal(size=(n, d))
        )
        return Case(
            (
                unit * (x + kw.get("away", 0.0)) + centre,
                weights,
                unit * means + centre,
                unit**2 * covariances,
            ),
            label,
            group,
        )

    small, far, many = "one of something", "extreme values", "many measurements"
    zero, offset = "a component of weight zero", "large numbers with small differences"
    return [
        case(5, 3, 2, "three components in two dimensions"),
        case(7, 2, 3, "two components in three dimensions"),
        case(6, 4, 2, "four components in two dimensions"),
        case(4, 3, 5, "three components in five dimensions"),
        case(1, 3, 2, "a single point", small),
        case(1, 2, 4, "a single point", small),
        case(4, 1, 2, "a single component", small),
        case(5, 1, 3, "a single component", small),
        case(6, 3, 1, "a single measurement of each point", small),
        case(4, 2, 1, "a single measurement of each point", small),
        case(4, 3, 2, "points far from every component", far, away=1000.0),
        case(5, 2, 3, "points far from every component", far, away=-1000.0),
        case(4, 3, 2, "a mean far from zero", offset, centre=1e8),
        case(5, 2, 3, "a mean far from zero", offset, centre=-1e8),
        case(3, 2, 32, "many measurements in a large unit", many, unit=1e-6),
        case(4, 3, 30, "many measurements in a small unit", many, unit=1e6),
        case(5, 3, 2, "a component that is never chosen", zero, without=1),
        case(4, 2, 3, "a component that is never chosen", zero, without=0),
    ]


def _probabilities(results, x, weights, means, covariances):
    return bool(np.all((results[0] >= -1e-6) & (results[0] <= 1.0 + 1e-3)))


def _columns_sum_to_one(results, x, weights, means, covariances):
    return bool(np.allclose(results[0].sum(axis=0), 1.0, atol=1e-3))


@misconception(
    "You measured distances with the covariance matrix itself, as though it were the precision.",
    "It stands between two differences in either case; but a wide component must make a distance "
    "count for less, so its inverse belongs there.",
)
def covariance_as_precision(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, covariances, d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


@misconception(
    "You kept only the variances and dropped the correlations.",
    "Each measurement alone then has the right density; but a tilted cloud becomes an upright "
    "one, and points along its long direction look improbable.",
)
def correlations_dropped(x, weights, means, covariances):
    scales = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    a = scipy.stats.norm.logpdf(x, means[:, None], scales[:, None]).sum(axis=2)
    a = a + np.log(weights)[:, None]
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


@misconception(
    "You used the covariance matrix where its square root belongs.",
    "With a scale one divides by it and then squares; but a covariance is squared already.",
)
def covariance_as_scale(x, weights, means, covariances):
    d = x - means[:, None]
    whitened = np.linalg.solve(covariances, np.swapaxes(d, 1, 2))
    log_det = np.linalg.slogdet(covariances)[1] + 0.5 * x.shape[1] * np.log(2 * np.pi)
    a = (np.log(weights) - log_det)[:, None] - 0.5 * np.sum(whitened**2, axis=1)
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


@misconception(
    "Your log likelihood is the expected log joint.",
    "It is what the M-step maximises, and it is computed from what is at hand; but it lacks the "
    "entropy of the responsibilities, and so it lies below the log likelihood.",
)
def complete_data_value(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    r = scipy.special.softmax(a, axis=0)
    return r, np.sum(r * a)


@misconception(
    "Your log likelihood counts only the best component of each point.",
    "One component made the point, after all; but you do not know which one, and the others "
    "could have made it too.",
)
def best_component_only(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    return scipy.special.softmax(a, axis=0), a.max(axis=0).sum()


@misconception(
    "Your log likelihood averages the components' log densities by their weights.",
    "It needs no exponential; but the logarithm of an average is never below the average of the "
    "logarithms, and here it is far above.",
)
def average_of_logs(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    log_lik = -0.5 * (log_det[:, None] + quadratic)
    r = scipy.special.softmax(np.log(weights)[:, None] + log_lik, axis=0)
    return r, np.sum(weights @ log_lik)


@misconception(
    "You divided the log likelihood by the number of points.",
    "The average per point is easier to compare between data sets; but the logarithm of a "
    "product over points is a sum.",
)
def averaged_over_points(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.mean()


@misconception(
    "You left the weights out.",
    "The nearest component seems the likeliest; but a component that is rare has made few points, "
    "near or far.",
)
def weights_left_out(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    a = -0.5 * (np.linalg.slogdet(2 * np.pi * covariances)[1][:, None] + quadratic)
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


@misconception(
    "You left the determinant out of the normal density.",
    "It does not depend on the point; but it does depend on the component, and without it a wide "
    "component gets its breadth for nothing.",
)
def determinant_left_out(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    a = np.log(weights)[:, None] - 0.5 * (x.shape[1] * np.log(2 * np.pi) + quadratic)
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


@misconception(
    "You subtracted the whole log determinant, not half of it.",
    "With one measurement one subtracts the logarithm of the scale; but the determinant of a "
    "covariance matrix is a squared volume.",
)
def determinant_not_halved(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(covariances)[1] + 0.5 * x.shape[1] * np.log(2 * np.pi)
    a = (np.log(weights) - log_det)[:, None] - 0.5 * quadratic
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


@misconception(
    "You counted the constant of the normal density once, not once for each measurement.",
    "In one dimension there is one, and it cancels in the responsibilities; in the log "
    "likelihood it does not.",
)
def one_constant_for_all_measurements(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(covariances)[1] + np.log(2 * np.pi)
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


@misconception(
    "You used the first component's covariance matrix for all of them.",
    "It makes one Cholesky factor suffice; but each component here has a shape of its own.",
)
def first_covariance_for_all(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,de,kne->kn", d, np.linalg.inv(covariances[0]), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances[0])[1]
    a = np.log(weights)[:, None] - 0.5 * (log_det + quadratic)
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


@misconception(
    "You gave each point wholly to its best component.",
    "That is k-means, and the figure looks tidy; but between two components a point belongs to "
    "both, and the doubt is what EM works with.",
)
def hard_assignment(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    hard = np.where(np.arange(len(weights))[:, None] == a.argmax(axis=0), 1.0, 0.0)
    return hard, scipy.special.logsumexp(a, axis=0).sum()


@misconception(
    "You normalised over the points: each row sums to one, not each column.",
    "The M-step does divide by a component's total; but each point came from one of the "
    "components, so it is over these that its responsibilities sum to one.",
)
def normalised_over_points(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    return scipy.special.softmax(a, axis=1), scipy.special.logsumexp(a, axis=0).sum()


@misconception(
    "You put the points first, with shape (N, K).",
    "A row for each point is common elsewhere, and the points themselves come that way; the "
    "latent axis comes first in this course.",
)
def points_first(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total).T, total.sum()


@misconception(
    "You left log space before adding the components.",
    "It is the formula as it stands on paper; but where a point is far from all components every "
    "density underflows, and what remains is 0 divided by 0.",
)
def logarithms_left_too_early(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    joint = weights[:, None] * np.exp(-0.5 * (log_det[:, None] + quadratic))
    return joint / joint.sum(axis=0), np.log(joint.sum(axis=0)).sum()


@misconception(
    "You took the determinant first and its logarithm afterwards.",
    "It is one call more; but a determinant multiplies as many variances as there are "
    "measurements, and it underflows or overflows long before its logarithm does.",
)
def determinant_before_logarithm(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.log(np.linalg.det(covariances)) + x.shape[1] * np.log(2 * np.pi)
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


@misconception(
    "You multiplied the square out, and subtracted large numbers that are nearly equal.",
    "On paper it is the same, and it saves an array; but far from zero the digits that matter "
    "are lost. Subtract the mean before you square.",
)
def square_multiplied_out(x, weights, means, covariances):
    p = np.linalg.inv(covariances)
    quadratic = np.einsum("nd,kde,ne->kn", x, p, x)
    quadratic = quadratic - 2 * np.einsum("nd,kde,ke->kn", x, p, means)
    quadratic = quadratic + np.einsum("kd,kde,ke->k", means, p, means)[:, None]
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


@misconception(
    "You added over components and points at once, as though the points excluded one another.",
    "Without an axis the whole table is one long sum, and it is one call; but each point has a "
    "total of its own: it divides that point, and its logarithm is one term of the log "
    "likelihood.",
)
def one_total_for_all_points(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    total = scipy.special.logsumexp(a)
    return np.exp(a - total), total


@misconception(
    "You added over the points where the components are to be added.",
    "Both axes can be summed; but a point came from one component or another, and these are the "
    "cases whose probabilities add up. Points do not exclude one another.",
)
def summed_over_points(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    total = scipy.special.logsumexp(a, axis=1)
    return np.exp(a - total[:, None]), total.sum()


@misconception(
    "You returned the joint probabilities of component and point as responsibilities.",
    "Prior times likelihood is most of Bayes' rule, and the largest entry is the right one; but "
    "what a point shares out among the components is one whole.",
)
def joint_for_posterior(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    return np.exp(a), scipy.special.logsumexp(a, axis=0).sum()


@misconception(
    "Your log likelihood adds up the log joint of every component and point.",
    "The log likelihood is a sum over points, and the table is at hand; but the components of "
    "one point are alternatives, which are added as probabilities, not as logarithms.",
)
def log_joints_added_up(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    return scipy.special.softmax(a, axis=0), a.sum()


@misconception(
    "You added a tiny number to the weights before you took their logarithm.",
    "It silences a warning about zero; but the logarithm of zero is minus infinity, as it should "
    "be here, and with your number a component that is never chosen claims points that are far "
    "from the others.",
)
def weights_padded(x, weights, means, covariances):
    d = x - means[:, None]
    quadratic = np.einsum("knd,kde,kne->kn", d, np.linalg.inv(covariances), d)
    log_det = np.linalg.slogdet(2 * np.pi * covariances)[1]
    a = (np.log(weights + 1e-10) - 0.5 * log_det)[:, None] - 0.5 * quadratic
    total = scipy.special.logsumexp(a, axis=0)
    return np.exp(a - total), total.sum()


E_STEP = Exercise(
    name="mixtures_and_em.e_step",
    returns=("responsibilities", "log_likelihood"),
    section="The E-step",
    reference=e_step,
    cases=_mixtures,
    properties=(
        Property(_probabilities, "Responsibilities are probabilities: each lies between 0 and 1."),
        Property(
            _columns_sum_to_one,
            "Every point came from some component, so each column of responsibilities sums to "
            "one. Yours do not.",
        ),
    ),
    misconceptions=(
        covariance_as_precision,
        correlations_dropped,
        covariance_as_scale,
        complete_data_value,
        best_component_only,
        average_of_logs,
        averaged_over_points,
        weights_left_out,
        determinant_left_out,
        determinant_not_halved,
        one_constant_for_all_measurements,
        first_covariance_for_all,
        hard_assignment,
        normalised_over_points,
        points_first,
        logarithms_left_too_early,
        determinant_before_logarithm,
        square_multiplied_out,
        one_total_for_all_points,
        summed_over_points,
        joint_for_posterior,
        log_joints_added_up,
        weights_padded,
    ),
)
