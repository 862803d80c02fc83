"""Every data set that is vendored has a loader, a provenance, a licence and its hash."""

import csv
import hashlib
import inspect
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import multivariate_normal

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


def test_every_year_of_the_coal_mines_is_there_and_every_disaster():
    years, counts = datasets.coal_disasters()
    np.testing.assert_array_equal(years, np.arange(1851, 1963))
    assert counts.sum() == 191
    assert list(counts[(years >= 1940) & (years <= 1943)]) == [2, 3, 3, 0]


def test_the_crabs_are_the_thousand_that_pearson_analysed():
    edges, counts = datasets.crabs()
    np.testing.assert_allclose(np.diff(edges), 0.004, rtol=1e-9)
    assert counts.sum() == 1000
    assert counts.max() == 96


def test_the_galaxies_are_sorted_and_the_78th_is_the_corrected_one():
    velocities = datasets.galaxies()
    assert (np.diff(velocities) > 0).all()
    assert velocities[77] == 26960
    assert velocities.sum() == 1_708_180


def test_the_pupils_of_each_school_are_as_many_as_in_the_study():
    school, _ = datasets.holzinger_swineford()
    assert [(school == 0).sum(), (school == 1).sum()] == [156, 145]


def test_scores_are_whole_points_over_a_constant_of_the_test():
    _, scores = datasets.holzinger_swineford()
    points = scores * [6, 4, 8, 3, 4, 7, 23, 20, 36]
    np.testing.assert_allclose(points, points.round(), rtol=0, atol=2e-6)


def test_the_saturated_model_of_the_scores_has_the_likelihood_that_lavaan_reports():
    _, scores = datasets.holzinger_swineford()
    saturated = multivariate_normal(scores.mean(axis=0), np.cov(scores.T, bias=True))
    assert round(saturated.logpdf(scores).sum(), 3) == -3695.092


def test_the_shares_of_right_answers_in_the_lsat_are_the_published_ones():
    patterns, counts = datasets.lsat()
    assert counts.sum() == 1000
    assert list(counts @ patterns) == [924, 709, 553, 763, 870]


def test_the_geyser_has_the_means_that_r_reports():
    np.testing.assert_allclose(
        datasets.old_faithful().mean(axis=0), [3.487783, 70.89706], rtol=1e-6
    )


def test_the_stock_indices_sum_to_what_r_sums_them_to():
    prices = datasets.stock_indices()
    np.testing.assert_allclose(
        prices.sum(axis=0), [4707021.80, 6279776.10, 4143761.00, 6632096.30], rtol=0, atol=0.01
    )
    assert list(prices[-1]) == [5473.72, 7676.3, 3995.0, 5455.0]


def test_the_titanic_carried_2201_people_and_711_survived():
    people = datasets.titanic()
    assert people.sum() == 2201
    assert people[..., 1].sum() == 711
