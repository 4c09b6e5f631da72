# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Scores of a model that says what is drawn, worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from scenes.rooms import write_image
from scenes.scripted import INDOOR, drawn, open_scripted

from seg_ros.errors import DataError
from seg_ros.lab.datasets import LabelledImage
from seg_ros.lab.evaluation import evaluate, scored
from seg_ros.lab.pictures import CAPTION_HEIGHT
from seg_ros.lab.semantic_evaluation import SemanticScorer, SemanticScores, on_labels
from seg_ros.labels.overlay import overlay
from seg_ros.pipeline import Pipeline
from seg_ros.records import UNLABELLED, Frame, Result, Segmentation
from seg_ros.settings import Settings

FLOOR, WALL, PERSON, U = 0, 1, 7, UNLABELLED
SETTINGS = Settings()


class Drawn:
    """Images that show one thing and are labelled another: the scripted model answers what they show."""

    def __init__(self, *pairs: tuple[list[list[int]], list[list[int]]]) -> None:
        self.pairs = [(np.array(shown, np.uint8), np.array(true, np.uint8)) for shown, true in pairs]

    def __len__(self) -> int:
        return len(self.pairs)

    def read(self, index: int) -> LabelledImage:
        """Return one of them, named by its number."""
        shown, true = self.pairs[index]
        return LabelledImage(f'image{index}', drawn(shown), true)


@pytest.fixture
def pipeline() -> Pipeline:
    pipeline = Pipeline(open_scripted)
    pipeline.configure(SETTINGS)
    return pipeline


def evaluate_semantic(pipeline: Pipeline, settings: Settings, data: Drawn, **more: Any) -> SemanticScores:
    return evaluate(pipeline, settings, data, SemanticScorer(pipeline.classes, settings), **more)


TWO = Drawn(
    ([[WALL, WALL, WALL, WALL], [FLOOR, FLOOR, FLOOR, FLOOR]],
     [[WALL, WALL, WALL, FLOOR], [FLOOR, FLOOR, U, U]]),  # of six labelled pixels one is wrong
    ([[PERSON, U]],
     [[PERSON, PERSON]]),  # the model leaves one of two open
)


def scores(pipeline: Pipeline, data: Drawn, threshold: float = 0.4) -> SemanticScores:
    return evaluate_semantic(pipeline, SETTINGS.changed({'unlabelled_threshold': threshold}), data)


def test_scores_are_those_worked_out_by_hand(pipeline: Pipeline) -> None:
    found = scores(pipeline, TWO)
    assert found.images == 2
    assert found.iou['wall'] == pytest.approx(3 / 4)
    assert found.iou['floor'] == pytest.approx(2 / 3)
    assert found.iou['person'] == pytest.approx(1 / 2)
    assert list(found.iou) == list(INDOOR.names)
    assert math.isnan(found.iou['ceiling'])
    assert found.mean_iou == pytest.approx((3 / 4 + 2 / 3 + 1 / 2) / 3)
    assert found.pixel_accuracy == pytest.approx(6 / 8)


def test_calibration_is_of_the_confidence_given(pipeline: Pipeline) -> None:
    """Seven pixels claim 200/255, six of them right; one claims 0 and is wrong."""
    assert scores(pipeline, TWO).calibration_error == pytest.approx(7 / 8 * abs(6 / 7 - 200 / 255))


@pytest.mark.parametrize(('threshold', 'kept', 'accuracy'), [
    (0.0, 1.0, 6 / 8), (0.4, 7 / 8, 6 / 7), (0.9, 0.0, math.nan),
])
def test_the_threshold_buys_accuracy(pipeline: Pipeline, threshold: float, kept: float, accuracy: float) -> None:
    found = scores(pipeline, TWO, threshold)
    assert found.threshold == threshold
    assert (found.kept, found.kept_accuracy) == pytest.approx((kept, accuracy), nan_ok=True)


def test_every_threshold_is_told(pipeline: Pipeline) -> None:
    """The model is sure to 200/255 where it answers, and to 0 where it leaves open."""
    found = {one.threshold: (one.kept, one.accuracy) for one in scores(pipeline, TWO).thresholds}
    assert found[0.0] == pytest.approx((1.0, 6 / 8))
    assert found[0.3] == found[0.7] == pytest.approx((7 / 8, 6 / 7))
    assert all(found[one] == pytest.approx((0.0, math.nan), nan_ok=True) for one in (0.8, 0.9))


def test_the_sheet_shows_the_worst_images_first(pipeline: Pipeline, tmp_path: Path) -> None:
    data = Drawn((large(WALL), large(WALL)), (large(PERSON), large(WALL)), (large(FLOOR), large(U)))
    evaluate_semantic(pipeline, SETTINGS, data, overlays=tmp_path)
    sheet = cv2.imread(str(tmp_path / 'worst.jpg'))[..., ::-1]
    height = CAPTION_HEIGHT + 48
    assert sheet.shape == (2 * height, 3 * 64, 3)  # nothing is known of the third, so it has no score
    person = overlay(data.read(1).rgb, Segmentation((64, 48), np.array(large(PERSON), np.uint8)), INDOOR.classes)
    assert np.abs(sheet[CAPTION_HEIGHT:height, 128:].astype(int) - person).mean() < 8
    assert np.abs(sheet[height + CAPTION_HEIGHT:, :64].astype(int) - data.read(0).rgb).mean() < 8


def test_a_perfect_model_scores_one(pipeline: Pipeline) -> None:
    everything = [[c.id for c in INDOOR.classes]]
    found = scores(pipeline, Drawn((everything, everything)))
    assert (found.mean_iou, found.pixel_accuracy, found.kept, found.kept_accuracy) == (1.0, 1.0, 1.0, 1.0)
    assert set(found.iou.values()) == {1.0}


def test_the_model_is_asked_for_every_pixel_at_the_size_of_the_image(pipeline: Pipeline,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the robot is set to: the threshold is applied to the scores, not to the labels."""
    asked: list[Settings] = []
    run = pipeline.run

    def listen(frames: list[Frame], settings: Settings) -> list[Result]:
        asked.append(settings)
        return run(frames, settings)

    monkeypatch.setattr(pipeline, 'run', listen)
    settings = SETTINGS.changed({'output_size': '7x3', 'unlabelled_threshold': 0.9})
    assert evaluate_semantic(pipeline, settings, TWO).pixel_accuracy == pytest.approx(6 / 8)
    assert {(one.output_size, one.unlabelled_threshold) for one in asked} == {('', 0.0)}


def test_progress_goes_through_every_image(pipeline: Pipeline) -> None:
    seen: list[int] = []
    evaluate_semantic(pipeline, SETTINGS, TWO, progress=lambda indices: (seen.append(k) or k for k in indices))
    assert seen == [0, 1]


def large(label: int) -> list[list[int]]:
    return [[label] * 64] * 48


def test_overlays_show_what_the_robot_would_see(pipeline: Pipeline, tmp_path: Path) -> None:
    """One picture per image; what is less sure than the threshold stays as the camera saw it."""
    data = Drawn((large(WALL), large(WALL)), (large(PERSON), large(PERSON)))
    for threshold in (0.4, 0.9):
        settings, folder = SETTINGS.changed({'unlabelled_threshold': threshold}), tmp_path / str(threshold)
        evaluate_semantic(pipeline, settings, data, overlays=folder)
        assert sorted(path.name for path in folder.iterdir()) == ['image0.jpg', 'image1.jpg', 'worst.jpg']
        label = PERSON if threshold == 0.4 else U
        expected = overlay(data.read(1).rgb, Segmentation((64, 48), np.array(large(label), np.uint8)), INDOOR.classes)
        picture = cv2.imread(str(folder / 'image1.jpg'))[..., ::-1]
        assert np.abs(picture.astype(int) - expected).mean() < 6  # JPEG


def test_a_folder_that_cannot_be_written_is_named(pipeline: Pipeline, tmp_path: Path) -> None:
    (tmp_path / 'image0.jpg').mkdir()
    with pytest.raises(DataError, match=r'image0\.jpg cannot be written'):
        evaluate_semantic(pipeline, SETTINGS, TWO, overlays=tmp_path)


def test_a_model_without_labels_cannot_be_scored(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(frames: list[Frame], settings: Settings) -> list[Result]:
        return [Result(frame, Segmentation(frame.size)) for frame in frames]

    monkeypatch.setattr(pipeline, 'run', run)
    with pytest.raises(DataError, match="mode 'semantic' gives no label image to evaluate"):
        evaluate_semantic(pipeline, SETTINGS, TWO)


def written(folder: Path, pictures: dict[str, tuple[NDArray[np.uint8], NDArray[np.uint8]]]) -> tuple[Path, Path]:
    for name, (shown, true) in pictures.items():
        write_image(folder / 'images' / name, shown)
        write_image(folder / 'labels' / name, true)
    return folder / 'images', folder / 'labels'


def test_folders_are_scored_by_a_model_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is opened as the node opens it, and closed even when the data is bad."""
    opened = []

    def open_model(name: str, settings: Settings) -> object:
        opened.append(open_scripted(name, settings))
        return opened[-1]

    monkeypatch.setattr('seg_ros.lab.evaluation.open_model', open_model)
    shown, true = np.array(large(WALL), np.uint8), np.array(large(WALL), np.uint8)
    true[:12] = FLOOR
    images, labels = written(tmp_path, {'a.png': (drawn(shown), true)})
    assert scored(SETTINGS, on_labels(SETTINGS, images, labels)).pixel_accuracy == pytest.approx(3 / 4)
    write_image(labels / 'a.png', true[:5])
    with pytest.raises(DataError, match='has size 64x5, its image 64x48'):
        scored(SETTINGS, on_labels(SETTINGS, images, labels))
    assert [model.closed for model in opened] == [True, True]
