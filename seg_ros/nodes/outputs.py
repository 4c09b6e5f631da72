"""What is published per camera, each only while somebody subscribes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any

from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from rclpy.qos_overriding_options import QoSOverridingOptions
from sensor_msgs.msg import CompressedImage, Image, LaserScan, PointCloud2
from vision_msgs.msg import Detection2DArray, Detection3DArray, LabelInfo

from seg_ros.bridge.segmentations import (
    confidence_message,
    instance_ids_message,
    instance_masks_message,
    instances_message,
    label_info_message,
    mask_message,
    overlay_jpeg,
    overlay_message,
)
from seg_ros.bridge.spaces import cloud_message, objects_message, scan_message
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.nodes.compatibility import PublisherEventCallbacks, deaf_subscribers
from seg_ros.nodes.streams import camera_topic
from seg_ros.records import Mode, Result
from seg_ros.settings import Settings
from seg_ros.stages import stage

IMAGE_QOS = QoSProfile(depth=2, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.VOLATILE)
LATCHED_QOS = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE,
                         durability=DurabilityPolicy.TRANSIENT_LOCAL)


@dataclass(frozen=True)
class Output:
    """One topic of a camera: its name, its type, and how a result becomes its message, None if it has none."""

    name: str
    kind: type
    message_of: Callable[[Result, Sequence[RobotClass], Settings], Any]


OUTPUTS = (
    Output('mask', Image, lambda result, _, __: mask_message(result)),
    Output('confidence', Image, lambda result, _, __: confidence_message(result)),
    Output('instances', Detection2DArray, lambda result, classes, _: instances_message(result, classes)),
    Output('instance_ids', Image, lambda result, _, __: instance_ids_message(result)),
    Output('instance_masks', Image, lambda result, _, __: instance_masks_message(result)),
    Output('overlay', Image, lambda result, classes, _: overlay_message(result, classes)),
    Output('points', PointCloud2, lambda result, _, __: cloud_message(result.space.points, result)),
    Output('obstacles', PointCloud2, lambda result, _, __: cloud_message(result.space.obstacles, result)),
    Output('ground', PointCloud2, lambda result, _, __: cloud_message(result.space.ground, result)),
    Output('scan', LaserScan, lambda result, _, __: scan_message(result)),
    Output('objects', Detection3DArray, lambda result, classes, _: objects_message(result, classes)),
    Output('target_points', PointCloud2, lambda result, _, __: cloud_message(result.space.target_points, result)),
    Output('scene_points', PointCloud2, lambda result, _, __: cloud_message(result.space.scene_points, result)),
    # As image_transport names it, for slow links.
    Output('overlay/compressed', CompressedImage, lambda result, classes, _: overlay_jpeg(result, classes)),
)


class CameraOutputs:
    """The publishers of one camera."""

    def __init__(self, node: Node, camera: str) -> None:
        self._node = node
        self._profiles: dict[str, QoSProfile] = {}
        self._deaf: set[str] = set()  # topics somebody subscribed to in vain
        self._told: set[str] = set()
        self._publishers: dict[str, Publisher] = {
            output.name: self._publisher(output.kind, _private(camera, output.name)) for output in OUTPUTS}
        self._label_info = node.create_publisher(LabelInfo, _private(camera, 'label_info'), LATCHED_QOS)
        self._announced: tuple[Sequence[RobotClass], float] | None = None

    @property
    def wanted(self) -> bool:
        """Whether anybody listens to anything that needs the model."""
        return any(publisher.get_subscription_count() for publisher in self._publishers.values())

    @property
    def wanted_names(self) -> frozenset[str]:
        """The names of the outputs somebody listens to."""
        return frozenset(name for name, publisher in self._publishers.items() if publisher.get_subscription_count())

    def announce(self, classes: Sequence[RobotClass], threshold: float) -> None:
        """Publish the words for the ids, if they are not those already published."""
        if self._announced != (classes, threshold):
            self._announced = (classes, threshold)
            now_ns = self._node.get_clock().now().nanoseconds
            self._label_info.publish(label_info_message(classes, threshold, now_ns))

    def publish(self, result: Result, classes: Sequence[RobotClass], settings: Settings) -> None:
        """Publish every output of a result that somebody subscribes to."""
        for output in OUTPUTS:
            publisher = self._publishers[output.name]
            if not publisher.get_subscription_count():
                continue
            with stage('encode'):
                message = output.message_of(result, classes, settings)
            if message is not None:
                with stage('publish'):
                    publisher.publish(message)

    def keep_up(self) -> None:
        """Name those who subscribed and can receive nothing."""
        for topic in self._deaf:
            subscribers = self._node.get_subscriptions_info_by_topic(topic)
            for sentence in deaf_subscribers(topic, self._profiles[topic], subscribers):
                if sentence not in self._told:
                    self._told.add(sentence)
                    self._node.get_logger().warning(sentence)
        self._deaf.clear()

    def close(self) -> None:
        """Withdraw the topics."""
        for publisher in (*self._publishers.values(), self._label_info):
            self._node.destroy_publisher(publisher)

    def _publisher(self, kind: type, name: str) -> Publisher:
        topic = self._node.resolve_topic_name(name)
        profile = copy(IMAGE_QOS)  # an override is written into it
        self._profiles[topic] = profile
        events = PublisherEventCallbacks(incompatible_qos=lambda _: self._deaf.add(topic))
        return self._node.create_publisher(kind, name, profile, event_callbacks=events,
                                           qos_overriding_options=QoSOverridingOptions.with_default_policies())


def announced_threshold(settings: Settings) -> float:
    """Return the threshold that goes with the words: that of labels where there are labels, else that of objects."""
    return settings.unlabelled_threshold if Mode(settings.mode).has_labels else settings.score_threshold


def _private(camera: str, name: str) -> str:
    return f'~/{camera_topic(camera, name)}'
