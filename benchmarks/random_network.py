# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A small network with random weights as an ONNX file: pictures of the camera's size in, logits at a stride out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from seg_ros.labels.label_sets import words_of_label_set
from seg_ros.models.card import Card, card_text
from seg_ros.models.from_onnx import CARD_KEY

MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
SPREAD = 6.0
"""The standard deviation of the logits of each class: about one class is likely at each pixel, as of a trained one."""

Floats = NDArray[np.float32]


def save_network(path: Path, classes: int, size: tuple[int, int], picture: Floats, *, stride: int, depth: int) -> None:
    """
    Write the file, its card inside.

    :param size: (width, height) of the picture. :param picture: (1, 3, height, width), normalised; every class is
        likely somewhere in it. :param stride: 4, or 1 for logits that the network itself enlarges.
    :param depth: how many layers of 32 channels.
    """
    rng = np.random.default_rng(classes)
    weights = {f'w{k}': _weights(rng, 3 if k == 0 else 32, 32) for k in range(depth + 2)}
    weights['head'] = rng.normal(size=(classes, 32, 1, 1)).astype(np.float32)
    weights['bias'] = np.zeros(classes, np.float32)
    plain = _session(_model(weights, size, 4)).run(None, {'images': picture})[0]
    scale = SPREAD / plain.std(axis=(0, 2, 3))
    weights['head'] *= scale[:, None, None, None]
    weights['bias'] = (-scale * plain.mean(axis=(0, 2, 3))).astype(np.float32)
    model = _model(weights, size, stride)
    card = Card('random', 'semantic', 'onnx', words(classes), size, MEAN, STD)
    helper.set_model_props(model, {CARD_KEY: card_text(card)})
    onnx.save(model, str(path))


def save_taxonomy(path: Path, classes: int) -> None:
    """Write a taxonomy in which each word of the network is a class of its own."""
    rows = [{'id': k, 'name': word, 'colour': [k, 0, 0], 'role': 'obstacle'} for k, word in enumerate(words(classes))]
    path.write_text(yaml.safe_dump({'classes': rows}), encoding='utf-8')


def words(classes: int) -> tuple[str, ...]:
    """Return the words of the network: the first of ADE20K's."""
    return words_of_label_set('ade20k_hf')[:classes]


def normalised(rgb: NDArray[np.uint8]) -> Floats:
    """Return a (height, width, 3) picture as the network takes it."""
    scaled = (rgb.astype(np.float32) - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def _weights(rng: np.random.Generator, inputs: int, outputs: int) -> Floats:
    return (rng.normal(size=(outputs, inputs, 3, 3)) * np.sqrt(2.0 / (9 * inputs))).astype(np.float32)


def _model(weights: dict[str, Floats], size: tuple[int, int], stride: int) -> onnx.ModelProto:
    nodes, last, width, height = [], 'images', size[0] // stride, size[1] // stride
    for name in [name for name in weights if name.startswith('w')]:
        step = 2 if name in ('w0', 'w1') else 1
        nodes += [helper.make_node('Conv', [last, name], [f'{name}_sum'], strides=[step] * 2, pads=[1] * 4),
                  helper.make_node('Relu', [f'{name}_sum'], [f'{name}_out'])]
        last = f'{name}_out'
    nodes.append(helper.make_node('Conv', [last, 'head', 'bias'], ['coarse' if stride == 1 else 'logits']))
    constants = dict(weights)
    if stride == 1:
        constants['scales'] = np.array([1, 1, 4, 4], np.float32)
        nodes.append(helper.make_node('Resize', ['coarse', '', 'scales'], ['logits'], mode='linear',
                                      coordinate_transformation_mode='half_pixel'))
    graph = helper.make_graph(
        nodes, 'random', [helper.make_tensor_value_info('images', TensorProto.FLOAT, [1, 3, size[1], size[0]])],
        [helper.make_tensor_value_info('logits', TensorProto.FLOAT, [1, len(weights['bias']), height, width])],
        [numpy_helper.from_array(array, name) for name, array in constants.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)], ir_version=8)


def _session(model: onnx.ModelProto) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(model.SerializeToString(), providers=['CPUExecutionProvider'])
