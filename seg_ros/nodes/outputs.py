# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is published per camera, each only while somebody subscribes."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import CompressedImage, Image, LaserScan, PointCloud2
from vision_msgs.msg import Detection2DArray, Detection3DArray, LabelInfo
from visualization_msgs.msg import MarkerArray

from seg_ros.bridge.markers import markers_message
from seg_ros.bridge.segmentations import (
    confidence_message,
    costmap_mask_message,
    instance_ids_message,
    instance_masks_message,
    instances_message,
    label_info_message,
    mask_message,
    overlay_jpeg,
    overlay_message,
    picture_jpeg,
)
from seg_ros.bridge.spaces import cloud_message, objects_message, scan_message
from seg_ros.errors import SettingError
from seg_ros.geometry.spaces import OF_INSTANCES, OF_LABELS
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.nodes.compatibility import NO_EVENTS, deaf_subscribers
from seg_ros.nodes.streams import camera_topic
from seg_ros.records import Mode, Result
from seg_ros.settings import Settings

IMAGE_QOS = QoSProfile(depth=2, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE)
LATCHED_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE,
                         durability=DurabilityPolicy.TRANSIENT_LOCAL)


@dataclass(frozen=True)
class Output:
    """One topic of a camera: its name, its type, and how a result becomes its message, None if it has none."""

    name: str
    kind: type
    message_of: Callable[[Result, Sequence[RobotClass]], Any]


OUTPUTS = (
    Output('mask', Image, lambda result, _: mask_message(result)),
    Output('confidence', Image, lambda result, _: confidence_message(result)),
    Output('instances', Detection2DArray, instances_message),
    Output('instance_ids', Image, lambda result, _: instance_ids_message(result)),
    Output('instance_masks', Image, lambda result, _: instance_masks_message(result)),
    Output('overlay', Image, overlay_message),
    Output('points', PointCloud2, lambda result, _: cloud_message(result.space.points, result)),
    Output('obstacles', PointCloud2, lambda result, _: cloud_message(result.space.obstacles, result)),
    Output('ground', PointCloud2, lambda result, _: cloud_message(result.space.ground, result)),
    Output('costmap_mask', Image, lambda result, _: costmap_mask_message(result)),
    Output('scan', LaserScan, lambda result, _: scan_message(result)),
    Output('objects', Detection3DArray, objects_message),
    Output('object_markers', MarkerArray, lambda result, classes: markers_message(
        objects_message(result, classes), {c.name: c.colour for c in classes})),
    Output('target_points', PointCloud2, lambda result, _: cloud_message(result.space.target_points, result)),
    Output('scene_points', PointCloud2, lambda result, _: cloud_message(result.space.scene_points, result)),
    # As image_transport names it, for slow links.
    Output('overlay/compressed', CompressedImage, overlay_jpeg),
    Output('picture/compressed', CompressedImage, lambda result, _: picture_jpeg(result)),
)
_NOT_IN_MODE = {
    Mode.SEMANTIC: OF_INSTANCES | {'instances', 'instance_ids', 'instance_masks'},
    Mode.INSTANCE: OF_LABELS | {'mask', 'confidence'},
    Mode.PANOPTIC: frozenset[str](),
}


def made_in(mode: Mode, names: frozenset[str]) -> frozenset[str]:
    """Return those of some outputs that a mode has."""
    return names - _NOT_IN_MODE[mode]


class CameraOutputs:
    """The publishers of one camera."""

    def __init__(self, node: Node, camera: str) -> None:
        self._node = node
        self._profiles = {output.name: copy(IMAGE_QOS) for output in OUTPUTS}  # an override is written into it
        self._publishers = {output.name: _publisher(node, output, _private(camera, output.name),
                                                    self._profiles[output.name]) for output in OUTPUTS}
        self._label_info = node.create_publisher(LabelInfo, _private(camera, 'label_info'), LATCHED_QOS,
                                                 event_callbacks=NO_EVENTS['publisher'])
        self._announcing = threading.Lock()
        self._announced: tuple[Sequence[RobotClass], float] | None = None

    def subscribed(self) -> frozenset[str]:
        """Return the names of the outputs somebody listens to."""
        return frozenset([name for name, one in self._publishers.items() if one.get_subscription_count()])

    def wanted(self, mode: str) -> frozenset[str]:
        """Return those of them that a mode has."""
        return self.subscribed() - _NOT_IN_MODE[Mode(mode)]

    def missed(self, mode: str) -> frozenset[str]:
        """Return those of them that a mode does not have and somebody needs: who takes labels and ids needs but one."""
        absent = self.subscribed() & _NOT_IN_MODE[Mode(mode)]
        content = self._listeners('mask') & self._listeners('instance_ids') if absent else frozenset()
        return frozenset([name for name in absent if not content or self._listeners(name) - content])

    def announce(self, classes: Sequence[RobotClass], threshold: float) -> None:
        """Publish the words for the ids, if they are not those already published."""
        if self._announced == (classes, threshold):
            return
        with self._announcing:
            self._announced = (classes, threshold)
            now_ns = self._node.get_clock().now().nanoseconds
            self._label_info.publish(label_info_message(classes, threshold, now_ns))

    def publish(self, result: Result, classes: Sequence[RobotClass],
                spent_s: dict[str, float]) -> dict[str, Exception | None]:
        """
        Publish what is wanted of a result; return what it does not give, by name, with the failure if it was one.

        :param spent_s: what it takes to encode and to publish is added here.
        """
        absent: dict[str, Exception | None] = {}
        encode_s = publish_s = 0.0
        for output in [one for one in OUTPUTS if one.name in result.frame.wanted]:
            started_s = encoded_s = time.perf_counter()
            try:
                message = output.message_of(result, classes)
                encoded_s = time.perf_counter()
                if message is None:
                    absent[output.name] = None
                else:
                    self._publishers[output.name].publish(message)
            except Exception as error:  # noqa: BLE001 - one output never takes another along
                absent[output.name] = error
            encode_s += encoded_s - started_s
            publish_s += time.perf_counter() - encoded_s
        spent_s |= {'encode': encode_s, 'publish': publish_s}
        return absent

    def deaf(self) -> Iterator[str]:
        """Yield a sentence for each of those who subscribed and can receive nothing."""
        for name, publisher in self._publishers.items():
            if self._node.count_subscribers(publisher.topic_name) > publisher.get_subscription_count():
                subscribers = self._node.get_subscriptions_info_by_topic(publisher.topic_name)
                yield from deaf_subscribers(publisher.topic_name, self._profiles[name], subscribers)

    def _listeners(self, name: str) -> frozenset[tuple[str, str]]:
        """Return namespace and name of the nodes that listen to an output."""
        topic = self._publishers[name].topic_name
        return frozenset([(one.node_namespace, one.node_name)
                          for one in self._node.get_subscriptions_info_by_topic(topic)])

    def close(self) -> None:
        """Withdraw the topics."""
        for publisher in (*self._publishers.values(), self._label_info):
            self._node.destroy_publisher(publisher)


def announced_threshold(settings: Settings) -> float:
    """Return the threshold that goes with the words: that of labels where there are labels, else that of objects."""
    return settings.unlabelled_threshold if Mode(settings.mode).has_labels else settings.score_threshold


def _publisher(node: Node, output: Output, name: str, profile: QoSProfile) -> Publisher:
    """Return the publisher of an output, with what ``qos_overrides`` says of it, which is written into the profile."""
    try:
        return node.create_publisher(output.kind, name, profile, event_callbacks=NO_EVENTS['publisher'],
                                     qos_overriding_options=QoSOverridingOptions.with_default_policies())
    except (RuntimeError, ValueError) as error:
        if 'QoS' not in str(error):
            raise
        said = re.sub(r', at /\S+', '', str(error))
        raise SettingError(f'{node.resolve_topic_name(name)}: {said}', 'reliability is reliable or best_effort, '
                           'history keep_last or keep_all') from error


def _private(camera: str, name: str) -> str:
    return f'~/{camera_topic(camera, name)}'
