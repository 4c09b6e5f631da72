# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node ``mapping`` with a tester that tells it what drawn views show, as segmentation, a camera and TF would."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from geometry_msgs.msg import TransformStamped
from nav_msgs.msg import OccupancyGrid
from numpy.typing import NDArray
from rclpy.context import Context
from rclpy.parameter import Parameter
from scenes.graph import LATCHED, RELIABLE, Running, until
from scenes.rgbd import patiently
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import CameraInfo, Image, PointCloud2
from std_srvs.srv import Trigger
from vision_msgs.msg import Detection2D, Detection2DArray, LabelInfo, ObjectHypothesis, ObjectHypothesisWithPose

from seg_ros.bridge.cameras import camera_info_message
from seg_ros.bridge.images import header_of, image_message
from seg_ros.bridge.segmentations import label_info_message
from seg_ros.bridge.spaces import cloud_message
from seg_ros.geometry.cloud import organised_cloud
from seg_ros.labels.taxonomy import RobotClass, Role, load_taxonomy
from seg_ros.mapping.view import View
from seg_ros.nodes.map_inputs import wanted_of
from seg_ros.nodes.mapping import MappingNode
from seg_ros.nodes.streams import camera_topic
from seg_ros.records import Frame, Instances, Result, Segmentation
from seg_ros.tracking.overlap import id_image

TFMessage = pytest.importorskip('tf2_msgs.msg').TFMessage

CROP = RobotClass(40, 'crop', (10, 200, 30), Role.OBSTACLE)
CLASSES = (*load_taxonomy('indoor').classes, CROP)
NAMES = {one.id: one.name for one in CLASSES}
KINDS = {'mask': Image, 'confidence': Image, 'instance_ids': Image, 'instances': Detection2DArray,
         'points': PointCloud2, 'depth': Image, 'camera_info': CameraInfo, 'label_info': LabelInfo}
MS = 1_000_000


class MapGraph(Running[MappingNode]):
    """
    The node ``mapping`` under test.

    :param parameters: of the node.
    """

    def __init__(self, context: Context, cameras: tuple[str, ...] = ('',), **parameters: Any) -> None:
        values = {'map_frame': 'odom', 'wait_s': 9.0, 'cameras': list(cameras), **parameters}
        super().__init__(context, MappingNode(context=context, parameter_overrides=[
            Parameter(name, value=value) for name, value in values.items()]))
        self._cameras = cameras
        self._publishers: dict[str, Any] = {}

    def __enter__(self) -> MapGraph:
        """Publish everything first, so that the node subscribes rightly at once."""
        for camera in self._cameras:
            for part in (*wanted_of(self.node.settings), 'label_info', *(
                    ('camera_info',) if self.node.settings.source == 'depth' else ())):
                own = camera_topic(camera, part)
                topic = own if part in ('depth', 'camera_info') else f'/segmentation/{own}'
                self._publishers[own] = self.tester.create_publisher(
                    KINDS[part], topic, LATCHED if part == 'label_info' else RELIABLE)
            self._publishers[camera_topic(camera, 'label_info')].publish(label_info_message(CLASSES, 0.4, 1))
        self._publishers['/tf'] = self.tester.create_publisher(TFMessage, '/tf', 100)
        until(lambda: all(self.node.count_publishers(one.topic_name) for one in self._publishers.values()),
              'the node does not see the publishers')
        super().__enter__()
        self.until_heard()
        return self

    def until_heard(self) -> None:
        """Wait until the node listens to all that is published."""
        until(lambda: all(one.get_subscription_count() for one in self._publishers.values()), 'nobody listens')
        until(lambda: all(one.inputs.words for one in self.node._cameras.values()), 'no names came')
        time.sleep(0.05)  # the subscriber's side of the match

    def place(self, view: View, stamp_ns: int, camera: str = '') -> None:
        """Tell where the camera stands."""
        message = TransformStamped(header=header_of(stamp_ns, 'odom'), child_frame_id=camera or 'camera')
        q, at = Rotation.from_matrix(view.map_from_camera[:3, :3]).as_quat(), message.transform
        at.rotation.x, at.rotation.y, at.rotation.z, at.rotation.w = (float(v) for v in q)
        at.translation.x, at.translation.y, at.translation.z = (float(v) for v in view.place)
        self._publishers['/tf'].publish(TFMessage(transforms=[message]))

    def show(self, view: View, stamp_ns: int, camera: str = '', without: tuple[str, ...] = (),
             frame_id: str = '') -> None:
        """Publish what the camera and segmentation say, and where the camera stands, unless ``without`` something."""
        header = header_of(stamp_ns, frame_id or camera or 'camera')
        instances = view.instances or Instances.none(view.surface.size)
        segmentation = Segmentation(view.surface.size, view.labels, view.confidence, instances)
        blank, ids = np.zeros((*view.surface.z.shape, 3), np.uint8), id_image(instances)
        result = Result(Frame(camera, stamp_ns, header.frame_id, blank), segmentation)
        confidence = np.full_like(ids, 255, np.uint8) if view.confidence is None else view.confidence
        messages = {
            'camera_info': lambda: camera_info_message(view.camera, header),
            'depth': lambda: image_message(view.surface.z, '32FC1', header),
            'mask': lambda: image_message(view.labels, 'mono8', header),
            'confidence': lambda: image_message(confidence, 'mono8', header),
            'instance_ids': lambda: image_message(ids, 'mono16', header),
            'instances': lambda: listed(instances, header),
            'points': lambda: cloud_message(organised_cloud(view.surface, blank, view.labels, ids), result)}
        if 'tf' not in without:
            self.place(view, stamp_ns, camera)
        for part, message in messages.items():
            own = camera_topic(camera, part)
            if own in self._publishers and part not in without:
                self._publishers[own].publish(message())

    def drive(self, views: list[View], first: int = 1, camera: str = '') -> None:
        """Show views, tenths of a second apart, each once the one before is in the map."""
        for k, view in enumerate(views, first):
            before = self.mapped
            for _ in range(10):  # a message may be lost while two ends meet
                self.show(view, k * 100 * MS, camera)
                patiently(lambda before=before: self.mapped > before, 1.0)
                if self.mapped > before:
                    break
            assert self.mapped == before + 1, f'view {k} is not mapped'

    @property
    def mapped(self) -> int:
        """How many images are in the map."""
        return int(self.node._map().facts()['images in the map'])

    def call(self, service: str) -> Any:
        """Call a service of the node, and return its answer."""
        client = self.tester.create_client(Trigger, f'/mapping/{service}')
        assert client.wait_for_service(5.0)
        future = client.call_async(Trigger.Request())
        until(future.done, f'{service} is not answered')
        return future.result()


def listed(instances: Instances, header: Any) -> Detection2DArray:
    """Return objects as segmentation lists them."""
    found = [Detection2D(header=header, id=str(track), results=[ObjectHypothesisWithPose(
        hypothesis=ObjectHypothesis(class_id=NAMES[class_id], score=float(score)))])
        for track, class_id, score in zip(instances.track_ids.tolist(), instances.class_ids.tolist(), instances.scores)]
    return Detection2DArray(header=header, detections=found)


def cells_of(message: OccupancyGrid) -> NDArray[np.int8]:
    """Return the (H, W) cells of a map, row 0 lowest in y."""
    return np.array(message.data, np.int8).reshape(message.info.height, message.info.width)


def cell_at(message: OccupancyGrid, x: float, y: float) -> int:
    """Return the value of the cell at a place, -1 outside of the map."""
    at, info = message.info.origin.position, message.info
    column, row = (int(np.floor(v / info.resolution + 1e-6)) for v in (x - at.x, y - at.y))
    return int(cells_of(message)[row, column]) if 0 <= row < info.height and 0 <= column < info.width else -1
