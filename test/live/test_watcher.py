# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A watcher sees what the real node says and shows, over DDS, and costs nothing while nobody looks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from rclpy.context import Context
from rclpy.node import Node
from scenes.filming import FLOOR, HEIGHT, WIDTH, filming, open_model, scene
from scenes.graph import LATCHED, Graph, set_parameters, until
from scenes.scripted import INDOOR
from sensor_msgs.msg import CompressedImage

from seg_ros.errors import SegRosError, SettingError
from seg_ros.labels.palette import UNLABELLED_COLOUR, instance_colour
from seg_ros.live import picture_view
from seg_ros.live.picture_view import OverlayImage
from seg_ros.live.watcher import Watcher


def watched(watcher: Watcher, true: Callable[[dict[str, Any]], Any], otherwise: str,
            camera: str = '') -> dict[str, Any]:
    """Wait for a state of which something is true."""
    return until(lambda: (state := watcher.state(camera)) and true(state) and state, otherwise)


def listeners(graph: Graph, name: str) -> int:
    return graph.tester.count_subscribers(f'/segmentation/{name}')


def looked(watcher: Watcher, camera: str = '') -> OverlayImage:
    """Wait for a picture."""
    watched(watcher, lambda state: camera in state['cameras'], 'no report came', camera)
    return until(lambda: watcher.picture(camera, 0, 1.0), 'no picture came')


def test_pictures_come_only_while_somebody_looks(ros_domain: int, ros_context: Context,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_view, 'GLANCE_S', 0.5)
    with Graph(ros_context, {}, open_model) as graph, Watcher('/segmentation', ros_domain) as watcher, filming(graph):
        watched(watcher, lambda state: state['report'] and 'nobody subscribes' in state['report']['verdict'],
                'the node does not rest')
        assert listeners(graph, 'overlay/compressed') == listeners(graph, 'instances') == 0
        first = looked(watcher)
        assert listeners(graph, 'overlay/compressed') == 1
        assert listeners(graph, 'overlay') == 0  # the node draws one picture, not two
        second = watcher.picture('', first.number, 5.0)
        assert second is not None and second.number > first.number and second.stamp_ns > first.stamp_ns
        assert listeners(graph, 'instances') == 0  # mode semantic has none, and warns of who waits for them
        watcher.set_mode('instance')
        until(lambda: watcher.picture('', 0, 1.0) and listeners(graph, 'instances'), 'objects are not asked for')
        until(lambda: not listeners(graph, 'overlay/compressed'), 'it goes on looking')
        assert not listeners(graph, 'instances')
    seen = cv2.imdecode(np.frombuffer(first.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert seen.shape == (HEIGHT, WIDTH, 3)


def test_the_map_is_looked_at_while_there_is_one(ros_domain: int, ros_context: Context,
                                                 monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_view, 'GLANCE_S', 0.5)
    tester = Node('mapper', context=ros_context)
    with Watcher('/segmentation', ros_domain, 'mapping') as watcher:
        assert not watcher.state('')['map']
        publisher = tester.create_publisher(CompressedImage, '/mapping/map_picture/compressed', LATCHED)
        publisher.publish(CompressedImage(data=b'a map'))
        until(lambda: watcher.state('')['map'], 'there is no map')
        shown = until(lambda: watcher.map_picture(0), 'it is not shown')
        assert (shown.number, shown.jpeg) == (1, b'a map')
        assert watcher.map_picture(1) is None
        until(lambda: not publisher.get_subscription_count(), 'it goes on looking')
    tester.destroy_node()


def test_who_comes_late_gets_the_newest_picture_only(ros_domain: int, ros_context: Context) -> None:
    with Graph(ros_context) as graph, Watcher('/segmentation', ros_domain) as watcher, filming(graph):
        first = looked(watcher)
        time.sleep(1.0)
        late = watcher.picture('', first.number, 1.0)
    assert late is not None
    assert late.number - first.number > 5  # those between are gone
    assert late.stamp_ns - first.stamp_ns > 0.5e9


def test_shares_rates_and_objects_are_told_with_their_colours(ros_domain: int, ros_context: Context) -> None:
    def complete(state: dict[str, Any]) -> bool:
        watcher.picture('', 0, 0.0)  # looks on
        report = state['report']
        return bool(report['counts'] and report['shares'][0]['colour'] != UNLABELLED_COLOUR)

    with Graph(ros_context, {'mode': 'panoptic', 'score_threshold': 0.8}, open_model) as graph, filming(graph), \
            Watcher('segmentation', ros_domain) as watcher:
        looked(watcher)
        state = watched(watcher, complete, 'counts or colours are missing')
        seen = until(lambda: (one := watcher.picture('', 0, 1.0)) and one.seen['objects'] and one.seen, 'no objects')
    assert (state['node'], state['presence'], state['cameras']) == ('/segmentation', 'here', [''])
    report = state['report']
    assert (report['mode'], report['model'], report['level']) == ('panoptic', 'indoor + everyday', 'warn')
    assert 'behind the clock of this node' in report['verdict'] and 'chrony' in report['remedy']  # stamps of 1970
    assert report['numbers']['input_hz'] == pytest.approx(20.0, rel=0.5)
    floor = report['shares'][0]
    assert (floor['name'], floor['colour']) == ('floor', INDOOR.classes[FLOOR].colour)
    assert floor['percent'] > report['shares'][1]['percent']
    assert seen['age_s'] > 1e9  # stamps of 1970
    hammer, = seen['objects']
    assert [hammer[key] for key in ('name', 'left', 'top', 'width', 'height', 'percent')] \
        == ['hammer', 8, 30, 40, 20, '90 %']
    assert hammer['colour'] == instance_colour(hammer['id']) and hammer['id']
    assert not hammer['target'] and not hammer['continued']
    assert {(one['name'], one['now'], one['ever']) for one in report['counts']} == {('hammer', 1, 1)}


def test_nothing_has_a_colour_before_the_taxonomy_is_known(ros_domain: int, ros_context: Context,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    """The id of a class, known earlier, would give it that of a thing."""
    monkeypatch.setattr(Watcher, '_read_taxonomy', lambda watcher: None)
    with Graph(ros_context, {'mode': 'semantic'}, open_model) as graph, filming(graph), \
            Watcher('segmentation', ros_domain) as watcher:
        looked(watcher)
        state = watched(watcher, lambda state: state['report']['shares'] and watcher._views[''].class_ids, 'no classes')
    assert {tuple(one['colour']) for one in state['report']['shares']} == {UNLABELLED_COLOUR}


def test_the_target_is_chosen_and_marked_and_what_continues_a_track_is_said_to(ros_domain: int,
                                                                               ros_context: Context) -> None:
    def objects() -> list[dict[str, Any]]:
        picture = watcher.picture('', 0, 1.0)
        return picture.seen['objects'] or [] if picture else []

    with Graph(ros_context, {'mode': 'instance'}, open_model) as graph, filming(graph), \
            Watcher('segmentation', ros_domain) as watcher:
        looked(watcher)
        wrench = until(lambda: len(found := objects()) == 2 and found, 'no two objects')[1]
        watcher.set_target(wrench['id'])
        assert graph.node.get_parameter('target_id').value == wrench['id']
        assert watcher.state('')['target'] == {'id': wrench['id'], 'name': ''}
        until(lambda: [one['target'] for one in objects()] == [False, True], 'the wrench is not the target')
        set_parameters(graph, score_threshold=0.8)
        until(lambda: [one['continued'] for one in objects()] == [False, True], 'the wrench is not said to go on')
        set_parameters(graph, target_class='hammer')
        watcher.set_target(0)  # by id and by class
        assert graph.node.get_parameter('target_class').value == ''
        until(lambda: not any(one['target'] for one in objects()), 'there is a target still')


def test_what_lies_below_an_overlay_comes_while_it_is_asked_for(ros_domain: int, ros_context: Context,
                                                               monkeypatch: pytest.MonkeyPatch) -> None:
    def below() -> bytes | None:
        picture = watcher.picture('', 0, 1.0)
        return watcher.below('', picture.stamp_ns, 0.5) if picture else None

    monkeypatch.setattr(picture_view, 'GLANCE_S', 1.0)
    with Graph(ros_context) as graph, Watcher('/segmentation', ros_domain) as watcher, filming(graph):
        looked(watcher)
        assert not listeners(graph, 'picture/compressed')
        jpeg = until(below, 'no picture of the same stamp')
        until(lambda: watcher.picture('', 0, 1.0) and not listeners(graph, 'picture/compressed'), 'it goes on')
    seen = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    np.testing.assert_allclose(seen[..., ::-1], scene(), atol=40)


def test_the_mode_is_switched_and_a_refusal_is_told_as_the_node_says_it(ros_domain: int, ros_context: Context) -> None:
    with Graph(ros_context) as graph, Watcher('/segmentation', ros_domain) as watcher:
        watched(watcher, lambda state: state['report'], 'no report came')
        with pytest.raises(SegRosError, match=r"there is no model 'everyday'\. Use indoor or slow\.$"):
            watcher.set_mode('instance')
        assert watcher.state('')['report']['mode'] == 'semantic'
        with pytest.raises(SegRosError, match='mode'):
            watcher.set_mode('sideways')
        assert graph.node.get_parameter('mode').value == 'semantic'


def test_a_mode_switched_to_is_seen_at_once(ros_domain: int, ros_context: Context) -> None:
    with Graph(ros_context, open_model=open_model) as graph, Watcher('/segmentation', ros_domain) as watcher:
        watched(watcher, lambda state: state['report'], 'no report came')
        watcher.set_mode('instance')
        assert watcher.state('')['report']['mode'] == 'instance'
        assert graph.node.get_parameter('mode').value == 'instance'


def test_each_camera_has_its_picture(ros_domain: int, ros_context: Context) -> None:
    with Graph(ros_context, {'cameras': ['front', 'left']}) as graph, Watcher('/segmentation', ros_domain) as watcher, \
            filming(graph, 'left/image'):
        looked(watcher, 'left')
        assert watcher.state('left')['cameras'] == ['front', 'left']
        front = watched(watcher, lambda state: state['fares'], 'no camera', 'left')['fares'][0]
        assert front['name'] == 'front' and front['level'] == 'stale' and 'nobody publishes' in front['verdict']
        assert listeners(graph, 'front/overlay/compressed') == 0
        with pytest.raises(SegRosError, match="has no camera 'right'"):
            watcher.picture('right', 0, 1.0)


def test_a_node_that_is_not_there_is_said_and_those_that_are_are_named(ros_domain: int, ros_context: Context) -> None:
    with Watcher('/robot/segmentation', ros_domain) as watcher, Graph(ros_context) as graph:
        state = watched(watcher, lambda state: state['others'], 'the other node was not found')
        assert (state['presence'], state['others'], state['report']) == ('absent', ('/segmentation',), None)
        with pytest.raises(SegRosError, match='/robot/segmentation is not there'):
            watcher.set_mode('instance')
        assert graph.node.get_parameter('mode').value == 'semantic'


def test_a_node_that_comes_and_goes_is_followed(ros_domain: int, ros_context: Context) -> None:
    with Watcher('/segmentation', ros_domain) as watcher:
        assert watcher.state('')['presence'] == 'absent'
        with Graph(ros_context) as graph, filming(graph):
            looked(watcher)
            watched(watcher, lambda state: state['presence'] == 'here', 'a node with pictures is not here')
        watched(watcher, lambda state: state['presence'] == 'absent' and not state['cameras'], 'it is still there')
        with Graph(ros_context) as graph, filming(graph):
            looked(watcher)


def test_its_end_lets_everybody_go_and_leaves_no_thread(ros_domain: int, ros_context: Context) -> None:
    answers: list[OverlayImage | None] = []
    before = set(threading.enumerate())
    with Graph(ros_context), Watcher('/segmentation', ros_domain) as watcher:
        watched(watcher, lambda state: state['report'], 'no report came')
        thread = threading.Thread(target=lambda: answers.append(watcher.picture('', 0, 60.0)))
        thread.start()
        time.sleep(0.2)
        started = time.monotonic()
        watcher.end()
        thread.join(5.0)
        assert answers == [None] and time.monotonic() - started < 5.0
    left = {thread.name for thread in set(threading.enumerate()) - before if thread.is_alive()}
    assert not [name for name in left if not name.startswith('ThreadPoolExecutor')]  # of the scene's executor


@pytest.mark.parametrize('name', ['', '/', 'my node', '/robot//segmentation', '/2d'])
def test_a_name_no_node_can_have_is_refused(name: str) -> None:
    with pytest.raises(SettingError, match='--node is'):
        Watcher(name)
