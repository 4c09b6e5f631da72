# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Check that a taxonomy knows the words of a model before the robot needs them, or make one for words of your own."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.table import Table

from seg_ros.cli.tables import UNKNOWN, show, table
from seg_ros.errors import TaxonomyError
from seg_ros.lab.label_images import means_nothing, table_of
from seg_ros.labels.comparison import Comparison, compare, listed, template
from seg_ros.labels.label_sets import label_sets, read_words, words_of_label_set
from seg_ros.labels.new_taxonomy import new_taxonomy
from seg_ros.labels.taxonomy import Taxonomy, load_taxonomy, taxonomy_path

MOST_UNUSED = 12  # unused words that are listed unasked; a shipped taxonomy has hundreds, for it serves every model


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    acts = parser.add_subparsers(dest='act', metavar='ACT', required=True)
    check = acts.add_parser('check', help='which words of a model the taxonomy lacks; the exit status is 1 if any')
    _add_taxonomy(check)
    source = check.add_mutually_exclusive_group(required=True)
    source.add_argument('--model', help='a model, by the name the node takes; its weights are not read')
    source.add_argument('--labels', metavar='SET', help=f'a known label set: {", ".join(label_sets())}')
    source.add_argument('--words', type=Path, metavar='FILE', help='a text file with one word on each line')
    check.add_argument('--unused', action='store_true', help='list every word of the taxonomy that the model lacks')
    new = acts.add_parser('new', help='print a taxonomy with a class for each word that pictures were labelled with')
    new.add_argument('words', type=Path, metavar='FILE', help="CVAT's labelmap.txt, labelme's class_names.txt, "
                                                              "Roboflow's _classes.csv, or a word on each line")
    show = acts.add_parser('show', help='print the file of a taxonomy, to begin your own with')
    _add_taxonomy(show)


def _add_taxonomy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('taxonomy', metavar='FILE', help='the path of a .yaml file, or a shipped name: indoor, outdoor')


def run(options: argparse.Namespace) -> int:
    """Do what was asked, and return 1 when words are missing."""
    if options.act == 'new':
        named = [(word, key if isinstance(key, tuple) else None) for word, key in table_of(options.words)
                 if not means_nothing(word)]
        print(new_taxonomy(named, load_taxonomy('indoor')), end='')
        return 0
    if options.act == 'show':
        print(_text_of(options.taxonomy), end='')
        return 0
    taxonomy = load_taxonomy(options.taxonomy)
    source, words = _words(options)
    comparison = compare(taxonomy, words)
    show(_table(taxonomy, comparison, source))
    for line in [*_idle(comparison), *_unused(comparison, listed=options.unused), *_missing(taxonomy, comparison)]:
        print(line)
    return 1 if comparison.missing else 0


def _text_of(name_or_path: str) -> str:
    path = taxonomy_path(name_or_path)
    try:
        return path.read_text(encoding='utf-8')
    except (OSError, UnicodeDecodeError) as error:
        raise TaxonomyError(f'taxonomy {path} cannot be read: {" ".join(str(error).split())}',
                            'give the path of a YAML file') from error


def _words(options: argparse.Namespace) -> tuple[str, tuple[str, ...]]:
    if options.words is not None:
        return str(options.words), read_words(options.words)
    if options.labels is not None:
        return options.labels, words_of_label_set(options.labels)
    from seg_ros.models.catalog import words_of_model

    return options.model, words_of_model(options.model)


def _table(taxonomy: Taxonomy, comparison: Comparison, source: str) -> Table:
    """Return what each class gets from the words."""
    rows = [(str(c.id), c.name, c.role.value, listed(comparison.words_of(c.name), taxonomy) or UNKNOWN)
            for c in taxonomy.classes]
    rows += [('255', 'unlabelled', UNKNOWN, listed(comparison.words_of(None), taxonomy) or UNKNOWN)]
    return table(f'{source} into {taxonomy.name}', ('id', 'class', 'role', 'words'), rows, words=4)


def _idle(comparison: Comparison) -> list[str]:
    return [f'No word means the class{"es" * (len(comparison.idle) > 1)} {", ".join(comparison.idle)}: '
            f'this model never reports {"them" if len(comparison.idle) > 1 else "it"}.'] if comparison.idle else []


def _unused(comparison: Comparison, *, listed: bool) -> list[str]:
    count = len(comparison.unused)
    if not count:
        return []
    told = ', '.join(comparison.unused) if listed or count <= MOST_UNUSED else '--unused lists them'
    return [f'{count} word{"s" * (count > 1)} of the taxonomy {"are" if count > 1 else "is"} not of this model '
            f'(which does no harm): {told}.']


def _missing(taxonomy: Taxonomy, comparison: Comparison) -> list[str]:
    if not comparison.missing:
        return [f'All {len(comparison.meanings)} words are known.']
    known = [f'  {word!r}: near {_near(taxonomy, near)}' for word, near in comparison.missing.items()]
    return [f'{len(known)} of {len(known) + len(comparison.meanings)} words are missing:', *known,
            f'Into {taxonomy.name}.yaml, after a look at each:', '', template(taxonomy, comparison)]


def _near(taxonomy: Taxonomy, near: tuple[str, ...]) -> str:
    return ', '.join(f"'{word}' ({taxonomy.words[word] or 'unlabelled'})" for word in near) or 'to nothing known'
