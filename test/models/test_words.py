# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A model of any kind tells its words, and no network is built for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from seg_ros.errors import ModelError
from seg_ros.labels.label_sets import words_of_label_set
from seg_ros.models.card import Card, card_text, write_card
from seg_ros.models.catalog import words_of_model
from seg_ros.models.from_onnx import CARD_KEY

WORDS = ('floor', 'wall', 'crate')


def card_in(folder: Path) -> Path:
    write_card(folder, Card('ours', 'semantic', 'lraspp', WORDS, (320, 256)))
    return folder


def test_a_shipped_model_speaks_the_words_of_its_card() -> None:
    assert words_of_model('plants') == ('crop', 'weed')


def test_a_folder_with_a_card_alone_is_enough(tmp_path: Path) -> None:
    assert words_of_model(str(card_in(tmp_path / 'ours'))) == WORDS


@pytest.mark.parametrize('below', ['.', 'model'])
def test_a_training_is_found_by_its_folder(tmp_path: Path, below: str) -> None:
    card_in(tmp_path / below)
    assert words_of_model(f'checkpoint:{tmp_path}') == WORDS


@pytest.mark.parametrize(('network', 'label_set'), [
    ('maskrcnn_resnet50_fpn_v2', 'coco_torchvision'), ('maskrcnn_resnet50_fpn', 'coco_torchvision'),
])
def test_a_detector_of_torchvision_speaks_coco(network: str, label_set: str) -> None:
    assert words_of_model(f'torchvision:{network}') == words_of_label_set(label_set)


def test_a_semantic_network_of_torchvision_speaks_voc() -> None:
    assert words_of_model('torchvision:lraspp_mobilenet_v3_large')[1:] == words_of_label_set('voc')[1:]


def test_a_network_of_transformers_speaks_what_its_configuration_says(tmp_path: Path) -> None:
    transformers = pytest.importorskip('transformers')
    transformers.SegformerConfig(id2label=dict(enumerate(WORDS))).save_pretrained(tmp_path)
    (tmp_path / 'model.safetensors').touch()  # the weights are not read
    assert words_of_model(f'hf:{tmp_path}') == WORDS


def test_an_onnx_file_speaks_the_words_of_the_card_inside(tmp_path: Path) -> None:
    onnx = pytest.importorskip('onnx')
    pytest.importorskip('onnxruntime')
    pool = onnx.helper.make_node('AveragePool', ['images'], ['logits'], kernel_shape=[2, 2], strides=[2, 2])
    images, logits = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [1, 3, *size])
                      for name, size in (('images', (48, 64)), ('logits', (24, 32))))
    model = onnx.helper.make_model(onnx.helper.make_graph([pool], 'ours', [images], [logits]), ir_version=9,
                                   opset_imports=[onnx.helper.make_opsetid('', 17)])
    card = Card('ours', 'semantic', 'onnx', WORDS, (64, 48))
    onnx.helper.set_model_props(model, {CARD_KEY: card_text(card)})
    onnx.save(model, tmp_path / 'ours.onnx')
    assert words_of_model(f'onnx:{tmp_path / "ours.onnx"}') == WORDS


@pytest.mark.parametrize(('name', 'sentence'), [
    ('onnx:/nowhere.onnx', '/nowhere.onnx'),
    ('indor', "the nearest shipped is 'indoor'"),
    ('torchvison:fcn_resnet50', "there is no kind of model 'torchvison:'; the nearest known is 'torchvision'"),
    ('torchvision:fcn_resnet5', "no segmentation network 'fcn_resnet5'; the nearest known is 'fcn_resnet50'"),
    ('checkpoint:/nowhere', '/nowhere holds no trained model'),
    ('/nowhere/model', '/nowhere/model holds no trained model'),
    ('hf:/nowhere', '/nowhere is no Hugging Face model'),
])
def test_what_is_not_there_is_named(name: str, sentence: str) -> None:
    with pytest.raises(ModelError) as caught:
        words_of_model(name)
    assert sentence in str(caught.value)
