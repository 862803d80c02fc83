"""Fuzzed replies: none earns anything, and none stops the judge. The script sends more of them."""

import pytest
from fuzz import hearings


@pytest.mark.slow
def test_fuzzed_replies_earn_nothing_and_stop_nobody():
    statuses, counts = zip(*hearings(2000, seed=20261), strict=True)
    assert sum(counts) >= 2000
    assert {"wrong", "error", "missing", "memory", "killed"} <= set(statuses)
