#!/usr/bin/env bash
# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
# Plays the bundled recording through the node into a real Nav2 costmap, and holds the costmap against the truth:
#   run.sh LAYER OUT.npz [OTHER.npz]      LAYER: obstacle_layer, voxel_layer, scan or semantic_layer
# In a shell where ROS 2 and the workspace of seg_ros are sourced. OTHER is the costmap of another layer.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
layer=$1 out=$2 other=${3:-}
recording=$(ros2 pkg prefix --share seg_ros)/recordings/room

# shellcheck source-path=SCRIPTDIR source=../children.sh
. "$here/../children.sh"
# shellcheck source-path=SCRIPTDIR source=waiting.sh
. "$here/waiting.sh"

python3 "$here/costmap_params.py" "$layer" >"$logs/params.yaml"
start segmentation ros2 launch seg_ros navigation.launch.py base_frame:=base_link
wait_for 120 'the node does not become active' sh -c 'ros2 lifecycle get /segmentation | grep -q ^active'
start costmap ros2 run nav2_costmap_2d nav2_costmap_2d --ros-args --params-file "$logs/params.yaml"
wait_for 60 'the costmap does not start' sh -c 'ros2 lifecycle nodes | grep -q costmap'
node=$(ros2 lifecycle nodes | grep costmap | head -n 1)
ros2 lifecycle set "$node" configure
start record python3 "$here/record_costmap.py" /costmap/costmap "$out"
# Slower than recorded: two cores answer every frame then, and TF is there before the costmap activates.
start player ros2 run seg_ros player --ros-args -p source:="$recording" -p rate:=2.0 -p wait_for_subscriber:=true
player=${children[-1]}
wait_for 60 'the costmap does not become active' sh -c "ros2 lifecycle set '$node' activate || ros2 lifecycle get '$node' | grep -q ^active"
wait "$player" || fail 'the player failed'
sleep 2
end
trap - EXIT
[ -s "$out" ] || fail 'no costmap was recorded'
python3 "$here/judge.py" "$recording" "$out" ${other:+--other "$other"}
