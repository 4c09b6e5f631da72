# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The text definition of a message, as recordings carry it, made from its Python class."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import import_module
from typing import Any

from seg_ros.recordings.bags import rosbags_module

SEPARATOR = '=' * 80


def type_name(kind: type) -> str:
    """Return the name of a type as a recording has it: ``sensor_msgs/msg/Image``."""
    return f'{kind.__module__.partition(".")[0]}/msg/{kind.__name__}'


def definition_of(kind: type) -> str:
    """Return the fields of a message, and below them those of every message it is made of (ros2msg)."""
    parts = {type_name(kind): _fields(kind)}
    waiting = _inner(kind)
    while waiting:
        inner = waiting.pop(0)
        if type_name(inner) not in parts:
            parts[type_name(inner)] = _fields(inner)
            waiting += _inner(inner)
    first, *others = parts.items()
    return '\n'.join([first[1], *(f'{SEPARATOR}\nMSG: {name.replace("/msg/", "/")}\n{text}' for name, text in others)])


@lru_cache
def described(kind: type) -> tuple[str, str]:
    """Return the definition of a message and the hash of its type (REP-2011)."""
    typesys = rosbags_module('rosbags.typesys')
    text, name = definition_of(kind), type_name(kind)
    store = typesys.get_typestore(typesys.Stores.EMPTY)
    store.register(typesys.get_types_from_msg(text, name))
    return text, store.hash_rihs01(name)


def _fields(kind: Any) -> str:
    return ''.join(f'{_written(words)} {name}\n' for name, words in kind.get_fields_and_field_types().items())


def _written(words: str) -> str:
    """Return a field's type in the words of a .msg file: ``double[9]`` is ``float64[9]``."""
    words = re.sub(r'^sequence<(.*), (\d+)>$', r'\1[<=\2]', words)
    words = re.sub(r'^sequence<(.*)>$', r'\1[]', words)
    words = re.sub(r'^(w?string)<(\d+)>', r'\1<=\2', words)
    return {'boolean': 'bool', 'octet': 'byte', 'float': 'float32', 'double': 'float64'}.get(
        words.partition('[')[0], words.partition('[')[0]) + words[len(words.partition('[')[0]):]


def _inner(kind: Any) -> list[type]:
    names = re.findall(r'(\w+)/(\w+)', ' '.join(kind.get_fields_and_field_types().values()))
    return [getattr(import_module(f'{package}.msg'), name) for package, name in names]
