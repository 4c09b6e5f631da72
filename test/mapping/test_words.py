# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Names become the ids of a map: the same name is the same class, whoever numbers it how."""

from __future__ import annotations

import numpy as np

from seg_ros.labels.taxonomy import Role, load_taxonomy
from seg_ros.mapping.words import MapWords
from seg_ros.records import UNLABELLED

INDOOR = load_taxonomy('indoor')


def test_classes_of_the_taxonomy_keep_their_ids_whoever_numbers_them_how() -> None:
    words = MapWords(INDOOR)
    floor, wall = (next(c.id for c in INDOOR.classes if c.name == name) for name in ('floor', 'wall'))
    table = words.learn({9: 'floor', 3: 'wall'})
    assert (table[9], table[3], table[4], table[255]) == (floor, wall, UNLABELLED, UNLABELLED)
    assert table.dtype == np.uint8 and words.classes == tuple(sorted(INDOOR.classes, key=lambda c: c.id))


def test_another_name_is_an_obstacle_with_the_id_it_is_announced_with_where_that_is_free() -> None:
    words = MapWords(INDOOR)
    assert words.learn({40: 'crop'})[40] == 40
    floor = next(c.id for c in INDOOR.classes if c.name == 'floor')
    other = words.learn({floor: 'weed', 7: 'crop'})
    assert other[7] == 40 and other[floor] == words.ids['weed'] not in {c.id for c in INDOOR.classes}
    assert next(c for c in words.classes if c.name == 'weed').role is Role.OBSTACLE


def test_a_name_that_finds_no_id_is_unlabelled() -> None:
    words = MapWords(INDOOR)
    words.learn({k: f'thing {k}' for k in range(255)})
    assert len(words.classes) == 255
    assert words.learn({3: 'one more'})[3] == UNLABELLED
