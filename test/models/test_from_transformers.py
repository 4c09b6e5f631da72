# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every family of transformers, small and random: our picture is the one its own library gives."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

huggingface_hub = pytest.importorskip('huggingface_hub')
transformers = pytest.importorskip('transformers', reason='transformers is not installed')

from scenes.hub import FAMILIES, SEMANTIC, UNIVERSAL, WORDS, save_small  # noqa: E402

from seg_ros.errors import ModelError, TaxonomyError  # noqa: E402
from seg_ros.labels.countable import objects_alone, things_among  # noqa: E402
from seg_ros.labels.label_sets import words_of_label_set  # noqa: E402
from seg_ros.labels.taxonomy import load_taxonomy  # noqa: E402
from seg_ros.models.catalog import open_model  # noqa: E402
from seg_ros.models.segmenter import Segmenter, UniversalSegmenter  # noqa: E402
from seg_ros.models.transformers_files import modes_of  # noqa: E402
from seg_ros.pipeline import Pipeline  # noqa: E402
from seg_ros.records import UNLABELLED, Frame, Instances, Mode  # noqa: E402
from seg_ros.settings import Settings  # noqa: E402

SETTINGS = Settings(device='cpu', precision='fp32', unlabelled_threshold=0.0, score_threshold=0.2, track_low_score=0.2,
                    nms_iou=1.0, min_area=1)
INDOOR = load_taxonomy('indoor')
SIZES = [(150, 101)]
LEAST = 0.995


@pytest.fixture(scope='module')
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write a small network of each family."""
    return {family: save_small(family, tmp_path_factory.mktemp(family)) for family in FAMILIES}


@pytest.fixture(scope='module')
def models(folders: dict[str, Path]) -> dict[str, Segmenter]:
    """Open each of them, as the node does."""
    return {family: open_model(f'hf:{folder}', SETTINGS) for family, folder in folders.items()}


def picture(size: tuple[int, int], seed: int = 0) -> NDArray[np.uint8]:
    """Return an (H, W, 3) picture of coloured tiles with soft edges."""
    rng = np.random.default_rng(seed)
    coarse = torch.from_numpy(rng.integers(0, 256, (1, 3, 6, 8)).astype(np.float32))
    large = torch.nn.functional.interpolate(coarse, (size[1], size[0]), mode='bicubic').clamp(0, 255)
    return large[0].permute(1, 2, 0).numpy().astype(np.uint8)


@cache
def library_of(folder: Path, kind: Any) -> Library:
    return Library(folder, kind)


class Library:
    """The pipeline of transformers itself: processor, network, post-processing, at the size of the picture."""

    def __init__(self, folder: Path, kind: Any) -> None:
        metadata = {'class_info_file': None} if 'oneformer' in str(folder) else {}
        self.processor = transformers.AutoImageProcessor.from_pretrained(folder, **metadata)
        if metadata:
            self.processor.class_info_file = ''  # None fails in its own post-processing
        self.network = kind.from_pretrained(folder).eval()
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder) if metadata else None

    @torch.inference_mode()
    def run(self, rgb: NDArray[np.uint8], mode: Mode, **choices: Any) -> Any:
        """Return what the library's post-processing for a mode says."""
        inputs = dict(self.processor([rgb], return_tensors='pt', input_data_format='channels_last', **self._whole()))
        offsets = inputs.pop('patch_offsets', None)
        if self.tokenizer is not None:
            text = self.tokenizer([f'the task is {mode.value}'], padding='max_length', max_length=77,
                                  return_tensors='pt')
            inputs['task_inputs'] = text['input_ids'] * text['attention_mask']
        out = self.network(**inputs)
        if offsets:
            out.patch_offsets = offsets
        read = getattr(self.processor, f'post_process_{mode.value}_segmentation')
        return read(out, target_sizes=[rgb.shape[:2]], **choices)[0]

    def _whole(self) -> dict[str, Any]:
        return {'do_center_crop': False} if getattr(self.processor, 'do_center_crop', None) else {}


def robot_labels(words: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Return the indoor class of each index into WORDS; -1 stays unlabelled."""
    ids = np.array([*(INDOOR.class_of(word).id for word in WORDS), UNLABELLED], np.uint8)  # type: ignore[union-attr]
    return ids[words]


def answer_of(model: Segmenter, rgb: NDArray[np.uint8], mode: Mode) -> Any:
    return model.segment([Frame('', 1, '', rgb)], SETTINGS.changed({'mode': mode.value}))[0]


@pytest.mark.parametrize('family', [*SEMANTIC, 'mask2former', 'maskformer', 'oneformer', 'detr', 'eomt_in_windows'])
@pytest.mark.parametrize('size', SIZES)
def test_labels_are_those_of_the_library(family: str, size: tuple[int, int], folders: dict[str, Path],
                                         models: dict[str, Segmenter]) -> None:
    kind = transformers.AutoModelForSemanticSegmentation if family in SEMANTIC else \
        transformers.AutoModelForUniversalSegmentation
    rgb = picture(size)
    expected = robot_labels(library_of(folders[family], kind).run(rgb, Mode.SEMANTIC).numpy())
    answer = answer_of(models[family], rgb, Mode.SEMANTIC)
    assert (answer.labels == expected).mean() >= LEAST
    if family in SEMANTIC:
        assert len(np.unique(expected)) >= 3  # the picture is not all one class


@pytest.mark.parametrize('family', UNIVERSAL)
@pytest.mark.parametrize('size', SIZES)
def test_objects_are_those_of_the_library(family: str, size: tuple[int, int], folders: dict[str, Path],
                                          models: dict[str, Segmenter]) -> None:
    rgb = picture(size)
    library = library_of(folders[family], transformers.AutoModelForUniversalSegmentation)
    expected = library.run(rgb, Mode.INSTANCE, threshold=0.2)
    found = answer_of(models[family], rgb, Mode.INSTANCE).instances
    listed = {one['id']: one for one in expected['segments_info']}
    assert sorted(found.scores, reverse=True) == pytest.approx(
        sorted((one['score'] for one in listed.values()), reverse=True), abs=1e-3)
    assert (painted(found, listed) == words_of(expected)).mean() >= LEAST


@pytest.mark.parametrize('size', SIZES)
def test_objects_that_may_overlap_are_those_of_the_library(size: tuple[int, int], folders: dict[str, Path],
                                                           models: dict[str, Segmenter]) -> None:
    """RF-DETR: every word of a query by itself, masks neither weighed nor disjoint."""
    rgb = picture(size)
    library = library_of(folders['rf_detr'], transformers.AutoModelForInstanceSegmentation)
    expected = library.run(rgb, Mode.INSTANCE, threshold=0.2, return_binary_maps=True)
    found = answer_of(models['rf_detr'], rgb, Mode.INSTANCE).instances
    true = {(round(one['score'], 3), int(mask.sum()) // 50) for one, mask
            in zip(expected['segments_info'], expected['segmentation'], strict=True)}
    seen = {(round(float(score), 3), int(mask.sum()) // 50) for score, mask
            in zip(found.scores, found.masks, strict=True)}
    assert len(true) >= 3
    assert len(true ^ seen) <= 1


def words_of(expected: dict[str, Any]) -> NDArray[np.int64]:
    """Return the word of each pixel of a library's segmentation, -1 where there is none."""
    ids = expected['segmentation'].numpy().astype(int)
    words = np.full(ids.shape, -1)
    for one in expected['segments_info']:
        words[ids == one['id']] = one['label_id']
    return words


def painted(found: Instances, listed: dict[int, dict[str, Any]]) -> NDArray[np.int64]:
    """Paint our objects in the order in which the library paints its own."""
    words = np.full((found.size[1], found.size[0]), -1)
    things = [one['score'] for one in listed.values()]
    order = [int(np.argmin(np.abs(found.scores - score))) for score in things]
    names = {c.name: c.id for c in INDOOR.classes}
    for k in order:
        left, top = found.corners[k]
        mask = found.masks[k]
        word = next(n for n, w in enumerate(WORDS) if names[w] == found.class_ids[k])
        words[top:top + mask.shape[0], left:left + mask.shape[1]][mask] = word
    return words


@pytest.mark.parametrize('family', UNIVERSAL)
@pytest.mark.parametrize('size', SIZES)
def test_segments_are_those_of_the_library(family: str, size: tuple[int, int], folders: dict[str, Path],
                                           models: dict[str, Segmenter]) -> None:
    rgb = picture(size)
    library = library_of(folders[family], transformers.AutoModelForUniversalSegmentation)
    fuse = {} if family.startswith('eomt') else {'label_ids_to_fuse': set()}
    expected = robot_labels(words_of(library.run(rgb, Mode.PANOPTIC, threshold=0.2, **fuse)))
    answer = answer_of(models[family], rgb, Mode.PANOPTIC)
    assert (answer.labels == expected).mean() >= LEAST
    assert answer.labels.shape == (size[1], size[0])
    covered = np.zeros_like(answer.labels, bool)
    for (left, top), mask in zip(answer.instances.corners, answer.instances.masks):
        region = np.s_[top:top + mask.shape[0], left:left + mask.shape[1]]
        assert not (covered[region] & mask).any()  # a pixel belongs to one object
        covered[region] |= mask
    assert (covered == (answer.labels != UNLABELLED)).all()  # every word here is a thing


def test_stuff_is_labelled_and_is_no_object(tmp_path: Path) -> None:
    words, settings = words_of_label_set('cityscapes'), SETTINGS.changed({
        'taxonomy': 'outdoor', 'mode': 'panoptic', 'score_threshold': 0.05, 'track_low_score': 0.05})
    model = open_model(f'hf:{save_small("oneformer", tmp_path / "model", words, seed=2)}', settings)
    answer, = model.segment([Frame('', 1, '', picture((150, 101)))], settings)
    assert answer.labels is not None and answer.instances is not None and isinstance(model, UniversalSegmenter)
    assert {*answer.instances.class_ids.tolist()} <= {thing.id for thing in model.things}
    covered = np.zeros_like(answer.labels, bool)
    for k, mask in enumerate(answer.instances.masks):
        covered[answer.instances.place(k)] |= mask
    assert (answer.labels[~covered] != UNLABELLED).any()  # what is stuff


@pytest.mark.parametrize('family', FAMILIES)
@pytest.mark.parametrize('mode', list(Mode))
def test_a_mode_is_answered_or_refused_by_name(family: str, mode: Mode, models: dict[str, Segmenter]) -> None:
    """Every family in every mode, through the pipeline: what it claims is answered, whatever the size."""
    model = copy(models[family])  # a pipeline closes what it refuses
    pipeline = Pipeline(lambda name, settings: model)
    settings = SETTINGS.changed({'mode': mode.value, 'semantic_model': 'hf:x', 'instance_model': 'hf:x'})
    if mode not in model.modes:
        with pytest.raises(ModelError, match=f'needs a model that does {mode.value} segmentation'):
            pipeline.configure(settings)
        return
    pipeline.configure(settings)
    frames = [Frame('a', 1, '', picture((96, 64))), Frame('b', 1, '', picture((40, 90))),
              Frame('c', 1, '', picture((96, 64), 1))]
    ids = {c.id for c in pipeline.classes}
    for frame, result in zip(frames, pipeline.run(frames, settings)):
        answer = result.segmentation
        assert answer.size == frame.size
        assert (answer.labels is not None) is mode.has_labels
        assert (answer.instances is not None) is mode.has_instances
        if answer.labels is not None and answer.confidence is not None:
            assert set(np.unique(answer.labels)) <= ids | {UNLABELLED}
            assert not answer.confidence[answer.labels == UNLABELLED].any()
        if answer.instances is not None:
            assert set(answer.instances.class_ids.tolist()) <= ids
            assert (np.diff(answer.instances.scores) <= 0).all()


@pytest.mark.parametrize('family', ['segformer', 'mask2former', 'oneformer', 'eomt', 'detr'])
def test_bf16_gives_the_same_picture(family: str, folders: dict[str, Path], models: dict[str, Segmenter]) -> None:
    short = open_model(f'hf:{folders[family]}', SETTINGS.changed({'precision': 'bf16'}))
    assert short.precision == 'bf16'
    rgb = picture((96, 72))
    same = answer_of(short, rgb, Mode.SEMANTIC).labels == answer_of(models[family], rgb, Mode.SEMANTIC).labels
    assert same.mean() > 0.85  # random weights are undecided in many places


def test_output_size_is_the_size_of_everything(models: dict[str, Segmenter]) -> None:
    settings = SETTINGS.changed({'mode': 'panoptic', 'output_size': '32x24'})
    answer = models['mask2former'].segment([Frame('', 1, '', picture((96, 72)))], settings)[0]
    assert answer.size == (32, 24)


@pytest.mark.parametrize(('family', 'words', 'name', 'modes'), [
    ('segformer', WORDS, 'a', 'semantic'),
    ('mask2former', words_of_label_set('coco'), 'a', 'instance'),
    ('mask2former', words_of_label_set('coco_panoptic'), 'org/mask2former-swin-tiny-coco-panoptic',
     'instance panoptic semantic'),
    ('maskformer', words_of_label_set('ade20k_hf'), 'org/mask2former-swin-tiny-ade-semantic', 'semantic'),
    ('mask2former', WORDS, 'org/mask2former-cityscapes-instance', 'instance'),
    ('oneformer', words_of_label_set('coco'), 'org/oneformer-semantic', 'instance panoptic semantic'),
])
def test_modes_are_those_a_network_was_made_for(family: str, words: tuple[str, ...], name: str, modes: str) -> None:
    assert ' '.join(sorted(mode.value for mode in modes_of(family, words, name, None))) == modes


@pytest.mark.parametrize(('label_set', 'count', 'things', 'stuff'), [
    ('coco_panoptic', 80, ('person', 'toothbrush'), ('floor-wood', 'sky-other-merged')),
    ('ade20k_hf', 100, ('windowpane', 'flag'), ('wall', 'floor', 'shower')),
    ('cityscapes', 8, ('rider', 'bicycle'), ('road', 'traffic light')),
])
def test_countable_things_are_told_from_stuff(label_set: str, count: int, things: tuple[str, ...],
                                              stuff: tuple[str, ...]) -> None:
    words = words_of_label_set(label_set)
    found = {words[k] for k in things_among(words)}
    assert len(found) == count
    assert found >= set(things)
    assert not found & set(stuff)
    assert not objects_alone(words)


def broken(folder: Path, source: Path, change: Callable[[Path], None]) -> Path:
    shutil.copytree(source, folder)
    change(folder)
    return folder


def configured(**changes: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        table = json.loads((folder / 'config.json').read_text())
        (folder / 'config.json').write_text(json.dumps({**table, **changes}))
    return change


def halved(folder: Path) -> None:
    weights = folder / 'model.safetensors'
    weights.write_bytes(weights.read_bytes()[:2000])


def pickled(folder: Path) -> None:
    (folder / 'model.safetensors').rename(folder / 'pytorch_model.bin')


SEVEN = {'id2label': {str(k): f'word {k}' for k in range(7)}, 'label2id': {f'word {k}': k for k in range(7)}}


@pytest.mark.parametrize(('change', 'sentence'), [
    (lambda folder: (folder / 'config.json').unlink(), 'it has no config.json. Give the folder that save_pretrained'),
    (lambda folder: (folder / 'model.safetensors').unlink(), 'has a config.json but no weights'),
    (lambda folder: (folder / 'model.safetensors').write_text('version https://git-lfs.github.com/spec/v1'),
     'model.safetensors is a pointer of Git LFS'),
    (pickled, 'has pickled weights alone .pytorch_model.bin., which are not read'),
    (halved, 'cannot be loaded .SafetensorError: '),
    (configured(**SEVEN), 'do not fit its config.json, which names 7 classes .id2label.: .*torch.Size..6'),
    (configured(id2label={'0': 'floor', '2': 'wall'}), 'names 2 classes, not numbered from 0'),
    (lambda folder: (folder / 'config.json').write_text('{"model_type": "bert"}'),
     "a network of the family 'bert', which is not known to segment. Known: segformer"),
    (configured(model_type='own', auto_map={'AutoConfig': 'code.Own'}), 'cannot be loaded .ValueError: '),
    (configured(depths=[1, 1, 2, 1]), 'belong to another network: [0-9]+ layers are missing, first '),
    (lambda folder: (folder / 'preprocessor_config.json').unlink(),
     'lacks preprocessor_config.json, which says how pictures are shown'),
    (configured(id2label={str(k): f'LABEL_{k}' for k in range(6)}), 'has no names for its 6 classes'),
], ids=['no configuration', 'no weights', 'not fetched', 'a pickle', 'half downloaded', 'another number of classes',
        'gaps in classes', 'no segmentation', 'code of its own', 'another depth', 'no processor', 'no names'])
def test_a_folder_that_cannot_be_used_is_refused_in_a_sentence(change: Callable[[Path], None], sentence: str,
                                                               folders: dict[str, Path], tmp_path: Path) -> None:
    folder = broken(tmp_path / 'model', folders['segformer'], change)
    with pytest.raises(ModelError, match=sentence):
        open_model(f'hf:{folder}', SETTINGS)


def test_words_the_taxonomy_does_not_know_are_refused(tmp_path: Path) -> None:
    save_small('segformer', tmp_path, ['floor', 'LABEL_1', 'wall'])
    with pytest.raises(TaxonomyError, match="does not know the word 'LABEL_1'"):
        open_model(f'hf:{tmp_path}', SETTINGS)


def test_a_model_that_is_not_in_the_cache_is_never_fetched_unasked(tmp_path: Path,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []
    real = huggingface_hub.snapshot_download

    def snapshot_download(reference: str, **choices: Any) -> str:
        asked.append({'reference': reference, **choices})
        return str(real(reference, cache_dir=tmp_path, **choices)) if choices.get('local_files_only') else '/nothing'

    monkeypatch.setattr(huggingface_hub, 'snapshot_download', snapshot_download)
    with pytest.raises(ModelError, match=r'hf:org/name are not on this disk. Type: seg_ros models fetch hf:org/name'):
        open_model('hf:org/name', SETTINGS)
    with pytest.raises(ModelError, match='/nothing is no Hugging Face model'):
        open_model('hf:org/name', SETTINGS.changed({'allow_download': True}))
    assert [one.get('local_files_only', False) for one in asked] == [True, False]
    kinds = {pattern.rpartition('.')[2] for pattern in asked[1]['allow_patterns']}
    assert kinds == {'json', 'txt', 'safetensors', 'md'}  # no pickle, no code


def test_without_the_library_the_line_that_installs_it_is_named(folders: dict[str, Path],
                                                                monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'transformers', None)
    with pytest.raises(ModelError, match=r"'transformers', which is not installed. Type: pip install transformers"):
        open_model(f'hf:{folders["segformer"]}', SETTINGS)
