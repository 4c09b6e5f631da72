# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A model folder becomes a segmenter; small random weights show what a trained one would do."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import weakref
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scenes.networks import opinionated, random_network
from torch import Tensor, nn
from torch.nn import functional as F

from seg_ros.errors import ModelError, TaxonomyError
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models import from_card
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.card_semantic import CardSemantic
from seg_ros.models.catalog import open_model
from seg_ros.models.networks import semantic_logits, semantic_network
from seg_ros.models.weights import load_weights, save_weights
from seg_ros.records import UNLABELLED, Frame, Mode, Segmentation
from seg_ros.settings import Settings

WORDS = ('wall', 'rug', 'floor', 'sky', 'person', 'potted plant')  # two floors, one without a class
CARD = Card('home', 'semantic', 'lraspp_mobilenet_v2', WORDS, (96, 64), temperature=2.0)
SETTINGS = Settings(device='cpu', precision='fp32', unlabelled_threshold=0.0)


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a model with random weights whose answers differ from place to place."""
    folder = tmp_path_factory.mktemp('home')
    network = opinionated(random_network(CARD.architecture, len(WORDS)), seen(picture(64, 96)))
    save_weights(network, folder / WEIGHTS)
    write_card(folder, CARD)
    return folder


@pytest.fixture(scope='module')
def model(folder: Path) -> CardSemantic:
    opened = open_model(str(folder), SETTINGS)
    assert isinstance(opened, CardSemantic)
    return opened


def picture(height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    coarse = torch.from_numpy(rng.integers(0, 256, (1, 3, 4, 6)).astype(np.float32))
    return F.interpolate(coarse, (height, width), mode='nearest')[0].permute(1, 2, 0).numpy().astype(np.uint8)


def seen(rgb: NDArray[np.uint8]) -> Tensor:
    """Return the normalised (1, 3, 64, 96) or upright batch that a picture becomes, by plain torch."""
    size = (64, 96) if rgb.shape[1] >= rgb.shape[0] else (96, 64)
    planes = torch.from_numpy(rgb).permute(2, 0, 1)[None].float()
    return (F.interpolate(planes, size, mode='bilinear', antialias=True).round() - 127.5) / 127.5


def frame(rgb: NDArray[np.uint8], camera: str = 'front') -> Frame:
    return Frame(camera, 1, 'camera', rgb)


def labels_of(segmentation: Segmentation) -> NDArray[np.uint8]:
    assert segmentation.labels is not None
    return segmentation.labels


def confidence_of(segmentation: Segmentation) -> NDArray[np.uint8]:
    assert segmentation.confidence is not None
    return segmentation.confidence


def test_an_open_model_says_what_it_is(model: CardSemantic) -> None:
    assert (model.name, model.device, model.precision) == ('home', 'cpu', 'fp32')
    assert model.modes == {Mode.SEMANTIC}
    assert model.classes == load_taxonomy('indoor').classes


@pytest.mark.parametrize('size', [(96, 64), (150, 101), (64, 96)])
def test_the_answer_is_that_of_plain_torch(model: CardSemantic, folder: Path, size: tuple[int, int]) -> None:
    """Normalise, run, softmax at the temperature, sum the words by name, upsample, take the best."""
    rgb = picture(size[1], size[0])
    network = semantic_network(CARD.architecture, len(WORDS)).eval()
    load_weights(network, folder / WEIGHTS)
    with torch.inference_mode():
        logits = semantic_logits(network, seen(rgb))
    words = torch.softmax(logits.double() / 2.0, dim=1)[0]
    indoor = {c.name: c.id for c in load_taxonomy('indoor').classes}
    classes = torch.zeros(len(indoor), *words.shape[1:], dtype=torch.double)
    for word, name in zip(WORDS, ('wall', 'floor', 'floor', None, 'person', 'plant')):
        if name is not None:
            classes[indoor[name]] += words[WORDS.index(word)]
    large = F.interpolate(classes[None], size[::-1], mode='bilinear', align_corners=False)[0].numpy()
    answer, = model.segment([frame(rgb)], SETTINGS)
    assert answer.size == size
    clear = np.diff(np.sort(large, axis=0)[-2:], axis=0)[0] > 0.05  # bytes are rounded on the way
    assert clear.mean() > 0.5
    assert (labels_of(answer) == large.argmax(axis=0))[clear].all()
    assert np.abs(confidence_of(answer) / 255 - large.max(axis=0)).max() < 0.05
    assert len(np.unique(labels_of(answer))) >= 3  # the picture is not all one class


def test_frames_of_different_size_in_a_batch_are_answered_as_one_by_one(model: CardSemantic) -> None:
    frames = [frame(picture(64, 96, 1)), frame(picture(96, 64, 2)), frame(picture(128, 192, 3)), frame(picture(1, 1))]
    together = model.segment(frames, SETTINGS)
    for one, answer in zip(frames, together):
        alone, = model.segment([one], SETTINGS)
        assert answer.size == alone.size == one.size
        assert (labels_of(answer) == labels_of(alone)).mean() > 0.999  # sums in another order
        assert np.abs(confidence_of(answer).astype(int) - confidence_of(alone)).max() <= 1


@pytest.mark.parametrize('size', [(48, 32), (424, 240), (96, 64)])
def test_the_answer_has_the_output_size_asked_for(model: CardSemantic, size: tuple[int, int]) -> None:
    settings = SETTINGS.changed({'output_size': f'{size[0]}x{size[1]}'})
    answers = model.segment([frame(picture(64, 96)), frame(picture(101, 150))], settings)
    assert [answer.size for answer in answers] == [size, size]
    assert all(labels_of(answer).shape == size[::-1] for answer in answers)


@pytest.mark.parametrize('size', [(1, 1), (1, 300), (300, 1), (33, 47)])
def test_odd_sizes_are_answered_at_their_own(model: CardSemantic, size: tuple[int, int]) -> None:
    answer, = model.segment([frame(picture(size[1], size[0]))], SETTINGS)
    assert answer.size == size


def test_no_frame_gives_no_answer(model: CardSemantic) -> None:
    assert model.segment([], SETTINGS) == []


def test_the_threshold_may_differ_from_call_to_call(model: CardSemantic) -> None:
    one = frame(picture(64, 96))
    sure, = model.segment([one], SETTINGS.changed({'unlabelled_threshold': 0.9}))
    every, = model.segment([one], SETTINGS)
    unsure = confidence_of(every) < 0.89 * 255
    assert unsure.any()
    assert (labels_of(sure)[unsure] == UNLABELLED).all()
    assert not (labels_of(every) == UNLABELLED).any()


def test_bf16_gives_the_same_picture(folder: Path, model: CardSemantic) -> None:
    short = open_model(str(folder), SETTINGS.changed({'precision': 'bf16'}))
    assert short.precision == 'bf16'
    one = frame(picture(64, 96))
    agree = labels_of(short.segment([one], SETTINGS)[0]) == labels_of(model.segment([one], SETTINGS)[0])
    assert agree.mean() > 0.9


def test_closing_frees_the_network(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[weakref.ref[nn.Module]] = []

    def build(architecture: str, n_classes: int) -> nn.Module:
        network = semantic_network(architecture, n_classes)
        built.append(weakref.ref(network))
        return network

    monkeypatch.setattr(from_card, 'semantic_network', build)
    opened = open_model(str(folder), SETTINGS)
    gc.collect()
    assert built[0]() is not None
    opened.close()
    gc.collect()
    assert built[0]() is None
    opened.close()  # twice does no harm


def test_weights_of_another_number_of_classes_are_refused(folder: Path, tmp_path: Path) -> None:
    write_card(tmp_path, replace(CARD, classes=('wall', 'floor')))
    (tmp_path / WEIGHTS).symlink_to(folder / WEIGHTS)
    with pytest.raises(ModelError, match='belong to another network'):
        open_model(f'{tmp_path}/', SETTINGS)


def test_a_word_the_taxonomy_does_not_know_is_refused(folder: Path, tmp_path: Path) -> None:
    write_card(tmp_path, replace(CARD, classes=(*WORDS[:-1], 'flor')))
    (tmp_path / WEIGHTS).symlink_to(folder / WEIGHTS)
    with pytest.raises(TaxonomyError, match="does not know the word 'flor'; the nearest known is 'floor'"):
        open_model(f'{tmp_path}/', SETTINGS)


def test_the_default_model_loads_where_torchvision_cannot_be_imported() -> None:
    """It has no part of it, and importing it takes longer than loading the model."""
    script = ("import sys; sys.modules['torchvision'] = None\n"
              'from seg_ros.models.catalog import open_model\n'
              'from seg_ros.settings import Settings\n'
              "print(open_model('indoor', Settings().changed({'device': 'cpu'})).name)")
    environment = {**os.environ, 'PYTHONPATH': os.pathsep.join(one for one in sys.path if one)}
    done = subprocess.run([sys.executable, '-c', script], check=False, capture_output=True, text=True, env=environment,
                          timeout=120)
    assert done.stdout.split() == ['indoor'], done.stderr
