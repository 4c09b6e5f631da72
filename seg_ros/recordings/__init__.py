# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Recordings as rosbag2 has them: read, labelled and written."""
