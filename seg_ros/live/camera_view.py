# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What one camera of a running node shows, subscribed to only while somebody looks."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage
from vision_msgs.msg import Detection2DArray, LabelInfo

from seg_ros.bridge.images import stamp_ns_of
from seg_ros.bridge.reports import SeenObject, seen_objects_of
from seg_ros.live.picture_view import PictureView, looks_on
from seg_ros.nodes.outputs import LATCHED_QOS
from seg_ros.nodes.streams import camera_topic

NEWEST = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE)
KEPT = 8  # messages by stamp, until what belongs to them has come
T = TypeVar('T')


class CameraView:
    """
    The overlay, the picture below it, the objects and the class names of one camera.

    ``keep_up`` and the callbacks belong to the thread that spins ``node``; the rest may be used from any thread.

    :param watched: full name of the node that is watched.
    :ivar overlay: what is looked at.
    """

    def __init__(self, node: Node, watched: str, camera: str) -> None:
        self._node, self._watched, self._camera = node, watched, camera
        self.overlay = PictureView(node, self._topic('overlay/compressed'), NEWEST)
        self._subscriptions: dict[str, Subscription] = {}
        self._news = threading.Condition()
        self._looked_below_s, self._ended = float('-inf'), False
        self._plain: OrderedDict[int, bytes] = OrderedDict()
        self._objects: OrderedDict[int, tuple[SeenObject, ...]] = OrderedDict()
        self.class_ids: dict[str, int] = {}

    def look_below(self, stamp_ns: int, patience_s: float) -> bytes | None:
        """Return as JPEG what lies below the overlay of a stamp; None when it does not come in time."""
        with self._news:
            self._looked_below_s = time.monotonic() + patience_s
            self._news.wait_for(lambda: self._ended or stamp_ns in self._plain, patience_s)
            self._looked_below_s = time.monotonic()
            return self._plain.get(stamp_ns)

    def objects_at(self, stamp_ns: int, patience_s: float) -> tuple[SeenObject, ...] | None:
        """Return the objects of the image of a stamp, the best first; None when they are not told in time."""
        with self._news:
            self._news.wait_for(lambda: self._ended or stamp_ns in self._objects, patience_s)
            return self._objects.get(stamp_ns)

    def keep_up(self, *, has_objects: bool = False) -> None:
        """
        Subscribe if somebody looks, unsubscribe and forget if nobody does.

        :param has_objects: whether the node's mode has objects: who subscribes to what a mode lacks is warned of.
        """
        looking = self.overlay.is_looked_at
        below = looks_on(self._looked_below_s)
        # The objects first: they are known when their picture comes.
        self._listen('instances', Detection2DArray, self._on_instances, wanted=looking and has_objects)
        self._listen('label_info', LabelInfo, self._on_label_info, LATCHED_QOS, wanted=looking)
        self.overlay.keep_up()
        self._listen('picture/compressed', CompressedImage, self._on_plain, wanted=looking and below)

    def _listen(self, name: str, kind: type[Any], heard: Callable[[Any], None], qos: QoSProfile = NEWEST, *,
                wanted: bool) -> None:
        if wanted and name not in self._subscriptions:
            self._subscriptions[name] = self._node.create_subscription(kind, self._topic(name), heard, qos)
        elif not wanted and name in self._subscriptions:
            self._node.destroy_subscription(self._subscriptions.pop(name))
            with self._news:
                self._forget(name)

    def _forget(self, name: str) -> None:
        if name == 'instances':
            self._objects.clear()
        elif name == 'picture/compressed':
            self._plain.clear()

    def dismiss(self) -> None:
        """Let all who wait for a picture go; nobody waits from now on."""
        self.overlay.dismiss()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _topic(self, name: str) -> str:
        return f'{self._watched}/{camera_topic(self._camera, name)}'

    def _on_plain(self, message: CompressedImage) -> None:
        with self._news:
            _remember(self._plain, stamp_ns_of(message.header), bytes(message.data))
            self._news.notify_all()

    def _on_instances(self, message: Detection2DArray) -> None:
        with self._news:
            _remember(self._objects, stamp_ns_of(message.header), tuple(seen_objects_of(message)))
            self._news.notify_all()

    def _on_label_info(self, message: LabelInfo) -> None:
        self.class_ids = {one.class_name: one.class_id for one in message.class_map}


def _remember(those: OrderedDict[int, T], stamp_ns: int, one: T) -> None:
    """Add one, and forget the oldest when there are many."""
    those[stamp_ns] = one
    while len(those) > KEPT:
        those.popitem(last=False)
