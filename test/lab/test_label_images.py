# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Label images as tools write them are read as the numbers they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from seg_ros.errors import DataError, TaxonomyError
from seg_ros.lab.datasets import LabelFolder
from seg_ros.lab.label_images import LabelReader
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.records import UNLABELLED

INDOOR = load_taxonomy('indoor')
FLOOR, WALL, FURNITURE, PERSON, U = 0, 1, 6, 7, UNLABELLED
IDS = np.array([[FLOOR, WALL], [PERSON, U]], np.uint8)
COLOURS = [value for k in range(256) for value in (k * 37 % 256, k * 91 % 256, k * 151 % 256)]


def saved(path: Path, pixels: NDArray[Any], palette: list[int] | None = None) -> Path:
    image = Image.fromarray(pixels)
    if palette:
        image.putpalette(palette)
    image.save(path)
    return path


@pytest.mark.parametrize(('pixels', 'palette'), [
    (IDS, None), (IDS, COLOURS), (np.repeat(IDS[..., None], 3, 2), None),
    (np.dstack([*[IDS] * 3, np.full_like(IDS, 255)]), None), (np.where(IDS == U, 65535, IDS).astype(np.uint16), None),
], ids=['grey', 'palette', 'equal colours', 'with alpha', '16 bits'])
def test_a_pixel_is_a_number_however_it_is_written(tmp_path: Path, pixels: NDArray[Any],
                                                   palette: list[int] | None) -> None:
    assert np.array_equal(LabelReader(INDOOR).read(saved(tmp_path / 'a.png', pixels, palette)), IDS)


@pytest.mark.parametrize(('words', 'pixels'), [
    ('ade20k', [[4, 1], [13, 0]]),  # counted from 1; 0 is anything else
    ('nyu40', [[2, 1], [31, 0]]),
    ('voc', [[0, 9], [15, 255]]),  # background, chair, person, void
], ids=['ADE20K', 'NYU', 'VOC'])
def test_the_numbers_of_a_label_set_go_through_the_taxonomy(tmp_path: Path, words: str,
                                                            pixels: list[list[int]]) -> None:
    expected = [[U, FURNITURE], [PERSON, U]] if words == 'voc' else IDS
    path = saved(tmp_path / 'a.png', np.array(pixels, np.uint8))
    assert np.array_equal(LabelReader(INDOOR, words).read(path), expected)


@pytest.mark.parametrize(('text', 'pixels', 'palette'), [
    ('__ignore__\n_background_\nfloor\nwall\nperson\n', [[1, 2], [3, 255]], COLOURS),  # labelme's class_names.txt
    ('Pixel Value, Class\n0, background\n1, floor\n2, wall\n3, person\n', [[1, 2], [3, 0]], None),  # Roboflow
], ids=['labelme', 'Roboflow'])
def test_a_file_of_words_says_what_numbers_mean(tmp_path: Path, text: str, pixels: list[list[int]],
                                                palette: list[int] | None) -> None:
    (tmp_path / 'words').write_text(text)
    path = saved(tmp_path / 'a.png', np.array(pixels, np.uint8), palette)
    assert np.array_equal(LabelReader(INDOOR, str(tmp_path / 'words')).read(path), IDS)


@pytest.mark.parametrize('as_palette', [False, True])
def test_colours_mean_what_the_labelmap_of_cvat_says(tmp_path: Path, as_palette: bool) -> None:
    (tmp_path / 'labelmap.txt').write_text('# label:color_rgb:parts:actions\nbackground:0,0,0::\nfloor:128,0,0::\n'
                                           'wall:0,128,0::\nperson:192,128,128::\n')
    table = np.array([[0, 0, 0], [128, 0, 0], [0, 128, 0], [192, 128, 128]], np.uint8)
    places = np.array([[1, 2], [3, 0]], np.uint8)
    path = tmp_path / 'a.png'
    saved(path, places, [*table.ravel().tolist(), *[9] * 756]) if as_palette else saved(path, table[places])
    assert np.array_equal(LabelReader(INDOOR, str(tmp_path / 'labelmap.txt')).read(path), IDS)
    with pytest.raises(DataError, match='holds the colours 1,2,3, which its table does not have'):
        LabelReader(INDOOR, str(tmp_path / 'labelmap.txt')).read(
            saved(tmp_path / 'b.png', np.full((2, 2, 3), (1, 2, 3), np.uint8)))


def test_a_word_the_taxonomy_lacks_is_named(tmp_path: Path) -> None:
    (tmp_path / 'words.txt').write_text('floor\nwal\n')
    with pytest.raises(TaxonomyError, match="does not know the word 'wal'; the nearest known is 'wall'"):
        LabelReader(INDOOR, str(tmp_path / 'words.txt'))


def test_masks_beside_their_images_are_found(tmp_path: Path) -> None:
    """Roboflow writes a.jpg and a_mask.png into one folder."""
    saved(tmp_path / 'a.png', np.full((2, 2, 3), 90, np.uint8))
    saved(tmp_path / 'a_mask.png', IDS)
    data = LabelFolder(tmp_path, tmp_path, INDOOR)
    assert len(data) == 1
    assert np.array_equal(data.read(0).labels, IDS)
