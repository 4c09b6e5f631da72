# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What options may be: each a function that argparse calls, and that refuses in a sentence what cannot be."""

from __future__ import annotations

import math
import os
import re
from argparse import ArgumentTypeError
from collections.abc import Callable
from pathlib import Path

from seg_ros.errors import SettingError
from seg_ros.settings import parse_size

MOST = 2**31 - 1


def whole(text: str) -> int:
    """Return a whole number, 0 or more."""
    if not re.fullmatch(r'[0-9]+', text) or int(text) > MOST:
        raise ArgumentTypeError(f"'{text}' is not a whole number within 0 and {MOST}")
    return int(text)


def port(text: str) -> int:
    """Return the number of a port, 0 for a free one."""
    if whole(text) > 65535:
        raise ArgumentTypeError(f'{text} is no port: it must lie within 0 and 65535')
    return int(text)


def count(text: str) -> int:
    """Return a whole number, 1 or more."""
    if whole(text) < 1:
        raise ArgumentTypeError(f"'{text}' is not a positive whole number")
    return int(text)


def number(low: float, high: float, *, above: bool = False) -> Callable[[str], float]:
    """
    Return what takes a number within two others.

    :param above: the lower one itself is refused.
    """
    def within(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high or (above and value == low):
            words = f'above {low:g}, up to {high:g}' if above else f'within {low:g} and {high:g}'
            raise ArgumentTypeError(f"'{text}' is not a number {words}")
        return value

    return within


share = number(0.0, 1.0)


def size(text: str) -> tuple[int, int]:
    """Return (width, height) of WIDTHxHEIGHT."""
    try:
        parsed = parse_size(text, 'the size')
    except SettingError as error:
        raise ArgumentTypeError(str(error)) from error
    if parsed is None:
        raise ArgumentTypeError('write WIDTHxHEIGHT in pixels')
    return parsed


def device(text: str) -> str:
    """Return the name of a device; whether it is there shows when a model is loaded."""
    if not re.fullmatch(r'auto|cpu|cuda(:[0-9]{1,3})?', text):
        raise ArgumentTypeError(f"'{text}' is no device: auto, cpu, cuda or cuda:N")
    return text


def topic_start(text: str) -> str:
    """Return what names of topics may begin with: words of letters, digits and _, a / before each."""
    start = f'/{text.strip("/")}'
    if not re.fullmatch(r'(/[A-Za-z_][A-Za-z0-9_]*)+', start):
        raise ArgumentTypeError(f"no topic begins with '{text[:80]}': give /segmentation or /front/segmentation say")
    return start


def new_file(text: str) -> Path:
    """Return the path of a file that can be written; what is there may be replaced."""
    path = _path(text)
    if path.is_dir():
        raise ArgumentTypeError(f'{path} is a folder: give the name of a file')
    new_folder(str(path.parent))
    return path


def new_folder(text: str) -> Path:
    """Return the path of a folder that is there or can be made, and written into."""
    path = _path(text)
    above = next(one for one in (path, *path.absolute().parents) if os.path.lexists(one))
    if not above.is_dir():
        raise ArgumentTypeError(f'{above} is no folder: choose another place')
    if not os.access(above, os.W_OK | os.X_OK):
        raise ArgumentTypeError(f'{above} may not be written to: choose another place')
    return path


def _path(text: str) -> Path:
    try:
        path = Path(text).expanduser()
        os.path.lexists(path)
        if not text or any(len(os.fsencode(part)) > 255 for part in path.parts):
            raise ValueError('a name is empty or too long')
    except (ValueError, RuntimeError) as error:
        raise ArgumentTypeError(f"'{text[:80]}' is no path: {error}") from error
    return path
