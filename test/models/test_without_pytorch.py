# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A computer without PyTorch runs models named onnx: numpy, OpenCV and ONNX Runtime alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from seg_ros.models.card import Card, card_text
from seg_ros.models.from_onnx import CARD_KEY

onnx = pytest.importorskip('onnx', reason='onnx is not installed')
pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')

SCRIPT = """
import json, sys
for name in ('torch', 'torchvision', 'transformers'):
    sys.modules[name] = None  # whoever imports it fails
import numpy as np
from seg_ros.models.catalog import open_model
from seg_ros.pipeline import Pipeline
from seg_ros.records import Frame
from seg_ros.settings import Settings
settings = Settings(device='cpu', unlabelled_threshold=0.4, tracking=False, score_threshold=0.3, nms_iou=0.5,
                    **{sys.argv[1] + '_model': 'onnx:' + sys.argv[2], 'mode': sys.argv[1]})
pipeline = Pipeline(open_model)
pipeline.configure(settings)
rgb = np.zeros((96, 128, 3), np.uint8)
rgb[:, :64] = (255, 0, 0)
rgb[:, 64:] = (0, 0, 255)
answer = pipeline.run([Frame('front', 1, 'camera', rgb)], settings)[0].segmentation
names = {c.id: c.name for c in pipeline.classes}
seen = [names[int(k)] for k in answer.labels[48, [20, 100]]] if answer.labels is not None else \
    [names[int(k)] for k in answer.instances.class_ids]
print(json.dumps(seen))
"""


def graph_of(nodes: list[object], card: Card, outputs: dict[str, list[object]], constants: dict[str, object]) -> object:
    floats = onnx.TensorProto.FLOAT
    images = onnx.helper.make_tensor_value_info('images', floats, ['n', 3, 'h', 'w'])
    given = [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.INT64 if name == 'labels' else floats, shape)
             for name, shape in outputs.items()]
    stored = [onnx.numpy_helper.from_array(value, name) for name, value in constants.items()]
    graph = onnx.helper.make_graph(nodes, 'drawn', [images], given, stored)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid('', 13)], ir_version=8)
    onnx.helper.set_model_props(model, {CARD_KEY: card_text(card)})
    return model


def labelling(path: Path) -> Path:
    """Write a network for which the class of a pixel is the brightest of its colours."""
    weights = (8.0 * np.eye(3, dtype=np.float32))[:, :, None, None]
    conv = onnx.helper.make_node('Conv', ['images', 'w'], ['logits'])
    card = Card('colours', 'semantic', 'onnx', ('wall', 'floor', 'person'), (64, 48))
    onnx.save(graph_of([conv], card, {'logits': ['n', 3, 'h', 'w']}, {'w': weights}), path)
    return path


def finding(path: Path) -> Path:
    """Write a network that finds the same wrench twice, and a hammer, in any picture."""
    constants = {'b': np.array([[0, 0, 32, 32], [32, 0, 64, 48], [1, 0, 33, 32]], np.float32),
                 's': np.array([0.9, 0.8, 0.7], np.float32), 'l': np.array([1, 0, 1], np.int64),
                 'm': np.ones((3, 14, 14), np.float32)}
    names = ('boxes', 'scores', 'labels', 'masks')
    nodes = [onnx.helper.make_node('Identity', [short], [name]) for short, name in zip('bslm', names, strict=True)]
    card = Card('finder', 'instance', 'onnx', ('hammer', 'wrench'), (64, 48))
    onnx.save(graph_of(nodes, card, {'boxes': [3, 4], 'scores': [3], 'labels': [3], 'masks': [3, 14, 14]}, constants),
              path)
    return path


@pytest.mark.parametrize(('mode', 'expected'), [('semantic', ['wall', 'person']), ('instance', ['wrench', 'hammer'])])
def test_an_onnx_model_segments_where_pytorch_cannot_be_imported(tmp_path: Path, mode: str,
                                                                 expected: list[str]) -> None:
    path = (labelling if mode == 'semantic' else finding)(tmp_path / 'model.onnx')
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(one for one in sys.path if one)}
    done = subprocess.run([sys.executable, '-c', SCRIPT, mode, str(path)], check=False, capture_output=True,
                          text=True, env=environment, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == expected
