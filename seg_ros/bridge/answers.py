# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Answers of the node read back from its messages: labels, objects with their masks, organised points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import Image, PointCloud2
from vision_msgs.msg import Detection2DArray, LabelInfo

from seg_ros.bridge.encodings import PLAIN
from seg_ros.bridge.images import pixels_of
from seg_ros.errors import ImageError
from seg_ros.records import Instances
from seg_ros.space import XYZ_LABELLED


@dataclass(frozen=True)
class OrganisedPoints:
    """
    What ``~/points`` says of each pixel.

    :param xyz: (H, W, 3) float32 metres in the optical frame, NaN where nothing was measured.
    :param labels: (H, W) uint8. :param ids: (H, W) uint16, 0 nobody.
    """

    xyz: NDArray[np.float32]
    labels: NDArray[np.uint8]
    ids: NDArray[np.uint16]


def labels_of(message: Image) -> NDArray[np.uint8]:
    """
    Return the bytes of ``~/mask`` or ``~/confidence``, (H, W) uint8.

    :raises ImageError: when the message is no mono8 image.
    """
    return np.asarray(_plain(message, 'mono8'), np.uint8)


def ids_of(message: Image) -> NDArray[np.uint16]:
    """
    Return who is in front, (H, W) uint16: 0 nobody, k for detection k - 1.

    :raises ImageError: when the message is no mono16 image.
    """
    return np.ascontiguousarray(_plain(message, 'mono16'), np.uint16)


def class_names_of(message: LabelInfo) -> dict[int, str]:
    """Return the name of each id."""
    return {int(one.class_id): str(one.class_name) for one in message.class_map}


def names_of(listed: Detection2DArray) -> tuple[str, ...]:
    """Return the names of the classes of objects, each once."""
    return tuple(dict.fromkeys(one.results[0].hypothesis.class_id for one in listed.detections if one.results))


def listed_instances(listed: Detection2DArray, front: NDArray[np.uint16], ids: Mapping[str, int]) -> Instances:
    """
    Return the objects that can be seen, masks as they are not hidden by others.

    :param front: (H, W), who is in front. :param ids: the id of each class; objects of others are left out.
    """
    rows: list[tuple[Any, tuple[int, int, int, int], NDArray[np.bool_]]] = []
    for k, one in enumerate(listed.detections, 1):
        if not one.results or one.results[0].hypothesis.class_id not in ids:
            continue
        x, y, width, height = (int(v) for v in cv2.boundingRect((front == k).view(np.uint8)))
        if width:
            rows.append((one, (x, y, width, height), front[y:y + height, x:x + width] == k))
    count, first = len(rows), [(one.results[0].hypothesis, int(one.id or 0)) for one, _, _ in rows]
    return Instances(
        (front.shape[1], front.shape[0]),
        np.array([(x, y, x + w, y + h) for _, (x, y, w, h), _ in rows], np.float32).reshape(count, 4),
        np.array([found.score for found, _ in first], np.float32),
        np.array([ids[found.class_id] for found, _ in first], np.uint8),
        np.array([box[:2] for _, box, _ in rows], np.int32).reshape(count, 2), tuple(mask for _, _, mask in rows),
        np.array([track for _, track in first], np.int64))


def organised_points_of(message: PointCloud2) -> OrganisedPoints:
    """
    Return what an organised, labelled cloud says.

    :raises ImageError: when it is none, or of another layout than ``~/points``.
    """
    fields = {one.name: one.offset for one in message.fields}
    wanted = {name: column[1] for name, column in (XYZ_LABELLED.fields or {}).items()}
    size = message.height * message.width * XYZ_LABELLED.itemsize
    if fields != wanted or message.height < 2 or message.is_bigendian or len(message.data) != size:
        raise ImageError(f'the cloud of {message.width}x{message.height} points has the fields '
                         f'{", ".join(fields) or "none"}', 'give the organised ~/points of segmentation')
    points = np.frombuffer(message.data, XYZ_LABELLED).reshape(message.height, message.width)
    xyz = points.view(np.float32).reshape(message.height, message.width, -1)[..., :3]
    return OrganisedPoints(xyz, np.ascontiguousarray(points['label']), np.ascontiguousarray(points['instance']))


def _plain(message: Image, encoding: str) -> NDArray[Any]:
    if message.encoding != encoding:
        raise ImageError(f"an image of {encoding} is '{message.encoding}'", 'remap it to the topic of segmentation')
    return pixels_of(message, PLAIN[encoding])
