# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Objects of this frame become objects that last: overlaps, motion and one tracker per camera."""
