"""Results as messages: label images, confidence and the words for the labels."""

from __future__ import annotations

from collections.abc import Sequence

from sensor_msgs.msg import Image
from std_msgs.msg import Header
from vision_msgs.msg import LabelInfo, VisionClass

from seg_ros.bridge.cameras import header_of
from seg_ros.bridge.images import image_message
from seg_ros.labels.palette import overlay
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.records import Result


def mask_message(result: Result) -> Image | None:
    """Return the class id of each pixel as mono8, step = width, 255 unlabelled; None in instance mode."""
    labels = result.segmentation.labels
    return None if labels is None else image_message(labels, 'mono8', _header(result))


def confidence_message(result: Result) -> Image | None:
    """Return the confidence of each pixel as mono8, 0..255 for 0..1, 0 where unlabelled; None in instance mode."""
    confidence = result.segmentation.confidence
    return None if confidence is None else image_message(confidence, 'mono8', _header(result))


def overlay_message(result: Result, classes: Sequence[RobotClass]) -> Image:
    """Return the picture for a person as rgb8."""
    return image_message(overlay(result.frame.rgb, result.segmentation, classes), 'rgb8', _header(result))


def label_info_message(classes: Sequence[RobotClass], threshold: float, stamp_ns: int) -> LabelInfo:
    """Return the name of each id; the threshold below which pixels are unlabelled is 0 to 1."""
    words = [VisionClass(class_id=c.id, class_name=c.name) for c in classes]
    return LabelInfo(header=header_of(stamp_ns, ''), class_map=words, threshold=float(threshold))


def _header(result: Result) -> Header:
    return header_of(result.frame.stamp_ns, result.frame.frame_id)
