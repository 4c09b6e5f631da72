# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From the words of data sets to the classes of the robot, by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from seg_ros.errors import TaxonomyError, nearest_of
from seg_ros.plain_yaml import plain_yaml
from seg_ros.records import UNLABELLED
from seg_ros.share import share_directory

MAX_CLASSES = UNLABELLED  # ids 0..254: a label is one byte, and 255 means unlabelled
TABLE_KEYS = ('classes', 'ignored_words')
CLASS_KEYS = ('id', 'name', 'colour', 'role', 'words')


class Role(str, Enum):
    """What a class means for driving."""

    TRAVERSABLE = 'traversable'
    OBSTACLE = 'obstacle'
    IGNORE = 'ignore'


@dataclass(frozen=True)
class RobotClass:
    """One class of the robot: the byte in the mask, its name, its colour (r, g, b) and its role."""

    id: int
    name: str
    colour: tuple[int, int, int]
    role: Role


@dataclass(frozen=True)
class Taxonomy:
    """
    The robot's classes, and which of them each word of a model or data set means.

    :param words: known word (lower case) → class name, or None for a word the robot has no class for.
    """

    name: str
    classes: tuple[RobotClass, ...]
    words: Mapping[str, str | None]

    @property
    def names(self) -> tuple[str, ...]:
        """Class names, in the order of the classes."""
        return tuple(c.name for c in self.classes)

    @property
    def ids(self) -> NDArray[np.uint8]:
        """Their (classes,) ids, in the same order."""
        return np.array([c.id for c in self.classes], np.uint8)

    def class_of(self, word: str) -> RobotClass | None:
        """
        Return the class a word means, or None where the robot has no class for it.

        :param word: in any case, with ``_`` or ``-`` for spaces; of a list of synonyms, as ADE20K has
            them (``door, double door`` or ``door;double;door``), the first name is looked up.
        :raises TaxonomyError: when the word is unknown; names the nearest known one.
        """
        key = next((key for key in word_keys(word) if key in self.words), None)
        if key is None:
            first = plain_word(re.split('[,;]', word)[0])
            raise TaxonomyError(f"taxonomy '{self.name}' does not know the word '{word}'; "
                                f'{nearest_of(first, self.words)}',
                                'add the word to a class of the taxonomy, or to its list of ignored words')
        name = self.words[key]
        return None if name is None else next(c for c in self.classes if c.name == name)

    def knows(self, word: str) -> bool:
        """Whether a word means a class, or is known to mean none."""
        return any(key in self.words for key in word_keys(word))

    def merge_matrix(self, words: Sequence[str]) -> NDArray[np.float32]:
        """
        Return the (classes, words) matrix of 0 and 1 that sums word probabilities per robot class.

        A word without a class has an empty column, so its probability is nobody's and lowers the
        confidence of every class.

        :raises TaxonomyError: when a word is unknown.
        """
        matrix = np.zeros((len(self.classes), len(words)), np.float32)
        for column, word in enumerate(words):
            robot_class = self.class_of(word)
            if robot_class is not None:
                matrix[self.classes.index(robot_class), column] = 1.0
        return matrix


def load_taxonomy(name_or_path: str) -> Taxonomy:
    """
    Read a taxonomy shipped with the package by name, or any other by path.

    :raises TaxonomyError: when there is none, or it is malformed.
    """
    path = taxonomy_path(name_or_path)
    try:
        table = plain_yaml(path.read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TaxonomyError(f'taxonomy {path} cannot be read: {" ".join(str(error).split())}',
                            'give the path of a YAML file') from error
    return _taxonomy_from(table, path)


def taxonomy_path(name_or_path: str) -> Path:
    """
    Return the file of a taxonomy shipped with the package, by name, or of any other, by path.

    :raises TaxonomyError: when none of that name is shipped; names the nearest.
    """
    if name_or_path.endswith(('.yaml', '.yml')):
        return Path(name_or_path).expanduser()
    folder = share_directory() / 'config' / 'taxonomies'
    path = folder / f'{name_or_path}.yaml'
    if not path.is_file():
        known = [p.stem for p in folder.glob('*.yaml')]
        raise TaxonomyError(f"there is no taxonomy '{name_or_path}'; {nearest_of(name_or_path, known)}",
                            'give one of these names, or the path of a .yaml file')
    return path


def _taxonomy_from(table: Any, path: Path) -> Taxonomy:
    if not isinstance(table, dict) or not isinstance(table.get('classes'), list) or not table['classes']:
        raise TaxonomyError(f"taxonomy {path} needs a list 'classes'", 'see config/taxonomies/indoor.yaml')
    _refuse_unknown(table, TABLE_KEYS, 'the file', path)
    classes = tuple(_class_from(row, path) for row in table['classes'])
    for noun, values in (('id', [str(c.id) for c in classes]), ('name', [c.name for c in classes])):
        twice = sorted({v for v in values if values.count(v) > 1})
        if twice:
            raise TaxonomyError(f'taxonomy {path} gives the {noun} {", ".join(twice)} to several classes',
                                'give each class its own')
    words: dict[str, str | None] = {}
    for row, robot_class in zip(table['classes'], classes, strict=True):
        for word in (robot_class.name, *_words_of(row, 'words', path)):
            _claim(words, word, robot_class.name, path)
    for word in _words_of(table, 'ignored_words', path):
        _claim(words, word, None, path)
    return Taxonomy(path.stem, classes, words)


def _class_from(row: Any, path: Path) -> RobotClass:
    if isinstance(row, dict):
        _refuse_unknown(row, CLASS_KEYS, f"class '{row.get('name')}'", path)
    try:
        red, green, blue = (_whole(v) for v in row['colour'])
        robot_class = RobotClass(_whole(row['id']), row['name'], (red, green, blue), Role(row['role']))
        if not isinstance(robot_class.name, str) or not plain_word(robot_class.name):
            raise ValueError('the name is not a word')
    except (KeyError, TypeError, ValueError) as error:
        raise TaxonomyError(f'taxonomy {path} has a malformed class {row!r} ({error!r})',
                            'a class has id, name, colour [r, g, b] and role (traversable, obstacle or '
                            'ignore)') from error
    if not 0 <= robot_class.id < MAX_CLASSES or not all(0 <= v <= 255 for v in robot_class.colour):
        raise TaxonomyError(f'taxonomy {path}: class {robot_class.name} has id {robot_class.id} and colour '
                            f'{robot_class.colour}',
                            'ids are 0 to 254 (255 means unlabelled), colours 0 to 255')
    return robot_class


def _whole(value: Any) -> int:
    if type(value) is not int:  # neither 1.5 nor true nor '1'
        raise TypeError(f'{value!r} is not a whole number')
    return value


def _refuse_unknown(row: Mapping[str, Any], known: Sequence[str], owner: str, path: Path) -> None:
    for key in row:
        if key not in known:
            raise TaxonomyError(f"taxonomy {path}: {owner} has an entry '{key}'; "
                                f'{nearest_of(str(key), known)}', 'correct or remove the entry')


def _words_of(row: Mapping[str, Any], entry: str, path: Path) -> list[str]:
    words = row.get(entry) or []
    if not isinstance(words, list):
        raise TaxonomyError(f"taxonomy {path}: '{entry}' is {words!r}", f'write a list: {entry}: [...]')
    for word in words:
        if not isinstance(word, str) or not plain_word(word):
            raise TaxonomyError(f"taxonomy {path}: '{entry}' holds {word!r}, which is not a word",
                                'put quotes around what YAML reads as something else, such as no, on or 7')
    return words


def _claim(words: dict[str, str | None], word: str, name: str | None, path: Path) -> None:
    key = plain_word(word)
    if words.get(key, name) != name:
        raise TaxonomyError(f"taxonomy {path} gives the word '{word}' to both "
                            f"'{words[key] or 'ignored_words'}' and '{name or 'ignored_words'}'",
                            'leave it in one of them')
    words[key] = name

def plain_word(word: str) -> str:
    """Return a word as taxonomies keep it: lower case, single spaces for ``-``, ``_`` and punctuation."""
    return ' '.join(re.sub('[-_,;]', ' ', word.lower()).split())


def word_keys(word: str) -> list[str]:
    """Return the keys a word may have, longest first: ``coffee;table;tea;table`` is a ``coffee table``."""
    parts = re.split('[,;]', word)
    return [plain_word(' '.join(parts[:n])) for n in range(len(parts), 0, -1)]
