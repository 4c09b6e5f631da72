# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From pixels to robot words: the networks, how images reach them and how their answers are read."""
