"""Whatever is killed, nobody is lost and nothing is otherwise. The script kills more often."""

import pytest
import small_class
from kills import KINDS, kills, undisturbed


@pytest.mark.slow
def test_what_is_killed_and_started_again_grades_as_if_nothing_had_been(tmp_path):
    work = small_class.make(tmp_path / "work", 4)
    truth = undisturbed(work)
    assert len(truth.points) == 4
    killed = list(kills(work, truth, count=3, seed=4))
    assert len(killed) == 3
    assert {kill.what for kill in killed} <= set(KINDS)
