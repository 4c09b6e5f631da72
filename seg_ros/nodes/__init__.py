# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The ROS side: nodes, their parameters, streams in and outputs out. The only room that knows rclpy."""
