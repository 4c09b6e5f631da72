"""The health of each camera as diagnostics, as rqt_robot_monitor and ``ros2 topic echo`` show it."""

from __future__ import annotations

from collections.abc import Mapping

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue

from seg_ros.bridge.cameras import header_of
from seg_ros.health import CameraHealth


def diagnostics_message(node_name: str, cameras: Mapping[str, CameraHealth], facts: Mapping[str, str],
                        stamp_ns: int) -> DiagnosticArray:
    """
    Return one status per camera.

    :param cameras: health by camera name. :param facts: what is true of all: model, device, precision.
    """
    return DiagnosticArray(header=header_of(stamp_ns, ''),
                           status=[_status(node_name, name, health, facts) for name, health in cameras.items()])


def _status(node_name: str, camera: str, health: CameraHealth, facts: Mapping[str, str]) -> DiagnosticStatus:
    level, message = _verdict(health)
    name = f'{node_name}: {camera}' if camera else node_name
    values = {'input rate (Hz)': f'{health.input_hz:.1f}', 'output rate (Hz)': f'{health.output_hz:.1f}',
              'latency p50 (ms)': f'{health.latency_p50_ms:.1f}', 'latency p95 (ms)': f'{health.latency_p95_ms:.1f}',
              'latency p99 (ms)': f'{health.latency_p99_ms:.1f}', 'received': str(health.received),
              'published': str(health.published), 'dropped': str(health.dropped),
              'undecodable': str(health.undecodable), 'last error': health.last_error, **facts,
              **{f'share of {k} (%)': f'{100 * v:.1f}' for k, v in health.shares.items()},
              **{f'{k} now': str(now) for k, (now, _) in health.counts.items()},
              **{f'{k} ever': str(ever) for k, (_, ever) in health.counts.items()}}
    return DiagnosticStatus(level=level, name=name, message=message, hardware_id=facts.get('device', ''),
                            values=[KeyValue(key=key, value=value) for key, value in values.items()])


def _verdict(health: CameraHealth) -> tuple[bytes, str]:
    if health.received == 0:
        return DiagnosticStatus.STALE, 'no image has arrived'
    if health.input_hz == 0.0:
        return DiagnosticStatus.ERROR, 'images no longer arrive'
    if health.undecodable and not health.published:
        return DiagnosticStatus.ERROR, f'no image could be used: {health.last_error}'
    if health.output_hz == 0.0:
        return DiagnosticStatus.OK, 'resting: nobody subscribes to an output'
    return DiagnosticStatus.OK, f'{health.output_hz:.1f} Hz, {health.latency_p50_ms:.0f} ms behind the camera'
