# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Clouds, boxes and scans as messages."""

from __future__ import annotations

import array
from collections.abc import Sequence

import numpy as np
from geometry_msgs.msg import Point, Pose, Quaternion, TransformStamped, Vector3
from sensor_msgs.msg import LaserScan, PointCloud2, PointField
from std_msgs.msg import Header
from vision_msgs.msg import (
    BoundingBox3D,
    Detection3D,
    Detection3DArray,
    ObjectHypothesis,
    ObjectHypothesisWithPose,
)

from seg_ros.bridge.images import header_of
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.records import Result
from seg_ros.space import Cloud

FIELD_TYPES = {'<f4': PointField.FLOAT32, '<u4': PointField.FLOAT32, '|u1': PointField.UINT8, '<u2': PointField.UINT16}
"""What each column of a cloud is announced as; the four bytes of a colour are a float32 by custom."""


def cloud_message(cloud: Cloud | None, result: Result) -> PointCloud2 | None:
    """Return a cloud in the camera's optical frame, its bytes as they lie in memory; None for none."""
    if cloud is None:
        return None
    points, dtype = cloud.points, cloud.points.dtype
    height, width = points.shape if cloud.is_organised else (1, len(points))
    columns = [] if dtype.fields is None else list(dtype.fields.items())
    fields = [PointField(name=name, offset=column[1], datatype=FIELD_TYPES[column[0].str], count=1)
              for name, column in columns]
    message = PointCloud2(header=header_of(result.frame.stamp_ns, result.frame.frame_id), height=height, width=width,
                          fields=fields, is_bigendian=False, point_step=dtype.itemsize,
                          row_step=dtype.itemsize * width, is_dense=not cloud.is_organised)
    data = array.array('B')
    data.frombytes(memoryview(np.ascontiguousarray(points).reshape(-1).view(np.uint8)))  # type: ignore[arg-type]
    message.data = data
    return message


def scan_message(result: Result) -> LaserScan | None:
    """Return the scan in the level frame of the camera; None for none."""
    scan = result.space.scan
    if scan is None:
        return None
    message = LaserScan(header=header_of(result.frame.stamp_ns, level_frame(result.frame.frame_id)),
                        angle_min=scan.angle_min_rad, angle_max=scan.angle_max_rad,
                        angle_increment=scan.angle_increment_rad, range_min=scan.range_min_m,
                        range_max=scan.range_max_m)
    message.ranges = array.array('f', scan.ranges.tobytes())
    return message


def level_frame(frame_id: str) -> str:
    """Return the name of the frame at a camera whose x is horizontally ahead and whose z is up."""
    return f'{frame_id}_level'


def level_transform(result: Result, stamp_ns: int) -> TransformStamped:
    """Return how the level frame of the scan lies in the camera's optical frame, for a moment."""
    x, y, z, w = result.space.level
    message = TransformStamped(header=header_of(stamp_ns, result.frame.frame_id),
                               child_frame_id=level_frame(result.frame.frame_id))
    message.transform.rotation = Quaternion(x=x, y=y, z=z, w=w)
    return message


def objects_message(result: Result, classes: Sequence[RobotClass]) -> Detection3DArray | None:
    """Return the boxes of the objects that have one, ids and order as in ``~/instances``; None for none."""
    boxes, instances = result.space.objects, result.segmentation.instances
    if boxes is None or instances is None:
        return None
    names = {c.id: c.name for c in classes}
    header = header_of(result.frame.stamp_ns, result.space.objects_frame or result.frame.frame_id)
    return Detection3DArray(header=header, detections=[
        _detection(header, result, int(k), names[int(instances.class_ids[k])]) for k in np.flatnonzero(boxes.known)])


def _detection(header: Header, result: Result, k: int, name: str) -> Detection3D:
    boxes, instances = result.space.objects, result.segmentation.instances
    assert boxes is not None and instances is not None
    x, y, z = (float(v) for v in boxes.centres[k])
    qx, qy, qz, qw = (float(v) for v in boxes.quaternions[k])
    pose = Pose(position=Point(x=x, y=y, z=z), orientation=Quaternion(x=qx, y=qy, z=qz, w=qw))
    length, width, height = (float(v) for v in boxes.sizes[k])
    found = ObjectHypothesisWithPose(hypothesis=ObjectHypothesis(class_id=name, score=float(instances.scores[k])))
    found.pose.pose = pose
    return Detection3D(header=header, id=str(int(instances.track_ids[k])), results=[found],
                       bbox=BoundingBox3D(center=pose, size=Vector3(x=length, y=width, z=height)))
