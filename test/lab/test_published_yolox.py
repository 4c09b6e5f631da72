# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The published YOLOX-nano becomes weights of our own network, number by number."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from scenes.onnx_files import file_of
from torch import Tensor, nn
from torch.nn import functional as F

from seg_ros.errors import ModelError
from seg_ros.lab.datasets import image_files
from seg_ros.lab.published_files import YOLOX_WORDS, yolox_card, yolox_weights
from seg_ros.models.yolox import STRIDES, YoloxNano
from seg_ros.picture_files import read_rgb

pytest.importorskip('onnx')

DATA = Path(__file__).parents[3] / 'shared' / 'data'
PUBLISHED = DATA / 'weights' / 'yolox_nano_coco80.onnx'
needs_file = pytest.mark.skipif(not PUBLISHED.is_file(), reason='the published YOLOX-nano is not on this machine')


def as_published(network: YoloxNano) -> list[tuple[Tensor, Tensor]]:
    """Return kernel and bias of each layer of a detector, the first for 2x2 pixels of bgr."""
    layers = [(one.weight, one.bias) for name, one in network.named_modules()
              if isinstance(one, nn.Conv2d) and not name.startswith('masks.') and one.bias is not None]
    whole = layers[0][0].flip(1)
    parts = [whole[:, :, 0::2, 0::2], whole[:, :, 1::2, 0::2], whole[:, :, 0::2, 1::2], whole[:, :, 1::2, 1::2]]
    return [(torch.cat(parts, dim=1), layers[0][1]), *layers[1:]]


def test_every_layer_is_found_again_and_masks_are_left_new(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = YoloxNano(len(YOLOX_WORDS))
    found = yolox_weights(file_of(tmp_path / 'yolox.onnx', as_published(network)))
    state = network.state_dict()
    assert set(state) - set(found) == {key for key in state if key.startswith('masks.')} | {'calibration'}
    assert all(torch.equal(value, state[key]) for key, value in found.items())


def test_the_first_layer_sees_what_it_saw_of_pixels_laid_beside_each_other() -> None:
    """YOLOX's Focus: the four pixels of 2x2 as channels, by column, each of blue, green and red."""
    torch.manual_seed(0)
    network = YoloxNano(3)
    rgb = torch.rand(1, 3, 64, 96)
    bgr = rgb.flip(1)
    beside = torch.cat([bgr[..., ::2, ::2], bgr[..., 1::2, ::2], bgr[..., ::2, 1::2], bgr[..., 1::2, 1::2]], dim=1)
    kernel, bias = as_published(network)[0]
    torch.testing.assert_close(network.backbone.stem(rgb), F.silu(F.conv2d(beside, kernel, bias, padding=1)))


def test_another_network_is_refused(tmp_path: Path) -> None:
    layer = nn.Conv2d(12, 16, 3)
    assert layer.bias is not None
    for k, layers in enumerate(([], [(layer.weight, layer.bias)], as_published(YoloxNano(5)))):
        with pytest.raises(ModelError, match='is not the published YOLOX-nano'):
            yolox_weights(file_of(tmp_path / f'{k}.onnx', layers))


@needs_file
def test_its_boxes_and_scores_are_those_of_the_file() -> None:
    onnxruntime = pytest.importorskip('onnxruntime')
    session = onnxruntime.InferenceSession(PUBLISHED, providers=['CPUExecutionProvider'])
    network = YoloxNano(len(YOLOX_WORDS)).eval()
    network.load_state_dict(yolox_weights(PUBLISHED), strict=False)
    for path in image_files(DATA / 'household' / 'images')[::60]:
        small = cv2.resize(read_rgb(path), (416, 416), interpolation=cv2.INTER_AREA)
        images = torch.from_numpy(small).permute(2, 0, 1)[None].float()
        (wanted,), = session.run(None, {session.get_inputs()[0].name: images.flip(1).numpy()})
        with torch.inference_mode():
            cells = network.cells(network.backbone(images))
        scores = wanted[:, 4:5] * wanted[:, 5:]
        np.testing.assert_allclose(cells.scores[0].numpy(), scores, rtol=0, atol=1e-4)
        np.testing.assert_allclose(cells.boxes[0].numpy(), _boxes(wanted), rtol=1e-4, atol=1e-3)


def _boxes(given: np.ndarray) -> np.ndarray:
    """Return (cells, 4) corners in pixels of what the file gives for 416x416: centres in cells, sizes in logarithms."""
    grids = [np.stack(np.meshgrid(np.arange(416 // s), np.arange(416 // s)), axis=-1).reshape(-1, 2) * s
             for s in STRIDES.values()]
    strides = np.concatenate([np.full((len(grid), 1), s) for grid, s in zip(grids, STRIDES.values())])
    centres, halves = given[:, :2] * strides + np.concatenate(grids), np.exp(given[:, 2:4]) * strides / 2
    return np.concatenate([centres - halves, centres + halves], axis=1)


def test_its_card_knows_the_words_of_coco() -> None:
    card = yolox_card(Path('yolox_nano_coco80.onnx'))
    assert (len(card.classes), card.classes[0], card.classes[-1]) == (80, 'person', 'toothbrush')
    assert (card.kind, card.architecture, card.mean, card.std, card.licence) == (
        'instance', 'yolox_nano', (0.0,) * 3, (1.0,) * 3, 'Apache-2.0')
