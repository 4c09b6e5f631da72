# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a tf2_msgs message holds arrives over a real middleware."""

from __future__ import annotations

from typing import Any

import pytest
from scenes.wire import exchange

pytest.importorskip('tf2_msgs.msg')


def test_transforms_survive_the_wire(ros_node: Any) -> None:
    """Two frames of one TFMessage arrive with their names, their time and their places."""
    from geometry_msgs.msg import TransformStamped
    from tf2_msgs.msg import TFMessage

    base, camera = TransformStamped(child_frame_id='base_link'), TransformStamped(child_frame_id='camera')
    base.header.frame_id, camera.header.frame_id = 'odom', 'base_link'
    base.header.stamp.sec, base.header.stamp.nanosec = 12, 500
    base.transform.translation.x = 1.25
    camera.transform.rotation.w, camera.transform.rotation.z = 0.6, 0.8

    received = exchange(ros_node, TFMessage(transforms=[base, camera]), 1)

    assert [one.child_frame_id for one in received.transforms] == ['base_link', 'camera']
    assert received.transforms[0] == base
    assert received.transforms[1].transform.rotation.z == 0.8


def test_reasons_have_their_numbers() -> None:
    """The constants of TF2Error are those tf2 answers with."""
    from tf2_msgs.msg import TF2Error

    assert (TF2Error.NO_ERRORS, TF2Error.EXTRAPOLATION_ERROR, TF2Error.TRANSFORM_ERROR) == (0, 3, 6)
    assert TF2Error().error == TF2Error.NO_ERRORS
