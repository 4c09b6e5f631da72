# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every command of the pages exists and takes the options it is shown with."""

from __future__ import annotations

import argparse
import ast
import re
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import yaml
from scenes.pages import ROOT, Command, Page, commands_of, pages

from seg_ros.cli.main import VERBS, _parser
from seg_ros.errors import SegRosError
from seg_ros.mapping.settings import MappingSettings
from seg_ros.player.settings import PlayerSettings
from seg_ros.settings import Settings, knob_of

COMMANDS = [command for page in pages() for command in page.commands]
MAKEFILE = (ROOT / 'Makefile').read_text(encoding='utf-8')
INPUTS = {'image', 'depth', 'camera_info', 'image/compressed', '__node', '__ns'}
SETTINGS = {'segmentation': {item.name for item in fields(Settings)},
            'mapping': {item.name for item in fields(MappingSettings)},
            'player': {item.name for item in fields(PlayerSettings)}}


@cache
def parser_of(verb: str) -> argparse.ArgumentParser:
    return _parser(verb)


def test_pages_clone_from_where_the_package_says_that_it_lies() -> None:
    address = ElementTree.parse(ROOT / 'package.xml').find("url[@type='repository']")
    public = None if address is None else address.text
    cloning = {page.name: found[1] for page in pages()
               if (found := re.search(r'git clone (\S+) src/seg_ros', page.text))}
    assert {'README.md', 'docs/your_robot.md'} <= set(cloning)
    for name, place in cloning.items():
        assert place == (public or '$HOME/seg_ros'), f'{name}: <url> of package.xml is {public}'


def test_who_names_a_durability_names_the_reliability() -> None:
    """ros2 topic echo takes best effort else, and a best-effort subscriber is never sent what is latched."""
    assert [str(command) for command in COMMANDS if '--qos-durability' in command.words
            and '--qos-reliability' not in command.words] == []


def fault_of_seg_ros(command: Command) -> str:
    """Say what is wrong with ``seg_ros VERB ...``."""
    given = list(command.words[1:])
    if not given or given[0].startswith('-') or given[0] == 'VERB':
        return '' if set(given) <= {'--help', '--version', 'VERB'} else f'seg_ros does not take {given}'
    if given[0] not in VERBS:
        return f'the verbs are {", ".join(VERBS)}'
    try:
        parser = parser_of(given[0])
    except ModuleNotFoundError:  # a verb of the lab, on a robot
        return ''
    if command.whole:
        return fault_of_parsing(parser, given)
    return next((f'{word} is no option of it' for word in given if word.startswith('--')
                 and word.partition('=')[0] not in options_along(parser, given)), '')


def fault_of_parsing(parser: argparse.ArgumentParser, given: list[str]) -> str:
    try:
        parser.parse_args(given)
    except SystemExit as ended:
        return 'its parser refuses it; see the usage above' if ended.code else ''
    return ''


def options_along(parser: argparse.ArgumentParser, given: list[str]) -> set[str]:
    """Return the options of a parser and of the sub-parsers that the given words choose."""
    options = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            chosen = next((word for word in given if word in action.choices), None)
            if chosen:
                options |= options_along(action.choices[chosen], given[given.index(chosen) + 1:])
    return options


def fault_of_make(command: Command) -> str:
    """Say what is wrong with ``make TARGET NAME=value``."""
    for word in command.words[1:]:
        name, equals, _ = word.partition('=')
        if equals and not re.search(rf'\$[({{]{name}[)}}]|^{name} ', MAKEFILE, re.MULTILINE) and name != 'PYTHON':
            return f'the Makefile reads no {name}'
        if not equals and not re.search(rf'(?m)^{re.escape(word)}:', MAKEFILE):
            return f'the Makefile has no target {word}'
    return ''


def fault_of_ros2(command: Command) -> str:
    """Say what is wrong with a ``ros2`` command, as far as it is about this package."""
    act, words = ' '.join(command.words[1:2]), list(command.words[2:])
    if act == 'launch' and words[:1] == ['seg_ros'] and words[1:]:
        return fault_of_launch(words[1], words[2:])
    if act == 'run' and words[:1] == ['seg_ros'] and words[1:]:
        return fault_of_node(words[1], words[2:])
    if act == 'param' and words[1:2] == ['/segmentation'] and words[0] in ('set', 'get') and words[2:]:
        return fault_of_parameter(words[2], words[3:])
    return ''


def fault_of_launch(file: str, arguments: list[str]) -> str:
    path = ROOT / 'launch' / file
    if not path.is_file():
        return f'there is no launch/{file}'
    known = declared(file) | declared('segmentation.launch.py')
    return next((f'{file} has no argument {one}' for one in arguments
                 if ':=' in one and one.partition(':=')[0] not in known), '')


@cache
def declared(file: str) -> frozenset[str]:
    """Return the arguments a launch file declares."""
    tree = ast.parse((ROOT / 'launch' / file).read_text(encoding='utf-8'))
    return frozenset(ast.literal_eval(call.args[0]) for call in ast.walk(tree) if isinstance(call, ast.Call)
                     and getattr(call.func, 'id', '') == 'DeclareLaunchArgument')


def fault_of_node(executable: str, arguments: list[str]) -> str:
    if f"'{executable} = seg_ros." not in (ROOT / 'setup.py').read_text(encoding='utf-8'):
        return f'there is no executable {executable}'
    for flag, value in pairwise(arguments):
        name = value.partition(':=')[0]
        if flag == '-p' and name not in SETTINGS[executable]:
            return f'{executable} has no parameter {name}'
        if flag == '-r' and name.split('/', 1)[-1 if '/' in name and name not in INPUTS else 0] not in INPUTS:
            return f'{executable} has no topic {name} to remap'
    return ''


def fault_of_parameter(name: str, value: list[str]) -> str:
    if name not in SETTINGS['segmentation']:
        return f'there is no parameter {name}'
    if not value or not re.match(r'^[\w.\[\'"{-]', value[0]) or value[0].isupper():
        return ''  # asked for, or a placeholder
    if not knob_of(name).live:
        return f'{name} cannot change while the node runs'
    try:
        given = yaml.safe_load(value[0])
        Settings().changed({name: tuple(given) if isinstance(given, list) else given})
    except SegRosError as error:
        return str(error)
    return ''


def fault_of_python(command: Command) -> str:
    """Say what is wrong with ``python FILE --option`` or ``python -m seg_ros...``."""
    words = list(command.words[1:])
    if words[:1] == ['-m'] and words[1].startswith('seg_ros'):
        path = ROOT / (words[1].replace('.', '/') + '.py')
        if not path.is_file():
            return f'there is no module {words[1]}'
        return fault_of_node(path.stem, words[2:]) if path.parent.name == 'nodes' else ''
    if not words or not words[0].startswith(('benchmarks/', 'docs/', 'test/')):
        return ''
    if not (ROOT / words[0]).is_file():
        return f'there is no {words[0]}'
    text = (ROOT / words[0]).read_text(encoding='utf-8')
    return next((f'{words[0]} has no option {word}' for word in words[1:]
                 if word.startswith('--') and f"'{word}'" not in text), '')


FAULT_OF: dict[str, Callable[[Command], str]] = {
    'seg_ros': fault_of_seg_ros, 'make': fault_of_make, 'ros2': fault_of_ros2,
    'python': fault_of_python, 'python3': fault_of_python,
}


def fault_of(command: Command) -> str:
    return FAULT_OF[command.words[0].rpartition('/')[2]](command)


@pytest.mark.parametrize('page', pages(), ids=lambda page: page.name)
def test_every_command_exists_and_takes_what_it_is_given(page: Page) -> None:
    faults = {str(command): fault for command in page.commands if (fault := fault_of(command))}
    assert not faults, '\n'.join(f'{command}: {fault}' for command, fault in faults.items())


def test_the_commands_are_found() -> None:
    """The check above is not passing because it read nothing."""
    programs = {command.words[0].rpartition('/')[2] for command in COMMANDS}
    assert set(FAULT_OF) - programs <= {'python3'}
    assert len(COMMANDS) > 60


def test_every_verb_is_shown_on_some_page() -> None:
    shown = {one.words[1] for one in COMMANDS if one.words[0] in ('seg_ros', 'make') and one.words[1:]}
    assert set(VERBS) - shown == set()


@pytest.mark.parametrize(('line', 'fault'), [
    ('seg_ros taxonomy check a.yaml --labels coco', ''),
    ('seg_ros taxonomy check a.yaml', 'its parser refuses it'),
    ('seg_ros taxnomy check a.yaml', 'the verbs are '),
    ('X=1 seg_ros taxonomy check a.yaml --lables coco > out.txt', 'its parser refuses it'),
    ('make demo SOURCE=0 && make test', ''),
    ('make dmo', 'no target dmo'),
    ('make demo SORCE=0', 'reads no SORCE'),
    ('ros2 launch seg_ros segmentation.launch.py image:=/a  # as it is', ''),
    ('ros2 launch seg_ros segmentation.launch.py imge:=/a', 'no argument imge'),
    ('ros2 launch seg_ros segment.launch.py', 'no launch/segment.launch.py'),
    ('ros2 launch other anything.launch.py a:=b', ''),
    ('ros2 run seg_ros segmentation --ros-args -p mode:=panoptic -r front/image:=/a', ''),
    ('ros2 run seg_ros segmentation --ros-args -p mod:=panoptic', 'no parameter mod'),
    ('ros2 run seg_ros segmentation --ros-args -r picture:=/a', 'no topic picture'),
    ('ros2 run seg_ros segmenter', 'no executable segmenter'),
    ('python -m seg_ros.nodes.player --ros-args -p loops:=true', 'player has no parameter loops'),
    ('ros2 param set /segmentation mode instance', ''),
    ("ros2 param set /segmentation classes \"['hammer']\"", ''),
    ('ros2 param set /segmentation mode fast', 'mode'),
    ('ros2 param set /segmentation modus instance', 'no parameter modus'),
    ('python benchmarks/modes.py --source FOLDER', ''),
    ('python benchmarks/modes.py --sauce FOLDER', 'no option --sauce'),
    ('.venv/bin/python benchmarks/mode.py', 'there is no benchmarks/mode.py'),
])
def test_a_command_that_would_not_work_is_told(line: str, fault: str) -> None:
    told = [fault_of(Command('a.md', 1, words, True)) for words in commands_of(line)]
    assert told
    assert any(fault in one for one in told) if fault else not any(told)
