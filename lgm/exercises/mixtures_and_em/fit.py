"""The exercise ``mixtures_and_em.fit``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.logspace import total_and_shares

__all__ = ["FIT"]


def fit(x, weights, means, scales, n_iter):
    log_likelihoods = np.empty(n_iter)
    for step in range(n_iter):
        residuals = (x - means[:, None]) / scales[:, None]
        constant = np.log(weights) - np.log(scales) - 0.5 * np.log(2 * np.pi)
        log_marginal, r = total_and_shares(constant[:, None] - 0.5 * residuals**2)
        log_likelihoods[step] = log_marginal.sum()
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, log_likelihoods


def _starts(rng: np.random.Generator) -> list[Case]:
    def case(
        n: int, k: int, n_iter: int, label: str, group: str = "typical values", **kw: float
    ) -> Case:
        """Points of K components, none of them on a single point, and a start that is off."""
        apart, centre = kw.get("apart", 3.5), kw.get("centre", 0.0)
        middles = apart * (np.arange(k) - (k - 1) / 2 + rng.uniform(-0.15, 0.15, k))
        widths = rng.permutation(np.linspace(0.7, 1.8, k + 2)[1:-1])
        sizes = rng.permutation(np.resize([n // k - 1, n // k + 1], k))
        spread = [np.linspace(-1.8, 1.8, size) for size in sizes]
        x = np.concatenate([m + s * e for m, s, e in zip(middles, widths, spread, strict=True)])
        x = rng.permutation(x + 0.1 * rng.normal(size=len(x)))
        means = rng.permutation(middles) + rng.uniform(0.4, 0.8, k) * rng.choice([-1, 1], k)
        scales = kw.get("narrow", 1.0) * rng.uniform(0.8, 2.2, k)
        weights = rng.dirichlet(np.linspace(4.0, 9.0, k))
        unit = kw.get("unit", 1.0)
        start = weights, unit * means + centre, unit * scales
        return Case((unit * x + centre, *start, n_iter), label, group)

    few, small = "a single step, or none", "a single component"
    far, offset = "extreme values", "large numbers with small differences"
    narrow = "a small unit"
    return [
        case(15, 3, 3, "three components"),
        case(14, 2, 4, "two components"),
        case(24, 4, 2, "four components"),
        case(18, 3, 5, "three components"),
        case(13, 2, 1, "a single step", few),
        case(18, 3, 1, "a single step", few),
        case(12, 2, 0, "no step at all", few),
        case(15, 3, 0, "no step at all", few),
        case(9, 1, 3, small, small),
        case(8, 1, 2, small, small),
        case(16, 2, 25, "many steps", "many steps", apart=5.0),
        case(14, 2, 30, "many steps", "many steps", apart=5.0),
        case(15, 3, 3, "a start far too narrow", far, apart=1000.0, narrow=0.01),
        case(14, 2, 4, "a start far too narrow", far, apart=2000.0, narrow=0.01),
        case(16, 2, 3, "a mean far from zero", offset, centre=1e8),
        case(18, 3, 4, "a mean far from zero", offset, centre=-1e8),
        case(15, 3, 3, "numbers that lie close together", narrow, unit=1e-3),
        case(16, 2, 2, "numbers that lie close together", narrow, unit=1e-3),
    ]


def _weights_sum_to_one(results, x, weights, means, scales, n_iter):
    return bool(abs(results[0].sum() - 1.0) < 1e-3)


def _never_falls(results, x, weights, means, scales, n_iter):
    values = results[3]
    return bool(np.all(np.diff(values) >= -1e-3 * (1.0 + np.abs(values[1:]))))


@misconception(
    "You measured the spread about the old means, not about those that the same step found.",
    "The differences are at hand from the E-step; but the likeliest scale belongs to the "
    "likeliest mean, and about any other it comes out too large.",
)
def spread_about_old_means(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = scales * np.sqrt((r * d**2).sum(axis=1) / number)
    return weights, means, scales, np.array(history)


@misconception(
    "You took the variance for the scale: a square root is missing.",
    "The average squared difference is what the M-step computes; but the scale is its root, in "
    "the unit of the data, and the next E-step divides by it.",
)
def variance_for_scale(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = (r * (x - means[:, None]) ** 2).sum(axis=1) / number
    return weights, means, scales, np.array(history)


@misconception(
    "You divided the weighted sums of the points by their number, not by the component's own.",
    "One divides by the number of points to get a mean; but of these points a component owns "
    "only its share, and its mean is pulled towards zero.",
)
def means_divided_by_all(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / len(x)
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, np.array(history)


@misconception(
    "You divided the squared differences by the number of all points, not by the component's own.",
    "One divides by the number of points to get a variance; but then a component that owns few "
    "points comes out too narrow, and narrower with every step.",
)
def spread_divided_by_all(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / len(x))
    return weights, means, scales, np.array(history)


@misconception(
    "You gave each point wholly to its best component.",
    "That is k-means with scales, and it stops sooner; but it throws the doubt away, and then a "
    "step need not raise the likelihood.",
)
def hard_assignment(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        history.append(np.logaddexp.reduce(a, axis=0).sum())
        r = np.where(np.arange(len(means))[:, None] == a.argmax(axis=0), 1.0, 0.0)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, np.array(history)


@misconception(
    "You never changed the weights.",
    "Means and scales are what one looks at; but how common a component is belongs to the model, "
    "and every M-step learns it.",
)
def weights_never_learned(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        means = r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, np.array(history)


@misconception(
    "Your E-step leaves the weights out.",
    "The nearest component seems the likeliest; but a component that is rare has made few points, "
    "near or far.",
)
def weights_left_out(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = -np.log(scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, np.array(history)


@misconception(
    "Your E-step leaves the logarithm of the scale out of the density.",
    "It does not depend on the point; but it does depend on the component, and without it a wide "
    "component gets its breadth for nothing and grows.",
)
def scale_left_out_of_the_density(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, np.array(history)


@misconception(
    "Every E-step of yours goes back to the start: the new parameters are never used.",
    "New names keep the old values safe; but a step has to begin where the last one ended, or "
    "all steps are the same one.",
)
def always_from_the_start(x, weights, means, scales, n_iter):
    history, new = [], (weights, means, scales)
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        centres = r @ x / number
        widths = np.sqrt((r * (x - centres[:, None]) ** 2).sum(axis=1) / number)
        new = number / len(x), centres, widths
    return *new, np.array(history)


@misconception(
    "You made one scale of all components and gave it to each of them.",
    "Sharing one is a sound model, and it cannot close in on a point; but what is asked for is a "
    "scale for each component.",
)
def one_scale_for_all(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        pooled = np.sqrt((r * (x - means[:, None]) ** 2).sum() / len(x))
        scales = np.full(len(number), pooled)
    return weights, means, scales, np.array(history)


@misconception(
    "You recorded the log likelihood after each step, not before it.",
    "One wants to know what a step has gained; but as specified, the first value is that of the "
    "start, and the value after the last step is not asked for.",
)
def recorded_after_the_step(x, weights, means, scales, n_iter):
    history = []
    for step in range(n_iter + 1):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        if step < n_iter:
            r = np.exp(a - total)
            number = r.sum(axis=1)
            weights, means = number / len(x), r @ x / number
            scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, np.array(history[1:])


@misconception(
    "The values that you recorded are expected log joints.",
    "The M-step maximises that; but without the entropy of the responsibilities it lies below "
    "the log likelihood, and from step to step it may even fall.",
)
def complete_data_value(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        r = np.exp(a - np.logaddexp.reduce(a, axis=0))
        history.append(np.sum(r * a))
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, np.array(history)


@misconception(
    "You stopped as soon as a step gained little.",
    "A program should, and it saves time; but exactly n_iter steps are asked for, and a step that "
    "gains little may be followed by one that gains much.",
)
def stopped_early(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
        if len(history) > 1 and history[-1] - history[-2] < 1e-3:
            break
    return weights, means, scales, np.array(history)


@misconception(
    "You sorted the components by their means.",
    "Sorted labels are easier to compare between fits; but here each component keeps the place "
    "that the start gave it.",
)
def components_sorted(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    order = np.argsort(means)
    return weights[order], means[order], scales[order], np.array(history)


@misconception(
    "You left log space in the E-step.",
    "It is Bayes' rule as it stands on paper; but a point that is far from every component gets 0 "
    "divided by 0, and one such point turns all parameters into NaN.",
)
def logarithms_left_too_early(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        joint = (weights / scales)[:, None] * np.exp(-0.5 * d**2) / np.sqrt(2 * np.pi)
        history.append(np.log(joint.sum(axis=0)).sum())
        r = joint / joint.sum(axis=0)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, np.array(history)


@misconception(
    "You subtracted the square of the mean from the mean of the squares.",
    "On paper it is the same; but far from zero two large numbers that are nearly equal lose the "
    "digits that matter, and the variance can even come out negative. Subtract the mean before "
    "you square.",
)
def mean_square_less_square_mean(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt(r @ x**2 / number - means**2)
    return weights, means, scales, np.array(history)


@misconception(
    "You divided the squared differences by the component's number less one.",
    "That removes the bias of a sample variance; but what is asked for is the likeliest scale, and "
    "a step is sure to raise the log likelihood only with that one.",
)
def spread_by_one_less(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / (number - 1))
    return weights, means, scales, np.array(history)


@misconception(
    "You added a small number to the variances.",
    "Programs do it, and say so, to keep a component from closing in on a point; but it gives "
    "another estimate than the likeliest, and what is small depends on the unit.",
)
def variances_padded(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number + 1e-6)
    return weights, means, scales, np.array(history)


@misconception(
    "You read the scales as variances, and gave variances back.",
    "The M-step is about variances, and so your steps agree with one another; but a scale is a "
    "standard deviation, in the start as in the result.",
)
def scales_for_variances(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / np.sqrt(scales)[:, None]
        a = np.log(weights / np.sqrt(scales))[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = (r * (x - means[:, None]) ** 2).sum(axis=1) / number
    return weights, means, scales, np.array(history)


@misconception(
    "Your E-step takes the scale for the variance.",
    "In the formula with a covariance matrix nothing is squared below the line; but that matrix "
    "is squared already, and a scale is not.",
)
def scale_not_squared(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / np.sqrt(scales)[:, None]
        a = np.log(weights / np.sqrt(scales))[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, np.array(history)


@misconception(
    "You left the constant of the normal density out.",
    "It cancels in the responsibilities, so that all parameters come out right; but in the log "
    "likelihood it counts, once for each point.",
)
def constant_left_out(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.sum())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, np.array(history)


@misconception(
    "You recorded the log likelihood divided by the number of points.",
    "The average per point is easier to compare between data sets; but the logarithm of a "
    "product over points is a sum.",
)
def averaged_over_points(x, weights, means, scales, n_iter):
    history = []
    for _ in range(n_iter):
        d = (x - means[:, None]) / scales[:, None]
        a = np.log(weights / scales)[:, None] - 0.5 * d**2 - 0.5 * np.log(2 * np.pi)
        total = np.logaddexp.reduce(a, axis=0)
        history.append(total.mean())
        r = np.exp(a - total)
        number = r.sum(axis=1)
        weights, means = number / len(x), r @ x / number
        scales = np.sqrt((r * (x - means[:, None]) ** 2).sum(axis=1) / number)
    return weights, means, scales, np.array(history)


FIT = Exercise(
    name="mixtures_and_em.fit",
    returns=("weights", "means", "scales", "log_likelihoods"),
    section="Round and round",
    reference=fit,
    cases=_starts,
    properties=(
        Property(_weights_sum_to_one, "Weights are probabilities and sum to one. Yours do not."),
        Property(
            _never_falls,
            "A step of EM never lowers the log likelihood. Yours does, so something in the step, "
            "or in what you record, is not what it should be.",
        ),
    ),
    misconceptions=(
        spread_about_old_means,
        variance_for_scale,
        means_divided_by_all,
        spread_divided_by_all,
        hard_assignment,
        weights_never_learned,
        weights_left_out,
        scale_left_out_of_the_density,
        always_from_the_start,
        one_scale_for_all,
        recorded_after_the_step,
        complete_data_value,
        stopped_early,
        components_sorted,
        logarithms_left_too_early,
        mean_square_less_square_mean,
        spread_by_one_less,
        variances_padded,
        scales_for_variances,
        scale_not_squared,
        constant_left_out,
        averaged_over_points,
    ),
)
