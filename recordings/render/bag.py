# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Writes rendered frames as a rosbag2 recording: a camera with depth and transforms, and the truth beside it."""

from __future__ import annotations

import argparse
import json
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from rosbags.interfaces import Qos, QosDurability, QosHistory, QosLiveliness, QosReliability, QosTime
from rosbags.rosbag2 import StoragePlugin, Writer
from rosbags.rosbag2.enums import CompressionFormat, CompressionMode
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from scipy.spatial.transform import Rotation
from tqdm import tqdm

from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.records import UNLABELLED

ROOT = Path(__file__).resolve().parents[2]
START_NS = 1_767_225_600_000_000_000  # the drive begins with the year 2026, UTC
WRITTEN_AFTER_NS = 4_000_000
OPTICAL = 'camera_optical_frame'
JPEG_QUALITY = 92
CAMERA = '/camera/color'
DEPTH = '/camera/aligned_depth_to_color/image_raw/compressedDepth'

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Rendered:
    """
    One frame as the renderer left it.

    :param colour: (H, W, 3) uint8 in blue-green-red order. :param depth_mm: (H, W) uint16 along the optical axis.
    :param things: (H, W) uint16, which thing of the scene.
    :param odom_from_base, base_from_camera: (4, 4) poses in metres; the camera's has x forward (REP-103).
    """

    colour: NDArray[np.uint8]
    depth_mm: NDArray[np.uint16]
    things: NDArray[np.uint16]
    odom_from_base: Matrix
    base_from_camera: Matrix


def read_frame(path: Path) -> Rendered:
    """Return the frame of NNNN.npz, its picture in NNNN.png."""
    stored = np.load(path)
    colour = cv2.imread(str(path.with_suffix('.png')), cv2.IMREAD_COLOR)
    return Rendered(colour, stored['depth_mm'], stored['things'], stored['odom_from_base'],
                    stored['base_from_camera'])


class Recorder:
    """Makes messages of frames, with the types of ROS 2 Jazzy and vision_msgs, and writes them."""

    def __init__(self, writer: Writer, scene: dict[str, Any]) -> None:
        self._writer, self._scene = writer, scene
        self._store = store = get_typestore(Stores.ROS2_JAZZY)
        for file in sorted((ROOT / 'interfaces/vision_msgs/msg').glob('*.msg')):
            store.register(get_types_from_msg(file.read_text(), f'vision_msgs/msg/{file.stem}'))
        self._connections: dict[str, Any] = {}
        self._stamp_ns = START_NS
        self._taxonomy = load_taxonomy('indoor')
        things = {int(number): one for number, one in scene['things'].items()}
        self._words = {number: one['word'] for number, one in things.items()}
        self._labels = np.full(max(things) + 1, UNLABELLED, np.uint8)
        for number, word in self._words.items():
            found = self._taxonomy.class_of(word)
            self._labels[number] = UNLABELLED if found is None else found.id
        self._unmeasured = [number for number, one in things.items() if not one['measured']]
        self._countable = [number for number, one in things.items() if one['counts']]

    def begin(self) -> None:
        """Write what holds for the whole recording: the camera in its mount, and the names of the classes."""
        mount = np.eye(4)
        mount[:3, :3] = Rotation.from_euler('ZYX', (-90, 0, -90), degrees=True).as_matrix()
        self._write('/tf_static', self._transforms(('camera_link', OPTICAL, mount)), latched=True)
        words = [self._type('vision_msgs', 'VisionClass')(class_id=one.id, class_name=one.name)
                 for one in self._taxonomy.classes]
        info = self._type('vision_msgs', 'LabelInfo')(header=self._header(''), class_map=words, threshold=0.0)
        self._write('/truth/label_info', info, latched=True)

    def frame(self, number: int, one: Rendered) -> None:
        """Write one moment: transforms first, then the camera, then the truth."""
        self._stamp_ns = START_NS + round(number * 1e9 / self._scene['rate'])
        self._write('/tf', self._transforms(('odom', 'base_link', one.odom_from_base),
                                            ('base_link', 'camera_link', one.base_from_camera)))
        self._write(f'{CAMERA}/camera_info', self._camera_info())
        jpeg = cv2.imencode('.jpg', one.colour, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))[1]
        self._write(f'{CAMERA}/image_raw/compressed', self._compressed('rgb8; jpeg compressed bgr8', jpeg))
        depth_mm = np.where(np.isin(one.things, self._unmeasured), np.uint16(0), one.depth_mm)
        png = cv2.imencode('.png', depth_mm, (cv2.IMWRITE_PNG_COMPRESSION, 9))[1].tobytes()
        coded = np.frombuffer(struct.pack('<iff', 0, 0.0, 0.0) + png, np.uint8)
        self._write(DEPTH, self._compressed('16UC1; compressedDepth png', coded))
        self._write('/truth/labels', self._image('mono8', self._labels[one.things]))
        self._truth_of_objects(one)

    def _truth_of_objects(self, one: Rendered) -> None:
        """Write who is where in the manner of the node: pixel k is the k-th detection, whose id lasts."""
        seen = [int(number) for number in np.unique(one.things) if number in self._countable]
        places = np.zeros(int(one.things.max()) + 1, np.uint16)
        places[seen] = np.arange(1, len(seen) + 1)
        found = [self._detection(number, one.things == number) for number in seen]
        self._write('/truth/instances', self._type('vision_msgs', 'Detection2DArray')(
            header=self._header(OPTICAL), detections=found))
        self._write('/truth/instance_ids', self._image('mono16', places[one.things]))

    def _detection(self, number: int, mask: NDArray[np.bool_]) -> Any:
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        low = np.array([columns[0], rows[0]], float)
        high = np.array([columns[-1] + 1, rows[-1] + 1], float)
        centre, size = (low + high) / 2, high - low
        word = self._words[number]
        geometry, vision = self._geometry, self._vision
        pose = geometry('Pose', position=geometry('Point', x=0.0, y=0.0, z=0.0),
                        orientation=self._quaternion(np.eye(3)))
        unknown = geometry('PoseWithCovariance', pose=pose, covariance=np.zeros(36))
        hypothesis = vision('ObjectHypothesis', class_id=word, score=1.0)
        box = vision('BoundingBox2D', size_x=float(size[0]), size_y=float(size[1]), center=vision(
            'Pose2D', position=vision('Point2D', x=float(centre[0]), y=float(centre[1])), theta=0.0))
        return vision('Detection2D', header=self._header(OPTICAL), bbox=box, id=str(number), results=[
            vision('ObjectHypothesisWithPose', hypothesis=hypothesis, pose=unknown)])

    def _transforms(self, *edges: tuple[str, str, Matrix]) -> Any:
        made = [self._geometry('TransformStamped', header=self._header(parent), child_frame_id=child,
                               transform=self._transform(matrix)) for parent, child, matrix in edges]
        return self._type('tf2_msgs', 'TFMessage')(transforms=made)

    def _transform(self, matrix: Matrix) -> Any:
        x, y, z = (float(value) for value in matrix[:3, 3])
        return self._geometry('Transform', translation=self._geometry('Vector3', x=x, y=y, z=z),
                              rotation=self._quaternion(matrix[:3, :3]))

    def _quaternion(self, rotation: Matrix) -> Any:
        x, y, z, w = (float(value) for value in Rotation.from_matrix(rotation).as_quat())
        return self._geometry('Quaternion', x=x, y=y, z=z, w=w)

    def _camera_info(self) -> Any:
        width, height, f = self._scene['width'], self._scene['height'], self._scene['focal_length']
        cx, cy = (width - 1) / 2, (height - 1) / 2
        region = self._type('sensor_msgs', 'RegionOfInterest')(x_offset=0, y_offset=0, height=0, width=0,
                                                              do_rectify=False)
        return self._type('sensor_msgs', 'CameraInfo')(
            header=self._header(OPTICAL), height=height, width=width, distortion_model='plumb_bob', d=np.zeros(5),
            k=np.array([f, 0, cx, 0, f, cy, 0, 0, 1]), r=np.eye(3).reshape(-1),
            p=np.array([f, 0, cx, 0, 0, f, cy, 0, 0, 0, 1, 0]), binning_x=0, binning_y=0, roi=region)

    def _image(self, encoding: str, pixels: NDArray[Any]) -> Any:
        height, width = pixels.shape
        return self._type('sensor_msgs', 'Image')(
            header=self._header(OPTICAL), height=height, width=width, encoding=encoding, is_bigendian=0,
            step=width * pixels.itemsize, data=np.ascontiguousarray(pixels).reshape(-1).view(np.uint8))

    def _compressed(self, words: str, data: NDArray[np.uint8]) -> Any:
        return self._type('sensor_msgs', 'CompressedImage')(header=self._header(OPTICAL), format=words,
                                                           data=data.reshape(-1))

    def _header(self, frame_id: str) -> Any:
        sec, nanosec = divmod(self._stamp_ns, 1_000_000_000)
        stamp = self._type('builtin_interfaces', 'Time')(sec=sec, nanosec=nanosec)
        return self._type('std_msgs', 'Header')(stamp=stamp, frame_id=frame_id)

    def _geometry(self, kind: str, **values: Any) -> Any:
        return self._type('geometry_msgs', kind)(**values)

    def _vision(self, kind: str, **values: Any) -> Any:
        return self._type('vision_msgs', kind)(**values)

    def _type(self, package: str, kind: str) -> Any:
        return self._store.types[f'{package}/msg/{kind}']

    def _write(self, topic: str, message: Any, *, latched: bool = False) -> None:
        kind = message.__msgtype__
        if topic not in self._connections:
            self._connections[topic] = self._writer.add_connection(
                topic, kind, typestore=self._store, offered_qos_profiles=[quality_of_service(latched=latched)])
        data = self._store.serialize_cdr(message, kind)
        self._writer.write(self._connections[topic], self._stamp_ns + WRITTEN_AFTER_NS, data)


def quality_of_service(*, latched: bool) -> Qos:
    """Return what the topic was offered with: reliable, and kept for those who come late if latched."""
    forever = QosTime(9223372036, 854775807)
    durability = QosDurability.TRANSIENT_LOCAL if latched else QosDurability.VOLATILE
    return Qos(history=QosHistory.KEEP_LAST, depth=1 if latched else 10, reliability=QosReliability.RELIABLE,
               durability=durability, deadline=forever, lifespan=forever, liveliness=QosLiveliness.AUTOMATIC,
               liveliness_lease_duration=forever, avoid_ros_namespace_conventions=False)


def write_recording(frames: Path, out: Path) -> int:
    """
    Write the frames of a folder as a recording in the folder ``out``, in place of the one there; return how many.

    :raises SystemExit: when there are no frames.
    """
    scene = json.loads((frames / 'scene.json').read_text())
    paths = sorted(frames.glob('[0-9]*.npz'))
    if not paths:
        raise SystemExit(f'There are no frames in {frames}; render them first.')
    unfinished = out.with_name(f'{out.name}.unfinished')
    shutil.rmtree(unfinished, ignore_errors=True)
    writer = Writer(unfinished, version=9, storage_plugin=StoragePlugin.MCAP)
    writer.set_compression(CompressionMode.STORAGE, CompressionFormat.ZSTD)
    with writer:
        recorder = Recorder(writer, scene)
        recorder.begin()
        for number, one in _numbered(paths):
            recorder.frame(number, one)
    _named(unfinished, out)
    return len(paths)


def _numbered(paths: list[Path]) -> Iterator[tuple[int, Rendered]]:
    for path in tqdm(paths, unit='frame', desc='writing the recording'):
        yield int(path.stem), read_frame(path)


def _named(unfinished: Path, out: Path) -> None:
    """Move a finished recording into place, its file named after its folder."""
    before, after = f'{unfinished.name}.mcap', f'{out.name}_0.mcap'
    out.mkdir(parents=True, exist_ok=True)
    (unfinished / before).replace(out / after)
    (out / 'metadata.yaml').write_text((unfinished / 'metadata.yaml').read_text().replace(before, after))
    shutil.rmtree(unfinished)


def main() -> None:
    """Write a recording; ``python recordings/render/bag.py FRAMES OUT``."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument('frames', type=Path, help='the folder room.py rendered into')
    parser.add_argument('out', type=Path, help='the folder of the recording')
    arguments = parser.parse_args()
    number = write_recording(arguments.frames, arguments.out)
    size = sum(file.stat().st_size for file in arguments.out.iterdir())
    print(f'{arguments.out} holds {number} frames, {size / 1e6:.1f} MB')


if __name__ == '__main__':
    main()
