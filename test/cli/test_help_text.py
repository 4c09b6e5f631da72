# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What --help says of a default: once, and only of one that there is."""

import argparse
from collections.abc import Iterator

import pytest

from seg_ros.cli.help_text import DefaultsHelp
from seg_ros.cli.main import VERBS, _parser


def test_a_default_is_told_once_and_none_is_not_told() -> None:
    parser = argparse.ArgumentParser(formatter_class=DefaultsHelp)
    parser.add_argument('--rate', default=15, help='pictures a second')
    parser.add_argument('--model', default='indoor', help='default: that of the mode')
    parser.add_argument('--out', help='a folder')
    text = parser.format_help()
    assert 'pictures a second (default: 15)' in text
    assert '(default: indoor)' not in text
    assert 'None' not in text


def test_what_is_nothing_is_not_told_and_several_words_are_told_as_they_are_typed() -> None:
    parser = argparse.ArgumentParser(formatter_class=DefaultsHelp)
    parser.add_argument('--topic', default='', help='a topic')
    parser.add_argument('--half', action='store_true', help='half precision')
    parser.add_argument('--more', default=[], help='further folders')
    parser.add_argument('--mode', nargs='+', default=['semantic', 'instance'], help='the modes')
    parser.add_argument('--count', default=0, help='so many')
    text = parser.format_help()
    assert text.count('(default') == 2
    assert '(default: semantic instance)' in text
    assert '(default: 0)' in text


def parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from parsers(below)


@pytest.mark.parametrize('verb', VERBS)
def test_the_help_of_every_verb_fits_80_columns_and_explains_each_option(verb: str,
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('COLUMNS', '80')
    chosen = next(below for below in parsers(_parser(verb)) if below.prog == f'seg_ros {verb}')
    for parser in parsers(chosen):
        text = parser.format_help()
        assert max(map(len, text.splitlines())) <= 80, parser.prog
        assert 'default: None' not in ' '.join(text.split()), parser.prog
        mute = [action.dest for action in parser._actions if not action.help]
        assert [name for name in mute if name not in ('verb', 'act', 'kind')] == [], parser.prog
