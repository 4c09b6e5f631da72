"""The health of each camera as diagnostics, as rqt_robot_monitor and ``ros2 topic echo`` show it."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from seg_ros.bridge.cameras import header_of
from seg_ros.health import CameraHealth, Verdict


def diagnostics_message(node_name: str, cameras: Mapping[str, tuple[CameraHealth, Verdict]],
                        facts: Mapping[str, str], stamp_ns: int) -> DiagnosticArray:
    """
    Return one status per camera.

    :param cameras: health and verdict by camera name. :param facts: what is true of all: model, device, precision.
    """
    return DiagnosticArray(header=header_of(stamp_ns, ''),
                           status=[_status(node_name, name, *one, facts) for name, one in cameras.items()])


def _status(node_name: str, camera: str, health: CameraHealth, verdict: Verdict,
            facts: Mapping[str, str]) -> DiagnosticStatus:
    name = f'{node_name}: {camera}' if camera else node_name
    values = {'input rate (Hz)': f'{health.input_hz:.1f}', 'output rate (Hz)': f'{health.output_hz:.1f}',
              'image age (ms)': f'{health.image_age_ms:.1f}', 'latency p50 (ms)': f'{health.latency_p50_ms:.1f}',
              'latency p95 (ms)': f'{health.latency_p95_ms:.1f}',
              'latency p99 (ms)': f'{health.latency_p99_ms:.1f}', 'received': str(health.received),
              'published': str(health.published), 'dropped': str(health.dropped),
              'undecodable': str(health.undecodable), 'last error': health.last_error, 'remedy': verdict.remedy,
              **facts,
              **{f'cost of {k} (ms)': f'{v:.1f}' for k, v in health.stage_ms.items()},
              **{f'share of {k} (%)': f'{100 * v:.1f}' for k, v in health.shares.items()},
              **{f'{k} now': str(now) for k, (now, _) in health.counts.items()},
              **{f'{k} ever': str(ever) for k, (_, ever) in health.counts.items()}}
    return DiagnosticStatus(level=bytes([verdict.level]), name=name, message=verdict.fact,
                            hardware_id=facts.get('device', ''),
                            values=[KeyValue(key=key, value=value) for key, value in values.items()])

