# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A labelled copy holds the recording as it was and what the node would say, also after an interruption."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from rclpy.context import Context
from rclpy.serialization import deserialize_message
from rosgraph_msgs.msg import Clock
from scenes.bags import START_NS, camera_entries, write_bag
from scenes.graph import Graph, until
from scenes.raycast import Scene, Solid, View, seen
from scenes.rgbd import true_models, xyz_of
from scenes.scripted import ScriptedInstances, Thing, drawn, open_scripted
from sensor_msgs.msg import Image, PointCloud2
from vision_msgs.msg import Detection2DArray, Detection3DArray, LabelInfo

from seg_ros.bridge.images import stamp_ns_of
from seg_ros.errors import DataError, SegRosError, SettingError
from seg_ros.recordings.bags import Bag
from seg_ros.recordings.labelling import Job, LabellingProgress, label
from seg_ros.records import Frame, Segmentation
from seg_ros.settings import Settings

CPU = Settings(device='cpu')


def room(k: int) -> NDArray[np.uint8]:
    """Return a drawn room whose floor grows."""
    labels = np.full((24, 32), 1, np.uint8)
    labels[12 + k % 10:] = 0
    return drawn(labels)


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    """Write two seconds of a camera, with the clock of a simulation beside it."""
    entries = camera_entries([room(k) for k in range(20)])
    entries.insert(7, ('/clock', entries[7][1], Clock()))
    return write_bag(tmp_path / 'drive', entries)


def contents(path: Path) -> list[tuple[str, int, bytes]]:
    """Return every message of a recording: topic, when recorded, bytes; the topics of one moment by name."""
    with Bag(path) as bag:
        rows = [(one.topic, when, bytes(data)) for one, when, data in bag.raw()]
    return sorted(rows, key=lambda row: (row[1], row[0]))


def of_topic(path: Path, topic: str, kind: type) -> list[Any]:
    return [deserialize_message(data, kind) for name, _, data in contents(path) if name == topic]


def get_message(name: str) -> Any:
    """Return the class of a type by its name in a recording."""
    package, _, kind = name.split('/')
    return getattr(import_module(f'{package}.msg'), kind)


def meanings(path: Path) -> list[tuple[str, int, Any]]:
    """Return the same, deserialised: between the fields of a serialised message there is whatever was in memory."""
    with Bag(path) as bag:
        kinds = {topic: get_message(one.msgtype) for topic, one in bag.topics.items()}
    return [(topic, when, deserialize_message(data, kinds[topic])) for topic, when, data in contents(path)]


def hash_of(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize('storage', ['mcap', 'sqlite3'])
def test_the_copy_has_every_message_of_the_recording_and_a_label_image_for_each_image(
        storage: str, tmp_path: Path) -> None:
    source = write_bag(tmp_path / 'drive', camera_entries([room(k) for k in range(12)]), storage=storage)
    before, told = hash_of(source), list[LabellingProgress]()
    done = label(Job(source, tmp_path / 'out', CPU, part_s=0.5), open_model=open_scripted, tell=told.append)
    assert (done.total, done.labelled, done.undecodable) == (12, 12, 0)
    assert [one.labelled for one in told][-1] == 12
    assert hash_of(source) == before
    copied = [row for row in contents(tmp_path / 'out') if not row[0].startswith('/segmentation/')]
    assert copied == contents(source)
    masks = of_topic(tmp_path / 'out', '/segmentation/mask', Image)
    assert [stamp_ns_of(one.header) for one in masks] == [START_NS + k * 100_000_000 for k in range(12)]
    for k, mask in enumerate(masks):
        assert (mask.encoding, mask.header.frame_id) == ('mono8', 'camera')
        expected = np.where(np.arange(24)[:, None] >= 12 + k % 10, 0, 1) * np.ones((1, 32))
        np.testing.assert_array_equal(np.frombuffer(mask.data, np.uint8).reshape(24, 32), expected)
    with Bag(tmp_path / 'out') as bag:
        added = {topic for topic in bag.topics if topic.startswith('/segmentation/')}
    of_the_mode = ('label_info', 'mask', 'confidence', 'obstacles', 'ground', 'scan')
    assert added == {f'/segmentation/{name}' for name in of_the_mode}
    words, = of_topic(tmp_path / 'out', '/segmentation/label_info', LabelInfo)
    assert [one.class_name for one in words.class_map][:2] == ['floor', 'wall']
    names = {path.name for path in (tmp_path / 'out').iterdir()}
    assert names == {'metadata.yaml', *(f'out_{k}.{"mcap" if storage == "mcap" else "db3"}' for k in range(3))}


def test_its_messages_are_those_the_node_publishes(drive: Path, tmp_path: Path, ros_context: Context) -> None:
    label(Job(drive, tmp_path / 'out', CPU, outputs=('mask', 'confidence')), open_model=open_scripted)
    labelled = of_topic(tmp_path / 'out', '/segmentation/mask', Image)
    sure = of_topic(tmp_path / 'out', '/segmentation/confidence', Image)
    images = of_topic(drive, '/camera/image_raw', Image)
    with Graph(ros_context) as graph:
        heard, confidences = (graph.listen(f'/segmentation/{name}', Image) for name in ('mask', 'confidence'))
        publish = graph.camera()
        for number, image in enumerate(images, 1):
            publish(image)
            until(lambda n=number: len(heard) == len(confidences) == n, 'the node did not answer')
    assert labelled == heard
    assert sure == confidences


class Walker(ScriptedInstances):
    """Finds two hammers that walk to the right and one that comes later; ends the run at an image if told to."""

    def __init__(self, stops: Callable[[int], bool]) -> None:
        super().__init__({})
        self._stops = stops

    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Answer by the time since the start."""
        step = max(0, frames[0].stamp_ns - START_NS) // 100_000_000  # the warm-up has no stamp
        if frames[0].stamp_ns and self._stops(step):
            raise KeyboardInterrupt
        things = [Thing('hammer', 0.9, (step, 2, step + 8, 9)), Thing('hammer', 0.8, (step, 12, step + 8, 20))]
        late = [Thing('wrench', 0.7, (step, 10, step + 6, 22))] if step > 9 else []
        script = {frame.stamp_ns // 1_000_000_000: [*things, *late] for frame in frames}
        return ScriptedInstances(script).segment(frames, settings)


INSTANCES = Settings(device='cpu', mode='instance')


def walked(source: Path, target: Path, *, stop_at: int = -1, resume: bool = False) -> LabellingProgress:
    return label(Job(source, target, INSTANCES, part_s=0.5), resume=resume,
                 open_model=lambda name, settings: Walker(lambda step: step == stop_at))


@pytest.mark.parametrize('stop_at', [0, 7, 12, 19], ids=['in the first part', 'in the second', 'in a later one',
                                                        'at the last image'])
def test_an_interrupted_run_goes_on_to_the_same_result(stop_at: int, drive: Path, tmp_path: Path) -> None:
    walked(drive, tmp_path / 'whole')
    with pytest.raises(KeyboardInterrupt):
        walked(drive, tmp_path / 'broken', stop_at=stop_at)
    assert not (tmp_path / 'broken' / 'metadata.yaml').exists()
    done = walked(drive, tmp_path / 'broken', resume=True)
    assert (done.total, done.labelled) == (20, 20)
    assert meanings(tmp_path / 'broken') == meanings(tmp_path / 'whole')
    found = of_topic(tmp_path / 'broken', '/segmentation/instances', Detection2DArray)
    assert [[one.id for one in message.detections] for message in found] == [['1', '2']] * 10 + [['1', '2', '3']] * 10


def test_what_was_finished_is_not_done_again(drive: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        walked(drive, tmp_path / 'out', stop_at=12)
    names = sorted(path.name for path in (tmp_path / 'out').glob('part_*'))
    assert names == ['part_00000', 'part_00001', 'part_00002.unfinished']
    seen_steps: list[int] = []

    def watched(name: str, settings: Settings) -> Walker:
        return Walker(lambda step: seen_steps.append(step) or False)  # type: ignore[func-returns-value]

    label(Job(drive, tmp_path / 'out', INSTANCES, part_s=0.5), resume=True, open_model=watched)
    assert seen_steps == list(range(10, 20))


def test_a_finished_copy_is_left_alone(drive: Path, tmp_path: Path) -> None:
    walked(drive, tmp_path / 'out')
    before = hash_of(tmp_path / 'out')
    assert walked(drive, tmp_path / 'out', resume=True).total == 0
    assert hash_of(tmp_path / 'out') == before


def test_another_job_does_not_go_on_in_the_folder_of_the_first(drive: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        walked(drive, tmp_path / 'out', stop_at=12)
    with pytest.raises(DataError, match=r'was begun otherwise: score_threshold was 0\.5'):
        label(Job(drive, tmp_path / 'out', INSTANCES.changed({'score_threshold': 0.7}), part_s=0.5), resume=True)


@pytest.mark.parametrize(('change', 'words'), [
    ({'target': 'there'}, 'there exists already. Choose another name, or go on where it stopped with --resume'),
    ({'target': 'drive/below'}, 'lies in the recording'),
    ({'outputs': ('masks',)}, "there is no output 'masks'. Choose of mask, confidence"),
    ({'settings': CPU.changed({'base_frame': 'base_link'})}, 'transforms of recordings are not read'),
    ({'settings': CPU.changed({'semantic_model': 'indor'})}, "there is no model 'indor'"),
], ids=['existing target', 'target in the source', 'unknown output', 'transforms', 'unknown model'])
def test_what_cannot_be_done_is_refused(change: dict[str, Any], words: str, drive: Path, tmp_path: Path) -> None:
    (tmp_path / 'there').mkdir()
    given = {'source': drive, 'target': tmp_path / 'out', 'settings': CPU, **change}
    given['target'] = tmp_path / given['target']
    with pytest.raises((DataError, SettingError, SegRosError)) as caught:
        label(Job(**given), open_model=open_scripted)
    assert words in str(caught.value)


def test_a_folder_of_something_else_is_not_gone_on_in(drive: Path, tmp_path: Path) -> None:
    (tmp_path / 'there').mkdir()
    with pytest.raises(DataError, match='no recording that was being labelled'):
        label(Job(drive, tmp_path / 'there', CPU), resume=True)


def test_a_labelled_recording_is_labelled_again_under_another_name_only(drive: Path, tmp_path: Path) -> None:
    label(Job(drive, tmp_path / 'once', CPU), open_model=open_scripted)
    with pytest.raises(DataError, match=r'has /segmentation/label_info already\. Choose another --namespace'):
        label(Job(tmp_path / 'once', tmp_path / 'twice', CPU), open_model=open_scripted)
    done = label(Job(tmp_path / 'once', tmp_path / 'twice', CPU, namespace='/second'), open_model=open_scripted)
    assert done.labelled == 20
    masks = of_topic(tmp_path / 'once', '/segmentation/mask', Image)
    assert of_topic(tmp_path / 'twice', '/second/mask', Image) == masks


def test_an_image_that_cannot_be_decoded_is_counted_and_the_rest_labelled(tmp_path: Path) -> None:
    entries = camera_entries([room(k) for k in range(5)], jpeg=True)
    entries[2][2].data = entries[2][2].data[:60]
    done = label(Job(write_bag(tmp_path / 'drive', entries), tmp_path / 'out', CPU), open_model=open_scripted)
    assert (done.labelled, done.undecodable) == (4, 1)
    assert len(of_topic(tmp_path / 'out', '/segmentation/mask', Image)) == 4


def test_with_depth_the_copy_has_clouds_and_boxes_at_their_true_places(tmp_path: Path) -> None:
    box = Solid(1.8, 0.3, (0.30, 0.20, 0.25))
    view: View = seen(Scene((box,), 1.0, 0.44))
    entries = camera_entries([drawn(view.labels)] * 2, rate=0.5, start_ns=START_NS - START_NS % 2_000_000_000,
                             depth=lambda _: view.depth_mm, camera=view.scene.camera)
    label(Job(write_bag(tmp_path / 'drive', entries), tmp_path / 'out', CPU.changed({'mode': 'panoptic'})),
          open_model=true_models(view))
    obstacles = of_topic(tmp_path / 'out', '/segmentation/obstacles', PointCloud2)
    assert len(obstacles) == 2
    points = view.scene.world(xyz_of(obstacles[0])[0])
    assert np.abs(points[:, :2] - [1.8, 0.3]).max() < 0.2
    boxes = of_topic(tmp_path / 'out', '/segmentation/objects', Detection3DArray)
    centre = boxes[0].detections[0].bbox.center.position
    np.testing.assert_allclose(view.scene.world(np.array([centre.x, centre.y, centre.z])), box.centre, atol=0.02)


def test_an_old_recording_that_does_not_describe_its_types_is_copied_too(tmp_path: Path) -> None:
    source = write_bag(tmp_path / 'drive', camera_entries([room(k) for k in range(3)]), storage='sqlite3')
    with closing(sqlite3.connect(source / 'drive.db3')) as base:
        base.executescript('DROP TABLE message_definitions; UPDATE schema SET schema_version = 3; '
                           'ALTER TABLE topics DROP COLUMN type_description_hash;')
        base.execute("INSERT INTO topics VALUES (9, '/odometry', 'maker_msgs/msg/Wheels', 'cdr', '')")
        base.execute('INSERT INTO messages VALUES (99, 9, ?, ?)', (START_NS + 5_000_000, b'\x00\x01\x00\x00turns'))
        base.commit()
    old = source / 'drive.db3'
    label(Job(old, tmp_path / 'out', CPU), open_model=open_scripted)
    assert ('/odometry', START_NS + 5_000_000, b'\x00\x01\x00\x00turns') in contents(tmp_path / 'out')
    assert [row for row in contents(tmp_path / 'out') if not row[0].startswith('/segmentation/')] == contents(old)
    assert len(of_topic(tmp_path / 'out', '/segmentation/mask', Image)) == 3
