# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The models there are, as a person and a program see them; what is not here is fetched and checked."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import torch

from seg_ros.cli.main import main
from seg_ros.errors import ModelError
from seg_ros.models import published as published_module
from seg_ros.models.published import Published


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give torch and Hugging Face empty caches, and the table room."""
    monkeypatch.setattr(torch.hub, '_hub_dir', str(tmp_path))
    monkeypatch.setattr('seg_ros.models.catalog.cached_models', lambda: ())
    monkeypatch.setenv('COLUMNS', '200')
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    assert main(['models', *arguments]) == status
    captured = capsys.readouterr()
    return captured.out if status == 0 else captured.err


def test_the_list_has_the_shipped_models_and_torchvisions(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    listed = {one['name']: one for one in json.loads(told(capsys, '--json'))}
    assert list(listed)[:4] == ['everyday', 'indoor', 'plants', 'tools']
    assert listed['indoor']['here'] and listed['indoor']['modes'] == ['semantic']
    assert len(listed['indoor']['words']) == 36
    assert listed['indoor']['licence'].startswith('Apache-2.0')
    deeplab = listed['torchvision:deeplabv3_resnet50']
    assert (deeplab['here'], deeplab['size_mb'], len(deeplab['words'])) == (False, 160.515, 21)
    assert deeplab['path'] == f'{home}/checkpoints/deeplabv3_resnet50_coco-cd0a2569.pth'
    assert listed['torchvision:maskrcnn_resnet50_fpn_v2']['modes'] == ['instance']
    assert len(listed) >= 11


def test_the_table_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys)
    row = next(line for line in text.splitlines() if 'torchvision:lraspp_mobilenet_v3_large' in line)
    assert all(word in row for word in ('semantic', '12.5 MB', 'no', 'not stated'))
    assert 'seg_ros models show NAME' in text


def test_the_table_says_in_short_what_may_be_done_with_the_weights(capsys: pytest.CaptureFixture[str]) -> None:
    rows = {line.split()[0]: line for line in told(capsys).splitlines() if line}
    assert rows['everyday'].rstrip().endswith('yes  Apache-2.0')
    assert rows['tools'].rstrip().endswith('yes  CC BY 4.0')
    assert rows['plants'].rstrip().endswith('yes  non-commercial research')


def test_the_table_fits_a_narrow_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('COLUMNS', '80')
    text = told(capsys)
    assert max(map(len, text.splitlines())) <= 80
    assert 'torchvision:deeplabv3_mobilenet_v3_large' in text and '…' not in text


def test_one_model_is_shown_with_what_its_words_mean(capsys: pytest.CaptureFixture[str]) -> None:
    shown = json.loads(told(capsys, 'show', 'torchvision:fcn_resnet50', '--json'))
    assert shown['classes']['chair'] == 'furniture'
    assert shown['classes']['__background__'] == '(ignored)'
    text = told(capsys, 'show', 'torchvision:fcn_resnet50')
    assert 'no: seg_ros models fetch torchvision:fcn_resnet50' in text
    assert 'diningtable' in text


def test_a_word_the_taxonomy_lacks_is_shown_as_unknown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    taxonomy = tmp_path / 'one.yaml'
    taxonomy.write_text('classes: [{id: 0, name: person, colour: [1, 2, 3], role: obstacle}]\n')
    shown = json.loads(told(capsys, 'show', 'torchvision:fcn_resnet50', '--taxonomy', str(taxonomy), '--json'))
    assert shown['classes']['person'] == 'person'
    assert shown['classes']['chair'] == '(unknown)'


def test_weights_are_fetched_to_where_the_node_looks(capsys: pytest.CaptureFixture[str], home: Path,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    def host(url: str, path: Path, sha256_start: str, progress: Any) -> None:
        path.parent.mkdir(parents=True)
        torch.save({'layer': torch.zeros(2)}, path)
        progress(10, 10)
        assert (url.rpartition('/')[2], sha256_start) == ('lraspp_mobilenet_v3_large-d234d4ea.pth', 'd234d4ea')

    monkeypatch.setattr(published_module, 'fetch_file', host)
    error = told(capsys, 'fetch', 'torchvision:lraspp_mobilenet_v3_large', status=2)
    assert 'is damaged: its SHA-256 begins' in error
    path = home / 'checkpoints' / 'lraspp_mobilenet_v3_large-d234d4ea.pth'
    begins = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    monkeypatch.setattr(Published, 'sha256_start', property(lambda self: begins))
    text = told(capsys, 'fetch', 'torchvision:lraspp_mobilenet_v3_large')
    assert text.endswith(f'torchvision:lraspp_mobilenet_v3_large is on this disk: {path}\n')


@pytest.mark.parametrize(('arguments', 'sentence'), [
    (('show', 'torchvision:fcn_resnet5'), "no segmentation network 'fcn_resnet5'; the nearest known is 'fcn_resnet50'"),
    (('show', 'indor'), "there is no model 'indor'; the nearest shipped is 'indoor'"),
    (('show', 'checkpoint:/nowhere'), '/nowhere holds no trained model'),
    (('fetch', 'hf:/nowhere'), '/nowhere is no Hugging Face model: it has no config.json'),
])
def test_what_cannot_be_shown_or_fetched_is_named(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...],
                                                  sentence: str) -> None:
    pytest.importorskip('huggingface_hub')
    assert sentence in told(capsys, *arguments, status=2)


def test_a_shipped_model_is_already_here(capsys: pytest.CaptureFixture[str]) -> None:
    assert 'indoor is on this disk' in told(capsys, 'fetch', 'indoor')


def test_a_fetch_that_fails_is_one_sentence(capsys: pytest.CaptureFixture[str],
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    def host(*_: object) -> None:
        raise ModelError('the host is away', 'check the network')

    monkeypatch.setattr(published_module, 'fetch_file', host)
    assert told(capsys, 'fetch', 'torchvision:fcn_resnet50', status=2).endswith(
        'seg_ros models: the host is away. Check the network.\n')
