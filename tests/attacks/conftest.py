"""What students hand in is never imported here, and one class is graded for all tests."""

import pytest
from attack import attacks
from classroom import Classroom, listener

# Seen from here: the attacks themselves, in their folders.
collect_ignore_glob = ["*/*"]

SEED = 7391


@pytest.fixture(scope="session")
def quiet_class(tmp_path_factory):
    """The honest students alone."""
    classroom = Classroom(tmp_path_factory.mktemp("quiet"))
    classroom.set_up([], SEED)
    assert classroom.run("autograde").returncode == 0
    return classroom


@pytest.fixture(scope="session")
def attacked_class(tmp_path_factory):
    """The same students among all attackers."""
    classroom = Classroom(tmp_path_factory.mktemp("attacked"))
    classroom.set_up(attacks(), SEED)
    before = classroom.untouchable()
    with listener():
        command = classroom.run("autograde")
    return classroom, before, command
