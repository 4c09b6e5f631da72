# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the demo does when is read from a file beside the recording; a malformed one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from seg_ros.demo.script import script_of
from seg_ros.errors import DataError


def test_segments_become_settings(tmp_path: Path) -> None:
    (tmp_path / 'demo.yaml').write_text('segments: [{until: 8.0, mode: semantic, model: indoor},\n'
                                        '           {until: 12, mode: instance, instance_model: tools}]\n')
    expected = [(8.0, {'mode': 'semantic', 'semantic_model': 'indoor'}),
                (12.0, {'mode': 'instance', 'instance_model': 'tools'})]
    assert script_of(tmp_path) == expected
    assert script_of(tmp_path / 'room_0.mcap') == expected  # the file beside it


def test_a_recording_may_have_none(tmp_path: Path) -> None:
    assert script_of(tmp_path) == []


@pytest.mark.parametrize('text', ['', 'segments: 5', 'segments: [{mode: semantic}]', 'segments: [{until: soon}]',
                                  'segments: [{until: 1, mod: semantic}]', '{'])
def test_a_malformed_file_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / 'demo.yaml').write_text(text)
    with pytest.raises(DataError, match=r'demo\.yaml cannot be read .* Write segments'):
        script_of(tmp_path)
