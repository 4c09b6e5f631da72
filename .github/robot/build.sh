#!/usr/bin/env bash
# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
# Installs what the packages under src/ need and builds them, as docs/robot.md says: build.sh PACKAGE...
# In the root of a workspace, in a container of ROS 2, as root.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive
export PIP_BREAK_SYSTEM_PACKAGES=1 # rosdep installs PyTorch with pip; Ubuntu 24.04 asks for this word first

apt-get update
apt-get install -y python3-pip
rosdep update --rosdistro "$ROS_DISTRO"
rosdep install --from-paths src --ignore-src -y --skip-keys rviz2 # no screen
# What a sourced ROS installation leaves unset is no fault of ours.
set +u
# shellcheck disable=SC1090
source "/opt/ros/$ROS_DISTRO/setup.bash"
set -u
colcon build --packages-up-to "$@"
