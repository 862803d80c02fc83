"""pyproject.toml is the one truth on dependencies; the lock and the conda file follow it."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
LOCK = (ROOT / "requirements.lock").read_text()


def _requirements(*extras: str) -> dict[str, Requirement]:
    texts = list(PROJECT["dependencies"]) if not extras else []
    for extra in extras:
        texts += PROJECT["optional-dependencies"][extra]
    parsed = [Requirement(text) for text in texts]
    return {canonicalize_name(each.name): each for each in parsed if each.name != "lgm"}


def _locked() -> dict[str, list[str]]:
    versions: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)(?:\[.+\])?==([^\s;\\]+)", LOCK, re.MULTILINE):
        versions.setdefault(canonicalize_name(name), []).append(version)
    return versions


ALL = _requirements() | _requirements(*PROJECT["optional-dependencies"])
CONDA = _requirements() | _requirements("course", "grading", "dev")


@pytest.mark.parametrize("name", ALL)
def test_the_lock_holds_a_version_that_the_project_accepts(name):
    versions = _locked().get(name, [])
    assert versions, f"{name} is not in requirements.lock; type: make lock"
    assert all(ALL[name].specifier.contains(version) for version in versions)


def test_every_locked_file_is_hashed():
    packages = re.split(r"^(?=[\w.-]+(?:\[.+\])?==)", LOCK, flags=re.MULTILINE)[1:]
    assert packages
    assert all("--hash=sha256:" in package for package in packages)


def test_the_lock_names_no_address():
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links", LOCK)


@pytest.mark.parametrize("name", CONDA)
def test_the_conda_file_has_the_same_range(name):
    lines = re.findall(r"^\s+- ([\w.-]+)([^;\n]*)", (ROOT / "environment.yml").read_text(), re.M)
    ranges = {canonicalize_name(found): text.strip() for found, text in lines}
    assert name in ranges
    assert Requirement(f"{name}{ranges[name]}").specifier == CONDA[name].specifier


def test_the_conda_file_lists_nothing_else():
    text = (ROOT / "environment.yml").read_text()
    listed = {
        canonicalize_name(n) for n in re.findall(r"^\s+- (\w[\w.-]*?)(?=[<>=:;\s])", text, re.M)
    }
    assert listed - set(CONDA) <= {"python", "pip", "conda-forge"}


def test_the_conda_file_has_the_same_python():
    assert f"- python{PROJECT['requires-python']}" in (ROOT / "environment.yml").read_text()


def test_the_version_is_the_same_everywhere():
    import lgm

    assert lgm.__version__ == PROJECT["version"]
    assert f"version: {lgm.__version__}\n" in (ROOT / "CITATION.cff").read_text()
