# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the demo does with a recording while it plays, as a file beside it says: which mode until when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from seg_ros.errors import DataError

NAME = 'demo.yaml'
KEYS = {'mode': 'mode', 'model': 'semantic_model', 'instance_model': 'instance_model'}


def script_of(recording: Path) -> list[tuple[float, dict[str, str]]]:
    """
    Return until when (seconds after the first image) which settings hold; nothing where the recording has no script.

    ``demo.yaml`` reads ``segments: [{until: 8.0, mode: semantic, model: indoor}, ...]``.

    :raises DataError: when the file says something else.
    """
    path = recording / NAME if recording.is_dir() else recording.with_name(NAME)
    if not path.is_file():
        return []
    try:
        rows = yaml.safe_load(path.read_text(encoding='utf-8'))['segments']
        return [_step(row) for row in rows]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise DataError(f'{path} cannot be read ({" ".join(str(error).split())})',
                        'write segments: [{until: 8.0, mode: semantic}, {until: 12.0, mode: instance}]') from error


def _step(row: dict[str, Any]) -> tuple[float, dict[str, str]]:
    if unknown := row.keys() - {'until', *KEYS}:
        raise ValueError(f'a segment has an entry {sorted(unknown)[0]}')
    return float(row['until']), {KEYS[key]: str(value) for key, value in row.items() if key != 'until'}
