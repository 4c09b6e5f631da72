# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every topic, service, parameter and file that the pages name is one that exists."""

from __future__ import annotations

import re
from dataclasses import fields
from typing import Any

import pytest
import yaml
from scenes.pages import ROOT, Block, Page, pages

from seg_ros.settings import Settings

pytest.importorskip('rclpy')

from seg_ros.mapping.settings import MappingSettings
from seg_ros.nodes.outputs import OUTPUTS
from seg_ros.player.settings import PlayerSettings

PAGES = pages()
SOURCE = ''.join(path.read_text(encoding='utf-8') for room in ('nodes', 'player')
                 for path in (ROOT / 'seg_ros' / room).glob('*.py'))
PRIVATE = {output.name for output in OUTPUTS} | {'label_info'} | set(re.findall(r"'~/([\w/]+)'", SOURCE))
ROS_OWN = {'set_parameters', 'get_state', 'change_state'}  # services that every lifecycle node has
PARAMETERS = {'use_sim_time'} | {item.name for kind in (Settings, MappingSettings, PlayerSettings)
                                 for item in fields(kind)}
FOLDERS = ('config', 'docs', 'launch', 'seg_ros', 'test', 'benchmarks', 'interfaces', 'requirements', 'resource', '.ci')


def unknown_topics(text: str) -> list[str]:
    """Return what is written as a topic or service of the node and is none."""
    names = re.findall(r'(?<![\w.])/segmentation/([\w/]*\w)', text)
    return sorted({name for name in names if not is_private(name)})


def is_private(name: str) -> bool:
    """Whether the node has this topic or service, perhaps below the name of a camera."""
    return bool({name, name.partition('/')[2]} & (PRIVATE | ROS_OWN))


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_every_topic_and_service_of_the_node_exists(page: Page) -> None:
    private = {span.removeprefix('~/') for _, span in page.spans if re.fullmatch(r'~/[\w/]+', span)}
    assert unknown_topics(page.text) == []
    assert sorted(name for name in private if not is_private(name)) == []


def test_every_topic_and_service_of_the_node_is_on_the_page_of_topics() -> None:
    page = Page(ROOT / 'docs' / 'topics.md')
    shown = {span.removeprefix('~/') for _, span in page.spans if span.startswith('~/')}
    assert PRIVATE - shown - {'time_reference'} == set()  # time_reference is the player's


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_every_parameter_in_a_table_of_parameters_exists(page: Page) -> None:
    assert [name for name in parameters_in_tables(page.prose) if name not in PARAMETERS] == []


def parameters_in_tables(prose: str) -> list[str]:
    """Return the names in the first column of tables that begin with 'parameter'."""
    tables = re.findall(r'(?m)^\| parameters? \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)', prose)
    cells = [row.split('|')[1] for table in tables for row in table.splitlines()]
    return [name for cell in cells for name in re.findall(r'`([a-z][\w]*)', cell)]


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_every_parameter_given_in_yaml_exists(page: Page) -> None:
    given = [name for block in page.blocks if block.language == 'yaml' for name in parameters_of_node(block)]
    assert [name for name in given if name not in PARAMETERS] == []


def parameters_of_node(block: Block) -> list[str]:
    """Return the parameters that a YAML block gives to the node ``segmentation``."""
    table: Any = yaml.safe_load(block.text)
    names = []
    for node, content in (table.items() if isinstance(table, dict) else ()):
        if node.strip('/*') in ('segmentation', '') and isinstance(content, dict):
            names += list(content.get('ros__parameters', {}))
    return names


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_every_file_of_the_repository_that_is_named_exists(page: Page) -> None:
    assert missing_files(page) == []


def missing_files(page: Page) -> list[str]:
    """Return the paths in sentences that begin in a folder of the repository and are not there."""
    ours = re.compile(rf'(?:{"|".join(map(re.escape, FOLDERS))})/[\w./*-]*')
    found = (span for _, span in page.spans if ours.fullmatch(span))
    return sorted({path for path in found if not any(ROOT.glob(path.rstrip('/')))})


def test_nothing_is_fetched_from_where_it_is_not() -> None:
    """The package is on no index: what is installed with pip is others', or a file of the repository."""
    files = [page.path for page in PAGES] + [*(ROOT / 'seg_ros').rglob('*.py'), ROOT / 'Makefile']
    lines = [(path.name, line) for path in files for line in installed_by_pip(path.read_text(encoding='utf-8'))]
    assert [(name, line) for name, line in lines if re.search(r'\bseg[-_]ros\b', line)] == []
    listed = {file for _, line in lines for file in re.findall(r'-r (requirements/[\w.-]+\.txt)', line)}
    assert 'requirements/lab.txt' in listed
    assert [file for file in listed if not (ROOT / file).is_file()] == []


def installed_by_pip(text: str) -> list[str]:
    """Return what stands behind each ``pip install``, up to the end of the code or line."""
    return re.findall(r'pip3? install ([^`\n)]+)', text)


def test_the_names_are_found() -> None:
    """The checks above are not passing because they read nothing."""
    assert {'mask', 'enable', 'reset_tracks', 'overlay/compressed'} <= PRIVATE
    assert unknown_topics('`/segmentation/front/mask` /segmentation/masks') == ['masks']
    assert parameters_in_tables('| parameter | effect |\n|---|---|\n| `mode`, `classs` | x |\n') == ['mode', 'classs']
    block = Block('yaml', (), 'segmentation:\n  ros__parameters: {mod: panoptic}\n', 1)
    assert parameters_of_node(block) == ['mod']


def test_a_file_that_is_not_there_is_found(tmp_path: Any) -> None:
    page = Page(tmp_path / 'page.md')
    page.path.write_text('`config/nav2/*.yaml` `config/nowhere.yaml` `docs/` `my/own.yaml`', encoding='utf-8')
    assert missing_files(page) == ['config/nowhere.yaml']
