# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The order of the stages."""

from __future__ import annotations

import numpy as np
import pytest
from scenes.scripted import INDOOR, THINGS, ScriptedInstances, ScriptedSegmenter, Thing, drawn

from seg_ros.models.segmenter import Segmenter
from seg_ros.pipeline import Pipeline
from seg_ros.pipeline.camera_memory import CameraMemory, Ids
from seg_ros.records import UNLABELLED, Frame, Intrinsics, Segmentation
from seg_ros.settings import Settings

FLOOR, WALL = 0, 1
LABELS = np.array([[WALL, WALL, WALL], [FLOOR, UNLABELLED, FLOOR]], np.uint8)


def opened(name: str, _: Settings) -> Segmenter:
    """Stand in for ``models.catalog.open_model``."""
    return ScriptedSegmenter(name)


def frame(labels: np.ndarray, camera: str = 'front', stamp_ns: int = 1) -> Frame:
    return Frame(camera, stamp_ns, 'camera', drawn(labels))


def test_an_unconfigured_pipeline_answers_nothing() -> None:
    pipeline = Pipeline(opened)
    assert pipeline.run([frame(LABELS)], Settings()) == []
    assert pipeline.classes == ()
    pipeline.close()


def test_each_frame_gets_its_own_answer_in_order() -> None:
    pipeline = Pipeline(opened)
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


def test_no_frame_gives_no_result() -> None:
    pipeline = Pipeline(opened)
    pipeline.configure(Settings())
    assert pipeline.run([], Settings()) == []


def test_settings_reach_the_model() -> None:
    pipeline = Pipeline(opened)
    pipeline.configure(Settings())
    result, = pipeline.run([frame(LABELS)], Settings().changed({'output_size': '6x4'}))
    assert result.segmentation.size == (6, 4)


def test_the_classes_are_those_of_the_model_while_it_is_loaded() -> None:
    pipeline = Pipeline(opened)
    pipeline.configure(Settings())
    assert [c.name for c in pipeline.classes] == list(INDOOR.names)
    pipeline.close()
    assert pipeline.classes == ()
    assert pipeline.run([frame(LABELS)], Settings()) == []


SECOND = 1_000_000_000
HAMMER, WRENCH = Thing('hammer', 0.9, (2, 2, 8, 6)), Thing('wrench', 0.8, (10, 1, 18, 8))
ROOM = np.full((12, 20), FLOOR, np.uint8)
ALWAYS = {second: [HAMMER, WRENCH] for second in range(9)}


def finding(script: dict[int, list[Thing]], settings: Settings) -> Pipeline:
    """Return a pipeline whose instance models, whatever their name, find the objects of a script."""
    def opened(name: str, _: Settings) -> Segmenter:
        return ScriptedSegmenter(name) if name == 'indoor' else ScriptedInstances(script, name)
    pipeline = Pipeline(opened)
    pipeline.configure(settings)
    return pipeline


@pytest.fixture
def memory() -> CameraMemory:
    return CameraMemory(Ids())


def answered(pipeline: Pipeline, settings: Settings, second: int, memory: CameraMemory) -> Segmentation:
    result, = pipeline.run([frame(ROOM, '', second * SECOND)], settings, memory)
    return result.segmentation


def names_and_ids(found: Segmentation) -> list[tuple[str, int]]:
    assert found.instances is not None
    words = {c.id: c.name for c in THINGS}
    return [(words[int(k)], int(i)) for k, i in zip(found.instances.class_ids, found.instances.track_ids)]


@pytest.mark.parametrize(('change', 'ids'), [
    ({}, [1, 2]),
    ({'score_threshold': 0.3}, [1, 2]),
    ({'mode': 'panoptic'}, [1, 2]),  # the objects of the same model, now with labels
    ({'instance_model': 'plants'}, [3, 4]),
    ({'taxonomy': 'outdoor'}, [3, 4]),
])
def test_ids_and_counts_belong_to_the_model_that_finds_the_objects(change: dict[str, object], ids: list[int],
                                                                   memory: CameraMemory) -> None:
    before = Settings(mode='instance')
    pipeline = finding(ALWAYS, before)
    answered(pipeline, before, 1, memory)
    after = before.changed(change)
    pipeline.configure(after)
    assert names_and_ids(answered(pipeline, after, 2, memory)) == [('hammer', ids[0]), ('wrench', ids[1])]
    assert memory.counts() == {'hammer': (1, 1), 'wrench': (1, 1)}


def test_a_mode_without_objects_counts_none(memory: CameraMemory) -> None:
    pipeline = finding(ALWAYS, Settings(mode='instance'))
    answered(pipeline, Settings(mode='instance'), 1, memory)
    pipeline.configure(Settings())
    answered(pipeline, Settings(), 2, memory)
    assert memory.counts() == {}
    pipeline.configure(Settings(mode='instance'))
    assert memory.counts() == {}
    assert names_and_ids(answered(pipeline, Settings(mode='instance'), 3, memory)) == [('hammer', 3), ('wrench', 4)]


def test_without_tracking_nothing_is_counted_as_now(memory: CameraMemory) -> None:
    pipeline = finding(ALWAYS, Settings(mode='instance'))
    answered(pipeline, Settings(mode='instance'), 1, memory)
    assert names_and_ids(answered(pipeline, Settings(mode='instance', tracking=False), 2, memory)) == [
        ('hammer', 0), ('wrench', 0)]
    assert memory.counts() == {'hammer': (0, 1), 'wrench': (0, 1)}


@pytest.mark.parametrize(('change', 'kept'), [
    ({'target_class': 'wrench'}, [('wrench', 2)]), ({'target_id': 1}, [('hammer', 1)]),
    ({'target_id': 9}, []), ({}, [])])
@pytest.mark.parametrize('mode', ['instance', 'panoptic'])
def test_with_target_only_the_target_is_all_there_is(change: dict[str, object], kept: list[tuple[str, int]],
                                                     mode: str, memory: CameraMemory) -> None:
    settings = Settings(mode=mode, target_only=True).changed(change)
    pipeline = finding(ALWAYS, settings)
    result, = pipeline.run([frame(ROOM, '', SECOND)], settings, memory)
    assert names_and_ids(result.segmentation) == kept
    assert result.target == (0 if kept else None)
    assert memory.counts() == {'hammer': (1, 1), 'wrench': (1, 1)}  # the others are there all the same


def test_what_is_not_reported_does_not_repaint_the_labels(memory: CameraMemory) -> None:
    doubtful = Thing('wrench', 0.3, (10, 1, 18, 8))
    script = {1: [HAMMER, doubtful], 2: [HAMMER, WRENCH], 3: [HAMMER, doubtful]}
    settings = Settings(mode='panoptic')
    pipeline = finding(script, settings)
    painted = []
    for second in (1, 2, 3):
        found = answered(pipeline, settings, second, memory)
        assert found.labels is not None
        painted.append((len(names_and_ids(found)), bool((found.labels[1:8, 11:18] != FLOOR).all()),
                        bool((found.labels[1:8, 11:18] == FLOOR).all())))
    assert painted == [(1, False, True), (2, True, False), (2, True, False)]  # it may continue a track, not start one


@pytest.mark.parametrize(('nms_iou', 'kept'), [(0.8, [('hammer', 1)]), (1.0, [('hammer', 1), ('wrench', 2)])])
@pytest.mark.parametrize('mode', ['instance', 'panoptic'])
def test_one_object_in_two_classes_is_the_more_certain_one(mode: str, nms_iou: float,
                                                           kept: list[tuple[str, int]],
                                                           memory: CameraMemory) -> None:
    settings = Settings(mode=mode, nms_iou=nms_iou)
    pipeline = finding({1: [HAMMER, Thing('wrench', 0.8, (3, 2, 9, 6))]}, settings)  # 0.7 of both is shared
    if mode == 'panoptic':
        kept = [('hammer', 1)]  # each pixel belongs to one object
    assert names_and_ids(answered(pipeline, settings, 1, memory)) == kept


def test_a_box_longer_than_its_class_can_be_is_left_out_and_named() -> None:
    """A hammer 40 pixels long, a metre away from a camera of f = 50, is 0.8 m long."""
    things = {0: (Thing('hammer', 0.9, (10, 20, 50, 40)), Thing('wrench', 0.8, (60, 20, 70, 40)))}
    pipeline = Pipeline(lambda name, settings: ScriptedInstances(things))
    camera = Intrinsics(80, 60, 50.0, 50.0, 40.0, 30.0)
    seen = Frame('', 1, 'camera', np.zeros((60, 80, 3), np.uint8), np.full((60, 80), 1000, np.uint16), camera,
                 wanted=frozenset({'objects'}))
    settings = Settings().changed({'mode': 'instance', 'size_limits_m': ('hammer=0.5', '*=0.6')})
    pipeline.configure(settings)
    space = pipeline.run([seen], settings)[0].space
    assert space.objects is not None and space.objects.known.tolist() == [False, True]
    doubt = next(one for one in space.doubts if one.cause == 'size of hammer')
    assert doubt.fact.startswith('a box of hammer is 0.8') or doubt.fact.startswith('a box of hammer is 0.7')
