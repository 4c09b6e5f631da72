# shellcheck shell=bash
# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
# Sourced after children.sh: waits for what a child brings, and shows the logs when it does not come.
# shellcheck disable=SC2154 # logs is of children.sh

fail() {
    printf '%s\n' "$1"
    tail -n 40 "$logs"/*.log
    exit 1
}

# wait_for SECONDS WHAT COMMAND...: until the command succeeds.
wait_for() {
    local until=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        [ $SECONDS -lt "$until" ] || fail "$what"
        sleep 1
    done
}
