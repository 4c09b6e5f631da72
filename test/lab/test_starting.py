# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A training begins from a trained network: the same words keep their weights, others begin anew."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from seg_ros.errors import ModelError
from seg_ros.lab.starting import Start, begin_from, class_layers, read_start, rows_of, start_card
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.card import WEIGHTS, Card, write_card
from seg_ros.models.instance_networks import instance_network
from seg_ros.models.networks import SEMANTIC_NETWORKS, semantic_network
from seg_ros.models.published import IMAGENET, Published
from seg_ros.models.weights import save_weights

OLD, NEW = ('floor', 'wall', 'table'), ('shelf', 'wall', 'floor', 'cup')
ARCHITECTURES = {'semantic': 'lraspp_mobilenet_v2', 'instance': 'maskrcnn_mobilenet_v2_fpn'}


def network_of(kind: str, n_classes: int) -> nn.Module:
    if kind == 'semantic':
        return semantic_network(ARCHITECTURES[kind], n_classes)
    return instance_network(ARCHITECTURES[kind], n_classes, 64, 96)


def trained(folder: Path, kind: str, classes: tuple[str, ...] = OLD) -> nn.Module:
    """Write a model and return its network."""
    torch.manual_seed(1)
    network = network_of(kind, len(classes))
    save_weights(network, folder / WEIGHTS)
    write_card(folder, Card('old', kind, ARCHITECTURES[kind], classes, (96, 64), mean=(120.0, 110.0, 100.0)))
    return network


def begun(folder: Path, kind: str, classes: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the weights of a new network before and after it began from the model."""
    torch.manual_seed(2)
    network = network_of(kind, len(classes))
    before = {key: value.clone() for key, value in network.state_dict().items()}
    begin_from(read_start(str(folder), kind, ARCHITECTURES[kind]), network, partial(network_of, kind), classes)
    return before, network.state_dict()


@pytest.mark.parametrize('architecture', SEMANTIC_NETWORKS)
def test_the_layers_that_grow_with_the_classes_are_the_last(architecture: str) -> None:
    layers = class_layers(partial(semantic_network, architecture))
    assert layers
    assert all(key.startswith('classifier.') for key in layers)
    assert set(layers.values()) == {(1, 0)}


def test_torchvision_s_published_weights_are_where_a_training_may_begin(tmp_path: Path,
                                                                        monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words are VOC's; a class of the same name keeps its row."""
    name = f'torchvision:lraspp_mobilenet_v3_large@{tmp_path}'
    card = start_card(name, 'semantic')
    assert card is not None
    assert (card.architecture, len(card.classes), card.classes[15], card.mean) == (
        'lraspp_mobilenet_v3_large', 21, 'person', IMAGENET[0])
    network = semantic_network('lraspp_mobilenet_v3_large', 21)
    monkeypatch.setattr(Published, 'tensors', lambda self: network.state_dict())
    new = semantic_network('lraspp_mobilenet_v3_large', 2)
    begin_from(read_start(name, 'semantic', 'lraspp_mobilenet_v3_large'), new,
               partial(semantic_network, 'lraspp_mobilenet_v3_large'), ('shelf', 'person'))
    rows = [network.state_dict()['classifier.low_classifier.weight'][15], new.state_dict()[
        'classifier.low_classifier.weight'][1]]
    assert torch.equal(*rows)
    with pytest.raises(ModelError, match='is a model of kind semantic, and this trains one of kind instance'):
        start_card(name, 'instance')


@pytest.mark.parametrize('architecture', ['maskrcnn_mobilenet_v2_fpn', 'maskrcnn_mobilenet_v3_large_fpn',
                                          'maskrcnn_resnet50_fpn_v2'])
def test_of_objects_boxes_have_four_rows_and_background_comes_first(architecture: str) -> None:
    layers = class_layers(lambda n: instance_network(architecture, n, 64, 96))
    assert layers == {f'roi_heads.{name}.{part}': rows for part in ('weight', 'bias')
                      for name, rows in (('box_predictor.cls_score', (1, 1)), ('box_predictor.bbox_pred', (4, 4)),
                                         ('mask_predictor.mask_fcn_logits', (1, 1)))}


@pytest.mark.parametrize('kind', ['semantic', 'instance'])
def test_classes_of_the_same_name_keep_their_rows_and_others_are_new(tmp_path: Path, kind: str) -> None:
    old = trained(tmp_path, kind).state_dict()
    before, after = begun(tmp_path, kind, NEW)
    layers = class_layers(partial(network_of, kind))
    for key, (rows, first) in layers.items():
        old_half = old[key].half().float()
        parts = [list(range(first + k * rows, first + (k + 1) * rows)) for k in range(len(NEW))]
        assert torch.equal(after[key][:first], old_half[:first])
        for new, word in enumerate(NEW):
            expected = (old_half[first + OLD.index(word) * rows:][:rows] if word in OLD else before[key][parts[new]])
            assert torch.equal(after[key][parts[new]], expected), (key, word)
    rest = [key for key in after if key not in layers and not key.endswith('num_batches_tracked')]
    assert all(torch.equal(after[key], old[key].half().float()) for key in rest)


def test_a_class_keeps_the_row_of_a_word_with_synonyms_and_a_word_of_its_own_comes_first(tmp_path: Path) -> None:
    """As ADE20K writes its words, which are those of the shipped model."""
    old = trained(tmp_path, 'semantic', ('windowpane, window', 'floor, flooring', 'windowpane')).state_dict()
    before, after = begun(tmp_path, 'semantic', ('Floor', 'windowpane', 'flooring'))
    for key in class_layers(partial(network_of, 'semantic')):
        assert torch.equal(after[key][:2], old[key][[1, 2]].half().float())
        assert torch.equal(after[key][2], before[key][2])


def test_the_shipped_model_knows_its_robot_classes_by_name() -> None:
    known = rows_of(start_card('indoor', 'semantic').classes)  # type: ignore[union-attr]
    assert set(load_taxonomy('indoor').names) <= set(known)


@pytest.mark.parametrize('kind', ['semantic', 'instance'])
def test_without_a_common_word_the_last_layers_are_new(tmp_path: Path, kind: str) -> None:
    """Also where the number of classes happens to be the same."""
    trained(tmp_path, kind)
    before, after = begun(tmp_path, kind, ('cup', 'pen', 'spoon'))
    assert all(torch.equal(after[key], before[key]) for key in class_layers(partial(network_of, kind)))
    assert not torch.equal(after['backbone.body.0.0.weight' if kind == 'instance' else 'backbone.0.0.weight'],
                           before['backbone.body.0.0.weight' if kind == 'instance' else 'backbone.0.0.weight'])


def test_a_start_is_a_shipped_name_or_a_folder_or_a_run(tmp_path: Path) -> None:
    trained(tmp_path / 'run' / 'model', 'semantic')
    for name in (str(tmp_path / 'run'), str(tmp_path / 'run' / 'model')):
        start = read_start(name, 'semantic', 'lraspp_mobilenet_v2')
        assert start.card is not None
        assert (start.card.name, start.mean) == ('old', (120.0, 110.0, 100.0))
    card = start_card('tools', 'instance')
    assert card is not None
    assert 'hammer' in card.classes


def test_published_weights_bring_their_normalisation_and_no_words(tmp_path: Path) -> None:
    torch.manual_seed(1)
    published = semantic_network('lraspp_mobilenet_v3_large', 21)
    torch.save(published.state_dict(), tmp_path / 'published.pth')
    name, build = str(tmp_path / 'published.pth'), partial(semantic_network, 'lraspp_mobilenet_v3_large')
    start = read_start(name, 'semantic', 'lraspp_mobilenet_v3_large')
    assert (start.card, (start.mean, start.std)) == (None, IMAGENET)
    network = build(3)
    begin_from(start, network, build, OLD)
    given, taken = published.state_dict(), network.state_dict()
    assert all(torch.equal(taken[key], given[key]) for key in given if given[key].shape == taken[key].shape
               and not key.endswith('num_batches_tracked'))
    with pytest.raises(ModelError, match=r'of another network: \d+ layers of the backbone .* Name its --architecture'):
        begin_from(start, semantic_network('lraspp_mobilenet_v2', 3), partial(semantic_network, 'lraspp_mobilenet_v2'),
                   OLD)


@pytest.mark.parametrize(('name', 'kind', 'sentence'), [
    ('toolz', 'instance', "there is no model 'toolz'; the nearest shipped is 'tools'"),
    ('tools', 'semantic', "'tools' is a model of kind instance, and this trains one of kind semantic"),
    ('{tmp}', 'instance', 'holds no trained model'),
    ('{tmp}/none.pth', 'instance', r'none\.pth cannot be read'),
    ('{tmp}/backbone.pth', 'instance', 'holds a backbone alone. Give it as --backbone'),
    ('{tmp}/list.pth', 'instance', 'are no table of tensors'),
    ('{tmp}/run/best.pt', 'instance', 'best.pt is the checkpoint of a training. Give its folder'),
    ('{tmp}/broken', 'instance', r'card\.yaml is not a table'),
    ('{tmp}/none.onnx', 'instance', 'is a yolox_nano, not a maskrcnn_mobilenet_v2_fpn'),
])
def test_what_cannot_be_begun_from_is_named(tmp_path: Path, name: str, kind: str, sentence: str) -> None:
    torch.save({'features.0.0.weight': torch.zeros(1)}, tmp_path / 'backbone.pth')
    torch.save([torch.zeros(1)], tmp_path / 'list.pth')
    for folder, file in (('run', 'configuration.yaml'), ('broken', 'card.yaml')):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / file).write_text('nothing')
    with pytest.raises(ModelError, match=sentence):
        read_start(name.format(tmp=tmp_path), kind, ARCHITECTURES[kind])


def test_the_published_mosaic_brings_its_words(tmp_path: Path) -> None:
    card = start_card(str(tmp_path / 'mosaic.onnx'), 'semantic')
    assert card is not None
    assert (card.architecture, card.input_size) == ('mosaic', (512, 512))
    assert card.classes[:5] == ('background', 'wall', 'building, edifice', 'sky', 'floor, flooring')
    with pytest.raises(ModelError, match=r'mosaic\.onnx cannot be read as an ONNX file'):
        read_start(str(tmp_path / 'mosaic.onnx'), 'semantic', 'mosaic')


def test_weights_cut_off_are_named(tmp_path: Path) -> None:
    trained(tmp_path, 'semantic')
    (tmp_path / WEIGHTS).write_bytes((tmp_path / WEIGHTS).read_bytes()[:-100])
    with pytest.raises(ModelError, match='are not a whole safetensors file'):
        read_start(str(tmp_path), 'semantic', ARCHITECTURES['semantic'])


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    trained(tmp_path, 'semantic')
    with pytest.raises(ModelError, match=r'not a deeplabv3_resnet50\. Leave --architecture out'):
        read_start(str(tmp_path), 'semantic', 'deeplabv3_resnet50')


def test_a_start_whose_backbone_lacks_a_layer_is_refused(tmp_path: Path) -> None:
    trained(tmp_path, 'semantic')
    start: Start = read_start(str(tmp_path), 'semantic', ARCHITECTURES['semantic'])
    weights = {key: value for key, value in start.weights.items() if key != 'backbone.0.0.weight'}
    with pytest.raises(ModelError, match=r'1 layers of the backbone are missing .* first backbone\.0\.0\.weight'):
        begin_from(replace(start, weights=weights), network_of('semantic', 3), partial(network_of, 'semantic'), OLD)
