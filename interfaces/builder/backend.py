# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The hooks which pip and other installers call (PEP 517), in the folder of the package to build."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .archive import stage_python, stage_share, write_dist_info, write_sdist, write_wheel
from .compile import build_targets, extensions, find_toolchain, libraries
from .errors import BuildError
from .generate import generate
from .prefix import find_prefix
from .source import Source, read_source

Settings = Mapping[str, object]


def build_wheel(
    wheel_directory: str,
    config_settings: Settings | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the wheel in a temporary folder, put it in `wheel_directory` and return its name."""
    with _told_plainly(), tempfile.TemporaryDirectory(prefix='rosidl-') as build:
        return assemble(read_source(Path.cwd()), Path(build), Path(wheel_directory))


def prepare_metadata_for_build_wheel(metadata_directory: str, config_settings: Settings | None = None) -> str:
    """Write the metadata the wheel will have, without building it."""
    with _told_plainly():
        return write_dist_info(read_source(Path.cwd()), Path(metadata_directory))


def build_sdist(sdist_directory: str, config_settings: Settings | None = None) -> str:
    """Pack the source tree into `sdist_directory` and return the archive's name."""
    return write_sdist(read_source(Path.cwd()), Path(sdist_directory))


def assemble(source: Source, build: Path, output: Path) -> str:
    """Check the tools, generate, compile, gather, zip; return the wheel's name.

    :param build: an empty folder to work in.
    :raises BuildError: with a sentence that says what is missing or what failed.
    """
    prefix = find_prefix()
    generated = build / 'generated'
    toolchain = find_toolchain(prefix, generated)
    stage = build / 'stage'
    data = stage / f'{source.distribution}.data' / 'data'

    _say(source, f'generating code for {len(source.messages)} messages')
    generate(source, prefix, generated)

    targets = [
        *libraries(source, generated, data / 'lib'),
        *extensions(source, generated, stage / source.name),
    ]
    sources = sum(len(target.sources) for target in targets)
    _say(source, f'compiling {sources} sources, {os.cpu_count()} at a time')
    build_targets(targets, toolchain, build, (data / 'lib', prefix / 'lib'))

    _say(source, 'packing the wheel')
    stage_python(source, generated, stage)
    stage_share(source, generated, data)
    write_dist_info(source, stage)
    return write_wheel(source, stage, output)


@contextmanager
def _told_plainly() -> Iterator[None]:
    """End the installer's build process with the sentence of a BuildError, without a traceback."""
    try:
        yield
    except BuildError as error:
        sys.exit(str(error))


def _say(source: Source, what: str) -> None:
    print(f'{source.name}: {what}', flush=True)
