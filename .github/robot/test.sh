#!/usr/bin/env bash
# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
# Tests the workspace that build.sh built, with ROS 2 sourced.
set -eo pipefail

# shellcheck disable=SC1091
source install/setup.bash
colcon test --packages-select seg_ros --event-handlers console_direct+
colcon test-result --verbose
