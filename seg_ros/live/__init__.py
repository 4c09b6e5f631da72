# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Looking at a running node from outside, as any other node would."""
