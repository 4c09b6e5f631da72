# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by a script that starts programs: each logs into a folder of its own, all end with the script.
set -m # each child leads a process group of its own, which Ctrl-C's signal reaches as a whole

logs=$(mktemp -d)
children=()

end() {
    local child
    for child in "${children[@]}"; do kill -INT -- "-$child" 2>/dev/null || true; done
    wait 2>/dev/null || true
}
trap end EXIT

start() {
    local name=$1
    shift
    "$@" >"$logs/$name.log" 2>&1 &
    children+=($!)
}
