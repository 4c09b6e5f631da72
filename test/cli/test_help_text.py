# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What --help says of a default: once, and only of one that there is."""

import argparse

import pytest

from seg_ros.cli.help_text import DefaultsHelp
from seg_ros.cli.main import main


def test_a_default_is_told_once_and_none_is_not_told() -> None:
    parser = argparse.ArgumentParser(formatter_class=DefaultsHelp)
    parser.add_argument('--rate', default=15, help='pictures a second')
    parser.add_argument('--model', default='indoor', help='default: that of the mode')
    parser.add_argument('--out', help='a folder')
    text = parser.format_help()
    assert 'pictures a second (default: 15)' in text
    assert '(default: indoor)' not in text
    assert 'None' not in text


def test_every_verb_tells_no_default_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    for verb in (['predict'], ['map'], ['pseudo'], ['train', 'semantic'], ['eval', 'instance'], ['export']):
        with pytest.raises(SystemExit):
            main([*verb, '--help'])
        assert 'default: None' not in ' '.join(capsys.readouterr().out.split()), verb
