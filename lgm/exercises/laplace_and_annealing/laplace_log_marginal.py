"""The exercise ``laplace_and_annealing.laplace_log_marginal``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"
import numpy as np

from lgm.exercises.exercise import Case, Exercise, misconception

__all__ = ["LAPLACE_LOG_MARGINAL"]


def laplace_log_marginal(log_joint_at_mode, hessian):
    log_det = np.linalg.slogdet(hessian)[1]  # of either sign: the same absolute value
    return float(log_joint_at_mode + 0.5 * (len(hessian) * np.log(2 * np.pi) - log_det))


def _peaks(rng: np.random.Generator) -> list[Case]:
    def peak(
        d: int, widths: tuple[float, float] = (0.2, 3.0), height: float | None = None
    ) -> tuple[float, np.ndarray]:
        """A top of some height, with unequal widths along axes that are turned."""
        turned = np.linalg.qr(rng.normal(size=(d, d)))[0]
        scales = np.geomspace(*widths, d) * rng.uniform(0.7, 1.4, d)
        hessian = -(turned / scales**2) @ turned.T
        top = float(rng.normal(-20.0, 5.0)) if height is None else height
        return top, (hessian + hessian.T) / 2

    far, many = "a log joint too large or too small to exponentiate", "many hidden values"
    return [
        *(Case(peak(d), "two hidden values") for d in (2, 2)),
        *(Case(peak(d), "several hidden values") for d in (3, 5, 4)),
        *(
            Case(peak(1, (width, width)), "one hidden value", "one hidden value")
            for width in (0.1, 6.0)
        ),
        *(
            Case(peak(d, height=height), far, "extreme values")
            for d, height in ((2, -1000.0), (3, 1000.0), (1, -2000.0))
        ),
        # Determinants beyond 1e308, of either sign.
        *(Case(peak(d, (1e-5, 1e-4)), many, "many hidden values") for d in (44, 51)),
    ]


@misconception(
    "You added half the log determinant where it has to be taken away.",
    "The determinant of a covariance would be added; but a curvature is the inverse of a "
    "covariance, and the sharper the peak, the less area lies under it.",
)
def sharper_for_larger(log_joint_at_mode, hessian):
    log_det = np.linalg.slogdet(-hessian)[1]
    return log_joint_at_mode + 0.5 * len(hessian) * np.log(2 * np.pi) + 0.5 * log_det


@misconception(
    "You counted one direction's share of 2π, whatever the number of hidden values.",
    "It is right for a single hidden value, and that is where one learns it; but each direction "
    "brings a width of its own.",
)
def one_share_of_pi(log_joint_at_mode, hessian):
    return log_joint_at_mode + 0.5 * np.log(2 * np.pi) - 0.5 * np.linalg.slogdet(-hessian)[1]


@misconception(
    "You returned the height of the peak as if it were the volume under it.",
    "The best explanation seems to stand for all of them; but a marginal likelihood adds them up, "
    "and a narrow peak of the same height holds less.",
)
def height_for_volume(log_joint_at_mode, hessian):
    return log_joint_at_mode


@misconception(
    "You took the whole log determinant, not half of it.",
    "The determinant measures a volume; but curvatures are inverse squares of lengths, and it is "
    "the lengths that make the volume.",
)
def whole_log_determinant(log_joint_at_mode, hessian):
    return (
        log_joint_at_mode + 0.5 * len(hessian) * np.log(2 * np.pi) - np.linalg.slogdet(-hessian)[1]
    )


@misconception(
    "You left out every factor of 2π.",
    "Constants are often dropped when one looks for the top; but here the volume itself is the "
    "answer, and it is wider than its scales by such a factor in every direction.",
)
def pi_left_out(log_joint_at_mode, hessian):
    return log_joint_at_mode - 0.5 * np.linalg.slogdet(-hessian)[1]


@misconception(
    "You took the factors of 2π away.",
    "That is how they stand in the density of a normal distribution; but here one multiplies the "
    "height by a volume instead of dividing by it.",
)
def pi_taken_away(log_joint_at_mode, hessian):
    log_det = np.linalg.slogdet(-hessian)[1]
    return log_joint_at_mode - 0.5 * len(hessian) * np.log(2 * np.pi) - 0.5 * log_det


@misconception(
    "You took the log of 2π for each hidden value, without halving it.",
    "It is one factor for each of them; but the width of a normal curve has the square root of 2π.",
)
def root_of_pi_forgotten(log_joint_at_mode, hessian):
    log_det = np.linalg.slogdet(-hessian)[1]
    return log_joint_at_mode + len(hessian) * np.log(2 * np.pi) - 0.5 * log_det


@misconception(
    "You used the diagonal of the Hessian only.",
    "The curvature along each hidden value is there; but a ridge that lies askew is narrower than "
    "these curvatures say, and that is in the other entries.",
)
def diagonal_only(log_joint_at_mode, hessian):
    log_det = np.sum(np.log(-np.diag(hessian)))
    return log_joint_at_mode + 0.5 * len(hessian) * np.log(2 * np.pi) - 0.5 * log_det


@misconception(
    "You used the sum of the curvatures in place of the determinant.",
    "The trace is one number for a whole matrix as well; but widths in several directions "
    "multiply.",
)
def trace_for_determinant(log_joint_at_mode, hessian):
    return (
        log_joint_at_mode
        + 0.5 * len(hessian) * np.log(2 * np.pi)
        - 0.5 * np.log(-np.trace(hessian))
    )


@misconception(
    "You took the sharpest direction for all of them.",
    "It is the one that a search for the top notices first; but the volume depends on the widths "
    "in all directions.",
)
def sharpest_direction_for_all(log_joint_at_mode, hessian):
    d = len(hessian)
    sharpest = np.linalg.eigvalsh(-hessian).max()
    return log_joint_at_mode + 0.5 * d * np.log(2 * np.pi) - 0.5 * d * np.log(sharpest)


@misconception(
    "You took the logarithm of the determinant of the Hessian as it is.",
    "With an even number of hidden values the minus signs cancel, and all looks well; with an odd "
    "number the determinant is negative. Turn the sign of the matrix first.",
)
def matrix_not_negated(log_joint_at_mode, hessian):
    log_det = np.log(np.linalg.det(hessian))
    return log_joint_at_mode + 0.5 * len(hessian) * np.log(2 * np.pi) - 0.5 * log_det


@misconception(
    "You turned the sign of the determinant, and not that of the matrix.",
    "With one hidden value, or three, it is the same; with an even number it makes a positive "
    "determinant negative.",
)
def determinant_negated(log_joint_at_mode, hessian):
    log_det = np.log(-np.linalg.det(hessian))
    return log_joint_at_mode + 0.5 * len(hessian) * np.log(2 * np.pi) - 0.5 * log_det


@misconception(
    "You halved what was half already: the logarithms on a Cholesky factor's diagonal.",
    "A half belongs before a log determinant; but the diagonal of the factor holds the square "
    "roots.",
)
def halved_twice(log_joint_at_mode, hessian):
    half_log_det = np.sum(np.log(np.diag(np.linalg.cholesky(-hessian))))
    return log_joint_at_mode + 0.5 * len(hessian) * np.log(2 * np.pi) - 0.5 * half_log_det


@misconception(
    "You returned the height of the fitted normal density at its own top.",
    "It has the same ingredients; but it says nothing of the data, whose height at the mode has to "
    "be compared with it.",
)
def height_of_the_normal(log_joint_at_mode, hessian):
    log_det = np.linalg.slogdet(-hessian)[1]
    return -0.5 * len(hessian) * np.log(2 * np.pi) + 0.5 * log_det


@misconception(
    "You multiplied the height by the volume before taking the logarithm.",
    "It reads like the picture and works for a short record; but the joint density of many data "
    "leaves the range of floating point. Add logarithms.",
)
def exponentiated_first(log_joint_at_mode, hessian):
    scales = np.linalg.eigvalsh(-hessian) ** -0.5
    log_volume = 0.5 * len(hessian) * np.log(2 * np.pi) + np.sum(np.log(scales))
    return np.log(np.exp(log_joint_at_mode) * np.exp(log_volume))


@misconception(
    "You took the logarithm of a determinant that floating point cannot hold.",
    "For a few hidden values the determinant is a moderate number; but it is a product, and "
    "products of many factors overflow or vanish. Ask for its logarithm.",
)
def determinant_overflows(log_joint_at_mode, hessian):
    log_det = np.log(np.linalg.det(-hessian))
    return log_joint_at_mode + 0.5 * len(hessian) * np.log(2 * np.pi) - 0.5 * log_det


@misconception(
    "You took the sign of the determinant for its logarithm.",
    "`np.linalg.slogdet` returns two numbers, and the first of them is the sign; the logarithm is "
    "the second.",
)
def sign_for_logarithm(log_joint_at_mode, hessian):
    sign = np.linalg.slogdet(-hessian)[0]
    return log_joint_at_mode + 0.5 * len(hessian) * np.log(2 * np.pi) - 0.5 * sign


@misconception(
    "You turned the sign of the log joint at the mode.",
    "A program that minimises climbs by going down on the negative, and returns the negative; but "
    "what is asked for is the log joint itself, and it enters with a plus.",
)
def log_joint_negated(log_joint_at_mode, hessian):
    log_det = np.linalg.slogdet(-hessian)[1]
    return -log_joint_at_mode + 0.5 * len(hessian) * np.log(2 * np.pi) - 0.5 * log_det


@misconception(
    "You counted the entries of the Hessian as hidden values.",
    "`size` of a matrix is the number of its entries; but D hidden values have D × D second "
    "derivatives, and each value brings one factor.",
)
def entries_counted(log_joint_at_mode, hessian):
    log_det = np.linalg.slogdet(-hessian)[1]
    return log_joint_at_mode + 0.5 * hessian.size * np.log(2 * np.pi) - 0.5 * log_det


@misconception(
    "You used the first entry of the Hessian only.",
    "With one hidden value it is the whole matrix; but with more of them each direction has a "
    "width, and all the widths multiply.",
)
def first_entry_only(log_joint_at_mode, hessian):
    log_curvature = np.log(-hessian[0, 0])
    return log_joint_at_mode + 0.5 * len(hessian) * np.log(2 * np.pi) - 0.5 * log_curvature


@misconception(
    "You took the largest curvature for the determinant.",
    "Both measure how sharp the peak is; but the determinant is the product of the curvatures in "
    "all directions, and the largest is only one of them.",
)
def largest_for_determinant(log_joint_at_mode, hessian):
    sharpest = np.linalg.eigvalsh(-hessian).max()
    return log_joint_at_mode + 0.5 * len(hessian) * np.log(2 * np.pi) - 0.5 * np.log(sharpest)


@misconception(
    "You multiplied the logarithm of the height by the volume.",
    "Height times width is the idea; but in log space multiplying is adding, and the height is "
    "given by its logarithm.",
)
def logarithm_times_volume(log_joint_at_mode, hessian):
    log_det = np.linalg.slogdet(-hessian)[1]
    return log_joint_at_mode * np.exp(0.5 * (len(hessian) * np.log(2 * np.pi) - log_det))


@misconception(
    "You took the logarithm of the volume to base ten and added it to a natural logarithm.",
    "Base ten is good for reading off orders of magnitude; but logarithms add up only if their "
    "base is the same.",
)
def base_ten_for_the_volume(log_joint_at_mode, hessian):
    log_det = np.linalg.slogdet(-hessian)[1]
    return log_joint_at_mode + 0.5 * (len(hessian) * np.log(2 * np.pi) - log_det) / np.log(10)


LAPLACE_LOG_MARGINAL = Exercise(
    name="laplace_and_annealing.laplace_log_marginal",
    returns=("log p(x)",),
    section="A normal at the top",
    reference=laplace_log_marginal,
    cases=_peaks,
    misconceptions=(
        sharper_for_larger,
        one_share_of_pi,
        height_for_volume,
        whole_log_determinant,
        pi_left_out,
        pi_taken_away,
        root_of_pi_forgotten,
        diagonal_only,
        trace_for_determinant,
        sharpest_direction_for_all,
        matrix_not_negated,
        determinant_negated,
        halved_twice,
        height_of_the_normal,
        exponentiated_first,
        determinant_overflows,
        sign_for_logarithm,
        log_joint_negated,
        entries_counted,
        first_entry_only,
        largest_for_determinant,
        logarithm_times_volume,
        base_ten_for_the_volume,
    ),
)
