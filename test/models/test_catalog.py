# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A model is found by its name; what is missing is named."""

from __future__ import annotations

import gc
from dataclasses import replace
from pathlib import Path

import pytest

from seg_ros.errors import ModelError
from seg_ros.models import catalog
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.catalog import model_folder, open_model, shipped_models
from seg_ros.models.libraries import needing
from seg_ros.models.networks import semantic_network
from seg_ros.models.weights import save_weights
from seg_ros.records import Mode
from seg_ros.settings import Settings

CARD = Card('home', 'semantic', 'lraspp_mobilenet_v2', ('floor', 'wall'), (384, 288))


def shelve(monkeypatch: pytest.MonkeyPatch, folder: Path, *names: str) -> None:
    """Ship models of the given names, in place of the real ones."""
    for name in names:
        write_card(folder / 'config' / 'models' / name, CARD)
    monkeypatch.setattr(catalog, 'share_directory', lambda: folder)


def test_shipped_models_are_the_folders_with_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelve(monkeypatch, tmp_path, 'indoor', 'home')
    (tmp_path / 'config' / 'models' / 'unfinished').mkdir()
    models = tmp_path / 'config' / 'models'
    assert shipped_models() == {'home': models / 'home', 'indoor': models / 'indoor'}
    assert model_folder('home') == models / 'home'


def test_nobody_looks_for_garbage_while_a_model_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """That would hold the interpreter, and services wait for it."""
    found: list[bool] = []
    monkeypatch.setattr(catalog.Folders, 'open', lambda *_: found.append(gc.isenabled()))
    open_model('indoor', Settings())
    assert found == [False] and gc.isenabled()


@pytest.mark.parametrize(('name', 'sentence'), [
    ('indor', "there is no model 'indor'; the nearest shipped is 'indoor'. Give one of these names"),
    ('zebra', "there is no model 'zebra'; shipped: home, indoor"),
    ('', "there is no model ''"),
    ('..', r"there is no model '\.\.'"),
])
def test_an_unknown_model_is_refused_and_the_nearest_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str,
                                                           sentence: str) -> None:
    shelve(monkeypatch, tmp_path, 'indoor', 'home')
    with pytest.raises(ModelError, match=sentence):
        model_folder(name)


def test_a_model_may_be_given_by_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_card(tmp_path / 'run' / 'model', CARD)
    assert model_folder(str(tmp_path / 'run' / 'model')) == tmp_path / 'run' / 'model'
    monkeypatch.setenv('HOME', str(tmp_path))
    assert model_folder('~/run/model') == tmp_path / 'run' / 'model'
    monkeypatch.chdir(tmp_path / 'run')
    assert model_folder('./model') == Path('model')


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f'{tmp_path} holds no trained model: neither it nor'):
        model_folder(f'{tmp_path}/')


@pytest.mark.parametrize(('name', 'sentence'), [
    ('torchvison:fcn_resnet50', "there is no kind of model 'torchvison:'; the nearest known is 'torchvision'"),
    ('hf:', "the model name 'hf:' ends after its kind. Type seg_ros models to see the names"),
    ('checkpoint:/nowhere', '/nowhere holds no trained model: neither it nor its folder model has a card.yaml'),
])
def test_a_name_of_another_kind_that_cannot_be_meant_is_refused(name: str, sentence: str) -> None:
    with pytest.raises(ModelError, match=sentence):
        open_model(name, Settings(device='cpu'))


@pytest.mark.parametrize('given', ['', '/model', '/model/'])
def test_a_training_s_folder_is_a_checkpoint_as_is_the_model_in_it(tmp_path: Path, given: str) -> None:
    save_weights(semantic_network(CARD.architecture, 2), tmp_path / 'model' / WEIGHTS)
    write_card(tmp_path / 'model', CARD)
    model = open_model(f'checkpoint:{tmp_path}{given}', Settings(device='cpu'))
    assert (model.name, model.modes) == ('home', {Mode.SEMANTIC})


def test_each_kind_of_name_reaches_its_own_library_with_the_rest_of_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []
    for prefix, source in catalog.SOURCES.items():
        monkeypatch.setattr(source, 'open', lambda rest, _, prefix=prefix: asked.append((prefix, rest)), raising=False)
    for name in ('hf:org/name', 'onnx:/a/b:c.onnx', 'torchvision:fcn_resnet50', 'checkpoint:out'):
        open_model(name, Settings())
    assert asked == [('hf', 'org/name'), ('onnx', '/a/b:c.onnx'), ('torchvision', 'fcn_resnet50'),
                     ('checkpoint', 'out')]


def test_a_missing_library_is_named_with_the_line_that_installs_it() -> None:
    sentence = r"'no_such_library', which is not installed. Type: pip install no_such_library"
    with pytest.raises(ModelError, match=sentence), needing('no_such_library'):
        import no_such_library  # noqa: F401


def test_an_unknown_architecture_is_refused_and_the_nearest_named(tmp_path: Path) -> None:
    write_card(tmp_path, replace(CARD, architecture='lraspp_mobilenet_v22'))
    with pytest.raises(ModelError, match="'lraspp_mobilenet_v22'; the nearest known is 'lraspp_mobilenet_v2'"):
        open_model(f'{tmp_path}/', Settings(device='cpu'))


def test_a_model_without_its_weights_is_refused(tmp_path: Path) -> None:
    write_card(tmp_path, CARD)
    with pytest.raises(ModelError, match=r'weights.safetensors are missing'):
        open_model(f'{tmp_path}/', Settings(device='cpu'))
