# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Classes of objects beside those of the taxonomy."""

from __future__ import annotations

import pytest

from seg_ros.errors import TaxonomyError
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.labels.things import announced, labels_of_things, things_of

INDOOR = load_taxonomy('indoor')


def test_a_word_that_is_a_class_is_that_class_and_others_follow() -> None:
    things = things_of(INDOOR, ('hammer', 'person', 'sprocket'))
    assert [(t.name, t.id) for t in things] == [('hammer', 10), ('person', 7), ('sprocket', 11)]


def test_pixels_of_a_thing_get_the_taxonomys_class_if_it_has_one() -> None:
    things = things_of(INDOOR, ('hammer', 'person', 'sprocket', 'weed'))
    table = labels_of_things(INDOOR, things)
    names = {c.id: c.name for c in INDOOR.classes}
    assert [names.get(int(table[t.id])) for t in things] == ['object', 'person', None, 'plant']
    assert table[11] == 11  # a sprocket is unknown to the taxonomy and keeps its own id
    assert table[3] == 3


def test_what_is_announced_has_each_class_once_by_id() -> None:
    things = things_of(INDOOR, ('hammer', 'person'))
    assert announced(INDOOR.classes, things) == (*INDOOR.classes, things[0])
    assert announced((), things) == (things[1], things[0])


def test_more_classes_than_a_byte_holds_are_refused() -> None:
    assert things_of(INDOOR, [f'part {k}' for k in range(245)])[-1].id == 254
    with pytest.raises(TaxonomyError, match='finds 246 more'):
        things_of(INDOOR, [f'part {k}' for k in range(246)])
