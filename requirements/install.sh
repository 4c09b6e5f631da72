#!/usr/bin/env bash
# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
# Completes .venv: pinned requirements, the message packages that are missing, and seg_ros itself, editable.
# A stamp written last says which inputs the environment was made from; without it nothing is trusted.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

venv=.venv
python=$venv/bin/python
stamp=$venv/.seg_ros_made_from
distribution_stamp=$venv/.ros_distribution
host=${PYTHON:-python3}
messages=(vision_msgs tf2_msgs)

stop() { printf '\nmake setup stopped: %s\n' "$1" >&2; exit 1; }
say() { printf '\n== %s\n' "$1"; }
version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
distribution_of_environment() { cat "$distribution_stamp" 2>/dev/null || { [ ! -x "$python" ] || echo jazzy; }; }

# The distribution named, or that of the environment there is, or Jazzy.
here=$(distribution_of_environment)
distribution=${ROS:-${here:-jazzy}}

hash_files() { find "$@" -type f -not -path '*/__pycache__/*' -print0 | sort -z | xargs -0 sha256sum | sha256sum; }
hash_messages() { hash_files interfaces/builder "interfaces/$1" "requirements/ros-$distribution.txt"; }
hash_inputs() { { pwd; echo "$distribution"; hash_files interfaces requirements setup.py; } | sha256sum; }

environment_is_complete() {
    [ -x "$python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(hash_inputs)" ] &&
        { [ -z "${PYTHON:-}" ] || [ "$(version_of "$python")" = "$(version_of "$PYTHON")" ]; }
}

check_distribution() {
    [ -f "requirements/ros-$distribution.txt" ] ||
        stop "there are no wheels of ROS '$distribution'. Name jazzy or kilted: make setup ROS=jazzy"
}

check_python() {
    command -v "$host" >/dev/null || stop "there is no '$host' on PATH. Install Python 3.10-3.13, or name one: make setup PYTHON=/path/to/python3"
    local version
    version=$(version_of "$host") || stop "'$host' does not run as Python 3. Name another: make setup PYTHON=python3.12"
    case $version in
    3.10 | 3.11 | 3.12 | 3.13) ;;
    *) stop "'$host' is Python $version, and the ROS 2 wheels exist for 3.10-3.13. Name one of those: make setup PYTHON=python3.12" ;;
    esac
    "$host" -c 'import ensurepip, venv' 2>/dev/null ||
        stop "'$host' cannot make virtual environments. On Debian and Ubuntu: sudo apt install python$version-venv"
    [ "$(uname -s) $(uname -m)" = 'Linux x86_64' ] ||
        stop "the ROS 2 wheels exist for Linux on x86_64, and this is $(uname -s) on $(uname -m). With ROS 2 installed, use rosdep install and colcon build instead"
}

check_compiler() {
    local tool
    for tool in "${CC:-gcc}" "${CXX:-g++}"; do
        command -v "${tool%% *}" >/dev/null ||
            stop "message packages are compiled here, and '$tool' is not on PATH. On Debian and Ubuntu: sudo apt install gcc g++"
    done
    "$host" -c 'import sysconfig, pathlib, sys; sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").is_file())' ||
        stop "message packages are compiled here, and '$host' has no Python.h. On Debian and Ubuntu: sudo apt install python$(version_of "$host")-dev"
}

# Ours are built again when their sources or the wheels under them change; anybody else's are left alone.
messages_are_current() {
    "$python" -c "import $1.msg" 2>/dev/null &&
        { [ ! -f "$venv/.$1_made_from" ] || [ "$(cat "$venv/.$1_made_from")" = "$(hash_messages "$1")" ]; }
}

stale_messages() { for package in "${messages[@]}"; do messages_are_current "$package" || echo "$package"; done; }

make_environment() {
    local clear=
    if [ ! -x "$python" ] || ! "$python" -m pip --version >/dev/null 2>&1 ||
        { [ -n "${PYTHON:-}" ] && [ "$(version_of "$python")" != "$(version_of "$host")" ]; } ||
        [ "$distribution" != "$here" ]; then
        clear=--clear
    fi
    [ -z "$clear" ] || { say "1/4 a virtual environment of Python $(version_of "$host") in $venv" && "$host" -m venv --clear "$venv"; }
    echo "$distribution" >"$distribution_stamp"
}

if environment_is_complete; then
    exit 0
fi
if [ -z "${PYTHON:-}" ] && [ -x "$python" ]; then
    host=$("$python" -c 'import sys; print(sys._base_executable)')
fi
check_distribution
check_python
[ -z "$(stale_messages)" ] || check_compiler
rm -f "$stamp"
make_environment
say '2/4 ROS 2, PyTorch and the rest (once: a download of about 3 GB, 6 GB on disk, some minutes)'
"$python" -m pip install --disable-pip-version-check \
    -r "requirements/ros-$distribution.txt" -r requirements/run.txt -r requirements/lab.txt -r requirements/onnx.txt -r requirements/hf.txt \
    -r requirements/test.txt ||
    stop 'pip could not install the requirements; its last lines say why. Nothing is lost: type make setup again'
mapfile -t stale < <(stale_messages)
if [ "${#stale[@]}" = 0 ]; then
    say "3/4 ${messages[*]} are there already"
else
    say "3/4 ${stale[*]}, compiled from interfaces/ (under a minute)"
    "$python" -m pip install --disable-pip-version-check --no-build-isolation --no-deps --force-reinstall \
        "${stale[@]/#/./interfaces/}" || stop "${stale[*]} could not be compiled; the lines above say why"
    for package in "${stale[@]}"; do hash_messages "$package" >"$venv/.${package}_made_from"; done
fi
say '4/4 seg_ros itself, editable'
"$python" -m pip install --disable-pip-version-check --no-build-isolation --no-deps --use-pep517 -e . ||
    stop 'seg_ros itself could not be installed; the lines above say why'
"$python" -c 'import rclpy, torch, cv2, vision_msgs.msg, tf2_msgs.msg, seg_ros' ||
    stop "the environment does not work. Remove it and start again: rm -r $venv && make setup"
hash_inputs >"$stamp"
