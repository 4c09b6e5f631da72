# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""An exported file carries its card, says what its model says, and is refused when it does not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scenes.networks import lively, opinionated, random_network
from torch import nn
from torchvision.models.detection import MaskRCNN

from seg_ros.errors import DataError, ModelError
from seg_ros.lab import agreement as agreement_module
from seg_ros.lab.agreement import Agreement, agreement
from seg_ros.lab.datasets import some_pictures
from seg_ros.lab.export import beside, export_onnx, export_torchscript, exported_for, quantised
from seg_ros.models.card import WEIGHTS, Card, card_of, write_card
from seg_ros.models.catalog import open_model
from seg_ros.models.from_onnx import CARD_KEY, PRECISION_KEY
from seg_ros.models.instance_networks import instance_network
from seg_ros.models.preprocess import Normalisation
from seg_ros.models.published import Published
from seg_ros.models.weights import save_weights
from seg_ros.models.yolox import YoloxNano
from seg_ros.picture_files import read_rgb
from seg_ros.records import Frame
from seg_ros.settings import Settings

onnx = pytest.importorskip('onnx', reason='onnx is not installed')
pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')

ROOT = Path(__file__).parents[2]
SEMANTIC = Card('home', 'semantic', 'lraspp_mobilenet_v2', ('wall', 'floor', 'person', 'door'), (96, 64))
DECODER = Card('home', 'semantic', 'deeplabv3plus_mobilenet_v2', ('wall', 'floor', 'person', 'door'), (96, 64))
MOSAIC = replace(DECODER, architecture='mosaic')
BOXES = Card('home', 'instance', 'yolox_nano', ('cup', 'pen'), (96, 64), (0.0,) * 3, (1.0,) * 3)
TOOLS = Card('bench', 'instance', 'maskrcnn_mobilenet_v2_fpn', ('hammer', 'wrench'), (96, 64))


def picture(seed: int = 0, size: tuple[int, int] = (96, 64)) -> NDArray[np.uint8]:
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 7, 3), np.uint8)
    return cv2.resize(coarse, size, interpolation=cv2.INTER_NEAREST)


PICTURES = [picture(0), picture(1), picture(2, (64, 96)), picture(3, (150, 101))]


def finding(card: Card) -> MaskRCNN:
    """Return a random network that is sure of what it finds."""
    torch.manual_seed(0)
    network = instance_network(card.architecture, len(card.classes), min(card.input_size), max(card.input_size))
    lively(network)
    with torch.no_grad():
        network.roi_heads.box_predictor.cls_score.weight.mul_(200.0)
        network.roi_heads.box_predictor.bbox_pred.weight.mul_(0.1)
    return network


def certain() -> nn.Module:
    """Return a random detector whose cells are sure of themselves, some more than others."""
    torch.manual_seed(0)
    network = lively(instance_network(BOXES.architecture, len(BOXES.classes), 64, 96))
    with torch.no_grad():
        for head in cast(YoloxNano, network).detector:
            head.classes.weight.mul_(40.0)
            head.sure.bias.fill_(4.0)
    return network


@pytest.fixture(scope='module')
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write a random model of each kind."""
    seen = torch.from_numpy(Normalisation(SEMANTIC.mean, SEMANTIC.std).planes([PICTURES[0]], (96, 64)))
    networks: dict[str, tuple[Card, nn.Module]] = {
        'semantic': (SEMANTIC, opinionated(random_network(SEMANTIC.architecture, 4), seen)),
        'decoder': (DECODER, random_network(DECODER.architecture, 4)),
        'mosaic': (MOSAIC, random_network(MOSAIC.architecture, 4)), 'instance': (TOOLS, finding(TOOLS)),
        'boxes': (BOXES, certain())}
    folders = {name: tmp_path_factory.mktemp(name) for name in networks}
    for name, (card, network) in networks.items():
        save_weights(network, folders[name] / WEIGHTS)
        write_card(folders[name], card)
    return folders


OBJECTS = {'instance', 'boxes'}
CARDS = {'semantic': SEMANTIC, 'decoder': DECODER, 'mosaic': MOSAIC, 'instance': TOOLS, 'boxes': BOXES}


@pytest.fixture(scope='module')
def files(folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Export each of them for pictures of any size."""
    files = {kind: tmp_path_factory.mktemp('files') / f'{kind}.onnx' for kind in folders}
    for kind, path in files.items():
        assert export_onnx(str(folders[kind]), path) == CARDS[kind]
    return files


def check_alike(found: Agreement, kind: str, least: float = 0.999) -> None:
    """Hold an agreement against what a network of this kind must show."""
    assert found.of == ('objects' if kind in OBJECTS else 'pixels')
    assert found.compared > 4
    assert found.share >= least
    found.check(half=least < 0.99)


@pytest.mark.parametrize('kind', CARDS)
def test_onnx_says_what_the_model_says_whatever_the_size(folders: dict[str, Path], files: dict[str, Path],
                                                         kind: str) -> None:
    check_alike(agreement(str(folders[kind]), files[kind], PICTURES[2:] if kind in OBJECTS else PICTURES), kind)


@pytest.mark.parametrize('kind', ['semantic', 'instance'])
def test_torchscript_says_what_the_model_says(folders: dict[str, Path], tmp_path: Path, kind: str) -> None:
    assert export_torchscript(str(folders[kind]), tmp_path / 'net.pt') == CARDS[kind]
    check_alike(agreement(str(folders[kind]), tmp_path / 'net.pt', PICTURES[2:3]), kind)


@pytest.mark.parametrize('kind', ['semantic', 'instance'])
def test_half_precision_for_one_camera(folders: dict[str, Path], tmp_path: Path, kind: str) -> None:
    """The file has fixed sides of the camera's shape, its card inside, and nearly the model's answers."""
    path = tmp_path / 'net.onnx'
    export_onnx(str(folders[kind]), path, camera=(160, 90), half=True)
    graph = onnx.load(str(path))
    sides = [side.dim_value for side in graph.graph.input[0].type.tensor_type.shape.dim]
    assert sides == ([1, 3, 64, 112] if kind == 'semantic' else [1, 3, 64, 96])
    inside = {p.key: p.value for p in graph.metadata_props}
    assert card_of(inside[CARD_KEY], 'inside') == CARDS[kind]
    assert inside[PRECISION_KEY] == 'fp16'
    assert agreement(str(folders[kind]), path, [picture(0, (160, 90))]).share >= 0.9


@pytest.mark.filterwarnings('ignore:.torch.jit.load. is deprecated:FutureWarning')  # what a C++ program does
def test_torchscript_carries_its_card_as_an_extra_file(folders: dict[str, Path], tmp_path: Path) -> None:
    export_torchscript(str(folders['semantic']), tmp_path / 'net.pt')
    extra = {'card.yaml': ''}
    torch.jit.load(str(tmp_path / 'net.pt'), _extra_files=extra)
    text = extra['card.yaml']
    assert card_of(text.decode() if isinstance(text, bytes) else text, 'inside') == SEMANTIC


def test_another_network_is_no_agreement(folders: dict[str, Path], files: dict[str, Path]) -> None:
    found = agreement(str(folders['semantic']), files['decoder'], PICTURES[:2])
    assert found.share < 0.9
    with pytest.raises(ModelError, match=r'only .*% of 12288 pixels are those of the model in PyTorch, and 99% must'):
        found.check(half=False)


@pytest.mark.parametrize(('of', 'half', 'share', 'passes'), [
    ('pixels', False, 0.991, True), ('pixels', False, 0.989, False), ('pixels', True, 0.989, False),
    ('objects', False, 0.96, False), ('objects', True, 0.96, True), ('objects', True, 0.94, False),
])
def test_what_must_agree(of: str, half: bool, share: float, passes: bool) -> None:
    found = Agreement(1, 100, of, share)
    if passes:
        found.check(half=half)
    else:
        with pytest.raises(ModelError, match='the file was not kept'):
            found.check(half=half)


def test_pictures_without_objects_compare_nothing(folders: dict[str, Path], files: dict[str, Path],
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement_module, 'SURE', 1.1)
    with pytest.raises(DataError, match='finds no object in these pictures, so that nothing is compared'):
        agreement(str(folders['instance']), files['instance'], PICTURES[:1])


def test_int8_is_a_third_of_the_size_and_says_so(files: dict[str, Path], tmp_path: Path) -> None:
    before, after = files['semantic'], tmp_path / 'int8.onnx'
    seen: list[int] = []

    def progress(indices: Sequence[int]) -> Sequence[int]:
        seen.extend(indices)
        return indices

    quantised(before, after, PICTURES, SEMANTIC, progress=progress)  # type: ignore[arg-type]
    assert seen == [0, 1, 2, 3]
    assert after.stat().st_size < 0.45 * before.stat().st_size
    model = open_model(f'onnx:{after}', Settings(device='cpu'))
    assert model.precision == 'int8'
    assert model.segment([Frame('', 1, '', PICTURES[0])], Settings())[0].size == (96, 64)
    weights = [one.data_type for one in onnx.load(str(after)).graph.initializer if len(one.dims) == 4]
    assert weights.count(onnx.TensorProto.INT8) > 40
    clips = [[node.op_type for node in onnx.load(str(file)).graph.node].count('Clip') for file in (before, after)]
    assert clips[1] < 0.3 * clips[0]  # the steps end where ReLU6 does


@pytest.mark.timeout(300)
def test_a_shipped_model_says_nearly_the_same_in_int8(tmp_path: Path) -> None:
    """Random weights would not: without VNNI sums of two products overflow, where many weights are as large as any."""
    whole, int8 = tmp_path / 'whole.onnx', tmp_path / 'int8.onnx'
    rooms = [read_rgb(file) for file in sorted((ROOT / 'recordings' / 'rooms' / 'unseen' / 'images').iterdir())[:6]]
    quantised(whole, int8, rooms[:4], export_onnx('indoor', whole), progress=lambda indices: indices)
    assert 0.9 < agreement('indoor', int8, rooms[4:]).share < 1.0


def test_a_bench_exports_what_is_not_onnx_yet(folders: dict[str, Path], tmp_path: Path) -> None:
    assert exported_for('onnx:/there.onnx', tmp_path / 'a.onnx', (96, 64)) == 'onnx:/there.onnx'
    name = exported_for(str(folders['semantic']), tmp_path / 'b.onnx', (96, 64))
    assert name == f'onnx:{tmp_path / "b.onnx"}'
    assert open_model(name, Settings(device='cpu')).precision == 'fp32'


def test_what_is_exported_already_is_not_exported_again(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"'/net\.onnx' is neither trained nor exported here"):
        export_onnx('onnx:/net.onnx', tmp_path / 'net.onnx')


def test_torchvisions_networks_are_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With weights of our own in place of the published ones."""
    network = random_network('lraspp_mobilenet_v3_large', 21)
    monkeypatch.setattr(Published, 'tensors', lambda one: network.state_dict())
    card = export_onnx('torchvision:lraspp_mobilenet_v3_large', tmp_path / 'net.onnx', camera=(96, 64))
    assert (card.architecture, len(card.classes)) == ('lraspp_mobilenet_v3_large', 21)
    found = agreement('torchvision:lraspp_mobilenet_v3_large', tmp_path / 'net.onnx', PICTURES[:1])
    assert found.share > 0.99


def test_what_a_training_wrote_is_named_like_everywhere(folders: dict[str, Path], tmp_path: Path) -> None:
    assert export_onnx(f'checkpoint:{folders["semantic"]}', tmp_path / 'net.onnx') == SEMANTIC


def refuse(path: Path) -> None:
    path.write_text('half')
    raise ModelError('no')


def test_a_file_appears_only_when_all_went_well(tmp_path: Path) -> None:
    out = tmp_path / 'new' / 'net.onnx'
    with pytest.raises(ModelError), beside(out) as path:
        refuse(path)
    assert list((tmp_path / 'new').iterdir()) == []
    with beside(out) as path:
        path.write_text('whole')
    assert out.read_text() == 'whole'
    assert list((tmp_path / 'new').iterdir()) == [out]


def test_pictures_are_spread_over_the_folder(tmp_path: Path) -> None:
    for k in range(9):
        cv2.imwrite(str(tmp_path / f'{k}.png'), np.full((4, 4, 3), k * 10, np.uint8))
    assert [int(one[0, 0, 0]) for one in some_pictures(tmp_path, 3)] == [0, 40, 80]


def test_the_new_exporter_writes_no_detector_yet(tmp_path: Path) -> None:
    """When this fails, ``dynamo=False`` has had its day; so has the line in docs/architecture.md."""
    network = finding(TOOLS)
    with pytest.raises(Exception, match=r'onnxscript|[Ff]ailed|Unsupported|data-dependent'):
        torch.onnx.export(network, ([torch.rand(3, 64, 96)],), str(tmp_path / 'net.onnx'), dynamo=True, verbose=False)
