"""A judge that lets a changed answer pass must say why it may."""

import pytest
from mutants import EQUIVALENT, mutants_of, survives

from lgm.exercises.catalogue import catalogue


@pytest.mark.parametrize("name", catalogue())
def test_a_mutant_is_rejected_or_it_is_known_why_it_is_right(name):
    tried = list(mutants_of(name))
    survivors = {mutant.statement for mutant in tried if survives(name, mutant)}
    assert len(tried) >= 3
    assert survivors == set(EQUIVALENT.get(name, {}))


def test_every_reason_is_a_sentence_about_an_exercise_that_exists():
    assert set(EQUIVALENT) <= set(catalogue())
    for reasons in EQUIVALENT.values():
        assert all(reason[0].isupper() and reason.endswith(".") for reason in reasons.values())
