# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Words and colours: which class a data set's word means to the robot, and how it is painted."""
