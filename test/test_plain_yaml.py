# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Ordinary YAML is read; what grows beyond its text is refused with its line."""

from __future__ import annotations

import pytest
import yaml

import seg_ros.plain_yaml
from seg_ros.plain_yaml import DEEPEST, plain_yaml

LOADERS = {yaml.SafeLoader, getattr(yaml, 'CSafeLoader', yaml.SafeLoader)}


@pytest.fixture(autouse=True, params=sorted(LOADERS, key=lambda loader: loader.__name__))
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with libyaml where there is one, and without it."""
    monkeypatch.setattr(seg_ros.plain_yaml, 'LOADER', request.param)


def test_ordinary_yaml_is_read() -> None:
    text = 'name: a\nclasses: [floor, {words: [rug, "no"]}]\nmean: [1.5, 2, 3]\nflag: true\n'
    assert plain_yaml(text) == {'name': 'a', 'classes': ['floor', {'words': ['rug', 'no']}], 'mean': [1.5, 2, 3],
                                'flag': True}
    assert plain_yaml('') is None


@pytest.mark.parametrize(('text', 'words'), [
    ('a: &a [x]\nb: *a\n', r'line 2 repeats \*a: write it out'),
    ('a: &a {b: 1}\nc:\n  <<: *a\n', 'line 3 repeats'),
    ('[' * 5000, 'more than 20 deep'), ('a: ' * 5000, 'mapping'), ('day: 2026-13-45\n', 'month'),
    ('a: !!python/object/apply:os.getcwd []\n', 'python/object'), ('a: [', 'parsing'),
    ('a: \0', 'character')])
def test_what_is_not_plain_is_refused(text: str, words: str) -> None:
    with pytest.raises(yaml.YAMLError, match=words):
        plain_yaml(text)


def test_what_is_as_deep_as_is_allowed_is_read() -> None:
    assert plain_yaml('[' * DEEPEST + ']' * DEEPEST)
    with pytest.raises(yaml.YAMLError, match='deep'):
        plain_yaml('[' * (DEEPEST + 1) + ']' * (DEEPEST + 1))
