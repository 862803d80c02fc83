"""Determinism: who works beside it, and what came before it, changes no result."""

import pytest
import small_class
from gradings import WORKERS, gradings


@pytest.mark.slow
def test_a_class_comes_out_alike_in_any_order_and_by_any_number_of_workers(tmp_path):
    work = small_class.make(tmp_path / "work", 8)
    (_, first), *others = gradings(work, len(WORKERS), seed=1)
    assert len(first) == 8
    for workers, kept in others:
        assert kept == first, workers
