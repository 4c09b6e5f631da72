# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Pictures, films, webcams and recordings become a camera."""
