# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Results as messages: label images, confidence, objects with their masks, and the words for the labels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header
from vision_msgs.msg import (
    Detection2D,
    Detection2DArray,
    LabelInfo,
    ObjectHypothesis,
    ObjectHypothesisWithPose,
    VisionClass,
)

from seg_ros.bridge.images import compressed_message, header_of, image_message
from seg_ros.labels.overlay import overlay, sized
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.records import Instances, Result
from seg_ros.tracking.overlap import id_image, mask_array


def mask_message(result: Result) -> Image | None:
    """Return the class id of each pixel as mono8, step = width, 255 unlabelled; None in instance mode."""
    labels = result.segmentation.labels
    return None if labels is None else image_message(labels, 'mono8', _header(result))


def confidence_message(result: Result) -> Image | None:
    """Return the confidence of each pixel as mono8, 0..255 for 0..1, 0 where unlabelled; None in instance mode."""
    confidence = result.segmentation.confidence
    return None if confidence is None else image_message(confidence, 'mono8', _header(result))


def costmap_mask_message(result: Result) -> Image | None:
    """Return the mask for a layer that knows no heights: an obstacle's class where depth shows one; None without."""
    labels = result.space.costmap_mask
    return None if labels is None else image_message(labels, 'mono8', _header(result))


def overlay_message(result: Result, classes: Sequence[RobotClass]) -> Image:
    """Return the picture for a person as rgb8, the target marked."""
    return image_message(_picture(result, classes), 'rgb8', _header(result))


def overlay_jpeg(result: Result, classes: Sequence[RobotClass]) -> CompressedImage:
    """Return the same picture as JPEG."""
    return compressed_message(_picture(result, classes), _header(result))


def picture_jpeg(result: Result) -> CompressedImage:
    """Return the image itself as JPEG, of the size of the overlay."""
    return compressed_message(sized(result.frame.rgb, result.segmentation.size), _header(result))


def instances_message(result: Result, classes: Sequence[RobotClass]) -> Detection2DArray | None:
    """Return one detection per object, boxes in pixels, ``id`` its lasting id; None in semantic mode."""
    instances = result.segmentation.instances
    if instances is None:
        return None
    names, header = {c.id: c.name for c in classes}, _header(result)
    return Detection2DArray(header=header, detections=[
        _detection(header, instances, k, names[int(instances.class_ids[k])]) for k in range(len(instances))])


def instance_ids_message(result: Result) -> Image | None:
    """Return who is in front as mono16: 0 nobody, k for detection k - 1; None in semantic mode."""
    instances = result.segmentation.instances
    return None if instances is None else image_message(id_image(instances), 'mono16', _header(result))


def instance_masks_message(result: Result) -> Image | None:
    """Return the mask array as mono8, 0 or 255: mask k in rows [k * H, (k + 1) * H); None in semantic mode."""
    instances = result.segmentation.instances
    return None if instances is None else image_message(mask_array(instances), 'mono8', _header(result))


def _picture(result: Result, classes: Sequence[RobotClass]) -> NDArray[np.uint8]:
    """Return the overlay, (H, W, 3) uint8 rgb, the target marked if it has a lasting id."""
    instances, target = result.segmentation.instances, result.target
    marked = set() if instances is None or target is None else {int(instances.track_ids[target])} - {0}
    return overlay(result.frame.rgb, result.segmentation, classes, target_ids=frozenset(marked),
                   score_threshold=result.score_threshold)


def _detection(header: Header, instances: Instances, k: int, name: str) -> Detection2D:
    left, top, right, bottom = (float(v) for v in instances.boxes[k])
    detection = Detection2D(header=header, id=str(int(instances.track_ids[k])))
    detection.bbox.center.position.x, detection.bbox.center.position.y = (left + right) / 2, (top + bottom) / 2
    detection.bbox.size_x, detection.bbox.size_y = right - left, bottom - top
    hypothesis = ObjectHypothesis(class_id=name, score=float(instances.scores[k]))
    detection.results = [ObjectHypothesisWithPose(hypothesis=hypothesis)]
    return detection


def label_info_message(classes: Sequence[RobotClass], threshold: float, stamp_ns: int) -> LabelInfo:
    """Return the name of each id; the threshold below which pixels are unlabelled is 0 to 1."""
    words = [VisionClass(class_id=c.id, class_name=c.name) for c in classes]
    return LabelInfo(header=header_of(stamp_ns, ''), class_map=words, threshold=float(threshold))


def _header(result: Result) -> Header:
    return header_of(result.frame.stamp_ns, result.frame.frame_id)
