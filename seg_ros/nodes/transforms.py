# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where frames lie in each other: asked of TF, and told to TF."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.clock import JumpThreshold
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from rclpy.subscription import Subscription

from seg_ros.bridge.images import stamp_ns_of
from seg_ros.bridge.spaces import level_transform
from seg_ros.errors import Doubt, ImageError, SettingError
from seg_ros.geometry.boxes import moved
from seg_ros.geometry.doubts import doubt_of_optical_axis
from seg_ros.geometry.frames import TransformBuffer
from seg_ros.geometry.ground import plane_of_camera
from seg_ros.nodes.compatibility import NO_EVENTS, name_of
from seg_ros.nodes.streams import GRACE_S, MEETING_S
from seg_ros.records import Result
from seg_ros.settings import Settings
from seg_ros.space import Plane, Space

HIGHEST_M = 100.0  # as of camera_height_m
PATIENCE_S = 0.05  # how long a frame waits for the transform of its stamp
START_OVER_NS = 10_000_000_000  # transforms so much older than the newest are of a recording that started over
TF_QOS = QoSProfile(depth=100)
STATIC_QOS = QoSProfile(depth=100, durability=DurabilityPolicy.TRANSIENT_LOCAL)
Rotation = NDArray[np.float64]
Translation = NDArray[np.float64]


class Transforms:
    """
    Looks up transforms once :meth:`prepare` was asked for frames; listens to /tf only then.

    It listens in a callback group of its own, and a lookup waits in the thread that asks: nothing else waits for TF.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._buffer = TransformBuffer()
        self._news = threading.Condition()
        self._newest_ns = 0
        self._since_s, self._is_heard = 0.0, False
        self._subscriptions: list[Subscription] = []
        # As when a recording starts over: what was known is of another time.
        self._jumps = node.get_clock().create_jump_callback(
            JumpThreshold(min_forward=None, min_backward=Duration(nanoseconds=-1), on_clock_change=True),
            post_callback=lambda _: self._forget())

    def prepare(self, settings: Settings) -> None:
        """
        Listen to TF if a setting names a frame.

        :raises SettingError: when tf2_msgs is not installed.
        """
        for name in ('target_frame', 'base_frame'):
            self.listen(name, getattr(settings, name))

    def listen(self, name: str, frame: str) -> None:
        """
        Listen to TF if a frame is named.

        :param name: of the setting that names it.
        :raises SettingError: when tf2_msgs is not installed.
        """
        if not frame or self._subscriptions:
            return
        try:
            from tf2_msgs.msg import TFMessage
        except ImportError as error:
            raise SettingError(f"{name} is '{frame}', and tf2_msgs is not installed",
                               f'Install tf2_msgs, or leave {name} empty') from error
        group, self._since_s = MutuallyExclusiveCallbackGroup(), time.monotonic()
        for topic, qos, is_static in (('/tf', TF_QOS, False), ('/tf_static', STATIC_QOS, True)):
            self._subscriptions.append(self._node.create_subscription(
                TFMessage, topic, partial(self._on_transforms, is_static), qos, callback_group=group,
                event_callbacks=NO_EVENTS['subscription']))

    @property
    def is_new(self) -> bool:
        """Whether what TF does not know may still be on its way, since it has only just been listened to."""
        listened_s = time.monotonic() - self._since_s
        return listened_s < GRACE_S or (listened_s < MEETING_S and not self._is_heard and self._is_published())

    def _is_published(self) -> bool:
        """Tell whether another node publishes transforms."""
        own = self._node.get_fully_qualified_name()
        return any(name_of(publisher) != own for one in self._subscriptions
                   for publisher in self._node.get_publishers_info_by_topic(one.topic_name))

    def between(self, target: str, source: str, stamp_ns: int,
                patience_s: float = PATIENCE_S) -> tuple[Rotation, Translation]:
        """
        Return the (3, 3) rotation and (3,) translation that take points of ``source`` into ``target``.

        :param patience_s: how long is waited for them.
        :raises ImageError: when TF does not know it at that moment.
        """
        with self._news:
            self._news.wait_for(
                lambda: not self._subscriptions or self._buffer.knows(target, source, stamp_ns), patience_s)
        return self._buffer.lookup(target, source, stamp_ns)

    def _on_transforms(self, is_static: bool, message: Any) -> None:
        self._is_heard = True
        for one in message.transforms:
            stamp_ns = stamp_ns_of(one.header)
            if not is_static and self._newest_ns - stamp_ns > START_OVER_NS:
                self._forget()
            self._newest_ns = max(self._newest_ns, stamp_ns)
            at, turn = one.transform.translation, one.transform.rotation
            self._buffer.add(one.child_frame_id, one.header.frame_id, stamp_ns, (at.x, at.y, at.z),
                             (turn.x, turn.y, turn.z, turn.w), is_static=is_static)
        with self._news:
            self._news.notify_all()

    def _forget(self) -> None:
        self._newest_ns = 0
        self._buffer.clear()

    def floor_under(self, frame_id: str, stamp_ns: int, base_frame: str) -> tuple[Plane, Doubt | None]:
        """
        Return the floor as the camera is mounted over it, and what is doubtful about it.

        :param base_frame: a frame whose x and y lie in the floor.
        :raises ImageError: when TF does not know it at that moment.
        """
        if base_frame == frame_id:
            raise ImageError(f'base_frame is {base_frame}, the frame of the camera itself',
                             'name a frame whose x and y lie in the floor, base_footprint say')
        rotation, translation = self.between(base_frame, frame_id, stamp_ns)
        x, y, z = (float(v) for v in rotation[2])
        if translation[2] <= 0:
            raise ImageError(f'{frame_id} lies below {base_frame}', 'base_frame must lie in the floor')
        if translation[2] > HIGHEST_M:
            raise ImageError(f'{frame_id} lies {translation[2]:.3g} m above {base_frame}',
                             'base_frame must lie in the floor that the camera sees')
        return Plane((x, y, z), float(translation[2])), doubt_of_optical_axis(rotation, frame_id)

    def placed(self, result: Result, target_frame: str) -> Space:
        """
        Return the space of a result with its objects in another frame.

        :raises ImageError: when TF does not know it at the stamp of the image.
        """
        if result.space.objects is None:
            return result.space
        found = self.between(target_frame, result.frame.frame_id, result.frame.stamp_ns)
        return replace(result.space, objects=moved(result.space.objects, *found), objects_frame=target_frame)


def mounted_floor(settings: Settings) -> Plane | None:
    """Return the floor as the settings say that the camera is mounted over it; None when they do not."""
    if settings.camera_height_m <= 0:
        return None
    pitch, roll = np.radians([settings.camera_pitch_deg, settings.camera_roll_deg])
    return plane_of_camera(settings.camera_height_m, float(pitch), float(roll))


class LevelFrames:
    """Tells TF how the level frame of each scan lies in its camera, where tf2_msgs is installed."""

    def __init__(self, node: Node) -> None:
        self._publisher: Any = None
        try:
            from tf2_msgs.msg import TFMessage
        except ImportError:
            return
        self._kind = TFMessage
        self._publisher = node.create_publisher(TFMessage, '/tf', 100)

    def publish(self, result: Result, valid_s: float) -> None:
        """
        Publish the level frame of a result that has a scan.

        :param valid_s: for so long from its stamp on: Nav2's obstacle layer asks for it at stamp + 50 ms
            (``laserScanCallback`` sets that tolerance), and would wait there for the frame of the next scan.
        """
        if self._publisher is not None and result.space.scan is not None:
            stamps_ns = dict.fromkeys((result.frame.stamp_ns, result.frame.stamp_ns + round(valid_s * 1e9)))
            self._publisher.publish(self._kind(transforms=[level_transform(result, at_ns) for at_ns in stamps_ns]))
