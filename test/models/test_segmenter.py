# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every model keeps the same contract, in every mode it claims, and is refused in the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from scenes.scripted import ScriptedInstances, ScriptedSegmenter, Thing

from seg_ros.errors import ModelError
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.catalog import open_model
from seg_ros.models.instance_networks import instance_network
from seg_ros.models.networks import semantic_network
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.weights import save_weights
from seg_ros.pipeline import Pipeline
from seg_ros.records import UNLABELLED, Frame, Mode, Segmentation
from seg_ros.settings import Settings

EVERYTHING = {'device': 'cpu', 'unlabelled_threshold': 0.0, 'score_threshold': 0.0, 'track_low_score': 0.0,
              'min_area': 1, 'max_instances': 7}


def semantic_model(folder: Path) -> Segmenter:
    torch.manual_seed(0)
    save_weights(semantic_network('lraspp_mobilenet_v2', 3), folder / WEIGHTS)
    write_card(folder, Card('small', 'semantic', 'lraspp_mobilenet_v2', ('floor', 'wall', 'chair'), (96, 64)))
    return open_model(f'{folder}/', Settings(device='cpu'))


def instance_model(folder: Path) -> Segmenter:
    torch.manual_seed(0)
    network = instance_network('maskrcnn_mobilenet_v2_fpn', 2, 64, 96)
    network.roi_heads.mask_predictor.mask_fcn_logits.bias.data.fill_(1.0)  # untrained, every mask is full
    save_weights(network, folder / WEIGHTS)
    write_card(folder, Card('small', 'instance', 'maskrcnn_mobilenet_v2_fpn', ('hammer', 'person'), (96, 64)))
    return open_model(f'{folder}/', Settings(device='cpu', mode='instance'))


def scripted_objects(folder: Path) -> Segmenter:
    return ScriptedInstances({0: [Thing('hammer', 0.9, (1, 1, 9, 9)), Thing('wrench', 0.4, (2, 2, 7, 8))]})


MODELS = [semantic_model, instance_model, lambda folder: ScriptedSegmenter(), scripted_objects]
NAMES = ['torchvision semantic', 'torchvision instance', 'scripted semantic', 'scripted instance']


@pytest.fixture(params=MODELS, ids=NAMES)
def model(request: pytest.FixtureRequest, tmp_path: Path) -> Segmenter:
    make: Callable[[Path], Segmenter] = request.param
    return make(tmp_path)


def frame(width: int, height: int, seed: int) -> Frame:
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return Frame('', seed, 'camera', pixels)


def test_each_claimed_mode_answers_every_frame_at_its_own_size(model: Segmenter) -> None:
    frames = [frame(64, 48, 0), frame(33, 77, 1), frame(64, 48, 2)]
    for mode in model.modes:
        answers = model.segment(frames, Settings(mode=mode.value, **EVERYTHING))
        assert [answer.size for answer in answers] == [(64, 48), (33, 77), (64, 48)]
        for answer in answers:
            check(answer, model, mode)
    model.close()


def check(answer: Segmentation, model: Segmenter, mode: Mode) -> None:
    ids = {c.id for c in model.classes}
    assert (answer.labels is not None) is (answer.confidence is not None) is mode.has_labels
    assert (answer.instances is not None) is mode.has_instances
    if answer.labels is not None and answer.confidence is not None:
        assert set(np.unique(answer.labels)) <= ids | {UNLABELLED}
        assert not answer.confidence[answer.labels == UNLABELLED].any()
    if answer.instances is not None:
        found = answer.instances
        assert set(found.class_ids.tolist()) <= ids
        assert (np.diff(found.scores) <= 0).all()
        assert not found.track_ids.any()
        for (left, top), mask in zip(found.corners, found.masks):
            assert left >= 0 and top >= 0 and mask.any() and mask.dtype == bool
            assert left + mask.shape[1] <= answer.size[0] and top + mask.shape[0] <= answer.size[1]


def test_the_detector_finds_something_so_that_the_contract_is_not_empty(tmp_path: Path) -> None:
    answer, = instance_model(tmp_path).segment([frame(64, 48, 0)], Settings(mode='instance', **EVERYTHING))
    assert answer.instances is not None
    assert len(answer.instances) == EVERYTHING['max_instances']


def test_the_same_frame_gives_the_same_answer_alone_or_in_a_batch(model: Segmenter) -> None:
    mode = next(iter(model.modes))
    settings = Settings(mode=mode.value, **EVERYTHING)
    together = model.segment([frame(64, 48, 0), frame(64, 48, 1)], settings)[1]
    alone = model.segment([frame(64, 48, 1)], settings)[0]
    if together.labels is not None and alone.labels is not None:
        assert (together.labels == alone.labels).mean() > 0.99
    if together.instances is not None and alone.instances is not None:
        np.testing.assert_allclose(together.instances.boxes, alone.instances.boxes, atol=0.5)


@pytest.mark.parametrize('make', MODELS, ids=NAMES)
@pytest.mark.parametrize('mode', [Mode.SEMANTIC, Mode.INSTANCE])
def test_a_mode_the_model_does_not_claim_is_refused_by_name(make: Callable[[Path], Segmenter], mode: Mode,
                                                            tmp_path: Path) -> None:
    model = make(tmp_path)
    pipeline = Pipeline(lambda name, settings: model)
    settings = Settings(mode=mode.value, device='cpu')
    if mode in model.modes:
        pipeline.configure(settings)
        assert [one.name for one in pipeline.segmenters] == [model.name]
    else:
        with pytest.raises(ModelError, match=f'mode {mode.value} needs a model that does {mode.value}'):
            pipeline.configure(settings)


def test_output_size_is_the_size_of_everything(tmp_path: Path) -> None:
    settings = Settings(mode='instance', **EVERYTHING | {'output_size': '32x24'})
    answer, = instance_model(tmp_path).segment([frame(64, 48, 0)], settings)
    assert answer.size == (32, 24)
    check(answer, instance_model(tmp_path), Mode.INSTANCE)


def test_chosen_classes_alone_are_kept(tmp_path: Path) -> None:
    model = instance_model(tmp_path)
    settings = Settings(mode='instance', **EVERYTHING | {'classes': ('person',)})
    answer, = model.segment([frame(64, 48, 0)], settings)
    person = next(c.id for c in model.classes if c.name == 'person')
    assert answer.instances is not None
    assert set(answer.instances.class_ids.tolist()) <= {person}
