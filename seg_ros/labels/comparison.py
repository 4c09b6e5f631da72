# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How well a taxonomy and the words of a model fit each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from textwrap import fill

from seg_ros.labels.taxonomy import RobotClass, Taxonomy, plain_word, word_keys

NEAR = 0.84
"""The likeness (difflib's ratio) from which a word is near: ``rugs`` and ``rug``, not ``flower`` and ``floor``."""

MOST_SUGGESTED = 3
WIDTH = 110  # characters of a line of the template


@dataclass(frozen=True)
class Comparison:
    """
    What one taxonomy makes of the words of one model.

    :param meanings: word of the model → the name of its class, or None where it is left unlabelled on purpose.
    :param missing: words that the taxonomy does not know → known words that are near, the nearest first.
    :param idle: classes that no word of the model means. :param unused: words of the taxonomy that the model lacks.
    """

    meanings: Mapping[str, str | None]
    missing: Mapping[str, tuple[str, ...]]
    idle: tuple[str, ...]
    unused: tuple[str, ...]

    def words_of(self, name: str | None) -> tuple[str, ...]:
        """Return the words of the model that mean a class, or None for those left unlabelled."""
        return tuple(word for word, meaning in self.meanings.items() if meaning == name)


def compare(taxonomy: Taxonomy, words: Sequence[str]) -> Comparison:
    """Return what a taxonomy makes of the words of a model; a word that comes twice is looked at once."""
    each = dict.fromkeys(words)
    meanings = {word: _name(taxonomy.class_of(word)) for word in each if taxonomy.knows(word)}
    missing = {word: nearest_words(word, taxonomy.words) for word in each if word not in meanings}
    used = {_decisive(word, taxonomy) for word in meanings}
    names = {plain_word(name) for name in taxonomy.names}
    return Comparison(meanings, missing,
                      tuple(name for name in taxonomy.names if name not in meanings.values()),
                      tuple(word for word in taxonomy.words if word not in used | names))


def nearest_words(word: str, known: Iterable[str]) -> tuple[str, ...]:
    """
    Return the known words that are near, the nearest first.

    Near is a word spelled alike, and one that shares a whole word: ``bed frame`` is near ``bed``.
    """
    names, keys = sorted(known), word_keys(word)
    alike = [name for key in keys for name in get_close_matches(key, names, n=MOST_SUGGESTED, cutoff=NEAR)]
    parts = {part for key in keys for part in key.split()}
    inside = [name for name in names if name in parts]
    return tuple(dict.fromkeys([*alike, *inside]))[:MOST_SUGGESTED]


def listed(words: Iterable[str], taxonomy: Taxonomy) -> str:
    """Return words for a person to read, of synonyms the one that a taxonomy looks up."""
    return ', '.join(dict.fromkeys(_decisive(word, taxonomy) if re.search('[,;]', word) else word for word in words))


def template(taxonomy: Taxonomy, comparison: Comparison) -> str:
    """
    Return lines of YAML that decide the missing words, to be moved into the file of the taxonomy.

    A word goes where the nearest known word is, or to a list that the user has to empty.
    """
    rows: dict[str, list[str]] = {}
    for word, near in comparison.missing.items():
        place = taxonomy.words[near[0]] or 'ignored_words' if near else ''
        rows.setdefault(place, []).append(quoted(plain_word(re.split('[,;]', word)[0])))
    headings = {'': '# near to nothing known: give each to a class or to ignored_words',
                'ignored_words': '# to the list ignored_words'}
    return '\n'.join(f"{headings.get(place, f'# to the words of class {place}')}\n{_wrapped(words)},"
                     for place, words in rows.items())


def quoted(word: str) -> str:
    """Return a word as a list in YAML needs it: bare letters as they are, all else between quotes."""
    bare = word.replace(' ', '').isalpha() and word not in ('no', 'off', 'on', 'yes', 'true', 'false', 'null', 'y', 'n')
    return word if bare else "'" + word.replace("'", "''") + "'"


def _decisive(word: str, taxonomy: Taxonomy) -> str:
    """Return the one of a word's names that the taxonomy knows, or all of them."""
    return next((key for key in word_keys(word) if key in taxonomy.words), word)


def _wrapped(words: Sequence[str]) -> str:
    """Return a list of words in lines, none broken."""
    unbroken = ', '.join(word.replace(' ', '\N{NO-BREAK SPACE}') for word in words)
    lines = fill(unbroken, WIDTH, break_long_words=False, break_on_hyphens=False)
    return lines.replace('\N{NO-BREAK SPACE}', ' ')


def _name(robot_class: RobotClass | None) -> str | None:
    return None if robot_class is None else robot_class.name
