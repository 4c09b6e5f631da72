# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Drive ahead, and write what the collision monitor lets through: ``record_velocities.py OUT.npz``, until SIGINT, SIGTERM.

Rows of (recorded stamp of the image that was played last, 0 after 3 s without one; velocity let through).
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np

SPEED, SILENT_S = 0.3, 3.0


def main() -> int:
    """Publish and listen, and write at the end."""
    import rclpy.executors
    from geometry_msgs.msg import Twist
    from sensor_msgs.msg import TimeReference

    rclpy.init()
    node, rows, played = rclpy.create_node('record_velocities'), [], [(0, 0.0)]
    ahead = Twist()
    ahead.linear.x = SPEED
    asked = node.create_publisher(Twist, 'cmd_vel_smoothed', 10)

    def on_played(message: TimeReference) -> None:
        played.append((message.time_ref.sec * 1_000_000_000 + message.time_ref.nanosec, time.monotonic()))

    def on_velocity(message: Twist) -> None:
        stamp_ns, heard_s = played[-1]
        rows.append((stamp_ns if time.monotonic() - heard_s < SILENT_S else 0, message.linear.x))

    node.create_subscription(TimeReference, '/player/time_reference', on_played, 10)
    node.create_subscription(Twist, 'cmd_vel', on_velocity, 10)
    node.create_timer(0.1, lambda: asked.publish(ahead))
    with suppress(KeyboardInterrupt, rclpy.executors.ExternalShutdownException):
        rclpy.spin(node)
    stamps, speeds = np.array(rows or [(0, np.nan)]).T
    np.savez_compressed(Path(sys.argv[1]), stamps=stamps.astype(np.int64), speeds=speeds)
    return 0


if __name__ == '__main__':
    sys.exit(main())
