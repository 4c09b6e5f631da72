# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Clouds, boxes and scan through the real node, against scenes whose every answer is known."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from rclpy.context import Context
from scenes.floor_error import floor_range_error
from scenes.graph import BEST_EFFORT, Graph, until
from scenes.raycast import CAMERA, FLOOR, OBJECT, WALL, Scene, Solid, seen
from scenes.rgbd import HAMMER, DepthCamera, points_of, true_models, xyz_of
from scenes.scripted import INDOOR
from sensor_msgs.msg import Image, LaserScan, PointCloud2
from vision_msgs.msg import Detection2DArray, Detection3DArray
from visualization_msgs.msg import MarkerArray

from seg_ros.geometry.ground import level_from_optical, plane_of_camera

HEIGHT_M, PITCH_DEG = 1.0, 25.0
SOLIDS = (Solid(1.8, 0.35, (0.30, 0.20, 0.25), 0.6), Solid(1.6, -0.35, (0.2, 0.2, 0.30), is_round=True),
          Solid(3.6, 0.0, (0.2, 2.5, 2.5), label=WALL))
VIEW = seen(Scene(SOLIDS, HEIGHT_M, math.radians(PITCH_DEG)))
STEP_M = 0.0005  # depth is told in whole millimetres
MOUNTED = {'camera_height_m': HEIGHT_M, 'camera_pitch_deg': PITCH_DEG}


def stamp_of(message: Any) -> tuple[int, int, str]:
    return message.header.stamp.sec, message.header.stamp.nanosec, message.header.frame_id


def test_points_are_those_of_the_mask_pixel_by_pixel(ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'panoptic', 'floor_overrules_label': False}, true_models(VIEW)) as graph:
        clouds = graph.listen('/segmentation/points', PointCloud2, BEST_EFFORT)
        masks = graph.listen('/segmentation/mask', Image)
        cloud = DepthCamera(graph, VIEW).until_answered(clouds)
        mask = until(lambda: next((m for m in masks if stamp_of(m) == stamp_of(cloud)), None), 'no mask of that stamp')
    assert (cloud.height, cloud.width, cloud.is_dense) == (mask.height, mask.width, False)
    assert [f.name for f in cloud.fields] == ['x', 'y', 'z', 'rgb', 'label', 'instance']
    off = np.linalg.norm(xyz_of(cloud) - VIEW.points, axis=-1)
    measured = np.isfinite(VIEW.depth_m)
    assert off[measured].max() < 0.001
    assert np.isnan(xyz_of(cloud)[~measured]).all()
    points = points_of(cloud)
    np.testing.assert_array_equal(points['label'].ravel(), np.frombuffer(bytes(mask.data), np.uint8))
    np.testing.assert_array_equal(points['instance'] > 0, VIEW.labels == OBJECT)
    floor = next(c for c in INDOOR.classes if c.id == FLOOR)
    red, green, blue = floor.colour
    assert (points['rgb'].view('<u4')[VIEW.labels == FLOOR] == (red << 16 | green << 8 | blue)).all()


def test_obstacles_and_ground_lie_on_what_they_are(ros_context: Context) -> None:
    with Graph(ros_context, {'voxel_m': 0.0}, true_models(VIEW)) as graph:
        blocked = graph.listen('/segmentation/obstacles', PointCloud2, BEST_EFFORT)
        free = graph.listen('/segmentation/ground', PointCloud2, BEST_EFFORT)
        camera = DepthCamera(graph, VIEW)
        camera.until_answered(blocked)
        until(lambda: free, 'no ground')
    for message, above in ((blocked[-1], True), (free[-1], False)):
        assert stamp_of(message)[2] == 'camera'
        assert (message.height, message.is_dense, message.point_step) == (1, True, 12)
        points = xyz_of(message)[0]
        heights = VIEW.scene.world(points)[:, 2]
        assert len(points) > 1000
        assert (heights > 0.045).all() if above else (np.abs(heights) < 0.01).all()
    on_object = xyz_of(blocked[-1])[0]
    expected = np.count_nonzero((VIEW.labels != FLOOR) & (VIEW.labels != 255))
    assert 0.6 * expected < len(on_object) < expected  # what is lower or farther than the band is left out


def test_an_unlabelled_thing_on_the_floor_is_an_obstacle(ros_context: Context) -> None:
    """The unforeseen: no class, but it rises from the floor."""
    view = seen(Scene((Solid(1.6, 0.0, (0.3, 0.3, 0.4), label=255),), HEIGHT_M, math.radians(PITCH_DEG)))
    with Graph(ros_context, {'voxel_m': 0.0}, true_models(view)) as graph:
        blocked = graph.listen('/segmentation/obstacles', PointCloud2)
        message = DepthCamera(graph, view).until_answered(blocked)
    assert message.width > 0.6 * np.count_nonzero(view.ids == 1)


def test_objects_are_upright_boxes_with_the_ids_of_instances(ros_context: Context) -> None:
    with Graph(ros_context, {'mode': 'panoptic'}, true_models(VIEW)) as graph:
        boxes = graph.listen('/segmentation/objects', Detection3DArray)
        flat = graph.listen('/segmentation/instances', Detection2DArray)
        markers = graph.listen('/segmentation/object_markers', MarkerArray)
        found = DepthCamera(graph, VIEW).until_answered(boxes)
        two = until(lambda: next((m for m in flat if stamp_of(m) == stamp_of(found)), None), 'no instances')
        shown = until(lambda: next((m.markers for m in markers if m.markers[0].header == found.header), None),
                      'no markers')
    assert [one.text for one in shown if one.text] == [f'{HAMMER.name}#{d.id}' if d.id != '0' else HAMMER.name
                                                       for d in found.detections]
    assert [d.id for d in found.detections] == [d.id for d in two.detections]
    assert len({d.id for d in found.detections} - {'0'}) == 2
    for solid, detection in zip(SOLIDS, found.detections, strict=False):
        centre, size = detection.bbox.center.position, detection.bbox.size
        expected = VIEW.scene.optical(solid.centre)
        assert np.abs([centre.x, centre.y, centre.z] - expected).max() < 0.02 + solid.is_round * 0.05
        assert abs(size.z - solid.size[2]) < 0.02
        assert detection.results[0].hypothesis.class_id == HAMMER.name
        assert detection.results[0].pose.pose == detection.bbox.center
    assert np.abs(np.sort([found.detections[0].bbox.size.x, found.detections[0].bbox.size.y]) - [0.2, 0.3]).max() < 0.02


def test_the_target_and_the_scene_without_it(ros_context: Context) -> None:
    parameters = {'mode': 'instance', 'target_class': HAMMER.name, 'voxel_m': 0.0, **MOUNTED}
    with Graph(ros_context, parameters, true_models(VIEW)) as graph:
        targets = graph.listen('/segmentation/target_points', PointCloud2)
        scenes = graph.listen('/segmentation/scene_points', PointCloud2)
        camera = DepthCamera(graph, VIEW)
        target = camera.until_answered(targets)
        scene = until(lambda: next((s for s in scenes if stamp_of(s) == stamp_of(target)), None), 'no scene')
        targets.clear()
        vanished = camera.until_answered(targets, first_sec=301)  # odd seconds: nothing is found
    points = xyz_of(target)[0]
    assert np.isfinite(points).all()
    assert len(points) > 0.9 * np.count_nonzero(VIEW.ids == 1)
    local = VIEW.scene.world(points) - SOLIDS[0].centre
    assert (np.hypot(local[:, 0], local[:, 1]) < math.hypot(0.15, 0.10) + 0.005).all()
    rest = VIEW.scene.world(xyz_of(scene)[0]) - SOLIDS[0].centre
    inside = (np.hypot(rest[:, 0], rest[:, 1]) < 0.09) & (np.abs(rest[:, 2]) < 0.12)
    assert not inside.any()
    assert scene.width > 100_000
    assert (vanished.width, len(vanished.data)) == (0, 0)


def nearest_hits(message: LaserScan) -> list[tuple[float, float, float]]:
    """Return range, and nearest and farthest true distance within the beam, for each beam that hit."""
    hits = []
    for k, distance in enumerate(message.ranges):
        if math.isfinite(distance):
            bearing = message.angle_min + k * message.angle_increment
            spread = bearing + np.linspace(-1, 1, 21) * message.angle_increment
            free = VIEW.scene.free_distances(spread)
            hits.append((distance, float(free.min()), float(free.max())))
    return hits


def test_the_scan_with_depth_is_the_scene_from_above(ros_context: Context) -> None:
    with Graph(ros_context, {'max_height_m': 3.0}, true_models(VIEW)) as graph:
        scans = graph.listen('/segmentation/scan', LaserScan, BEST_EFFORT)
        message = DepthCamera(graph, VIEW).until_answered(scans)
    assert message.header.frame_id == 'camera_level'
    assert (message.range_min, message.range_max) == pytest.approx((0.2, 5.0))
    assert message.angle_min + (len(message.ranges) - 1) * message.angle_increment == pytest.approx(message.angle_max,
                                                                                                  abs=1e-5)
    hits = nearest_hits(message)
    assert len(hits) > 120
    assert all(near - 0.02 < distance < far + 0.02 for distance, near, far in hits if math.isfinite(far))


def test_the_scan_without_depth_is_within_its_derived_error(ros_context: Context) -> None:
    with Graph(ros_context, MOUNTED, true_models(VIEW)) as graph:
        scans = graph.listen('/segmentation/scan', LaserScan)
        message = DepthCamera(graph, VIEW).until_answered(scans, with_depth=False)
    hits = [hit for hit in nearest_hits(message) if math.isfinite(hit[2])]
    assert len(hits) > 120
    for distance, near, far in hits:
        error = floor_range_error(far, HEIGHT_M, focal_px=CAMERA.fy, edge_px=1.5)
        assert near - error < distance < far + error


def said(graph: Graph, shots: Any, words: str) -> str:
    """Shoot until the node has warned with these words, and return the sentence."""
    from rcl_interfaces.msg import Log
    logs = graph.listen('/rosout', Log)
    second = iter(range(2, 400, 2))

    def heard() -> str | None:
        shots(next(second))
        return next((log.msg for log in logs if words in log.msg), None)
    sentence = until(heard, f'nobody said {words}', 20.0)
    for _ in range(5):
        shots(next(second))
    assert len([log for log in logs if words in log.msg]) == 1
    return str(sentence)


def wrong_info() -> Any:
    from seg_ros.bridge.cameras import camera_info_message
    from seg_ros.bridge.images import header_of
    return camera_info_message(CAMERA.scaled_to(640, 360), header_of(0, 'camera'))


def zero_info() -> Any:
    from sensor_msgs.msg import CameraInfo
    return CameraInfo(width=640, height=480)


NO_DEPTH = np.zeros((480, 640), np.uint16)


@pytest.mark.parametrize(('shot', 'words'), [
    ({'with_info': False}, 'no camera_info'),
    ({'info': zero_info()}, 'uncalibrated'),
    ({'info': wrong_info()}, 'another shape'),
    ({'with_depth': False}, 'no depth comes'),
    ({'depth': NO_DEPTH}, 'holds no measurement'),
    ({'depth_sec': 1000}, 'out of step'),
    ({'depth': np.ones((400, 640), np.uint16)}, 'do not show the same view'),
    ({'depth': np.zeros((480, 640), np.uint8), 'encoding': 'mono8'}, "depth image is 'mono8'"),
], ids=['no camera_info', 'zero camera_info', 'camera_info of another size', 'no depth', 'invalid depth',
        'out of step', 'depth of another shape', 'no depth encoding'])
def test_bad_depth_is_said_once_and_the_mask_goes_on(ros_context: Context, shot: dict[str, Any], words: str) -> None:
    with Graph(ros_context, {'depth_wait_s': 0.01}, true_models(VIEW)) as graph:
        clouds = graph.listen('/segmentation/points', PointCloud2)
        masks = graph.listen('/segmentation/mask', Image)
        camera = DepthCamera(graph, VIEW)

        def shoot(sec: int) -> None:
            before = len(masks)
            camera.shoot(sec, **shot)
            until(lambda: len(masks) > before, 'the mask did not go on')
        said(graph, shoot, words)
    assert all(np.isnan(xyz_of(cloud)).all() for cloud in clouds)


def test_a_lens_is_undone(ros_context: Context) -> None:
    """With plumb_bob coefficients a pixel's point lies on the ray that the lens bends into it."""
    import cv2

    from seg_ros.bridge.cameras import camera_info_message
    from seg_ros.bridge.images import header_of
    info = camera_info_message(CAMERA, header_of(0, 'camera'))
    info.d = [-0.2, 0.05, 0.001, -0.001, 0.0]
    with Graph(ros_context, {}, true_models(VIEW)) as graph:
        clouds = graph.listen('/segmentation/points', PointCloud2)
        cloud = DepthCamera(graph, VIEW).until_answered(clouds, info=info)
    points = xyz_of(cloud)
    rows, columns = np.mgrid[40:480:40, 40:640:40].reshape(2, -1)
    some = points[rows, columns]
    keep = np.isfinite(some).all(axis=1)
    matrix = np.array([[CAMERA.fx, 0, CAMERA.cx], [0, CAMERA.fy, CAMERA.cy], [0, 0, 1]])
    back = cv2.projectPoints(some[keep], np.zeros(3), np.zeros(3), matrix, np.array(info.d))[0][:, 0]
    assert np.abs(back - np.stack([columns, rows], -1)[keep]).max() < 0.05


def test_with_no_floor_in_view_the_class_alone_decides(ros_context: Context) -> None:
    view = seen(Scene((Solid(1.5, 0.0, (0.2, 6.0, 6.0), bottom=-2.0, label=WALL),), HEIGHT_M))
    with Graph(ros_context, {'voxel_m': 0.0}, true_models(view)) as graph:
        blocked = graph.listen('/segmentation/obstacles', PointCloud2)
        message = DepthCamera(graph, view).until_answered(blocked)
    assert message.width > 0.95 * np.count_nonzero(view.labels == WALL)


def test_nothing_listens_to_depth_while_nobody_wants_it(ros_context: Context) -> None:
    with Graph(ros_context, {}, true_models(VIEW)) as graph:
        masks = graph.listen('/segmentation/mask', Image)
        shoot = graph.camera()
        from scenes.graph import image
        from scenes.scripted import drawn
        shoot(image(drawn(VIEW.labels)))
        until(lambda: masks, 'no mask')
        assert graph.tester.count_subscribers('/depth') == 0
        assert graph.tester.count_subscribers('/camera_info') == 0


def test_the_level_frame_of_the_scan_is_level() -> None:
    from seg_ros.geometry.spaces import _level
    plane = plane_of_camera(1.0, 0.4, 0.1)
    x, y, z, w = _level(plane)
    up = np.array([2 * (x * z + y * w), 2 * (y * z - x * w), 1 - 2 * (x * x + y * y)])
    np.testing.assert_allclose(up, plane.normal, atol=1e-6)
    np.testing.assert_allclose(level_from_optical(plane)[2], plane.normal, atol=1e-6)
