"""Write README.md: what each attack gets from plain nbgrader, and from lgm.

``python tests/attacks/table.py`` runs all of them against plain nbgrader, ``table.py NAME ...``
those alone, or those of a kind. What lgm does is what each file declares, which
`test_attacks.py` holds it to.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attack import POINTS, TARGET, Attack, attacks
from classroom import listener
from plain_nbgrader import Course

TABLE = Path(__file__).with_name("README.md")
TITLE = """# What attacks get from plain nbgrader, and from lgm

Each row is a file in this folder: a student's answer or a student's file, handed in to both. In
both, the first function is answered rightly, the second is the attacker's, the third is answered
wrongly and the fourth not at all; points are counted beyond those that are earned so.

*Plain nbgrader* is nbgrader's own `autograde` with hidden tests that compare with the reference on
random cases, and ten seconds for a cell. What it lets through is in bold.
*lgm* is the verdict on the attacker's function. No attack gains a point there, reads or changes
anything outside its jail, stays, or changes what a classmate gets: `test_attacks.py` grades all of
them in one class and holds that.

Made by `make attacks`.
"""
HEAD = ("attack", "what it does", "plain nbgrader", "lgm")


def told(attack: Attack) -> str:
    """What lgm does with an attack, as its file declares."""
    if not attack.verdicts:
        return "not graded, and said so"
    words = " or ".join(sorted(attack.verdicts[TARGET])).replace("_", " ")
    points = POINTS[TARGET] if attack.verdicts[TARGET] == {"correct"} else 0
    return f"{words}, its {points} points" if points else words


def rows(outcomes: dict[str, str]) -> Iterator[tuple[str, ...]]:
    """The table, a row for each attack whose outcome is known."""
    for attack in attacks():
        place = f"{attack.kind}/{attack.path.name}"
        if place in outcomes:
            yield f"[{place}]({place})", attack.about, outcomes[place], told(attack)


def known() -> dict[str, str]:
    """The outcomes that the table holds already."""
    if not TABLE.exists():
        return {}
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| [")]
    return {place.partition("]")[0].strip("["): outcome for place, _, outcome, _ in cells}


def write(outcomes: dict[str, str]) -> None:
    """Write the table."""
    lines = [HEAD, ["---"] * len(HEAD), *rows(outcomes)]
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    TABLE.write_text(f"{TITLE}\n{table}", encoding="utf-8")


def main() -> None:
    """Run what is named, or all, and write the table as it grows."""
    wanted = sys.argv[1:] or [attack.name for attack in attacks()]
    with tempfile.TemporaryDirectory(prefix="plain-") as folder, listener():
        course = Course(Path(folder))
        for attack in attacks():
            if {attack.name, attack.kind} & set(wanted):
                outcome = course.outcome(attack)
                print(f"{attack.kind}/{attack.name}: {outcome}", flush=True)
                write(known() | {f"{attack.kind}/{attack.path.name}": outcome})


if __name__ == "__main__":
    main()
