"""Publishes the health of the cameras on /diagnostics, and says once in the log what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.node import Node

from seg_ros.bridge.diagnostics import diagnostics_message
from seg_ros.health import CameraHealth, HealthRecorder, Situation, Verdict, verdict
from seg_ros.models.segmenter import Segmenter
from seg_ros.nodes.intake import Intake
from seg_ros.nodes.streams import TYPES, ImageStream
from seg_ros.settings import Settings

PATIENCE = 3  # reports in a row, one a second: what passes by itself is not worth a line


class HealthReport:
    """The publisher of /diagnostics, and where its numbers come from."""

    def __init__(self, node: Node, cameras: Sequence[str], health: Mapping[str, HealthRecorder],
                 intake: Intake) -> None:
        self._node, self._cameras, self._health, self._intake = node, cameras, health, intake
        self._publisher = node.create_publisher(DiagnosticArray, '/diagnostics', 10)
        self._tellers = {camera: Teller() for camera in cameras}

    def publish(self, models: Sequence[Segmenter], settings: Settings, situation: Callable[[str], Situation],
                memory_mib: float) -> None:
        """Publish one status per camera, and log what is newly wrong."""
        now_ns = self._node.get_clock().now().nanoseconds
        facts = {'mode': settings.mode}
        for fact, values in (('model', [m.name for m in models]), ('device', [m.device for m in models]),
                             ('precision', [m.precision for m in models])):
            facts[fact] = ' + '.join(dict.fromkeys(values)) or 'none'
        facts['device memory (MiB)'] = f'{memory_mib:.0f}'
        cameras: dict[str, tuple[CameraHealth, Verdict]] = {}
        for name in self._cameras:
            numbers = self._health[name].snapshot(now_ns, self._intake.dropped(name))
            cameras[name] = numbers, verdict(numbers, situation(name))
            self._tell(name, cameras[name][1])
        self._publisher.publish(diagnostics_message(self._node.get_fully_qualified_name(), cameras, facts, now_ns))

    def _tell(self, camera: str, found: Verdict) -> None:
        sentence, is_good = self._tellers[camera].heard(found)
        if sentence:
            log = self._node.get_logger()
            log.info(sentence) if is_good else log.warning(sentence)


class Teller:
    """Turns verdicts that last into one sentence each; a camera that comes back may be lost again."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._cause, self._times, self._silent = '', 0, False

    def heard(self, found: Verdict) -> tuple[str, bool]:
        """Return a sentence, empty if there is nothing new to say, and whether it is good news."""
        self._times = self._times + 1 if found.cause == self._cause else 1
        self._cause = found.cause
        if self._silent and not found.is_silence and found.cause not in ('inactive', 'paused'):
            self._silent = False
            return f'Images arrive again: {found.fact}', True
        if self._times != PATIENCE or not found.remedy or (found.cause in self._said and not found.is_silence):
            return '', False
        self._said.add(found.cause)
        self._silent = found.is_silence
        return f'{_capital(found.fact)}. {_capital(found.remedy)}.', False


def candidates(node: Node, stream: ImageStream) -> tuple[str, ...]:
    """Return the topics of others on which images of a stream's kind are published."""
    own, kind = f'{node.get_fully_qualified_name()}/', TYPES[stream.transport][0]
    return tuple(sorted(topic for topic, kinds in node.get_topic_names_and_types()
                        if kind in kinds and not topic.startswith(own) and node.count_publishers(topic)))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
