# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Models are made and measured here; the robot never imports it."""
