#!/usr/bin/env bash
# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
# Opens RViz while the bundled recording is played, and looks at it:
#   run.sh OUT.png [FRAME]      FRAME: the fixed frame, camera_optical_frame, base_link or odom
# In a shell where ROS 2 and the workspace of seg_ros are sourced, with Xvfb and ImageMagick installed.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$1 frame=${2:-camera_optical_frame}
recording=$(ros2 pkg prefix --share seg_ros)/recordings/room

# shellcheck source-path=SCRIPTDIR source=../children.sh
. "$here/../children.sh"

export DISPLAY=:99 LIBGL_ALWAYS_SOFTWARE=1 QT_QPA_PLATFORM=xcb
start screen Xvfb :99 -screen 0 1600x1000x24
start demo ros2 launch seg_ros demo.launch.py source:="$recording" rate:=2.0 rviz:=true rviz_frame:="$frame" base_frame:=base_link
SECONDS=0
until grep -qs 'Listening to' "$logs/demo.log"; do
    [ $SECONDS -lt 120 ] || { echo 'the node does not become active'; cat "$logs/demo.log"; exit 1; }
    sleep 1
done
sleep 25 # RViz meets its topics, and a few frames are answered
import -window root "$out"
if grep -E 'Failed to load|failed to load|PluginlibFactory' "$logs/demo.log"; then
    echo 'FAULT: RViz could not load a display'
    exit 1
fi
python3 "$here/look.py" "$out" || { tail -n 40 "$logs/demo.log"; exit 1; }
