#!/usr/bin/env bash
# Tests the workspace that build.sh built, with ROS 2 sourced.
set -eo pipefail

# shellcheck disable=SC1091
source install/setup.bash
colcon test --packages-select seg_ros --event-handlers console_direct+
colcon test-result --verbose
