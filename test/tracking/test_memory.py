# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A tracker whose memory was kept in a file goes on as if nothing had happened."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from scenes.moving_shapes import NOISY, SCENES, played

from seg_ros.records import Instances
from seg_ros.tracking.memory import arrays_of, tracks_from
from seg_ros.tracking.tracker import Tracker
from seg_ros.tracking.tracks import Tracks


@pytest.mark.parametrize('scene', ['crossing', 'ten_per_class'])
def test_a_recalled_tracker_gives_the_ids_the_first_would_have_given(scene: str, tmp_path: Path) -> None:
    shapes, _ = SCENES[scene]
    frames = played(shapes(), 3.0, NOISY)
    whole = Tracker()
    expected = [whole.update(one.detected, one.stamp_ns).track_ids.tolist() for one in frames]
    first = Tracker()
    for one in frames[:20]:
        first.update(one.detected, one.stamp_ns)
    np.savez(tmp_path / 'memory.npz', **first.memory())  # type: ignore[arg-type]
    given = sum(first.counts_ever.values())
    second = Tracker(next_id=iter(range(given + 1, 10_000)).__next__)
    with np.load(tmp_path / 'memory.npz', allow_pickle=False) as kept:
        second.recall(dict(kept))
    assert second.counts_now == first.counts_now
    assert [second.update(one.detected, one.stamp_ns).track_ids.tolist() for one in frames[20:]] == expected[20:]
    assert second.counts_ever == whole.counts_ever


def test_every_field_of_the_tracks_is_kept() -> None:
    shapes, _ = SCENES['crossing']
    tracks = Tracks.started(played(shapes(), 2.0)[-1].detected, 5)
    assert len(tracks) > 3
    back = tracks_from(arrays_of(tracks))
    for item in fields(Tracks):
        if item.name not in ('motion', 'masks'):
            np.testing.assert_array_equal(getattr(back, item.name), getattr(tracks, item.name))
    for item in fields(tracks.motion):
        np.testing.assert_array_equal(getattr(back.motion, item.name), getattr(tracks.motion, item.name))
    for mask, kept in zip(tracks.masks, back.masks, strict=True):
        np.testing.assert_array_equal(kept, mask)


def test_no_tracks_are_kept_too() -> None:
    assert len(tracks_from(arrays_of(Tracks.started(Instances.none((4, 3)), 0)))) == 0
