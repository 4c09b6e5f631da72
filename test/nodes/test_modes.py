# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Instance and panoptic mode, and switching, through the real node over DDS."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from numpy.typing import NDArray
from rclpy.context import Context
from scenes.graph import LATCHED, Graph, image, pixels_of, set_parameters, until, values_of
from scenes.scripted import INDOOR, THINGS, ScriptedInstances, ScriptedSegmenter, Thing, crop_of, drawn
from sensor_msgs.msg import Image
from std_srvs.srv import SetBool, Trigger
from vision_msgs.msg import Detection2DArray, LabelInfo

from seg_ros.errors import ModelError
from seg_ros.models.segmenter import Segmenter
from seg_ros.pipeline.loaded import OpenModel
from seg_ros.settings import Settings

WIDTH, HEIGHT = 24, 16
FLOOR, OBJECT, PERSON = 0, 9, 7

HAMMER = Thing('hammer', 0.9, (2, 2, 12, 12))
WRENCH = Thing('wrench', 0.7, (8, 6, 20, 14))  # overlaps the hammer, which is more certain
CROSSING = {1: [HAMMER, WRENCH], 2: [HAMMER, WRENCH], 3: []}


def models(script: Mapping[int, Sequence[Thing]], opened: list[Any] | None = None) -> OpenModel:
    """Return what opens the scripted models: ``indoor`` and ``everyday``; opened ones are noted down."""
    def open_model(name: str, settings: Settings) -> Segmenter:
        if name not in ('indoor', 'everyday'):
            raise ModelError(f"there is no model '{name}'")
        model = ScriptedSegmenter(name) if name == 'indoor' else ScriptedInstances(script, name)
        if opened is not None:
            opened.append(model)
        return model
    return open_model


def floor() -> NDArray[np.uint8]:
    return drawn(np.full((HEIGHT, WIDTH), FLOOR, np.uint8))


def full_mask(thing: Thing) -> NDArray[np.uint8]:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    left, top, right, bottom = thing.box
    mask[top:bottom, left:right] = crop_of(thing) * 255
    return mask


def ids_of(message: Image) -> NDArray[np.uint16]:
    assert message.encoding == 'mono16' and message.step == 2 * message.width
    return np.frombuffer(bytes(message.data), np.uint16).reshape(message.height, message.width)


@pytest.mark.parametrize('mode', ['instance', 'panoptic'])
def test_objects_keep_their_order_ids_and_overlaps_on_every_topic(ros_context: Context, mode: str) -> None:
    with Graph(ros_context, {'mode': mode}, models(CROSSING)) as graph:
        detections = graph.listen('/segmentation/instances', Detection2DArray)
        ids = graph.listen('/segmentation/instance_ids', Image)
        masks = graph.listen('/segmentation/instance_masks', Image)
        graph.camera()(image(floor(), stamp=(1, 5), frame_id='arm'))
        until(lambda: detections and ids and masks, 'an output is missing')
    for message in (detections[0], ids[0], masks[0]):
        assert (message.header.stamp.sec, message.header.stamp.nanosec, message.header.frame_id) == (1, 5, 'arm')
    hammer, wrench = detections[0].detections
    assert [d.results[0].hypothesis.class_id for d in (hammer, wrench)] == ['hammer', 'wrench']
    assert hammer.results[0].hypothesis.score == pytest.approx(0.9)
    assert (hammer.bbox.center.position.x, hammer.bbox.center.position.y) == (7.0, 7.0)
    assert (wrench.bbox.size_x, wrench.bbox.size_y) == (12.0, 8.0)
    assert len({hammer.id, wrench.id, '0'}) == 3
    front = np.zeros((HEIGHT, WIDTH), np.uint16)
    front[full_mask(WRENCH) > 0] = 2
    front[full_mask(HAMMER) > 0] = 1
    np.testing.assert_array_equal(ids_of(ids[0]), front)
    assert (masks[0].encoding, masks[0].height, masks[0].width) == ('mono8', 2 * HEIGHT, WIDTH)
    np.testing.assert_array_equal(pixels_of(masks[0])[:HEIGHT], full_mask(HAMMER))
    np.testing.assert_array_equal(pixels_of(masks[0])[HEIGHT:], full_mask(WRENCH))


def test_nothing_found_is_published_not_silent(ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'instance'}, models(CROSSING)) as graph:
        detections = graph.listen('/segmentation/instances', Detection2DArray)
        ids = graph.listen('/segmentation/instance_ids', Image)
        masks = graph.listen('/segmentation/instance_masks', Image)
        graph.camera()(image(floor(), stamp=(3, 0)))
        until(lambda: detections and ids and masks, 'an output is missing')
    assert len(detections[0].detections) == 0
    assert (masks[0].height, masks[0].width, len(masks[0].data)) == (0, WIDTH, 0)
    assert not ids_of(ids[0]).any()


def test_ids_last_from_frame_to_frame_and_are_new_after_a_reset(ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'instance'}, models({k: [HAMMER, WRENCH] for k in (1, 2, 3)})) as graph:
        detections = graph.listen('/segmentation/instances', Detection2DArray)
        publish = graph.camera()
        for second in (1, 2):
            publish(image(floor(), stamp=(second, 0)))
            until(lambda: len(detections) == second, 'no detections')
        client = graph.tester.create_client(Trigger, '/segmentation/reset_tracks')
        assert client.wait_for_service(5.0)
        future = client.call_async(Trigger.Request())
        until(future.done, 'reset_tracks did not answer')
        publish(image(floor(), stamp=(3, 0)))
        until(lambda: len(detections) == 3, 'no detections')
    first, second, third = ([d.id for d in message.detections] for message in detections)
    assert first == second
    assert future.result().success
    assert not set(third) & set(first)


def test_without_tracking_every_id_is_zero(ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'instance', 'tracking': False}, models(CROSSING)) as graph:
        detections = graph.listen('/segmentation/instances', Detection2DArray)
        graph.camera()(image(floor(), stamp=(1, 0)))
        until(lambda: detections, 'no detections')
    assert [d.id for d in detections[0].detections] == ['0', '0']


def test_objects_are_counted_per_class_in_diagnostics(ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'instance'}, models(CROSSING)) as graph:
        detections = graph.listen('/segmentation/instances', Detection2DArray)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        publish = graph.camera()
        for second in (1, 3):
            publish(image(floor(), stamp=(second, 0)))
            time.sleep(0.1)
        until(lambda: len(detections) == 2, 'no detections')
        until(lambda: values_of(reports).get('published') == '2', 'no diagnostics')
    assert (values_of(reports)['hammer now'], values_of(reports)['hammer ever']) == ('0', '1')


def test_panoptic_labels_agree_with_the_objects_and_the_rest_is_stuff(ros_context: Context) -> None:
    person = Thing('person', 0.8, (14, 0, 18, 6))
    with Graph(ros_context, {'mode': 'panoptic'}, models({1: [HAMMER, person]})) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        confidences = graph.listen('/segmentation/confidence', Image)
        infos = graph.listen('/segmentation/label_info', LabelInfo, LATCHED)
        graph.camera()(image(floor(), stamp=(1, 0)))
        until(lambda: masks and confidences and infos, 'an output is missing')
    expected = np.full((HEIGHT, WIDTH), FLOOR, np.uint8)
    expected[full_mask(HAMMER) > 0] = OBJECT  # the taxonomy's word for a hammer
    expected[full_mask(person) > 0] = PERSON
    np.testing.assert_array_equal(pixels_of(masks[0]), expected)
    assert pixels_of(confidences[0])[5, 5] == 229  # 0.9 of 255, in single precision
    names = {c.class_id: c.class_name for c in infos[0].class_map}
    assert names == {c.id: c.name for c in (*INDOOR.classes, *THINGS)}


def test_the_target_alone_is_in_the_mask_array_when_asked(ros_context: Context) -> None:
    parameters = {'mode': 'instance', 'target_class': 'wrench', 'target_only': True}
    with Graph(ros_context, parameters, models(CROSSING)) as graph:
        masks = graph.listen('/segmentation/instance_masks', Image)
        publish = graph.camera()
        publish(image(floor(), stamp=(1, 0)))
        until(lambda: masks, 'no masks')
        publish(image(floor(), stamp=(3, 0)))  # the wrench is gone
        until(lambda: len(masks) == 2, 'no masks')
    np.testing.assert_array_equal(pixels_of(masks[0]), full_mask(WRENCH))
    assert masks[1].height == 0


@pytest.mark.parametrize(('tracking', 'marked'), [(True, [HAMMER]), (False, [])])
def test_the_target_alone_is_marked_in_the_overlay(ros_context: Context, tracking: bool,
                                                   marked: list[Thing]) -> None:
    """Without ids nothing is marked, rather than everything that has id 0."""
    parameters = {'mode': 'instance', 'target_class': 'hammer', 'tracking': tracking}
    with Graph(ros_context, parameters, models({1: [HAMMER, WRENCH]})) as graph:
        overlays = graph.listen('/segmentation/overlay', Image)
        graph.camera()(image(floor(), stamp=(1, 0)))
        until(lambda: overlays, 'no overlay')
    white = (pixels_of(overlays[0]) == 255).all(axis=2)
    for thing in (HAMMER, WRENCH):
        _, _, right, bottom = thing.box
        lower_right = white[bottom - 2:bottom + 2, right - 2:right + 2]
        assert bool(lower_right.any()) is (thing in marked)


@pytest.mark.parametrize(('parameters', 'kept'), [
    ({'classes': ['wrench']}, ['wrench']),
    ({'score_threshold': 0.8}, ['hammer']),
    ({'score_threshold': 0.8, 'track_low_score': 0.9}, ['hammer']),
])
def test_what_is_kept_is_chosen_by_class_and_score(ros_context: Context, parameters: dict[str, Any],
                                                   kept: list[str]) -> None:
    with Graph(ros_context, {'mode': 'instance', **parameters}, models(CROSSING)) as graph:
        detections = graph.listen('/segmentation/instances', Detection2DArray)
        graph.camera()(image(floor(), stamp=(1, 0)))
        until(lambda: detections, 'no detections')
    assert [d.results[0].hypothesis.class_id for d in detections[0].detections] == kept


def test_a_mode_switch_while_frames_stream_changes_the_next_frame_and_frees_the_model(ros_context: Context) -> None:
    opened: list[Any] = []
    with Graph(ros_context, open_model=models(CROSSING, opened)) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        detections = graph.listen('/segmentation/instances', Detection2DArray)
        publish = graph.camera()
        with streaming(publish):
            until(lambda: masks, 'no mask')
            assert set_parameters(graph, mode='instance').successful
            until(lambda: detections, 'no detections')
            count = len(masks)
            time.sleep(0.2)
            assert len(masks) <= count + 1  # one may have been on its way
            assert [(m.name, m.closed) for m in opened] == [('indoor', True), ('everyday', False)]
            assert set_parameters(graph, mode='semantic').successful
            until(lambda: len(masks) > count + 2, 'no mask after switching back')
    assert [(m.name, m.closed) for m in opened] == [('indoor', True), ('everyday', True), ('indoor', True)]


def test_models_stay_loaded_when_asked_and_are_opened_once(ros_context: Context) -> None:
    opened: list[Any] = []
    with Graph(ros_context, {'keep_models_loaded': True}, models(CROSSING, opened)) as graph:
        for mode in ('instance', 'panoptic', 'semantic', 'instance'):
            assert set_parameters(graph, mode=mode).successful
        assert [(m.name, m.closed) for m in opened] == [('indoor', False), ('everyday', False)]
    assert all(m.closed for m in opened)


@pytest.mark.parametrize(('values', 'reason'), [
    ({'mode': 'instance', 'instance_model': 'indoor'},
     "mode instance needs a model that does instance segmentation, and instance_model 'indoor' does semantic"),
    ({'mode': 'instance', 'instance_model': 'nowhere'}, "there is no model 'nowhere'"),
    ({'mode': 'instance', 'classes': ['hamer']}, "classes has 'hamer', which everyday does not find; "
                                                 "the nearest known is 'hammer'"),
    ({'mode': 'instance', 'target_class': 'sofa'}, "target_class has 'sofa'"),
    ({'mode': 'instance', 'size_limits_m': ['sofa=2', '*=1']}, "size_limits_m has 'sofa'"),
    ({'score_threshold': 1.5}, 'score_threshold'),
])
def test_a_refused_switch_says_why_and_the_old_mode_goes_on(ros_context: Context, values: dict[str, Any],
                                                            reason: str) -> None:
    opened: list[Any] = []
    with Graph(ros_context, open_model=models(CROSSING, opened)) as graph:
        answer = set_parameters(graph, **values)
        masks = graph.listen('/segmentation/mask', Image)
        graph.camera()(image(floor(), stamp=(1, 0)))
        until(lambda: masks, 'the old mode stopped')
        assert [m.closed for m in opened] == [False] + [True] * (len(opened) - 1)
    assert not answer.successful
    assert reason in answer.reason


def test_enable_pauses_and_resumes(ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        publish = graph.camera()
        client = graph.tester.create_client(SetBool, '/segmentation/enable')
        assert client.wait_for_service(5.0)
        for wanted, second in ((False, 1), (True, 2)):
            future = client.call_async(SetBool.Request(data=wanted))
            until(future.done, 'enable did not answer')
            assert future.result().success
            publish(image(floor(), stamp=(second, 0)))
            time.sleep(0.2)
        until(lambda: masks, 'not resumed')
    assert [m.header.stamp.sec for m in masks] == [2]


class streaming:  # noqa: N801 - reads as a sentence in a with statement
    """Publishes a frame every 20 ms until the block ends."""

    def __init__(self, publish: Any) -> None:
        self._publish, self._ended = publish, threading.Event()
        self._thread = threading.Thread(target=self._stream)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _stream(self) -> None:
        second = 10
        while not self._ended.wait(0.02):
            self._publish(image(floor(), stamp=(second, 0)))
            second += 1
