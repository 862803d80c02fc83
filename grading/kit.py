"""The student kit: a zip that needs nothing but Python."""

import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from grading.workspace import REPOSITORY, SOURCES, Workspace

__all__ = ["make_kit", "pins"]

# A zip of the same files is the same zip, whenever it was made.
_EPOCH = (2020, 1, 1, 0, 0, 0)


def make_kit(work: Workspace, chapters: Sequence[str]) -> Path:
    """Pack the released notebooks, the package and the script that starts them.

    Parameters
    ----------
    work : Workspace
        Its release folder holds the notebooks and gets the zip.
    chapters : sequence of str
        What to pack.

    Returns
    -------
    Path
        The zip.
    """
    kit = work.release / "lgm-kit.zip"
    with tempfile.TemporaryDirectory() as folder:
        wheel = _wheel(Path(folder))
        files = {wheel.name: wheel.read_bytes(), "constraints.txt": pins().encode()}
        for path in sorted((REPOSITORY / "grading" / "student_kit").iterdir()):
            if path.is_file():
                files[path.name] = path.read_bytes()
        files["notebooks/formulas.md"] = (SOURCES / "formulas.md").read_bytes()
        for chapter in chapters:
            notebook = work.release / chapter / f"{chapter}.ipynb"
            files[f"notebooks/{chapter}/{notebook.name}"] = notebook.read_bytes()
        with zipfile.ZipFile(kit, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                entry = zipfile.ZipInfo(f"lgm-kit/{name}", _EPOCH)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return kit


def pins() -> str:
    """The versions of the lock, without its hashes: what a student's pip is held to."""
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    return "".join(
        f"{line}\n" for line in re.findall(r"^[\w.-]+==[^\\\n]*[^\\\s]", lock, re.MULTILINE)
    )


def _wheel(folder: Path) -> Path:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    outcome = subprocess.run(build, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if outcome.returncode:
        raise RuntimeError(f"the package could not be built:\n{outcome.stderr}")
    (wheel,) = folder.glob("*.whl")
    return wheel
