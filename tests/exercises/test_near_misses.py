"""An answer that is nearly right gets the message that helps, in every exercise."""

import copy
import warnings

import numpy as np
import pytest
from bank import EXERCISES, alike, altered, cases_of, remembered, verdict_on

from lgm.course.check import PUBLIC_SEED, Observed
from lgm.exercises.exercise import judge

RIGHT = "Right, on every case."
PLACE = "each stands one place from where it belongs"
LENGTH_ONE = "There is an axis of length 1 too many or too few"


def along(axis, change):
    """A change to arrays that have axes; a number is left as it is."""
    return lambda right: change(right, axis) if right.ndim else right


# What is done to each right result, and what is to be told unless that leaves it right.
NEAR_MISSES = {
    "one place late": (along(0, lambda x, axis: np.roll(x, 1, axis)), PLACE),
    "one place early": (along(-1, lambda x, axis: np.roll(x, -1, axis)), PLACE),
    "first dropped": (along(0, lambda x, axis: x[1:]), "An axis is one short"),
    "last dropped": (along(-1, lambda x, axis: x[..., :-1]), "An axis is one short"),
    "zero in front": (along(-1, lambda x, axis: np.insert(x, 0, 0, axis)), "An axis is one too"),
    "transposed": (np.transpose, "The axes are exchanged"),
    "a column": (lambda right: right[..., None], LENGTH_ONE),
    "a row": (lambda right: right[None], LENGTH_ONE),
    "probabilities": (np.exp, "Your values are the exponentials of the right ones."),
    # What may be negative is no probability: nobody takes its logarithm.
    "logarithms": (
        lambda right: np.log(right) if np.all(right >= 0) else right,
        "Your values are the logarithms of the right ones.",
    ),
    "negative": (np.negative, "The sign is the wrong way round."),
    "a list": (np.ndarray.tolist, RIGHT),
}

for_each_exercise = pytest.mark.parametrize(
    "exercise", EXERCISES, ids=lambda exercise: exercise.name
)


def is_still_right(exercise, answer):
    return all(
        alike(exercise, answer(*case.args), exercise.reference(*case.args))
        for case in cases_of(exercise)
    )


@for_each_exercise
@pytest.mark.parametrize(("change", "told"), NEAR_MISSES.values(), ids=NEAR_MISSES.keys())
def test_a_near_miss_in_all_results_or_in_one_is_told_as_such(exercise, change, told):
    exercise = remembered(exercise)
    for which in (None, *range(len(exercise.returns))):
        answer = altered(exercise, exercise.reference, change, which)
        verdict = verdict_on(exercise, answer, PUBLIC_SEED)
        if is_still_right(exercise, answer):
            assert (verdict.fraction, verdict.message) == (1.0, RIGHT)
        else:
            assert verdict.fraction < 1.0
            # The bank knows some of them better than a general remark does.
            assert told in verdict.message or verdict.misconceptions, verdict.message


@for_each_exercise
def test_a_right_answer_that_warns_or_changes_its_arguments_is_right_with_a_note(exercise):
    def careless(*args):
        results = copy.deepcopy(exercise.reference(*args))
        for arg in args:
            if isinstance(arg, np.ndarray):
                arg[...] = 0
        warnings.warn("an old habit", stacklevel=2)
        return results

    observed = Observed(careless)
    assert judge(exercise, observed, PUBLIC_SEED).fraction == 1.0
    assert observed.notes == [
        "Your function warned: an old habit.",
        "Your function changes its arguments; work on a copy instead.",
    ]
