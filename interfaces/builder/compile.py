# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From generated sources to shared libraries and Python extension modules, with gcc and g++."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .errors import BuildError, MissingToolError
from .generate import STEPS, TYPESUPPORTS, generated
from .source import Source

COMPILER_FLAGS = ('-O2', '-DNDEBUG', '-fPIC', '-w')
# Each library must name all it uses: the type supports are found by soname once they are loaded.
LINKER_FLAGS = ('-shared', '-s', '-Wl,--no-as-needed')


@dataclass(frozen=True)
class Toolchain:
    """The commands that compile C and C++, and the folders they include."""

    c: tuple[str, ...]
    cpp: tuple[str, ...]
    includes: tuple[Path, ...]

    def compile(self, source: Path, output: Path) -> None:
        """Compile one source to one object file."""
        command = (*self.cpp, '-std=c++17') if source.suffix == '.cpp' else (*self.c, '-std=gnu11')
        includes = (f'-I{folder}' for folder in self.includes)
        output.parent.mkdir(parents=True, exist_ok=True)
        run([*command, *COMPILER_FLAGS, *includes, '-c', str(source), '-o', str(output)])


@dataclass(frozen=True)
class Target:
    """A shared object: where it goes, what it is made of, and the libraries it links."""

    path: Path
    sources: tuple[Path, ...]
    links: tuple[str, ...]
    rpath: str = '$ORIGIN'

    def objects(self, build: Path) -> list[Path]:
        """Name one object file for each source."""
        return [build / 'objects' / self.path.stem / f'{source.stem}.o' for source in self.sources]


def find_compilers() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Find gcc and g++, or what the environment variables CC and CXX name instead.

    :raises MissingToolError: if one of them is not there.
    """
    return _find_compiler('C', 'CC', 'gcc'), _find_compiler('C++', 'CXX', 'g++')


def _find_compiler(language: str, variable: str, default: str) -> tuple[str, ...]:
    command = tuple(shlex.split(os.environ.get(variable, ''))) or (default,)
    if shutil.which(command[0]) is None:
        missing = f'the {language} compiler {command[0]} is not on PATH'
        raise MissingToolError(missing, f'sudo apt install {default} (or name another one in {variable})')
    return command


def find_python_headers(folder: Path | None = None) -> Path:
    """Find the folder of this interpreter's Python.h.

    :raises MissingToolError: if Python was installed without its headers.
    """
    folder = folder or Path(sysconfig.get_path('include'))
    if not (folder / 'Python.h').is_file():
        python = f'python{sys.version_info.major}.{sys.version_info.minor}'
        raise MissingToolError(f'{folder} has no Python.h', f'sudo apt install {python}-dev')
    return folder


def find_numpy_headers() -> Path:
    """Find the folder of NumPy's headers.

    :raises MissingToolError: if NumPy is not installed.
    """
    try:
        import numpy
    except ImportError as error:
        raise MissingToolError(f'numpy cannot be imported ({error})', 'pip install numpy') from error
    return Path(numpy.get_include())


def find_toolchain(prefix: Path, build: Path) -> Toolchain:
    """Find the compilers and all folders of headers: Python's, NumPy's, the ROS wheels', the generated ones.

    :raises MissingToolError: naming the first thing that is missing.
    """
    c, cpp = find_compilers()
    ros = prefix / 'include'
    packages = sorted(folder for folder in ros.iterdir() if folder.is_dir())
    own = (build / step.generator for step in STEPS)
    return Toolchain(c, cpp, (find_python_headers(), find_numpy_headers(), *own, *packages, ros))


def libraries(source: Source, build: Path, output: Path) -> list[Target]:
    """List the five libraries, each after those it links.

    :param output: the folder they go to.
    """
    table = {
        'rosidl_generator_c': ('rosidl_runtime_c', 'rcutils'),
        'rosidl_typesupport_introspection_c': ('rosidl_typesupport_introspection_c',),
        'rosidl_typesupport_fastrtps_c': ('rosidl_typesupport_fastrtps_c', 'fastcdr', 'rmw'),
        'rosidl_typesupport_c': ('rosidl_typesupport_c',),
        'rosidl_generator_py': (f'{source.name}__rosidl_typesupport_c',),
    }
    own_c = f'{source.name}__rosidl_generator_c'
    targets = []
    for kind, runtime in table.items():
        depends = (f'{package}__{kind}' for package in source.depends)
        own = () if kind == 'rosidl_generator_c' else (own_c,)
        sources = generated(build, kind, source.name, ('*.c', '*.cpp'))
        path = output / f'lib{source.name}__{kind}.so'
        targets.append(Target(path, tuple(sources), (*own, *runtime, *depends, 'rosidl_runtime_c')))
    return targets


def extensions(source: Source, build: Path, output: Path) -> list[Target]:
    """List the three Python extension modules, one for each type support.

    :param output: the folder of the Python package they go to.
    """
    folder = build / 'rosidl_generator_py' / source.name
    shared = ('rosidl_generator_py', 'rosidl_generator_c', 'rosidl_typesupport_c')
    own = tuple(f'{source.name}__{kind}' for kind in (*shared, *TYPESUPPORTS))
    return [
        Target(
            path=output / f'{source.name}_s__{typesupport}.so',
            sources=(folder / f'_{source.name}_s.ep.{typesupport}.c',),
            links=(*own, 'rmw'),
            # <environment>/lib/python3.x/site-packages/<package> → <environment>/lib
            rpath='$ORIGIN/../../..',
        )
        for typesupport in ('rosidl_typesupport_c', *TYPESUPPORTS)
    ]


def build_targets(targets: list[Target], toolchain: Toolchain, build: Path, folders: Iterable[Path]) -> None:
    """Compile all sources, as many at a time as there are processors, then link the targets in order.

    :param folders: where libraries to link are found, besides those built here.
    :raises BuildError: with the compiler's own words, if it refuses a source.
    """
    jobs = [job for target in targets for job in zip(target.sources, target.objects(build), strict=True)]
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for _ in pool.map(lambda job: toolchain.compile(*job), jobs):
            pass
    for target in targets:
        link(target, toolchain, build, folders)


def link(target: Target, toolchain: Toolchain, build: Path, folders: Iterable[Path]) -> None:
    """Link one target."""
    target.path.parent.mkdir(parents=True, exist_ok=True)
    search = [flag for folder in folders for flag in (f'-L{folder}', f'-Wl,-rpath-link,{folder}')]
    names = [f'-Wl,-soname,{target.path.name}', f'-Wl,-rpath,{target.rpath}', '-o', str(target.path)]
    objects = [str(path) for path in target.objects(build)]
    run([*toolchain.cpp, *LINKER_FLAGS, *names, *objects, *search, *(f'-l{name}' for name in target.links)])


def run(command: list[str]) -> None:
    """Run a compiler.

    :raises BuildError: with what it wrote, if it fails.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BuildError(f'{command[0]} failed with exit status {done.returncode}:\n{done.stderr.strip()}')
