# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is published of a map, each only while somebody subscribes, and only when it has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from nav_msgs.msg import OccupancyGrid
from rclpy.node import Node
from rclpy.publisher import Publisher
from sensor_msgs.msg import CompressedImage
from std_msgs.msg import Header
from vision_msgs.msg import Detection3D, Detection3DArray, LabelInfo
from visualization_msgs.msg import MarkerArray

from seg_ros.bridge.images import compressed_message
from seg_ros.bridge.maps import class_map_message, landmarks_message, layer_message, map_message
from seg_ros.bridge.markers import markers_message
from seg_ros.bridge.segmentations import label_info_message
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.mapping.charts import Chart, Landmark, layer_name
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.picture import picture
from seg_ros.nodes.compatibility import NO_EVENTS
from seg_ros.nodes.outputs import LATCHED_QOS

Make = Callable[[Mapper, Chart, Sequence[Landmark], Header], Any]

MADE: tuple[tuple[str, type, Make], ...] = (
    ('~/map', OccupancyGrid, lambda mapper, chart, objects, header: map_message(chart, header)),
    ('~/class_map', OccupancyGrid, lambda mapper, chart, objects, header: class_map_message(chart, header)),
    ('~/objects', Detection3DArray, lambda mapper, chart, objects, header: landmarks_message(
        objects, {c.id: c.name for c in mapper.classes}, header)),
    ('~/object_markers', MarkerArray, lambda mapper, chart, objects, header: markers_message(landmarks_message(
        objects, {c.id: c.name for c in mapper.classes}, header), {}, lasting=True)),
    ('~/map_picture/compressed', CompressedImage, lambda mapper, chart, objects, header: compressed_message(
        picture(chart, objects, mapper.path, mapper.classes), header)),
)
"""Topic, type, and how a map becomes its message."""


class MapOutputs:
    """
    The publishers of a map, all of them latched: who comes late gets the newest.

    :param classes: of the labels; each has a layer from the start, others have one once they were seen.
    """

    def __init__(self, node: Node, classes: Sequence[RobotClass]) -> None:
        self._node = node
        self._makers: dict[str, Make] = {}
        self._publishers: dict[str, Publisher] = {}
        self._published: dict[str, tuple[int, Any]] = {}  # version and message by topic
        self._announced: Sequence[RobotClass] = ()
        for topic, kind, make in MADE:
            self._offer(topic, kind, make)
        self._words = self._publisher('~/label_info', LabelInfo)
        for one in classes:
            self._offer_layer(one)
        self.announce(classes)

    def announce(self, classes: Sequence[RobotClass]) -> None:
        """Publish the names of the ids, if they are new."""
        if classes != self._announced:
            self._announced = classes
            self._words.publish(label_info_message(classes, 0.0, self._node.get_clock().now().nanoseconds))

    def publish(self, mapper: Mapper, version: int, header: Header) -> None:
        """
        Publish what somebody wants and was not given yet.

        :param version: another one when the map is another.
        """
        wanted = [topic for topic, one in self._publishers.items()
                  if one.get_subscription_count() and self._published.get(topic, (-1, None))[0] != version]
        if not wanted:
            return
        chart, objects = mapper.chart(), mapper.objects()
        for one in mapper.classes:
            if one.id in chart.probabilities:
                self._offer_layer(one)
        for topic in wanted:
            message = self._makers[topic](mapper, chart, objects, header)
            before = self._published.get(topic, (-1, None))[1]
            if before is None or _content(message) != _content(before):
                self._publishers[topic].publish(message)
            self._published[topic] = version, message

    def close(self) -> None:
        """Withdraw the topics."""
        for publisher in (*self._publishers.values(), self._words):
            self._node.destroy_publisher(publisher)

    def _offer_layer(self, one: RobotClass) -> None:
        topic = f'~/layers/{layer_name(one.name, one.id)}'
        if topic not in self._publishers:
            self._offer(topic, OccupancyGrid, lambda mapper, chart, objects, header:
                        layer_message(chart, one.id, header))

    def _offer(self, topic: str, kind: type, make: Make) -> None:
        self._makers[topic], self._publishers[topic] = make, self._publisher(topic, kind)

    def _publisher(self, topic: str, kind: type) -> Publisher:
        return self._node.create_publisher(kind, topic, LATCHED_QOS, event_callbacks=NO_EVENTS['publisher'])


def _content(message: Any) -> tuple[Any, ...]:
    """Return all of a message that a change of the map changes: not its stamps."""
    if isinstance(message, OccupancyGrid):
        info = message.info
        return message.header.frame_id, info.resolution, info.width, info.height, info.origin, message.data
    if isinstance(message, Detection3DArray):
        return message.header.frame_id, [_to_the_millimetre(one) for one in message.detections]
    if isinstance(message, MarkerArray):
        return tuple((one.header.frame_id, one.text, one.pose, one.points) for one in message.markers)
    return message.header.frame_id, message.data


def _to_the_millimetre(one: Detection3D) -> tuple[Any, ...]:
    """Return an object as far as others notice: place and size to a millimetre, doubt and shares to a hundredth."""
    at, size, found = one.bbox.center.position, one.bbox.size, [row.hypothesis for row in one.results]
    doubt_m = float(one.results[0].pose.covariance[0]) ** 0.5
    return (one.id, [(row.class_id, round(row.score, 2)) for row in found], round(doubt_m, 2),
            [round(v, 3) for v in (at.x, at.y, at.z, size.x, size.y, size.z)])
