# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The source tree: what package.xml and the msg folder say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Source:
    """A ROS interface package: its folder, and what its package.xml says about it."""

    root: Path
    name: str
    version: str
    description: str
    license: str
    depends: tuple[str, ...]

    @property
    def messages(self) -> tuple[str, ...]:
        """The message names, sorted: ('BoundingBox2D', ...)."""
        return tuple(sorted(path.stem for path in (self.root / 'msg').glob('*.msg')))

    @property
    def distribution(self) -> str:
        """The start of the wheel's file name and of its metadata folders."""
        return f'{self.name}-{self.version}'


def read_source(root: Path) -> Source:
    """Read the package.xml in `root`."""
    package = ElementTree.parse(root / 'package.xml').getroot()
    return Source(
        root=root,
        name=package.findtext('name', ''),
        version=package.findtext('version', ''),
        description=package.findtext('description', ''),
        license=package.findtext('license', ''),
        depends=tuple(depend.text or '' for depend in package.iter('depend')),
    )
