# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The real node over DDS, with a segmenter that is exact on drawn scenes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from diagnostic_msgs.msg import DiagnosticArray
from rclpy.context import Context
from scenes.graph import (
    BEST_EFFORT,
    LATCHED,
    RELIABLE,
    Graph,
    image,
    pixels_of,
    set_parameters,
    until,
    values_of,
)
from scenes.scripted import INDOOR, ScriptedSegmenter, drawn
from sensor_msgs.msg import Image
from vision_msgs.msg import LabelInfo

from seg_ros.records import UNLABELLED

FLOOR, WALL, PERSON = 0, 1, 7


def room() -> np.ndarray:
    """Floor below a wall, a person standing in it, and a corner of something unforeseen."""
    labels = np.full((12, 16), WALL, np.uint8)
    labels[7:] = FLOOR
    labels[4:9, 6:9] = PERSON
    labels[:2, :3] = UNLABELLED
    return labels


def test_a_mask_has_the_pixels_size_stamp_and_frame_of_its_image(ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        confidences = graph.listen('/segmentation/confidence', Image)
        graph.camera()(image(drawn(room()), stamp=(17, 999_999_999), frame_id='head_optical_frame'))
        until(lambda: masks and confidences, 'no mask')
    for message in (masks[0], confidences[0]):
        assert (message.header.stamp.sec, message.header.stamp.nanosec) == (17, 999_999_999)
        assert message.header.frame_id == 'head_optical_frame'
        assert (message.encoding, message.width, message.height, message.step) == ('mono8', 16, 12, 16)
    np.testing.assert_array_equal(pixels_of(masks[0]), room())
    np.testing.assert_array_equal(pixels_of(confidences[0]), np.where(room() == UNLABELLED, 0, 200))


def test_the_overlay_is_a_picture_of_the_same_size(ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        overlays = graph.listen('/segmentation/overlay', Image)
        graph.camera()(image(drawn(np.full((90, 120), FLOOR, np.uint8))))
        until(lambda: overlays, 'no overlay')
    assert (overlays[0].encoding, overlays[0].width, overlays[0].height) == ('rgb8', 120, 90)
    assert tuple(pixels_of(overlays[0])[5, 100]) == INDOOR.classes[FLOOR].colour  # blended with itself


def test_output_size_resizes_mask_and_confidence_alike(ros_context: Context) -> None:
    with Graph(ros_context, {'output_size': '8x6'}) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        confidences = graph.listen('/segmentation/confidence', Image)
        graph.camera()(image(drawn(room())))
        until(lambda: masks and confidences, 'no mask')
    np.testing.assert_array_equal(pixels_of(masks[0]), room()[::2, ::2])
    assert (confidences[0].width, confidences[0].height, confidences[0].step) == (8, 6, 8)


def test_a_late_latched_subscriber_gets_the_class_names_once(ros_context: Context) -> None:
    with Graph(ros_context, {'unlabelled_threshold': 0.25}) as graph:
        time.sleep(0.3)
        infos = graph.listen('/segmentation/label_info', LabelInfo, LATCHED)
        until(lambda: infos, 'no LabelInfo')
        masks = graph.listen('/segmentation/mask', Image)
        graph.camera()(image(drawn(room())))
        until(lambda: masks, 'no mask')
    assert len(infos) == 1
    assert [(c.class_id, c.class_name) for c in infos[0].class_map] == [(c.id, c.name) for c in INDOOR.classes]
    assert infos[0].threshold == pytest.approx(0.25)


@pytest.mark.parametrize('qos', [RELIABLE, BEST_EFFORT], ids=['reliable camera', 'best effort camera'])
def test_cameras_of_either_reliability_are_met(ros_context: Context, qos: Any) -> None:
    with Graph(ros_context) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        publish = graph.camera(qos=qos)
        for second in range(20):
            publish(image(drawn(room()), stamp=(second, 0)))
            time.sleep(0.02)
        until(lambda: masks, 'no mask')
    np.testing.assert_array_equal(pixels_of(masks[0]), room())


def test_best_effort_and_reliable_subscribers_both_receive_the_mask(ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        reliable = graph.listen('/segmentation/mask', Image, RELIABLE)
        best_effort = graph.listen('/segmentation/mask', Image, BEST_EFFORT)
        publish = graph.camera()
        for second in range(10):
            publish(image(drawn(room()), stamp=(second, 0)))
            time.sleep(0.03)
        until(lambda: reliable and best_effort, 'one of the two got nothing')


def test_no_image_is_received_while_nobody_listens(ros_context: Context) -> None:
    segmenter = ScriptedSegmenter()
    with Graph(ros_context, open_model=lambda name, settings: segmenter) as graph:
        camera = graph.tester.create_publisher(Image, 'image', RELIABLE)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        until(lambda: reports and reports[-1].status[0].message.startswith('resting'), 'it is not said')
        until(lambda: camera.get_subscription_count() == 0, 'it does not rest')
        mask = graph.tester.create_subscription(Image, '/segmentation/mask', print, RELIABLE)
        until(camera.get_subscription_count, 'it does not wake')
        until(lambda: (camera.publish(image(drawn(room()), stamp=(2, 0))), time.sleep(0.05), segmenter.seen)[2],
              'no answer')
        graph.tester.destroy_subscription(mask)
        until(lambda: camera.get_subscription_count() == 0, 'it does not rest again')
    assert set(segmenter.seen) == {2_000_000_000}


def test_a_slow_model_answers_the_newest_frame_and_counts_the_rest(ros_context: Context) -> None:
    segmenter = ScriptedSegmenter(delay_s=0.3)
    with Graph(ros_context, open_model=lambda name, settings: segmenter) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        publish = graph.camera()
        for second in range(1, 31):  # 30 frames in about 0.6 s
            publish(image(drawn(room()), stamp=(second, 0)))
            time.sleep(0.02)
        until(lambda: masks and masks[-1].header.stamp.sec == 30, 'the newest frame was not answered')
        until(lambda: values_of(reports).get('published') == str(len(segmenter.seen)), 'no report of the last frame')
        counts = values_of(reports)
        answered, dropped, received = len(segmenter.seen), int(counts['dropped']), int(counts['received'])
    assert answered <= 6
    assert answered + dropped == received
    assert received >= 25  # on a busy machine DDS, which keeps one, may replace a frame before it is fetched
    assert segmenter.seen == sorted(segmenter.seen)
    assert segmenter.threads == {'networks'}


def bad_images() -> list[tuple[str, Image]]:
    good = image(drawn(room()))
    empty = image(np.zeros((0, 0, 3), np.uint8))
    short = image(drawn(room()))
    short.data = short.data[:-1]
    unknown = image(drawn(room()), 'rgb9')
    narrow = image(drawn(room()))
    narrow.step = 3
    assert good.step == 48
    return [('empty', empty), ('short', short), ('unknown encoding', unknown), ('step below width', narrow)]


@pytest.mark.parametrize(('what', 'bad'), bad_images(), ids=[name for name, _ in bad_images()])
def test_a_bad_frame_is_counted_and_the_next_one_answered(ros_context: Context, what: str, bad: Image) -> None:
    with Graph(ros_context) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        publish = graph.camera()
        publish(bad)
        until(lambda: values_of(reports).get('undecodable') == '1', f'{what} was not counted')
        assert values_of(reports)['last error'] != ''
        publish(image(drawn(room()), stamp=(9, 0)))
        until(lambda: masks, 'the node no longer answers')
    assert masks[0].header.stamp.sec == 9


def test_the_size_may_change_in_mid_stream(ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        publish = graph.camera()
        for second, (height, width) in enumerate(((12, 16), (1, 1), (48, 64)), start=1):
            publish(image(drawn(np.full((height, width), WALL, np.uint8)), stamp=(second, 0)))
            until(lambda: len(masks) == second, 'no mask')
            np.testing.assert_array_equal(pixels_of(masks[-1]), np.full((height, width), WALL))


def test_a_parameter_change_takes_effect_before_the_next_frame(ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        publish = graph.camera()
        assert set_parameters(graph, output_size='4x3').successful
        publish(image(drawn(room())))
        until(lambda: masks, 'no mask')
    assert (masks[0].width, masks[0].height) == (4, 3)


@pytest.mark.parametrize(('values', 'reason'), [
    ({'output_size': '4'}, "output_size is '4'. Write WIDTHxHEIGHT in pixels, 424x240 say."),
    ({'semantic_model': 'nowhere'}, "there is no model 'nowhere'. Use indoor or slow."),
    ({'output_size': '4x3', 'mode': 'driving'}, "mode is 'driving'."),
    ({'device': 'cpu'}, 'read_only'),
])
def test_a_refused_change_says_why_and_changes_nothing(ros_context: Context, values: dict[str, Any],
                                                       reason: str) -> None:
    with Graph(ros_context) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        answer = set_parameters(graph, **values)
        graph.camera()(image(drawn(room())))
        until(lambda: masks, 'no mask')
        assert graph.node.get_parameter('output_size').value == ''
    assert not answer.successful
    assert reason in answer.reason or (reason == 'read_only' and 'read-only' in answer.reason)
    assert (masks[0].width, masks[0].height) == (16, 12)


def test_another_model_replaces_the_first_which_is_closed(ros_context: Context) -> None:
    opened: list[ScriptedSegmenter] = []

    def open_model(name: str, settings: Any) -> ScriptedSegmenter:
        opened.append(ScriptedSegmenter(name))
        return opened[-1]

    with Graph(ros_context, open_model=open_model) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        assert set_parameters(graph, semantic_model='other').successful
        graph.camera()(image(drawn(room())))
        until(lambda: masks, 'no mask')
        assert [(s.name, s.closed) for s in opened] == [('indoor', True), ('other', False)]
        assert opened[1].seen == [1_000_000_002]
    assert opened[1].closed


def test_several_cameras_are_one_batch_with_their_own_topics(ros_context: Context) -> None:
    with Graph(ros_context, {'cameras': ['front', 'left']}) as graph:
        front = graph.listen('/segmentation/front/mask', Image)
        left = graph.listen('/segmentation/left/mask', Image)
        graph.camera('front/image')(image(drawn(room()), frame_id='front'))
        graph.camera('left/image')(image(drawn(room()[:, ::-1]), frame_id='left'))
        until(lambda: front and left, 'one camera was not answered')
    np.testing.assert_array_equal(pixels_of(front[0]), room())
    np.testing.assert_array_equal(pixels_of(left[0]), room()[:, ::-1])
    assert (front[0].header.frame_id, left[0].header.frame_id) == ('front', 'left')
