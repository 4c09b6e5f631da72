# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From .msg files to C, C++ and Python sources, with the generators of the ROS wheels.

Every generator fills `<build>/<generator>/<package>/`, so `<build>/<generator>` is also an include folder.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .prefix import import_generator
from .source import Source

TYPESUPPORTS = ('rosidl_typesupport_fastrtps_c', 'rosidl_typesupport_introspection_c')


@dataclass(frozen=True)
class Step:
    """One generator: its package, the function within it, the type supports it must know."""

    generator: str
    function: str
    typesupports: tuple[str, ...] = ()

    def run(self, arguments_file: Path) -> None:
        """Write this generator's files."""
        module, _, name = f'{self.generator}.{self.function}'.rpartition('.')
        function = getattr(import_generator(module), name)
        more = [list(self.typesupports)] if self.typesupports else []
        function(str(arguments_file), *more)


# The order matters: the type hashes are part of the C code, and the type supports include the C code.
STEPS = (
    Step('rosidl_generator_type_description', 'generate_type_hash'),
    Step('rosidl_generator_c', 'generate_c'),
    Step('rosidl_typesupport_c', 'generate_c', TYPESUPPORTS),
    Step('rosidl_typesupport_introspection_c', 'generate_c'),
    Step('rosidl_typesupport_fastrtps_c', 'generate_typesupport_fastrtps_c'),
    # rosidl_generator_py itself hides why its generator cannot be imported; the inner module does not.
    Step('rosidl_generator_py', 'generate_py_impl.generate_py', ('rosidl_typesupport_c', *TYPESUPPORTS)),
)
WITH_VISIBILITY_HEADER = ('rosidl_generator_c', *TYPESUPPORTS)


def generate(source: Source, prefix: Path, build: Path) -> None:
    """Fill `build` with everything a compiler needs, and with the .idl and .json files to install.

    :raises MissingToolError: if a generator cannot be imported.
    """
    write_idl(source, build)
    for step in STEPS:
        step.run(write_arguments(step.generator, source, prefix, build))
    for generator in WITH_VISIBILITY_HEADER:
        write_visibility_header(generator, source.name, prefix, build)
    (build / 'rosidl_generator_py' / source.name / '__init__.py').touch()


def write_idl(source: Source, build: Path) -> None:
    """Translate each .msg file to `<build>/rosidl_adapter/<package>/msg/<message>.idl`."""
    convert = import_generator('rosidl_adapter').convert_to_idl
    output = build / 'rosidl_adapter' / source.name
    with contextlib.redirect_stdout(io.StringIO()):  # it names every file it reads and writes
        for message in source.messages:
            convert(source.root, source.name, Path('msg', f'{message}.msg'), output)


def write_arguments(generator: str, source: Source, prefix: Path, build: Path) -> Path:
    """Write the JSON file that tells a generator what to do, and make the folder it will fill."""
    output = build / generator / source.name
    (output / 'msg').mkdir(parents=True, exist_ok=True)
    idl, descriptions = (
        build / folder / source.name for folder in ('rosidl_adapter', 'rosidl_generator_type_description')
    )
    arguments: dict[str, str | list[str]] = {
        'package_name': source.name,
        'output_dir': str(output),
        'template_dir': str(prefix / 'share' / generator / 'resource'),
        'idl_tuples': [f'{idl}:msg/{name}.idl' for name in source.messages],
        'type_description_tuples': [f'msg/{n}.idl:{descriptions}/msg/{n}.json' for n in source.messages],
        'ros_interface_files': [str(source.root / 'msg' / f'{name}.msg') for name in source.messages],
        'include_paths': [f'{name}:{prefix / "share" / name}' for name in source.depends],
        'ros_interface_dependencies': [],
        'target_dependencies': [],
    }
    path = build / f'{generator}.json'
    path.write_text(json.dumps(arguments, indent=2), encoding='utf-8')
    return path


def write_visibility_header(generator: str, package: str, prefix: Path, build: Path) -> None:
    """Fill in the header which CMake would have configured for this generator."""
    name = f'{generator}__visibility_control.h'
    template = prefix / 'share' / generator / 'resource' / f'{name}.in'
    text = template.read_text(encoding='utf-8')
    text = text.replace('@PROJECT_NAME@', package).replace('@PROJECT_NAME_UPPER@', package.upper())
    (build / generator / package / 'msg' / name).write_text(text, encoding='utf-8')


def generated(build: Path, generator: str, package: str, patterns: Iterable[str]) -> list[Path]:
    """List what a generator wrote below its msg folder and that matches a pattern, sorted."""
    folder = build / generator / package / 'msg'
    return sorted(path for pattern in patterns for path in folder.rglob(pattern))
