"""The exercise ``latent_variables.ancestral_sample``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["ANCESTRAL_SAMPLE"]


def ancestral_sample(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    return z, means[z] + scales[z] * eps


def _uniforms(rng: np.random.Generator, n: int, weights):
    """Uniform numbers that no rounding of the cumulative weights can bring across one of them."""
    borders = np.cumsum(weights)
    u = rng.uniform(size=n)
    while (near := np.abs(u[:, None] - borders).min(axis=1) < 1e-3).any():
        u[near] = rng.uniform(size=near.sum())
    return u


def _choices(rng: np.random.Generator) -> list[Case]:
    def case(weights, label: str, group: str = "typical values", n: int = 9, u=None) -> Case:
        k = len(weights)
        u = rng.permutation(_uniforms(rng, n, weights) if u is None else np.array(u))
        means = rng.permutation(np.linspace(-3.0, 4.0, k)) + rng.normal(0.0, 0.2, k)
        scales = rng.permutation(np.linspace(0.3, 2.0, k))
        return Case((u, rng.normal(size=len(u)), np.array(weights), means, scales), label, group)

    unequal, border = "components with unequal weights", "numbers u that equal a cumulative weight"
    never = "a component of weight zero"
    # Halves and quarters add up without rounding, so that these borders are the same for everyone.
    just = np.array([-1e-4, 0.0, 1e-4])
    return [
        case(rng.permutation([0.6, 0.25, 0.15]), unequal, n=12),
        case(rng.permutation([0.7, 0.3]), unequal, n=9),
        case(rng.dirichlet([6.0, 4.0, 3.0, 2.0]), unequal, n=15),
        case(rng.permutation([0.5, 0.35, 0.15]), unequal, n=3),
        case([1.0], "a single component", n=4),
        case([0.45, 0.2, 0.35], "a single draw", n=1),
        case([0.5, 0.25, 0.25], border, "borders", u=[*(0.5 + just), *(0.75 + just), 0.0, 0.9999]),
        case([0.25, 0.125, 0.5, 0.125], border, "borders", u=[0.25, 0.375, 0.875, 0.6, 0.9999]),
        case([0.5, 0.5], border, "borders", u=[*(0.5 + just), 0.0, 0.3]),
        case([0.0, 0.4, 0.6], never, "impossible components", u=[0.0, 0.1, 0.3, 0.7, 0.95]),
        case([0.0, 0.0, 0.3, 0.7], never, "impossible components", u=[0.0, 0.2, 0.5, 0.9]),
        case([0.35, 0.0, 0.65], never, "impossible components", u=[0.0, 0.2, 0.34, 0.36, 0.9]),
    ]


def _labels_from_zero(output, u, eps, weights, means, scales):
    z = output[0]
    return bool(np.all((z == np.round(z)) & (z >= 0) & (z < len(weights))))


def _z_follows_from_u(output, u, eps, weights, means, scales):
    """Each u lies on the piece of its component, give or take what single precision rounds."""
    z, borders = output[0].astype(int), np.cumsum(weights)
    return bool(np.all((u > borders[z] - weights[z] - 1e-3) & (u < borders[z] + 1e-3)))


def _x_follows_from_z(output, u, eps, weights, means, scales):
    """Right or wrong, the returned z and the given eps leave no freedom for x."""
    z, x = output[0].astype(int), output[1]
    return bool(np.allclose(x, means[z] + scales[z] * eps, rtol=1e-3, atol=1e-2))


@misconception(
    "You mixed all components in the proportion of their weights, for every draw.",
    "The weights do say how much of each component there is in the whole set; but any one draw "
    "comes from one component, so that a half-and-half draw never happens.",
)
def mixes_instead_of_choosing(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    every = means[:, None] + scales[:, None] * eps
    return z, weights @ every


@misconception(
    "You drew all x from one normal curve that has the mean and the spread of the whole mixture.",
    "Its mean and standard deviation are right, so a quick test passes; but its shape is a single "
    "hump, and x no longer depends on the z that is returned with it.",
)
def one_matched_normal(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    mean = np.sum(weights * means)
    variance = np.sum(weights * (scales**2 + (means - mean) ** 2))
    return z, mean + np.sqrt(variance) * eps


@misconception(
    "You compared u with each weight, not with the weights added up so far.",
    "For the first component the two are the same, so the first label comes out right; the second "
    "component owns the interval that begins where the first one ends.",
)
def compares_with_weights(u, eps, weights, means, scales):
    z = np.argmax(u[:, None] < weights, axis=1)
    return z, means[z] + scales[z] * eps


@misconception(
    "You counted the cumulative weights above u, which numbers the components from the last one.",
    "Counting comparisons is a good way to find the component; but counting those that come out "
    "true gives the distance from the end, where the distance from the start is asked for.",
)
def counts_from_the_end(u, eps, weights, means, scales):
    z = (u[:, None] < np.cumsum(weights)).sum(axis=1) - 1
    return z, means[z] + scales[z] * eps


@misconception(
    "You gave a u that equals a cumulative weight to the component that ends there.",
    "The search functions of numpy do this unless told otherwise, and it looks like a matter of "
    "taste; but at u = 0 it chooses a component even when its weight is zero.",
)
def border_to_the_left(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u)
    return z, means[z] + scales[z] * eps


@misconception(
    "Your labels are one too low, so that the first component became −1, the last one.",
    "Interval functions often count the edge to the left, and numpy takes −1 as an index without "
    "complaint; the sum of no weights is not one of the cumulative weights.",
)
def one_label_too_low(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right") - 1
    return z, means[z] + scales[z] * eps


@misconception(
    "You numbered the components from 1.",
    "People count from one and so do many formulas; the labels are used as indices into arrays "
    "here, so the first component is 0.",
)
def labels_from_one(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    return z + 1, means[z] + scales[z] * eps


@misconception(
    "You chose all components equally often, whatever their weights.",
    "Multiplying a uniform number by K and rounding down is the usual way to pick one of K things; "
    "it picks them with equal probabilities.",
)
def equal_weights(u, eps, weights, means, scales):
    z = np.floor(u * len(weights)).astype(int)
    return z, means[z] + scales[z] * eps


@misconception(
    "You chose the component whose cumulative weight lies nearest to u.",
    "Near and equal sound alike; but a component owns the whole interval up to its cumulative "
    "weight, and the nearest border is often the one below.",
)
def nearest_border(u, eps, weights, means, scales):
    z = np.argmin(np.abs(u[:, None] - np.cumsum(weights)), axis=1)
    return z, means[z] + scales[z] * eps


@misconception(
    "You chose the component of largest weight every time.",
    "It is the best single guess of z; but a recipe that only makes its favourite never makes the "
    "rare things, which do occur among real observations.",
)
def always_the_likeliest(u, eps, weights, means, scales):
    z = np.full(len(u), np.argmax(weights))
    return z, means[z] + scales[z] * eps


@misconception(
    "You returned the z that belong to u, but made x with another set of labels, drawn anew.",
    "Both have the right proportions, so histograms look right; but every x now stands beside a z "
    "that had no part in making it.",
)
def fresh_labels_for_x(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    other = np.random.default_rng(0).choice(len(weights), size=len(u), p=weights)
    return z, means[other] + scales[other] * eps


@misconception(
    "You made x one component after the other and joined the pieces, so x is in another order "
    "than z.",
    "The histogram of x is right, and it is natural to work component by component; but the n-th x "
    "must be made with the n-th z.",
)
def joined_by_component(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    pieces = [means[k] + scales[k] * eps[z == k] for k in range(len(weights))]
    return z, np.concatenate(pieces)


@misconception(
    "You ignored eps and used u a second time, for the noise.",
    "One random number per draw seems enough; but then the noise depends on the choice: within a "
    "component only a part of the curve is ever reached.",
)
def one_number_for_both(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    return z, means[z] + scales[z] * scipy.special.ndtri(u)


@misconception(
    "You picked the noise by the label, so that all draws from one component share one value.",
    "Means and scales are indexed by z, and eps seems to want the same; but eps has one entry for "
    "each draw, not one for each component.",
)
def noise_indexed_by_label(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    return z, means[z] + scales[z] * eps[z]


@misconception(
    "You returned the means of the chosen components, without noise.",
    "The choice is the new part, and it is easy to stop there; but two draws from one component "
    "are alike, not equal.",
)
def forgets_the_noise(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    return z, means[z]


@misconception(
    "You took the scales for variances.",
    "Many formulas state a normal curve by its variance; in this course a scale is a standard "
    "deviation, in the units of x.",
)
def scales_as_variances(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    return z, means[z] + np.sqrt(scales[z]) * eps


@misconception(
    "You multiplied each x by the weight of its component.",
    "Weights usually multiply something; here they have already done their work when they decided "
    "how often a component is chosen.",
)
def weighted_after_choosing(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    return z, weights[z] * (means[z] + scales[z] * eps)


@misconception(
    "You returned x first and z second.",
    "x is what everybody wants to see; but the order of the results is part of the specification, "
    "and it follows the recipe: hidden first.",
)
def shown_before_hidden(u, eps, weights, means, scales):
    z = np.searchsorted(np.cumsum(weights), u, side="right")
    return means[z] + scales[z] * eps, z


ANCESTRAL_SAMPLE = Exercise(
    name="latent_variables.ancestral_sample",
    returns=("z", "x"),
    section="Choose first, then draw",
    reference=ancestral_sample,
    cases=_choices,
    properties=(
        Property(
            _labels_from_zero,
            "z should hold whole numbers: 0 for the first component, K − 1 for the last.",
        ),
        Property(
            _z_follows_from_u,
            "Your z does not follow from u: some u[n] lies outside the piece of the component "
            "z[n]. Do not draw anything yourself: u[n] decides.",
        ),
        Property(
            _x_follows_from_z,
            "Your x does not follow from your own z and the eps that were given. All random "
            "numbers come in as arguments; did you draw others?",
        ),
    ),
    misconceptions=(
        mixes_instead_of_choosing,
        one_matched_normal,
        compares_with_weights,
        counts_from_the_end,
        border_to_the_left,
        one_label_too_low,
        labels_from_one,
        equal_weights,
        nearest_border,
        always_the_likeliest,
        fresh_labels_for_x,
        joined_by_component,
        one_number_for_both,
        noise_indexed_by_label,
        forgets_the_noise,
        scales_as_variances,
        weighted_after_choosing,
        shown_before_hidden,
    ),
)
