# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How the player says which moment of a recording an image is: ``~/time_reference``, for whoever scores answers."""

from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

TOPIC = '/player/time_reference'
QOS = QoSProfile(depth=1000, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)
"""Small messages, kept for who subscribes late."""
