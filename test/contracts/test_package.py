# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""package.xml is valid, says the same as setup.py, and declares everything the code imports."""

from __future__ import annotations

import ast
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

import seg_ros

ROOT = Path(__file__).parents[2]
MANIFEST = ElementTree.parse(ROOT / 'package.xml').getroot()
PACKAGE = Path(seg_ros.__file__).parent

# The rosdep key of each library whose key is not its own name, as `rosdep resolve` knows them.
KEYS = {
    'cv2': 'python3-opencv',
    'numpy': 'python3-numpy',
    'rich': 'python3-rich',
    'huggingface_hub': 'python3-transformers-pip',
    'safetensors': 'python3-transformers-pip',
    'rosbags': 'python3-rosbags-pip',
    'scipy': 'python3-scipy',
    'torch': 'python3-pytorch-pip',
    'torchvision': 'python3-pytorch-pip',
    'tqdm': 'python3-tqdm',
    'transformers': 'python3-transformers-pip',
    'yaml': 'python3-yaml',
    'builtin_interfaces': 'sensor_msgs',  # comes with every message that has a header
}
# Chosen by the person who trains or exports; setup.py names them as extras.
EXTRAS = {'pycocotools', 'torchmetrics', 'matplotlib', 'motmetrics', 'onnx', 'onnxruntime', 'PIL', 'pyproj'}


def text_of(tag: str) -> str:
    """Return the text of an element of package.xml."""
    return (MANIFEST.findtext(tag) or '').strip()


def libraries_of(folder: Path) -> dict[str, str]:
    """Return each library imported below a folder, with one file that imports it."""
    found = {}
    for path in sorted(folder.rglob('*.py')):
        for node in ast.walk(ast.parse(path.read_text(encoding='utf-8'))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or '']
            found.update({name.partition('.')[0]: path.relative_to(folder).as_posix() for name in names})
    return {name: path for name, path in found.items() if name not in sys.stdlib_module_names | {'seg_ros'}}


def test_the_manifest_is_valid() -> None:
    """catkin_pkg, which colcon and bloom read it with, has no objection."""
    package = pytest.importorskip('catkin_pkg.package').parse_package(ROOT / 'package.xml')
    package.validate()
    assert package.name == 'seg_ros'
    assert package.get_build_type() == 'ament_python'


def test_the_manifest_is_of_format_3() -> None:
    """What REP-149 demands is there, whichever tools are installed."""
    assert (MANIFEST.tag, MANIFEST.get('format')) == ('package', '3')
    assert text_of('description')
    assert text_of('license') == 'Apache-2.0'
    maintainer = MANIFEST.find('maintainer')
    assert maintainer is not None
    assert re.fullmatch(r'[-\w.%+]+@[-\w%]+(\.[-\w%]+)+', maintainer.get('email', ''))


def test_the_licence_is_the_one_named() -> None:
    """The file named in the manifest is the whole Apache licence."""
    text = (ROOT / 'LICENSE').read_text(encoding='utf-8')
    assert 'Apache License' in text
    assert 'Version 2.0, January 2004' in text
    assert 'END OF TERMS AND CONDITIONS' in text


def test_versions_agree() -> None:
    """Manifest, setup.py and module name one version."""
    setup = re.search(r"version='([^']+)'", (ROOT / 'setup.py').read_text(encoding='utf-8'))
    assert setup
    assert text_of('version') == setup[1] == seg_ros.__version__


def test_the_change_log_can_be_released() -> None:
    """catkin_prepare_release finds what is new under a heading it knows, or this version with its date."""
    coming = pytest.importorskip('catkin_pkg.package_version').get_forthcoming_label(
        (ROOT / 'CHANGELOG.rst').read_text(encoding='utf-8'))
    changelog = pytest.importorskip('catkin_pkg.changelog').get_changelog_from_path(str(ROOT), 'seg_ros')
    assert coming == 'Forthcoming' or text_of('version') in {version for version, _, _ in changelog.foreach_version()}


def test_every_import_is_declared() -> None:
    """The robot's package manager brings everything the node imports."""
    declared = {node.text for tag in ('depend', 'exec_depend') for node in MANIFEST.findall(tag)}
    missing = {name: path for name, path in libraries_of(PACKAGE).items()
               if name not in EXTRAS and KEYS.get(name, name) not in declared}
    assert missing == {}


def test_launch_files_use_only_what_is_declared() -> None:
    """The launch files' imports come with the package too."""
    declared = {node.text for node in MANIFEST.findall('exec_depend')}
    assert libraries_of(ROOT / 'launch').keys() - declared == set()


def test_imports_are_seen() -> None:
    """The checks above are not passing because they read nothing."""
    libraries = libraries_of(PACKAGE)
    assert {'numpy', 'torch', 'rclpy', 'sensor_msgs'} <= libraries.keys()
    assert 'cv_bridge' not in libraries  # it is built against one NumPy, and its pip namesake reads half
