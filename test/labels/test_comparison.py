# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Missing, idle and unused words are found, and what is suggested is near."""

from __future__ import annotations

import pytest
import yaml

from seg_ros.labels.comparison import compare, listed, nearest_words, quoted, template
from seg_ros.labels.taxonomy import RobotClass, Role, Taxonomy

HOME = Taxonomy('home', (
    RobotClass(0, 'Floor', (1, 2, 3), Role.TRAVERSABLE),
    RobotClass(1, 'furniture', (4, 5, 6), Role.OBSTACLE),
    RobotClass(2, 'person', (7, 8, 9), Role.OBSTACLE),
), {'floor': 'Floor', 'rug': 'Floor', 'furniture': 'furniture', 'bookcase': 'furniture', 'bed': 'furniture',
    'screen': None, 'screen door': 'furniture', 'person': 'person', 'sky': None})


def test_each_word_is_known_or_missing_and_one_that_comes_twice_is_looked_at_once() -> None:
    found = compare(HOME, ['rug', 'Sky', 'floor', 'bookcases', 'rug'])
    assert found.meanings == {'rug': 'Floor', 'Sky': None, 'floor': 'Floor'}
    assert found.missing == {'bookcases': ('bookcase',)}
    assert found.words_of('Floor') == ('rug', 'floor')
    assert found.words_of(None) == ('Sky',)


def test_classes_that_nothing_means_are_idle_and_words_that_nothing_used_are_unused() -> None:
    found = compare(HOME, ['rug', 'bed'])
    assert found.idle == ('person',)
    assert found.unused == ('bookcase', 'screen', 'screen door', 'sky')  # the names of classes are not counted


def test_of_synonyms_only_the_one_that_decides_is_used() -> None:
    assert 'screen' in compare(HOME, ['screen;door;screen']).unused
    assert 'screen' not in compare(HOME, ['screen, silver screen']).unused


@pytest.mark.parametrize(('word', 'near'), [
    ('bookcases', ('bookcase',)),
    ('Person_', ('person',)),
    ('bed frame', ('bed',)),  # shares a whole word
    ('red', ()),  # one letter off, and another thing: 'bed' is too short to be near
    ('bokcase, shelf', ('bookcase',)),  # by its first name
    ('flower', ()),  # pasted to the words of the floor it would be driven over
])
def test_the_nearest_words_are_alike_or_share_a_word(word: str, near: tuple[str, ...]) -> None:
    assert nearest_words(word, HOME.words) == near


def test_the_template_puts_each_missing_word_where_its_nearest_is() -> None:
    found = compare(HOME, ['bookcases', 'bed frame', 'Skye', 'forklift', 'no'])
    assert template(HOME, found) == (
        '# to the words of class furniture\nbookcases, bed frame,\n'
        '# to the list ignored_words\nskye,\n'
        "# near to nothing known: give each to a class or to ignored_words\nforklift, 'no',")


def test_of_synonyms_a_person_is_shown_the_one_that_decides() -> None:
    assert listed(['floor, flooring', 'screen;door;screen', 'Sky', 'floor', 'lamp, light'], HOME) == (
        'floor, screen door, Sky, lamp, light')


def test_no_missing_word_gives_no_template() -> None:
    assert template(HOME, compare(HOME, ['rug'])) == ''


@pytest.mark.parametrize('word', ['no', 'on', 'null', '7', 'a: b', "men's room", 'n/a', 'sign (front)', 'rug', '#4'])
def test_a_word_of_the_template_is_read_back_by_yaml_as_that_word(word: str) -> None:
    assert yaml.safe_load(f'[{quoted(word)},]') == [word]
