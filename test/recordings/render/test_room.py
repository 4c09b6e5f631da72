# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The bundled recording is what its README says, and its truth agrees with itself from frame to frame."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from seg_ros.bridge.compressed_depth import HEADER
from seg_ros.demo.script import script_of
from seg_ros.labels.taxonomy import load_taxonomy

ROOM = Path(__file__).parents[3] / 'recordings' / 'room'
COLOUR = '/camera/color/image_raw/compressed'
DEPTH = '/camera/aligned_depth_to_color/image_raw/compressedDepth'
MOMENT = {'/tf': 'tf2_msgs/msg/TFMessage', '/camera/color/camera_info': 'sensor_msgs/msg/CameraInfo',
          COLOUR: 'sensor_msgs/msg/CompressedImage', DEPTH: 'sensor_msgs/msg/CompressedImage',
          '/truth/labels': 'sensor_msgs/msg/Image', '/truth/instances': 'vision_msgs/msg/Detection2DArray',
          '/truth/instance_ids': 'sensor_msgs/msg/Image'}
LATCHED = {'/tf_static': 'tf2_msgs/msg/TFMessage', '/truth/label_info': 'vision_msgs/msg/LabelInfo'}
FRAMES, WIDTH, HEIGHT = 130, 640, 480
DRIVEN = (0, 24, 48, 72)
AT_THE_BENCH = (104, 124)

Pixels = NDArray[Any]


class Moments:
    """The recording, read by a library that knows its types from the file alone."""

    def __init__(self, path: Path) -> None:
        highlevel = pytest.importorskip('rosbags.highlevel')
        self.reader = highlevel.AnyReader([path])
        self.reader.open()
        self.start_ns = self.reader.start_time
        self.words = {one.class_id: one.class_name for one in self.of('/truth/label_info')[0][1].class_map}
        self.mount = self._pose(self.of('/tf_static')[0][1].transforms[0].transform)

    def of(self, topic: str, number: int | None = None) -> list[tuple[int, Any]]:
        """Return (recorded time, message) of a topic, all of them or that of one frame."""
        one = [connection for connection in self.reader.connections if connection.topic == topic]
        edges = {} if number is None else {'start': self.start_ns + number * 100_000_000 - 50_000_000,
                                           'stop': self.start_ns + number * 100_000_000 + 50_000_000}
        return [(recorded_ns, self.reader.deserialize(data, connection.msgtype))
                for connection, recorded_ns, data in self.reader.messages(one, **edges)]

    def at(self, topic: str, number: int) -> Any:
        """Return the message of one frame."""
        return self.of(topic, number)[0][1]

    def picture(self, topic: str, number: int) -> Pixels:
        """Return the pixels of one frame as they are stored."""
        message = self.at(topic, number)
        if not hasattr(message, 'format'):
            kind = {'mono8': np.uint8, 'mono16': np.uint16}[message.encoding]
            return np.frombuffer(message.data, kind).reshape(message.height, message.width)
        skipped = HEADER.size if 'compressedDepth' in message.format else 0
        return cv2.imdecode(message.data[skipped:], cv2.IMREAD_UNCHANGED)

    def odom_from_optical(self, number: int) -> Pixels:
        """Return where the camera was, (4, 4)."""
        base, camera = self.at('/tf', number).transforms
        assert (base.header.frame_id, base.child_frame_id) == ('odom', 'base_link')
        assert (camera.header.frame_id, camera.child_frame_id) == ('base_link', 'camera_link')
        return self._pose(base.transform) @ self._pose(camera.transform) @ self.mount

    def points(self, number: int) -> Pixels:
        """Return where each pixel lies in odom, (H, W, 3) metres; NaN without depth."""
        k = self.at('/camera/color/camera_info', number).k.reshape(3, 3)
        z = self.picture(DEPTH, number) / 1000.0
        z[z == 0] = np.nan
        v, u = np.mgrid[:HEIGHT, :WIDTH]
        seen = np.stack([(u - k[0, 2]) / k[0, 0] * z, (v - k[1, 2]) / k[1, 1] * z, z, np.ones_like(z)], -1)
        return (seen @ self.odom_from_optical(number).T)[..., :3]

    def labelled(self, number: int, name: str) -> NDArray[np.bool_]:
        """Return the pixels of a class."""
        ids = {word: k for k, word in self.words.items()}
        return self.picture('/truth/labels', number) == ids[name]

    def _pose(self, transform: Any) -> Pixels:
        q, t = transform.rotation, transform.translation
        x, y, z, w = q.x, q.y, q.z, q.w
        pose = np.eye(4)
        pose[:3, :3] = [[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]]
        pose[:3, 3] = t.x, t.y, t.z
        return pose


@pytest.fixture(scope='module')
def room() -> Any:
    moments = Moments(ROOM)
    yield moments
    moments.reader.close()


def test_it_is_small_enough_to_be_carried_along() -> None:
    assert sum(path.stat().st_size for path in ROOM.iterdir()) <= 25_000_000


def test_every_frame_has_everything_at_one_stamp(room: Moments) -> None:
    kinds = {one.topic: (one.msgtype, one.msgcount) for one in room.reader.connections}
    assert kinds == {**{topic: (kind, FRAMES) for topic, kind in MOMENT.items()},
                     **{topic: (kind, 1) for topic, kind in LATCHED.items()}}
    stamps = {}
    for topic in ('/camera/color/camera_info', COLOUR, DEPTH, '/truth/labels', '/truth/instances'):
        headers = [message.header for _, message in room.of(topic)]
        assert {header.frame_id for header in headers} == {'camera_optical_frame'}
        stamps[topic] = [header.stamp.sec * 1_000_000_000 + header.stamp.nanosec for header in headers]
    assert len({tuple(one) for one in stamps.values()}) == 1
    assert {later - earlier for earlier, later in pairwise(stamps[COLOUR])} == {100_000_000}


def test_it_is_a_rosbag2_recording_that_late_listeners_understand() -> None:
    described = yaml.safe_load((ROOM / 'metadata.yaml').read_text())['rosbag2_bagfile_information']
    assert described['storage_identifier'] == 'mcap'
    assert described['relative_file_paths'] == ['room_0.mcap'] and (ROOM / 'room_0.mcap').is_file()
    assert (ROOM / 'room_0.mcap').read_bytes()[:8] == b'\x89MCAP0\r\n'
    for one in described['topics_with_message_count']:
        topic = one['topic_metadata']
        kept = 'transient_local' if topic['name'] in LATCHED else 'volatile'
        assert topic['offered_qos_profiles'][0]['durability'] == kept, topic['name']


def test_pictures_depth_and_truth_have_one_size(room: Moments) -> None:
    for topic in (COLOUR, DEPTH, '/truth/labels', '/truth/instance_ids'):
        assert room.picture(topic, 12).shape[:2] == (HEIGHT, WIDTH)
    assert room.picture(DEPTH, 12).dtype == np.uint16
    colour = room.picture(COLOUR, 12)
    assert colour.std(axis=(0, 1)).min() > 30  # a picture, neither black nor washed out


def test_the_classes_are_those_of_the_taxonomy(room: Moments) -> None:
    assert room.words == {one.id: one.name for one in load_taxonomy('indoor').classes}
    found = {room.words[k] for number in DRIVEN for k in np.unique(room.picture('/truth/labels', number))}
    assert found == set(room.words.values()) - {'stairs'}


@pytest.mark.parametrize('number', [*DRIVEN, *AT_THE_BENCH])
def test_floor_ceiling_and_the_far_wall_are_where_they_were_built(room: Moments, number: int) -> None:
    """Depth, intrinsics and pose give the room's own measures, to the millimetre that depth is rounded to."""
    points = room.points(number)
    x, z = points[..., 0], points[..., 2]
    floor = room.labelled(number, 'floor') & (np.abs(z) < 0.004)  # not the rug, which is 1 cm thick
    assert np.count_nonzero(floor) > 20_000
    assert np.quantile(np.abs(z[floor]), 0.99) < 0.001
    if number in DRIVEN:
        assert np.nanmax(x) < 6.2015  # nothing is seen through the wall in the east
        assert np.count_nonzero(np.abs(x - 6.2) < 0.001) > 10_000
    if (ceiling := room.labelled(number, 'ceiling')).any():
        assert np.quantile(np.abs(z[ceiling] - 2.6), 0.99) < 0.001


@pytest.mark.parametrize(('first', 'second'), [(0, 4), (24, 28), (48, 60), (72, 76), (104, 124)])
def test_what_one_frame_measured_is_where_the_other_measures_it(room: Moments, first: int, second: int) -> None:
    points = room.points(first)
    k = room.at('/camera/color/camera_info', second).k.reshape(3, 3)
    there = np.linalg.inv(room.odom_from_optical(second))
    seen = points @ there[:3, :3].T + there[:3, 3]
    with np.errstate(invalid='ignore', divide='ignore'):
        u, v = (seen[..., i] / seen[..., 2] * k[i, i] + k[i, 2] for i in (0, 1))
        kept = (seen[..., 2] > 0.05) & (u > 0) & (u < WIDTH - 1) & (v > 0) & (v < HEIGHT - 1)
    u, v, expected = u[kept], v[kept], seen[kept][:, 2]
    measured, smooth = _blended(room.picture(DEPTH, second), room.picture('/truth/instance_ids', second), u, v)
    gap_mm = np.abs(measured - expected * 1000)[smooth]
    assert len(gap_mm) > 50_000
    assert np.median(gap_mm) < 0.6  # rounding to millimetres, twice
    assert np.quantile(gap_mm, 0.85) < 1.5  # the others: edges, and what is hidden in one of the frames


def _blended(depth: Pixels, ids: Pixels, u: Pixels, v: Pixels) -> tuple[Pixels, NDArray[np.bool_]]:
    """Return depth between pixels (of a plane 1 / depth is linear), and where its four neighbours are one thing."""
    left, top = np.floor(u).astype(int), np.floor(v).astype(int)
    right, below = u - left, v - top
    corners = [(0, 0, (1 - right) * (1 - below)), (0, 1, right * (1 - below)), (1, 0, (1 - right) * below),
               (1, 1, right * below)]
    with np.errstate(divide='ignore'):
        inverse = sum(share / depth[top + dv, left + du] for dv, du, share in corners)
    near = np.stack([depth[top + dv, left + du].astype(float) for dv, du, _ in corners])
    same = np.stack([ids[top + dv, left + du] for dv, du, _ in corners])
    return 1 / inverse, (same == same[0]).all(0) & (near.min(0) > 0) & (np.ptp(near, axis=0) < 0.03 * near.mean(0))


def test_objects_keep_their_ids_and_words_and_lie_where_their_boxes_say(room: Moments) -> None:
    taxonomy, words = load_taxonomy('indoor'), {}
    for number in (*DRIVEN, *AT_THE_BENCH):
        labels, front = room.picture('/truth/labels', number), room.picture('/truth/instance_ids', number)
        detections = room.at('/truth/instances', number).detections
        assert set(np.unique(front)) - {0} == set(range(1, len(detections) + 1))
        for k, one in enumerate(detections, 1):
            word = one.results[0].hypothesis.class_id
            assert words.setdefault(one.id, word) == word
            known = taxonomy.class_of(word)
            assert known is not None and set(np.unique(labels[front == k])) == {known.id}
            rows, columns = np.nonzero(front == k)
            assert one.bbox.center.position.x == (columns.min() + columns.max() + 1) / 2
            assert one.bbox.size_y == rows.max() + 1 - rows.min()
    found = list(words.values())
    assert {'person', 'sofa', 'chair', 'table', 'potted plant', 'bookcase', 'lamp'} - set(found) <= {'lamp'}
    assert found.count('potted plant') >= 4 and found.count('chair') >= 2


def test_tools_lie_on_the_bench_and_on_each_other(room: Moments) -> None:
    words, touching = [], 0
    for number in AT_THE_BENCH:
        front = room.picture('/truth/instance_ids', number)
        detections = room.at('/truth/instances', number).detections
        words += [one.results[0].hypothesis.class_id for one in detections]
        tools = {k for k, one in enumerate(detections, 1) if one.results[0].hypothesis.class_id not in ('table', 'box')}
        for a, b in ((front[:, 1:], front[:, :-1]), (front[1:], front[:-1])):
            beside = a != b
            touching += sum(1 for x, y in zip(a[beside], b[beside]) if x in tools and y in tools)
    assert {'hammer', 'wrench', 'screwdriver', 'pliers', 'adjustable spanner', 'needle-nose pliers',
            'tape measure'} <= set(words)
    assert touching > 50


def test_the_camera_drives_at_its_height_and_then_looks_down(room: Moments) -> None:
    poses = [room.odom_from_optical(number) for number in range(0, FRAMES, 4)]
    heights = np.array([pose[2, 3] for pose in poses])
    downwards = np.degrees(np.arcsin([-pose[2, 2] for pose in poses]))  # the optical axis is z
    assert np.all(np.abs(heights[:18] - 0.4) < 0.02) and np.all(np.abs(downwards[:18] + 3) < 1)
    assert np.all(heights[26:] > 1.3) and np.all(downwards[26:] > 60)
    assert np.linalg.norm(np.diff([pose[:3, 3] for pose in poses], axis=0), axis=1).max() < 0.4  # 1 m/s: no cut


def test_the_drive_is_the_one_that_the_scripts_render(room: Moments, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOM.parent / 'render'))
    drive = pytest.importorskip('drive')
    assert (drive.FRAMES, drive.RATE) == (FRAMES, 10.0)
    for number in (*DRIVEN, *AT_THE_BENCH):
        odom_from_base, base_from_camera = drive.poses(number)
        np.testing.assert_allclose(room.odom_from_optical(number), odom_from_base @ base_from_camera @ room.mount,
                                   atol=1e-9)


def test_the_demo_switches_to_instances_at_the_bench() -> None:
    script = script_of(ROOM)
    assert [settings['mode'] for _, settings in script] == ['semantic', 'instance']
    assert script[-1][0] == FRAMES / 10
