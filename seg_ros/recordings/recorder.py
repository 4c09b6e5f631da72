# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Writes what a node answers into a recording while it works; nothing is looked into or drawn before it is over."""

from __future__ import annotations

import shutil
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from struct import Struct
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.serialization import deserialize_message, serialize_message
from sensor_msgs.msg import CompressedImage, Image, TimeReference
from vision_msgs.msg import LabelInfo

from seg_ros.bridge.images import compressed_message, decode_image
from seg_ros.live.observer import Observer
from seg_ros.nodes.outputs import LATCHED_QOS, OUTPUTS
from seg_ros.recordings import time_reference
from seg_ros.recordings.bag_parts import bag_qos
from seg_ros.recordings.bags import rosbags_module
from seg_ros.recordings.message_definitions import described, type_name

CAMERA = '/camera/image'
OVERLAY = 'overlay/compressed'
STREAM = QoSProfile(depth=20, reliability=ReliabilityPolicy.RELIABLE)
KEPT_IMAGES = 40  # newest images of the camera, until it is known which of them are answered
STAMP = Struct('<iI')  # behind the four bytes that head every serialised message


class Recorder:
    """
    Subscribes to outputs of a node and writes them as they come. Use it in a ``with`` statement.

    Messages are written unopened, with the time of their arrival; of the camera's images only those that are answered
    are kept, as JPEG. It works in a thread and a ROS context of its own.

    :param folder: of the recording; an older one is replaced. :param node: full name of the node.
    :param outputs: names of its outputs.
    :ivar at: called with the recorded time of each image that is played (ns).
    :ivar images: how many came. :ivar answers: how many were answered.
    :ivar heard_s: when the last was, in steady time.
    """

    def __init__(self, folder: Path, node: str, domain: int, outputs: tuple[str, ...]) -> None:
        rosbag2 = rosbags_module('rosbags.rosbag2')
        if folder.exists():
            shutil.rmtree(folder)
        self._writer = rosbag2.Writer(folder, version=9, storage_plugin=rosbag2.StoragePlugin.MCAP)
        self._writer.open()
        self._observer = Observer('seg_ros_recorder', domain)
        self.node = self._observer.node
        self._images: OrderedDict[bytes, bytes] = OrderedDict()
        self._awaited: set[bytes] = set()
        self.at: Callable[[int], None] = lambda _: None
        self._prefix, self._outputs = node, outputs
        self._topics: dict[str, Any] = {}
        self.images = self.answers = 0
        self.heard_s = time.monotonic()
        self._subscribe(f'{node}/label_info', LabelInfo, LATCHED_QOS)
        self._subscribe('/diagnostics', DiagnosticArray, STREAM)

    def __enter__(self) -> Recorder:
        self._observer.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._observer.__exit__()
        self._writer.close()

    def watch(self) -> None:
        """Subscribe to the outputs; from now on the node has work to do."""
        self._declare(f'{CAMERA}/compressed', CompressedImage, STREAM)
        self.node.create_subscription(Image, CAMERA, self._on_image, STREAM, raw=True)
        self._declare(time_reference.TOPIC, TimeReference, time_reference.QOS)
        self.node.create_subscription(TimeReference, time_reference.TOPIC, self._on_reference, time_reference.QOS,
                                      raw=True)
        for output in OUTPUTS:
            if output.name in self._outputs:
                self._subscribe(f'{self._prefix}/{output.name}', output.kind, STREAM, counts=output.name == OVERLAY)

    def _subscribe(self, topic: str, kind: type, profile: QoSProfile, *, counts: bool = False) -> None:
        self._declare(topic, kind, profile)

        def on_message(data: bytes) -> None:
            self._write(topic, data)
            if counts:
                self._on_answer(data)

        self.node.create_subscription(kind, topic, on_message, profile, raw=True)

    def _declare(self, topic: str, kind: type, profile: QoSProfile) -> None:
        text, digest = described(kind)
        self._topics[topic] = self._writer.add_connection(topic, type_name(kind), msgdef=text, rihs01=digest,
                                                          offered_qos_profiles=[bag_qos(profile)])

    def _write(self, topic: str, data: bytes) -> None:
        self._writer.write(self._topics[topic], time.time_ns(), bytes(data))

    def _on_image(self, data: bytes) -> None:
        self.images += 1
        stamp = data[4:4 + STAMP.size]
        if stamp in self._awaited:
            self._awaited.discard(stamp)
            self._keep(data)
            return
        self._images[stamp] = data
        while len(self._images) > KEPT_IMAGES:
            self._images.popitem(last=False)

    def _on_reference(self, data: bytes) -> None:
        self._write(time_reference.TOPIC, data)
        taken = deserialize_message(data, TimeReference).time_ref
        self.at(taken.sec * 1_000_000_000 + taken.nanosec)

    def _on_answer(self, data: bytes) -> None:
        """Keep the image that an overlay answers."""
        self.answers += 1
        self.heard_s = time.monotonic()
        stamp = data[4:4 + STAMP.size]
        if stamp in self._images:
            self._keep(self._images[stamp])
        else:
            self._awaited.add(stamp)  # it is large, and may come behind its answer

    def _keep(self, data: bytes) -> None:
        message = deserialize_message(data, Image)
        picture = compressed_message(decode_image(message), message.header)
        self._write(f'{CAMERA}/compressed', serialize_message(picture))
