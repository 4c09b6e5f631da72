# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How each camera fares, and what is wrong with it: numbers, the causes found in them, what is said of these."""
