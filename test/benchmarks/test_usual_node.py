# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The usual node and ours say the same of one file: what is compared is the same work."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('rclpy', reason='ROS is not installed')
pytest.importorskip('onnx', reason='onnx is not installed')
onnxruntime = pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / 'benchmarks'))

from random_network import normalised, save_network, save_taxonomy  # noqa: E402
from stand import PICTURE, resized_picture  # noqa: E402
from usual_node import read  # noqa: E402

from seg_ros.models.catalog import open_model  # noqa: E402
from seg_ros.records import Frame  # noqa: E402
from seg_ros.settings import Settings  # noqa: E402

SIZE = (160, 120)


@pytest.mark.parametrize('classes', [12, 150])
def test_both_give_the_same_labels_and_confidence(tmp_path: Path, classes: int) -> None:
    rgb, network, taxonomy = resized_picture(PICTURE, SIZE), tmp_path / 'a.onnx', tmp_path / 'a.yaml'
    save_network(network, classes, SIZE, normalised(rgb), stride=1, depth=2)
    save_taxonomy(taxonomy, classes)
    settings = Settings(device='cpu', taxonomy=str(taxonomy))
    ours = open_model(f'onnx:{network}', settings).segment([Frame('', 0, '', rgb)], settings)[0]
    logits = onnxruntime.InferenceSession(str(network)).run(None, {'images': normalised(rgb)})[0][0]
    labels, confidence = read(logits, SIZE)
    assert ours.labels is not None and ours.confidence is not None
    assert (ours.labels == labels).mean() > 0.999
    assert np.abs(ours.confidence.astype(int) - confidence).mean() < 0.1
    assert len(np.unique(labels)) > classes / 2, 'the network is sure of many classes, as a trained one is'
