# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The real node ``mapping`` over DDS: what is said of drawn views becomes the map that the offline mapper makes."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus
from geometry_msgs.msg import TransformStamped
from lifecycle_msgs.msg import Transition
from lifecycle_msgs.srv import ChangeState
from nav_msgs.msg import OccupancyGrid
from rclpy.context import Context
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from scenes.drawn_floor import FLOOR, OBSTACLE, PERSON, before_a_wall, drawn_view
from scenes.graph import LATCHED, Graph, set_parameters, until, values_of
from scenes.map_graph import CLASSES, CROP, MS, MapGraph, TFMessage, cell_at, cells_of
from scenes.raycast import Scene, Solid, seen
from scenes.rgbd import DepthCamera, patiently, true_models
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import CompressedImage
from vision_msgs.msg import Detection3DArray, LabelInfo
from visualization_msgs.msg import MarkerArray

from seg_ros.bridge.images import decode_image, header_of
from seg_ros.geometry.ground import measured_floor
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.settings import MapSettings
from seg_ros.mapping.view import View
from seg_ros.nodes import streams
from seg_ros.nodes.mapping import MappingNode
from seg_ros.nodes.streams import Stream
from seg_ros.records import Instances

BOX = Solid(1.8, 0.3, (0.30, 0.20, 0.25), 0.0)
DRIVE = [2.0, 1.9, 1.8, 1.7]


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the map be published ten times a second."""
    monkeypatch.setattr('seg_ros.nodes.map_worker.EVERY_S', 0.1)


def drive(label: int = OBSTACLE) -> list[View]:
    """Return views of a box at x = 2 m, each 0.1 m nearer, in which it is an object too."""
    return [moved(drawn_view(box_at=x, label=label), 2.0 - x) for x in DRIVE]


def moved(view: View, x: float) -> View:
    """Return a view from farther on, with its box as a crop."""
    pose = view.map_from_camera.copy()
    pose[0, 3] = x
    mask = view.labels != FLOOR
    mask &= view.surface.z < 3.0
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    found = Instances(view.surface.size, np.array([[left, top, right, bottom]], np.float32),
                      np.array([0.9], np.float32), np.array([CROP.id], np.uint8), np.array([[left, top]], np.int32),
                      (mask[top:bottom, left:right],), np.array([7]))
    return replace(before_a_wall(view), map_from_camera=pose, instances=found,
                   confidence=np.full(view.surface.z.shape, 200, np.uint8))


def offline(views: list[View]) -> Mapper:
    """Return the map that the same frames make without ROS."""
    mapper = Mapper(CLASSES, MapSettings())
    for k, view in enumerate(views, 1):
        assert view.labels is not None
        floor = measured_floor(view.surface, view.labels, np.arange(256) == FLOOR)
        mapper.update(replace(view, stamp_ns=k * 100 * MS, floor=floor))
    return mapper


def test_the_map_is_the_one_the_offline_mapper_makes_of_the_same_frames(ros_context: Context) -> None:
    expected = offline(drive())
    chart = expected.chart()
    with MapGraph(ros_context) as graph:
        graph.drive(drive())
        maps, classes, layers, objects, markers, words, pictures = (graph.listen(f'/mapping/{name}', kind, LATCHED)
            for name, kind in (('map', OccupancyGrid), ('class_map', OccupancyGrid), ('layers/floor', OccupancyGrid),
                               ('objects', Detection3DArray), ('object_markers', MarkerArray),
                               ('label_info', LabelInfo), ('map_picture/compressed', CompressedImage)))
        until(lambda: maps and classes and layers and objects and markers and words and pictures, 'not all come')
    found = maps[-1]
    assert (found.header.frame_id, found.info.resolution) == ('odom', pytest.approx(0.05))
    assert (found.info.origin.position.x, found.info.origin.position.y) == pytest.approx(chart.origin_m)
    np.testing.assert_array_equal(cells_of(found), chart.occupancy)
    np.testing.assert_array_equal(cells_of(classes[-1]), chart.class_ids)
    np.testing.assert_array_equal(cells_of(layers[-1]), chart.probabilities[FLOOR])
    assert (cell_at(found, 1.5, 0.0), cell_at(found, 2.02, 0.0), cell_at(found, 2.6, 0.0)) == (0, 100, -1)
    assert {one.class_id: one.class_name for one in words[-1].class_map}[CROP.id] == 'crop'
    mark, = expected.objects()
    one, = objects[-1].detections
    at, size = one.bbox.center.position, one.bbox.size
    assert (one.id, one.results[0].hypothesis.class_id) == ('1', 'crop')
    assert (at.x, at.y, at.z) == pytest.approx(mark.position)
    assert (size.x, size.y, size.z) == pytest.approx(mark.size)
    assert one.results[0].pose.covariance[0] == pytest.approx(mark.covariance[0, 0])
    assert objects[-1].header.frame_id == 'odom'
    assert [(one.header.frame_id, one.frame_locked, one.text) for one in markers[-1].markers][1:] == [
        ('odom', True, ''), ('odom', True, 'crop#1')]
    assert decode_image(pictures[-1]).shape[1] > 400


def test_nothing_is_published_again_until_the_map_changes(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic') as graph:
        maps = graph.listen('/mapping/map', OccupancyGrid, LATCHED)
        until(lambda: maps, 'no empty map')
        assert cells_of(maps[0]).tolist() == [[-1]]
        graph.drive(drive())
        until(lambda: 100 in cells_of(maps[-1]), 'no map')
        many = len(maps)
        same = drive()[-1]
        for k in (21, 22, 23):
            graph.drive([same], first=k)
        shown = graph.listen('/mapping/layers/floor', OccupancyGrid, LATCHED)  # comes with the next turn
        until(lambda: shown, 'no layer')
    changed = [not np.array_equal(cells_of(a), cells_of(b)) for a, b in pairwise(maps)]
    assert all(changed) and len(maps) <= many + 1


def test_objects_are_published_again_only_when_one_changes(ros_context: Context,
                                                           monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('seg_ros.nodes.map_worker.EVERY_S', 0.0)
    with MapGraph(ros_context, mode='instance') as graph:
        objects = graph.listen('/mapping/objects', Detection3DArray, LATCHED)
        same = drive()[-1]
        graph.drive([same] * 6)
        until(lambda: objects and objects[-1].detections, 'no object')
        graph.drive([same] * 4, first=7)
        graph.drive([moved(drawn_view(box_at=0.9), 0.3)] * 4, first=11)
        until(lambda: len(objects[-1].detections) == 2, 'no other object')
    assert [len(message.detections) for message in objects] in ([0, 1, 2], [0, 1, 1, 2])  # once it became surer


def test_layers_are_offered_for_each_class_and_made_on_demand(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic') as graph:
        assert graph.node.count_publishers('/mapping/layers/stairs')
        stairs = graph.listen('/mapping/layers/stairs', OccupancyGrid, LATCHED)
        graph.drive(drive())
        until(lambda: stairs and (cells_of(stairs[-1]) == 0).any(), 'no layer of what is not there')
    assert set(np.unique(cells_of(stairs[-1]))) == {-1, 0}


def test_objects_keep_their_ids_and_are_counted(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='instance') as graph:
        objects = graph.listen('/mapping/objects', Detection3DArray, LATCHED)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.drive(drive())
        until(lambda: objects and objects[-1].detections, 'no object')
        graph.drive([before_a_wall(drawn_view(box_at=None, turned=True))] * 2, first=10)
        graph.drive(drive()[::-1], first=20)
        until(lambda: values_of(reports).get('images in the map') == '10', 'it is not counted')
    assert {one.id for message in objects for one in message.detections} == {'1'}
    assert values_of(reports)['count of crop'] == '1'
    assert reports[-1].status[0].level == DiagnosticStatus.OK
    assert '1 crop' in reports[-1].status[0].message


def test_a_person_leaves_no_trace(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic') as graph:
        maps = graph.listen('/mapping/map', OccupancyGrid, LATCHED)
        graph.drive(drive(PERSON))
        until(lambda: maps and (cells_of(maps[-1]) == 0).any(), 'no map')
    assert not (cells_of(maps[-1]) == 100).any()


def test_a_saved_map_is_a_folder_and_a_cleared_one_is_empty(ros_context: Context, tmp_path: Path) -> None:
    with MapGraph(ros_context, folder=str(tmp_path / 'map')) as graph:
        graph.drive(drive())
        answer = graph.call('save')
        assert answer.success and '1 crop' in answer.message
        assert yaml.safe_load((tmp_path / 'map' / 'map.yaml').read_text())['resolution'] == 0.05
        assert len(json.loads((tmp_path / 'map' / 'objects.geojson').read_text())['features']) == 1
        maps = graph.listen('/mapping/map', OccupancyGrid, LATCHED)
        until(lambda: maps, 'no map')
        assert graph.call('clear').success
        until(lambda: cells_of(maps[-1]).tolist() == [[-1]], 'the map is not empty')
        assert graph.mapped == 0
        answer = graph.call('save')
        assert not answer.success and 'the map is empty' in answer.message
        assert len(json.loads((tmp_path / 'map' / 'objects.geojson').read_text())['features']) == 1
        graph.drive(drive(), first=50)
        objects = graph.listen('/mapping/objects', Detection3DArray, LATCHED)
        until(lambda: objects and objects[-1].detections, 'no object')
        assert objects[-1].detections[0].id == '1'
        (tmp_path / 'file').write_text('')
        assert 'folder is empty' in set_parameters(graph, folder='').reason
        assert set_parameters(graph, folder=str(tmp_path / 'file' / 'map')).successful
        answer = graph.call('save')
        assert not answer.success and 'cannot be written' in answer.message


def test_a_transform_that_comes_late_is_waited_for(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic', wait_s=5.0) as graph:
        one, other = drive()[:2]
        graph.show(one, 100 * MS, without=('tf',))
        graph.show(other, 200 * MS, without=('tf',))
        until(lambda: graph.node._cameras[''].inputs.gathering.came().received == 2, 'nothing came')
        assert graph.mapped == 0
        graph.place(one, 50 * MS)
        graph.place(other, 250 * MS)
        until(lambda: graph.mapped == 2, 'they are not mapped')


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be on its way."""
    for name in ('GRACE_S', 'MEETING_S'):
        monkeypatch.setattr(streams, name, -1.0)


def told(graph: MapGraph, reports: list[DiagnosticArray], words: str, show: Any = lambda: None) -> DiagnosticStatus:
    """Return the diagnosis that says some words, once it does."""
    def found() -> DiagnosticStatus | None:
        show()
        return next((one for report in reports for one in report.status if words in one.message or any(
            words in item.value for item in one.values)), None)
    status = until(found, f'it is not said: {words}; {[one.status[0].message for one in reports[-3:]]}')
    assert isinstance(status, DiagnosticStatus)
    return status


def test_what_is_missing_is_said_with_its_cause(ros_context: Context) -> None:
    with MapGraph(ros_context, wait_s=0.1, map_frame='map') as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.place(drive()[0], 1)
        graph.show(drive()[0], 100 * MS)
        status = told(graph, reports, "TF knows no frame 'map'")
        assert status.level == DiagnosticStatus.WARN
        graph.show(drive()[0], 200 * MS)
        assert values_of(reports)['images without a place'] == '1'


def test_transforms_that_go_round_in_a_circle_are_said_until_they_do_no_more(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic', wait_s=0.1) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        back = TransformStamped(header=header_of(100 * MS, 'camera'), child_frame_id='odom')
        back.transform.rotation.w = 1.0
        graph._publishers['/tf'].publish(TFMessage(transforms=[back]))
        graph.show(drive()[0], 100 * MS)
        status = told(graph, reports, 'go round in a circle')
        assert status.level == DiagnosticStatus.WARN and graph.mapped == 0
        told(graph, reports, 'two programs publish transforms that contradict each other')
        graph.drive(drive()[1:], first=2)  # of these stamps there is one transform alone


@pytest.mark.usefixtures('at_once')
def test_depth_that_does_not_come_is_said(ros_context: Context) -> None:
    with MapGraph(ros_context, wait_s=0.1, mode='semantic') as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.show(drive()[0], 100 * MS, without=('depth',))
        assert told(graph, reports, 'no depth comes with the answers').level == DiagnosticStatus.WARN
        assert graph.mapped == 0
        graph.show(drive()[0], 400 * MS)
        graph.show(drive()[0], 450 * MS, without=('depth',))
        told(graph, reports, 'the nearest depth was taken 0.050 s before the image')
        told(graph, reports, 'raise depth_slop_s (0.02)')


@pytest.mark.usefixtures('at_once')
def test_a_camera_info_that_does_not_come_is_said_once_with_its_cause(ros_context: Context,
                                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    with MapGraph(ros_context, wait_s=0.1, mode='semantic') as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.show(drive()[0], 100 * MS, without=('camera_info',))
        status = told(graph, reports, 'no camera_info comes, though /camera_info has a publisher')
        assert status.level == DiagnosticStatus.WARN
        graph.tester.destroy_publisher(graph._publishers.pop('camera_info'))
        told(graph, reports, 'nobody publishes /camera_info')
        graph.show(drive()[0], 200 * MS)
        told(graph, reports, 'remap camera_info to its topic')
        until(lambda: values_of(reports)['images without a place'] == '2', 'it is not counted')
        reports.clear()
        until(lambda: reports, 'no diagnostics come')
        assert 'also 1' not in values_of(reports)
        monkeypatch.setattr(Stream, 'foreign_types', ['sensor_msgs/msg/Image'])
        told(graph, reports, '/camera_info carries sensor_msgs/msg/Image')


def test_a_camera_info_that_is_on_its_way_is_waited_for(ros_context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    with MapGraph(ros_context, wait_s=0.1, mode='semantic') as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.show(drive()[0], 100 * MS, without=('camera_info',))
        until(lambda: values_of(reports).get('images without a place') == '1', 'it is not counted')
        assert reports[-1].status[0].level == DiagnosticStatus.OK
        monkeypatch.setattr(streams, 'MEETING_S', -1.0)
        graph.show(drive()[0], 200 * MS, without=('camera_info',))
        told(graph, reports, 'no camera_info comes')


def test_a_frame_that_cannot_be_is_said_before_what_follows_from_it(ros_context: Context) -> None:
    with MapGraph(ros_context, wait_s=0.1, mode='semantic') as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.show(drive()[0], 100 * MS, frame_id='/camera')
        status = told(graph, reports, "the images are in the frame '/camera'")
        assert status.message.startswith('the images are in the frame')


def test_a_camera_that_is_gone_is_told_from_one_that_was_never_there(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic') as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.drive(drive()[:1])
        graph.tester.destroy_publisher(graph._publishers.pop('depth'))
        told(graph, reports, 'nobody publishes /depth any more')
        told(graph, reports, 'start the camera again')


def test_a_leap_of_the_camera_is_said(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic') as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.drive(drive())
        pose = drive()[0].map_from_camera.copy()
        pose[1, 3] = 7.0
        graph.drive([replace(drive()[0], map_from_camera=pose)], first=5)
        told(graph, reports, 'the camera leapt 7.0 m in odom within 0.10 s')


def test_a_map_frame_that_is_not_on_the_floor_is_said(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic') as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        pose = drive()[0].map_from_camera.copy()
        pose[2, 3] = 0.0
        graph.drive([replace(drive()[0], map_from_camera=pose)] * 5)
        told(graph, reports, 'the floor in view lies at z = -0.40 m of odom')


def test_a_recording_that_starts_over_goes_on_in_the_same_map(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic') as graph:
        graph.drive(drive(), first=200)
        graph.drive(drive(), first=1)
        assert graph.mapped == 8


def test_points_alone_give_the_same_map(ros_context: Context) -> None:
    expected = offline([replace(view, confidence=None) for view in drive()]).chart()
    with MapGraph(ros_context, source='points') as graph:
        graph.drive(drive())
        maps = graph.listen('/mapping/map', OccupancyGrid, LATCHED)
        objects = graph.listen('/mapping/objects', Detection3DArray, LATCHED)
        until(lambda: maps and objects, 'no map')
    assert cells_of(maps[-1]).shape == expected.occupancy.shape
    assert (cells_of(maps[-1]) == expected.occupancy).mean() > 0.999
    assert [one.results[0].hypothesis.class_id for one in objects[-1].detections] == ['crop']


def test_two_cameras_make_one_map(ros_context: Context) -> None:
    with MapGraph(ros_context, cameras=('front', 'back'), mode='semantic') as graph:
        maps = graph.listen('/mapping/map', OccupancyGrid, LATCHED)
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.drive(drive(), camera='front')
        graph.drive([drawn_view(box_at=1.5, turned=True)], camera='back')
        until(lambda: maps and cell_at(maps[-1], -1.52, 0.0) == 100 and cell_at(maps[-1], 2.02, 0.0) == 100,
              'one of the two is missing')
        until(lambda: reports, 'no diagnostics')
    assert [one.name for one in reports[-1].status] == ['/mapping: front', '/mapping: back']


def test_a_full_map_is_said(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic', limit_m=1.0, resolution_m=0.02) as graph:
        reports = graph.listen('/diagnostics', DiagnosticArray)
        graph.drive(drive())
        told(graph, reports, 'what is seen farther than limit_m = 1 m')


def test_settings_change_and_the_map_stays(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic') as graph:
        graph.drive(drive())
        assert set_parameters(graph, max_range_m=3).successful
        assert graph.mapped == 4
        answer = set_parameters(graph, min_range_m=3.5)
        assert not answer.successful and 'must be the smaller one' in answer.reason
        assert 'read-only' in set_parameters(graph, resolution_m=0.1).reason.replace('_', '-')


def test_the_map_lives_from_configure_to_cleanup(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic') as graph:
        graph.drive(drive())
        assert graph.node.trigger_deactivate() == TransitionCallbackReturn.SUCCESS
        graph.show(drive()[0], 900 * MS)
        assert graph.mapped == 4
        assert graph.node.trigger_activate() == TransitionCallbackReturn.SUCCESS
        graph.until_heard()
        graph.drive(drive()[:1], first=20)
        assert graph.mapped == 5
        assert graph.node.trigger_deactivate() == TransitionCallbackReturn.SUCCESS
        assert graph.node.trigger_cleanup() == TransitionCallbackReturn.SUCCESS
        answer = graph.call('save')
        assert (answer.success, answer.message) == (False, 'there is no map. Configure the node first.')
        assert graph.node.trigger_configure() == TransitionCallbackReturn.SUCCESS
        assert graph.mapped == 0


def test_a_lifecycle_manager_takes_over_what_autostart_began(ros_context: Context) -> None:
    with MapGraph(ros_context, mode='semantic') as graph:
        client = graph.tester.create_client(ChangeState, '/mapping/change_state')
        until(client.service_is_ready, 'the node cannot be asked')
        for asked, state in ((Transition.TRANSITION_CONFIGURE, 'inactive'), (Transition.TRANSITION_ACTIVATE, 'active')):
            answer = client.call_async(ChangeState.Request(transition=Transition(id=asked)))
            until(answer.done, 'the node does not answer')
            assert answer.result().success
            assert graph.node._state_machine.current_state[1] == state


def test_what_segmentation_answers_becomes_a_map(ros_context: Context) -> None:
    """Both nodes beside each other: the segmentation node wakes for the map, and its answers meet their depth."""
    scene = seen(Scene((BOX,), 1.0, math.radians(25)))
    mapping = MappingNode(context=ros_context, parameter_overrides=[Parameter('map_frame', value='odom')])
    with Graph(ros_context, {'mode': 'panoptic'}, true_models(scene)) as graph:
        graph._executor.add_node(mapping)
        mapping.start()
        pose = TransformStamped(header=header_of(0, 'odom'), child_frame_id='camera')
        q, at = Rotation.from_matrix(scene.scene.world_from_optical).as_quat(), pose.transform
        at.rotation.x, at.rotation.y, at.rotation.z, at.rotation.w = (float(v) for v in q)
        at.translation.z = 1.0
        graph.tester.create_publisher(TFMessage, '/tf_static', LATCHED).publish(TFMessage(transforms=[pose]))
        objects = graph.listen('/mapping/objects', Detection3DArray, LATCHED)
        camera, stamps = DepthCamera(graph, scene), iter(range(2, 200, 2))
        until(lambda: (camera.shoot(next(stamps)), patiently(lambda: objects and objects[-1].detections, 0.3),
                       objects and objects[-1].detections)[2], 'no object', 30.0)
        maps = graph.listen('/mapping/map', OccupancyGrid, LATCHED)
        until(lambda: maps, 'no map')
        mapping.destroy_node()
    at = objects[-1].detections[0].bbox.center.position
    assert np.hypot(at.x - BOX.centre[0], at.y - BOX.centre[1]) < 0.1
    assert objects[-1].detections[0].results[0].hypothesis.class_id == 'hammer'
    assert 0 in cells_of(maps[-1])


def test_a_taxonomy_that_is_not_there_stops_configure(ros_context: Context) -> None:
    graph = MapGraph(ros_context, taxonomy='nowhere', autostart=False)
    assert graph.node.trigger_configure() == TransitionCallbackReturn.FAILURE
    with graph.node._bell:
        assert graph.node._unready is not None and 'nowhere' in graph.node._unready.fact
    graph.node.destroy_node()
    graph.tester.destroy_node()
