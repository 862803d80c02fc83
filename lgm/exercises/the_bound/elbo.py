"""The exercise ``the_bound.elbo``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception
from lgm.logspace import logsumexp

__all__ = ["ELBO"]


def elbo(log_joint, q):
    inside = q > 0
    return float(np.sum(q[inside] * (log_joint[inside] - np.log(q[inside]))))


def _beliefs(rng: np.random.Generator) -> list[Case]:
    def joint(k: int, shift: float = -3.0) -> np.ndarray:
        return rng.normal(shift, 1.5, k)

    def belief(k: int) -> np.ndarray:
        """Unequal, and nowhere near zero."""
        return 0.5 * rng.dirichlet(np.full(k, 2.0)) + 0.5 * rng.permutation(
            np.arange(1.0, k + 1) / (k * (k + 1) / 2)
        )

    def with_zeros(k: int, zeros: int) -> np.ndarray:
        q = np.zeros(k)
        q[rng.permutation(k)[zeros:]] = belief(k - zeros)
        return q

    def excluded(k: int, believed: bool) -> tuple[np.ndarray, np.ndarray]:
        """Two values that x excludes and the belief too, or one that is believed."""
        log_joint, q = joint(k), with_zeros(k, 2)
        if believed:
            q = belief(k)
            log_joint[rng.integers(k)] = -np.inf
        else:
            log_joint[q == 0] = -np.inf
        return log_joint, q

    def posterior(k: int) -> tuple[np.ndarray, np.ndarray]:
        log_joint = joint(k)
        return log_joint, np.exp(log_joint - logsumexp(log_joint))

    far, same = "a joint too large or too small to exponentiate", "a belief that is the posterior"
    zero, out = "a belief that rules some values out", "values that x excludes"
    return [
        *(Case((joint(k), belief(k)), "an uneven belief over a few values") for k in (2, 3, 4, 6)),
        Case((joint(3, 2.0), belief(3)), "a joint density above one"),
        *(Case(posterior(k), same, "the posterior") for k in (3, 5)),
        *(Case((joint(1), np.ones(1)), "a single value", "a single value") for _ in range(2)),
        *(
            Case((joint(k, shift), belief(k)), far, "extreme values")
            for k, shift in ((3, -1000.0), (4, 1000.0), (2, -2000.0))
        ),
        *(
            Case((joint(k) + rng.permutation(1000.0 * np.arange(k)), belief(k)), far, group)
            for k, group in ((2, "extreme values"), (3, "extreme values"))
        ),
        *(Case((joint(k), with_zeros(k, k // 2)), zero, "zeros") for k in (3, 4, 6)),
        *(Case(excluded(k, believed=False), f"{out}, and q as well", out) for k in (4, 6)),
        *(Case(excluded(k, believed=True), f"{out}, and q does not", out) for k in (4, 5)),
    ]


def _below_the_log_marginal(bound, log_joint, q):
    return bool(bound <= logsumexp(log_joint) + 1e-2 + 1e-3 * abs(logsumexp(log_joint)))


@misconception(
    "You averaged the log joint and left the entropy of q out.",
    "The average of the log joint looks like a score for q already; but then the best belief is "
    "always to be certain of a single value.",
)
def entropy_left_out(log_joint, q):
    return np.sum(q[q > 0] * log_joint[q > 0])


@misconception(
    "You took the entropy of q off where it has to be added.",
    "An entropy has a minus sign inside, which is easily met twice or not at all; the bound "
    "rewards a belief that spreads.",
)
def entropy_subtracted(log_joint, q):
    inside = q > 0
    return np.sum(q[inside] * (log_joint[inside] + np.log(q[inside])))


@misconception(
    "You returned the entropy of q alone.",
    "It is one of the two parts of the bound, and the one that q decides by itself; but without "
    "the joint nothing has been said of x.",
)
def entropy_alone(log_joint, q):
    return -np.sum(scipy.special.xlogy(q, q))


@misconception(
    "You measured the entropy in bits.",
    "Information is often counted with the logarithm to base two; the log joint is a natural "
    "logarithm, and what is added must be in the same unit.",
)
def entropy_in_bits(log_joint, q):
    inside = q > 0
    return np.sum(q[inside] * (log_joint[inside] - np.log2(q[inside])))


@misconception(
    "You compared q with the posterior instead of with the joint.",
    "The posterior is what q should resemble; but it is the joint, divided by the very number that "
    "the bound is about, and what you get is the gap with its sign turned.",
)
def posterior_for_joint(log_joint, q):
    inside = q > 0
    log_posterior = log_joint - scipy.special.logsumexp(log_joint)
    return np.sum(q[inside] * (log_posterior[inside] - np.log(q[inside])))


@misconception(
    "You returned the gap between the bound and the log marginal.",
    "Both are spoken of as what one optimises; but the gap is to become small, and the bound is "
    "what stands under it.",
)
def gap_for_bound(log_joint, q):
    inside = q > 0
    bound = np.sum(q[inside] * (log_joint[inside] - np.log(q[inside])))
    return scipy.special.logsumexp(log_joint) - bound


@misconception(
    "You returned the bound with its sign turned: a loss, to be made small.",
    "Programs that minimise want that, and many texts print the loss; the specification asks for "
    "the bound itself.",
)
def loss_for_bound(log_joint, q):
    inside = q > 0
    return np.sum(q[inside] * (np.log(q[inside]) - log_joint[inside]))


@misconception(
    "You returned the log marginal, whatever q is.",
    "It is what the bound is a bound for, and with a few values it can be had; but the exercise is "
    "to say what a given belief is worth.",
)
def log_marginal_for_bound(log_joint, q):
    return scipy.special.logsumexp(log_joint)


@misconception(
    "You took the logarithm of an average under q.",
    "The joint is averaged under q, as it says; but the order of average and logarithm makes the "
    "bound, and here the logarithm comes first.",
)
def log_of_average(log_joint, q):
    return scipy.special.logsumexp(log_joint, b=q)


@misconception(
    "You averaged over the values as if all were equally believed.",
    "With draws from q a plain mean would be right, since they come as often as q says; over a "
    "list of all values, each has to be weighted by its probability.",
)
def plain_mean(log_joint, q):
    inside = q > 0
    return np.mean(log_joint[inside] - np.log(q[inside]))


@misconception(
    "You added the differences of the logarithms without any weight.",
    "What is to be averaged is right; but q appears twice in the bound, once inside the logarithm "
    "and once as the weight.",
)
def no_weights(log_joint, q):
    inside = q > 0
    return np.sum(log_joint[inside] - np.log(q[inside]))


@misconception(
    "You weighted every value by its probability, and then averaged the products.",
    "A weighted average sounds as if it ended in a mean; but the weights sum to one and have "
    "divided already, so that the products are added.",
)
def weighted_then_averaged(log_joint, q):
    inside = q > 0
    return np.mean(q[inside] * (log_joint[inside] - np.log(q[inside])))


@misconception(
    "You returned what each value contributes, and did not add it up.",
    "All the parts are there; but the bound is one number for the whole belief.",
)
def not_added_up(log_joint, q):
    inside = q > 0
    return q[inside] * (log_joint[inside] - np.log(q[inside]))


@misconception(
    "You averaged under the posterior instead of under q.",
    "It is the average that one would like to take; but then the result lies above the log "
    "marginal and not below. Swapping the two distributions reverses the divergence.",
)
def averaged_under_the_posterior(log_joint, q):
    if np.max(log_joint) == -np.inf:
        return -np.inf
    share = np.exp(log_joint - scipy.special.logsumexp(log_joint))
    inside = share > 0
    return np.sum(share[inside] * (log_joint[inside] - np.log(q[inside])))


@misconception(
    "You used the value that q thinks likeliest, and no other.",
    "A hard choice is simple, and its log joint is below the log marginal as well; but it is the "
    "bound of another belief, which is certain of that value.",
)
def likeliest_value_only(log_joint, q):
    return log_joint[np.argmax(q)]


@misconception(
    "You took q for logarithms.",
    "Everywhere else in the course beliefs come as logarithms; here q is a list of probabilities "
    "that sum to one.",
)
def q_taken_for_logarithms(log_joint, q):
    return np.sum(np.exp(q) * (log_joint - q))


@misconception(
    "You left the logarithm of q out, and subtracted q itself.",
    "One of the two has been made a logarithm already, so the other is easily forgotten; only "
    "logarithms can be subtracted where probabilities are divided.",
)
def q_not_logged(log_joint, q):
    inside = q > 0
    return np.sum(q[inside] * (log_joint[inside] - q[inside]))


@misconception(
    "You exponentiated the joint and took its logarithm again.",
    "A divergence from a library takes probabilities, so one makes some; but the joint of real "
    "data leaves the range of the machine. Its logarithm is all that the bound needs.",
)
def exponentiated_and_back(log_joint, q):
    return -np.sum(scipy.special.rel_entr(q, np.exp(log_joint)))


@misconception(
    "You multiplied zero by the logarithm of zero.",
    "The formula reads so; but to the machine the product is NaN, and a value that q rules out "
    "contributes nothing to the average.",
)
def zero_times_infinity(log_joint, q):
    return np.sum(q * (log_joint - np.log(q)))


@misconception(
    "You added a tiny number before taking the logarithm of q.",
    "It silences the logarithm of zero; but where x excludes a value as well, zero still meets "
    "infinity. A value that q rules out has to be left out of the sum.",
)
def tiny_number_added(log_joint, q):
    return np.sum(q * (log_joint - np.log(q + 1e-300)))


@misconception(
    "You left out the values that x excludes, even where q believes in them.",
    "Minus infinity looks like a fault in the data; but a belief in the impossible is worth "
    "exactly that, and no bound.",
)
def impossible_left_out(log_joint, q):
    inside = (q > 0) & np.isfinite(log_joint)
    return np.sum(q[inside] * (log_joint[inside] - np.log(q[inside])))


@misconception(
    "You turned NaN into zero and, on the way, infinity into a finite number.",
    "The function that replaces NaN is known for just that; but it replaces infinities too, and a "
    "belief in the impossible has no finite bound.",
)
def infinity_made_finite(log_joint, q):
    return np.sum(np.nan_to_num(q * (log_joint - np.log(q))))


@misconception(
    "You replaced minus infinity by a large negative number.",
    "It keeps the arithmetic finite; but the bound then depends on the number that you made up.",
)
def impossible_clipped(log_joint, q):
    return np.sum(q * np.maximum(log_joint, -1e6) - scipy.special.xlogy(q, q))


ELBO = Exercise(
    name="the_bound.elbo",
    returns=("the bound",),
    section="The bound, in three lines",
    reference=elbo,
    cases=_beliefs,
    properties=(
        Property(
            _below_the_log_marginal,
            "A lower bound on the log marginal is nowhere above it. Yours is.",
        ),
    ),
    misconceptions=(
        entropy_left_out,
        entropy_subtracted,
        entropy_alone,
        entropy_in_bits,
        posterior_for_joint,
        gap_for_bound,
        loss_for_bound,
        log_marginal_for_bound,
        log_of_average,
        plain_mean,
        no_weights,
        weighted_then_averaged,
        not_added_up,
        averaged_under_the_posterior,
        likeliest_value_only,
        q_taken_for_logarithms,
        q_not_logged,
        exponentiated_and_back,
        zero_times_infinity,
        tiny_number_added,
        impossible_left_out,
        infinity_made_finite,
        impossible_clipped,
    ),
)
