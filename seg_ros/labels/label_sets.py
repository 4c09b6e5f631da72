# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The words of the label sets that most published networks were trained on."""

from __future__ import annotations

from pathlib import Path

from seg_ros.errors import TaxonomyError, nearest_of
from seg_ros.share import share_directory


def label_sets() -> tuple[str, ...]:
    """Return the names of the label sets that come with the package: ``ade20k``, ``cityscapes``, ..."""
    return tuple(sorted(path.stem for path in _folder().glob('*.txt')))


def words_of_label_set(name: str) -> tuple[str, ...]:
    """
    Return the words of a label set, in the order of its classes.

    :raises TaxonomyError: when there is none of that name; names the nearest.
    """
    if name not in label_sets():
        raise TaxonomyError(f"there is no label set '{name}'; {nearest_of(name, label_sets())}",
                            'give one of these names, or a file of words with --words')
    return read_words(_folder() / f'{name}.txt')


def read_words(path: Path) -> tuple[str, ...]:
    """
    Read a file of words: one on each line, in the order of the classes; empty lines and those with # are skipped.

    :raises TaxonomyError: when it cannot be read or holds no word.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding='utf-8').splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise TaxonomyError(f'the file of words {path} cannot be read: {" ".join(str(error).split())}',
                            'give a text file with one word on each line') from error
    words = tuple(line for line in lines if line and not line.startswith('#'))
    if not words:
        raise TaxonomyError(f'the file of words {path} is empty', 'write one word on each line')
    return words


def _folder() -> Path:
    return share_directory() / 'config' / 'label_sets'
