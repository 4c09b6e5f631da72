# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Boxes become outlines with a name, where they stand and as large as they are."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip('rclpy')

from geometry_msgs.msg import Point, Pose, Quaternion, Vector3
from vision_msgs.msg import BoundingBox3D, Detection3D, Detection3DArray, ObjectHypothesis, ObjectHypothesisWithPose
from visualization_msgs.msg import Marker

from seg_ros.bridge.images import header_of
from seg_ros.bridge.markers import markers_message
from seg_ros.labels.palette import instance_colour

HEADER = header_of(5, 'camera_optical_frame')
UPRIGHT = Quaternion(x=0.5, y=-0.5, z=0.5, w=0.5)  # in an optical frame: x ahead, y left, z up


def box(name: str, track: str, size: tuple[float, float, float]) -> Detection3D:
    pose = Pose(position=Point(x=1.0, y=0.2, z=3.0), orientation=UPRIGHT)
    found = ObjectHypothesisWithPose(hypothesis=ObjectHypothesis(class_id=name, score=0.9))
    return Detection3D(header=HEADER, id=track, results=[found], bbox=BoundingBox3D(
        center=pose, size=Vector3(x=size[0], y=size[1], z=size[2])))


def drawn(*boxes: Detection3D, lasting: bool = False) -> list[Marker]:
    message = markers_message(Detection3DArray(header=HEADER, detections=list(boxes)), {'chair': (255, 0, 51)},
                              lasting=lasting)
    assert message is not None
    return list(message.markers)


def test_no_boxes_are_no_message_and_an_empty_list_wipes_what_was_drawn() -> None:
    assert markers_message(None, {}) is None
    wipe, = drawn()
    assert (wipe.action, wipe.header) == (Marker.DELETEALL, HEADER)


def test_an_outline_has_the_twelve_edges_of_its_box_in_its_pose() -> None:
    one = box('chair', '7', (0.4, 0.5, 0.9))
    outline = drawn(one)[1]
    assert (outline.type, outline.pose, outline.header) == (Marker.LINE_LIST, one.bbox.center, HEADER)
    ends = np.array([(p.x, p.y, p.z) for p in outline.points]).reshape(12, 2, 3)
    lengths = np.linalg.norm(ends[:, 0] - ends[:, 1], axis=1)
    assert sorted(lengths) == pytest.approx([0.4] * 4 + [0.5] * 4 + [0.9] * 4)
    assert np.abs(ends).max(axis=(0, 1)) == pytest.approx([0.2, 0.25, 0.45])


def test_the_name_stands_above_the_box_where_the_box_says_up_is() -> None:
    _, _, name = drawn(box('chair', '7', (0.4, 0.5, 0.9)))
    assert (name.type, name.text) == (Marker.TEXT_VIEW_FACING, 'chair#7')
    at = name.pose.position
    assert (at.x, at.z) == pytest.approx((1.0, 3.0))
    assert 0.2 - at.y == pytest.approx(0.45 + name.scale.z)  # y is down


def test_an_object_has_the_colour_of_its_id_as_in_the_overlay_or_of_its_class() -> None:
    _, lasting, _, passing, _ = drawn(box('chair', '7', (1.0, 1.0, 1.0)), box('chair', '0', (1.0, 1.0, 1.0)))
    assert (lasting.color.r, lasting.color.g, lasting.color.b, lasting.color.a) == pytest.approx(
        (*(part / 255 for part in instance_colour(7)), 1.0))
    assert (passing.color.r, passing.color.g, passing.color.b) == pytest.approx((1.0, 0.0, 0.2))


def test_a_name_has_no_blank_for_rviz_draws_it_as_wide_as_a_metre_high_letter() -> None:
    _, _, lasting, _, passing = drawn(box('potted plant', '7', (0.1, 0.1, 0.1)), box('dining table', '0', (1.0,) * 3))
    assert (lasting.text, passing.text) == ('potted_plant#7', 'dining_table')


def test_each_marker_is_another_for_rviz() -> None:
    markers = drawn(box('chair', '0', (1.0, 1.0, 1.0)), box('chair', '0', (1.0, 1.0, 1.0)))[1:]
    assert len({(one.ns, one.id) for one in markers}) == 4


def test_words_are_smaller_on_small_things() -> None:
    sizes = [drawn(box('tool', '1', (length, 0.02, 0.02)))[2].scale.z for length in (0.05, 0.2, 1.0, 3.0)]
    assert sizes == sorted(sizes)
    assert 0.01 < sizes[0] < sizes[1] < sizes[2] == sizes[3] < 0.2


@pytest.mark.parametrize('lasting', [True, False])
def test_what_lasts_is_not_bound_to_the_moment_it_was_seen(lasting: bool) -> None:
    assert {one.frame_locked for one in drawn(box('chair', '1', (1.0, 1.0, 1.0)), lasting=lasting)} == {lasting}
