"""A mistake is named whoever writes it and whatever else is wrong, and what is right never is."""

import pytest
from bank import EXERCISES, RIGHT, STYLES, remembered, verdict_on
from matrix import in_twos, styled

from lgm.course.check import PUBLIC_SEED

pytestmark = pytest.mark.slow

# Two mistakes that add up to the right answer, and why.
CANCELLING = {
    "latent_variables.log_normal": {
        ("forgets_two_pi", "two_pi_without_root"): "Half of a constant too few, half too many.",
    },
    "laplace_and_annealing.laplace_log_marginal": {
        ("pi_left_out", "root_of_pi_forgotten"): "Half of a constant too few, half too many.",
    },
    "the_bound.kl_normal": {
        ("logarithm_left_out", "logarithm_doubled"): "Nothing of a logarithm, and twice of it.",
    },
}

for_each_exercise = pytest.mark.parametrize(
    "exercise", EXERCISES, ids=lambda exercise: exercise.name
)


@for_each_exercise
def test_a_mistake_keeps_its_name_in_another_style(exercise):
    named = [name in verdict.misconceptions for name, _, verdict in styled(exercise)]
    assert sum(named) >= 0.95 * len(named)


@for_each_exercise
def test_a_right_answer_is_given_the_name_of_no_mistake_in_any_style(exercise):
    exercise = remembered(exercise)
    for answer in RIGHT[exercise.name]:
        for style, restyled in STYLES.items():
            verdict = verdict_on(exercise, restyled(exercise, answer), PUBLIC_SEED)
            assert verdict.misconceptions == (), (answer.__name__, style)


@for_each_exercise
def test_two_mistakes_at_once_are_rejected_and_the_one_that_dominates_is_named(exercise):
    pairs = list(in_twos(exercise))
    right = {(one, other) for one, other, _, verdict in pairs if verdict.fraction == 1.0}
    assert right == set(CANCELLING.get(exercise.name, {}))
    named = [largest in verdict.misconceptions for *_, largest, verdict in pairs if largest]
    assert sum(named) >= 0.9 * len(named)
