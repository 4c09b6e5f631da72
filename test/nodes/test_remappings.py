# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A remapping, and a level of a logger, with a mistyped name is told."""

from __future__ import annotations

import pytest

from seg_ros.nodes.remappings import moving_nothing

NAMES = ('front/image', 'front/depth', '~/front/mask', '~/enable')


def full(name: str) -> str:
    """Return a name with its namespace as rclpy does."""
    return name if name.startswith('/') else f'/robot/{name.replace("~", "segmentation")}'


@pytest.mark.parametrize(('rule', 'words'), [
    ('frnt/image:=/cam', "frnt/image:=/cam remaps nothing: this node has no 'frnt/image'; the nearest known is 'fr"),
    ('segmentation:front/dept:=/d', "no 'front/dept'; the nearest known is 'front/depth'"),
    ('~/front/mak:=mask', "the nearest known is '~/front/mask'"),
    ('/tf_statc:=tf_static', "the nearest known is '/tf_static'"),
    ('front/image:=/cam/image', ''), ('/robot/front/image:=/cam', ''), ('~/enable:=go', ''), ('tf:=/tf', ''),
    ('__ns:=/robot', ''),
    ('rostopic://front/imge:=/x', ''), ('__node:=eyes', ''), ('joint_states:=/joints', ''),  # of another node
])
def test_a_mistyped_name_is_told_with_the_nearest(rule: str, words: str) -> None:
    said = [*moving_nothing(['node', '--ros-args', '-r', rule, '-p', 'image:=x'], NAMES, full)]
    assert len(said) == bool(words)
    assert words in ''.join(said)
