# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Writes what pages say of the code: ``python docs/generate.py``.

docs/parameters.md is made from the settings, docs/launch.md from the launch files, and of the models the table in
README.md and the scores in docs/models.md from their cards.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import Field, fields
from math import ceil
from pathlib import Path
from typing import Any

import yaml

from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.mapping.settings import MappingSettings
from seg_ros.player.settings import PlayerSettings
from seg_ros.settings import Knobs, Settings

ROOT = Path(__file__).parents[1]
NO_LIMIT = 1e6  # an upper bound that only keeps the number within its type
LAUNCH_FILES = ('segmentation', 'navigation', 'manipulation', 'multi_camera', 'mapping', 'demo')

HEAD = """# Parameters

## Of the node `segmentation`

Give them at start with `--ros-args -p NAME:=VALUE`, in a YAML file with `--params-file FILE`
(`config/semantic.yaml` holds every default), or change them while the node runs:

```
ros2 param set /segmentation unlabelled_threshold 0.6
```

A change takes effect before the next frame, or is refused with the reason. Those marked *start* are fixed
once the node runs. This page is made from `seg_ros/settings.py`, `seg_ros/mapping/settings.py` and
`seg_ros/player/settings.py` by `python docs/generate.py`. Launch arguments: [launch.md](launch.md); all pages:
[README.md](README.md).

"""
MAPPING_HEAD = """
## Of the node `mapping`

`ros2 run seg_ros mapping --ros-args -p map_frame:=odom`. What it makes: [mapping.md](mapping.md).

"""
PLAYER_HEAD = """
## Of the node `player`

All are given at start: `ros2 run seg_ros player --ros-args -p source:=/path/to/pictures -r image:=/camera/image_raw`.
Which topics it publishes: [topics.md](topics.md#the-player).

"""
COLUMNS = """| parameter | default | allowed | when | what it does |
|---|---|---|---|---|
"""


def parameters_page() -> str:
    """Return the text of docs/parameters.md."""
    return HEAD + _table(Settings) + MAPPING_HEAD + _table(MappingSettings) + PLAYER_HEAD + _table(PlayerSettings)


def _table(kind: type[Knobs]) -> str:
    return COLUMNS + ''.join(_row(item) for item in fields(kind))


def _row(item: Field[Any]) -> str:
    knob, default = item.metadata['knob'], item.default
    shown = str(list(default)) if isinstance(default, tuple) else str(default).lower() \
        if isinstance(default, bool) else repr(default) if isinstance(default, str) else str(default)
    allowed = ', '.join(f'`{c}`' for c in knob.choices)
    if knob.bounds:
        upper = f'to {knob.bounds[1]:g}' if knob.bounds[1] < NO_LIMIT else 'or more'
        allowed = f'{knob.bounds[0]:g} {upper}' + (f' {knob.unit}' if knob.unit else '')
    return f'| `{item.name}` | `{shown}` | {allowed} | {"any time" if knob.live else "start"} | {knob.words} |\n'


LAUNCH_HEAD = """# Launch files and their arguments

```
ros2 launch seg_ros segmentation.launch.py image:=/camera/image_raw mode:=panoptic rviz:=true
ros2 launch seg_ros navigation.launch.py image:=/camera/image_raw
ros2 launch seg_ros manipulation.launch.py image:=/camera/image_raw
ros2 launch seg_ros multi_camera.launch.py cameras:=front,left image:='/{camera}/image_raw'
ros2 launch seg_ros mapping.launch.py image:=/camera/image_raw depth:=/camera/depth map_frame:=odom
ros2 launch seg_ros demo.launch.py source:=$HOME/pictures
```

An argument left empty leaves the parameter as `params_file` has it, or else the preset of the mode in `config/`; an
argument that is given holds over both. The other launch files start `segmentation.launch.py` and take its arguments
too. This page is made from the launch files by `python docs/generate.py`. What each parameter does:
[parameters.md](parameters.md); all pages: [README.md](README.md).
"""


def launch_page() -> str:
    """Return the text of docs/launch.md."""
    return LAUNCH_HEAD + ''.join(_launch_section(name) for name in LAUNCH_FILES)


def _launch_section(name: str) -> str:
    tree = ast.parse((ROOT / 'launch' / f'{name}.launch.py').read_text(encoding='utf-8'))
    rows = ''.join(_argument_row(call) for call in declared_arguments(tree))
    return (f'\n## {name}.launch.py\n\n{(ast.get_docstring(tree) or "").replace("``", "`")}\n\n'
            f'| argument | default | choices | what it does |\n|---|---|---|---|\n{rows}')


def declared_arguments(tree: ast.Module) -> Iterator[ast.Call]:
    """Yield each call of DeclareLaunchArgument, in the order of the file."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)
             and getattr(node.func, 'id', '') == 'DeclareLaunchArgument']
    yield from sorted(calls, key=lambda call: call.lineno)


def _argument_row(call: ast.Call) -> str:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    default = _shown(given['default_value']) if 'default_value' in given else 'must be given'
    choices = [f'`{word}`' for word in _words(given.get('choices')) if word]
    return (f'| `{ast.literal_eval(call.args[0])}` | {default} | {", ".join(choices)} | '
            f'{ast.literal_eval(given["description"])} |\n')


def _shown(value: ast.expr) -> str:
    """Return a default as a reader sees it; of a path in the package the part below its folder."""
    if isinstance(value, ast.Constant):
        return f'`{value.value}`' if value.value else ''
    parts = [node.value for node in ast.walk(value) if isinstance(node, ast.Constant)]
    return f'`{"/".join(reversed(parts))}`'


def _words(choices: ast.expr | None) -> list[str]:
    """Return the choices; those named by a constant of the file are truth values."""
    if choices is None:
        return []
    words: list[str] = ast.literal_eval(choices) if isinstance(choices, ast.List) else ['true', 'false']
    return [word for word in words if word not in ('True', 'False')]


MODELS = re.compile(r'(?<=python docs/generate\.py -->\n).*?(?=<!-- end -->)', re.DOTALL)
SCORES = {'pixel_accuracy': 'pixel accuracy', 'iou_floor': 'floor IoU', 'mean_iou': 'mean IoU',
          'mask_ap50': 'mask AP50'}


def readme() -> str:
    """Return README.md with the models as their cards have them."""
    rows = ''.join(_model_row(path) for path in sorted((ROOT / 'config' / 'models').glob('*/card.yaml')))
    table = f'\n| model | answers | score on pictures held out | licence of the weights |\n|---|---|---|---|\n{rows}\n'
    return MODELS.sub(lambda _: table, (ROOT / 'README.md').read_text(encoding='utf-8'))


def _model_row(path: Path) -> str:
    card = yaml.safe_load(path.read_text(encoding='utf-8'))
    classes, scores = _robot_classes(card), card.get('scores', {})
    listed = ', '.join(classes) if len(classes) <= 12 else f'{", ".join(classes[:3])} … ({len(classes)} classes)'
    answers = f'each pixel: {listed}' if card['kind'] == 'semantic' else f'each object: {listed}'
    said = ', '.join(f'{words} {scores[key]:.3f}' for key, words in SCORES.items() if key in scores)
    pictures = f'{scores["images"]} pictures: ' if 'images' in scores else ''
    licence = card['licence'].partition(';')[0].removeprefix('weights: ')
    return f'| `{path.parent.name}` | {answers} | {pictures}{said} | {licence} |\n'


SCORED = re.compile(r'(<!-- scores of (\w+), made from its card\.yaml by: python docs/generate\.py -->\n).*?'
                    r'(?=<!-- end -->)', re.DOTALL)
OF_A_CLASS = re.compile(r'(iou|ap50)_(?!.*_other_)(.+)')
WORDS = {'images': 'pictures', **SCORES, 'mean_iou_without_stairs': 'mean IoU without stairs', 'mask_ap': 'mask AP',
         'calibration_error': 'calibration error (ECE)', 'mask_ap75': 'mask AP75',
         'wrong_class': 'taken for another class', 'precision': 'precision at 0.5', 'recall': 'recall at 0.5',
         'iou_floor_of_82_other_floors': 'floor IoU on 82 pictures by other cameras',
         'calibration_error_of_82_other_floors': 'ECE of floor there',
         'found_in_a_room_without': 'found in a picture of a room without'}
BESIDE = 10  # columns of a table of scores, at most


def models_page() -> str:
    """Return docs/models.md with the scores as the cards have them."""
    text = (ROOT / 'docs' / 'models.md').read_text(encoding='utf-8')
    return SCORED.sub(lambda found: f'{found[1]}\n{_scores_of(found[2])}', text)


def _scores_of(model: str) -> str:
    card = yaml.safe_load((ROOT / 'config' / 'models' / model / 'card.yaml').read_text(encoding='utf-8'))
    of_class = {found[2]: f'{value:.3f}' for key, value in card['scores'].items() if (found := OF_A_CLASS.match(key))}
    whole = {WORDS[key]: str(value) if key == 'images' else f'{value:.3f}' for key, value in card['scores'].items()
             if not OF_A_CLASS.match(key)}
    return _tables(whole) + _tables(of_class)


def _tables(values: dict[str, str]) -> str:
    rows = list(values.items())
    beside = ceil(len(rows) / ceil(len(rows) / BESIDE))
    parts = [rows[k:k + beside] for k in range(0, len(rows), beside)]
    return ''.join(f'| {" | ".join(name for name, _ in part)} |\n{"|---" * len(part)}|\n'
                   f'| {" | ".join(value for _, value in part)} |\n\n' for part in parts)


def _robot_classes(card: dict[str, Any]) -> list[str]:
    """Return what the model answers with the default taxonomy; a model of objects answers with its own words."""
    if card['kind'] != 'semantic':
        return list(card['classes'])
    taxonomy = load_taxonomy('indoor')
    meant = {taxonomy.class_of(word) for word in card['classes']}
    return [one.name for one in taxonomy.classes if one in meant]


if __name__ == '__main__':
    (ROOT / 'docs' / 'models.md').write_text(models_page(), encoding='utf-8')
    (ROOT / 'README.md').write_text(readme(), encoding='utf-8')
    (ROOT / 'docs' / 'parameters.md').write_text(parameters_page(), encoding='utf-8')
    (ROOT / 'docs' / 'launch.md').write_text(launch_page(), encoding='utf-8')
