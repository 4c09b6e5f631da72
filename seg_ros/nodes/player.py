# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Runs the player by the name every node has: ``python -m seg_ros.nodes.player``."""

from seg_ros.nodes.executables import player

if __name__ == '__main__':
    player()
