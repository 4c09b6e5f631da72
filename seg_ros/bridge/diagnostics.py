# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The health of each camera as diagnostics, as rqt_robot_monitor and ``ros2 topic echo`` show it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from seg_ros.bridge.images import header_of
from seg_ros.health.causes import is_answered
from seg_ros.health.numbers import CameraHealth
from seg_ros.health.verdict import Level, Verdict

UNKNOWN = '–'
"""What stands where nothing was measured."""


def diagnostics_message(node_name: str, cameras: Mapping[str, tuple[CameraHealth, Sequence[Verdict]]],
                        facts: Mapping[str, str], stamp_ns: int) -> DiagnosticArray:
    """
    Return one status per camera.

    :param cameras: health and verdicts by camera name. :param facts: what is true of all: model, device, precision.
    """
    return DiagnosticArray(header=header_of(stamp_ns, ''),
                           status=[_status(node_name, name, *one, facts) for name, one in cameras.items()])


def _status(node_name: str, camera: str, health: CameraHealth, found: Sequence[Verdict],
            facts: Mapping[str, str]) -> DiagnosticStatus:
    name = f'{node_name}: {camera}' if camera else node_name
    first, *others = found
    is_known = is_answered(health)
    values = {'input rate (Hz)': _number(health.input_hz), 'output rate (Hz)': _number(health.output_hz),
              'image age (ms)': _number(health.image_age_ms), 'latency p50 (ms)': _number(health.latency_p50_ms),
              'latency p95 (ms)': _number(health.latency_p95_ms), 'latency p99 (ms)': _number(health.latency_p99_ms),
              'received': str(health.received), 'published': str(health.published), 'dropped': str(health.dropped),
              'undecodable': str(health.undecodable), 'last error': health.last_error, 'remedy': first.remedy,
              **{f'also {k}': _sentence(one) for k, one in enumerate(others, 1)}, **facts,
              **{f'images {word}': str(number) for word, number in health.depth.items()},
              **{f'cost of {k} (ms)': f'{v:.1f}' for k, v in health.stage_ms.items()},
              **{f'share of {k} (%)': f'{100 * v:.1f}' if is_known else UNKNOWN for k, v in health.shares.items()},
              **{f'{k} now': str(now) if is_known else UNKNOWN for k, (now, _) in health.counts.items()},
              **{f'{k} ever': str(ever) for k, (_, ever) in health.counts.items()}}
    worst = first.level if first.level is Level.STALE else max(one.level for one in found)
    return DiagnosticStatus(level=bytes([worst]), name=name, message=first.words,
                            hardware_id=facts.get('device', ''),
                            values=[KeyValue(key=key, value=value) for key, value in values.items()])


def _number(value: float) -> str:
    return f'{round(value, 1) + 0.0:.1f}' if math.isfinite(value) else UNKNOWN  # there is no -0.0


def _sentence(one: Verdict) -> str:
    return f'{one.words}: {one.remedy}' if one.remedy else one.words
