# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is remembered of an object moves with it, and only what was seen whole is remembered."""

from __future__ import annotations

import numpy as np

from seg_ros.records import Instances
from seg_ros.tracking.tracks import Tracks

SIZE = (100, 60)
L_SHAPE = np.array([[1, 0], [1, 1]], np.bool_).repeat(10, axis=0).repeat(10, axis=1)


def seen_at(left: int, top: int, mask: np.ndarray = L_SHAPE, class_id: int = 3) -> Instances:
    height, width = mask.shape
    return Instances(SIZE, np.array([[left, top, left + width, top + height]], np.float32),
                     np.array([0.9], np.float32), np.array([class_id], np.uint8), np.array([[left, top]], np.int32),
                     (mask,), np.zeros(1, np.int64))


def walking() -> Tracks:
    """Return a track that moved right by 50 pixels per second until it was at (50, 20), seen at 2 seconds."""
    tracks = Tracks.started(seen_at(0, 20), 1_000_000_000)
    for k in range(1, 11):
        tracks = tracks.predicted(0.1, SIZE).seen(seen_at(5 * k, 20), 1_000_000_000 + 100_000_000 * k,
                                                  whole=np.array([True]))
    return tracks


def test_a_new_track_looks_like_its_object() -> None:
    tracks = Tracks.started(seen_at(30, 20), 7)
    looks = tracks.appearance(SIZE)
    assert (tracks.ids.tolist(), tracks.hits.tolist(), tracks.seen_ns.tolist()) == ([0], [1], [7])
    assert looks.boxes.tolist() == [[30, 20, 50, 40]]
    assert looks.corners.tolist() == [[30, 20]]
    assert looks.class_ids.tolist() == [3]
    assert (looks.masks[0] == L_SHAPE).all()


def test_the_mask_moves_with_the_motion() -> None:
    tracks = walking()
    assert tracks.hits.tolist() == [11]
    assert tracks.seen_ns.tolist() == tracks.whole_ns.tolist() == [2_000_000_000]
    assert tracks.appearance(SIZE).corners.tolist() == [[50, 20]]
    later = tracks.predicted(0.4, SIZE).appearance(SIZE)
    assert later.corners.tolist() == [[70, 20]]
    assert (later.masks[0] == L_SHAPE).all()


def test_looks_lie_inside_the_image() -> None:
    later = walking().predicted(0.7, SIZE).appearance(SIZE)
    assert later.corners.tolist() == [[85, 20]]
    assert (later.masks[0] == L_SHAPE[:, :15]).all()
    assert later.boxes[0, 2] == 100
    beyond = walking().predicted(9, SIZE).appearance(SIZE)  # it waits with its centre on the border
    assert beyond.corners.tolist() == [[90, 20]]
    above = Tracks.started(seen_at(-5, -8), 0).appearance(SIZE)
    assert above.corners.tolist() == [[0, 0]]
    assert (above.masks[0] == L_SHAPE[8:, 5:]).all()


def test_what_is_seen_in_part_does_not_change_the_looks() -> None:
    tracks, part = walking().predicted(0.1, SIZE), seen_at(55, 20, L_SHAPE[:, :6])
    after = tracks.seen(part, 2_100_000_000, whole=np.array([False]))
    assert (after.seen_ns.tolist(), after.whole_ns.tolist()) == ([2_100_000_000], [2_000_000_000])
    assert (after.masks[0] == L_SHAPE).all()
    assert after.appearance(SIZE).corners.tolist() == [[55, 20]]
    anew = tracks.seen(part, 2_100_000_000, whole=np.array([True]))
    assert anew.masks[0].shape == (20, 6)


def test_tracks_are_taken_and_joined_whole() -> None:
    first, second = walking(), Tracks.started(seen_at(10, 5, L_SHAPE[:4], class_id=5), 9)
    both = first.joined(second)
    assert len(both) == 2
    swapped = both.taken([1, 0])
    assert swapped.class_ids.tolist() == [5, 3]
    assert swapped.seen_ns.tolist() == [9, 2_000_000_000]
    assert swapped.whole_ns.tolist() == [9, 2_000_000_000]
    assert swapped.hits.tolist() == [1, 11]
    assert [mask.shape for mask in swapped.masks] == [(4, 20), (20, 20)]
    assert swapped.appearance(SIZE).corners.tolist() == [[10, 5], [50, 20]]
    assert len(both.taken([])) == 0
