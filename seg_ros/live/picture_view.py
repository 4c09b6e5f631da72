# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The newest picture of a topic, subscribed to only while somebody looks."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription
from sensor_msgs.msg import CompressedImage

from seg_ros.bridge.images import stamp_ns_of

GLANCE_S = 3.0
"""For how long who asked for a picture is taken to look on: a browser asks again as soon as it has shown one."""


def looks_on(asked_s: float) -> bool:
    """Tell whether somebody who asked at a moment of steady time is taken to look on."""
    return time.monotonic() - asked_s < GLANCE_S


@dataclass(frozen=True)
class OverlayImage:
    """
    A picture as JPEG, an overlay or a map.

    :param number: which one it is, counted from 1. :param stamp_ns: of its image.
    :param seen: what a person is told of it, made of plain lists, words and numbers.
    """

    number: int
    stamp_ns: int
    jpeg: bytes
    seen: dict[str, Any] = field(default_factory=dict)


class PictureView:
    """
    The newest picture of a topic.

    ``keep_up`` and the callback belong to the thread that spins ``node``; the rest may be used from any thread.

    :ivar topic: its full name.
    """

    def __init__(self, node: Node, topic: str, qos: QoSProfile) -> None:
        self._node, self.topic, self._qos = node, topic, qos
        self._subscription: Subscription | None = None
        self._news = threading.Condition()
        self._looked_at_s = float('-inf')
        self._number, self._ended = 0, False
        self._picture: OverlayImage | None = None

    @property
    def is_looked_at(self) -> bool:
        """Whether somebody asked for a picture just now."""
        return not self._ended and looks_on(self._looked_at_s)

    def look(self, after: int, patience_s: float = 0.0) -> OverlayImage | None:
        """Return the newest picture once its number is another than ``after``; None when none comes in time."""
        with self._news:
            self._looked_at_s = time.monotonic() + patience_s
            self._news.wait_for(lambda: self._ended or self._newer(after), patience_s)
            self._looked_at_s = time.monotonic()
            return self._newer(after)

    def keep_up(self) -> None:
        """Subscribe if somebody looks, unsubscribe and forget if nobody does."""
        if self.is_looked_at and self._subscription is None:
            self._subscription = self._node.create_subscription(CompressedImage, self.topic, self._on_picture,
                                                                self._qos)
        elif not self.is_looked_at and self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = self._picture = None

    def dismiss(self) -> None:
        """Let all who wait for a picture go; nobody waits from now on."""
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _newer(self, after: int) -> OverlayImage | None:
        return self._picture if self._picture is not None and self._picture.number != after else None

    def _on_picture(self, message: CompressedImage) -> None:
        with self._news:
            self._number += 1
            self._picture = OverlayImage(self._number, stamp_ns_of(message.header), bytes(message.data))
            self._news.notify_all()
