# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Who may import whom: the design's table of rooms, held against the real imports.

A room is a module or package directly under seg_ros. To change the table, change this file and the code in
one commit, and say why.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).parents[2] / 'seg_ros'


class Room(NamedTuple):
    """What a room may import: rooms or modules of ours, libraries, and libraries only inside functions."""

    ours: str = ''
    libraries: str = ''
    inside_functions: str = ''


MESSAGES = ('builtin_interfaces std_msgs sensor_msgs geometry_msgs nav_msgs vision_msgs visualization_msgs '
            'diagnostic_msgs lifecycle_msgs rcl_interfaces std_srvs')
EVERYBODYS = ('records', 'space', 'settings', 'errors', 'share', 'stages',  # stages: every room names its own
              'picture_files', 'plain_yaml')
ROOMS = {
    'errors': Room(),
    'share': Room(),
    'stages': Room(),
    'plain_yaml': Room(libraries='yaml'),  # the one way in which YAML of others is read
    'records': Room(libraries='numpy'),
    'picture_files': Room(libraries='numpy cv2'),  # the one way from a file's or message's bytes to pixels
    'space': Room(libraries='numpy'),  # the records in metres
    'settings': Room(libraries='yaml'),
    'health': Room(libraries='numpy scipy cv2'),
    'labels': Room(libraries='numpy scipy cv2 yaml'),
    'tracking': Room(libraries='numpy scipy cv2'),
    'geometry': Room(libraries='numpy scipy cv2'),
    'mapping': Room('labels geometry', 'numpy scipy cv2 yaml', 'pyproj'),
    'models': Room('labels', 'numpy cv2 torch torchvision safetensors yaml',
                   'transformers huggingface_hub onnxruntime'),
    'pipeline': Room('models.segmenter models.panoptic_output labels tracking geometry', 'numpy'),
    'model': Room('models.catalog pipeline labels', 'numpy cv2'),  # what programs without ROS import
    # cv2 swaps colour channels and codes JPEG several times faster than NumPy can.
    # Of tracking the bridge takes the pictures of masks, which are made only for who subscribes.
    'bridge': Room('labels health tracking.overlap mapping.charts', f'numpy cv2 {MESSAGES}'),
    'nodes': Room('health labels geometry mapping models pipeline bridge',
                  f'numpy cv2 rclpy tf2_ros ament_index_python {MESSAGES}', 'tf2_msgs'),
    'live': Room('nodes bridge labels', f'numpy rclpy {MESSAGES}'),
    'recordings': Room('live.observer nodes bridge pipeline geometry models.catalog',
                       f'numpy scipy cv2 rclpy {MESSAGES}', 'rosbags'),
    'player': Room('recordings bridge nodes', f'numpy cv2 rclpy {MESSAGES}', 'tf2_msgs'),
    'lab': Room('pipeline models labels tracking geometry',
                'numpy scipy cv2 torch torchvision safetensors yaml tqdm pycocotools',
                'torchmetrics matplotlib transformers onnx onnxruntime PIL'),
    'demo': Room('recordings live player lab labels geometry tracking mapping',
                 f'numpy cv2 rclpy yaml tqdm rich {MESSAGES}', 'motmetrics'),
    'cli': Room('lab models.catalog', 'numpy cv2 tqdm rich'),
}
# Module: what it alone of its room may import. Each verb opens one room.
SINGLE_MODULES = {'cli.demo': 'demo player', 'cli.bench': 'live', 'cli.label': 'recordings player',
                  'cli.view': 'live recordings', 'cli.predict': 'player model', 'cli.frames': 'player recordings',
                  'cli.map': 'recordings player mapping labels pipeline', 'cli.teach': 'recordings',
                  'cli.recordings': 'recordings nodes.parameters', 'cli.taxonomy': 'labels', 'cli.pseudo': 'labels',
                  'cli.models': 'labels models.sources'}
NO_DRAWERS = {'utils', 'util', 'helpers', 'helper', 'common', 'core', 'misc'}


class Import(NamedTuple):
    """One import: by which module (dotted, without the package), of what, and when it runs."""

    by: str
    line: int
    target: str
    in_function: bool
    at_load: bool

    def breaks(self, rule: str) -> str:
        """Return the sentence about a broken rule."""
        return f'{self.by}:{self.line} imports {self.target}: {rule}'


def modules_of(package: Path) -> dict[str, Path]:
    """Return every module below a package: dotted name without the package ('' is its __init__) → file."""
    names = {}
    for path in sorted(package.rglob('*.py')):
        parts = path.relative_to(package).with_suffix('').parts
        names['.'.join(parts[:-1] if parts[-1] == '__init__' else parts)] = path
    return names


def targets_of(node: ast.stmt, package: str, module: str, is_package: bool) -> Iterator[tuple[str, ...]]:
    """Yield, for each name a statement imports, what it may mean: the longer dotted name first."""
    if isinstance(node, ast.Import):
        yield from ((alias.name,) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        source = node.module or ''
        if node.level:
            here = [package, *filter(None, module.split('.'))]
            above = here[:len(here) - node.level + is_package]
            source = '.'.join([*above, *filter(None, [source])])
        yield from ((f'{source}.{alias.name}', source) for alias in node.names)


def imports_of(package: Path) -> list[Import]:
    """Return every import in a package's source; modules of ours are named 'package.module'."""
    modules = modules_of(package)
    ours = {f'{package.name}.{name}'.rstrip('.') for name in modules}
    found = []

    def visit(node: ast.AST, by: str, in_function: bool, at_load: bool) -> None:
        for child in ast.iter_child_nodes(node):
            function = in_function or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            typing_only = isinstance(child, ast.If) and 'TYPE_CHECKING' in ast.unparse(child.test)
            if isinstance(child, (ast.Import, ast.ImportFrom)):
                for meanings in targets_of(child, package.name, by, modules[by].name == '__init__.py'):
                    target = next((name for name in meanings if name in ours), meanings[-1])
                    found.append(Import(by, child.lineno, target, function, at_load and not function))
            visit(child, by, function, at_load and not function and not typing_only)

    for module, path in modules.items():
        visit(ast.parse(path.read_text(encoding='utf-8')), module, False, True)
    return found


def is_within(module: str, allowed: str) -> bool:
    """Say whether a dotted name is one of the allowed names or below one."""
    return any(module == name or module.startswith(f'{name}.') for name in allowed.split())


def broken_by(one: Import, package: str) -> str | None:
    """Return the rule an import breaks, or None."""
    room = one.by.partition('.')[0]
    if room not in ROOMS:
        return None
    rules, top = ROOMS[room], one.target.partition('.')[0]
    if top == package:
        inner = one.target.removeprefix(package).lstrip('.')
        allowed = ' '.join([room, *EVERYBODYS, rules.ours, SINGLE_MODULES.get(one.by, '')])
        fits = not inner or is_within(inner, allowed)
        return None if fits else f'{room} may import {rules.ours or "nothing of ours"}'
    if top in sys.stdlib_module_names or is_within(top, rules.libraries):
        return None
    if is_within(top, rules.inside_functions):
        return None if one.in_function else 'only inside functions'
    return f'{room} may use {rules.libraries or "the standard library alone"}'


def cycle_in(imports: list[Import], package: str) -> list[str]:
    """Return the modules of one cycle of load-time imports, the first again at the end; or nothing."""
    edges: dict[str, set[str]] = {}
    for one in imports:
        if one.at_load and one.target.startswith(f'{package}.'):
            edges.setdefault(one.by, set()).add(one.target.removeprefix(f'{package}.'))
    done: set[str] = set()

    def walk(module: str, trail: list[str]) -> list[str]:
        if module in trail:
            return [*trail[trail.index(module):], module]
        if module in done:
            return []
        cycles = (walk(following, [*trail, module]) for following in sorted(edges.get(module, ())))
        found = next((cycle for cycle in cycles if cycle), [])
        done.add(module)
        return found

    return next((cycle for start in sorted(edges) if (cycle := walk(start, []))), [])


def violations(package: Path) -> list[str]:
    """Return a sentence for each way in which a package departs from the design."""
    modules, imports = modules_of(package), imports_of(package)
    rooms = {name.partition('.')[0] for name in modules} - {''}
    found = [f'the design has no room called {room}' for room in sorted(rooms - ROOMS.keys())]
    found += [f'{name} is a drawer, not a room' for name in modules if NO_DRAWERS & set(name.split('.'))]
    found += [one.breaks(rule) for one in imports if (rule := broken_by(one, package.name))]
    if cycle := cycle_in(imports, package.name):
        found.append(f'imports go round: {" → ".join(cycle)}')
    return found


def test_the_package_keeps_to_the_design() -> None:
    """Every import of seg_ros is one the design's table allows."""
    found = violations(PACKAGE)
    assert not found, '\n'.join(found)


def test_every_arrow_is_used() -> None:
    imports = imports_of(PACKAGE)
    unused = [f'{room} → {other}' for room, rules in ROOMS.items() for other in rules.ours.split()
              if not any(one.by.partition('.')[0] == room and is_within(one.target, f'{PACKAGE.name}.{other}')
                         for one in imports)]
    assert not unused


def test_rooms_import_each_other_in_no_circle() -> None:
    rooms = [one._replace(by=by, target=f'{PACKAGE.name}.{other}', at_load=True) for one in imports_of(PACKAGE)
             if (by := one.by.partition('.')[0]) != (other := f'{one.target}.'.split('.')[1])
             and one.target.startswith(f'{PACKAGE.name}.')]
    assert cycle_in(rooms, PACKAGE.name) == []


def test_the_walk_sees_the_package() -> None:
    """The check above is not passing because it read nothing."""
    seen = {(one.by, one.target) for one in imports_of(PACKAGE)}
    assert ('labels.palette', 'seg_ros.labels.taxonomy') in seen
    assert ('models.networks', 'torch') in seen


CASES = [
    ('a room below imports one above', {'labels/a.py': 'from seg_ros.models import segmenter'}, 'labels.a:1'),
    ('rclpy outside nodes', {'geometry/a.py': 'import rclpy'}, 'geometry.a:1 imports rclpy'),
    ('torch in the tracker', {'tracking/a.py': 'x = 1\nfrom torch import nn'}, 'tracking.a:2 imports torch'),
    ('torch hidden in a function', {'pipeline.py': 'def f():\n    import torch'}, 'pipeline:2 imports torch'),
    ('a backend at load time', {'models/a.py': 'import onnxruntime'}, 'only inside functions'),
    ('more of models than the contract', {'pipeline.py': 'from seg_ros.models.catalog import open_model'},
     'pipeline:1 imports seg_ros.models.catalog'),
    ('nodes in a verb that speaks no ROS', {'cli/eval.py': 'from seg_ros.player.player import Player'},
     'cli.eval:1'),
    ('a relative import', {'labels/a.py': 'from ..bridge import images'}, 'imports seg_ros.bridge'),
    ('the robot imports the lab', {'nodes/a.py': 'from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n'
                                                 '    import seg_ros.lab.metrics'}, 'nodes.a:3'),
    ('an unknown room', {'vision/a.py': ''}, 'no room called vision'),
    ('a drawer', {'nodes/utils.py': ''}, 'nodes.utils is a drawer'),
    ('a cycle', {'labels/a.py': 'from seg_ros.labels.b import B', 'labels/b.py': 'import seg_ros.labels.a'},
     'labels.a → labels.b → labels.a'),
]


def tree(root: Path, files: dict[str, str]) -> Path:
    """Write a package of the given files, beside the few that its imports need."""
    package = root / 'seg_ros'
    for name, text in {'bridge/images.py': '', 'models/segmenter.py': '', **files}.items():
        path = package / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / '__init__.py').touch()
        path.write_text(text, encoding='utf-8')
    return package


@pytest.mark.parametrize(('files', 'sentence'), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_departure_is_found(tmp_path: Path, files: dict[str, str], sentence: str) -> None:
    """Each rule, broken in a drawn package, gives exactly one sentence."""
    found = violations(tree(tmp_path, files))
    assert len(found) == 1
    assert sentence in found[0]


def test_what_the_design_allows_is_allowed(tmp_path: Path) -> None:
    """Lazy backends, lazy cycles, types and the demo's nodes are not departures."""
    package = tree(tmp_path, {
        'cli/demo.py': 'from seg_ros.demo import script',
        'nodes/monitor.py': 'import rclpy\nfrom seg_ros.bridge.images import decode_image',
        'models/catalog.py': 'def f():\n    from seg_ros.models.from_onnx import g\n    import onnxruntime',
        'models/from_onnx.py': 'import torch\nfrom seg_ros.models.catalog import f\nfrom .segmenter import s',
        'share.py': '', 'labels/a.py': 'from seg_ros.share import share_directory\nfrom seg_ros import share',
    })
    assert violations(package) == []
