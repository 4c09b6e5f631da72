"""Where frames lie in each other: asked of TF, and told to TF."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rclpy.clock import ClockType
from rclpy.duration import Duration
from rclpy.node import Node
from rclpy.time import Time

from seg_ros.bridge.spaces import level_transform
from seg_ros.errors import ImageError, SettingError
from seg_ros.geometry.boxes import moved
from seg_ros.geometry.ground import plane_of_camera
from seg_ros.records import Result
from seg_ros.settings import Settings
from seg_ros.space import Plane, Space

PATIENCE_S = 0.05  # how long a frame waits for the transform of its stamp
Rotation = NDArray[np.float64]
Translation = NDArray[np.float64]


class Transforms:
    """
    Looks up transforms once :meth:`prepare` was asked for frames; listens to /tf only then.

    tf2_ros is needed for that alone: where no frame is named, the node runs without it.
    """

    def __init__(self, node: Node) -> None:
        self._node = node
        self._buffer: Any = None
        self._listener: Any = None

    def prepare(self, settings: Settings) -> None:
        """
        Listen to TF if a setting names a frame.

        :raises SettingError: when tf2_ros is not installed.
        """
        named = [name for name in ('target_frame', 'base_frame') if getattr(settings, name)]
        if not named or self._buffer is not None:
            return
        try:
            import tf2_ros
        except ImportError as error:
            raise SettingError(f"{named[0]} is '{getattr(settings, named[0])}', and tf2_ros is not installed",
                               f'Install tf2_ros, or leave {named[0]} empty') from error
        self._buffer = tf2_ros.Buffer()
        self._listener = tf2_ros.TransformListener(self._buffer, self._node)

    def between(self, target: str, source: str, stamp_ns: int) -> tuple[Rotation, Translation]:
        """
        Return the (3, 3) rotation and (3,) translation that take points of ``source`` into ``target``.

        :raises ImageError: when TF does not know it at that moment.
        """
        if self._buffer is None:
            raise ImageError(f'nothing is known of the frame {target}', 'name it in target_frame or base_frame')
        stamp = Time(nanoseconds=stamp_ns, clock_type=ClockType.ROS_TIME)
        try:
            found = self._buffer.lookup_transform(target, source, stamp, timeout=Duration(seconds=PATIENCE_S))
        except Exception as error:  # tf2 has a family of them; all mean that it does not know
            raise ImageError(f'TF gives no transform from {source} to {target} at the stamp of the image ({error})',
                             'publish it, or correct the name of the frame') from error
        q, t = found.transform.rotation, found.transform.translation
        return _rotation(q.x, q.y, q.z, q.w), np.array([t.x, t.y, t.z])

    def floor_under(self, frame_id: str, stamp_ns: int, base_frame: str) -> Plane:
        """
        Return the floor as the camera is mounted over it.

        :param base_frame: a frame whose x and y lie in the floor.
        :raises ImageError: when TF does not know it at that moment.
        """
        rotation, translation = self.between(base_frame, frame_id, stamp_ns)
        x, y, z = (float(v) for v in rotation[2])
        if translation[2] <= 0:
            raise ImageError(f'{frame_id} lies below {base_frame}', 'base_frame must lie in the floor')
        return Plane((x, y, z), float(translation[2]))

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

    def publish(self, result: Result) -> None:
        """Publish the level frame of a result that has a scan."""
        if self._publisher is not None and result.space.scan is not None:
            self._publisher.publish(self._kind(transforms=[level_transform(result)]))


def _rotation(x: float, y: float, z: float, w: float) -> Rotation:
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
                     [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
                     [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)]])
