# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pixels with depth become points, the floor, boxes and scans; arrays in, records out."""
