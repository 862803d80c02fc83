"""Open the course: ``python start.py``.

The first time, this makes an environment in the folder ``.venv`` beside this file and installs what
the notebooks need (a few minutes, with a network). After that it opens JupyterLab at once. Whatever
you add on the command line goes to JupyterLab: ``python start.py --no-browser``.
"""

import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
BINARIES = ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin")
DONE = ENVIRONMENT / "installed"


def main() -> int:
    """Install what is missing, then run JupyterLab."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        print(f"This course needs Python 3.11, 3.12 or 3.13; this is {sys.version.split()[0]}.")
        return 1
    if not DONE.exists():
        print("Installing the course; this is needed once and takes a few minutes.", flush=True)
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
        (wheel,) = HERE.glob("lgm-*.whl")
        pins = HERE / "constraints.txt"
        install = [str(BINARIES / "python"), "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, "--constraint", str(pins), f"{wheel}[course]"], check=True)
        DONE.touch()
    command = [str(BINARIES / "python"), "-m", "jupyterlab", *sys.argv[1:]]
    return subprocess.run(command, cwd=HERE / "notebooks", check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
