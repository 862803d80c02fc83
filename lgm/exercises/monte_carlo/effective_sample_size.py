"""The exercise ``monte_carlo.effective_sample_size``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["EFFECTIVE_SAMPLE_SIZE"]


def effective_sample_size(log_weights):
    weights = np.exp(log_weights - log_weights.max())
    return float(weights.sum() ** 2 / (weights**2).sum())


def _weights(rng: np.random.Generator) -> list[Case]:
    def weights(s: int, centre: float = -3.0) -> np.ndarray:
        return rng.normal(centre, 1.3, s)

    def with_zeros(s: int) -> np.ndarray:
        some = weights(s)
        some[rng.permutation(s)[: s // 3]] = -np.inf
        return some

    even = "a single weight or equal weights"
    return [
        *(Case((weights(s),), "a few unequal weights") for s in (4, 6, 11)),
        Case((weights(9, centre=2.0),), "weights above one"),
        *(Case((weights(s),), "many unequal weights") for s in (80, 300)),
        *(Case((weights(1),), "a single weight", even) for _ in range(2)),
        *(Case((np.full(s, rng.normal(-2.0, 1.0)),), "equal weights", even) for s in (5, 8)),
        *(
            Case(
                (weights(s, centre),),
                "weights too large or too small to exponentiate",
                "extreme values",
            )
            for s, centre in ((5, -1000.0), (7, 1000.0), (12, -2500.0), (6, -600.0))
        ),
        *(Case((with_zeros(s),), "some weights of zero", "zeros") for s in (6, 9, 12)),
    ]


def _between_one_and_all(size, log_weights):
    return bool(0.999 <= size <= len(log_weights) * 1.001)


@misconception(
    "You divided by the sum of squares without having rescaled the weights to a sum of one.",
    "The short formula is meant for rescaled weights; yours then depends on their unit, and a "
    "common factor must not matter.",
)
def weights_not_rescaled(log_weights):
    return 1 / np.sum(np.exp(log_weights) ** 2)


@misconception(
    "You returned the sum of the squared shares.",
    "It is the right ingredient, and it is small when the weights are even; the number of draws is "
    "its inverse.",
)
def not_inverted(log_weights):
    shares = np.exp(log_weights - scipy.special.logsumexp(log_weights))
    return np.sum(shares**2)


@misconception(
    "You returned a share of the draws instead of a number of draws.",
    "Shares are easy to compare between runs; the specification asks for how many draws, which is "
    "one at least and S at most.",
)
def share_of_the_draws(log_weights):
    shares = np.exp(log_weights - scipy.special.logsumexp(log_weights))
    return 1 / np.sum(shares**2) / len(shares)


@misconception(
    "You used the log weights as if they were the weights.",
    "The formula has been followed to the letter; but its letters are weights, and you were given "
    "their logarithms. Subtract the largest of these, then exponentiate.",
)
def logs_as_weights(log_weights):
    return np.sum(log_weights) ** 2 / np.sum(log_weights**2)


@misconception(
    "You squared the log weights where the weights were to be squared.",
    "A square is a square; but in log space squaring a number doubles its logarithm.",
)
def logs_squared(log_weights):
    m = log_weights.max()
    return np.exp(2 * scipy.special.logsumexp(log_weights - m)) / np.sum(
        np.exp((log_weights - m) ** 2)
    )


@misconception(
    "You forgot to square the sum on top.",
    "Sum over sum of squares looks finished; but then a common factor of all weights does not "
    "cancel.",
)
def sum_not_squared(log_weights):
    w = np.exp(log_weights)
    return np.sum(w) / np.sum(w**2)


@misconception(
    "You squared each weight on top as well, before adding.",
    "Square of the sum and sum of the squares are close in name; their ratio is the whole point, "
    "and without it nothing but one remains.",
)
def squared_before_adding(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return np.sum(w**2) / np.sum(w**2)


@misconception(
    "You divided by the squares under a root.",
    "A sum over the length of a vector looks natural; it is the root of what is asked for.",
)
def root_of_the_size(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return np.sum(w) / np.sqrt(np.sum(w**2))


@misconception(
    "You divided one by the largest share.",
    "It is a good warning sign, and some people use it; but it looks at a single draw, and this "
    "definition looks at all of them.",
)
def inverse_of_the_largest_share(log_weights):
    return 1 / np.exp(np.max(log_weights) - scipy.special.logsumexp(log_weights))


@misconception(
    "You exponentiated the entropy of the shares.",
    "It also counts from one to S, and is called perplexity; but it forgives uneven weights more "
    "than the definition here, which takes the squares of the shares and no logarithm of them.",
)
def perplexity(log_weights):
    shares = np.exp(log_weights - scipy.special.logsumexp(log_weights))
    return np.exp(-np.sum(np.where(shares > 0, shares * np.log(np.maximum(shares, 1e-300)), 0.0)))


@misconception(
    "You counted the draws whose weight is not zero.",
    "A draw of weight zero is worth nothing, that is true; but one of nearly zero is worth nearly "
    "nothing.",
)
def weights_above_zero(log_weights):
    return np.sum(log_weights > -np.inf)


@misconception(
    "You counted the draws whose weight is above average.",
    "It is a feeling for how many draws do the work; but it does not say by how much they are "
    "above.",
)
def weights_above_average(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return np.sum(w >= np.mean(w))


@misconception(
    "You used the sample variance of the weights, with the number of draws less one.",
    "Number of draws over one plus the relative variance is the same formula; but only with the "
    "variance that divides by the number of draws.",
)
def from_the_sample_variance(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return len(w) / (1 + np.var(w, ddof=1) / np.mean(w) ** 2)


@misconception(
    "You used the relative variance without the one.",
    "More variance, fewer draws: the direction is right; but with equal weights the variance is "
    "zero, and the answer should be S and not infinity.",
)
def one_plus_left_out(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return len(w) * np.mean(w) ** 2 / np.var(w)


@misconception(
    "You used the relative scale of the weights where their relative variance belongs.",
    "Both measure spread; it is the variance that adds to the one.",
)
def scale_for_variance(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return len(w) / (1 + np.std(w) / np.mean(w))


@misconception(
    "You returned the logarithm of the effective sample size.",
    "Everything else here is a logarithm; this one is asked for as a number of draws.",
)
def logarithm_of_the_size(log_weights):
    return 2 * scipy.special.logsumexp(log_weights) - scipy.special.logsumexp(2 * log_weights)


@misconception(
    "You rounded down to whole draws.",
    "Draws come in whole numbers; but this is a measure of how even the weights are, and two and a "
    "half draws is a fine answer.",
)
def whole_draws(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return np.floor(np.sum(w) ** 2 / np.sum(w**2))


@misconception(
    "You exponentiated the weights as they are.",
    "It works for moderate numbers; but weights of the size that log likelihoods have become 0 or "
    "infinity. A common factor does not matter, so take one out first.",
)
def exponentiated_as_is(log_weights):
    w = np.exp(log_weights)
    return np.sum(w) ** 2 / np.sum(w**2)


@misconception(
    "You used the variance of the weights without relating it to their mean.",
    "It is the textbook's formula for weights whose mean is one; yours have any mean, and a common "
    "factor of them must not matter.",
)
def variance_not_relative(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return len(w) / (1 + np.var(w))


@misconception(
    "You inverted the squared standard error.",
    "For very uneven weights that is nearly it; but even weights have no standard error to speak "
    "of, and they are worth S draws and not infinitely many.",
)
def inverse_squared_error(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return len(w) * np.mean(w) ** 2 / np.var(w, ddof=1)


@misconception(
    "You rounded to whole draws.",
    "Draws come in whole numbers; but this is a measure of how even the weights are, and two and a "
    "half draws is a fine answer.",
)
def rounded(log_weights):
    w = np.exp(log_weights - log_weights.max())
    return np.round(np.sum(w) ** 2 / np.sum(w**2))


@misconception(
    "You took out the largest weight and went on as if the weights summed to one.",
    "After that no number is too large or too small; but the short formula needs a sum of one, and "
    "now the largest is one.",
)
def largest_for_the_sum(log_weights):
    return 1 / np.sum(np.exp(log_weights - log_weights.max()) ** 2)


@misconception(
    "You divided one logarithm by the other.",
    "The formula is a ratio; but in log space dividing is subtracting, and the exponential comes "
    "last.",
)
def logarithms_divided(log_weights):
    return 2 * scipy.special.logsumexp(log_weights) / scipy.special.logsumexp(2 * log_weights)


EFFECTIVE_SAMPLE_SIZE = Exercise(
    name="monte_carlo.effective_sample_size",
    returns=("the effective sample size",),
    section="How many draws are they worth?",
    reference=effective_sample_size,
    cases=_weights,
    properties=(
        Property(
            _between_one_and_all,
            "The draws are worth one at least and their number at most. Yours are not.",
        ),
    ),
    misconceptions=(
        weights_not_rescaled,
        not_inverted,
        share_of_the_draws,
        logs_as_weights,
        logs_squared,
        sum_not_squared,
        squared_before_adding,
        root_of_the_size,
        inverse_of_the_largest_share,
        perplexity,
        weights_above_zero,
        weights_above_average,
        from_the_sample_variance,
        one_plus_left_out,
        scale_for_variance,
        logarithm_of_the_size,
        whole_draws,
        exponentiated_as_is,
        variance_not_relative,
        inverse_squared_error,
        rounded,
        largest_for_the_sum,
        logarithms_divided,
    ),
)
