# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The ROS wheels of this interpreter: their generators, templates, headers and libraries."""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import ModuleType

from .errors import MissingToolError

ROS_WHEELS = 'pip install -r requirements/ros-jazzy.txt'


def import_generator(name: str) -> ModuleType:
    """Import a module of the ROS code generators.

    :raises MissingToolError: if the ROS wheels are not installed beside this Python.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        missing = f'the ROS code generator {name} cannot be imported ({error})'
        raise MissingToolError(missing, ROS_WHEELS) from error


def find_prefix() -> Path:
    """Find the folder whose share/, include/ and lib/ the ROS wheels fill.

    :raises MissingToolError: if the generators can be imported but their templates are nowhere above them.
    """
    marker = Path('share', 'rosidl_generator_c', 'resource')
    module = Path(import_generator('rosidl_generator_c').__file__ or '')
    for folder in module.parents:
        if (folder / marker).is_dir():
            return folder
    raise MissingToolError(f'no folder above {module} holds {marker}', f'{ROS_WHEELS} --force-reinstall')


def installed_requirements(packages: tuple[str, ...]) -> list[str]:
    """Pin the wheels of these ROS packages to the releases the bindings are compiled against.

    Packages that did not come as wheels (a ROS installation from apt) are left out.
    """
    return [f'{name}~={found}' for name in map(_wheel_name, packages) if (found := _version(name))]


def _wheel_name(package: str) -> str:
    return f'ros-{package.replace("_", "-")}'


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
