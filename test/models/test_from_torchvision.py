# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Networks of torchvision with weights on disk: our picture is the one torchvision's own pipeline gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from numpy.typing import NDArray
from scenes.networks import lively
from torch import nn
from torch.nn import functional as F
from torchvision.models.detection import MaskRCNN
from torchvision.models.detection.transform import GeneralizedRCNNTransform
from torchvision.transforms.functional import convert_image_dtype, normalize, resize

from seg_ros.errors import ModelError
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models import from_torchvision
from seg_ros.models import published as published_module
from seg_ros.models.catalog import open_model
from seg_ros.models.download import sha256_of
from seg_ros.models.from_torchvision import TorchvisionSemantic, built, with_shorter_side, within
from seg_ros.models.networks import semantic_logits
from seg_ros.models.published import Published, published, published_names
from seg_ros.models.segmenter import Segmenter
from seg_ros.records import Frame, Instances
from seg_ros.settings import Settings

SETTINGS = Settings(device='cpu', precision='fp32', unlabelled_threshold=0.0, score_threshold=0.05,
                    track_low_score=0.05, nms_iou=1.0, min_area=1)
SHORTER, LEAST, MOST = 97, 96, 160
SIZES = [(150, 101)]
SEMANTIC = ['lraspp_mobilenet_v3_large', 'deeplabv3_mobilenet_v3_large', 'fcn_resnet50']  # one of each kind


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give torch a cache of its own, in which any file has the right checksum."""
    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path))
    monkeypatch.setattr(Published, 'sha256_start', property(lambda self: ''))
    return tmp_path


def small(model: Published) -> nn.Module:
    """Build a network that shows itself small pictures."""
    network = built(model)
    if isinstance(network, MaskRCNN):
        network.transform.min_size, network.transform.max_size = (LEAST,), MOST
    return network


def save(name: str, monkeypatch: pytest.MonkeyPatch) -> nn.Module:
    """Write random weights where the published ones would lie, and return the network they are of."""
    model = published(name)
    monkeypatch.setattr(from_torchvision, 'built', small)
    torch.manual_seed(0)
    network = small(model)
    if isinstance(network, MaskRCNN):
        settled(network)
    else:
        lively(network)
        opinions(network)
    model.path.parent.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), model.path)
    return network


@torch.no_grad()
def settled(network: MaskRCNN) -> None:
    """Give the batch norms the statistics of a picture, so that no rounding grows on its way through the layers."""
    norms = [layer for layer in network.backbone.modules() if isinstance(layer, nn.BatchNorm2d)]
    for layer in norms:
        layer.momentum = 1.0
    network.backbone.train()
    network.backbone(torch.from_numpy(picture((160, 128))).permute(2, 0, 1)[None] / 64.0 - 2.0)
    network.eval()
    network.roi_heads.box_predictor.cls_score.weight.mul_(4.0)


@torch.inference_mode()
def opinions(network: nn.Module) -> None:
    """Make the last layers of a semantic network so that its answers differ from place to place."""
    seen = torch.from_numpy(picture((160, 120))).permute(2, 0, 1)[None] / 64.0 - 2.0
    logits = semantic_logits(network, seen)
    mean, scale = logits.mean((0, 2, 3)), 3.0 / logits.std((0, 2, 3))
    last = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d) and layer.out_channels == len(mean)]
    for layer in last:
        layer.weight.mul_(scale[:, None, None, None])
        layer.bias.sub_(mean if layer is last[0] else 0.0).mul_(scale)  # type: ignore[union-attr]


def picture(size: tuple[int, int], seed: int = 0) -> NDArray[np.uint8]:
    coarse = torch.from_numpy(np.random.default_rng(seed).integers(0, 256, (1, 3, 6, 8)).astype(np.float32))
    large = F.interpolate(coarse, (size[1], size[0]), mode='bicubic').clamp(0, 255)
    return large[0].permute(1, 2, 0).numpy().astype(np.uint8)


def opened(name: str, **changes: Any) -> Segmenter:
    model = open_model(f'torchvision:{name}', SETTINGS.changed(changes))
    if isinstance(model, TorchvisionSemantic):
        model.shorter_side = SHORTER
    return model


def answer_of(model: Segmenter, rgb: NDArray[np.uint8], **changes: Any) -> Any:
    mode = next(iter(model.modes)).value
    return model.segment([Frame('', 1, '', rgb)], SETTINGS.changed({'mode': mode, **changes}))[0]


@pytest.fixture(scope='module')
def one_to_one(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write a taxonomy in which each word of VOC is a class of its own."""
    rows = [{'id': k, 'name': word, 'colour': [k, 0, 0], 'role': 'obstacle'}
            for k, word in enumerate(published('fcn_resnet50').words)]
    path = tmp_path_factory.mktemp('taxonomy') / 'voc.yaml'
    path.write_text(yaml.safe_dump({'classes': rows}))
    return str(path)


@pytest.mark.parametrize('name', SEMANTIC)
def test_labels_are_those_of_torchvision(name: str, home: Path, monkeypatch: pytest.MonkeyPatch,
                                         one_to_one: str) -> None:
    """Transforms, forward, argmax, at the size torchvision answers in."""
    network = save(name, monkeypatch)
    model = opened(name, taxonomy=one_to_one)
    transforms: Any = published(name).weights.transforms()
    for size in SIZES:
        rgb = picture(size)
        image = convert_image_dtype(resize(torch.from_numpy(rgb).permute(2, 0, 1), [SHORTER]), torch.float)
        assert image.shape[1:] == with_shorter_side(size, SHORTER)[::-1]
        with torch.inference_mode():
            expected = network(normalize(image, transforms.mean, transforms.std)[None])['out'][0].argmax(0).numpy()
        answer = answer_of(model, rgb, output_size=f'{image.shape[2]}x{image.shape[1]}')
        assert (answer.labels == expected).mean() >= 0.995
        assert len(np.unique(expected)) >= 3  # the picture is not all one class
        assert answer_of(model, rgb).size == size
    model.close()


def test_the_older_detector_has_batch_norms_without_epsilon_as_its_weights_want() -> None:
    network = built(published('maskrcnn_resnet50_fpn'))
    assert {layer.eps for layer in network.modules() if isinstance(layer, nn.BatchNorm2d)} == {0.0}


def test_objects_are_those_of_torchvision(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = 'maskrcnn_resnet50_fpn_v2'
    network = save(name, monkeypatch)
    network.roi_heads.score_thresh = 0.05  # type: ignore[union-attr]
    model = opened(name)
    words = published(name).words
    names = {c.id: c.name for c in model.classes}
    for size in SIZES:
        rgb = picture(size)
        with torch.inference_mode():
            all_found = network([convert_image_dtype(torch.from_numpy(rgb).permute(2, 0, 1), torch.float)])[0]
        has_name = [words[label] != 'N/A' for label in all_found['labels']]
        expected = {key: value[has_name].numpy() for key, value in all_found.items()}
        found = answer_of(model, rgb).instances
        whole = [k for k, box in enumerate(expected['boxes']) if min(box[2:] - box[:2]) >= 2.0]  # slivers may vanish
        ours = [k for k, box in enumerate(found.boxes) if min(box[2:] - box[:2]) >= 2.0]
        assert len(ours) == len(whole)
        pairs = [(k, min(whole, key=lambda n: np.abs(expected['boxes'][n] - found.boxes[k]).max())) for k in ours]
        assert len(pairs) >= 3
        for k, n in pairs:
            assert found.scores[k] == pytest.approx(expected['scores'][n], abs=1e-3)
            assert found.boxes[k] == pytest.approx(expected['boxes'][n], abs=0.1)
            assert names[found.class_ids[k]] == words[expected['labels'][n]]
            assert (full_mask(found, k) == (expected['masks'][n, 0] > 0.5)).mean() >= 0.995
    model.close()


def full_mask(found: Instances, k: int) -> NDArray[np.bool_]:
    (left, top), mask = found.corners[k], found.masks[k]
    whole = np.zeros((found.size[1], found.size[0]), bool)
    whole[top:top + mask.shape[0], left:left + mask.shape[1]] = mask
    return whole


@pytest.mark.parametrize(('size', 'shown'), [((640, 480), (1066, 800)), ((480, 640), (800, 1066)),
                                             ((2000, 500), (1333, 333)), ((800, 800), (800, 800)),
                                             ((150, 101), (1188, 800))])
def test_a_detector_is_shown_the_size_torchvision_shows_it(size: tuple[int, int], shown: tuple[int, int]) -> None:
    image = torch.zeros(3, size[1], size[0])
    batch, _ = GeneralizedRCNNTransform(800, 1333, [0.0] * 3, [1.0] * 3)([image])
    assert within(size, 800, 1333) == batch.image_sizes[0][::-1] == shown


def test_a_name_torchvision_does_not_have_is_refused_and_the_nearest_named() -> None:
    with pytest.raises(ModelError, match="no segmentation network 'fcn_resnet5'; the nearest known is 'fcn_resnet50'"):
        open_model('torchvision:fcn_resnet5', SETTINGS)


def test_weights_not_on_this_disk_are_refused_with_the_command_that_fetches_them(home: Path) -> None:
    with pytest.raises(ModelError, match=r'is missing.*seg_ros models fetch torchvision:lraspp_mobilenet_v3_large  '):
        open_model('torchvision:lraspp_mobilenet_v3_large', SETTINGS)
    path = published('lraspp_mobilenet_v3_large').path
    path.parent.mkdir(parents=True)
    path.with_name(f'{path.name}.part').write_bytes(b'half')
    with pytest.raises(ModelError, match='half downloaded'):
        open_model('torchvision:lraspp_mobilenet_v3_large', SETTINGS)
    with pytest.raises(ModelError, match=f'fetch torchvision:lraspp_mobilenet_v3_large@{home}/elsewhere'):
        open_model(f'torchvision:lraspp_mobilenet_v3_large@{home}/elsewhere', SETTINGS)


def test_weights_of_another_checksum_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = published(f'lraspp_mobilenet_v3_large@{tmp_path}')
    assert model.sha256_start == 'd234d4ea'
    model.path.write_bytes(b'not the weights')
    begins = sha256_of(model.path)[:8]
    with pytest.raises(ModelError, match=f'is damaged: its SHA-256 begins {begins}, not d234d4ea. Remove it and type'):
        open_model(model.asked_for, SETTINGS)


def test_weights_of_another_network_and_pickled_code_are_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save('lraspp_mobilenet_v3_large', monkeypatch)
    path = published('lraspp_mobilenet_v3_large').path
    path.rename(published('deeplabv3_mobilenet_v3_large').path)
    with pytest.raises(ModelError, match=r'of torchvision:deeplabv3_mobilenet_v3_large belong to another'):
        open_model('torchvision:deeplabv3_mobilenet_v3_large', SETTINGS)
    torch.save({'run': Path.cwd}, path)  # a pickle that names a function
    with pytest.raises(ModelError, match='is no file of weights'):
        open_model('torchvision:lraspp_mobilenet_v3_large', SETTINGS)


def test_weights_are_fetched_when_a_model_is_loaded_only_if_that_is_allowed(
        home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []
    monkeypatch.setattr(published_module, 'fetch_file', lambda url, path, *_: fetched.append((url, path)))
    with pytest.raises(ModelError, match='missing'):
        open_model('torchvision:lraspp_mobilenet_v3_large', SETTINGS)
    assert fetched == []
    with pytest.raises(ModelError, match='missing'):
        open_model('torchvision:lraspp_mobilenet_v3_large', SETTINGS.changed({'allow_download': True}))
    assert fetched == [('https://download.pytorch.org/models/lraspp_mobilenet_v3_large-d234d4ea.pth',
                        home / 'checkpoints' / 'lraspp_mobilenet_v3_large-d234d4ea.pth')]


@pytest.mark.parametrize('name', published_names())
def test_every_word_of_every_network_is_known_to_the_shipped_taxonomy(name: str) -> None:
    indoor = load_taxonomy('indoor')
    assert [word for word in published(name).words if not indoor.knows(word)] == []
