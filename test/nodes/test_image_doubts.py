# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What headers say that cannot be is doubted."""

from __future__ import annotations

import numpy as np
from scenes.graph import image
from sensor_msgs.msg import CameraInfo

from seg_ros.nodes.image_doubts import doubts_of
from seg_ros.nodes.mailbox import Arrival
from seg_ros.settings import Settings

PICTURE = np.zeros((12, 16, 3), np.uint8)


def test_a_description_of_another_camera_is_doubted() -> None:
    info = CameraInfo(width=16, height=12, k=[1.0, 0.0, 8.0, 0.0, 1.0, 6.0, 0.0, 0.0, 1.0],
                      p=[20.0, 0.0, 8.0, 0.0, 0.0, 20.0, 6.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    info.header.frame_id = 'infra'
    message = image(PICTURE)
    message.header.frame_id = 'color'
    found = [doubt.cause for doubt in doubts_of('/image', Arrival(message, camera_info=info), Settings())]
    assert found == ['info_frame', 'matrices']
