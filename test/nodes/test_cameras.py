# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Cameras as they are: any quality of service, JPEG, gone and back, late, wrong, and what the node says of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import rclpy
import yaml
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from rclpy.context import Context
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock
from scenes.child import kill
from scenes.graph import BEST_EFFORT, LATCHED, RELIABLE, Graph, image, pixels_of, until
from scenes.playing import player
from scenes.scripted import ScriptedSegmenter, drawn
from sensor_msgs.msg import CompressedImage, Image

from seg_ros.bridge.images import decode_image
from seg_ros.nodes import senders
from seg_ros.settings import Settings

R, B = ReliabilityPolicy.RELIABLE, ReliabilityPolicy.BEST_EFFORT
V, T = DurabilityPolicy.VOLATILE, DurabilityPolicy.TRANSIENT_LOCAL
FLOOR, WALL = 0, 1
PICTURE = drawn(np.full((12, 16), WALL, np.uint8))


def status(reports: list[DiagnosticArray], camera: int = 0) -> Any:
    """Return level and sentence of the newest diagnostics of a camera."""
    return (reports[-1].status[camera].level, reports[-1].status[camera].message) if reports else (None, '')


def rises_to(reports: list[DiagnosticArray], level: bytes, words: str) -> None:
    until(lambda: status(reports)[0] == level and words in status(reports)[1],
          f'diagnostics never said {words}', 12.0)


def asked_of(graph: Graph, topic: str) -> set[tuple[Any, Any]]:
    """Return the quality of service with which the node subscribes to a topic."""
    return {(info.qos_profile.reliability, info.qos_profile.durability)
            for info in graph.tester.get_subscriptions_info_by_topic(topic)}


OFFERS = {  # camera: what its publishers offer, what the node asks for
    'reliable': ([(R, V)], (R, V)),
    'best_effort': ([(B, V)], (B, V)),
    'latched': ([(R, T)], (R, T)),
    'latched_best_effort': ([(B, T)], (B, T)),
    'two_alike': ([(R, V), (R, V)], (R, V)),
    'two_different': ([(R, T), (B, V)], (B, V)),
    'none': ([], (B, V)),
}


def test_quality_of_service_is_taken_from_the_publishers(ros_context: Context) -> None:
    with Graph(ros_context, {'cameras': list(OFFERS)}) as graph:
        masks, publishers = {}, {}
        for camera, (offers, _) in OFFERS.items():
            masks[camera] = graph.listen(f'/segmentation/{camera}/mask', Image)
            publishers[camera] = [graph.tester.create_publisher(
                Image, f'{camera}/image', QoSProfile(depth=1, reliability=r, durability=d)) for r, d in offers]
        for camera, (_, asked) in OFFERS.items():
            until(lambda: asked_of(graph, f'/{camera}/image') == {asked}, f'{camera} is not met')
        for publisher in (p for found in publishers.values() for p in found):
            publisher.publish(image(PICTURE))
        until(lambda: all(masks[camera] for camera, (offers, _) in OFFERS.items() if offers), 'one was not heard')


def test_a_camera_that_turns_to_best_effort_is_named_once_and_met(ros_context: Context,
                                                                  capfd: pytest.CaptureFixture[str]) -> None:
    with Graph(ros_context) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        first = graph.tester.create_publisher(Image, 'image', RELIABLE)
        until(lambda: asked_of(graph, '/image') == {(R, V)}, 'the reliable camera is not met')
        second = graph.tester.create_publisher(Image, 'image', BEST_EFFORT)
        until(lambda: asked_of(graph, '/image') == {(B, V)}, 'the best-effort camera is not met')
        second.publish(image(PICTURE))
        until(lambda: masks, 'no mask')
        graph.tester.destroy_publisher(first)
    said = capfd.readouterr().err
    assert said.count('/image: /tester offers best_effort, this node asked for reliable, so nothing passes.') == 1


def test_a_subscriber_that_asks_for_too_much_is_named_once_with_the_remedy(ros_context: Context,
                                                                           capfd: pytest.CaptureFixture[str]) -> None:
    sentence = ('/segmentation/mask: /tester asks for transient_local, this node offers volatile, so nothing passes. '
                'Set the durability of /tester to volatile.')
    said = ['']
    with Graph(ros_context) as graph:
        graph.tester.create_subscription(Image, '/segmentation/mask', lambda message: None, LATCHED)

        def is_said() -> bool:
            said.append(capfd.readouterr().err)
            return sentence in ''.join(said)

        until(is_said, 'nothing is said')
        reports = graph.listen('/diagnostics', DiagnosticArray)
        until(lambda: len(reports) >= 2, 'no diagnostics')  # the node has looked again since
    said.append(capfd.readouterr().err)
    assert ''.join(said).count(sentence) == 1


@pytest.mark.parametrize(('topic', 'suffix', 'words'), [
    ('/cam/image_raw', '.jpg', 'rgb8; jpeg compressed bgr8'),
    ('/cam/image_raw/compressed', '.png', 'rgb8; png compressed bgr8')], ids=['as raw', 'named whole'])
def test_compressed_images_come_from_the_remapped_topic(ros_context: Context, topic: str, suffix: str,
                                                        words: str) -> None:
    with Graph(ros_context, {'image_transport': 'compressed'},
               cli_args=['--ros-args', '-r', f'image:={topic}']) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        overlays = graph.listen('/segmentation/overlay/compressed', CompressedImage)
        publisher = graph.tester.create_publisher(CompressedImage, '/cam/image_raw/compressed', BEST_EFFORT)
        until(publisher.get_subscription_count, 'the node does not listen to /cam/image_raw/compressed')
        coded = cv2.imencode(suffix, cv2.cvtColor(PICTURE, cv2.COLOR_RGB2BGR))[1].tobytes()
        message = CompressedImage(header=image(PICTURE, stamp=(3, 4)).header, format=words, data=coded)
        until(lambda: (publisher.publish(message), time.sleep(0.1), masks and overlays)[2], 'nothing came')
    assert (masks[0].header.stamp.sec, masks[0].width, masks[0].height) == (3, 16, 12)
    if suffix == '.png':  # JPEG colours are not exact
        np.testing.assert_array_equal(pixels_of(masks[0]), np.full((12, 16), WALL))
    assert overlays[0].format.endswith('jpeg compressed bgr8')
    assert decode_image(overlays[0]).shape == (12, 16, 3)


def test_no_publisher_is_explained_with_the_topics_there_are(ros_context: Context,
                                                             capfd: pytest.CaptureFixture[str]) -> None:
    with Graph(ros_context) as graph:
        graph.tester.create_publisher(Image, '/camera/color/image_raw', RELIABLE)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        rises_to(reports, DiagnosticStatus.STALE, 'nobody publishes /image; images are published on '
                                                  '/camera/color/image_raw')
        time.sleep(4.0)
    said = capfd.readouterr().err
    assert said.count('Nobody publishes /image; images are published on /camera/color/image_raw. Start the camera, '
                      'or remap image to its topic') == 1


def test_a_topic_of_another_type_is_explained(ros_context: Context, ros_domain: int) -> None:
    elsewhere = Context()  # one participant cannot have two types on a topic
    rclpy.init(context=elsewhere, domain_id=ros_domain)
    driver = Node('driver', context=elsewhere)
    driver.create_publisher(CompressedImage, 'image', RELIABLE)
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        rises_to(reports, DiagnosticStatus.ERROR, '/image carries sensor_msgs/msg/CompressedImage')
        assert 'image_transport' in values(reports)['remedy']
    driver.destroy_node()
    rclpy.try_shutdown(context=elsewhere)


@pytest.mark.parametrize(('transport', 'kind', 'topic', 'words'), [
    ('raw', CompressedImage, 'image/compressed', 'nobody publishes /image; its images are there as compressed'),
    ('compressed', Image, 'image', 'nobody publishes /image/compressed; its images are there as raw')])
def test_images_of_the_other_transport_are_pointed_at(ros_context: Context, transport: str, kind: type, topic: str,
                                                      words: str) -> None:
    with Graph(ros_context, {'image_transport': transport}) as graph:
        graph.tester.create_publisher(kind, topic, RELIABLE)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        rises_to(reports, DiagnosticStatus.STALE, words)
        assert values(reports)['remedy'].startswith('set image_transport to ')


def now_stamped(graph: Graph, shift_s: float = 0.0, pixels: Any = PICTURE) -> Image:
    nanoseconds = graph.tester.get_clock().now().nanoseconds + round(shift_s * 1e9)
    return image(pixels, stamp=(nanoseconds // 10**9, nanoseconds % 10**9))


def test_a_camera_that_is_silent_speaks_stops_is_gone_and_back_is_followed(ros_context: Context,
                                                                           capfd: pytest.CaptureFixture[str]) -> None:
    """A publisher without frames, then with; a camera that stops, is gone, and is back."""
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        camera = graph.tester.create_publisher(Image, 'image', RELIABLE)
        masks = graph.listen('/segmentation/mask', Image)
        rises_to(reports, DiagnosticStatus.ERROR, '/image has a publisher, but no image arrives')
        send = streamed(graph, camera)
        until(lambda: send() and masks and status(reports)[0] == DiagnosticStatus.OK and 'behind the camera'
              in status(reports)[1], 'not answered')
        rises_to(reports, DiagnosticStatus.ERROR, 'stopped')
        graph.tester.destroy_publisher(camera)
        rises_to(reports, DiagnosticStatus.ERROR, 'the camera of /image is gone')
        time.sleep(2.5)
        again = graph.tester.create_publisher(Image, 'image', BEST_EFFORT)
        send, before = streamed(graph, again), len(masks)
        until(lambda: send() and len(masks) > before and status(reports)[0] == DiagnosticStatus.OK, 'not back')
    said = capfd.readouterr().err
    assert said.count('The camera of /image is gone') == 1
    assert said.count('Images arrive again') == 1


def streamed(graph: Graph, publisher: Any, shift_s: float = 0.0) -> Callable[[], bool]:
    """Return what publishes an image every 50 ms and says yes."""
    def send() -> bool:
        publisher.publish(now_stamped(graph, shift_s))
        time.sleep(0.05)
        return True
    return send


def test_stamps_of_another_clock_and_undecodable_images_are_explained(ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.listen('/segmentation/mask', Image)
        camera = graph.tester.create_publisher(Image, 'image', RELIABLE)
        late = streamed(graph, camera, -60.0)
        until(lambda: late() and status(reports)[0] == DiagnosticStatus.WARN and '60.' in status(reports)[1],
              'the late stamps are not named')
        torn = image(PICTURE, 'rgb9')
        until(lambda: (camera.publish(torn), time.sleep(0.05), status(reports))[2][0] == DiagnosticStatus.ERROR
              and "'rgb9' is unknown" in status(reports)[1], 'the encoding is not named')


def test_falling_behind_is_explained(ros_context: Context) -> None:
    slow = ScriptedSegmenter(delay_s=0.25)
    with Graph(ros_context, open_model=lambda name, settings: slow) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.listen('/segmentation/mask', Image)
        send = streamed(graph, graph.tester.create_publisher(Image, 'image', RELIABLE))
        until(lambda: send() and status(reports)[0] == DiagnosticStatus.WARN and 'images per second of /image are '
              'answered' in status(reports)[1], 'falling behind is not named', 15.0)


def test_simulated_time_without_a_clock_is_explained_and_latency_is_in_simulated_time(ros_context: Context) -> None:
    with Graph(ros_context, {'use_sim_time': True}) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        rises_to(reports, DiagnosticStatus.ERROR, 'nobody publishes /clock')
        clock = graph.tester.create_publisher(Clock, '/clock', RELIABLE)
        masks = graph.listen('/segmentation/mask', Image)
        camera = graph.tester.create_publisher(Image, 'image', RELIABLE)
        tick = Clock()
        tick.clock.sec = 100

        def send() -> bool:
            clock.publish(tick)
            camera.publish(image(PICTURE, stamp=(99, 750_000_000)))
            time.sleep(0.05)
            return True
        until(lambda: send() and len(masks) > 3 and values(reports).get('latency p99 (ms)') == '250.0',
              'the latency is not that of the simulated clock')


def values(reports: list[DiagnosticArray], camera: int = 0) -> dict[str, str]:
    return {item.key: item.value for item in reports[-1].status[camera].values} if reports else {}


def test_a_dead_and_a_torn_camera_leave_the_others_alone(ros_context: Context) -> None:
    class Picky(ScriptedSegmenter):
        def segment(self, frames: Any, settings: Settings) -> Any:
            if any(frame.camera == 'torn' for frame in frames):
                raise ValueError('no such picture')
            return super().segment(frames, settings)

    picky = Picky()
    with Graph(ros_context, {'cameras': ['dead', 'front', 'torn']}, lambda name, settings: picky) as graph:
        masks = graph.listen('/segmentation/front/mask', Image)
        graph.listen('/segmentation/torn/mask', Image)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        front, torn = (graph.tester.create_publisher(Image, f'{name}/image', BEST_EFFORT) for name in ('front', 'torn'))
        until(lambda: front.get_subscription_count() and torn.get_subscription_count(), 'not met')

        def send() -> bool:
            torn.publish(now_stamped(graph))
            front.publish(now_stamped(graph))
            time.sleep(0.05)
            return True
        until(lambda: send() and len(masks) >= 20, 'the front camera suffers')
        until(lambda: send() and status(reports, 2)[0] == DiagnosticStatus.ERROR, 'the torn camera is not named')
        assert status(reports, 0) == (DiagnosticStatus.STALE, 'nobody publishes /dead/image; images are published on '
                                                              '/front/image, /torn/image')
        assert values(reports, 2)['last error'] == 'ValueError: no such picture'
        assert reports[-1].status[1].name == '/segmentation: front'


def test_what_diagnostics_show(ros_context: Context) -> None:
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        masks = graph.listen('/segmentation/mask', Image)
        send = streamed(graph, graph.tester.create_publisher(Image, 'image', RELIABLE))
        until(lambda: send() and len(masks) > 5 and values(reports).get('published', '0') > '3', 'no report')
        shown = values(reports)
    assert reports[-1].status[0].hardware_id == shown['device'] == 'cpu'
    assert float(shown['input rate (Hz)']) > 1.0
    assert 0.0 <= float(shown['image age (ms)']) < 5000.0
    assert float(shown['latency p50 (ms)']) <= float(shown['latency p95 (ms)']) <= float(shown['latency p99 (ms)'])
    assert float(shown['device memory (MiB)']) > 10.0
    assert {'cost of decode (ms)', 'cost of wait (ms)', 'cost of encode (ms)', 'cost of publish (ms)', 'dropped',
            'undecodable', 'share of wall (%)', 'received', 'last error', 'remedy'} <= shown.keys()
    assert (shown['model'], shown['precision'], shown['mode']) == ('indoor', 'fp32', 'semantic')


def test_namespaces_and_two_nodes_on_one_machine(ros_context: Context) -> None:
    first = Graph(ros_context, cli_args=['--ros-args', '-r', '__ns:=/robot'])
    second = Graph(ros_context, cli_args=['--ros-args', '-r', '__node:=eyes', '-r', 'image:=/robot/image'])
    with first, second:
        masks = [graph.listen(topic, Image) for graph, topic in ((first, '/robot/segmentation/mask'),
                                                                 (second, '/eyes/mask'))]
        camera = first.tester.create_publisher(Image, '/robot/image', BEST_EFFORT)
        until(lambda: camera.get_subscription_count() == 2, 'one of the nodes does not listen')
        until(lambda: (camera.publish(image(PICTURE)), time.sleep(0.05), all(masks))[2], 'one gave nothing')


def test_what_param_dump_writes_is_loaded_again(ros_context: Context, tmp_path: Path) -> None:
    changed = {'mode': 'instance', 'unlabelled_threshold': 0.25, 'cameras': ['front', 'left'], 'classes': ['hammer'],
               'autostart': False, 'output_size': '64x48', 'track_lost_s': 2.0}
    with Graph(ros_context, changed) as graph:
        names = [name for name in graph.node._parameters if name != 'start_type_description_service']
        table: dict[str, Any] = {}
        for name in names:  # as ros2 param dump nests them
            *outer, last = name.split('.')
            inner = table
            for part in outer:
                inner = inner.setdefault(part, {})
            value = graph.node.get_parameter(name).value
            inner[last] = list(value) if isinstance(value, (list, tuple)) else value
        dumped = graph.node.settings
    file = tmp_path / 'segmentation.yaml'
    file.write_text(yaml.safe_dump({'/segmentation': {'ros__parameters': table}}))
    with Graph(ros_context, cli_args=['--ros-args', '--params-file', str(file)]) as graph:
        assert graph.node.settings == dumped == Settings().changed(changed)


def test_two_nodes_of_one_name_are_named_while_they_last(ros_context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(senders, 'GONE_S', 0.0)
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        other = Node('segmentation', context=ros_context)
        until(lambda: '2 nodes are called /segmentation' in str(reports[-1:]), 'they were never named')
        other.destroy_node()
        until(lambda: 'nodes are called' not in str(reports[-1:]), 'it went on')


def test_a_camera_process_may_be_killed_and_started_again(ros_context: Context, tmp_path: Path) -> None:
    """Killed, it cannot say goodbye: the graph shows its publisher for a while."""
    cv2.imwrite(str(tmp_path / 'wall.png'), cv2.cvtColor(PICTURE, cv2.COLOR_RGB2BGR))
    with Graph(ros_context) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        masks = graph.listen('/segmentation/mask', Image)
        with player(tmp_path, loop=True, rate=10.0, reliability='best_effort') as camera:
            until(lambda: len(masks) > 3, 'no mask', 60.0)
            kill(camera)
        rises_to(reports, DiagnosticStatus.ERROR, 'stopped')
        before = len(masks)
        with player(tmp_path, loop=True, rate=10.0, reliability='best_effort'):
            until(lambda: len(masks) > before + 3 and status(reports)[0] == DiagnosticStatus.OK, 'not back', 60.0)
    np.testing.assert_array_equal(pixels_of(masks[-1]), np.full((12, 16), WALL))
