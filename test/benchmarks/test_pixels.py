# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The benchmark compares like with like: the plain way gives the same labels and masks."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'benchmarks'))

from pixels import Row, rows


@pytest.fixture(scope='module')
def table() -> list[Row]:
    return rows((160, 120), 1, (3, 12), 5)


def test_both_ways_give_the_same(table: list[Row]) -> None:
    assert [row.task for row in table] == ['labels of 3 classes', 'labels of 12 classes', 'masks of 5 objects']
    assert all(row.same > 0.999 for row in table)


def test_each_row_says_time_memory_and_ratio(table: list[Row]) -> None:
    for row in table:
        assert len(row.ours_s) == len(row.plain_s) == 1
        assert row.plain_mib >= 0.0 and 'times faster' in str(row) and 'MiB' in str(row)
