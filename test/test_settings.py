# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every knob is checked alone and together with the others; a change is made whole or not at all."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest

from seg_ros.errors import SettingError
from seg_ros.settings import Knob, Settings, knob_of, parse_size

KNOBS = {item.name: (knob_of(item.name), item.default) for item in fields(Settings)}


def refused(values: dict[str, Any]) -> str:
    """Return the sentence with which a change is refused."""
    with pytest.raises(SettingError) as caught:
        Settings().changed(values)
    return str(caught.value)


def test_the_defaults_are_a_semantic_node_on_any_machine() -> None:
    settings = Settings()
    assert (settings.mode, settings.semantic_model, settings.taxonomy) == ('semantic', 'indoor', 'indoor')
    assert (settings.device, settings.precision, settings.cameras) == ('auto', 'auto', ('',))
    assert (settings.output_size, settings.max_rate, settings.unlabelled_threshold) == ('', 0.0, 0.4)


@pytest.mark.parametrize('name', KNOBS)
def test_every_knob_says_what_it_does(name: str) -> None:
    knob, default = KNOBS[name]
    assert len(knob.words) > 10
    assert not knob.words.endswith('.')
    assert knob.bounds is None or (knob.bounds[0] <= default <= knob.bounds[1])
    assert not knob.choices or default in knob.choices


@pytest.mark.parametrize('name', [name for name, (knob, _) in KNOBS.items() if knob.bounds])
def test_bounds_are_inclusive_and_kept(name: str) -> None:
    knob, default = KNOBS[name]
    assert knob.bounds is not None
    low, high = (type(default)(bound) for bound in knob.bounds)
    assert getattr(Settings().changed({name: low}), name) == low
    assert getattr(Settings().changed({name: high}), name) == high
    step = type(default)(1)
    for outside in (low - step, high + step):
        assert f'{name} is {outside}' in refused({name: outside})
        assert 'must lie within' in refused({name: outside})


@pytest.mark.parametrize('name', [name for name, (knob, _) in KNOBS.items() if knob.choices])
def test_choices_are_named_when_another_is_given(name: str) -> None:
    knob, _ = KNOBS[name]
    for word in set(knob.choices) - {'fp16'}:
        assert getattr(Settings().changed({name: word}), name) == word
    assert refused({name: 'zebra'}) == f"{name} is 'zebra'. Use one of {', '.join(knob.choices)}."


@pytest.mark.parametrize('name', KNOBS)
def test_a_value_of_another_type_is_refused(name: str) -> None:
    """As ROS does: no silent conversion, neither of 1 to 1.0 nor of 1 to true."""
    _, default = KNOBS[name]
    wrong = {bool: 1, int: 1.0, float: 1, str: 1, tuple: 'front'}[type(default)]
    assert refused({name: wrong}).startswith(f'{name} is {wrong!r}. It must be a ')


@pytest.mark.parametrize(('values', 'sentence'), [
    ({'unlabelled_threshold': math.nan}, 'unlabelled_threshold is nan'),
    ({'max_rate': math.inf}, 'max_rate is inf Hz. It must lie within 0 and 1000 Hz.'),
    ({'precision': 'fp16', 'device': 'cpu'}, 'precision is fp16 but device is cpu. Use bf16, fp32 or auto on a CPU.'),
    ({'device': 'gpu'}, "device is 'gpu'. Use auto, cpu, cuda or cuda:N."),
    ({'device': 'cuda:'}, "device is 'cuda:'"),
    ({'device': 'cuda:-1'}, "device is 'cuda:-1'"),
    ({'device': ''}, "device is ''"),
    ({'target_frame': '/map'}, "target_frame is '/map', and no name in TF begins with a slash or a blank. Write 'map'"),
    ({'base_frame': 'base '}, "base_frame is 'base '"),
    ({'output_size': '424'}, "output_size is '424'. Write WIDTHxHEIGHT in pixels, 424x240 say."),
    ({'output_size': '0x240'}, "output_size is '0x240'"),
    ({'output_size': '9000x9000'}, 'output_size is 9000x9000, 81000000 pixels. Outputs may have as many as'),
    ({'cameras': []}, 'cameras is []. Give each camera its own name.'),
    ({'cameras': ['left', 'left']}, "cameras is ['left', 'left']"),
    ({'cameras': ['left', '']}, 'one of several cameras has no name'),
    ({'cameras': ['2nd']}, "'2nd' cannot be part of a topic name"),
    ({'cameras': ['küche']}, "'küche' cannot be part of a topic name"),
    ({'cameras': ['/front']}, "'/front' cannot be part of a topic name"),
    ({'cameras': ['front', 7]}, "cameras is ['front', 7]. It must be a list of texts."),
    ({'max_rates': 5.0}, "there is no setting 'max_rates'; the nearest known is 'max_rate'."),
])
def test_a_wrong_value_is_refused_with_a_sentence(values: dict[str, Any], sentence: str) -> None:
    assert refused(values).startswith(sentence)


@pytest.mark.parametrize('values', [
    {'device': 'cpu'}, {'device': 'cuda'}, {'device': 'cuda:3'}, {'precision': 'fp16', 'device': 'cuda:0'},
    {'precision': 'fp16', 'device': 'auto'}, {'output_size': '424x240'}, {'cameras': ('front', 'left/wide_2')},
])
def test_a_right_value_is_taken(values: dict[str, Any]) -> None:
    settings = Settings().changed(values)
    assert {name: getattr(settings, name) for name in values} == values


def test_a_list_from_ros_becomes_a_tuple() -> None:
    assert Settings().changed({'cameras': ['front', 'left']}).cameras == ('front', 'left')


def test_several_changes_are_made_together() -> None:
    """Each of the two alone would contradict the present settings."""
    on_gpu = Settings().changed({'precision': 'fp16', 'device': 'cuda'})
    on_cpu = on_gpu.changed({'precision': 'bf16', 'device': 'cpu'})
    assert (on_cpu.precision, on_cpu.device) == ('bf16', 'cpu')
    with pytest.raises(SettingError, match='precision is fp16 but device is cpu'):
        on_gpu.changed({'device': 'cpu'})


def test_a_refused_change_changes_nothing() -> None:
    settings = Settings()
    with pytest.raises(SettingError, match='max_rate'):
        settings.changed({'unlabelled_threshold': 0.9, 'max_rate': -1.0})
    assert settings == Settings()


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().max_rate = 5.0  # type: ignore[misc]


@pytest.mark.parametrize(('text', 'size'), [
    ('', None), ('1x1', (1, 1)), ('424x240', (424, 240)), ('16384x16384', (16384, 16384)),
])
def test_a_size_is_read(text: str, size: tuple[int, int] | None) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize('text', ['x', '424', '424x', '424 x 240', '424X240', '-1x5', '0x0', '16385x1', '4.5x5', ' '])
def test_a_malformed_size_is_refused_by_the_name_of_its_setting(text: str) -> None:
    with pytest.raises(SettingError, match=f"^--crop is '{text}'. Write WIDTHxHEIGHT in pixels"):
        parse_size(text, '--crop')


def test_a_knob_is_live_and_free_unless_it_says_otherwise() -> None:
    assert Knob('what it does') == Knob('what it does', unit='', bounds=None, choices=(), live=True)
    fixed = {name for name, (knob, _) in KNOBS.items() if not knob.live}
    assert {'device', 'precision', 'cpu_threads', 'cameras', 'autostart'} <= fixed
    assert fixed.isdisjoint({'mode', 'semantic_model', 'taxonomy', 'unlabelled_threshold', 'output_size', 'max_rate'})


def test_size_limits_are_read_by_class() -> None:
    assert Settings().size_limits == {}
    limits = Settings().changed({'size_limits_m': ['adjustable spanner=0.4', '* = 1', 'nut=.05']}).size_limits
    assert limits == {'adjustable spanner': 0.4, '*': 1.0, 'nut': 0.05}


@pytest.mark.parametrize('text', ['calipers', 'calipers=', '=0.4', 'calipers=0', 'calipers=-1', 'calipers=big',
                                  'calipers=1e9', 'calipers=1001'])
def test_a_size_limit_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match=r"size_limits_m has '.*'\. Write CLASS=METRES, hammer=0\.6 say"):
        Settings().changed({'size_limits_m': (text,)})


def test_two_limits_of_a_class_are_refused() -> None:
    with pytest.raises(SettingError, match="size_limits_m has two limits for 'calipers'"):
        Settings().changed({'size_limits_m': ('calipers=0.4', 'calipers = 0.5')})
