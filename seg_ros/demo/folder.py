# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The folder of a demo: what lies in it is the demo's own, and nothing else is ever deleted."""

from __future__ import annotations

from pathlib import Path

from seg_ros.errors import DataError

MARK = '.seg_ros_demo'


def claim(out: Path, source: str) -> None:
    """
    Make the folder, or take one that an earlier demo made.

    :param source: what is played; it must lie elsewhere.
    :raises DataError: when others have put something there, or the source lies in it.
    """
    path = Path(source).expanduser().resolve()
    if out.resolve() == path or out.resolve() in path.parents:
        raise DataError(f'the source {source} lies in {out}, where the demo writes', 'choose another folder with --out')
    if out.exists() and not out.is_dir():
        raise DataError(f'{out} is a file', 'name a folder with --out')
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise DataError(f'{out} holds what no demo made, and the demo replaces what it finds in its folder',
                        'name a new folder with --out, or empty this one')
    out.mkdir(parents=True, exist_ok=True)
    (out / MARK).touch()
