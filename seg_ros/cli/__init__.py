# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The command line ``seg_ros``: one verb per file."""
