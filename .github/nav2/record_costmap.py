# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Write the last costmap that is published as a file: ``record_costmap.py TOPIC OUT.npz``, until Ctrl-C or SIGTERM."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from costmap import Costmap


def costmap_of(message: Any) -> Costmap:
    """Return the cells of a nav_msgs/OccupancyGrid."""
    info = message.info
    cells = np.array(message.data, np.int8).reshape(info.height, info.width)
    return Costmap(cells, (info.origin.position.x, info.origin.position.y), info.resolution)


def main() -> int:
    """Listen, and write at the end."""
    import rclpy.executors
    from nav_msgs.msg import OccupancyGrid
    from rclpy.qos import DurabilityPolicy, QoSProfile

    topic, out = sys.argv[1], Path(sys.argv[2])
    rclpy.init()
    node = rclpy.create_node('record_costmap')
    received: list[Any] = []
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    node.create_subscription(OccupancyGrid, topic, received.append, latched)
    with suppress(KeyboardInterrupt, rclpy.executors.ExternalShutdownException):
        rclpy.spin(node)
    if not received:
        print(f'nothing was published on {topic}')
        return 1
    costmap_of(received[-1]).save(out)
    return 0


if __name__ == '__main__':
    sys.exit(main())
