# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Messages of the node are read back as they were written, and what is none of them is refused."""

from __future__ import annotations

import numpy as np
import pytest
from std_msgs.msg import Header

from seg_ros.bridge.answers import class_names_of, ids_of, labels_of, listed_instances, organised_points_of
from seg_ros.bridge.images import image_message
from seg_ros.bridge.segmentations import (
    instance_ids_message,
    instances_message,
    label_info_message,
    mask_message,
)
from seg_ros.bridge.spaces import cloud_message
from seg_ros.errors import ImageError
from seg_ros.geometry.cloud import organised_cloud
from seg_ros.geometry.pinhole import rays_of
from seg_ros.geometry.surface import Surface
from seg_ros.labels.taxonomy import RobotClass, Role
from seg_ros.records import Frame, Instances, Intrinsics, Result, Segmentation

HAMMER, CROP = RobotClass(3, 'hammer', (1, 2, 3), Role.OBSTACLE), RobotClass(9, 'crop', (3, 2, 1), Role.OBSTACLE)
SIZE = (12, 8)


def result() -> Result:
    """Return labels, and two objects of which the first hides a part of the second."""
    labels = np.arange(96, dtype=np.uint8).reshape(8, 12)
    found = Instances(SIZE, np.array([[1, 1, 4, 4], [2, 2, 8, 6]], np.float32), np.array([0.9, 0.5], np.float32),
                      np.array([9, 3], np.uint8), np.array([[1, 1], [2, 2]], np.int32),
                      (np.ones((3, 3), bool), np.ones((4, 6), bool)), np.array([7, 0]))
    return Result(Frame('', 5, 'eye', np.zeros((8, 12, 3), np.uint8)), Segmentation(SIZE, labels, labels, found))


def test_labels_and_names_come_back() -> None:
    np.testing.assert_array_equal(labels_of(mask_message(result())), result().segmentation.labels)
    assert class_names_of(label_info_message((HAMMER, CROP), 0.4, 5)) == {3: 'hammer', 9: 'crop'}
    with pytest.raises(ImageError, match="an image of mono8 is 'mono16'"):
        labels_of(instance_ids_message(result()))


def test_objects_come_back_as_far_as_they_are_seen_under_the_ids_of_their_names() -> None:
    listed, front = instances_message(result(), (HAMMER, CROP)), ids_of(instance_ids_message(result()))
    assert listed is not None
    found = listed_instances(listed, front, {'crop': 1, 'hammer': 2})
    assert found.class_ids.tolist() == [1, 2]
    assert found.track_ids.tolist() == [7, 0]
    assert found.scores.tolist() == pytest.approx([0.9, 0.5])
    assert [int(mask.sum()) for mask in found.masks] == [9, 24 - 4]
    assert found.boxes[1].tolist() == [2, 2, 8, 6]
    assert len(listed_instances(listed, front, {'crop': 1})) == 1


def test_organised_points_come_back() -> None:
    one = result()
    z = np.full((8, 12), 2.0, np.float32)
    z[0, 0] = np.nan
    surface = Surface(z, rays_of(Intrinsics(12, 8, 10.0, 11.0, 5.5, 3.5)))
    ids = np.full((8, 12), 513, np.uint16)
    message = cloud_message(organised_cloud(surface, one.frame.rgb, one.segmentation.labels, ids), one)
    assert message is not None
    points = organised_points_of(message)
    np.testing.assert_array_equal(points.xyz[..., 2], z)
    np.testing.assert_array_equal(points.labels, one.segmentation.labels)
    np.testing.assert_array_equal(points.ids, ids)
    message.fields = message.fields[:3]
    with pytest.raises(ImageError, match='has the fields x, y, z'):
        organised_points_of(message)


def test_a_padded_image_is_read_row_by_row() -> None:
    message = image_message(np.zeros((2, 4), np.uint8), 'mono8', Header())
    message.width = 3
    assert labels_of(message).shape == (2, 3)
