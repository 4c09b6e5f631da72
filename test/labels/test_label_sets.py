# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The label sets that come with the package are the real ones; a file of words is read, or refused with a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from seg_ros.errors import TaxonomyError
from seg_ros.labels.label_sets import label_sets, read_words, words_of_label_set
from seg_ros.share import share_directory

SIZES = {'nyu40': 40, 'ade20k': 150, 'ade20k_hf': 150, 'coco': 80, 'coco_torchvision': 91, 'coco_panoptic': 133,
         'voc': 21, 'cityscapes': 19, 'mapillary': 66}


def test_each_label_set_has_as_many_words_as_its_data_set_has_classes() -> None:
    assert {name: len(words_of_label_set(name)) for name in label_sets()} == SIZES


@pytest.mark.parametrize('name', SIZES)
def test_each_file_says_what_it_is_and_where_it_is_from(name: str) -> None:
    title, source = (share_directory() / 'config' / 'label_sets' / f'{name}.txt').read_text().splitlines()[:2]
    assert title.startswith('# ')
    assert source.startswith(('# Source: https://', '# Source: http://host.robots.ox.ac.uk'))


@pytest.mark.parametrize('name', [name for name in SIZES if name != 'coco_torchvision'])
def test_no_word_comes_twice(name: str) -> None:
    words = words_of_label_set(name)
    assert len(set(words)) == len(words)


def test_the_words_of_torchvision_are_those_of_the_label_sets() -> None:
    from torchvision.models.detection import MaskRCNN_ResNet50_FPN_V2_Weights
    from torchvision.models.segmentation import DeepLabV3_ResNet50_Weights

    assert tuple(MaskRCNN_ResNet50_FPN_V2_Weights.DEFAULT.meta['categories']) == words_of_label_set('coco_torchvision')
    assert tuple(DeepLabV3_ResNet50_Weights.DEFAULT.meta['categories'])[1:] == words_of_label_set('voc')[1:]


def test_coco_panoptic_begins_with_the_objects_of_coco_and_torchvision_has_them_in_their_order() -> None:
    objects = words_of_label_set('coco')
    assert words_of_label_set('coco_panoptic')[:80] == objects
    assert tuple(w for w in words_of_label_set('coco_torchvision') if w not in ('__background__', 'N/A')) == objects


def test_a_mistyped_label_set_gives_the_nearest() -> None:
    with pytest.raises(TaxonomyError, match="there is no label set 'cityscape'; the nearest known is 'cityscapes'"):
        words_of_label_set('cityscape')


def test_a_file_of_words_keeps_its_order_and_skips_remarks_and_empty_lines(tmp_path: Path) -> None:
    (tmp_path / 'words.txt').write_text('# ours\n\nshelf\n  floor, flooring \n# end\n', encoding='utf-8')
    assert read_words(tmp_path / 'words.txt') == ('shelf', 'floor, flooring')


@pytest.mark.parametrize(('content', 'sentence'), [
    (None, 'cannot be read: .*No such file'), (b'# only a remark\n', 'is empty'), (b'\xff\xfe', 'cannot be read'),
])
def test_a_file_without_words_is_refused_with_its_name(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / 'words.txt'
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TaxonomyError, match=f'the file of words {path} {sentence}'):
        read_words(path)
