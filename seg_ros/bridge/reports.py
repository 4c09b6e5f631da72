# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the node says of itself, read back from its messages: how each camera fares, and what is in sight."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from vision_msgs.msg import Detection2D, Detection2DArray

from seg_ros.bridge.diagnostics import UNKNOWN
from seg_ros.health.verdict import Level

SHARE, COST = re.compile(r'share of (.+) \(%\)'), re.compile(r'cost of (.+) \(ms\)')
NOW, EVER = re.compile('(.+) now'), re.compile('(.+) ever')
NUMBERS = {'input_hz': 'input rate (Hz)', 'output_hz': 'output rate (Hz)', 'p50_ms': 'latency p50 (ms)',
           'p95_ms': 'latency p95 (ms)', 'p99_ms': 'latency p99 (ms)', 'received': 'received',
           'published': 'published', 'dropped': 'dropped', 'undecodable': 'undecodable'}
"""The numbers of a report, and how diagnostics call them."""


@dataclass(frozen=True)
class CameraReport:
    """
    How one camera fares, as its last diagnostics say.

    ``numbers`` has the keys of NUMBERS and leaves out what is not known yet. ``shares`` are percent of the
    picture by class name, ``costs`` milliseconds by stage, ``counts`` objects in sight, None where
    that is not known, and ever seen, by class.
    """

    level: Level
    verdict: str
    remedy: str
    mode: str
    model: str
    device: str
    precision: str
    numbers: dict[str, float] = field(default_factory=dict)
    shares: dict[str, float] = field(default_factory=dict)
    costs: dict[str, float] = field(default_factory=dict)
    counts: dict[str, tuple[int | None, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class SeenObject:
    """One object in sight: its lasting id (0: none yet), class, score 0 to 1, and its box in pixels."""

    id: int
    name: str
    score: float
    left: int
    top: int
    width: int
    height: int


def reports_of(message: DiagnosticArray, node: str) -> dict[str, CameraReport]:
    """Return the reports of one node by camera; empty when the message is of others."""
    found = {}
    for status in message.status:
        name, _, camera = status.name.partition(': ')
        if name == node:
            found[camera] = _report_of(status)
    return found


def seen_objects_of(message: Detection2DArray) -> list[SeenObject]:
    """Return the objects of a message in its order."""
    return [_object_of(one) for one in message.detections if one.results]


def _report_of(status: DiagnosticStatus) -> CameraReport:
    values = {item.key: item.value for item in status.values}
    now, ever = _named(values, NOW), _named(values, EVER)
    level = status.level[0] if isinstance(status.level, bytes) else int(status.level)
    numbers = {name: float(values[key]) for name, key in NUMBERS.items() if values.get(key, UNKNOWN) != UNKNOWN}
    return CameraReport(
        Level(level), status.message, values.get('remedy', ''), values.get('mode', ''), values.get('model', ''),
        values.get('device', ''), values.get('precision', ''),
        numbers, _named(values, SHARE), _named(values, COST),
        {name: (int(now[name]) if name in now else None, int(number)) for name, number in ever.items()})


def _named(values: dict[str, str], pattern: re.Pattern[str]) -> dict[str, float]:
    """Return the numbers of the keys a pattern fits, by what its group holds."""
    return {match[1]: float(value) for key, value in values.items()
            if value != UNKNOWN and (match := pattern.fullmatch(key))}


def _object_of(detection: Detection2D) -> SeenObject:
    hypothesis, box = detection.results[0].hypothesis, detection.bbox
    return SeenObject(int(detection.id or 0), hypothesis.class_id, hypothesis.score,
                      round(box.center.position.x - box.size_x / 2), round(box.center.position.y - box.size_y / 2),
                      round(box.size_x), round(box.size_y))
