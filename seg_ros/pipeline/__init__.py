# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The stages a frame passes, in their order, and the models that a mode needs."""

from seg_ros.pipeline.pipeline import Answered, Pipeline, Prepared

__all__ = ['Answered', 'Pipeline', 'Prepared']
