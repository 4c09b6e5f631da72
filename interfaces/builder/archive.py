# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From folders of finished files to a wheel, and from the source tree to an sdist."""

from __future__ import annotations

import base64
import hashlib
import shutil
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

from .prefix import installed_requirements
from .source import Source

EPOCH = (1980, 1, 1, 0, 0, 0)


def wheel_tag() -> str:
    """Name the interpreter and platform which the extension modules fit: cp311-cp311-linux_x86_64."""
    python = f'cp{sys.version_info.major}{sys.version_info.minor}'
    platform = sysconfig.get_platform().replace('-', '_').replace('.', '_')
    return f'{python}-{python}{sys.abiflags}-{platform}'


def metadata(source: Source) -> str:
    """Write the METADATA text; it requires NumPy and the ROS wheels the bindings are compiled against."""
    requirements = ['numpy', *installed_requirements(source.depends)]
    lines = [
        'Metadata-Version: 2.1',
        f'Name: {source.name.replace("_", "-")}',
        f'Version: {source.version}',
        f'Summary: {source.description}',
        f'License: {source.license}',
        'Requires-Python: >=3.10',
        *(f'Requires-Dist: {requirement}' for requirement in requirements),
    ]
    return '\n'.join(lines) + '\n'


def write_dist_info(source: Source, folder: Path) -> str:
    """Make the .dist-info folder inside `folder`, all but its RECORD, and return its name."""
    dist_info = folder / f'{source.distribution}.dist-info'
    dist_info.mkdir(parents=True)
    wheel = f'Wheel-Version: 1.0\nGenerator: {__package__}\nRoot-Is-Purelib: false\nTag: {wheel_tag()}\n'
    (dist_info / 'METADATA').write_text(metadata(source), encoding='utf-8')
    (dist_info / 'WHEEL').write_text(wheel, encoding='utf-8')
    return dist_info.name


def stage_python(source: Source, build: Path, stage: Path) -> None:
    """Copy the generated Python package to where it will be imported from."""
    generated = build / 'rosidl_generator_py' / source.name
    for path in generated.rglob('*.py'):
        _copy(path, stage / source.name / path.relative_to(generated))


def stage_share(source: Source, build: Path, data: Path) -> None:
    """Copy what ROS tools read: package.xml, .msg, .idl, .json and the ament index entries."""
    share = data / 'share' / source.name
    origins = {
        '.msg': source.root,
        '.idl': build / 'rosidl_adapter' / source.name,
        '.json': build / 'rosidl_generator_type_description' / source.name,
    }
    _copy(source.root / 'package.xml', share / 'package.xml')
    for suffix, origin in origins.items():
        for message in source.messages:
            _copy(origin / 'msg' / f'{message}{suffix}', share / 'msg' / f'{message}{suffix}')
    index = data / 'share' / 'ament_index' / 'resource_index'
    interfaces = sorted(f'msg/{name}.{kind}' for name in source.messages for kind in ('idl', 'msg'))
    _write(index / 'packages' / source.name, '')
    _write(index / 'rosidl_interfaces' / source.name, '\n'.join(interfaces))


def write_wheel(source: Source, stage: Path, output: Path) -> str:
    """Zip `stage` into `output` with a RECORD of every file, and return the wheel's name.

    The same files give the same wheel, byte for byte.
    """
    name = f'{source.distribution}-{wheel_tag()}.whl'
    record = f'{source.distribution}.dist-info/RECORD'
    files = {str(path.relative_to(stage)): path.read_bytes() for path in stage.rglob('*') if path.is_file()}
    rows = [_record_row(path, content) for path, content in sorted(files.items())]
    files[record] = '\n'.join([*rows, f'{record},,', '']).encode()
    with zipfile.ZipFile(output / name, 'w', zipfile.ZIP_DEFLATED) as wheel:
        for path, content in sorted(files.items()):
            wheel.writestr(_zip_entry(path), content)
    return name


def write_sdist(source: Source, output: Path) -> str:
    """Pack the source tree and the builder it links to into `output`, and return the archive's name."""
    with tarfile.open(output / f'{source.distribution}.tar.gz', 'w:gz', dereference=True) as archive:
        archive.add(source.root, source.distribution, filter=_unless_compiled)
    return f'{source.distribution}.tar.gz'


def _unless_compiled(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if entry.name.endswith('__pycache__') else entry


def _record_row(path: str, content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b'=').decode()
    return f'{path},sha256={digest},{len(content)}'


def _zip_entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = (0o100755 if path.endswith('.so') else 0o100644) << 16
    return entry


def _copy(origin: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(origin, target)


def _write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding='utf-8')
