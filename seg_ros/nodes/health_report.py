"""Publishes the health of the cameras on /diagnostics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node

from seg_ros.bridge.diagnostics import diagnostics_message
from seg_ros.health import CameraHealth, HealthRecorder
from seg_ros.intake import Intake
from seg_ros.models.segmenter import Segmenter
from seg_ros.settings import Settings


class HealthReport:
    """The publisher of /diagnostics, and where its numbers come from."""

    def __init__(self, node: Node, cameras: Sequence[str], health: Mapping[str, HealthRecorder],
                 intake: Intake) -> None:
        self._node, self._cameras, self._health, self._intake = node, cameras, health, intake
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', 10)

    def publish(self, models: Sequence[Segmenter], settings: Settings) -> None:
        """Publish one status per camera."""
        now_ns = self._node.get_clock().now().nanoseconds
        facts = {'mode': settings.mode}
        for fact, values in (('model', [m.name for m in models]), ('device', [m.device for m in models]),
                             ('precision', [m.precision for m in models])):
            facts[fact] = ' + '.join(dict.fromkeys(values)) or 'none'
        cameras: dict[str, CameraHealth] = {
            name: self._health[name].snapshot(now_ns, self._intake.dropped(name)) for name in self._cameras}
        self._publisher.publish(diagnostics_message(self._node.get_fully_qualified_name(), cameras, facts, now_ns))
