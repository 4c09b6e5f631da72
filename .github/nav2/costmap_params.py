# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Print the parameters of a costmap that holds one of config/nav2/*.yaml: the whole drive, in the frame odom."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

CONFIG = Path(__file__).resolve().parents[2] / 'config' / 'nav2'
COSTMAP = {
    'global_frame': 'odom', 'robot_base_frame': 'base_link', 'rolling_window': False, 'track_unknown_space': True,
    'width': 24, 'height': 24, 'origin_x': -12.0, 'origin_y': -12.0, 'resolution': 0.05,
    'update_frequency': 5.0, 'publish_frequency': 2.0, 'always_send_full_costmap': True, 'transform_tolerance': 1.0,
    'robot_radius': 0.1,
}


def parameters(layer: str) -> dict[str, Any]:
    """Return the layer's own parameters among those of the costmap; cells are then lethal where it says so, alone."""
    shipped = yaml.safe_load((CONFIG / f'{layer}.yaml').read_text(encoding='utf-8'))
    own = shipped['local_costmap']['local_costmap']['ros__parameters']
    plugins = [name for name in own['plugins'] if name != 'inflation_layer']
    return {'/**': {'ros__parameters': {**COSTMAP, **own, 'plugins': plugins}}}


if __name__ == '__main__':
    print(yaml.safe_dump(parameters(sys.argv[1])))
