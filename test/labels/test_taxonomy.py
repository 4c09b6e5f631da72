# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The words of data sets mean the right robot class, and a wrong file is refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from seg_ros.errors import TaxonomyError
from seg_ros.labels.label_sets import words_of_label_set
from seg_ros.labels.palette import UNLABELLED_COLOUR
from seg_ros.labels.taxonomy import Role, Taxonomy, load_taxonomy
from seg_ros.models.catalog import words_of_model

SETS = {'nyu40': 40, 'ade20k': 150, 'ade20k_hf': 150, 'coco': 80, 'coco_torchvision': 91, 'coco_panoptic': 133,
        'voc': 21, 'cityscapes': 19, 'mapillary': 66}
SHIPPED = ('indoor', 'outdoor')
INSTANCE_WORDS = ('hammer', 'wrench', 'screwdriver', 'pliers', 'cutting pliers', 'needle-nose pliers',
                  'adjustable spanner', 'gas wrench', 'backsaw', 'handsaw', 'calipers', 'drill', 'gun',
                  'ratchet', 'tape measure', 'utility knife')
FLOOR = {'id': 0, 'name': 'floor', 'colour': [1, 2, 3], 'role': 'traversable'}
WALL = {'id': 7, 'name': 'wall', 'colour': [4, 5, 6], 'role': 'obstacle'}


@pytest.fixture(scope='module')
def indoor() -> Taxonomy:
    return load_taxonomy('indoor')


def written(tmp_path: Path, table: object) -> str:
    path = tmp_path / 'home.yaml'
    path.write_text(table if isinstance(table, str) else yaml.safe_dump(table), encoding='utf-8')
    return str(path)


def name_of(taxonomy: Taxonomy, word: str) -> str | None:
    found = taxonomy.class_of(word)
    return found.name if found else None


def test_the_indoor_classes_are_the_bytes_that_robots_and_weights_rely_on(indoor: Taxonomy) -> None:
    assert indoor.name == 'indoor'
    assert indoor.names == ('floor', 'wall', 'ceiling', 'door', 'window', 'stairs', 'furniture', 'person',
                            'plant', 'object')
    assert [c.id for c in indoor.classes] == list(range(10))
    assert [c.name for c in indoor.classes if c.role is Role.TRAVERSABLE] == ['floor']
    assert [c.name for c in indoor.classes if c.role is Role.IGNORE] == ['ceiling']
    assert len({c.colour for c in indoor.classes}) == 10


@pytest.fixture(scope='module')
def outdoor() -> Taxonomy:
    return load_taxonomy('outdoor')


def test_the_outdoor_classes_are_the_bytes_that_robots_rely_on(outdoor: Taxonomy) -> None:
    assert outdoor.names == ('road', 'sidewalk', 'terrain', 'building', 'barrier', 'vegetation', 'person', 'vehicle',
                             'pole', 'stairs', 'water', 'sky', 'overhead', 'animal', 'object')
    assert [c.id for c in outdoor.classes] == list(range(15))
    assert [c.name for c in outdoor.classes if c.role is Role.TRAVERSABLE] == ['road', 'sidewalk', 'terrain']
    assert [c.name for c in outdoor.classes if c.role is Role.IGNORE] == ['sky', 'overhead']


@pytest.mark.parametrize('label_set', SETS)
@pytest.mark.parametrize('shipped', SHIPPED)
def test_every_word_of_every_label_set_is_decided(shipped: str, label_set: str) -> None:
    taxonomy, words = load_taxonomy(shipped), words_of_label_set(label_set)
    assert [word for word in words if not taxonomy.knows(word)] == []
    matrix = taxonomy.merge_matrix(words)
    assert matrix.shape == (len(taxonomy.classes), SETS[label_set])
    assert set(matrix.sum(axis=0)) <= {0.0, 1.0}  # no word in two classes


def test_both_shipped_taxonomies_know_the_same_words_but_for_names_of_classes(indoor: Taxonomy,
                                                                              outdoor: Taxonomy) -> None:
    assert indoor.words.keys() ^ outdoor.words.keys() <= {*indoor.names, *outdoor.names}


@pytest.mark.parametrize('shipped', SHIPPED)
def test_no_two_colours_of_a_palette_are_taken_for_each_other(shipped: str) -> None:
    colours = [*(c.colour for c in load_taxonomy(shipped).classes), UNLABELLED_COLOUR]
    lab = cv2.cvtColor(np.array([colours], np.float32) / 255, cv2.COLOR_RGB2Lab)[0]
    apart = np.linalg.norm(lab[:, None] - lab[None], axis=2) + 999 * np.eye(len(colours))
    assert apart.min() > 18  # CIE 1976: 2 is just seen side by side, 10 at a glance


def test_both_spellings_of_ade20k_mean_the_same(indoor: Taxonomy, outdoor: Taxonomy) -> None:
    for taxonomy in (indoor, outdoor):
        synonyms, short = words_of_label_set('ade20k'), words_of_label_set('ade20k_hf')
        assert [taxonomy.class_of(w) for w in synonyms] == [taxonomy.class_of(w) for w in short]


@pytest.mark.parametrize(('word', 'name'), [
    ('floor mat', 'floor'), ('rug-merged', 'floor'), ('floor-wood', 'floor'), ('rug', 'floor'),
    ('wall-brick', 'wall'), ('mirror-stuff', 'wall'), ('picture', 'wall'), ('whiteboard', 'wall'),
    ('otherstructure', 'wall'), ('ceiling-merged', 'ceiling'), ('door-stuff', 'door'),
    ('screen door', 'door'), ('windowpane', 'window'), ('window-blind', 'window'), ('curtain', 'window'),
    ('escalator', 'stairs'), ('step', 'stairs'), ('night stand', 'furniture'), ('diningtable', 'furniture'),
    ('refridgerator', 'furniture'), ('toilet', 'furniture'), ('pillow', 'furniture'), ('hand', 'person'),
    ('tree-merged', 'plant'), ('vegetation', 'plant'), ('rider', 'person'),
    ('Guard Rail', 'wall'), ('crop', 'plant'), ('weed', 'plant'), ('tvmonitor', 'object'),
    ('lamp', 'object'), ('cat', 'object'), ('truck', 'object'), ('otherprop', 'object'),
    *((word, 'object') for word in INSTANCE_WORDS),
])
def test_a_word_means_its_class(indoor: Taxonomy, word: str, name: str) -> None:
    assert name_of(indoor, word) == name


@pytest.mark.parametrize(('word', 'name'), [
    ('Road', 'road'), ('Lane Marking - Crosswalk', 'road'), ('Crosswalk - Plain', 'road'), ('Manhole', 'road'),
    ('Bike Lane', 'road'), ('sidewalk, pavement', 'sidewalk'), ('Curb Cut', 'sidewalk'), ('floor-wood', 'sidewalk'),
    ('grass-merged', 'terrain'), ('earth, ground', 'terrain'), ('dirt track', 'terrain'), ('house', 'building'),
    ('windowpane, window', 'building'), ('Curb', 'barrier'), ('Guard Rail', 'barrier'), ('wall', 'barrier'),
    ('tree-merged', 'vegetation'), ('Bicyclist', 'person'), ('rider', 'person'), ('train', 'vehicle'),
    ('Wheeled Slow', 'vehicle'), ('bicycle', 'vehicle'), ('Traffic Sign (Back)', 'pole'), ('stop sign', 'pole'),
    ('streetlight, street lamp', 'pole'), ('escalator', 'stairs'), ('swimming;pool', 'water'), ('sea', 'water'),
    ('sky-other-merged', 'sky'), ('awning', 'overhead'), ('Ground Animal', 'animal'), ('Pothole', 'object'),
    ('fire hydrant', 'object'), ('chair', 'object'), ('Rail Track', None), ('platform', None), ('Ego Vehicle', None),
    ('mountain, mount', None), ('Unlabeled', None),
])
def test_outdoors_a_word_means_its_class(outdoor: Taxonomy, word: str, name: str | None) -> None:
    assert name_of(outdoor, word) == name


@pytest.mark.parametrize('word', ['sky', 'road', 'curb', 'Lane Marking - General', 'Ego Vehicle',
                                   'sidewalk', 'grass', 'sea', 'swimming pool', 'platform',
                                  '__background__', 'N/A'])
def test_outdoor_ground_is_not_floor_but_nothing(indoor: Taxonomy, word: str) -> None:
    assert indoor.class_of(word) is None


@pytest.mark.parametrize(('written_as', 'plain'), [
    ('Floor_Mat', 'floor mat'), ('floor-mat', 'floor mat'), ('bed ', 'bed'), (' TRUCK', 'truck'),
    ('door;double door', 'door'), ('door, double door', 'door'), ('door;double;door', 'door'),
    ('screen;door;screen', 'screen door'), ('screen, silver screen', 'screen'),
    ('coffee;table;cocktail;table', 'coffee table'), ('swimming;pool;swimming;bath', 'swimming pool'),
])
def test_spelling_and_synonyms_do_not_matter(indoor: Taxonomy, written_as: str, plain: str) -> None:
    assert indoor.class_of(written_as) == indoor.class_of(plain)


@pytest.mark.parametrize('word', ['bed frame', 'unheard, door', 'floors'])
def test_a_word_is_not_guessed(indoor: Taxonomy, word: str) -> None:
    with pytest.raises(TaxonomyError, match='does not know the word'):
        indoor.class_of(word)


def test_an_unknown_word_names_the_nearest_and_the_remedy(indoor: Taxonomy) -> None:
    with pytest.raises(TaxonomyError) as caught:
        indoor.class_of('screwdrivr')
    assert str(caught.value) == (
        "taxonomy 'indoor' does not know the word 'screwdrivr'; the nearest known is 'screwdriver'. "
        'Add the word to a class of the taxonomy, or to its list of ignored words.')


def test_probabilities_of_words_are_summed_by_class_and_ignored_words_are_nobodys(tmp_path: Path) -> None:
    taxonomy = load_taxonomy(written(tmp_path, {
        'classes': [FLOOR | {'words': ['rug', 'carpet']}, WALL], 'ignored_words': ['sky']}))
    matrix = taxonomy.merge_matrix(['wall', 'rug', 'sky', 'carpet', 'floor'])
    assert matrix.dtype == np.float32
    assert matrix.tolist() == [[0, 1, 0, 1, 1],  # row 0 is the first class, floor
                               [1, 0, 0, 0, 0]]  # row 1 the second, although its id is 7
    assert (matrix @ np.array([.1, .2, .4, .1, .2])).tolist() == pytest.approx([.5, .1])


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    taxonomy = load_taxonomy(written(tmp_path, {'classes': [FLOOR, WALL | {'words': ['Room-Divider']}]}))
    assert taxonomy.name == 'home'
    wall = taxonomy.classes[1]
    assert (wall.id, wall.name, wall.colour, wall.role) == (7, 'wall', (4, 5, 6), Role.OBSTACLE)
    assert taxonomy.words == {'floor': 'floor', 'wall': 'wall', 'room divider': 'wall'}


@pytest.mark.parametrize(('table', 'sentence'), [
    ({'classes': []}, "needs a list 'classes'"),
    ('just words', "needs a list 'classes'"),
    ('', "needs a list 'classes'"),
    ('classes: [', 'cannot be read: while parsing'),
    ('classes: &a []\nignored_words: *a', 'cannot be read: line 2 repeats *a'),
    ({'classes': [FLOOR, WALL | {'id': 0}]}, 'gives the id 0 to several classes'),
    ({'classes': [FLOOR, WALL | {'name': 'floor'}]}, 'gives the name floor to several classes'),
    ({'classes': [FLOOR | {'words': ['rug']}, WALL | {'words': ['Rug']}]},
     "gives the word 'Rug' to both 'floor' and 'wall'. Leave it in one of them."),
    ({'classes': [FLOOR | {'words': ['wall']}, WALL]}, "gives the word 'wall' to both 'floor' and 'wall'"),
    ({'classes': [FLOOR], 'ignored_words': ['floor']}, "to both 'floor' and 'ignored_words'"),
    ({'classes': [FLOOR | {'role': 'drivable'}]}, "'drivable' is not a valid Role"),
    ({'classes': [FLOOR | {'id': 255}]}, 'floor has id 255'),
    ({'classes': [FLOOR | {'id': -1}]}, 'floor has id -1'),
    ({'classes': [FLOOR | {'id': 1.5}]}, '1.5 is not a whole number'),
    ({'classes': [FLOOR | {'id': True}]}, 'True is not a whole number'),
    ({'classes': [FLOOR | {'colour': [0, 0, 256]}]}, 'colours 0 to 255'),
    ({'classes': [FLOOR | {'colour': [0, 0]}]}, 'malformed class'),
    ({'classes': [FLOOR | {'colour': '123'}]}, "'1' is not a whole number"),
    ({'classes': [FLOOR | {'name': ' '}]}, 'the name is not a word'),
    ({'classes': ['floor']}, "malformed class 'floor'"),
    ({'classes': [{k: v for k, v in FLOOR.items() if k != 'colour'}]}, "KeyError('colour')"),
    ({'classes': [FLOOR | {'word': ['rug']}]},
     "class 'floor' has an entry 'word'; the nearest known is 'words'"),
    ({'classes': [{k: v for k, v in FLOOR.items() if k != 'colour'} | {'color': [1, 2, 3]}]},
     "class 'floor' has an entry 'color'; the nearest known is 'colour'"),
    ({'classes': [FLOOR], 'ignore_words': ['sky']}, "the nearest known is 'ignored_words'"),
    ({'classes': [FLOOR | {'words': 'rug'}]}, "'words' is 'rug'. Write a list: words: [...]."),
    ({'classes': [FLOOR], 'ignored_words': 3}, "'ignored_words' is 3"),
    ({'classes': [FLOOR | {'words': [False]}]}, "'words' holds False, which is not a word. Put quotes"),
])
def test_a_malformed_file_is_refused_with_its_name_and_the_reason(
        tmp_path: Path, table: object, sentence: str) -> None:
    path = written(tmp_path, table)
    with pytest.raises(TaxonomyError) as caught:
        load_taxonomy(path)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith(f'taxonomy {path}')
    assert '\n' not in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / 'nowhere.yaml'
    with pytest.raises(TaxonomyError) as caught:
        load_taxonomy(str(path))
    assert f'taxonomy {path} cannot be read' in str(caught.value)
    assert 'No such file' in str(caught.value)


def test_a_mistyped_name_gives_the_nearest_taxonomy() -> None:
    with pytest.raises(TaxonomyError, match="there is no taxonomy 'indor'; the nearest known is 'indoor'"):
        load_taxonomy('indor')


def test_the_guide_shows_the_classes_and_an_example_that_works(indoor: Taxonomy, tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / 'docs' / 'taxonomy.md').read_text(encoding='utf-8')
    for c in (*indoor.classes, *load_taxonomy('outdoor').classes):
        assert f'| {c.id} | {c.name} | {c.role.value} | `#{bytes(c.colour).hex()}` |' in guide
    example = load_taxonomy(written(tmp_path, guide.split('```yaml file=warehouse.yaml\n')[1].split('```')[0]))
    assert name_of(example, 'Shelf') == 'rack'
    assert str(example.merge_matrix(['floor', 'rug', 'shelf', 'sky'])) in guide


def test_the_example_of_the_how_to_is_one_correction_away_from_knowing_every_word(tmp_path: Path) -> None:
    how_to = (Path(__file__).parents[2] / 'docs' / 'how_to' / 'own_classes.md').read_text(encoding='utf-8')
    example = how_to.split('```yaml file=cleaner.yaml\n')[1].split('```')[0]
    words = words_of_model('indoor')
    cleaner = load_taxonomy(written(tmp_path, example))
    assert [word for word in words if not cleaner.knows(word)] == ['plant, flora, plant life', 'chair']
    mended = load_taxonomy(written(tmp_path, example.replace('chairs', 'chair, plant')))
    assert all(mended.knows(word) for word in words)
