"""The exercise ``the_bound.reparameterised_gradient``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, misconception

__all__ = ["REPARAMETERISED_GRADIENT"]


def reparameterised_gradient(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)  # the log of a standard normal prior falls by z
    return float(slope.mean()), float((slope * eps).mean() + 1 / scale)


def _draws(rng: np.random.Generator) -> list[Case]:
    def drawn(s: int, mean: float, scale: float, steep: float = 1.5, far: float = 0.0):
        return rng.normal(size=s), mean, scale, far + rng.normal(0.7, steep, s)

    def answers(s: int, mean: float, scale: float):
        """A test-taker with one right answer and three wrong ones."""
        eps, slopes = rng.normal(size=s), np.array([0.8, 1.3, 0.6, 1.1])
        chance = 1 / (1 + np.exp(-slopes * (mean + scale * eps)[:, None]))
        return eps, mean, scale, (np.array([1, 0, 0, 0]) - chance) @ slopes

    few, narrow = "a handful of draws", "a narrow q, whose entropy is low"
    far, one = "steep slopes or a mean far away", "a single draw"
    return [
        Case(answers(6, -0.4, 1.7), "answers to four items, a handful of draws"),
        Case(answers(50, 0.9, 0.6), "answers to four items, many draws"),
        *(Case(drawn(s, *q), few) for s, q in ((3, (1.3, 0.7)), (5, (-2.1, 2.4)), (8, (0.6, 1.5)))),
        Case(drawn(9, 0.0, 1.8), "a mean of zero"),
        *(Case(drawn(1, *q), one, one) for q in ((0.8, 0.5), (-1.4, 2.2))),
        *(Case(drawn(s, 0.7, scale), narrow, "a narrow q") for s, scale in ((4, 0.02), (7, 0.001))),
        Case(drawn(5, 1000.0, 1.3), far, "extreme values"),
        Case(drawn(6, -1000.0, 0.4), far, "extreme values"),
        Case(drawn(4, 0.3, 2.5, steep=300.0, far=1000.0), far, "extreme values"),
        Case(drawn(7, -0.8, 0.6, steep=300.0, far=-1000.0), far, "extreme values"),
    ]


@misconception(
    "You left out the part that the entropy of q has in the slope for the scale.",
    "The averages over the draws look complete; but without the entropy nothing keeps q from "
    "shrinking to a point.",
)
def entropy_left_out(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean(), (slope * eps).mean()


@misconception(
    "You took the entropy's part off where it has to be added.",
    "The log density of q stands in the bound with a minus, and falls with the scale: two signs, "
    "of which one is easily lost. A wider q has more entropy, and that pushes the bound up.",
)
def entropy_subtracted(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean(), (slope * eps).mean() - 1 / scale


@misconception(
    "You added the logarithm of the scale where its derivative belongs.",
    "The entropy of a normal distribution is that logarithm and a constant; but a gradient is made "
    "of derivatives.",
)
def entropy_not_differentiated(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean(), (slope * eps).mean() + np.log(scale)


@misconception(
    "You divided by the variance in the entropy's part.",
    "Variances stand below the line in most formulas of the normal distribution; but the entropy "
    "is the logarithm of the scale plus a constant, and it is that logarithm which is "
    "differentiated.",
)
def entropy_by_the_variance(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean(), (slope * eps).mean() + 1 / scale**2


@misconception(
    "You gave the entropy a part in the slope for the mean as well.",
    "Both slopes belong to the same bound; but to move a distribution does not make it wider, and "
    "its entropy stays as it is.",
)
def entropy_in_both(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean() + 1 / scale, (slope * eps).mean() + 1 / scale


@misconception(
    "You estimated the entropy's part from the draws.",
    "On average it comes to the same; but the entropy of a normal distribution is known, and the "
    "specification asks for its exact derivative.",
)
def entropy_from_draws(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean(), (slope * eps).mean() + (eps**2).mean() / scale


@misconception(
    "You left the prior out.",
    "The derivatives that you are given are those of the likelihood alone; the bound is about the "
    "joint, and without the prior q runs after the data wherever they pull.",
)
def prior_left_out(eps, mean, scale, dlog_lik):
    return dlog_lik.mean(), (dlog_lik * eps).mean() + 1 / scale


@misconception(
    "You let the prior push away from its mean.",
    "The minus before the square in its exponent is easily lost when one differentiates; the prior "
    "is highest at zero, so its logarithm slopes towards zero from either side.",
)
def prior_upside_down(eps, mean, scale, dlog_lik):
    slope = dlog_lik + (mean + scale * eps)
    return slope.mean(), (slope * eps).mean() + 1 / scale


@misconception(
    "You took the prior's slope at the mean of q for all draws.",
    "The mean is where q sits; but every draw has a place of its own, and there the prior slopes "
    "differently.",
)
def prior_at_the_mean(eps, mean, scale, dlog_lik):
    slope = dlog_lik - mean
    return slope.mean(), (slope * eps).mean() + 1 / scale


@misconception(
    "You took the prior's slope at the standard draws, and not where they land.",
    "Both are called draws; but the hidden value is what comes out after scaling and shifting.",
)
def prior_at_the_noise(eps, mean, scale, dlog_lik):
    slope = dlog_lik - eps
    return slope.mean(), (slope * eps).mean() + 1 / scale


@misconception(
    "You used the prior's part averaged exactly, and not at the draws.",
    "It is a good idea, and it wobbles less; but the specification asks for the derivative of the "
    "log joint at each draw, prior included, and for a finite number of draws that is another "
    "number.",
)
def prior_averaged_exactly(eps, mean, scale, dlog_lik):
    return dlog_lik.mean() - mean, (dlog_lik * eps).mean() - scale + 1 / scale


@misconception(
    "You used the log prior itself where its derivative belongs.",
    "It is printed just above; but the slopes that you are given are derivatives, and only a "
    "derivative can be added to them.",
)
def prior_not_differentiated(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps) ** 2 / 2
    return slope.mean(), (slope * eps).mean() + 1 / scale


@misconception(
    "You left the prior out of the slope for the scale.",
    "In the slope for the mean it is there; but a wider q reaches further out as well, where the "
    "prior falls, so it has a part in both.",
)
def prior_in_the_mean_only(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean(), (dlog_lik * eps).mean() + 1 / scale


@misconception(
    "You added over the draws instead of averaging.",
    "A sum points the same way; but its length grows with the number of draws, and the entropy's "
    "part, which is not summed, falls behind.",
)
def sum_for_mean(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.sum(), (slope * eps).sum() + 1 / scale


@misconception(
    "You returned a slope for each draw, and did not average them.",
    "Each is a slope already, and right on average; the specification asks for that average, one "
    "number for the mean and one for the scale.",
)
def not_averaged(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope, slope * eps + 1 / scale


@misconception(
    "You used the same average for the scale as for the mean.",
    "Both move the draws; but when the scale grows, each draw moves by its own distance from the "
    "mean, and to its own side.",
)
def noise_left_out(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean(), slope.mean() + 1 / scale


@misconception(
    "You multiplied by the hidden values where the standard draws belong.",
    "The hidden value is what the log joint is about; but how it moves when the scale grows is "
    "decided by the draw before scaling.",
)
def hidden_value_for_noise(eps, mean, scale, dlog_lik):
    z = mean + scale * eps
    slope = dlog_lik - z
    return slope.mean(), (slope * z).mean() + 1 / scale


@misconception(
    "You averaged the slopes and the standard draws apart, and multiplied the averages.",
    "Each average alone is right; but the slope for the scale is how the two go together, and the "
    "standard draws alone average to about zero.",
)
def product_of_averages(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean(), slope.mean() * eps.mean() + 1 / scale


@misconception(
    "You returned the slope for the logarithm of the scale.",
    "Programs like to climb in the logarithm, so that the scale stays positive; the specification "
    "asks for the slope in the scale itself.",
)
def for_the_log_scale(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean(), scale * (slope * eps).mean() + 1


@misconception(
    "You returned the slope for the variance.",
    "A normal distribution has a variance, and many books make it the parameter; here it is the "
    "scale, its root.",
)
def for_the_variance(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return slope.mean(), ((slope * eps).mean() + 1 / scale) / (2 * scale)


@misconception(
    "You weighted the slopes as the score of q would.",
    "There is such a way to a gradient, from values of the log joint and not from its slopes; with "
    "slopes at hand, follow the draws as they move.",
)
def score_function(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return (slope * eps).mean() / scale, (slope * (eps**2 - 1)).mean() / scale + 1 / scale


@misconception(
    "You returned the slope for the scale first.",
    "Two numbers are soon exchanged; the mean comes before the scale, as among the arguments.",
)
def exchanged(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return (slope * eps).mean() + 1 / scale, slope.mean()


@misconception(
    "You returned the way down.",
    "Most programs minimise a loss, and the loss is the bound with its sign turned; here the bound "
    "is climbed.",
)
def downhill(eps, mean, scale, dlog_lik):
    slope = dlog_lik - (mean + scale * eps)
    return -slope.mean(), -(slope * eps).mean() - 1 / scale


REPARAMETERISED_GRADIENT = Exercise(
    name="the_bound.reparameterised_gradient",
    returns=("d_mean", "d_scale"),
    section="Climbing",
    reference=reparameterised_gradient,
    cases=_draws,
    misconceptions=(
        entropy_left_out,
        entropy_subtracted,
        entropy_not_differentiated,
        entropy_by_the_variance,
        entropy_in_both,
        entropy_from_draws,
        prior_left_out,
        prior_upside_down,
        prior_at_the_mean,
        prior_at_the_noise,
        prior_averaged_exactly,
        prior_not_differentiated,
        prior_in_the_mean_only,
        sum_for_mean,
        not_averaged,
        noise_left_out,
        hidden_value_for_noise,
        product_of_averages,
        for_the_log_scale,
        for_the_variance,
        score_function,
        exchanged,
        downhill,
    ),
)
