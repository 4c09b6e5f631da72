# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The demo deletes nothing that it did not make."""

from __future__ import annotations

from pathlib import Path

import pytest

from seg_ros.demo.folder import claim
from seg_ros.errors import DataError


def test_a_new_and_an_empty_folder_and_that_of_an_earlier_demo_are_taken(tmp_path: Path) -> None:
    (tmp_path / 'empty').mkdir()
    for name in ('new/inner', 'empty', 'new/inner'):
        claim(tmp_path / name, '0')
        (tmp_path / name / 'report.html').touch()


@pytest.mark.parametrize(('out', 'source', 'words'), [
    ('full', '/dev/video0', 'holds what no demo made'),
    ('file', '0', 'is a file'),
    ('mine', 'mine/recording', 'lies in'),
    ('mine', 'mine', 'lies in'),
])
def test_what_others_made_is_left_alone(tmp_path: Path, out: str, source: str, words: str) -> None:
    (tmp_path / 'full').mkdir()
    (tmp_path / 'full' / 'work.txt').write_text('years of it')
    (tmp_path / 'file').touch()
    claim(tmp_path / 'mine', '0')
    (tmp_path / 'mine' / 'recording').mkdir()
    with pytest.raises(DataError, match=words):
        claim(tmp_path / out, str(tmp_path / source) if source.startswith('mine') else source)
    assert (tmp_path / 'full' / 'work.txt').read_text() == 'years of it'
