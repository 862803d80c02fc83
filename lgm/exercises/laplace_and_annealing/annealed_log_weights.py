"""The exercise ``laplace_and_annealing.annealed_log_weights``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np
import scipy

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["ANNEALED_LOG_WEIGHTS"]


def annealed_log_weights(log_lik, betas):
    return np.diff(betas) @ log_lik


def _ladders(rng: np.random.Generator) -> list[Case]:
    def ladder(t: int) -> np.ndarray:
        """From 0 to 1 by t steps of unequal length, short ones first on the whole."""
        steps = np.geomspace(1.0, 6.0, t) * rng.uniform(0.7, 1.4, t)
        return np.concatenate([[0.0], np.cumsum(steps[:-1]) / steps.sum(), [1.0]])

    def particles(t: int, s: int, level: float = -30.0) -> tuple[np.ndarray, np.ndarray]:
        """Log likelihoods that rise on the way."""
        rise = np.linspace(0.0, 12.0, t)[:, None]
        return level + rise + rng.normal(0.0, 3.0, (t, s)), ladder(t)

    def with_zeros(t: int, s: int) -> tuple[np.ndarray, np.ndarray]:
        log_lik, betas = particles(t, s)
        log_lik[0, rng.permutation(s)[: s // 2]] = -np.inf
        return log_lik, betas

    far = "likelihoods too large or too small to exponentiate"
    zeros = "particles that begin where x is impossible"
    return [
        *(
            Case(particles(t, s), "a short ladder with uneven steps")
            for t, s in ((3, 4), (4, 2), (2, 5))
        ),
        *(Case(particles(t, s), "a long ladder") for t, s in ((12, 7), (30, 4))),
        *(Case(particles(t, 1), "a single particle", "a single particle") for t in (3, 6)),
        *(Case(particles(1, s), "a single step", "a single step") for s in (4, 6)),
        *(
            Case(particles(t, s, level), far, "extreme values")
            for t, s, level in ((4, 3, -1000.0), (3, 5, 1000.0), (6, 4, -3000.0))
        ),
        *(Case(with_zeros(t, s), zeros, "zeros") for t, s in ((3, 4), (5, 7))),
    ]


def _between_what_it_met(log_weights, log_lik, betas):
    """The steps add up to one, so a particle gains an average of what it met on the way."""
    slack = 1e-2 * (1 + np.abs(log_lik).max(axis=0, where=np.isfinite(log_lik), initial=0.0))
    lowest, highest = log_lik.min(axis=0) - slack, log_lik.max(axis=0) + slack
    return bool(((lowest <= log_weights) & (log_weights <= highest)).all())


@misconception(
    "You gave all steps the same length.",
    "A ladder drawn on paper has even rungs; but this one has short steps where the density "
    "changes fast, and each counts for as much as it is long.",
)
def even_steps(log_lik, betas):
    return np.mean(log_lik, axis=0)


@misconception(
    "You took the temperature after each step for the length of the step.",
    "It is the exponent in the density that is reached; but the weight is a ratio of two "
    "densities, the one reached and the one left, and most of it cancels.",
)
def temperature_reached(log_lik, betas):
    return betas[1:] @ log_lik


@misconception(
    "You took the temperature before each step for the length of the step.",
    "The particle was moved at that temperature; but the weight is what the step changes, and at "
    "the first step this temperature is zero.",
)
def temperature_left(log_lik, betas):
    return betas[:-1] @ log_lik


@misconception(
    "You added the log likelihoods up without regard to the steps.",
    "A weight is a product over the steps; but each step only raises the exponent a little, and "
    "its factor is that small power of the likelihood.",
)
def steps_left_out(log_lik, betas):
    return np.sum(log_lik, axis=0)


@misconception(
    "You used the log likelihood where the particle ended.",
    "The last place is the good one, near the posterior; but the particle has been paid on the "
    "way, at each place for a small step.",
)
def end_of_the_path(log_lik, betas):
    return log_lik[-1]


@misconception(
    "You used the log likelihood where the particle began.",
    "That is the weight of a draw from the prior that makes the whole step at once; here it has "
    "moved on meanwhile, and is paid for each step where it then was.",
)
def start_of_the_path(log_lik, betas):
    return log_lik[0]


@misconception(
    "You walked the ladder from the wrong end.",
    "Annealing goes from hot to cold, and an exponent is an inverse temperature; the first row "
    "belongs to the first step.",
)
def from_the_wrong_end(log_lik, betas):
    return np.diff(betas)[::-1] @ log_lik


@misconception(
    "You subtracted the later temperature from the earlier one.",
    "The order of a difference is easily mistaken; a likelier path has to have the larger weight.",
)
def steps_downwards(log_lik, betas):
    return (betas[:-1] - betas[1:]) @ log_lik


@misconception(
    "You left out the last step.",
    "One counts as many steps as moves, and after the last move there is one step more: the one "
    "that arrives at the posterior.",
)
def last_step_left_out(log_lik, betas):
    return np.diff(betas)[:-1] @ log_lik[:-1]


@misconception(
    "You left out the first step.",
    "At the start nothing has happened yet; but the step away from the prior is paid as well, at "
    "the draws of the prior.",
)
def first_step_left_out(log_lik, betas):
    return np.diff(betas)[1:] @ log_lik[1:]


@misconception(
    "You paid each step at the place that the particle reached after it.",
    "The move follows the step, and one is tempted to take the fresher state; but the ratio of the "
    "two densities belongs to the state before the move.",
)
def paid_after_the_move(log_lik, betas):
    return np.diff(betas) @ np.concatenate([log_lik[1:], log_lik[-1:]])


@misconception(
    "You joined neighbouring rows by trapezia.",
    "That is how an integral over the temperature is done, and it comes close; but the weights are "
    "unbiased only if each step is paid at the one state before it.",
)
def trapezia(log_lik, betas):
    padded = np.concatenate([log_lik, log_lik[-1:]])
    return np.diff(betas) @ (padded[1:] + padded[:-1]) / 2


@misconception(
    "You averaged the likelihoods over the steps instead of multiplying their powers.",
    "The steps add up to one like weights of an average; but every step multiplies a draw's "
    "weight by a power of its likelihood. Add up the logarithms, each times its step.",
)
def likelihoods_averaged(log_lik, betas):
    return scipy.special.logsumexp(log_lik + np.log(np.diff(betas))[:, None], axis=0)


@misconception(
    "You rescaled the weights so that they sum to one.",
    "Rescaled weights are what one wants for means under the posterior; but the evidence is the "
    "average of the weights as they are.",
)
def rescaled(log_lik, betas):
    w = np.diff(betas) @ log_lik
    return w - scipy.special.logsumexp(w)


@misconception(
    "You returned one number, the average of the weights, and not the weight of each particle.",
    "It is the next thing that one wants; but their spread tells the error, so they are needed one "
    "by one.",
)
def averaged_already(log_lik, betas):
    w = np.diff(betas) @ log_lik
    return scipy.special.logsumexp(w) - np.log(len(w))


@misconception(
    "You added over the particles, and not over the steps.",
    "Both axes are at hand; but a weight belongs to one particle, and collects what this particle "
    "gained at all steps.",
)
def wrong_axis(log_lik, betas):
    return np.sum(np.diff(betas)[:, None] * log_lik, axis=1)


@misconception(
    "You exponentiated the likelihoods and multiplied their powers.",
    "It reads like the formula and works for a few data; but likelihoods of many data vanish or "
    "overflow. Stay with the logarithms.",
)
def powers_multiplied(log_lik, betas):
    return np.log(np.prod(np.exp(log_lik) ** np.diff(betas)[:, None], axis=0))


@misconception(
    "You passed over the steps at which x was impossible.",
    "A weight of minus infinity looks like a fault; but a particle that began in an impossible "
    "place carries nothing, and it counts as a particle that carries nothing.",
)
def impossible_passed_over(log_lik, betas):
    return np.diff(betas) @ np.where(np.isfinite(log_lik), log_lik, 0.0)


@misconception(
    "You divided by the number of steps.",
    "An average over the steps would have it; but the lengths of the steps add up to one already.",
)
def divided_by_the_steps(log_lik, betas):
    return np.mean(np.diff(betas)[:, None] * log_lik, axis=0)


@misconception(
    "You returned one number, the mean of the log weights, and not the weight of each particle.",
    "It is a steadier number than the log of the mean; but it lies below the log evidence, and "
    "both are for later: the weights are needed one by one.",
)
def mean_log_weight(log_lik, betas):
    return np.mean(np.diff(betas) @ log_lik)


@misconception(
    "You added up the particles as well.",
    "A sum without an axis takes all there is; but a weight belongs to one particle.",
)
def particles_added(log_lik, betas):
    return np.sum(np.diff(betas)[:, None] * log_lik)


@misconception(
    "You returned the terms of every step and did not add them up.",
    "Each step brings a factor; but the weight of a particle is the product of them all, one "
    "number.",
)
def steps_kept_apart(log_lik, betas):
    return np.diff(betas)[:, None] * log_lik


@misconception(
    "You returned the log weights as they grow from step to step.",
    "How a weight comes about is worth a look; but what is asked for is the last row, after all "
    "steps.",
)
def running_totals(log_lik, betas):
    return np.cumsum(np.diff(betas)[:, None] * log_lik, axis=0)


@misconception(
    "You took out the largest weight and did not put it back.",
    "After that no exponential overflows; but it is a common factor of all weights, and so a "
    "factor of the evidence.",
)
def largest_taken_out(log_lik, betas):
    w = np.diff(betas) @ log_lik
    return w - np.max(w)


@misconception(
    "You multiplied by the logarithms of the steps.",
    "All else is a logarithm here; but a step is an exponent, and an exponent stands before the "
    "logarithm as it is.",
)
def logarithms_of_the_steps(log_lik, betas):
    return np.log(np.diff(betas)) @ log_lik


@misconception(
    "You added the logarithms of the steps to the log likelihoods.",
    "In log space multiplying is adding; but a step is the exponent of the likelihood, no factor "
    "of it, and so it multiplies the logarithm.",
)
def factor_for_exponent(log_lik, betas):
    return np.sum(np.log(np.diff(betas))[:, None] + log_lik, axis=0)


@misconception(
    "You added up the powers of the likelihoods.",
    "Their logarithms are added up; but the powers themselves, one for each step, multiply.",
)
def powers_added(log_lik, betas):
    return scipy.special.logsumexp(np.diff(betas)[:, None] * log_lik, axis=0)


@misconception(
    "You took the temperature half-way up each step for its length.",
    "The middle of a step stands well for a place on it; but a weight asks how long the step is.",
)
def middle_of_the_step(log_lik, betas):
    return (betas[1:] + betas[:-1]) / 2 @ log_lik


@misconception(
    "You divided neighbouring temperatures instead of subtracting them.",
    "The weight is a ratio of two densities; but the temperatures are exponents, and those of a "
    "ratio are subtracted.",
)
def temperatures_divided(log_lik, betas):
    return betas[:-1] / betas[1:] @ log_lik


@misconception(
    "You replaced the logarithm of zero by a finite number.",
    "`np.nan_to_num` makes infinities go away; but a particle that began in an impossible place "
    "weighs nothing, and minus infinity is the logarithm of nothing.",
)
def impossible_made_finite(log_lik, betas):
    return np.diff(betas) @ np.nan_to_num(log_lik)


ANNEALED_LOG_WEIGHTS = Exercise(
    name="laplace_and_annealing.annealed_log_weights",
    returns=("the array of log weights",),
    section="The ladder",
    reference=annealed_log_weights,
    cases=_ladders,
    properties=(
        Property(
            _between_what_it_met,
            "The steps add up to one, so the log weight of a particle lies between the lowest and "
            "the highest log likelihood that it met. Yours does not.",
        ),
    ),
    misconceptions=(
        even_steps,
        temperature_reached,
        temperature_left,
        steps_left_out,
        end_of_the_path,
        start_of_the_path,
        from_the_wrong_end,
        steps_downwards,
        last_step_left_out,
        first_step_left_out,
        paid_after_the_move,
        trapezia,
        likelihoods_averaged,
        rescaled,
        averaged_already,
        wrong_axis,
        powers_multiplied,
        impossible_passed_over,
        divided_by_the_steps,
        mean_log_weight,
        particles_added,
        steps_kept_apart,
        running_totals,
        largest_taken_out,
        logarithms_of_the_steps,
        factor_for_exponent,
        powers_added,
        middle_of_the_step,
        temperatures_divided,
        impossible_made_finite,
    ),
)
