#!/usr/bin/env bash
# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
# Installs the real consumers that run.sh plays to: Nav2 from apt, the semantic layer from its sources.
# In the root of a workspace, in a container of ROS 2, as root.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive
layer=https://github.com/ros-navigation/semantic_segmentation_layer.git

apt-get update
apt-get install -y git "ros-$ROS_DISTRO-nav2-costmap-2d" "ros-$ROS_DISTRO-nav2-collision-monitor" \
    "ros-$ROS_DISTRO-nav2-lifecycle-manager" "ros-$ROS_DISTRO-lifecycle-msgs"
git clone --depth 1 --branch "$ROS_DISTRO" "$layer" src/semantic_segmentation_layer ||
    git clone --depth 1 "$layer" src/semantic_segmentation_layer
