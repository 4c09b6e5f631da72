# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Less precise arithmetic changes next to nothing: the shipped models on real pictures, beside full precision."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from seg_ros.lab.agreement import agreement_of
from seg_ros.lab.datasets import some_pictures
from seg_ros.models.card_instance import CardInstance
from seg_ros.models.catalog import open_model, shipped_models
from seg_ros.models.device import placement
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.tensors import to_network
from seg_ros.records import Frame
from seg_ros.settings import Settings
from seg_ros.tracking.overlap import id_image

DATA = Path(__file__).parents[3] / 'shared' / 'data'
PICTURES = {'everyday': DATA / 'household' / 'images', 'indoor': DATA / 'indoor' / 'dev' / 'rgb',
            'tools': DATA / 'tools' / 'dev' / 'images', 'plants': DATA / 'plants' / 'dev' / 'images'}
SURE = 0.5


def devices() -> list[tuple[str, str]]:
    gpu = [('cuda', 'fp16'), ('cuda', 'bf16')] if torch.cuda.is_available() else []
    return [('cpu', 'bf16'), *gpu]


@pytest.mark.parametrize(('device', 'precision'), devices())
@pytest.mark.parametrize('name', sorted(shipped_models()))
def test_a_shipped_model_says_the_same_in_half_the_bits(name: str, device: str, precision: str) -> None:
    """At least 99 % of the pixels get the same label, or belong to an object of the same class; everyday ignores it."""
    folder = PICTURES.get(name)
    if folder is None or not folder.is_dir():
        pytest.skip(f'no pictures for {name} in {DATA}')
    settings = Settings(device=device, precision='fp32', tracking=False, score_threshold=SURE)
    exact = open_model(name, settings)
    quick = open_model(name, settings.changed({'precision': precision}))
    assert (exact.precision, quick.precision) == ('fp32', 'fp32' if name == 'everyday' else precision)
    pictures = some_pictures(folder, 6)  # each takes seconds where few bits are imitated
    same = [painted(exact, one, settings) == painted(quick, one, settings) for one in pictures]
    assert np.mean([one.mean() for one in same]) >= 0.99


@pytest.mark.parametrize(('name', 'few'), [('tools', torch.bfloat16), ('everyday', torch.float32)])
def test_of_a_network_that_finds_objects_the_backbone_alone_computes_in_few_bits(name: str, few: torch.dtype) -> None:
    model = open_model(name, Settings(device='cpu', precision='bf16'))
    assert isinstance(model, CardInstance)
    parts = {part.startswith('backbone'): weights.dtype for part, weights in model._network.named_parameters()}
    assert parts == {True: few, False: torch.float32}
    with torch.inference_mode():
        features = model._network.backbone(torch.zeros(1, 3, 64, 64))
    assert {one.dtype for one in features.values()} == {torch.float32}


def painted(model: Segmenter, picture: NDArray[np.uint8], settings: Settings) -> NDArray[np.uint8]:
    """Return (H, W) the label of each pixel; of a model that finds objects the class of the best one there, or 255."""
    answer, = model.segment([Frame('', 1, '', picture)], settings)
    if answer.labels is not None:
        return answer.labels
    assert answer.instances is not None
    classes = np.append(answer.instances.class_ids, np.uint8(255))
    return classes[id_image(answer.instances).astype(int) - 1]


@pytest.mark.skipif(not PICTURES['plants'].is_dir(), reason=f'no pictures in {DATA}')
def test_an_object_keeps_its_box_and_score_in_half_the_bits() -> None:
    """Most objects, doubtful ones included, are found again with nearly the same box, mask and score."""
    settings = Settings(device='cpu', precision='fp32', tracking=False, score_threshold=0.25)
    exact, quick = (open_model('plants', settings.changed({'precision': word})) for word in ('fp32', 'bf16'))
    found = agreement_of(exact, quick, some_pictures(PICTURES['plants'], 3), settings)
    assert found.compared >= 10
    assert found.share >= 0.8


def test_images_of_a_gpu_and_of_a_cpu_are_laid_out_channels_last() -> None:
    """Convolutions in few bits want it so: the network and what is shown to it."""
    where = placement(Settings(device='cpu', precision='bf16'))
    network = where.place(torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3)))
    batch = to_network([np.zeros((48, 64, 3), np.uint8)], (64, 48), (127.5,) * 3, (127.5,) * 3, where)
    assert batch.is_contiguous(memory_format=torch.channels_last)
    assert network(batch).is_contiguous(memory_format=torch.channels_last)
    assert batch.dtype == network(batch).dtype == torch.bfloat16
