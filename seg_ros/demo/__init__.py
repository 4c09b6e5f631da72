# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The scripted drive: played, recorded, drawn and scored."""
