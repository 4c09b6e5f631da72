# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Of things that are wrong together the first cause alone is told, with what is not given for it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from seg_ros.errors import Doubt, ImageError, TransformError
from seg_ros.health.consequences import FOLLOWS, first_causes
from seg_ros.health.verdict import Level, Verdict, doubted, not_given, without

ROOT = Path(__file__).parents[2]
NO_FRAME = TransformError("TF knows no frame 'mapp'; the nearest known is 'map'", 'correct its name')
LATE = TransformError('the transform ends 0.051 s before it', 'compare the clocks', is_late=True)
TARGET = without('no_transform', NO_FRAME)
OBJECTS = not_given('not_given', NO_FRAME.fact, NO_FRAME.remedy, ['~/objects'])
SCAN = not_given('not_given', 'the transform ends 0.063 s before it', 'compare the clocks', ['~/scan'])
LIGHT, STAMPS, DEVICE, BEHIND, REMAP = (doubted(Doubt(word, word, f'mend {word}')) for word in (
    'black', 'stamps', 'device', 'behind', 'remap'))
ELSEWHERE = Verdict(Level.STALE, 'elsewhere', 'nobody publishes /front/image', 'remap it')


def words(*found: Verdict) -> list[str]:
    """Return what is told of verdicts."""
    return [one.words for one in first_causes(found)]


@pytest.mark.parametrize('found', [(TARGET, OBJECTS), (OBJECTS, TARGET)])
def test_one_reason_is_told_once_with_what_is_not_given_for_it(found: tuple[Verdict, ...]) -> None:
    one, = first_causes(found)
    assert one.words == f'~/objects cannot be made: {NO_FRAME.fact}'
    assert (one.kind, one.remedy) == ('no_transform', 'correct its name')


def test_the_numbers_of_a_reason_do_not_make_it_another_and_those_of_a_name_do() -> None:
    assert words(without('', LATE), SCAN) == ['~/scan cannot be made: the transform ends 0.051 s before it']
    frames = [without('', TransformError(f"TF knows no frame '{name}'")) for name in ('arm1', 'arm2', '/arm_1')]
    assert len(first_causes(frames)) == 3


@pytest.mark.parametrize(('found', 'told'), [
    ((BEHIND, LIGHT), ['behind', 'black']),
    ((LIGHT, BEHIND, DEVICE), ['black', 'device']),
    ((without('', LATE), STAMPS), ['stamps']),
    ((without('', LATE), SCAN, STAMPS), ['~/scan cannot be made: stamps']),
    ((TARGET, STAMPS), [NO_FRAME.fact, 'stamps']),  # that is no matter of time
])
def test_what_follows_from_another_is_not_told(found: tuple[Verdict, ...], told: list[str]) -> None:
    assert words(*found) == told


def test_what_is_not_given_is_told_before_what_is_doubted() -> None:
    assert words(LIGHT, OBJECTS, BEHIND) == [f'~/objects cannot be made: {NO_FRAME.fact}', 'black', 'behind']


def test_a_cause_is_as_bad_as_what_follows_from_it() -> None:
    one, = first_causes((ELSEWHERE, REMAP))
    assert (one.fact, one.level) == ('remap', Level.STALE)


def test_what_follows_in_two_steps_is_told_with_the_first() -> None:
    floor, lens, matrices = (doubted(Doubt(word, word, '')) for word in ('floor', 'lens', 'matrices'))
    assert words(floor, lens, matrices) == ['matrices']
    assert words(floor, lens) == ['lens']


def test_other_errors_keep_their_kind() -> None:
    assert without('not mapped', ImageError('cut off'), Level.ERROR) == Verdict(Level.ERROR, 'not mapped cut off',
                                                                               'cut off')


def test_every_kind_is_one_that_is_told_somewhere() -> None:
    said = {node.value for path in (ROOT / 'seg_ros').rglob('*.py') if path.name != 'consequences.py'
            for node in ast.walk(ast.parse(path.read_text(encoding='utf-8')))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert {*FOLLOWS, *(one for causes in FOLLOWS.values() for one in causes)} <= said
