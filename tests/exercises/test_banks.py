"""Every exercise of the course: what is right is accepted, and what is wrong is named."""

import math
import re

import numpy as np
import pytest
import scipy
import scipy.linalg
import scipy.special
import scipy.stats
from bank import EXERCISES, MISTAKES, RIGHT, altered, cases_of, remembered, results_of, verdict_on
from matrix import known

from lgm.course import wire
from lgm.course.check import PUBLIC_SEED, Observed
from lgm.exercises.catalogue import CHAPTERS, catalogue
from lgm.exercises.exercise import judge

SEEDS = (PUBLIC_SEED, 1, 2, 2**63, 0xC0FFEE)

# What the code of a mistake may use, shown to a student or run anywhere.
IMPORTS = {"np": np, "scipy": scipy, "math": math}

for_each_exercise = pytest.mark.parametrize(
    "exercise", EXERCISES, ids=lambda exercise: exercise.name
)
for_each_mistake = pytest.mark.parametrize(
    ("exercise", "mistake"),
    MISTAKES,
    ids=[f"{exercise.name}-{mistake.name}" for exercise, mistake in MISTAKES],
)


# --- right answers -----------------------------------------------------------------------------


@for_each_exercise
def test_the_reference_is_right_and_silent(exercise):
    for seed in SEEDS:
        assert judge(exercise, exercise.reference, seed).status == "correct"


@pytest.mark.parametrize(
    ("name", "answer"),
    [(name, answer) for name, answers in RIGHT.items() for answer in answers],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_right_answer_is_right_in_every_style(name, answer):
    for seed in SEEDS:
        verdict = verdict_on(remembered(catalogue()[name], seed), answer, seed)
        assert (verdict.status, seed) == ("correct", seed), verdict.message


@pytest.mark.slow
@for_each_exercise
def test_right_answers_are_right_on_a_hundred_seeds(exercise):
    for seed in range(100):
        known = remembered(exercise, seed)
        for answer in RIGHT[exercise.name]:
            verdict = verdict_on(known, answer, seed)
            assert verdict.fraction == 1.0, (answer.__name__, seed, verdict.message)


@for_each_exercise
def test_there_are_six_right_answers_to_try(exercise):
    assert len(set(RIGHT[exercise.name])) >= 6


def test_right_answers_are_to_exercises_that_exist():
    assert list(RIGHT) == list(catalogue())


# --- wrong answers -----------------------------------------------------------------------------


@for_each_mistake
def test_a_mistake_is_rejected_and_named(exercise, mistake):
    for seed in SEEDS:
        verdict = verdict_on(remembered(exercise, seed), mistake.implementation, seed)
        assert verdict.fraction < 1.0, seed
        assert verdict.status in {"wrong", "partial", "error"}, seed
        assert mistake.name in verdict.misconceptions, (seed, verdict.message)
        assert mistake.message in verdict.message
        assert len(verdict.misconceptions) <= 2, (seed, verdict.misconceptions)


@for_each_mistake
def test_single_precision_hides_no_mistake_in_typical_values(exercise, mistake):
    exercise = remembered(exercise)
    in_single_precision = altered(exercise, mistake.implementation, np.float32)
    if verdict_on(exercise, mistake.implementation, PUBLIC_SEED).fraction == 0.0:
        assert verdict_on(exercise, in_single_precision, PUBLIC_SEED).fraction < 1.0


@for_each_mistake
def test_the_code_of_a_mistake_stands_alone(exercise, mistake):
    namespace = dict(IMPORTS)
    exec(mistake.source, namespace)
    alone = namespace[mistake.name]
    for case in cases_of(exercise):
        outcomes = [_outcome(function, case) for function in (alone, mistake.implementation)]
        np.testing.assert_equal(*outcomes)


def _outcome(function, case):
    arguments = [np.copy(arg) if isinstance(arg, np.ndarray) else arg for arg in case.args]
    try:
        return Observed(function)(*arguments)
    except Exception as error:
        return repr(error)


@for_each_mistake
def test_a_mistake_has_the_arguments_of_the_exercise(exercise, mistake):
    code = mistake.implementation.__code__
    assert code.co_varnames[: code.co_argcount] == exercise.arguments


@for_each_mistake
def test_a_mistake_is_explained_in_sentences_and_without_a_formula(exercise, mistake):
    assert re.fullmatch(r"[A-Z][^\n]*[.!?]", mistake.computed)
    assert re.fullmatch(r"\S[^\n]*[.!?]\)?", mistake.tempting)
    assert_no_formula(mistake.message)


@for_each_exercise
def test_the_properties_are_told_in_sentences_and_without_a_formula(exercise):
    for claim in exercise.properties:
        assert re.fullmatch(r"\S[^\n]*[.!?]", claim.message)
        assert_no_formula(claim.message)


def assert_no_formula(message):
    assert "  " not in message
    assert not re.search(r"\bdef |\breturn \w+\(|\blambda\b|\*\*|np\.\w+\(", message)
    # A condition such as z = 0 or keepdims=True is none.
    assert not re.search(r"=(?!\s*(−?\d|True\b|False\b))", message)


@for_each_exercise
def test_an_exercise_knows_at_least_six_mistakes_by_different_names(exercise):
    names = [mistake.name for mistake in exercise.misconceptions]
    assert len(names) >= 6
    assert len(set(names)) == len(names)
    assert exercise.reference.__name__ not in names


# --- answers that have nothing to do with the question -----------------------------------------


@for_each_exercise
@pytest.mark.parametrize("value", [0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 1e308, -1e308])
def test_a_constant_of_the_right_shape_earns_nothing_and_stops_nothing(exercise, value):
    constant = altered(exercise, exercise.reference, lambda right: np.full(right.shape, value))
    assert judge(exercise, constant, PUBLIC_SEED).fraction == 0.0


@for_each_exercise
@pytest.mark.parametrize("dtype", ["u1", "i1", "f2", "u8"])
def test_a_narrow_type_of_number_stops_nothing(exercise, dtype):
    narrow = altered(exercise, exercise.reference, lambda x: np.nan_to_num(x).astype(dtype))
    assert judge(exercise, narrow, PUBLIC_SEED).status in {"correct", "partial", "wrong"}


@for_each_exercise
def test_giving_back_an_argument_earns_nothing(exercise):
    for position in range(len(exercise.arguments)):
        assert judge(exercise, lambda *args, i=position: args[i], PUBLIC_SEED).fraction == 0.0


@for_each_exercise
def test_answers_learned_from_the_public_cases_earn_nothing_on_others(exercise):
    learned = iter([exercise.reference(*case.args) for case in cases_of(exercise)])
    assert judge(exercise, lambda *args: next(learned), SEEDS[1]).fraction == 0.0


# --- cases -------------------------------------------------------------------------------------


@for_each_exercise
def test_every_case_arrives_at_the_other_end_of_the_wire_as_it_was_sent(exercise):
    for case in cases_of(exercise):
        arrived = wire.unpack(wire.pack(case.args))
        assert [type(arg) for arg in arrived] == [type(arg) for arg in case.args]
        for sent, received in zip(case.args, arrived, strict=True):
            assert np.asarray(sent).dtype == np.asarray(received).dtype
            np.testing.assert_array_equal(sent, received)


@for_each_exercise
def test_cases_follow_from_the_seed_and_differ_between_seeds(exercise):
    def packed(seed):
        return [wire.pack(case.args) for case in cases_of(exercise, seed)]

    def described(seed):
        return [(case.label, case.group) for case in cases_of(exercise, seed)]

    assert packed(SEEDS[1]) == packed(SEEDS[1])
    assert packed(SEEDS[1]) != packed(SEEDS[2])
    assert described(SEEDS[1]) == described(SEEDS[2])


@for_each_exercise
def test_cases_are_described_in_words(exercise):
    for case in cases_of(exercise):
        for words in (case.label, case.group):
            assert words.strip() == words != ""
            assert not re.search(r"\d", words)


@for_each_exercise
def test_every_group_has_two_cases_so_that_a_mistake_in_it_can_be_named(exercise):
    groups = [case.group for case in cases_of(exercise)]
    assert min(map(groups.count, groups)) >= 2
    assert groups.count(groups[0]) >= 3


@for_each_exercise
def test_the_reference_leaves_its_arguments_alone_and_returns_what_it_says(exercise):
    for case in cases_of(exercise):
        before = wire.pack(case.args)
        results = results_of(exercise, exercise.reference(*case.args))
        assert wire.pack(case.args) == before
        assert len(results) == len(exercise.returns)
        assert all(np.asarray(result).dtype.kind in "fi" for result in results)


# --- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", catalogue())
def test_an_exercise_is_named_after_its_module_and_its_function(name):
    exercise = catalogue()[name]
    assert name == exercise.name
    module, function = name.split(".")
    assert module in CHAPTERS
    assert exercise.reference.__module__.startswith(f"lgm.exercises.{module}")
    assert exercise.reference.__name__ == function
    assert exercise.section.strip() == exercise.section != ""


def test_every_chapter_has_exercises_in_the_order_of_the_course():
    chapters = list(dict.fromkeys(name.partition(".")[0] for name in catalogue()))
    assert chapters == list(CHAPTERS)


def test_the_page_counts_the_mistakes_and_the_right_answers_that_there_are():
    counts = {each.name: (len(each.misconceptions), len(RIGHT[each.name])) for each in EXERCISES}
    assert {name: row[:2] for name, row in known().items()} == counts, "run make matrix"
