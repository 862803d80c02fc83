"""The exercise ``laplace_and_annealing.bridge_log_marginal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["BRIDGE_LOG_MARGINAL"]


def bridge_log_marginal(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    odds = np.log(len(at_post) / len(at_q))

    # A classifier by density ratio takes as many of either kind for the other (Geyer 1994).
    def surplus(log_px):
        return expit(at_q - log_px + odds).sum() - expit(log_px - at_post - odds).sum()

    both = np.concatenate([at_q[np.isfinite(at_q)], at_post])
    return float(brentq(surplus, both.min() - 1.0, both.max() + 1.0, xtol=1e-12))


def _two_sides(rng: np.random.Generator) -> list[Case]:
    def sides(n: int, m: int, level: float = -4.0, of_q: float = -1.5) -> tuple[np.ndarray, ...]:
        """Weights that are larger at draws from the posterior, as they are on the whole."""
        log_q = rng.normal(of_q, 1.0, n), rng.normal(of_q - 0.3, 1.0, m)
        weight = level + rng.normal(-0.6, 1.1, n), level + rng.normal(0.5, 0.8, m)
        return weight[0] + log_q[0], log_q[0], weight[1] + log_q[1], log_q[1]

    def room(n: int, m: int) -> tuple[np.ndarray, ...]:
        """A thermometer's reading; a proposal that is too wide and off centre."""
        scale = (1 / 2.0**2 + 1 / 1.5**2) ** -0.5
        middle = scale**2 * (20.0 / 2.0**2 + 24.0 / 1.5**2)

        def densities(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            prior, reading = -0.5 * ((z - 20.0) / 2.0) ** 2, -0.5 * ((24.0 - z) / 1.5) ** 2
            q = -0.5 * ((z - 23.0) / 2.0) ** 2 - np.log(2.0) - 0.5 * np.log(2 * np.pi)
            return prior + reading - np.log(6 * np.pi), q

        return *densities(rng.normal(23.0, 2.0, n)), *densities(rng.normal(middle, scale, m))

    def with_zeros(n: int, m: int) -> tuple[np.ndarray, ...]:
        log_joint, *others = sides(n, m)
        log_joint[rng.permutation(n)[: n // 3]] = -np.inf
        return log_joint, *others

    far, zeros = "densities too large or too small to exponentiate", "proposals that x excludes"
    return [
        Case(room(9, 4), "a temperature, fewer draws from the posterior"),
        Case(room(30, 80), "a temperature, fewer draws from the proposal"),
        *(
            Case(sides(n, m), "different numbers of draws on the two sides")
            for n, m in ((4, 9), (12, 5), (6, 15))
        ),
        *(Case(sides(n, n), "as many draws on either side") for n in (7, 11)),
        *(
            Case(sides(n, m), "a single draw on one side", "a single draw")
            for n, m in ((1, 4), (5, 1))
        ),
        *(
            Case(sides(n, m, level, of_q), far, "extreme values")
            for n, m, level, of_q in (
                (5, 8, -1000.0, -3.0),
                (6, 4, 1000.0, -3.0),
                (4, 9, -2000.0, -1000.0),
                (9, 5, 2000.0, 1000.0),
            )
        ),
        *(Case(with_zeros(n, m), zeros, "zeros") for n, m in ((9, 5), (6, 14))),
    ]


def _between_the_weights(log_px, log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    """The evidence lies between the lowest and the highest of all weights."""
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    weights = np.concatenate([at_q, at_post])
    return bool(weights.min() - 1e-2 <= log_px <= weights.max() + 1e-2)


@misconception(
    "You averaged the weights of the proposal's draws and left the posterior's draws aside.",
    "It is importance sampling, and right if the proposal is wide enough; but half of what "
    "you were given is not used, the half that shows where the posterior really is.",
)
def proposal_side_only(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    w = log_joint_at_q - log_q_at_q
    return np.logaddexp.reduce(w) - np.log(len(w))


@misconception(
    "You averaged the inverse weights of the posterior's draws and left the proposal's draws "
    "aside.",
    "It is a relative of the harmonic mean, and right if the proposal is narrow enough; but "
    "half of what you were given is not used.",
)
def posterior_side_only(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    w = log_joint_at_post - log_q_at_post
    return np.log(len(w)) - np.logaddexp.reduce(-w)


@misconception(
    "You estimated the evidence from either side alone and took the middle of the two.",
    "One errs upwards where the other errs downwards; but each keeps its own rare large "
    "weights, and the bridge is built so that neither side has any.",
)
def mean_of_both_sides(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    one = np.logaddexp.reduce(at_q) - np.log(len(at_q))
    other = np.log(len(at_post)) - np.logaddexp.reduce(-at_post)
    return (one + other) / 2


@misconception(
    "You used the geometric bridge, with square roots of the weights.",
    "It needs no iteration and is a bridge too; but it is not the best one, and the "
    "specification asks for the best.",
)
def geometric_bridge(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    above = np.logaddexp.reduce(at_q / 2) - np.log(len(at_q))
    return above - np.logaddexp.reduce(-at_post / 2) + np.log(len(at_post))


@misconception(
    "You went through the formula once, from an evidence of one, and stopped.",
    "It gives a number that looks like an answer; but the answer stands on both sides of the "
    "formula, and it has to come out as it went in.",
)
def one_round_only(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    r = 0.0
    mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
    above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
    mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
    return above - np.logaddexp.reduce(-mixed) + np.log(m)


@misconception(
    "You began well, with the estimate from the proposal's draws, but went through the "
    "formula only once.",
    "After one round it is close; but a fixed point is reached when another round changes nothing.",
)
def one_round_from_the_proposal_side(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    r = np.logaddexp.reduce(at_q) - np.log(n)
    mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
    above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
    mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
    return above - np.logaddexp.reduce(-mixed) + np.log(m)


@misconception(
    "You gave the joint the proposal's share of the draws, and the proposal the posterior's.",
    "With as many draws on either side it makes no difference; otherwise each density has to "
    "be mixed in with the number of draws that came from it.",
)
def shares_exchanged(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    r = 0.0
    for _ in range(40):
        mixed = np.logaddexp(np.log(n) + at_q, np.log(m) + r)
        above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
        mixed = np.logaddexp(np.log(n) + at_post, np.log(m) + r)
        r = above - np.logaddexp.reduce(-mixed) + np.log(m)
    return r


@misconception(
    "You mixed the two densities half and half, although there are more draws on one side.",
    "Half and half is fair, and right for as many draws on either side; but the side with "
    "more draws deserves more weight.",
)
def equal_shares(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    r = 0.0
    for _ in range(40):
        mixed = np.logaddexp(at_q, r)
        above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
        mixed = np.logaddexp(at_post, r)
        r = above - np.logaddexp.reduce(-mixed) + np.log(m)
    return r


@misconception(
    "You divided the two sums, and not the two means.",
    "The numbers of draws cancel if they are the same; otherwise the ratio is off by theirs.",
)
def sums_for_means(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    r = 0.0
    for _ in range(40):
        mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
        above = np.logaddexp.reduce(at_q - mixed)
        mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
        r = above - np.logaddexp.reduce(-mixed)
    return r


@misconception(
    "You returned the inverse of the evidence.",
    "Both means are averages of fractions, and which goes on top is easily forgotten; the "
    "mean over the proposal's draws is the one that holds the joint.",
)
def upside_down(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    r = 0.0
    for _ in range(40):
        mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
        above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
        mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
        r = above - np.logaddexp.reduce(-mixed) + np.log(m)
    return -r


@misconception(
    "You left the proposal's density out and used the joint alone.",
    "The joint is what one integrates; but how often a place was drawn depends on the "
    "proposal, and the two have to be compared at each draw.",
)
def proposal_left_out(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q, log_joint_at_post
    n, m = len(at_q), len(at_post)
    r = 0.0
    for _ in range(40):
        mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
        above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
        mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
        r = above - np.logaddexp.reduce(-mixed) + np.log(m)
    return r


@misconception(
    "You averaged the same fraction, with the joint on top, over both sets of draws.",
    "Symmetry is pleasant; but one mean has the joint on top and the other has the proposal, "
    "since each brings in what its own draws lack.",
)
def same_fraction_on_both_sides(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    r = 0.0
    for _ in range(40):
        mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
        above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
        mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
        r = above - np.logaddexp.reduce(at_post - mixed) + np.log(m)
    return r


@misconception(
    "You pooled all draws and averaged their weights as if the proposal had made every one.",
    "More draws, smaller error; but those from the posterior fall where weights are large, "
    "and so they pull the average up.",
)
def all_draws_pooled(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    log_weights = np.concatenate([log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post])
    return np.logaddexp.reduce(log_weights) - np.log(len(log_weights))


@misconception(
    "You took the posterior's draws for the proposal's and the other way round.",
    "Four arrays of two kinds are easily exchanged; go by the names, and by the order in "
    "which they come.",
)
def sides_exchanged(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_post, at_q = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    r = 0.0
    for _ in range(40):
        mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
        above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
        mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
        r = above - np.logaddexp.reduce(-mixed) + np.log(m)
    return r


@misconception(
    "You averaged the log weights of either side and took the middle.",
    "One average lies below the log evidence and the other above, and the truth is between "
    "them; but it is not in the middle.",
)
def mean_log_weights(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    below = np.mean(log_joint_at_q - log_q_at_q)
    return (below + np.mean(log_joint_at_post - log_q_at_post)) / 2


@misconception(
    "You left the proposals out that x excludes, and averaged the others.",
    "A weight of zero looks like a fault in the data; but the proposal has spent draws there, "
    "and they count.",
)
def zeros_left_out(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    at_q = at_q[np.isfinite(at_q)]
    n, m = len(at_q), len(at_post)
    r = 0.0
    for _ in range(40):
        mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
        above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
        mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
        r = above - np.logaddexp.reduce(-mixed) + np.log(m)
    return r


@misconception(
    "You exponentiated the weights and iterated with them as they are.",
    "It reads like the formula and works for moderate weights; but those of many data vanish "
    "or overflow. Keep the logarithm of the evidence, and of all that it is compared with.",
)
def exponentiated(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q = np.exp(log_joint_at_q - log_q_at_q)
    at_post = np.exp(log_joint_at_post - log_q_at_post)
    n, m = len(at_q), len(at_post)
    r = 1.0
    for _ in range(40):
        above = np.mean(at_q / (m * at_q + n * r))
        r = above / np.mean(1 / (m * at_post + n * r))
    return np.log(r)


@misconception(
    "You went through the formula three times and stopped, wherever that was.",
    "Where both sides overlap well three rounds come close; but with few draws the number settles "
    "slowly. Stop when a round changes nothing any more.",
)
def three_rounds(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    r = 0.0
    for _ in range(3):
        mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
        above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
        mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
        r = above - np.logaddexp.reduce(-mixed) + np.log(m)
    return r


@misconception(
    "You stopped as soon as a round changed log r by less than a tenth.",
    "A small change looks like arrival; but many small changes may follow, and the specification "
    "asks for 1e-10.",
)
def stopped_too_early(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m = len(at_q), len(at_post)
    old, r = np.inf, 0.0
    while abs(r - old) >= 0.1:
        old = r
        mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
        above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
        mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
        r = above - np.logaddexp.reduce(-mixed) + np.log(m)
    return r


@misconception(
    "You put the proposal on top of the weights and the joint below.",
    "A ratio of two densities is easily upside down; but a weight says how many times too seldom "
    "the proposal comes to a place, and so the joint is on top.",
)
def weights_upside_down(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_q_at_q - log_joint_at_q, log_q_at_post - log_joint_at_post
    at_q = at_q[np.isfinite(at_q)]
    n, m = len(at_q), len(at_post)
    r = 0.0
    for _ in range(40):
        mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
        above = np.logaddexp.reduce(at_q - mixed) - np.log(n)
        mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
        r = above - np.logaddexp.reduce(-mixed) + np.log(m)
    return r


@misconception(
    "You averaged the logarithms of the fractions, and not the fractions.",
    "Logarithms are what you have in hand; but a mean of logarithms is not the logarithm of a "
    "mean. Use logsumexp.",
)
def logarithms_averaged(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m, r = len(at_q), len(at_post), 0.0
    for _ in range(40):
        above = np.mean(at_q - np.logaddexp(np.log(m) + at_q, np.log(n) + r))
        r = above + np.mean(np.logaddexp(np.log(m) + at_post, np.log(n) + r))
    return r


@misconception(
    "You counted the impossible proposals in the shares, but left them out of the mean.",
    "Their terms are zero and add nothing to the sum; but the sum is divided by all N draws.",
)
def mean_of_the_possible(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n, m, possible = len(at_q), len(at_post), np.isfinite(at_q).sum()
    r = 0.0
    for _ in range(40):
        mixed = np.logaddexp(np.log(m) + at_q, np.log(n) + r)
        above = np.logaddexp.reduce(at_q - mixed) - np.log(possible)
        mixed = np.logaddexp(np.log(m) + at_post, np.log(n) + r)
        r = above - np.logaddexp.reduce(-mixed) + np.log(m)
    return r


@misconception(
    "You cut the longer side, so that both have as many draws.",
    "With equal numbers the formula is simpler; but it takes unequal ones as well, and every draw "
    "was paid for.",
)
def longer_side_cut(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    n = min(len(at_q), len(at_post))
    at_q, at_post, r = at_q[:n], at_post[:n], 0.0
    for _ in range(40):
        above = np.logaddexp.reduce(at_q - np.logaddexp(at_q, r))
        r = above - np.logaddexp.reduce(-np.logaddexp(at_post, r))
    return r


@misconception(
    "You took the middle between the medians of both sides' log weights.",
    "The evidence is where both histograms cross, and that lies between their middles; but it is "
    "half-way only if the two mirror each other.",
)
def middle_of_the_medians(log_joint_at_q, log_q_at_q, log_joint_at_post, log_q_at_post):
    at_q, at_post = log_joint_at_q - log_q_at_q, log_joint_at_post - log_q_at_post
    return (np.median(at_q) + np.median(at_post)) / 2


BRIDGE_LOG_MARGINAL = Exercise(
    name="laplace_and_annealing.bridge_log_marginal",
    returns=("log p(x)",),
    section="Meet in the middle",
    reference=bridge_log_marginal,
    cases=_two_sides,
    properties=(
        Property(
            _between_the_weights,
            "The evidence lies between the lowest and the highest of all the weights, joint over "
            "proposal. Yours does not.",
        ),
    ),
    misconceptions=(
        proposal_side_only,
        posterior_side_only,
        mean_of_both_sides,
        geometric_bridge,
        one_round_only,
        one_round_from_the_proposal_side,
        shares_exchanged,
        equal_shares,
        sums_for_means,
        upside_down,
        proposal_left_out,
        same_fraction_on_both_sides,
        all_draws_pooled,
        sides_exchanged,
        mean_log_weights,
        zeros_left_out,
        exponentiated,
        three_rounds,
        stopped_too_early,
        weights_upside_down,
        logarithms_averaged,
        mean_of_the_possible,
        longer_side_cut,
        middle_of_the_medians,
    ),
)
