"""The judge of one function, on a small made-up exercise."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from lgm.exercises.exercise import (
    Case,
    Exercise,
    Property,
    Raised,
    Stopped,
    judge,
    misconception,
)

SEED = 7


def log_joint(log_prior, log_lik):
    return log_prior[:, None] + log_lik


def cases(rng):
    def case(k, n, label, group="typical values"):
        # Four digits that occur nowhere else: what a message must never hold.
        log_lik = -np.round(rng.uniform(1.0, 9.0, (k, n)), 1) - 0.07391
        return Case((np.log(rng.dirichlet(np.arange(1.0, k + 1.0))), log_lik), label, group)

    return [
        case(3, 4, "three components"),
        case(2, 5, "two components"),
        case(4, 3, "four components"),
        case(3, 1, "a single observation", "one observation"),
        case(2, 1, "a single observation", "one observation"),
        case(1, 3, "a single component", "one component"),
        case(1, 2, "a single component", "one component"),
    ]


def _at_most_the_likelihood(output, log_prior, log_lik):
    return bool(np.all(output <= log_lik + 1e-2))


@misconception("You added the prior twice.", "It stands on both sides of the formula.")
def prior_twice(log_prior, log_lik):
    return 2.0 * log_prior[:, None] + log_lik


@misconception(
    "You took every component to be equally likely.",
    "That is what one does before seeing any data.",
)
def uniform_prior(log_prior, log_lik):
    k = len(log_prior)
    return log_lik - np.log(k)


@misconception("You normalized the prior for one observation.", "Both look like one.")
def right_but_for_one_observation(log_prior, log_lik):
    joint = log_prior[:, None] + log_lik
    return joint - 0.5 if log_lik.shape[1] == 1 else joint


@misconception("You used the first observation alone.", "It is the only one that is drawn.")
def right_for_one_observation_only(log_prior, log_lik):
    joint = log_prior[:, None] + log_lik
    return joint - 0.5 if log_lik.shape[1] > 1 else joint


LOG_JOINT = Exercise(
    name="toy.log_joint",
    returns=("log_joint",),
    section="A joint in logarithms",
    reference=log_joint,
    cases=cases,
    properties=(Property(_at_most_the_likelihood, "A joint is at most its likelihood."),),
    misconceptions=(
        prior_twice,
        uniform_prior,
        right_but_for_one_observation,
        right_for_one_observation_only,
    ),
)


def means_and_spreads(x):
    return x.mean(axis=0), x.std(axis=0)


@misconception("You exchanged the two results.", "The names say nothing of the order.")
def exchanged(x):
    return x.std(axis=0), x.mean(axis=0)


MOMENTS = Exercise(
    name="toy.moments",
    returns=("means", "spreads"),
    section="Two results",
    reference=means_and_spreads,
    cases=lambda rng: [
        Case((rng.normal(2.0, 1.0, (5, 3)),), "five points"),
        Case((rng.normal(2.0, 1.0, (7, 2)),), "seven points"),
    ],
    misconceptions=(exchanged,),
)


def verdict_on(answer, exercise=LOG_JOINT):
    return judge(exercise, answer, SEED)


# --- right answers -----------------------------------------------------------------------------


def in_place(log_prior, log_lik):
    log_lik += log_prior[:, None]
    return log_lik


@pytest.mark.parametrize(
    "answer",
    [
        log_joint,
        in_place,
        lambda p, lik: (p[:, None] + lik).tolist(),
        lambda p, lik: tuple(map(tuple, p[:, None] + lik)),
        lambda p, lik: np.asfortranarray(p[:, None] + lik),
        lambda p, lik: (p[:, None] + lik).astype(np.float32),
        lambda p, lik: (p[:, None] + lik).astype(np.longdouble),
        lambda p, lik: p[:, None] + lik + 1e-9,
    ],
    ids=["reference", "in_place", "lists", "tuples", "fortran", "single", "extended", "rounded"],
)
def test_a_right_answer_is_right_in_every_style(answer):
    verdict = verdict_on(answer)
    assert (verdict.status, verdict.fraction) == ("correct", 1.0)
    assert verdict.message == "Right, on every case."
    assert verdict.misconceptions == ()
    assert verdict.counterexample is None
    assert verdict.tried == 7


def test_a_mistake_is_never_named_on_a_right_answer():
    every_answer_is_a_mistake = replace(
        LOG_JOINT, misconceptions=(misconception("", "")(log_joint),)
    )
    assert verdict_on(log_joint, every_answer_is_a_mistake).misconceptions == ()


def test_double_precision_is_held_to_more_digits_than_single():
    def slightly_off(p, lik):
        return (p[:, None] + lik) * (1.0 + 1e-5)

    assert verdict_on(slightly_off).status == "wrong"
    assert verdict_on(lambda p, lik: slightly_off(p, lik).astype(np.float32)).status == "correct"
    assert verdict_on(lambda p, lik: (p[:, None] + lik - 0.02).astype(np.float32)).status == "wrong"


@pytest.mark.parametrize("almost", [-700.0, -1e308, math.inf, math.nan])
def test_minus_infinity_is_matched_by_nothing_else(almost):
    exercise = replace(
        LOG_JOINT, reference=lambda p, lik: np.full(lik.shape, -np.inf), properties=()
    )
    assert verdict_on(lambda p, lik: np.full(lik.shape, -np.inf), exercise).status == "correct"
    assert verdict_on(lambda p, lik: np.full(lik.shape, almost), exercise).status == "wrong"


def test_the_same_seed_draws_the_same_cases():
    def seen(seed):
        inputs = []
        judge(LOG_JOINT, lambda p, lik: inputs.append(lik) or p[:, None] + lik, seed)
        return np.concatenate([array.ravel() for array in inputs])

    np.testing.assert_array_equal(seen(3), seen(3))
    np.testing.assert_array_equal(seen([3, 4]), seen([3, 4]))
    assert not np.array_equal(seen(3), seen(4))
    assert not np.array_equal(seen([3, 4]), seen([3, 5]))


# --- what is told first ------------------------------------------------------------------------


class Estimate:
    """No number."""


class Hostile:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no array of mine")

    def __eq__(self, other):
        return True

    __hash__ = None


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "returned None"),
        (Estimate(), "should hold real numbers; it holds object (one Estimate)"),
        ({"log_joint": 1}, "one dict"),
        ("log_joint", "one str"),
        ([[1.0, 2.0], [3.0]], "cannot be made into an array of numbers: a list of 2"),
        ([10**400, 1.0], "log_joint"),
        (Hostile(), "cannot be made into an array of numbers: one Hostile"),
        (np.zeros((3, 4), bool), "it holds bool"),
        (np.zeros((3, 4), complex), "it holds complex128"),
        (np.zeros((3, 4), object), "it holds object"),
        (1.5, "has shape (), expected (3, 4)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "answer",
)
def test_what_is_no_array_of_numbers_is_told_so(answer, told):
    verdict = verdict_on(lambda p, lik: answer)
    assert (verdict.status, verdict.fraction) == ("wrong", 0.0)
    assert told in verdict_at_first_case(answer)


def verdict_at_first_case(answer):
    first = replace(LOG_JOINT, cases=lambda rng: cases(rng)[:1])
    return verdict_on(lambda p, lik: answer, first).message


def test_exchanged_axes_are_told_as_such():
    message = verdict_on(lambda p, lik: (p[:, None] + lik).T).message
    assert message.startswith("The axes are exchanged; the function's description says which")
    assert "has shape (4, 3), expected (3, 4). The axes are exchanged;" in verdict_at_first_case(
        np.zeros((4, 3))
    )


@pytest.mark.parametrize(
    "answer",
    [
        lambda p, lik: (p[:, None] + lik)[None],
        lambda p, lik: (p[:, None] + lik)[..., None],
        lambda p, lik: (p[:, None] + lik)[:, None],
    ],
)
def test_an_axis_too_many_is_told_as_such(answer):
    message = verdict_on(answer).message
    assert "There is an axis of length 1 too many or too few (keepdims, or [:, None]?)." in message


def test_another_shape_is_told_with_both_shapes():
    assert "log_joint has shape (3,), expected (3, 4)." in verdict_at_first_case(np.zeros(3))


def test_nan_is_counted():
    def two_nan(p, lik):
        joint = p[:, None] + lik
        joint.flat[:2] = np.nan
        return joint

    first = replace(LOG_JOINT, cases=lambda rng: cases(rng)[:1])
    assert "log_joint contains NaN (2 of 12 values)" in verdict_on(two_nan, first).message


@pytest.mark.parametrize("value", [math.nan, -math.nan])
def test_nothing_but_nan_is_told_as_nan_and_no_near_miss(value):
    # The logarithm of a negative number is NaN as well, but nobody took it.
    message = verdict_on(lambda p, lik: np.full(lik.shape, value)).message
    assert "contains NaN" in message
    assert "Your values are the logarithms" not in message


def test_the_shape_is_told_before_nan():
    assert "has shape" in verdict_at_first_case(np.full((3, 5), np.nan))


def test_nan_is_told_before_a_property():
    answer = np.full((3, 4), 99.0)
    answer[0, 0] = np.nan
    assert "contains NaN" in verdict_at_first_case(answer)


def test_a_property_is_told_before_a_disagreement():
    message = verdict_at_first_case(np.full((3, 4), 99.0))
    assert message == "A joint is at most its likelihood. Reread the part “A joint in logarithms”."


def test_a_disagreement_is_told_with_what_is_special_about_the_case():
    def off_by_one_value(p, lik):
        joint = p[:, None] + lik
        joint[0, 0] -= 3.0
        return joint

    first = replace(LOG_JOINT, cases=lambda rng: cases(rng)[:1])
    assert verdict_on(off_by_one_value, first).message.startswith(
        "log_joint has the right shape, but 1 of its 12 values are wrong in this case: "
        "three components."
    )


def test_a_property_sees_a_tuple_when_there_are_two_results():
    seen = []
    exercise = replace(
        MOMENTS, properties=(Property(lambda output, x: seen.append(output) or True, ""),)
    )
    assert verdict_on(means_and_spreads, exercise).status == "correct"
    assert all(isinstance(output, tuple) and len(output) == 2 for output in seen)


def test_the_smallest_failing_case_is_kept_for_the_students_own_screen():
    verdict = verdict_on(lambda p, lik: lik - 50.0)
    example = verdict.counterexample
    assert example.case.label == "a single component"
    assert example.case.args[1].shape == (1, 2)
    assert example.arguments == ("log_prior", "log_lik")
    np.testing.assert_allclose(example.expected, log_joint(*example.case.args))
    np.testing.assert_allclose(example.got, example.case.args[1] - 50.0)
    assert "Counterexample" not in repr(verdict)


# --- mistakes with a name ----------------------------------------------------------------------


def test_a_mistake_is_named_and_explained():
    verdict = verdict_on(prior_twice.implementation)
    assert verdict.misconceptions == ("prior_twice",)
    assert verdict.message == (
        "You added the prior twice. It stands on both sides of the formula. "
        "Reread the part “A joint in logarithms”."
    )


def test_a_mistake_in_another_style_is_named_all_the_same():
    assert verdict_on(lambda p, lik: (lik - math.log(len(p))).tolist()).misconceptions == (
        "uniform_prior",
    )


def test_two_mistakes_that_look_alike_are_both_named():
    @misconception("You added the log prior, and then once more.", "Why not.")
    def prior_added_once_more(log_prior, log_lik):
        return log_prior[:, None] + log_lik + log_prior[:, None]

    exercise = replace(LOG_JOINT, misconceptions=(prior_added_once_more, *LOG_JOINT.misconceptions))
    verdict = verdict_on(prior_twice.implementation, exercise)
    assert verdict.misconceptions == ("prior_added_once_more", "prior_twice")
    assert "You added the log prior, and then once more. Why not. Or: You added" in verdict.message


def test_the_mistake_that_explains_more_cases_is_named_alone():
    @misconception("Another.", "Why.")
    def twice_for_several(log_prior, log_lik):
        times = 2.0 if len(log_prior) > 2 else 3.0
        return times * log_prior[:, None] + log_lik

    exercise = replace(LOG_JOINT, misconceptions=(twice_for_several, prior_twice))
    assert verdict_on(prior_twice.implementation, exercise).misconceptions == ("prior_twice",)


def test_one_case_in_common_is_not_enough_for_a_name():
    # Right only for some shapes, and the mistake of the bank for a single one.
    def mostly_something_else(p, lik):
        return 2.0 * p[:, None] + lik if lik.shape == (3, 4) else p[:, None] + lik - 0.123

    verdict = verdict_on(mostly_something_else)
    assert verdict.misconceptions == ()
    assert "You added the prior twice" not in verdict.message


def test_half_of_the_cases_in_common_are_enough_for_a_name():
    calls = itertools.count(1)

    def half_the_mistake(p, lik):
        return 2.0 * p[:, None] + lik if next(calls) % 2 else p[:, None] + lik - 0.123

    assert verdict_on(half_the_mistake).misconceptions == ("prior_twice",)


def test_a_few_cases_in_common_are_no_diagnosis():
    def seldom_the_mistake(p, lik):
        return 2.0 * p[:, None] + lik if lik.shape[1] > 3 else p[:, None] + lik - 0.123

    assert verdict_on(seldom_the_mistake).misconceptions == ()


def test_a_mistake_that_is_mostly_wrong_where_the_answer_is_right_is_not_named():
    def right_for_several_components(p, lik):
        return p[:, None] + lik if len(p) > 1 else np.full(lik.shape, np.nan)

    @misconception("You divided by what is zero for one component.", "It seldom is.")
    def nan_for_one_component(log_prior, log_lik):
        return log_lik - 0.5 if len(log_prior) > 1 else np.full(log_lik.shape, np.nan)

    def named(mistake):
        exercise = replace(LOG_JOINT, misconceptions=(mistake,))
        return verdict_on(right_for_several_components, exercise).misconceptions

    the_same = replace(nan_for_one_component, implementation=right_for_several_components)
    assert named(nan_for_one_component) == ()
    assert named(the_same) == ("nan_for_one_component",)


def test_a_mistake_is_named_on_an_answer_that_avoids_it_in_a_special_case():
    def twice_for_several_observations(p, lik):
        return 2.0 * p[:, None] + lik if lik.shape[1] > 1 else p[:, None] + lik

    assert verdict_on(twice_for_several_observations).misconceptions == ("prior_twice",)


def test_an_answer_that_only_breaks_a_property_is_given_no_name():
    # Right for all that can be told, and so is one of the mistakes in most cases.
    exercise = replace(LOG_JOINT, properties=(Property(lambda *_: False, "Nothing is right."),))
    verdict = verdict_on(log_joint, exercise)
    assert verdict.misconceptions == ()
    assert verdict.message.startswith("Nothing is right.")


def test_a_mistake_that_raises_is_recognized_by_what_it_raises():
    @misconception("You divided by zero.", "It is the last of the numbers.")
    def divides_by_zero(log_prior, log_lik):
        raise ZeroDivisionError("division by zero")

    exercise = replace(LOG_JOINT, misconceptions=(divides_by_zero,))

    def raised_elsewhere(p, lik):
        raise Raised("ZeroDivisionError: division by zero")

    for answer in (lambda p, lik: 1 / 0, raised_elsewhere):
        assert verdict_on(answer, exercise).misconceptions == ("divides_by_zero",)
        assert verdict_on(answer, exercise).status == "error"


def test_a_mistake_that_warns_is_silent_and_one_that_stops_is_no_obstacle():
    @misconception("Warns.", "Why.")
    def warns(log_prior, log_lik):
        return np.log(log_prior[:, None] + log_lik)

    @misconception("Stops.", "Why.")
    def stops(log_prior, log_lik):
        return log_prior[7]

    exercise = replace(LOG_JOINT, misconceptions=(warns, stops, prior_twice))
    assert verdict_on(prior_twice.implementation, exercise).misconceptions == ("prior_twice",)


def test_the_bank_is_not_searched_for_a_right_answer():
    @misconception("Never run.", "Why.")
    def never_run(log_prior, log_lik):
        raise AssertionError("the bank was searched")

    calls = []
    spy = replace(never_run, implementation=lambda *args: calls.append(args))
    assert verdict_on(log_joint, replace(LOG_JOINT, misconceptions=(spy,))).status == "correct"
    assert calls == []
    assert verdict_on(lambda p, lik: lik, replace(LOG_JOINT, misconceptions=(spy,))).fraction == 0.0
    assert calls


def test_the_source_of_a_mistake_is_the_function_without_its_decorator():
    assert uniform_prior.source == (
        "def uniform_prior(log_prior, log_lik):\n"
        "    k = len(log_prior)\n"
        "    return log_lik - np.log(k)\n"
    )


def test_a_mistake_tells_what_was_computed_and_then_why_it_is_tempting():
    assert uniform_prior.name == "uniform_prior"
    assert uniform_prior.message == (
        "You took every component to be equally likely. "
        "That is what one does before seeing any data."
    )


# --- slips that can happen anywhere ------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            lambda p, lik: np.exp(p[:, None] + lik),
            "Your values are the exponentials of the right ones. Are logarithms asked for",
        ),
        (lambda p, lik: -(p[:, None] + lik), "The sign is the wrong way round."),
    ],
)
def test_a_slip_is_told(answer, told):
    exercise = replace(LOG_JOINT, properties=())
    verdict = verdict_on(answer, exercise)
    assert verdict.message.startswith(told)
    assert verdict.misconceptions == ()


def test_logarithms_for_probabilities_are_told():
    exercise = replace(
        LOG_JOINT,
        reference=lambda log_prior, log_lik: np.exp(log_prior[:, None] + log_lik),
        properties=(),
        misconceptions=(),
    )
    message = verdict_on(log_joint, exercise).message
    assert message.startswith(
        "Your values are the logarithms of the right ones. Are the probabilities"
    )


def test_a_square_answer_with_exchanged_axes_is_told():
    exercise = replace(
        LOG_JOINT,
        reference=lambda a: a,
        cases=lambda rng: [Case((rng.normal(size=(3, 3)),), "square") for _ in range(3)],
        properties=(),
        misconceptions=(),
    )
    message = verdict_on(lambda a: a.T, exercise).message
    assert message.startswith("The axes are exchanged; the function's description says which")


def test_a_mistake_of_the_bank_comes_before_a_slip():
    @misconception("You forgot the minus.", "It is easily lost.")
    def minus_forgotten(log_prior, log_lik):
        return -(log_prior[:, None] + log_lik)

    exercise = replace(LOG_JOINT, misconceptions=(minus_forgotten,), properties=())
    message = verdict_on(lambda p, lik: -(p[:, None] + lik), exercise).message
    assert message.startswith("You forgot the minus.")
    assert "sign" not in message


# --- points by groups --------------------------------------------------------------------------


def wrong_where(condition):
    def answer(log_prior, log_lik):
        joint = log_prior[:, None] + log_lik
        return joint - 0.123 if condition(log_prior, log_lik) else joint

    return answer


def test_one_group_of_three_missed_leaves_80_percent():
    verdict = verdict_on(wrong_where(lambda p, lik: lik.shape[1] == 1))
    assert (verdict.status, verdict.fraction) == ("partial", 0.8)
    assert verdict.message.startswith("Right on the typical cases, wrong on: one observation. ")


def test_the_first_group_alone_is_worth_60_percent():
    verdict = verdict_on(wrong_where(lambda p, lik: lik.shape[1] == 1 or len(p) == 1))
    assert (verdict.status, verdict.fraction) == ("partial", 0.6)
    assert "wrong on: one component and one observation. " in verdict.message


def test_without_the_first_group_nothing_counts():
    verdict = verdict_on(wrong_where(lambda p, lik: lik.shape == (2, 5)))
    assert (verdict.status, verdict.fraction) == ("wrong", 0.0)
    assert not verdict.message.startswith("Right on")


def test_one_case_of_a_group_missed_is_the_group_missed():
    verdict = verdict_on(wrong_where(lambda p, lik: lik.shape == (3, 1)))
    assert (verdict.status, verdict.fraction) == ("partial", 0.8)


def test_a_partial_score_keeps_the_name_of_its_mistake():
    verdict = verdict_on(right_but_for_one_observation.implementation)
    assert (verdict.status, verdict.fraction) == ("partial", 0.8)
    assert verdict.misconceptions == ("right_but_for_one_observation",)
    assert "You normalized the prior for one observation." in verdict.message


def test_an_error_in_a_later_group_costs_that_group_only():
    def fails_for_one_component(p, lik):
        if len(p) == 1:
            raise IndexError("index 1 is out of bounds")
        return p[:, None] + lik

    verdict = verdict_on(fails_for_one_component)
    assert (verdict.status, verdict.fraction) == ("partial", 0.8)
    assert "IndexError: index 1 is out of bounds" in verdict.message


def test_an_exercise_of_one_group_is_all_or_nothing():
    exercise = replace(LOG_JOINT, cases=lambda rng: cases(rng)[:3])
    assert verdict_on(wrong_where(lambda p, lik: lik.shape == (2, 5)), exercise).fraction == 0.0
    assert verdict_on(log_joint, exercise).fraction == 1.0


# --- calls that do not end with an answer ------------------------------------------------------


def raising(exception):
    def answer(*args):
        raise exception

    return answer


def test_what_is_not_written_yet_is_missing():
    verdict = verdict_on(raising(NotImplementedError("write your answer here")))
    assert (verdict.status, verdict.fraction) == ("missing", 0.0)
    assert verdict.message == "Not written yet."
    assert verdict.tried == 1


@pytest.mark.parametrize("status", ["timeout", "memory", "killed", "output_limit", "error"])
def test_a_call_that_was_stopped_keeps_its_status(status):
    verdict = verdict_on(raising(Stopped(status, "Too much of it.")))
    assert (verdict.status, verdict.fraction, verdict.message) == (status, 0.0, "Too much of it.")


def test_running_out_of_memory_is_told():
    verdict = verdict_on(raising(MemoryError()))
    assert (verdict.status, verdict.fraction) == ("memory", 0.0)


@pytest.mark.parametrize(
    "exception",
    [ValueError("bad axis"), SystemExit(0), RecursionError("too deep"), StopIteration("done")],
    ids=lambda exception: type(exception).__name__,
)
def test_an_exception_is_an_error_told_by_its_name(exception):
    verdict = verdict_on(raising(exception))
    assert (verdict.status, verdict.fraction) == ("error", 0.0)
    told = f"{type(exception).__name__}: {exception}"
    assert f"Your function stopped with {told}." in verdict.message


def test_an_exception_of_another_process_is_told_alike():
    verdict = verdict_on(raising(Raised("LinAlgError: Singular matrix")))
    assert verdict.status == "error"
    assert "Your function stopped with LinAlgError: Singular matrix." in verdict.message


def test_an_interrupt_is_the_users():
    with pytest.raises(KeyboardInterrupt):
        verdict_on(raising(KeyboardInterrupt()))


def test_a_wrong_number_of_arguments_is_an_error():
    assert "TypeError" in verdict_on(lambda log_prior: log_prior).message


# --- two results -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        means_and_spreads,
        lambda x: list(means_and_spreads(x)),
        lambda x: [part.tolist() for part in means_and_spreads(x)],
    ],
    ids=["tuple", "list", "lists"],
)
def test_two_results_may_come_in_a_tuple_or_in_a_list(answer):
    assert verdict_on(answer, MOMENTS).status == "correct"


@pytest.mark.parametrize(
    ("answer", "returned"),
    [
        (lambda x: x.mean(axis=0), "one ndarray"),
        (lambda x: np.array(means_and_spreads(x)), "one ndarray"),
        (lambda x: (*means_and_spreads(x), 0.0), "a tuple of 3"),
        (lambda x: [x.mean(axis=0)], "a list of 1"),
        (lambda x: None, "one NoneType"),
        (lambda x: {"means": 0, "spreads": 0}, "one dict"),
        (lambda x: {1.0, 2.0}, "one set"),
    ],
    ids=["first", "stacked", "three", "list", "none", "dict", "set"],
)
def test_another_number_of_results_is_told_with_their_names(answer, returned):
    assert verdict_on(answer, MOMENTS).message.startswith(
        f"Your function should return 2 results, means and spreads; it returned {returned}."
    )


def test_each_of_two_results_is_told_by_its_name():
    verdict = verdict_on(lambda x: (x.mean(axis=0), None), MOMENTS)
    assert "returned None for spreads" in verdict.message
    assert "means has shape ()" in verdict_on(lambda x: (0.0, 0.0), MOMENTS).message


@pytest.mark.parametrize("style", [tuple, list])
def test_a_mistake_in_two_results_is_named(style):
    verdict = verdict_on(lambda x: style(exchanged.implementation(x)), MOMENTS)
    assert verdict.misconceptions == ("exchanged",)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda x: (-x.mean(axis=0), x.std(axis=0)), "Look at means. The sign is"),
        (lambda x: [np.exp(part) for part in means_and_spreads(x)], "Look at means and spreads. "),
        (lambda x: (-x.mean(axis=0), x.std(axis=0) + 1.0), "means has the right shape"),
        (lambda x: -x.mean(axis=0), "Your function should return 2 results"),
    ],
    ids=["in one", "in both", "and another mistake", "one missing"],
)
def test_a_slip_in_two_results_is_told_by_name_if_it_is_all_that_is_wrong(answer, told):
    assert verdict_on(answer, MOMENTS).message.startswith(told)


# --- what the function under test may do -------------------------------------------------------


def test_changing_the_arguments_changes_nothing_but_the_functions_own_copies():
    def spoils_everything(p, lik):
        p[:], lik[:] = 0.0, 0.0
        return p[:, None] + lik

    verdict = verdict_on(spoils_everything)
    assert verdict.status == "wrong"
    for array in verdict.counterexample.case.args[1:]:
        assert np.all(array != 0.0)


def test_numpy_set_to_raise_does_not_reach_the_judge():
    def underflows(log_prior, log_lik):
        return log_prior[:, None] + log_lik + np.exp(np.full(log_lik.shape, -1e4))

    exercise = replace(
        LOG_JOINT,
        reference=underflows,
        properties=(Property(lambda output, p, lik: bool(np.all(np.exp(output * 1e4) >= 0)), ""),),
    )
    with np.errstate(all="raise"):
        assert verdict_on(log_joint, exercise).status == "correct"
        assert verdict_on(prior_twice.implementation, exercise).misconceptions == ("prior_twice",)


numbers = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.none(), st.text(max_size=3), st.just(10**400)
)
anything = st.one_of(
    st.recursive(
        numbers,
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.tuples(inner, inner),
            st.dictionaries(st.text(max_size=2), inner, max_size=2),
        ),
        max_leaves=12,
    ),
    npst.arrays(
        st.one_of(npst.scalar_dtypes(), st.just(np.dtype(object))),
        st.sampled_from([(3, 4), (2, 5), (4, 3), (4,), (), (0,), (3, 4, 1)]),
    ),
)


@given(anything)
@settings(deadline=None, max_examples=150)
def test_no_answer_brings_the_judge_down_or_earns_a_point(answer):
    verdict = verdict_on(lambda p, lik: answer)
    assert verdict.fraction == 0.0
    assert verdict.status == "wrong"


@given(st.lists(st.floats(allow_nan=False), min_size=12, max_size=12))
@settings(deadline=None, max_examples=80)
def test_no_numbers_bring_the_judge_down(values):
    assert verdict_at_first_case(np.array(values).reshape(3, 4))


def wrong_answers():
    return {
        "nothing": lambda p, lik: None,
        "one number": lambda p, lik: 1.0,
        "transposed": lambda p, lik: (p[:, None] + lik).T,
        "NaN": lambda p, lik: np.full(lik.shape, np.nan),
        "property": lambda p, lik: lik + 1.0,
        "disagreement": lambda p, lik: p[:, None] + lik - 0.2,
        "named": prior_twice.implementation,
        "probabilities": lambda p, lik: np.exp(p[:, None] + lik),
        "inputs": lambda p, lik: lik,
        "numpy's own error": lambda p, lik: p + lik.T[:, :0] @ lik,
        "index": lambda p, lik: lik[99],
        "object": lambda p, lik: np.array([p, lik, None], dtype=object),
        "strings": lambda p, lik: lik.astype(str),
        "partial": wrong_where(lambda p, lik: lik.shape[1] == 1),
    }


@pytest.mark.parametrize("answer", wrong_answers().values(), ids=wrong_answers().keys())
def test_no_message_holds_an_input_or_an_expected_value(answer):
    verdict = verdict_on(answer)
    assert verdict.status in {"wrong", "error", "partial"}
    secrets = []
    for case in cases(np.random.default_rng(SEED)):
        for array in (*case.args, log_joint(*case.args)):
            secrets += [f"{abs(number):.4f}" for number in array.flat if abs(number) > 1e-3]
    assert len(secrets) > 60
    assert not [secret for secret in secrets if secret[:-1] in verdict.message]
    assert "7391" not in verdict.message
