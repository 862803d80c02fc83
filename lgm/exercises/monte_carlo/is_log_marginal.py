"""The exercise ``monte_carlo.is_log_marginal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.logspace import logsumexp

__all__ = ["IS_LOG_MARGINAL"]


def is_log_marginal(log_joint, log_q):
    return float(logsumexp(log_joint - log_q) - np.log(len(log_q)))


def _draws(rng: np.random.Generator) -> list[Case]:
    def densities(s: int, joint: float = -4.0, q: float = -1.5) -> tuple[np.ndarray, np.ndarray]:
        return rng.normal(joint, 1.5, s), rng.normal(q, 1.0, s)

    def room(s: int) -> tuple[np.ndarray, np.ndarray]:
        """A thermometer's reading, and draws from a proposal that is too wide and off centre."""
        z = rng.normal(22.0, 2.5, s)
        joint = -0.5 * ((z - 20.0) / 2.0) ** 2 - 0.5 * ((24.0 - z) / 1.5) ** 2 - np.log(6 * np.pi)
        return joint, -0.5 * ((z - 22.0) / 2.5) ** 2 - np.log(2.5) - 0.5 * np.log(2 * np.pi)

    def with_zeros(s: int) -> tuple[np.ndarray, np.ndarray]:
        joint, q = densities(s)
        joint[rng.permutation(s)[: s // 3]] = -np.inf
        return joint, q

    far, zeros = "densities too large or too small to exponentiate", "draws that x excludes"
    return [
        Case(room(8), "a temperature, drawn from a wider normal"),
        Case(room(200), "a temperature, drawn from a wider normal"),
        *(Case(densities(s), "draws from a proposal") for s in (4, 5, 11)),
        Case(densities(6, joint=3.0, q=-2.0), "a joint density above one"),
        *(Case(densities(1), "a single draw", "a single draw") for _ in range(2)),
        *(
            Case(densities(s, joint, q), far, "extreme values")
            for s, joint, q in (
                (5, -1000.0, -3.0),
                (6, 1000.0, -3.0),
                (4, -1500.0, -1000.0),
                (7, 2000.0, 1000.0),
                (5, -2000.0, -1999.0),
            )
        ),
        *(Case(with_zeros(s), zeros, "zeros") for s in (6, 9)),
        *(
            Case((np.full(s, -np.inf), densities(s)[1]), "draws that x excludes, all", "zeros")
            for s in (3, 5)
        ),
    ]


def _between_extremes(log_px, log_joint, log_q):
    """An average lies between the lowest and the highest of what it averages."""
    log_weights = log_joint - log_q
    return bool(log_weights.min() - 1e-2 <= log_px <= log_weights.max() + 1e-2)


@misconception(
    "You averaged the joint density over the draws and left the proposal out.",
    "With draws from the prior one never had to think of how the draws were made; but where the "
    "proposal is high there are many draws, and each of them must count for less.",
)
def proposal_left_out(log_joint, log_q):
    return scipy.special.logsumexp(log_joint) - np.log(len(log_joint))


@misconception(
    "You put the proposal on top and the joint below.",
    "A ratio of two densities is easily upside down; but a draw counts for much where the joint is "
    "high and the proposal is low.",
)
def ratio_upside_down(log_joint, log_q):
    return scipy.special.logsumexp(log_q - log_joint) - np.log(len(log_joint))


@misconception(
    "You averaged the inverse weights and inverted the result.",
    "For a single draw it is the same; but it is a harmonic mean, which would belong to draws from "
    "the posterior.",
)
def harmonic_mean_of_weights(log_joint, log_q):
    return np.log(len(log_joint)) - scipy.special.logsumexp(log_q - log_joint)


@misconception(
    "You multiplied by the proposal instead of dividing by it.",
    "A weight is a factor, so one multiplies; but the draws already come as often as the proposal "
    "says, and the weight has to take that out again.",
)
def multiplied_by_proposal(log_joint, log_q):
    return scipy.special.logsumexp(log_joint + log_q) - np.log(len(log_joint))


@misconception(
    "You divided the total of the joint by the total of the proposal.",
    "Both are taken at the same draws, and two separate sums are tidy; but each draw has to be "
    "divided by its own proposal density before anything is added.",
)
def ratio_of_totals(log_joint, log_q):
    return scipy.special.logsumexp(log_joint) - scipy.special.logsumexp(log_q)


@misconception(
    "You averaged the log weights.",
    "It is steady and underflows nowhere; but what it settles on is a bound, below the log "
    "marginal however many draws there are (chapter 7 makes use of it).",
)
def mean_log_weight(log_joint, log_q):
    return np.mean(log_joint - log_q)


@misconception(
    "You averaged the log joint.",
    "The draws come from where the joint is high, so its average looks like an answer; but each "
    "draw weighs its joint divided by the density that proposed it, and the logarithm comes after "
    "the average.",
)
def mean_log_joint(log_joint, log_q):
    return np.mean(log_joint)


@misconception(
    "You added the weights and did not divide by the number of draws.",
    "A sum over nodes was enough for the rules of chapter 4, whose weights held their share; each "
    "draw still has to be given its share of one.",
)
def sum_for_mean(log_joint, log_q):
    return scipy.special.logsumexp(log_joint - log_q)


@misconception(
    "You divided by the number of draws less one.",
    "That divisor belongs to a sample variance, where the mean has used up a draw; a mean divides "
    "by all of them.",
)
def divided_by_one_less(log_joint, log_q):
    return scipy.special.logsumexp(log_joint - log_q) - np.log(max(len(log_q) - 1, 1))


@misconception(
    "You divided by the effective number of draws.",
    "If the draws are worth only so many, it seems right to divide by that; but the marginal is a "
    "plain mean over all draws, and the effective number only says how steady it is.",
)
def divided_by_effective_number(log_joint, log_q):
    w = log_joint - log_q
    if w.max() == -np.inf:
        return -np.inf
    log_size = 2 * scipy.special.logsumexp(w) - scipy.special.logsumexp(2 * w)
    return scipy.special.logsumexp(w) - log_size


@misconception(
    "You rescaled the weights so that they sum to one, and then averaged them.",
    "Rescaled weights are what one wants for the mean or the scale of the posterior; but the "
    "marginal is the very total that was divided out, and nothing of the data is left.",
)
def rescaled_first(log_joint, log_q):
    w = log_joint - log_q
    if w.max() == -np.inf:
        return -np.inf
    shares = w - scipy.special.logsumexp(w)
    return scipy.special.logsumexp(shares) - np.log(len(shares))


@misconception(
    "You averaged the log joint with the rescaled weights.",
    "That is how one gets a posterior mean of anything, and here it gives the posterior mean of "
    "the log joint; the marginal is the average weight.",
)
def posterior_mean_of_log_joint(log_joint, log_q):
    shares = np.exp(log_joint - log_q - scipy.special.logsumexp(log_joint - log_q))
    return np.sum(np.where(shares > 0, shares * log_joint, 0.0))


@misconception(
    "You kept the largest weight instead of averaging them all.",
    "One draw may carry most of the sum; but the largest weight only ever grows with more draws, "
    "and settles on nothing.",
)
def largest_weight(log_joint, log_q):
    return np.max(log_joint - log_q)


@misconception(
    "You left out the draws that x excludes, and averaged the others.",
    "A weight of zero looks like a fault in the data; but the proposal has spent draws there, and "
    "they count in the average.",
)
def zeros_left_out(log_joint, log_q):
    possible = np.isfinite(log_joint)
    if not possible.any():
        return -np.inf
    w = log_joint[possible] - log_q[possible]
    return scipy.special.logsumexp(w) - np.log(len(w))


@misconception(
    "You exponentiated the two densities before dividing them.",
    "It reads like the formula and works for moderate numbers; but in many dimensions both leave "
    "the range of the machine. Subtract the logarithms, and stay with them.",
)
def exponentiated_apart(log_joint, log_q):
    return np.log(np.mean(np.exp(log_joint) / np.exp(log_q)))


@misconception(
    "You exponentiated the weights as they are.",
    "Subtracting the logarithms first was right, and for moderate weights that is enough; but the "
    "likelihood of many answers is too small for floating point even so.",
)
def exponentiated_as_is(log_joint, log_q):
    return np.log(np.mean(np.exp(log_joint - log_q)))


@misconception(
    "You subtracted the maximum also where it is minus infinity.",
    "Subtracting the maximum is right nearly always; but infinity minus infinity is NaN, and data "
    "that every draw excludes have an estimated probability of zero, whose logarithm is −inf.",
)
def impossible_becomes_nan(log_joint, log_q):
    w = log_joint - log_q
    return w.max() + np.log(np.mean(np.exp(w - w.max())))


@misconception(
    "You divided one logarithm by the other.",
    "The weight is a ratio, so one divides; but in log space dividing is subtracting.",
)
def logarithms_divided(log_joint, log_q):
    return scipy.special.logsumexp(log_joint / log_q) - np.log(len(log_q))


@misconception(
    "You rescaled the proposal's densities so that they sum to one over the draws.",
    "Probabilities sum to one; but these are heights of a density at a few places, and they enter "
    "the weights as they are.",
)
def proposal_rescaled(log_joint, log_q):
    w = log_joint - log_q + scipy.special.logsumexp(log_q)
    return scipy.special.logsumexp(w) - np.log(len(w))


@misconception(
    "You averaged the joint density with the rescaled weights.",
    "Rescaled weights give the posterior mean of anything, and here of the joint; the marginal is "
    "the average weight, and the joint is in the weights already.",
)
def posterior_mean_of_joint(log_joint, log_q):
    w = log_joint - log_q
    if w.max() == -np.inf:
        return -np.inf
    return scipy.special.logsumexp(w + log_joint) - scipy.special.logsumexp(w)


@misconception(
    "You rescaled the weights so that they sum to one, and then added them.",
    "Rescaled weights are what one wants for the mean or the scale of the posterior; but their "
    "total is one whatever the data are, and the logarithm of one is zero.",
)
def sum_of_shares(log_joint, log_q):
    w = log_joint - log_q
    if w.max() == -np.inf:
        return -np.inf
    return scipy.special.logsumexp(w - scipy.special.logsumexp(w))


@misconception(
    "You returned the log weights, one for each draw.",
    "They are the larger part of the work; what is asked for is one number, the logarithm of their "
    "average.",
)
def weights_not_averaged(log_joint, log_q):
    return log_joint - log_q


@misconception(
    "You took the median of the weights.",
    "It is not disturbed by a few large ones; but in an average of weights the few large ones may "
    "be the answer.",
)
def median_weight(log_joint, log_q):
    return np.median(log_joint - log_q)


IS_LOG_MARGINAL = Exercise(
    name="monte_carlo.is_log_marginal",
    returns=("log p(x)",),
    section="Draw where it matters",
    reference=is_log_marginal,
    cases=_draws,
    properties=(
        Property(
            _between_extremes,
            "An average of weights lies between the lowest and the highest of them. Yours does "
            "not.",
        ),
    ),
    misconceptions=(
        proposal_left_out,
        ratio_upside_down,
        harmonic_mean_of_weights,
        multiplied_by_proposal,
        ratio_of_totals,
        mean_log_weight,
        mean_log_joint,
        sum_for_mean,
        divided_by_one_less,
        divided_by_effective_number,
        rescaled_first,
        posterior_mean_of_log_joint,
        largest_weight,
        zeros_left_out,
        exponentiated_apart,
        exponentiated_as_is,
        impossible_becomes_nan,
        logarithms_divided,
        proposal_rescaled,
        posterior_mean_of_joint,
        sum_of_shares,
        weights_not_averaged,
        median_weight,
    ),
)
