# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The published MOSAIC becomes weights of our own network, number by number."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from scenes.networks import random_network
from scenes.onnx_files import file_of
from torch import Tensor, nn

from seg_ros.errors import ModelError
from seg_ros.lab.datasets import image_files
from seg_ros.lab.published_files import MOSAIC_WORDS, mosaic_card, mosaic_weights
from seg_ros.lab.semantic_training import normalised
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.mosaic import Mosaic
from seg_ros.picture_files import read_rgb

pytest.importorskip('onnx')

DATA = Path(__file__).parents[3] / 'shared' / 'data'
PUBLISHED = DATA / 'weights' / 'mosaic_r4_ade31.onnx'
needs_file = pytest.mark.skipif(not PUBLISHED.is_file(), reason='the published MOSAIC is not on this machine')


def parameters(*layers: nn.Conv2d) -> list[tuple[Tensor, Tensor]]:
    return [(layer.weight, layer.bias) for layer in layers if layer.bias is not None]


@needs_file
def test_its_answers_are_those_of_the_file() -> None:
    onnxruntime = pytest.importorskip('onnxruntime')
    session = onnxruntime.InferenceSession(PUBLISHED, providers=['CPUExecutionProvider'])
    network = Mosaic(len(MOSAIC_WORDS)).eval()
    network.load_state_dict(mosaic_weights(PUBLISHED))
    rooms, scenes = image_files(DATA / 'indoor' / 'dev' / 'rgb'), image_files(DATA / 'household' / 'images')
    for path in [*rooms[::110], *scenes[::60]]:
        small = cv2.resize(read_rgb(path), (512, 512), interpolation=cv2.INTER_AREA)
        images = normalised(torch.from_numpy(small).permute(2, 0, 1)[None])
        wanted, = session.run(None, {session.get_inputs()[0].name: images.numpy()})
        with torch.inference_mode():
            logits = network(images)['out'].numpy()
        np.testing.assert_allclose(logits, wanted, rtol=0, atol=1e-3)
        assert np.mean(logits.argmax(1) == wanted.argmax(1)) > 0.9999


@needs_file
def test_each_word_of_its_card_means_something_to_the_robot() -> None:
    card, taxonomy = mosaic_card(PUBLISHED), load_taxonomy('indoor')
    assert len(card.classes) == 32
    meant = {word.split(',')[0]: taxonomy.class_of(word) for word in card.classes}
    assert {word: one and one.name for word, one in meant.items() if word in ('floor', 'rug', 'sofa', 'road')} == {
        'floor': 'floor', 'rug': 'floor', 'sofa': 'furniture', 'road': None}


def test_another_network_is_refused(tmp_path: Path) -> None:
    other = file_of(tmp_path / 'other.onnx', parameters(nn.Conv2d(3, 32, 3), nn.Conv2d(32, 96, 1)))
    with pytest.raises(ModelError, match='is not the published MOSAIC'):
        mosaic_weights(other)


def test_a_network_of_other_words_is_refused(tmp_path: Path) -> None:
    """It has as many layers; only the last are narrower."""
    network = random_network('mosaic', 5)
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d) and layer.bias is not None]
    with pytest.raises(ModelError, match='is not the published MOSAIC'):
        mosaic_weights(file_of(tmp_path / 'five.onnx', parameters(*layers)))


def test_a_file_that_is_missing_or_none_is_refused(tmp_path: Path) -> None:
    damaged = tmp_path / 'damaged.onnx'
    damaged.write_bytes(b'no model')
    for path in (damaged, tmp_path / 'missing.onnx'):
        with pytest.raises(ModelError, match='cannot be read as an ONNX file'):
            mosaic_weights(path)
