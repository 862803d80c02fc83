"""Every data set that is vendored has a loader, a provenance, a licence and its hash."""

import csv
import hashlib
import inspect
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from lgm.course import datasets

DATA = Path(datasets.__file__).parent / "data"
SOURCES = tomllib.loads((DATA / "SOURCES.toml").read_text(encoding="utf-8"))

for_each_set = pytest.mark.parametrize("name", datasets.__all__)


def test_files_sources_and_loaders_are_the_same_sets():
    files = {path.stem for path in DATA.iterdir() if path.suffix == ".csv"}
    assert files == set(SOURCES)
    assert files == set(datasets.__all__)
    loaders = dict(inspect.getmembers(datasets, inspect.isfunction))
    assert {name for name in loaders if name[0] != "_" and name != "files"} == files


def test_nothing_else_lies_among_the_data():
    names = {path.name for path in DATA.iterdir()}
    assert names == {"SOURCES.toml"} | {f"{name}.csv" for name in SOURCES}


@for_each_set
def test_the_file_is_the_one_whose_hash_was_noted(name):
    content = (DATA / f"{name}.csv").read_bytes()
    assert hashlib.sha256(content).hexdigest() == SOURCES[name]["sha256"]


@for_each_set
def test_the_source_says_where_it_comes_from_and_what_may_be_done_with_it(name):
    source = SOURCES[name]
    assert {"title", "source", "obtained", "licence", "rows", "columns", "sha256"} <= set(source)
    assert all(source[key].strip() for key in ("title", "source", "obtained", "licence"))


@for_each_set
def test_the_file_has_the_rows_and_columns_that_the_source_lists(name):
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert len(rows) == SOURCES[name]["rows"]
    assert [column.partition(":")[0] for column in SOURCES[name]["columns"]] == header
    assert {len(row) for row in rows} == {len(header)}


def load(name):
    """What the loader returns, as a tuple of arrays."""
    data = getattr(datasets, name)()
    return data if isinstance(data, tuple) else (data,)


@for_each_set
def test_the_loader_returns_finite_numbers_of_the_shapes_that_it_documents(name):
    documented = re.findall(r"ndarray of shape (\([\d, ]+\))", getattr(datasets, name).__doc__)
    assert [str(array.shape) for array in load(name)] == documented
    for array in load(name):
        assert array.dtype.kind in "fi"
        assert np.isfinite(array).all()


@for_each_set
def test_whoever_changes_what_was_loaded_changes_a_copy(name):
    before = [array.copy() for array in load(name)]
    for array in load(name):
        array[...] = 99
    for array, old in zip(load(name), before, strict=True):
        np.testing.assert_array_equal(array, old)
