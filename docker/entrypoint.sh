#!/usr/bin/env bash
# Runs a command where ROS 2 and seg_ros are sourced.
set -e

# shellcheck disable=SC1091
source /workspace/install/setup.bash
exec "$@"
