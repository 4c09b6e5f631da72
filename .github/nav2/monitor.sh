#!/usr/bin/env bash
# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
# Plays the bundled recording through the node into Nav2's collision monitor with config/nav2/collision_monitor.yaml, and
# holds what it lets through against the truth: monitor.sh OUT.npz
# In a shell where ROS 2 and the workspace of seg_ros are sourced.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$1
recording=$(ros2 pkg prefix --share seg_ros)/recordings/room

# shellcheck source-path=SCRIPTDIR source=../children.sh
. "$here/../children.sh"
# shellcheck source-path=SCRIPTDIR source=waiting.sh
. "$here/waiting.sh"

python3 "$here/zones.py" >"$logs/params.yaml"
start segmentation ros2 launch seg_ros navigation.launch.py base_frame:=base_link
wait_for 120 'the node does not become active' sh -c 'ros2 lifecycle get /segmentation | grep -q ^active'
start monitor ros2 run nav2_collision_monitor collision_monitor --ros-args --params-file "$logs/params.yaml"
wait_for 60 'the monitor does not start' sh -c 'ros2 lifecycle nodes | grep -q collision_monitor'
ros2 lifecycle set /collision_monitor configure
ros2 lifecycle set /collision_monitor activate
start record python3 "$here/record_velocities.py" "$out"
# Slower than recorded: two cores answer every frame then.
start player ros2 run seg_ros player --ros-args -p source:="$recording" -p rate:=2.0 -p wait_for_subscriber:=true
wait "${children[-1]}" || fail 'the player failed'
sleep 6
end
trap - EXIT
[ -s "$out" ] || fail 'no velocities were recorded'
python3 "$here/judge_monitor.py" "$recording" "$out"
