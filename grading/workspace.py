"""Where everything lies: the course's sources, and the one folder that holds all we make."""

import os
import re
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

__all__ = ["REPOSITORY", "Workspace", "chapter_source", "chapters", "exercise_of"]

REPOSITORY = Path(__file__).resolve().parents[1]
SOURCES = REPOSITORY / "notebooks"
WORK_VARIABLE = "LGM_WORK"

_CHECK = re.compile(r"""^check\(\s*["']([\w.]+)["']""", re.MULTILINE)


def chapters() -> list[str]:
    """The chapters that exist, in order: each a folder with the notebook of the same name."""
    return sorted(path.stem for path in SOURCES.glob("*/*.ipynb") if path.stem == path.parent.name)


def chapter_source(chapter: str) -> Path:
    """A chapter's notebook, with its solutions."""
    return SOURCES / chapter / f"{chapter}.ipynb"


def exercise_of(source: str) -> str | None:
    """The exercise that a test cell checks, or None if it checks none."""
    found = _CHECK.search(source)
    return found.group(1) if found else None


@dataclass(frozen=True)
class Workspace:
    """The folder of everything that is made and never committed.

    Attributes
    ----------
    root : Path
        ``grading/work/`` unless the instructor says otherwise.
    """

    root: Path

    @classmethod
    def current(cls) -> "Workspace":
        """The folder that the environment names, else the default."""
        return cls(Path(os.environ.get(WORK_VARIABLE) or REPOSITORY / "grading" / "work").resolve())

    @property
    def release(self) -> Path:
        """Notebooks without solutions, and the kit for students."""
        return self.root / "release"

    @property
    def submitted(self) -> Path:
        """What students handed in: ``STUDENT/CHAPTER/CHAPTER.ipynb``."""
        return self.root / "submitted"

    @property
    def autograded(self) -> Path:
        """The same, run and judged."""
        return self.root / "autograded"

    @property
    def feedback(self) -> Path:
        """A page for each student and chapter."""
        return self.root / "feedback"

    @property
    def report(self) -> Path:
        """Grades and the class report."""
        return self.root / "report"

    @property
    def cache(self) -> Path:
        """Results that need not be computed again."""
        return self.root / "cache"

    def kept(self, key: str) -> Path:
        """Where a result is kept, whether it is there or not."""
        return self.cache / f"{key}.json"

    @property
    def gradebook(self) -> str:
        """The address of nbgrader's database."""
        return f"sqlite:///{self.root / 'gradebook.db'}"

    @cached_property
    def seed(self) -> int:
        """The course's secret: from it the judge draws its cases. Made once, then kept."""
        path = self.root / "seed"
        if not path.exists():
            self.root.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(f"{secrets.randbits(64)}\n", encoding="ascii")
        return int(path.read_text(encoding="ascii"))
