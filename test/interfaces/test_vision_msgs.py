# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a vision_msgs message holds arrives over a real middleware."""

from __future__ import annotations

from typing import Any

import pytest
from scenes.wire import exchange

pytest.importorskip('vision_msgs.msg')


def test_detections_survive_the_wire(ros_node: Any) -> None:
    """Every field of a filled Detection2DArray arrives as it was sent."""
    from vision_msgs.msg import Detection2D, Detection2DArray, ObjectHypothesisWithPose

    hypothesis = ObjectHypothesisWithPose()
    hypothesis.hypothesis.class_id = 'chair'
    hypothesis.hypothesis.score = 0.875
    detection = Detection2D(id='7', results=[hypothesis])
    detection.bbox.center.position.x = 320.5
    detection.bbox.center.position.y = 240.25
    detection.bbox.center.theta = 0.5
    detection.bbox.size_x = 64.0
    detection.bbox.size_y = 48.0
    sent = Detection2DArray(detections=[detection])
    sent.header.frame_id = 'camera'
    sent.header.stamp.sec = 12

    received = exchange(ros_node, sent, 1)

    assert received == sent
    assert received.detections[0].results[0].hypothesis.class_id == 'chair'
    assert received.detections[0].bbox.center.position.x == 320.5


def test_boxes_survive_the_wire(ros_node: Any) -> None:
    """A Detection3DArray arrives as it was sent, with the pose and size of its box."""
    from vision_msgs.msg import Detection3D, Detection3DArray

    detection = Detection3D(id='7')
    detection.bbox.center.position.z = 1.5
    detection.bbox.size.x = 0.25
    sent = Detection3DArray(detections=[detection])

    received = exchange(ros_node, sent, 1)

    assert received == sent
    assert received.detections[0].bbox.center.position.z == 1.5


def test_late_subscriber_gets_latched_label_info(ros_node: Any) -> None:
    """A LabelInfo published before anybody listens still arrives, as costmap layers expect."""
    from vision_msgs.msg import LabelInfo, VisionClass

    qos = pytest.importorskip('rclpy.qos')
    sent = LabelInfo(class_map=[VisionClass(class_id=3, class_name='floor')], threshold=0.5)
    latched = qos.QoSProfile(
        depth=1,
        reliability=qos.ReliabilityPolicy.RELIABLE,
        durability=qos.DurabilityPolicy.TRANSIENT_LOCAL,
    )

    assert exchange(ros_node, sent, latched, subscribe_late=True) == sent
