"""The exercise ``mixtures_and_em.align_labels``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["ALIGN_LABELS"]


def align_labels(weights, means, scales):
    order = np.argsort(means, axis=0)
    return tuple(np.take_along_axis(each, order, axis=0) for each in (weights, means, scales))


def _fits(rng: np.random.Generator) -> list[Case]:
    def case(k: int, r: int, label: str, group: str = "typical values", reach: float = 3.0) -> Case:
        """R fits of K components, each under labels of its own."""
        arguments = (
            rng.dirichlet(np.linspace(2.0, 5.0, k), size=r).T,
            rng.normal(0.0, 1.0, (k, r))
            + rng.permuted(np.linspace(-reach, reach, k * r)).reshape(k, r),
            rng.uniform(0.3, 3.0, (k, r)),
        )
        return Case(arguments, label, group)

    two, small = "two components", "one of something"
    return [
        case(3, 5, "three components"),
        case(4, 3, "four components"),
        case(5, 7, "five components"),
        case(3, 4, "means of very different size", reach=1000.0),
        case(2, 6, two, two),
        case(2, 9, two, two),
        case(4, 1, "a single fit", small),
        case(3, 1, "a single fit", small),
        case(1, 4, "a single component", small),
        case(1, 3, "a single component", small),
    ]


def _nothing_lost(results, weights, means, scales):
    pairs = zip(results, (weights, means, scales), strict=True)
    return all(
        np.allclose(np.sort(got, axis=0), np.sort(was, axis=0), rtol=1e-3) for got, was in pairs
    )


def _means_ascend(results, weights, means, scales):
    return bool(np.all(np.diff(results[1], axis=0) >= 0.0))


@misconception(
    "You sorted each of the three arrays on its own.",
    "Each then ascends, which looks aligned; but weights and scales have parted from their means, "
    "and your components are put together from parts of different ones.",
)
def each_sorted_alone(weights, means, scales):
    return np.sort(weights, axis=0), np.sort(means, axis=0), np.sort(scales, axis=0)


@misconception(
    "You sorted the means, and left weights and scales where they were.",
    "The means carry the order; but a component is all three of its numbers, and they move "
    "together.",
)
def means_moved_alone(weights, means, scales):
    return weights, np.sort(means, axis=0), scales


@misconception(
    "You relabelled every fit in the order of the first.",
    "One order is found and used everywhere; but each fit has labels of its own, which is the "
    "trouble to begin with.",
)
def order_of_the_first_fit(weights, means, scales):
    order = np.argsort(means[:, 0])
    return weights[order], means[order], scales[order]


@misconception(
    "You ordered the labels by their average over the fits.",
    "Averages are more stable than one fit; but averages over switched labels mean nothing, and "
    "each fit needs an order of its own.",
)
def order_of_the_averages(weights, means, scales):
    order = np.argsort(means.mean(axis=1))
    return weights[order], means[order], scales[order]


@misconception(
    "You sorted along the fits, not along the components.",
    "numpy sorts along the last axis if it is not told otherwise; here the latent axis, the "
    "first, is the one whose order is arbitrary.",
)
def sorted_along_the_fits(weights, means, scales):
    order = np.argsort(means)
    return tuple(np.take_along_axis(each, order, axis=1) for each in (weights, means, scales))


@misconception(
    "You put the largest mean first.",
    "Any fixed order would align the labels; the specification asks for ascending means.",
)
def largest_mean_first(weights, means, scales):
    order = np.argsort(-means, axis=0)
    return tuple(np.take_along_axis(each, order, axis=0) for each in (weights, means, scales))


@misconception(
    "You ordered the components by their weights.",
    "The most common component first is a usual way to print a mixture; what is asked for is the "
    "order of the means.",
)
def ordered_by_weight(weights, means, scales):
    order = np.argsort(weights, axis=0)
    return tuple(np.take_along_axis(each, order, axis=0) for each in (weights, means, scales))


@misconception(
    "You ordered the components by their scales.",
    "It is an order too, and some mixtures differ in nothing else; what is asked for is the order "
    "of the means.",
)
def ordered_by_scale(weights, means, scales):
    order = np.argsort(scales, axis=0)
    return tuple(np.take_along_axis(each, order, axis=0) for each in (weights, means, scales))


@misconception(
    "You ordered the means by their size without regard to sign.",
    "For lengths and waiting times it is the same; but means can be negative, and ascending means "
    "that these come first.",
)
def sign_ignored(weights, means, scales):
    order = np.argsort(np.abs(means), axis=0)
    return tuple(np.take_along_axis(each, order, axis=0) for each in (weights, means, scales))


@misconception(
    "You picked entries by their ranks, where the order is needed.",
    "Both are permutations and often the same one; but a rank says where an entry goes, and to "
    "pick entries one needs to know where each comes from.",
)
def ranks_for_order(weights, means, scales):
    ranks = np.argsort(np.argsort(means, axis=0), axis=0)
    return tuple(np.take_along_axis(each, ranks, axis=0) for each in (weights, means, scales))


@misconception(
    "You used the orders of all fits as row numbers at once, which picks whole rows.",
    "One would expect each column to use its own order; numpy picks a row for every entry of the "
    "index, and the result has an axis too many.",
)
def whole_rows_picked(weights, means, scales):
    order = np.argsort(means, axis=0)
    return weights[order], means[order], scales[order]


@misconception(
    "You only exchanged the first two components where they are out of order.",
    "With two components that is all there is to do; with three there are six orders.",
)
def first_two_exchanged(weights, means, scales):
    order = np.tile(np.arange(len(means))[:, None], means.shape[1])
    if len(means) > 1:
        order[:2] = np.where(means[0] > means[1], [[1], [0]], [[0], [1]])
    return tuple(np.take_along_axis(each, order, axis=0) for each in (weights, means, scales))


ALIGN_LABELS = Exercise(
    name="mixtures_and_em.align_labels",
    returns=("weights", "means", "scales"),
    section="Labels that switch",
    reference=align_labels,
    cases=_fits,
    properties=(
        Property(
            _nothing_lost,
            "A new label changes no number: the fits must hold the values that they held before, "
            "in another order.",
        ),
        Property(_means_ascend, "The means of each fit should ascend. Yours do not."),
    ),
    misconceptions=(
        each_sorted_alone,
        means_moved_alone,
        order_of_the_first_fit,
        order_of_the_averages,
        sorted_along_the_fits,
        largest_mean_first,
        ordered_by_weight,
        ordered_by_scale,
        sign_ignored,
        ranks_for_order,
        whole_rows_picked,
        first_two_exchanged,
    ),
)
