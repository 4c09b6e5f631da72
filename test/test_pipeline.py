"""The order of the stages, and which models are open."""

from __future__ import annotations

import numpy as np
import pytest
from scenes.scripted import INDOOR, ScriptedSegmenter, drawn

from seg_ros.errors import ModelError
from seg_ros.models.segmenter import Segmenter
from seg_ros.pipeline import Pipeline
from seg_ros.records import UNLABELLED, Frame
from seg_ros.settings import Settings

FLOOR, WALL = 0, 1
LABELS = np.array([[WALL, WALL, WALL], [FLOOR, UNLABELLED, FLOOR]], np.uint8)


class Shelf:
    """Opens scripted models and remembers them; ``broken`` cannot be opened."""

    def __init__(self) -> None:
        self.opened: list[ScriptedSegmenter] = []

    def open(self, name: str, settings: Settings) -> Segmenter:
        """Stand in for ``models.catalog.open_model``."""
        if name == 'broken':
            raise ModelError("the weights of 'broken' are missing")
        self.opened.append(ScriptedSegmenter(name))
        return self.opened[-1]

    @property
    def names(self) -> list[str]:
        """The models opened so far."""
        return [model.name for model in self.opened]


def frame(labels: np.ndarray, camera: str = 'front', stamp_ns: int = 1) -> Frame:
    return Frame(camera, stamp_ns, 'camera', drawn(labels))


def test_an_unconfigured_pipeline_answers_nothing() -> None:
    pipeline = Pipeline(Shelf().open)
    assert pipeline.run([frame(LABELS)], Settings()) == []
    assert pipeline.classes == ()
    pipeline.close()


def test_each_frame_gets_its_own_answer_in_order() -> None:
    pipeline = Pipeline(Shelf().open)
    pipeline.configure(Settings())
    frames = [frame(LABELS, 'front', 1), frame(LABELS[:, ::-1][:1], 'left', 2)]
    front, left = pipeline.run(frames, Settings())
    assert (front.frame, left.frame) == (frames[0], frames[1])
    assert front.segmentation.labels is not None
    assert left.segmentation.labels is not None
    assert front.segmentation.labels.tolist() == LABELS.tolist()
    assert left.segmentation.labels.tolist() == [[WALL, WALL, WALL]]
    assert front.segmentation.confidence is not None
    assert front.segmentation.confidence.tolist() == [[200, 200, 200], [200, 0, 200]]


def test_the_time_of_a_batch_is_shared_by_its_frames() -> None:
    pipeline = Pipeline(lambda name, settings: ScriptedSegmenter(name, delay_s=0.05))
    pipeline.configure(Settings())
    results = pipeline.run([frame(LABELS), frame(LABELS)], Settings())
    spent = [result.stage_s['segment'] for result in results]
    assert spent[0] == spent[1]
    assert sum(spent) >= 0.05


def test_no_frame_gives_no_result() -> None:
    pipeline = Pipeline(Shelf().open)
    pipeline.configure(Settings())
    assert pipeline.run([], Settings()) == []


def test_settings_reach_the_model() -> None:
    pipeline = Pipeline(Shelf().open)
    pipeline.configure(Settings())
    result, = pipeline.run([frame(LABELS)], Settings().changed({'output_size': '6x4'}))
    assert result.segmentation.size == (6, 4)


def test_the_classes_are_those_of_the_model() -> None:
    pipeline = Pipeline(Shelf().open)
    pipeline.configure(Settings())
    assert [c.name for c in pipeline.classes] == list(INDOOR.names)


@pytest.mark.parametrize(('change', 'opened'), [
    ({}, 1),
    ({'unlabelled_threshold': 0.9, 'output_size': '6x4', 'max_rate': 5.0}, 1),  # nothing of the model's
    ({'semantic_model': 'other'}, 2),
    ({'precision': 'bf16'}, 2),
    ({'device': 'cpu'}, 2),
    ({'cpu_threads': 1}, 2),
])
def test_a_model_is_opened_anew_only_when_it_must(change: dict[str, object], opened: int) -> None:
    shelf = Shelf()
    pipeline = Pipeline(shelf.open)
    pipeline.configure(Settings())
    pipeline.configure(Settings().changed(change))
    assert len(shelf.opened) == opened
    assert [model.closed for model in shelf.opened] == [True] * (opened - 1) + [False]


def test_a_model_that_cannot_be_opened_leaves_the_old_one_in_use() -> None:
    shelf = Shelf()
    pipeline = Pipeline(shelf.open)
    pipeline.configure(Settings())
    with pytest.raises(ModelError, match='missing'):
        pipeline.configure(Settings().changed({'semantic_model': 'broken'}))
    assert not shelf.opened[0].closed
    result, = pipeline.run([frame(LABELS)], Settings())
    assert result.segmentation.labels is not None


def test_the_old_model_may_be_asked_for_again_after_a_refusal() -> None:
    shelf = Shelf()
    pipeline = Pipeline(shelf.open)
    pipeline.configure(Settings())
    with pytest.raises(ModelError):
        pipeline.configure(Settings().changed({'semantic_model': 'broken'}))
    pipeline.configure(Settings())
    assert shelf.names == ['indoor']


def test_closing_frees_the_model_and_configuring_opens_it_again() -> None:
    shelf = Shelf()
    pipeline = Pipeline(shelf.open)
    pipeline.configure(Settings())
    pipeline.close()
    assert shelf.opened[0].closed
    assert pipeline.run([frame(LABELS)], Settings()) == []
    assert pipeline.classes == ()
    pipeline.configure(Settings())
    assert shelf.names == ['indoor', 'indoor']
    assert len(pipeline.run([frame(LABELS)], Settings())) == 1
