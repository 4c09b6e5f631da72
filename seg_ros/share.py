# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where the package's own files (models, taxonomies, presets) lie, however it was installed."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from seg_ros.errors import SegRosError


@lru_cache(maxsize=1)
def share_directory() -> Path:
    """
    Return the folder that holds ``package.xml`` and ``config/``.

    That is ``<prefix>/share/seg_ros`` after pip or colcon, and the repository in an editable or
    symlink install. No ROS tool is asked, so training machines find the same files as robots.

    :raises SegRosError: when the installation lacks its data files.
    """
    here = Path(__file__).resolve()
    candidates = [here.parents[1], *(parent / 'share' / 'seg_ros' for parent in here.parents)]
    for folder in candidates:
        if (folder / 'package.xml').is_file() and (folder / 'config').is_dir():
            return folder
    raise SegRosError(f'the data files of seg_ros were not found near {here}',
                      'install the package again with colcon build or pip install')
