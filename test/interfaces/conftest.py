# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A node alone in its ROS domain."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def ros_node(ros_context: Any) -> Iterator[Any]:
    """Make a node alone in its ROS domain."""
    node = importlib.import_module('rclpy').create_node('test_interfaces', context=ros_context)
    yield node
    node.destroy_node()
