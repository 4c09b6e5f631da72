#!/usr/bin/env bash
# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
# Runs a command where ROS 2 and seg_ros are sourced.
set -e

# shellcheck disable=SC1091
source /workspace/install/setup.bash
exec "$@"
