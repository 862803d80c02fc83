"""The table of attacks is that of the attacks that there are."""

from attack import attacks
from table import TABLE, known, rows


def test_every_attack_has_its_row():
    outcomes = known()
    assert list(outcomes) == [f"{attack.kind}/{attack.path.name}" for attack in attacks()]
    table = TABLE.read_text(encoding="utf-8")
    assert [" | ".join(row) for row in rows(outcomes) if " | ".join(row) not in table] == []


def test_names_are_those_of_students_too():
    names = [attack.name for attack in attacks()]
    assert len(set(names)) == len(names) >= 60
