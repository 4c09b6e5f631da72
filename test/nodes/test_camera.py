# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a camera does not give, and why, stands in /diagnostics as long as it is so; nothing takes anything along."""

from __future__ import annotations

import logging
import re
import threading
from typing import Any

import cv2
import numpy as np
import pytest
import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from lifecycle_msgs.srv import GetState
from numpy.typing import NDArray
from rcl_interfaces.srv import GetParameters
from rclpy.context import Context
from rclpy.node import Node
from scenes.graph import RELIABLE, Graph, image, set_parameters, until, values_of
from scenes.scripted import ScriptedSegmenter, drawn, open_scripted
from sensor_msgs.msg import CameraInfo, CompressedImage, Image, PointCloud2
from vision_msgs.msg import Detection2DArray

from seg_ros.errors import ModelError
from seg_ros.health import darkness
from seg_ros.nodes import outputs, streams
from seg_ros.nodes.frames import depth_of, frame_of
from seg_ros.nodes.mailbox import Arrival
from seg_ros.records import Frame
from seg_ros.settings import Settings

PICTURE = drawn(np.zeros((12, 16), np.uint8))


class Filming:
    """Publishes a picture over and over until the block ends."""

    def __init__(self, graph: Graph, picture: NDArray[Any] = PICTURE, encoding: str = 'rgb8') -> None:
        self._picture, self._encoding = picture, encoding
        self._camera = graph.tester.create_publisher(Image, 'image', RELIABLE)
        self._clock, self._ended = graph.tester.get_clock(), threading.Event()
        self._thread = threading.Thread(target=self._film)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _film(self) -> None:
        while not self._ended.wait(0.05):
            now_ns = self._clock.now().nanoseconds
            self._camera.publish(image(self._picture, self._encoding, stamp=(now_ns // 10**9, now_ns % 10**9)))


def newest(reports: list[DiagnosticArray]) -> tuple[int, str]:
    """Return level and all words of the newest report."""
    if not reports:
        return -1, ''
    status = reports[-1].status[0]
    return status.level[0], f'{status.message} {values_of(reports)}'


@pytest.mark.parametrize(('topic', 'kind', 'words'), [
    ('instances', Detection2DArray, '~/instances, which mode semantic does not have'),
    ('points', PointCloud2, '~/points cannot be made: no camera_info comes with the image'),
])
def test_an_output_that_is_waited_for_and_not_given_is_accounted_for_until_it_is_over(
        ros_context: Context, topic: str, kind: type, words: str) -> None:
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        masks = graph.listen('/segmentation/mask', Image)
        with Filming(graph):
            waiting = graph.tester.create_subscription(kind, f'/segmentation/{topic}', print, RELIABLE)
            until(lambda: words in newest(reports)[1], 'it is not said')
            assert newest(reports)[0] == DiagnosticStatus.WARN[0]
            graph.tester.destroy_subscription(waiting)
            until(lambda: newest(reports)[0] == DiagnosticStatus.OK[0], 'it is still said')
        assert len(masks) > 10


def test_who_takes_labels_and_ids_as_a_map_does_lacks_nothing_in_a_mode_that_has_one(ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        masks, *_ = (graph.listen(f'/segmentation/{topic}', Image) for topic in ('mask', 'confidence', 'instance_ids'))
        graph.listen('/segmentation/instances', Detection2DArray)
        with Filming(graph):
            until(lambda: masks, 'nothing comes')
            reports.clear()
            until(lambda: len(reports) > 1, 'no diagnostics come')
            assert 'subscribes' not in newest(reports)[1] and newest(reports)[0] == DiagnosticStatus.OK[0]
            other = Node('other', context=ros_context)
            other.create_subscription(Image, '/segmentation/instance_ids', print, RELIABLE)
            until(lambda: '~/instance_ids, which mode semantic' in newest(reports)[1], 'it is not said')
            other.destroy_node()


@pytest.mark.parametrize(('kind', 'other', 'words'), [
    (Image, '/cam/camera_info_kept', 'no camera_info comes with the image: nobody publishes /camera_info. '),
    (CameraInfo, '/cam/camera_info',
     'no camera_info comes with the image: nobody publishes /camera_info; /cam/camera_info may be it. '),
    (Image, '/camera_info', 'no camera_info comes with the image: /camera_info carries sensor_msgs/msg/Image. '),
], ids=['nobody', 'it is elsewhere', 'another type'])
def test_a_topic_on_which_nothing_can_come_is_the_first_cause(ros_context: Context, ros_domain: int, kind: type,
                                                              other: str, words: str) -> None:
    elsewhere = Context()  # one participant cannot have two types on a topic
    rclpy.init(context=elsewhere, domain_id=ros_domain)
    driver = Node('driver', context=elsewhere)
    driver.create_publisher(kind, other, RELIABLE)
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.listen('/segmentation/points', PointCloud2)
        with Filming(graph):
            until(lambda: words.removesuffix('. ') in newest(reports)[1], 'it is not said')
        remedy = values_of(reports)['remedy']
        assert remedy == 'start what publishes it, or remap camera_info to the topic it comes on'
    driver.destroy_node()
    rclpy.try_shutdown(context=elsewhere)


def test_two_who_publish_on_one_topic_are_the_first_cause(ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.listen('/segmentation/mask', Image)
        other = Node('bag', context=ros_context)
        other.create_publisher(Image, 'image', RELIABLE)
        with Filming(graph):
            words = '2 nodes publish /image: /bag, /tester; '
            until(lambda: reports and reports[-1].status[0].message.startswith(words), 'it is not said')
            other.destroy_node()
            until(lambda: newest(reports)[0] == DiagnosticStatus.OK[0], 'it is still said')


def test_a_node_that_runs_twice_is_named(ros_context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('seg_ros.nodes.senders.GONE_S', 0.0)
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.listen('/segmentation/mask', Image)
        twin = Node('segmentation', context=ros_context)
        with Filming(graph):
            words = '2 nodes are called /segmentation, and publish on the same topics'
            until(lambda: reports and words in newest(reports)[1], 'it is not said')
            twin.destroy_node()
            until(lambda: newest(reports)[0] == DiagnosticStatus.OK[0], 'it is still said')


def test_a_publisher_that_is_there_may_take_its_time_and_is_named_when_it_sends_nothing(
        ros_context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with Graph(ros_context) as graph:
        graph.tester.create_publisher(CameraInfo, 'camera_info', RELIABLE)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.listen('/segmentation/points', PointCloud2)
        with Filming(graph):
            until(lambda: graph.node._cameras['']._inputs.since_s, 'it is not listened to')
            monkeypatch.setattr(streams, 'GRACE_S', -1.0)  # it is over
            until(lambda: int(values_of(reports).get('published', 0)) > 10, 'nothing is answered')
            assert newest(reports)[0] == DiagnosticStatus.OK[0]
            monkeypatch.setattr(streams, 'MEETING_S', -1.0)
            words = 'no camera_info comes with the image, though /camera_info has a publisher'
            until(lambda: words in newest(reports)[1], 'it is not said')


def test_an_output_that_fails_takes_no_other_along(ros_context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise OSError('the picture is gone')

    overlay = next(one for one in outputs.OUTPUTS if one.name == 'overlay')
    monkeypatch.setattr(outputs, 'OUTPUTS', tuple(
        outputs.Output('overlay', Image, broken) if one is overlay else one for one in outputs.OUTPUTS))
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        masks = graph.listen('/segmentation/mask', Image)
        graph.listen('/segmentation/overlay', Image)
        with Filming(graph):
            until(lambda: 'overlay cannot be made: the picture is gone' in newest(reports)[1], 'it is not said')
            assert newest(reports)[0] == DiagnosticStatus.ERROR[0]
            before = len(masks)
            until(lambda: len(masks) > before + 5, 'the mask does not go on')


def test_why_the_models_could_not_be_loaded_stands_in_the_diagnostics(ros_context: Context) -> None:
    with Graph(ros_context, {'semantic_model': 'zebra'}) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        until(lambda: "there is no model 'zebra'" in newest(reports)[1], 'it is not said')
        assert newest(reports)[0] == DiagnosticStatus.ERROR[0]


@pytest.mark.parametrize('error', [RuntimeError('out of memory'), OSError('no such user'), OverflowError('9 exabytes'),
                                   ModelError('there is none')])
def test_whatever_a_model_raises_refuses_the_parameter_and_the_node_lives(ros_context: Context,
                                                                          error: Exception) -> None:
    def opened(name: str, settings: Settings) -> Any:
        if name == 'slow':
            raise error
        return open_scripted(name, settings)

    with Graph(ros_context, open_model=opened) as graph:
        answer = set_parameters(graph, semantic_model='slow')
        assert not answer.successful
        assert str(error).rstrip('.') in answer.reason
        assert graph.node.settings.semantic_model == 'indoor'


def test_the_node_answers_while_a_model_loads(ros_context: Context) -> None:
    loading, go_on = threading.Event(), threading.Event()

    def opened(name: str, settings: Settings) -> Any:
        if name == 'slow':
            loading.set()
            assert go_on.wait(20.0)
        return ScriptedSegmenter(name)

    with Graph(ros_context, open_model=opened) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        setting = threading.Thread(target=set_parameters, args=(graph,), kwargs={'semantic_model': 'slow'})
        setting.start()
        assert loading.wait(10.0)
        state, parameters = (graph.tester.create_client(kind, f'/segmentation/{name}') for kind, name in (
            (GetState, 'get_state'), (GetParameters, 'get_parameters')))
        assert state.wait_for_service(5.0)
        assert parameters.wait_for_service(5.0)
        for client, request in ((state, GetState.Request()), (parameters, GetParameters.Request(names=['mode']))):
            future = client.call_async(request)
            until(future.done, 'no answer while the model loads')
        count = len(reports)
        until(lambda: len(reports) >= count + 2, 'no diagnostics while the model loads')
        go_on.set()
        setting.join(10.0)
        assert graph.node.settings.semantic_model == 'slow'


def test_a_node_that_loads_its_first_model_says_so(ros_context: Context) -> None:
    go_on = threading.Event()

    def opened(name: str, settings: Settings) -> Any:
        assert go_on.wait(20.0)
        return ScriptedSegmenter(name)

    with Graph(ros_context, {'autostart': False}, opened) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        loading = threading.Thread(target=graph.node.trigger_configure)
        loading.start()
        for words in ('what mode semantic needs is being loaded', 'the node is not active'):
            until(lambda: reports and reports[-1].status[0].message == words, f'it does not say: {words}')
            go_on.set()
        loading.join(10.0)


def test_a_failure_of_every_image_is_logged_once(ros_context: Context, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(ScriptedSegmenter):
        def segment(self, frames: Any, settings: Settings) -> Any:
            if any(frame.stamp_ns for frame in frames):
                raise ValueError('a tensor of the wrong shape')
            return super().segment(frames, settings)

    with Graph(ros_context, open_model=lambda name, settings: Broken(name)) as graph:
        logging.getLogger('seg_ros').addHandler(caplog.handler)  # while a node runs records go to it, and no further
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.listen('/segmentation/mask', Image)
        with Filming(graph):
            until(lambda: int(values_of(reports).get('undecodable', 0)) > 10, 'they are not counted')
    logging.getLogger('seg_ros').removeHandler(caplog.handler)
    traces = [record for record in caplog.records if record.exc_info]
    assert len(traces) == 1


@pytest.mark.parametrize(('came', 'depth', 'words'), [
    (Arrival(None, depth='message', depth_gap_ns=0), np.ones((12, 16), np.uint16), 'with depth'),
    (Arrival(None, depth='message', depth_gap_ns=0), None, 'with unreadable depth'),
    (Arrival(None, depth_gap_ns=50_000_000), None, 'with depth out of step'),
    (Arrival(None), None, 'without depth'),
])
def test_images_are_counted_by_the_depth_that_they_have(came: Arrival, depth: Any, words: str) -> None:
    assert depth_of(Frame('', 0, '', PICTURE, depth), came) == words


def test_black_pictures_stand_in_the_diagnostics_until_light_comes(ros_context: Context,
                                                                   monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(darkness, 'PATIENCE_S', 0.0)
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.listen('/segmentation/mask', Image)
        with Filming(graph, np.zeros_like(PICTURE)):
            until(lambda: 'the images have been black' in newest(reports)[1], 'it is not said')
            assert newest(reports)[0] == DiagnosticStatus.WARN[0]
        until(lambda: 'stopped' in newest(reports)[1], 'that it stopped is not said')
        assert 'black' not in newest(reports)[1]  # of a camera that sends nothing that is not known
        with Filming(graph, np.full_like(PICTURE, 90)):
            until(lambda: newest(reports)[0] == DiagnosticStatus.OK[0], 'it is still said')


def test_what_is_doubted_of_the_last_good_image_goes_when_the_images_fail(ros_context: Context,
                                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(darkness, 'PATIENCE_S', 0.0)
    depth_as_image = np.zeros((12, 16), np.uint16)
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.listen('/segmentation/mask', Image)
        with Filming(graph, depth_as_image, '16UC1'):
            until(lambda: {'16UC1', 'black'} <= {*re.findall('16UC1|black', newest(reports)[1])}, 'it is not said')
        with Filming(graph, depth_as_image, '16UC9'):
            until(lambda: newest(reports)[0] == DiagnosticStatus.ERROR[0] and 'could not be used' in newest(reports)[1]
                  and not {'also 1'} & values_of(reports).keys(), 'more is said than that they fail')


def test_a_frame_brings_the_doubt_of_its_jpeg() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), np.uint8)
    data = bytearray(cv2.imencode('.jpg', noise)[1])
    data[len(data) // 2:len(data) // 2 + 40] = bytes(range(40))
    frame = frame_of('', Arrival(CompressedImage(format='jpeg', data=bytes(data))), Settings())
    assert [doubt.cause for doubt in frame.doubts] == ['jpeg']
