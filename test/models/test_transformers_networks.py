# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Small networks of transformers are trained, exported and run as networks of the house."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from scenes.rooms import room, write_rooms

transformers = pytest.importorskip('transformers', reason="pip install 'seg_ros[hf]'")

from scenes.hub import WORDS, save_small  # noqa: E402

from seg_ros.errors import ModelError  # noqa: E402
from seg_ros.lab.model_training import train_model  # noqa: E402
from seg_ros.lab.semantic_recipe import SemanticRecipe  # noqa: E402
from seg_ros.lab.starting import opened, read_start, start_card  # noqa: E402
from seg_ros.lab.training import TrainingOptions  # noqa: E402
from seg_ros.models.card import read_card  # noqa: E402
from seg_ros.models.catalog import open_model  # noqa: E402
from seg_ros.models.networks import semantic_logits, semantic_network  # noqa: E402
from seg_ros.models.traced import Traced  # noqa: E402
from seg_ros.models.transformers_files import network_in  # noqa: E402
from seg_ros.models.transformers_networks import FAMILIES_OF_ANY_SIZE, PREFIX  # noqa: E402
from seg_ros.records import Frame  # noqa: E402
from seg_ros.settings import Settings  # noqa: E402

ON_CPU = Settings(device='cpu', precision='fp32')


@pytest.fixture(scope='module')
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {family: save_small(family, tmp_path_factory.mktemp(family)) for family in FAMILIES_OF_ANY_SIZE}


@pytest.mark.parametrize('family', FAMILIES_OF_ANY_SIZE)
def test_its_card_and_weights_are_the_network(folders: dict[str, Path], family: str) -> None:
    card, network = opened(f'hf:{folders[family]}')
    assert (card.kind, card.classes) == ('semantic', WORDS)
    assert all(0.0 < mean < 255.0 for mean in card.mean)
    theirs = network_in(folders[family], transformers.AutoModelForSemanticSegmentation)
    images = torch.rand(2, 3, 96, 64)
    with torch.inference_mode():
        assert torch.equal(semantic_logits(network.eval(), images), theirs.eval()(pixel_values=images).logits)


@pytest.mark.parametrize('family', FAMILIES_OF_ANY_SIZE)
@torch.inference_mode()
def test_it_says_the_same_without_python(folders: dict[str, Path], family: str) -> None:
    network = opened(f'hf:{folders[family]}')[1].eval().requires_grad_(False)
    traced = Traced(partial(semantic_logits, network))
    for images in torch.rand(3, 1, 3, 96, 64, generator=torch.Generator().manual_seed(0)):
        assert torch.equal(traced(images), semantic_logits(network, images))


def test_a_training_begins_from_it_and_leaves_a_model(folders: dict[str, Path], tmp_path: Path) -> None:
    """Words of the same name keep their rows; the node opens the folder as any other."""
    name = f'hf:{folders["segformer"]}'
    card = start_card(name, 'semantic')
    assert card is not None
    recipe = SemanticRecipe('home', card.architecture, 'indoor', *write_rooms(tmp_path / 'all', 5), start=name,
                            input_size=(64, 64), crop=(64, 64), heights=(50, 70))
    task = recipe.task(*recipe.data()[:2])
    given, taken = read_start(name, 'semantic', card.architecture).weights, task.network.state_dict()
    key = 'network.decode_head.classifier.weight'
    assert torch.equal(taken[key][task.card.classes.index('door')], given[key][WORDS.index('door')])
    assert all(p.requires_grad for p in task.network.parameters())
    folder = train_model(recipe, TrainingOptions(epochs=1, batch=2, warmup_steps=1), tmp_path / 'run', resume=False)
    assert read_card(folder).architecture.startswith(PREFIX)
    answer, = open_model(str(folder), ON_CPU).segment([Frame('', 1, '', room(60)[0])], ON_CPU)
    assert answer.labels is not None and answer.size == (64, 48)


@pytest.mark.parametrize('family', ['segformer', 'mobilenet_v2'])
def test_an_export_says_what_the_network_says(folders: dict[str, Path], tmp_path: Path, family: str) -> None:
    """For one camera, and for pictures of any size."""
    pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')
    from seg_ros.lab.agreement import agreement
    from seg_ros.lab.export import export_onnx

    rng = np.random.default_rng(0)
    pictures = [cv2.resize(rng.integers(0, 256, (5, 7, 3), np.uint8), size) for size in ((96, 64), (64, 96))]
    name = f'hf:{folders[family]}'
    export_onnx(name, tmp_path / 'any.onnx')
    assert agreement(name, tmp_path / 'any.onnx', pictures).share > 0.99
    export_onnx(name, tmp_path / 'one.onnx', camera=(96, 64))
    assert agreement(name, tmp_path / 'one.onnx', pictures[:1]).share > 0.99


def test_what_has_no_words_in_onnx_is_named(folders: dict[str, Path], tmp_path: Path) -> None:
    """UperNet pools to a fixed grid, whatever the size."""
    pytest.importorskip('onnx', reason='onnx is not installed')
    from seg_ros.lab.export import export_onnx

    with pytest.raises(ModelError, match=r'cannot be written as ONNX .* Try --size of the camera, or --format'):
        export_onnx(f'hf:{folders["upernet"]}', tmp_path / 'net.onnx')


@pytest.mark.parametrize(('family', 'sentence'), [
    ('beit', "family 'beit', which is neither trained nor exported here. These are: segformer"),
    ('mask2former', "family 'mask2former', which is neither"),
])
def test_other_families_are_refused(tmp_path: Path, family: str, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        start_card(f'hf:{save_small(family, tmp_path)}', 'semantic')


@pytest.mark.parametrize('text', ['{', '[]', '{"model_type": "segformr"}', '{}'])
def test_an_architecture_that_cannot_be_built_is_named(text: str) -> None:
    with pytest.raises(ModelError, match='cannot be built'):
        semantic_network(PREFIX + text, 3)
