# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What was seen from many places becomes a map: cells with their evidence, objects that last, files."""
