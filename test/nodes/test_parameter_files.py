# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A file of parameters for another node is told, and not passed over in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from seg_ros.nodes.parameter_files import passed_over

VALUES = '{ros__parameters: {max_rate: 5.0}}'


@pytest.mark.parametrize(('text', 'node', 'read'), [
    (f'segmentation: {VALUES}', '/segmentation', True),
    (f'/segmentation: {VALUES}', '/segmentation', True),
    (f'segmentaton: {VALUES}', '/segmentation', False),  # mistyped
    (f'segmentation: {VALUES}', '/robot/segmentation', False),  # of the node without a namespace
    (f'/robot/segmentation: {VALUES}', '/robot/segmentation', True),
    (f'robot: {{segmentation: {VALUES}}}', '/robot/segmentation', True),
    (f'/**: {VALUES}', '/robot/segmentation', True),
    (f'/**/segmentation: {VALUES}', '/segmentation', True),
    (f'/*/segmentation: {VALUES}', '/segmentation', False),  # one part, not none
    (f'/*: {VALUES}', '/segmentation', True),
    ('', '/segmentation', True),
    ("/**: {ros__parameters: {cameras: !!python/tuple ['front', 'left']}}", '/segmentation', True),  # as launch writes
    ('a: &a [1]\nb: *a', '/segmentation', True),
])
def test_a_file_is_for_the_nodes_it_names(tmp_path: Path, text: str, node: str, read: bool) -> None:
    file = tmp_path / 'robot.yaml'
    file.write_text(text, encoding='utf-8')
    said = [*passed_over(['segmentation', '--ros-args', '--params-file', str(file), '-r', 'a:=b'], node)]
    assert bool(said) is not read
    for sentence in said:
        assert f'none of {node}, and is passed over. Write {node} there, or /** for every node' in sentence
