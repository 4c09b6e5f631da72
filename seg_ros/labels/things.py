# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The classes of individual objects, beside those of the taxonomy."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import TaxonomyError
from seg_ros.labels.palette import instance_colour
from seg_ros.labels.taxonomy import MAX_CLASSES, RobotClass, Role, Taxonomy


def things_of(taxonomy: Taxonomy, words: Sequence[str]) -> tuple[RobotClass, ...]:
    """
    Return a class for each word of a model that finds objects, in order.

    A word that is the name of a class of the taxonomy is that class; the others follow after the highest id,
    so that labels and objects share one announcement of names.

    :raises TaxonomyError: when more ids would be needed than a byte has.
    """
    by_name = {c.name: c for c in taxonomy.classes}
    fresh = count(1 + max(c.id for c in taxonomy.classes))
    things = tuple(by_name[word] if word in by_name else
                   RobotClass(k := next(fresh), word, instance_colour(k), Role.OBSTACLE) for word in words)
    if max(thing.id for thing in things) >= MAX_CLASSES:
        raise TaxonomyError(f"taxonomy '{taxonomy.name}' has {len(taxonomy.classes)} classes and the model finds "
                            f'{len(words)} more', f'ids end at {MAX_CLASSES - 1}: use a smaller taxonomy')
    return things


def labels_of_things(taxonomy: Taxonomy, things: Sequence[RobotClass]) -> NDArray[np.uint8]:
    """
    Return a (256,) uint8 table from the id of a thing to the label its pixels get.

    That is the class the taxonomy has for its name, or its own id where the taxonomy has none.
    """
    table = np.arange(256, dtype=np.uint8)
    for thing in things:
        meant = taxonomy.class_of(thing.name) if taxonomy.knows(thing.name) else None
        table[thing.id] = thing.id if meant is None else meant.id
    return table


def announced(stuff: Sequence[RobotClass], things: Sequence[RobotClass]) -> tuple[RobotClass, ...]:
    """Return all classes of labels and objects, each once, by id."""
    return tuple(sorted({*stuff, *things}, key=lambda c: c.id))
