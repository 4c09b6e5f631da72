# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Tiles are made where something is seen, within limits that are said."""

from __future__ import annotations

import numpy as np

from seg_ros.mapping.grid import AREA, NOWHERE, SIDE, Extent, Grid

SQUARE = Extent(-10, -10, 20, 20)


def test_cells_keep_what_is_written_across_tiles_and_zero() -> None:
    grid = Grid(0.05, limit_m=100, limit_mib=10)
    touched = np.arange(SQUARE.width * SQUARE.height)
    cells = grid.block(SQUARE, touched)
    assert grid.tiles == 4
    assert len(np.unique(cells)) == 400
    grid.layer('value')[cells] = touched
    again = Grid.block(grid, SQUARE, np.zeros(0, np.intp))
    assert (grid.layer('value')[again] == touched).all()
    extent = grid.extent()
    assert extent == Extent(-SIDE, -SIDE, 2 * SIDE, 2 * SIDE)
    picture = grid.spread(grid.layer('value'), extent, -1)
    assert (picture[SIDE - 10:SIDE + 10, SIDE - 10:SIDE + 10].ravel() == touched).all()


def test_only_touched_tiles_are_made() -> None:
    grid = Grid(0.05, limit_m=100, limit_mib=10)
    cells = grid.block(SQUARE, np.array([0]))
    assert grid.tiles == 1
    assert (cells == NOWHERE).sum() == 300


def test_beyond_the_limit_in_metres_nothing_is_made_and_it_is_said() -> None:
    grid = Grid(0.05, limit_m=10, limit_mib=100)
    far = Extent(1000, 0, 10, 10)
    assert (grid.block(far, np.arange(100)) == NOWHERE).all()
    assert grid.tiles == 0
    assert 'limit_m = 10' in grid.problem


def test_beyond_the_limit_in_mib_the_map_keeps_what_it_has_and_says_so() -> None:
    grid = Grid(0.05, limit_m=1000, limit_mib=1)
    grid.layer('value')
    wide = Extent(0, 0, 100 * SIDE, 1)
    cells = grid.block(wide, np.arange(wide.width))
    assert grid.bytes <= 2 ** 20
    assert grid.tiles == 2 ** 20 // (4 * AREA)
    assert (cells[:SIDE] != NOWHERE).all() and cells[-1] == NOWHERE
    assert 'limit_mib = 1' in grid.problem


def test_memory_grows_with_what_is_seen() -> None:
    grid = Grid(0.05, limit_m=1000, limit_mib=1000)
    for name in 'abcd':
        grid.layer(name)
    sizes = []
    for k in range(40):
        grid.block(Extent(k * SIDE, 0, SIDE, SIDE), np.array([0]))
        sizes.append(grid.bytes / (grid.tiles * AREA * 4 * 4))
    assert max(sizes[8:]) < 1.5


def test_a_recalled_grid_is_the_same() -> None:
    grid, other = (Grid(0.05, limit_m=100, limit_mib=10) for _ in range(2))
    cells = grid.block(SQUARE, np.arange(400))
    grid.layer('value')[cells] = np.arange(400)
    other.recall(grid.memory())
    again = other.block(SQUARE, np.zeros(0, np.intp))
    assert (other.layer('value')[again] == np.arange(400)).all()
    grid.clear()
    assert grid.tiles == 0 and grid.bytes == 0
