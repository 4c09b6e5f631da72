# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The objects a tracker remembers: who they are, how they move, and what they looked like."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seg_ros.records import Instances
from seg_ros.tracking.motion import Motion

Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Tracks:
    """
    T objects that are in sight or were lately.

    :param ids: (T,) int64 lasting ids, 0 until confirmed.
    :param class_ids: (T,) uint8.
    :param hits: (T,) int64 frames in which the object was seen.
    :param seen_ns: (T,) int64 stamp at which it was seen last.
    :param whole_ns: (T,) int64 stamp at which it was seen whole last.
    :param motion: T boxes.
    :param masks: T boolean crops, each the object as it was seen whole last.
    :param corners: (T, 2) int64 column and row of each crop's top left pixel, then.
    :param anchors: (T, 2) centre of the motion, then; what it moved since, the mask moves too.
    """

    ids: NDArray[np.int64]
    class_ids: NDArray[np.uint8]
    hits: NDArray[np.int64]
    seen_ns: NDArray[np.int64]
    whole_ns: NDArray[np.int64]
    motion: Motion
    masks: tuple[Mask, ...]
    corners: NDArray[np.int64]
    anchors: NDArray[np.float64]

    @classmethod
    def started(cls, instances: Instances, stamp_ns: int) -> Tracks:
        """Return tracks of objects seen for the first time, not confirmed yet."""
        count, motion = len(instances), Motion.started(instances.boxes)
        now = np.full(count, stamp_ns, np.int64)
        return cls(np.zeros(count, np.int64), instances.class_ids.copy(), np.ones(count, np.int64), now, now,
                   motion, tuple(map(_owned, instances.masks)), instances.corners.astype(np.int64), motion.centres)

    def __len__(self) -> int:
        return len(self.ids)

    def predicted(self, seconds: float, size: tuple[int, int]) -> Tracks:
        """Return the tracks as they should be ``seconds`` later in a (width, height) image."""
        return replace(self, motion=self.motion.predicted(seconds, size))

    def seen(self, instances: Instances, stamp_ns: int, *, whole: NDArray[np.bool_]) -> Tracks:
        """
        Return the tracks after object k of ``instances`` was found to be track k.

        :param whole: (T,) whether all of the object is seen; where not, its looks from before are kept.
        """
        motion = self.motion.corrected(instances.boxes, whole=whole)
        masks = tuple(_owned(new) if all_ else old for new, old, all_ in zip(instances.masks, self.masks, whole))
        now, choose = np.full(len(self), stamp_ns, np.int64), whole[:, None]
        return replace(self, hits=self.hits + 1, seen_ns=now, whole_ns=np.where(whole, now, self.whole_ns),
                       motion=motion, masks=masks, corners=np.where(choose, instances.corners, self.corners),
                       anchors=np.where(choose, motion.centres, self.anchors))

    def appearance(self, size: tuple[int, int]) -> Instances:
        """Return the tracks as objects of a (width, height) image, each mask moved with its motion."""
        moved = np.rint(self.motion.centres - self.anchors).astype(np.int64) + self.corners
        crops = (_inside(mask, corner, size) for mask, corner in zip(self.masks, moved.tolist()))
        limits = np.asarray(size * 2, np.float64)
        return Instances(size, np.clip(self.motion.boxes, 0, limits).astype(np.float32),
                         np.ones(len(self), np.float32), self.class_ids,
                         np.clip(moved, 0, np.asarray(size)).astype(np.int32), tuple(crops), self.ids)

    def taken(self, indices: Indices | Sequence[int]) -> Tracks:
        """Return the chosen tracks, in the given order."""
        pick = np.asarray(indices, np.intp)
        return Tracks(self.ids[pick], self.class_ids[pick], self.hits[pick], self.seen_ns[pick],
                      self.whole_ns[pick], self.motion.taken(pick), tuple(self.masks[k] for k in pick),
                      self.corners[pick], self.anchors[pick])

    def joined(self, other: Tracks) -> Tracks:
        """Return these tracks followed by the others."""
        return Tracks(np.concatenate([self.ids, other.ids]), np.concatenate([self.class_ids, other.class_ids]),
                      np.concatenate([self.hits, other.hits]), np.concatenate([self.seen_ns, other.seen_ns]),
                      np.concatenate([self.whole_ns, other.whole_ns]), self.motion.joined(other.motion),
                      self.masks + other.masks,
                      np.concatenate([self.corners, other.corners]), np.concatenate([self.anchors, other.anchors]))


def _owned(mask: Mask) -> Mask:
    """Return the crop without the larger array it may be a view of, so that a track keeps only the crop."""
    return mask.copy() if mask.base is not None else mask


def _inside(mask: Mask, corner: Sequence[int], size: tuple[int, int]) -> Mask:
    """Return the part of a crop that lies inside the image when its top left pixel is at ``corner``."""
    left, top = (max(0, -at) for at in corner)
    right, bottom = (max(0, limit - at) for limit, at in zip(size, corner))
    return mask[top:bottom, left:right]
