# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""ONNX files run as models do; what is wrong with a file is one sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from seg_ros.errors import ModelError, SettingError
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models import from_onnx
from seg_ros.models.card import Card, card_text
from seg_ros.models.catalog import open_model
from seg_ros.models.from_onnx import CARD_KEY, PRECISION_KEY
from seg_ros.records import Frame, Mode
from seg_ros.settings import Settings

onnx = pytest.importorskip('onnx', reason='onnx is not installed')
pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')
pytestmark = pytest.mark.filterwarnings('ignore::DeprecationWarning', 'ignore::torch.jit.TracerWarning')

SETTINGS = Settings(device='cpu', unlabelled_threshold=0.0, tracking=False)
CARD = Card('colours', 'semantic', 'onnx', ('wall', 'floor', 'person'), (64, 48))
FINDER = Card('finder', 'instance', 'onnx', ('hammer', 'wrench'), (64, 64))
FREE = {0: 'n', 2: 'h', 3: 'w'}


@pytest.fixture(autouse=True)
def never_warned() -> Iterator[None]:
    """Let the one warning of a process come in each test."""
    from_onnx._warn.cache_clear()
    yield
    from_onnx._warn.cache_clear()


class Colours(nn.Module):
    """The class of a pixel is the brightest of its colours; logits have half the size."""

    def forward(self, images: Tensor) -> Tensor:
        """Return three logits per pixel."""
        return nn.functional.avg_pool2d(images, 2) * 8.0


class Finder(nn.Module):
    """Finds a hammer on the left half with the score of the red of the first pixel, and a wrench of 0.3."""

    def forward(self, images: Tensor, min_score: Tensor) -> tuple[Tensor, ...]:
        """Return boxes, scores, labels and masks."""
        red = (images[0, 0, 0, 0] + 1.0) / 2.0
        scores = torch.stack([red, torch.tensor(0.3)])
        kept = torch.where(scores > min_score)[0]
        boxes = torch.tensor([[0.0, 0.0, 32.0, 64.0], [32.0, 0.0, 64.0, 64.0]])
        return boxes[kept], scores[kept], torch.tensor([0, 1])[kept], torch.ones(2, 28, 28)[kept]


def written(path: Path, module: nn.Module, card: Card | None, *, shape: tuple[int, ...] = (1, 3, 48, 64),
            free: dict[int, str] | None = None, outputs: tuple[str, ...] = ('logits',),
            more: dict[str, Tensor] | None = None, metadata: dict[str, str] | None = None) -> Path:
    """Export a module as anybody would, with a card inside if there is one."""
    inputs = {'images': torch.zeros(shape), **(more or {})}
    axes = {'images': free} if free else {}
    if len(outputs) > 1:
        axes |= {name: {0: 'objects'} for name in outputs}
    torch.onnx.export(module, tuple(inputs.values()), str(path), dynamo=False, opset_version=17,
                      input_names=list(inputs), output_names=list(outputs), dynamic_axes=axes)
    graph = onnx.load(str(path))
    onnx.helper.set_model_props(graph, {**({CARD_KEY: card_text(card)} if card else {}), **(metadata or {})})
    onnx.save(graph, str(path))
    return path


@pytest.fixture(scope='module')
def colours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp('onnx') / 'colours.onnx', Colours(), CARD, free=FREE)


@pytest.fixture(scope='module')
def finder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp('onnx') / 'finder.onnx', Finder(), FINDER, shape=(1, 3, 64, 64),
                   outputs=('boxes', 'scores', 'labels', 'masks'), more={'min_score': torch.tensor(0.5)})


def halves(left: tuple[int, int, int], right: tuple[int, int, int], size: tuple[int, int] = (128, 96)) -> Frame:
    rgb = np.zeros((size[1], size[0], 3), np.uint8)
    rgb[:, :size[0] // 2], rgb[:, size[0] // 2:] = left, right
    return Frame('front', 1, 'camera', rgb)


def test_every_pixel_gets_the_class_of_its_word(colours: Path) -> None:
    model = open_model(f'onnx:{colours}', SETTINGS)
    assert (model.name, model.device, model.precision) == (f'onnx:{colours}', 'cpu', 'fp32')
    assert model.modes == {Mode.SEMANTIC} and model.classes == load_taxonomy('indoor').classes
    ids = {c.name: c.id for c in model.classes}
    frames = [halves((255, 0, 0), (0, 0, 255)), halves((0, 255, 0), (255, 0, 0), (96, 128))]
    one, two = model.segment(frames, SETTINGS)
    assert one.labels is not None and two.labels is not None
    assert (one.labels[:, :60] == ids['wall']).all() and (one.labels[:, 68:] == ids['person']).all()
    assert two.size == (96, 128) and (two.labels[:, :44] == ids['floor']).all()
    model.close()


def test_objects_come_with_box_score_class_and_mask(finder: Path) -> None:
    model = open_model(f'onnx:{finder}', SETTINGS)
    found = model.segment([halves((255, 0, 0), (0, 0, 0))], SETTINGS)[0].instances
    assert found is not None and len(found) == 1  # the wrench is below the threshold
    assert {c.id: c.name for c in model.classes}[int(found.class_ids[0])] == 'hammer'
    np.testing.assert_allclose(found.boxes, [[0, 0, 64, 96]])
    assert found.scores[0] == pytest.approx(1.0)
    assert found.masks[0].mean() > 0.95
    both = model.segment([halves((255, 0, 0), (0, 0, 0))], SETTINGS.changed({'score_threshold': 0.2}))[0].instances
    none = model.segment([halves((0, 0, 0), (0, 0, 0))], SETTINGS)[0].instances
    assert both is not None and none is not None and (len(both), len(none)) == (2, 0)


def test_a_file_of_one_size_takes_any_picture_one_by_one_and_says_once_that_it_squeezes(
        tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    model = open_model(f'onnx:{written(tmp_path / "fixed.onnx", Colours(), CARD)}', SETTINGS)
    frames = [halves((255, 0, 0), (0, 0, 255)), halves((255, 0, 0), (0, 0, 255), (300, 60))]
    for _ in range(2):
        answers = model.segment(frames, SETTINGS)
    assert [answer.size for answer in answers] == [(128, 96), (300, 60)]
    assert all(answer.labels is not None and len(np.unique(answer.labels)) >= 2 for answer in answers)
    assert [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING] == [
        'Images of 300x60 are squeezed into the 64x48 of the exported network; export it again with --size 300x60']


def test_the_arithmetic_is_read_from_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / 'int8.onnx', Colours(), CARD, metadata={PRECISION_KEY: 'int8'})
    assert open_model(f'onnx:{path}', SETTINGS).precision == 'int8'


def test_a_card_may_lie_beside_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / 'mine.onnx', Colours(), None)
    (tmp_path / 'mine.yaml').write_text(card_text(CARD))
    assert open_model(f'onnx:{path}', SETTINGS).modes == {Mode.SEMANTIC}


class Flat(nn.Module):
    """Gives class numbers where logits should be."""

    def forward(self, images: Tensor) -> Tensor:
        """Return a number per pixel."""
        return images.argmax(dim=1)


class FlatBytes(nn.Module):
    """Gives class numbers in the place of one class's logits."""

    def forward(self, images: Tensor) -> Tensor:
        """Return a whole number per pixel."""
        return images.argmax(dim=1, keepdim=True)


class LastPlace(nn.Module):
    """Gives logits with the classes in the last place."""

    def forward(self, images: Tensor) -> Tensor:
        """Return (n, h, w, 3)."""
        return images.permute(0, 2, 3, 1)


class ByTensorFlow(nn.Module):
    """Takes images whose colours come last."""

    def forward(self, images: Tensor) -> Tensor:
        """Return logits."""
        return images.permute(0, 3, 1, 2) * 8.0


class Sure(nn.Module):
    """Ends with its own softmax, or with a sigmoid of a single word."""

    def __init__(self, words: int) -> None:
        super().__init__()
        self.words = words

    def forward(self, images: Tensor) -> Tensor:
        """Return probabilities."""
        return torch.softmax(images, dim=1) if self.words > 1 else torch.sigmoid(images[:, :1])


@pytest.mark.parametrize(('words', 'colour', 'temperature', 'probability'), [
    (('wall', 'floor', 'person'), (255, 255, 0), 1.0, 0.4683),  # e / (2 e + 1/e)
    (('wall', 'floor', 'person'), (255, 0, 0), 1.0, 0.7870),  # e / (e + 2/e)
    (('wall', 'floor', 'person'), (255, 0, 0), 0.5, 0.9647),  # e^2 / (e^2 + 2/e^2)
    (('wall',), (255, 0, 0), 1.0, 0.7311),  # 1 / (1 + 1/e)
    (('wall',), (0, 255, 0), 1.0, 0.2689),
])
def test_probabilities_are_taken_as_they_are(tmp_path: Path, words: tuple[str, ...], colour: tuple[int, int, int],
                                             temperature: float, probability: float,
                                             caplog: pytest.LogCaptureFixture) -> None:
    """A second softmax would make 0.41 of 0.787."""
    card = replace(CARD, classes=words, temperature=temperature)
    path = written(tmp_path / 'sure.onnx', Sure(len(words)), card, free=FREE)
    with caplog.at_level(logging.INFO):
        model = open_model(f'onnx:{path}', SETTINGS)
    assert f'{path} gives probabilities' in caplog.text
    answer, = model.segment([halves(colour, colour)], SETTINGS)
    assert answer.confidence is not None
    assert answer.confidence[40, 60] == pytest.approx(255 * probability, abs=1)


def test_logits_are_not_taken_for_probabilities(colours: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        open_model(f'onnx:{colours}', SETTINGS)
    assert 'probabilities' not in caplog.text


class Gray(nn.Module):
    """Takes images of one channel, or of who knows how many."""

    def forward(self, images: Tensor) -> Tensor:
        """Return as many channels as came."""
        return images * 2.0


class Nothing(Colours):
    """A network whose weights are spoilt."""

    def forward(self, images: Tensor) -> Tensor:
        """Return nothing that is a number."""
        return super().forward(images) * float('nan')


class TooMany(Finder):
    """Gives a third class."""

    def forward(self, images: Tensor, min_score: Tensor) -> tuple[Tensor, ...]:
        """Return labels of 1 and 2."""
        boxes, scores, labels, masks = super().forward(images, min_score)
        return boxes, scores, labels + 1, masks


@pytest.mark.parametrize(('module', 'more', 'sentence'), [
    (Colours(), {'card': None}, 'has no card: nothing says what its classes are. The verb seg_ros export writes'),
    (Nothing(), {}, 'gives no number (NaN) for a plain picture'),
    (Colours(), {'card': replace(CARD, classes=('wall', 'floor'))}, 'gives 3 classes and its card has 2. The card'),
    (Flat(), {}, 'gives an answer of shape (1, 48, 64) for one image. A semantic network gives logits'),
    (FlatBytes(), {'card': replace(CARD, classes=('wall',))}, 'gives whole numbers (int64), class numbers it seems'),
    (LastPlace(), {}, 'gives 48 classes and its card has 3, in the last place (NHWC)'),
    (ByTensorFlow(), {'shape': (1, 48, 64, 3)}, "takes 'images' of shape (1, 48, 64, 3): its colours come last (NHWC)"),
    (Gray(), {'shape': (1, 1, 48, 64)}, "takes 'images' of shape (1, 1, 48, 64) and tensor(float). Images must come"),
    (Gray(), {'shape': (1, 3, 48, 64), 'free': {1: 'channels'}}, "takes 'images' of shape (1, any, 48, 64) and"),
    (Gray(), {'shape': (3, 48, 64)}, "takes 'images' of shape (3, 48, 64) and tensor(float). Images"),
    (Gray(), {'shape': (2, 3, 48, 64)}, "takes 'images' of shape (2, 3, 48, 64) and"),
    (Colours(), {'free': {2: 'h'}}, 'one side fixed and the other free. Export it with both sides fixed, or both'),
    (Colours(), {'card': replace(CARD, kind='instance')}, 'gives logits, and its card says that it finds objects'),
])
def test_a_surprising_file_is_one_sentence(tmp_path: Path, module: nn.Module, more: dict[str, Any],
                                           sentence: str) -> None:
    path = written(tmp_path / 'odd.onnx', module, **{'card': CARD, **more})
    with pytest.raises(ModelError) as caught:
        open_model(f'onnx:{path}', SETTINGS)
    assert str(caught.value).startswith(f'{path} {sentence}') or sentence in str(caught.value)
    assert '\n' not in str(caught.value)


def test_a_class_beyond_the_card_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / 'odd.onnx', TooMany(), FINDER, shape=(1, 3, 64, 64),
                   outputs=('boxes', 'scores', 'labels', 'masks'), more={'min_score': torch.tensor(0.5)})
    model = open_model(f'onnx:{path}', SETTINGS)
    with pytest.raises(ModelError, match='gives class 2 and its card has 2, counted from 0'):
        model.segment([halves((255, 0, 0), (0, 0, 0))], SETTINGS.changed({'score_threshold': 0.2}))


@pytest.mark.parametrize('kept', [0, 100, 0.6])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, colours: Path, kept: float) -> None:
    whole, path = colours.read_bytes(), tmp_path / 'cut.onnx'
    path.write_bytes(whole[:int(kept * len(whole) if kept < 1 else kept)])
    with pytest.raises(ModelError) as caught:
        open_model(f'onnx:{path}', SETTINGS)
    assert str(caught.value).startswith(f'{path} ')
    assert '\n' not in str(caught.value)


def test_a_pointer_of_git_lfs_is_named(tmp_path: Path) -> None:
    path = tmp_path / 'net.onnx'
    path.write_text('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n')
    with pytest.raises(ModelError, match=r'net.onnx is a pointer of Git LFS, not the file itself\. Type: git lfs pull'):
        open_model(f'onnx:{path}', SETTINGS)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r'there is no file .*gone.onnx. Write onnx:/folder/file.onnx'):
        open_model(f'onnx:{tmp_path / "gone.onnx"}', SETTINGS)


@pytest.mark.parametrize(('provider', 'wheel'), [('tensorrt', 'onnxruntime-gpu'), ('openvino', 'onnxruntime-openvino')])
def test_a_provider_that_is_not_there_falls_back_and_says_so_once(colours: Path, caplog: pytest.LogCaptureFixture,
                                                                  provider: str, wheel: str) -> None:
    import onnxruntime

    if from_onnx.PROVIDERS[provider] in onnxruntime.get_available_providers():
        pytest.skip(f'this ONNX Runtime has {provider}')
    settings = SETTINGS.changed({'device': 'auto', 'onnx_provider': provider})
    for _ in range(2):
        assert open_model(f'onnx:{colours}', settings).device == 'cpu'
    assert [record.levelno for record in caplog.records if record.levelno > logging.INFO] == [logging.WARNING]
    assert f'this ONNX Runtime has no {from_onnx.PROVIDERS[provider]}' in caplog.text and wheel in caplog.text


def test_a_provider_of_a_gpu_contradicts_the_cpu() -> None:
    with pytest.raises(SettingError, match=r'onnx_provider is tensorrt but device is cpu\. Set device to auto'):
        Settings(device='cpu', onnx_provider='tensorrt')


def test_without_the_library_the_sentence_says_how_to_get_it(colours: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__('sys').modules, 'onnxruntime', None)
    with pytest.raises(ModelError, match=r"needs the Python package 'onnxruntime'.*pip install onnxruntime"):
        open_model(f'onnx:{colours}', SETTINGS)
