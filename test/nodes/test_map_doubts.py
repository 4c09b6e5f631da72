# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Numbers and frames that a map should not believe are said, each with its cause; good ones are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scenes.drawn_floor import CAMERA, before_a_wall, drawn_view

from seg_ros.bridge.cameras import camera_info_message
from seg_ros.bridge.images import header_of, image_message
from seg_ros.errors import ImageError
from seg_ros.geometry.ground import plane_of_camera
from seg_ros.health.causes import Situation
from seg_ros.health.numbers import CameraHealth
from seg_ros.mapping.settings import MappingSettings
from seg_ros.mapping.view import View
from seg_ros.nodes.gathering import DEPTH, Parts
from seg_ros.nodes.map_doubts import MapDoubts
from seg_ros.nodes.map_health import map_verdicts
from seg_ros.nodes.map_measured import Measuring
from seg_ros.records import Instances

SETTINGS = MappingSettings()
INFO = camera_info_message(CAMERA, header_of(1, 'camera'))


def whole(view: View) -> View:
    """Return a view with depth everywhere, and objects too: none."""
    return replace(before_a_wall(view), instances=Instances.none(view.surface.size))


def causes(doubts: MapDoubts, view: View, settings: MappingSettings = SETTINGS) -> dict[str, str]:
    return {one.cause: one.fact for one in doubts.of_view(view, settings, (), is_level=True)}


def test_of_a_good_camera_nothing_is_said() -> None:
    doubts, view = MapDoubts(), whole(drawn_view(box_at=2.0))
    doubts.look_at_headers('camera', 'camera', INFO, SETTINGS)
    doubts.look_at_depth(view.surface.z, SETTINGS)
    assert doubts.of_headers == () and causes(doubts, view) == {}


@pytest.mark.parametrize(('frame_id', 'depth_frame', 'info_frame', 'cause'), [
    ('', '', '', 'frame_id'), ('/camera', '', '', 'frame_slash'), ('camera', 'infra', 'camera', 'depth_frame'),
    ('camera', 'camera', 'left', 'info_frame')])
def test_frames_that_do_not_fit_are_said_until_they_do(frame_id: str, depth_frame: str, info_frame: str,
                                                       cause: str) -> None:
    doubts, info = MapDoubts(), camera_info_message(CAMERA, header_of(1, info_frame))
    doubts.look_at_headers(frame_id, depth_frame, info, SETTINGS)
    assert [one.cause for one in doubts.of_headers] == [cause] and doubts.of_headers[0].remedy
    doubts.look_at_headers('camera', 'camera', INFO, SETTINGS)
    assert doubts.of_headers == ()


def test_labels_that_nobody_named_are_said_until_they_are() -> None:
    doubts, view = MapDoubts(), whole(drawn_view(box_at=2.0))
    labels = np.full((64, 64), 255, np.uint8)
    labels[8:32] = 200
    doubts.look_at_labels(labels, {1: 'floor'})
    assert causes(doubts, view) == {'unnamed': 'labels without a name come: 200; nothing of them is mapped'}
    doubts.look_at_labels(labels, {1: 'floor', 200: 'sofa'})
    assert causes(doubts, view) == {}


def test_a_description_that_contradicts_itself_is_said() -> None:
    doubts, info = MapDoubts(), camera_info_message(CAMERA, header_of(1, 'camera'))
    info.p[0] *= 2
    doubts.look_at_headers('camera', '', info, SETTINGS)
    assert [one.cause for one in doubts.of_headers] == ['matrices']
    info.p[0], info.d = 0.0, [0.1, 0.0, 0.0, 0.0, 0.0]
    doubts.look_at_headers('camera', '', info, SETTINGS.changed({'rectified': True}))
    assert [one.cause for one in doubts.of_headers] == ['projection']


def test_a_region_beyond_the_sensor_is_said_as_the_other_node_says_it() -> None:
    doubts, info = MapDoubts(), camera_info_message(CAMERA, header_of(1, 'camera'))
    doubts.look_at_headers('camera', '', info, SETTINGS)
    info.roi.width, info.roi.height, info.roi.x_offset = info.width, info.height, 8
    doubts.look_at_headers('camera', '', info, SETTINGS)
    assert [one.cause for one in doubts.of_headers] == ['region']


def test_depth_in_another_unit_and_depth_that_is_mostly_missing_are_said() -> None:
    doubts, view = MapDoubts(), whole(drawn_view(box_at=2.0))
    doubts.look_at_depth(view.surface.z * 1000, SETTINGS)
    assert 'next to nothing of the depth lies within' in causes(doubts, view)['depth_range']
    few = np.where(np.arange(320) < 100, view.surface.z, np.nan).astype(np.float32)
    doubts.look_at_depth(few, SETTINGS)
    assert set(causes(doubts, view)) == {'depth_missing'}


def test_a_camera_that_looks_up_by_tf_and_a_lens_that_is_none_are_said() -> None:
    view, pose = whole(drawn_view(box_at=2.0)), np.eye(4)
    pose[2, 3] = 0.4  # the frame of the body: its z is up
    doubts = MapDoubts()
    doubts.look_at_headers('camera_link', '', None, SETTINGS)
    assert 'by TF the camera camera_link looks straight up' in causes(doubts, replace(
        view, map_from_camera=pose))['optical_frame']
    assert set(causes(MapDoubts(), replace(view, camera=replace(CAMERA, fx=2.3, fy=2.3)))) == {'lens'}


def test_what_an_image_lacks_is_said() -> None:
    view = drawn_view(box_at=2.0)
    assert set(causes(MapDoubts(), view)) == {'without objects'}
    assert set(causes(MapDoubts(), replace(whole(view), labels=None))) == {'without labels'}
    assert causes(MapDoubts(), view, SETTINGS.changed({'mode': 'semantic'})) == {}
    lost, = MapDoubts().of_view(view, SETTINGS, ('mask', 'instances'), is_level=True)
    gone, = MapDoubts().of_view(view, SETTINGS, ('mask',), is_level=True)
    assert 'raise wait_s (1)' in lost.remedy and 'set the mode' in gone.remedy


def test_a_table_that_is_taken_for_floor_is_told_from_a_map_frame_that_is_not_on_the_floor() -> None:
    view = replace(whole(drawn_view(box_at=2.0)), floor=plane_of_camera(0.1, 0.0))
    begun, driven = MapDoubts(), MapDoubts()
    for _ in range(5):
        assert not list(driven.of_view(view, SETTINGS, (), is_level=True))
    facts = [[one.fact for _ in range(5) for one in doubts.of_view(view, SETTINGS, (), is_level=False)]
             for doubts in (begun, driven)]
    assert facts == [['the floor in view lies at z = 0.30 m of map, or leans; the map takes z = 0 for it'],
                     ['what is labelled floor now lies at z = 0.30 m of map, or leans, and lay at 0 before: it is not '
                      'taken for the floor']]


def test_a_leap_is_said_but_not_when_time_began_again() -> None:
    doubts, view = MapDoubts(), whole(drawn_view(box_at=2.0, stamp_ns=1))
    pose = view.map_from_camera.copy()
    pose[0, 3] = 3.0
    away = replace(view, stamp_ns=100_000_001, map_from_camera=pose)
    assert causes(doubts, view) == {}
    assert 'leapt 3.0 m' in causes(doubts, away)['leapt']
    doubts.begin_again()
    assert causes(doubts, view) == {}


def parts_of(view: View, depth: np.ndarray, **messages: object) -> Parts:  # type: ignore[type-arg]
    header = header_of(1, 'camera')
    return Parts(1, 0.0, {'mask': image_message(view.labels, 'mono8', header),
                          DEPTH: image_message(depth, '32FC1', header), **messages})


def test_depth_without_a_measurement_and_labels_of_another_shape_are_no_view() -> None:
    view, measuring = drawn_view(box_at=2.0), Measuring('front', MapDoubts())
    with pytest.raises(ImageError, match='holds no measurement'):
        measuring.of(parts_of(view, np.zeros_like(view.surface.z)), INFO, SETTINGS)
    square = camera_info_message(replace(CAMERA, width=240, cx=119.5), header_of(1, 'camera'))
    with pytest.raises(ImageError, match=r'a 240x240 image, but the labels are 320x240.*front/camera'):
        measuring.of(parts_of(view, view.surface.z), square, SETTINGS)
    found = measuring.of(parts_of(view, view.surface.z), INFO, SETTINGS)
    np.testing.assert_array_equal(found.surface.z, view.surface.z)
    assert found.front is None and (found.camera.width, found.camera.height) == (320, 240)


def test_a_map_that_takes_too_long_is_said_where_nothing_else_is_wrong() -> None:
    slow = CameraHealth(15.0, 4.0, *[100.0] * 3, received=90, published=30, dropped=50, undecodable=0, last_error='',
                        quiet_s=0.1)
    one, = map_verdicts(slow, Situation('/segmentation/mask'), 'fine')
    assert map_verdicts(replace(slow, heard=False, quiet_s=9.0, received=0), Situation(
        '/segmentation/mask', 0, candidates=('/eyes/mask',)), '')[0].fact == (
            'nobody publishes /segmentation/mask; /eyes/mask may be it')
    assert one.cause == 'behind' and '4.0 of 15.0 images per second of /segmentation/mask are mapped' in one.fact
    doubt, = MapDoubts().of_view(drawn_view(box_at=2.0), SETTINGS, (), is_level=True)
    assert map_verdicts(slow, Situation('/segmentation/mask', problems=(doubt,)), 'fine') == (doubt,)
    assert map_verdicts(replace(slow, output_hz=14.0), Situation('/segmentation/mask'), 'all is well')[0].fact == (
        'all is well')
