# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Publishes once a second on /diagnostics how the cameras fare, and logs what is newly wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node

from seg_ros.bridge.diagnostics import diagnostics_message
from seg_ros.health.causes import is_coming
from seg_ros.health.numbers import CameraHealth
from seg_ros.health.teller import Teller
from seg_ros.health.verdict import Verdict
from seg_ros.models.segmenter import Segmenter
from seg_ros.nodes.compatibility import NO_EVENTS


class Diagnostics:
    """The publisher of /diagnostics, and the memory of what was said."""

    def __init__(self, node: Node, cameras: Sequence[str]) -> None:
        self._node = node
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', 10,
                                                event_callbacks=NO_EVENTS['publisher'])
        self._tellers = {camera: Teller() for camera in cameras}

    def publish(self, cameras: Mapping[str, tuple[CameraHealth, Sequence[Verdict]]],
                facts: Mapping[str, str]) -> None:
        """Publish one status per camera, its verdicts the first cause first, and log what is newly wrong."""
        for name, (health, judged) in cameras.items():
            for sentence, is_good in self._tellers[name].heard(judged, is_coming=is_coming(health)):
                log = self._node.get_logger()
                log.info(sentence) if is_good else log.warning(sentence)
        now_ns = self._node.get_clock().now().nanoseconds
        self._publisher.publish(diagnostics_message(self._node.get_fully_qualified_name(), cameras, facts, now_ns))


def facts_of(mode: str, models: Sequence[Segmenter], memory_mib: float) -> dict[str, str]:
    """Return what is true of all cameras: mode, models, and where and how they run."""
    facts = {'mode': mode}
    for fact, values in (('model', [m.name for m in models]), ('device', [m.device for m in models]),
                         ('precision', [m.precision for m in models])):
        facts[fact] = ' + '.join(dict.fromkeys(values)) or 'none'
    return facts | {'device memory (MiB)': f'{memory_mib:.0f}' if memory_mib == memory_mib else '–'}
