# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Messages to records and back: message classes only, no node, no graph."""
