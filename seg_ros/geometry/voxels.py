# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One point per cube: clouds are thinned before their points are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.geometry.pinhole import Rays

TABLE_BITS = 18  # a table of 1 MB, which stays in the cache
HASH = np.uint32(0x9E3779B1)  # 2^32 / golden ratio (Knuth, The Art of Computer Programming 3, 6.4)


@dataclass(frozen=True, eq=False)
class Voxels:
    """
    Which cube each pixel's point lies in.

    :param cells: (H, W) int32 or int64, equal where points share a cube; arbitrary where there is no depth.
    :param repeated: (H, W - 1) bool, whether a pixel lies in the cube of its left neighbour.
    """

    cells: NDArray[np.int32] | NDArray[np.int64]
    repeated: NDArray[np.bool_]

    def thinned(self, pixels: NDArray[np.uint8]) -> NDArray[np.intp]:
        """
        Return flat indices, ascending, of one of the chosen pixels per cube.

        :param pixels: (H, W) uint8 of 0 and 1.
        """
        starts = pixels.copy()  # most pixels lie in the cube of their left neighbour: only first ones go on
        starts[:, 1:] &= ~(self.repeated & pixels[:, :-1].view(np.bool_)).view(np.uint8)
        firsts = np.flatnonzero(starts.view(np.bool_))
        return firsts[_one_of_each(self.cells.reshape(-1).take(firsts))]


def voxels_of(rays: Rays, z: NDArray[np.float32], side_m: float) -> Voxels:
    """Return the cubes of side ``side_m``, aligned with the optical axes, that points lie in."""
    farthest = float(np.fmax.reduce(z, axis=None, initial=0.0))
    # a cell is one number: depth above 11 signed bits each of x and y; 21 where 11 do not reach
    few = farthest / side_m * max(1.0, rays.widest) < 1000 and farthest / side_m < 500
    real, whole, bits = (np.float32, np.int32, 11) if few else (np.float64, np.int64, 21)
    scaled = np.multiply(z, real(1 / side_m), dtype=real)
    across = np.multiply(rays.x, scaled)
    down = np.multiply(rays.y, scaled)
    np.floor(across, out=across)
    np.floor(down, out=down)
    down *= real(1 << bits)
    down += across
    with np.errstate(invalid='ignore'):  # NaN becomes some number
        cells: NDArray[Any] = scaled.astype(whole)
        cells <<= 2 * bits
        cells += down.astype(whole)
    return Voxels(cells, cells[:, 1:] == cells[:, :-1])


def _one_of_each(cells: NDArray[np.int32] | NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the index of one of each of the different numbers, ascending."""
    slots = cells.astype(np.uint32)
    slots *= HASH
    slots >>= np.uint32(32 - TABLE_BITS)
    order = np.arange(len(cells), dtype=np.int32)
    owners = np.empty(1 << TABLE_BITS, np.int32)  # slots never written are never read: nothing is cleared
    owners[slots] = order  # the last of a slot owns it
    owner = owners[slots]
    kept = np.flatnonzero(owner == order)
    crowded_out = np.flatnonzero(cells[owner] != cells)  # another cell took the slot: few
    if not len(crowded_out):
        return kept
    return np.sort(np.concatenate([kept, crowded_out[np.unique(cells[crowded_out], return_index=True)[1]]]))
