# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node's way in and out without the node: what messages cost, for measuring."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.qos import QoSProfile, ReliabilityPolicy

from seg_ros.bridge.images import header_of, image_message
from seg_ros.errors import SegRosError, SettingError, nearest_of
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.live.observer import Observer
from seg_ros.nodes.frames import frame_of
from seg_ros.nodes.mailbox import Arrival
from seg_ros.nodes.outputs import OUTPUTS, CameraOutputs
from seg_ros.records import Frame, Result
from seg_ros.settings import Settings
from seg_ros.stages import noted, stage

IN_THE_IMAGE = ('mask', 'confidence', 'instances', 'instance_ids', 'instance_masks', 'overlay', 'overlay/compressed')
"""The outputs that need neither depth nor the place of the camera."""

_NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)


class Loopback:
    """
    Pictures become messages, and results are published, by what the node uses for it. Use it in a ``with`` statement.

    One subscriber in this process listens to each of the chosen outputs.

    :param outputs: of ``IN_THE_IMAGE``. :param domain: the ROS domain.
    :raises SettingError: when an output is none of these.
    """

    def __init__(self, outputs: Sequence[str], domain: int) -> None:
        for name in outputs:
            if name not in IN_THE_IMAGE:
                raise SettingError(f"there is no output '{name}' to measure; {nearest_of(name, IN_THE_IMAGE)}")
        self._observer = Observer('segmentation', domain)
        self._node = self._observer.node
        self._outputs = CameraOutputs(self._node, '')
        for output in OUTPUTS:
            if output.name in outputs:
                self._node.create_subscription(output.kind, f'~/{output.name}', lambda _: None, _NEWEST)
        self._wait_for(frozenset(outputs))

    def __enter__(self) -> Loopback:
        return self

    def __exit__(self, *_: object) -> None:
        self._outputs.close()
        self._observer.__exit__()

    @property
    def wanted(self) -> frozenset[str]:
        """The outputs that somebody listens to."""
        return self._outputs.subscribed()

    def arrived(self, rgb: NDArray[np.uint8], stamp_ns: int) -> Any:
        """Return a picture, (H, W, 3) uint8 rgb, as it comes from a camera: undecoded."""
        return Arrival(image_message(rgb, 'rgb8', header_of(stamp_ns, 'camera')), stamp_ns)

    def decoded(self, arrival: Any) -> Frame:
        """Decode an arrival."""
        with stage('decode'):
            return frame_of('', arrival, Settings(), self.wanted)

    def deliver(self, result: Result, classes: Sequence[RobotClass]) -> None:
        """Make and publish the messages of the chosen outputs."""
        spent: dict[str, float] = {}
        self._outputs.publish(result, classes, spent)
        noted(spent)

    def _wait_for(self, outputs: frozenset[str]) -> None:
        deadline = time.monotonic() + 10.0
        while self.wanted != outputs:
            if time.monotonic() > deadline:
                raise SegRosError('publishers and subscribers of one process do not find each other',
                                  'see docs/troubleshooting.md for ROS_DOMAIN_ID and the Fast DDS profile')
            time.sleep(0.02)
