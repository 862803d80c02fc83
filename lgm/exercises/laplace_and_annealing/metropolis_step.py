"""The exercise ``laplace_and_annealing.metropolis_step``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, Property, misconception

__all__ = ["METROPOLIS_STEP"]


def metropolis_step(z, proposed, log_f, log_f_proposed, u):
    accepted = np.log(u) < log_f_proposed - log_f
    return np.where(accepted[:, None], proposed, z)


def _walkers(rng: np.random.Generator) -> list[Case]:
    def walkers(
        s: int, d: int, level: float = -3.0, spread: float = 1.2
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Some moves uphill, some a little and some far downhill, in no order."""
        z = rng.normal(2.0, 3.0, (s, d))
        climbs = spread * rng.permutation(np.linspace(-2.2, 1.4, s)) * rng.uniform(0.8, 1.2, s)
        log_f = rng.normal(level, 1.0, s)
        return z, z + rng.normal(0.0, 0.5, (s, d)), log_f, log_f + climbs, _undecided(climbs)

    def _undecided(climbs: np.ndarray) -> np.ndarray:
        """Uniforms that stay clear of every threshold: rounding must not decide a case."""
        ratio = np.exp(np.minimum(climbs, 0.0))
        u = rng.uniform(0.02, 0.98, len(climbs))
        return np.where(np.abs(u / ratio - 1) < 0.02, 0.5 * u, u)

    def with_zeros(s: int, d: int) -> tuple[np.ndarray, ...]:
        z, proposed, log_f, log_f_proposed, u = walkers(s, d)
        log_f_proposed[rng.permutation(s)[: s // 3]] = -np.inf
        return z, proposed, log_f, log_f_proposed, u

    far = "densities too large or too small to exponentiate"
    return [
        *(Case(walkers(s, d), "some walkers") for s, d in ((12, 2), (15, 3), (13, 2))),
        *(Case(walkers(s, d), "many walkers") for s, d in ((60, 4), (90, 2))),
        *(Case(walkers(s, 1), "one hidden value", "one hidden value") for s in (14, 25)),
        *(
            Case(walkers(s, 2, level), far, "extreme values")
            for s, level in ((13, -1000.0), (16, 1000.0), (14, -3000.0))
        ),
        *(
            Case(with_zeros(s, d), "proposals that are impossible", "zeros")
            for s, d in ((12, 2), (18, 3))
        ),
    ]


def _old_or_new(moved, z, proposed, log_f, log_f_proposed, u):
    """A walker stands where it stood or where it was to go, in all coordinates."""
    stayed = np.isclose(moved, z, rtol=1e-3, atol=1e-4).all(axis=1)
    went = np.isclose(moved, proposed, rtol=1e-3, atol=1e-4).all(axis=1)
    return bool((stayed | went).all())


@misconception(
    "You accepted every move uphill and no move downhill.",
    "Uphill is where the probability is; but a walker that never goes down climbs to a top and "
    "stays there. It has to come to lower places as often as their density says.",
)
def only_uphill(z, proposed, log_f, log_f_proposed, u):
    return np.where((log_f_proposed > log_f)[:, None], proposed, z)


@misconception(
    "You put the old density on top of the ratio and the new one below.",
    "A ratio of two densities is easily upside down; then the walkers flee from where the density "
    "is high.",
)
def ratio_upside_down(z, proposed, log_f, log_f_proposed, u):
    return np.where((np.log(u) < log_f - log_f_proposed)[:, None], proposed, z)


@misconception(
    "You moved the walkers that should have stayed, and kept those that should have moved.",
    "One comparison or one pair of arguments the wrong way round is enough; think of a move far "
    "uphill, which has to be accepted.",
)
def moved_the_rejected(z, proposed, log_f, log_f_proposed, u):
    return np.where((np.log(u) < log_f_proposed - log_f)[:, None], z, proposed)


@misconception(
    "You compared the uniform number itself with a difference of logarithms.",
    "Both are at hand; but one is a probability and the other a logarithm, and so even a move "
    "that is hardly downhill is never made.",
)
def uniform_against_logarithm(z, proposed, log_f, log_f_proposed, u):
    return np.where((u < log_f_proposed - log_f)[:, None], proposed, z)


@misconception(
    "You compared the uniform number with the new density alone.",
    "A high density should be accepted often; but how high is high depends on where the walker "
    "stands, and an unnormalised density has no scale of its own.",
)
def new_density_alone(z, proposed, log_f, log_f_proposed, u):
    return np.where((np.log(u) < log_f_proposed)[:, None], proposed, z)


@misconception(
    "You accepted every proposal.",
    "The proposals are near by and seem as good as any; but then the walk knows nothing of the "
    "density, and drifts away. (The logarithm of u is below zero, and so below any probability.)",
)
def always_accepted(z, proposed, log_f, log_f_proposed, u):
    return proposed


@misconception(
    "You left the walkers out that were to stay.",
    "A rejected proposal looks like nothing gained; but staying is a move too, and it is by "
    "staying that places of high density are counted more often.",
)
def rejected_left_out(z, proposed, log_f, log_f_proposed, u):
    return proposed[np.log(u) < log_f_proposed - log_f]


@misconception(
    "You used one uniform number for all walkers.",
    "One throw of the dice is less work; but the walkers are independent, and each decides for "
    "itself.",
)
def one_throw_for_all(z, proposed, log_f, log_f_proposed, u):
    return np.where((np.log(u[0]) < log_f_proposed - log_f)[:, None], proposed, z)


@misconception(
    "You decided once for all walkers together.",
    "A product of densities is one density, and may be accepted or rejected as a whole; but with "
    "many walkers some go far downhill, and then nobody ever moves.",
)
def decided_together(z, proposed, log_f, log_f_proposed, u):
    return proposed if np.log(u[0]) < np.sum(log_f_proposed - log_f) else z


@misconception(
    "You accepted where the ratio is above one half, and did not look at the uniform numbers.",
    "It is what one would call likely; but a move with probability 0.4 has to be made in four "
    "cases of ten, and chance decides in which.",
)
def likelier_than_not(z, proposed, log_f, log_f_proposed, u):
    return np.where((np.log(0.5) < log_f_proposed - log_f)[:, None], proposed, z)


@misconception(
    "You compared with the new density's share of both densities together.",
    "It is a probability without any further care, and it even works (Barker's rule); but it "
    "rejects half of the moves between equals, and the specification asks for the other one.",
)
def share_of_both(z, proposed, log_f, log_f_proposed, u):
    share = np.exp(log_f_proposed - np.logaddexp(log_f, log_f_proposed))
    return np.where((u < share)[:, None], proposed, z)


@misconception(
    "You treated a move uphill as you would treat the same move downhill.",
    "The size of a change comes easily without its sign; but uphill moves are always accepted.",
)
def change_without_sign(z, proposed, log_f, log_f_proposed, u):
    return np.where((np.log(u) < -np.abs(log_f_proposed - log_f))[:, None], proposed, z)


@misconception(
    "You moved each walker a part of the way, by the probability of accepting.",
    "On average it is where the walker will be; but an average place may be one where nobody ever "
    "is. A walker goes or stays.",
)
def part_of_the_way(z, proposed, log_f, log_f_proposed, u):
    probability = np.exp(np.minimum(log_f_proposed - log_f, 0.0))[:, None]
    return probability * proposed + (1 - probability) * z


@misconception(
    "You exponentiated the two densities before dividing them.",
    "It reads like the formula and works for moderate densities; but those of many data vanish or "
    "overflow, and their ratio is lost. Subtract the logarithms.",
)
def exponentiated_apart(z, proposed, log_f, log_f_proposed, u):
    return np.where((u < np.exp(log_f_proposed) / np.exp(log_f))[:, None], proposed, z)


@misconception(
    "You divided one logarithm by the other.",
    "The rule speaks of a ratio; but in log space dividing is subtracting.",
)
def logarithms_divided(z, proposed, log_f, log_f_proposed, u):
    return np.where((u < log_f_proposed / log_f)[:, None], proposed, z)


@misconception(
    "You kept the walkers that had an uphill move before them.",
    "The uniform number decides on the moves downhill; but a move uphill needs no luck, and is "
    "always made.",
)
def uphill_refused(z, proposed, log_f, log_f_proposed, u):
    climb = log_f_proposed - log_f
    return np.where(((climb < 0) & (np.log(u) < climb))[:, None], proposed, z)


@misconception(
    "You accepted where the uniform number lies above one minus the ratio.",
    "It happens just as often, and it would keep the target too; but the specification accepts "
    "the small uniform numbers.",
)
def other_end_of_the_uniform(z, proposed, log_f, log_f_proposed, u):
    return np.where((np.log(1 - u) < log_f_proposed - log_f)[:, None], proposed, z)


@misconception(
    "You took the logarithm of the uniform number to base ten.",
    "Any logarithm keeps the order; but it is compared with a difference of natural ones.",
)
def base_ten(z, proposed, log_f, log_f_proposed, u):
    return np.where((np.log10(u) < log_f_proposed - log_f)[:, None], proposed, z)


@misconception(
    "You rescaled the densities so that they sum to one over the walkers.",
    "Probabilities sum to one; but these are heights of one density at a few places, and a "
    "walker's ratio has nothing to do with where the others stand.",
)
def rescaled_over_the_walkers(z, proposed, log_f, log_f_proposed, u):
    old = log_f - np.logaddexp.reduce(log_f)
    new = log_f_proposed - np.logaddexp.reduce(log_f_proposed)
    return np.where((np.log(u) < new - old)[:, None], proposed, z)


@misconception(
    "You added the proposed place to the old one.",
    "A proposal is often made by adding a step; but here that has been done, and `proposed` is "
    "where the walker is to go, not how far.",
)
def place_for_step(z, proposed, log_f, log_f_proposed, u):
    return np.where((np.log(u) < log_f_proposed - log_f)[:, None], z + proposed, z)


METROPOLIS_STEP = Exercise(
    name="laplace_and_annealing.metropolis_step",
    returns=("z",),
    section="A walk that keeps the target",
    reference=metropolis_step,
    cases=_walkers,
    properties=(
        Property(
            _old_or_new,
            "After a step a walker stands where it stood, or where it proposed to go, in all of "
            "its coordinates. Some of yours stand elsewhere.",
        ),
    ),
    misconceptions=(
        only_uphill,
        ratio_upside_down,
        moved_the_rejected,
        uniform_against_logarithm,
        new_density_alone,
        always_accepted,
        rejected_left_out,
        one_throw_for_all,
        decided_together,
        likelier_than_not,
        share_of_both,
        change_without_sign,
        part_of_the_way,
        exponentiated_apart,
        logarithms_divided,
        uphill_refused,
        other_end_of_the_uniform,
        base_ten,
        rescaled_over_the_walkers,
        place_for_step,
    ),
)
