# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Builds a wheel of ROS message bindings from a package.xml and a folder of .msg files."""
