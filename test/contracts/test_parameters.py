# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One declaration of the settings: YAML, documentation and what the node declares say the same."""

from __future__ import annotations

from dataclasses import asdict, fields
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
import yaml
from rcl_interfaces.msg import ParameterType
from rclpy.context import Context
from scenes.graph import Graph

from seg_ros.records import Mode
from seg_ros.settings import Settings, knob_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize('mode', [mode.value for mode in Mode])
def test_the_preset_of_a_mode_holds_every_default(mode: str) -> None:
    table = yaml.safe_load((ROOT / 'config' / f'{mode}.yaml').read_text())
    values = table['/**']['ros__parameters']
    defaults = asdict(Settings(mode=mode))
    assert values == {k: list(v) if isinstance(v, tuple) else v for k, v in defaults.items()}
    assert list(values) == [item.name for item in fields(Settings)]


def test_the_documentation_is_the_one_generated() -> None:
    spec = spec_from_file_location('generate', ROOT / 'docs' / 'generate.py')
    assert spec is not None and spec.loader is not None
    generate = module_from_spec(spec)
    spec.loader.exec_module(generate)
    written = (ROOT / 'docs' / 'parameters.md').read_text()
    assert written == generate.parameters_page(), 'run python docs/generate.py'
    assert (ROOT / 'README.md').read_text() == generate.readme(), 'run python docs/generate.py'
    assert (ROOT / 'docs' / 'models.md').read_text() == generate.models_page(), 'run python docs/generate.py'


def test_the_node_declares_each_setting_with_its_words_bounds_and_default(ros_context: Context) -> None:
    graph = Graph(ros_context)
    for item in fields(Settings):
        knob, described = knob_of(item.name), graph.node.describe_parameter(item.name)
        assert described.description.startswith(knob.words)
        assert described.read_only is (not knob.live)
        if knob.bounds:
            span = (described.integer_range or described.floating_point_range)[0]
            assert (span.from_value, span.to_value) == knob.bounds
        if isinstance(item.default, tuple):
            assert described.type == ParameterType.PARAMETER_STRING_ARRAY
            assert tuple(graph.node.get_parameter(item.name).value) == item.default
        else:
            assert graph.node.get_parameter(item.name).value == item.default
    with graph:
        pass
