# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a node answered, and the truth where it is known, read from recordings as plain records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from diagnostic_msgs.msg import DiagnosticArray
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image, PointCloud2, TimeReference
from vision_msgs.msg import Detection2DArray, Detection3DArray, LabelInfo

from seg_ros.bridge.answers import class_names_of, ids_of, labels_of, listed_instances, names_of
from seg_ros.bridge.cameras import intrinsics_of
from seg_ros.bridge.images import decode_depth, decode_image, stamp_ns_of
from seg_ros.recordings import time_reference
from seg_ros.recordings.bags import Bag
from seg_ros.recordings.camera_of_bag import camera_topics, moments
from seg_ros.recordings.recorder import CAMERA, OVERLAY, STAMP
from seg_ros.records import Frame, Instances, Mode

TRUE_LABELS, TRUE_WORDS, TRUE_IDS, TRUE_OBJECTS = (
    f'/truth/{name}' for name in ('labels', 'label_info', 'instance_ids', 'instances'))

PENDING = 8  # stamps whose messages may still be on their way


@dataclass(frozen=True)
class Objects:
    """
    Objects of one frame.

    :param instances: with ``class_ids`` counting ``names``. :param names: class names, each once.
    :param places: metres in the optical frame by lasting id, where they are known.
    """

    instances: Instances
    names: tuple[str, ...]
    places: dict[int, tuple[float, float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class RecordedAnswer:
    """
    All that was received for one image.

    :param received_ns: when the overlay arrived. :param recorded_ns: when the image was taken in the recording that
        was played; None where it has no times of its own.
    :param name: of the picture's file; empty where it came from none.
    :param names: class name by label byte. :param obstacles: (N, 3) metres in the optical frame, as ``ground``.
    """

    stamp_ns: int
    frame_id: str
    received_ns: int
    recorded_ns: int | None
    mode: Mode
    overlay: NDArray[np.uint8]
    camera: NDArray[np.uint8] | None = None
    labels: NDArray[np.uint8] | None = None
    names: dict[int, str] = field(default_factory=dict)
    objects: Objects | None = None
    obstacles: NDArray[np.float32] | None = None
    ground: NDArray[np.float32] | None = None
    name: str = ''


@dataclass(frozen=True)
class Truth:
    """One image of a recording with what is truly in it, named as in :class:`RecordedAnswer`."""

    frame: Frame
    labels: NDArray[np.uint8] | None
    names: dict[int, str]
    objects: Objects | None


def answers(folder: Path, node: str = '/segmentation') -> Iterator[RecordedAnswer]:
    """Yield the answers of a recording made by the recorder, in order."""
    kinds: dict[str, type] = {
        f'{node}/label_info': LabelInfo, f'{node}/mask': Image, f'{node}/instances': Detection2DArray,
        f'{node}/instance_ids': Image, f'{node}/obstacles': PointCloud2, f'{node}/ground': PointCloud2,
        f'{node}/objects': Detection3DArray, f'{node}/{OVERLAY}': CompressedImage, f'{CAMERA}/compressed':
        CompressedImage}
    names: dict[int, str] = {}
    groups: dict[int, dict[str, Any]] = {}  # by stamp; topics of one stamp may be received among those of the next
    with Bag(folder) as bag:
        taken = {stamp_ns_of(one.header): one for _, _, one in bag.messages({time_reference.TOPIC: TimeReference})}
        for topic, received_ns, message in bag.messages({t: k for t, k in kinds.items() if t in bag.topics}):
            stamp_ns, short = stamp_ns_of(message.header), topic.removeprefix(f'{node}/')
            if short == 'label_info':
                names |= class_names_of(message)
            else:
                parts = groups.setdefault(stamp_ns, {})
                parts['camera' if topic.startswith(CAMERA) else short] = message
                if short == OVERLAY:
                    parts['received_ns'] = received_ns
            if len(groups) > PENDING:
                yield from _answered(groups, min(groups), taken, names)
        for stamp_ns in sorted(groups):
            yield from _answered(groups, stamp_ns, taken, names)


def arrivals_ns(folder: Path, node: str = '/segmentation') -> list[int]:
    """Return when each answer came, without looking into them; an image that was answered twice counts once."""
    with Bag(folder) as bag:
        return list({data[4:4 + STAMP.size]: received_ns
                     for _, received_ns, data in bag.raw((f'{node}/{OVERLAY}',))}.values())


def diagnostics(folder: Path, node: str = '/segmentation') -> list[tuple[int, dict[str, str]]]:
    """Return what the node said of itself once a second: when it came (ns), and the values by key."""
    said = []
    with Bag(folder) as bag:
        for _, recorded_ns, message in bag.messages({'/diagnostics': DiagnosticArray}):
            said += [(recorded_ns, {item.key: item.value for item in status.values})
                     for status in message.status if status.name.startswith(node)]
    return said


def has_truth(path: Path) -> bool:
    """Tell whether a recording says what is truly in its images."""
    with Bag(path) as bag:
        return TRUE_LABELS in bag.topics or TRUE_OBJECTS in bag.topics


def truths(path: Path, wanted: frozenset[int]) -> Iterator[Truth]:
    """Yield the truth of the images of a recording whose stamps (ns) are wanted, in order."""
    kinds = {TRUE_LABELS: Image, TRUE_WORDS: LabelInfo, TRUE_IDS: Image, TRUE_OBJECTS: Detection2DArray}
    true: dict[tuple[str, int], Any] = {}
    names: dict[int, str] = {}
    with Bag(path) as bag, Bag(path) as again:
        for topic, _, message in bag.messages({t: k for t, k in kinds.items() if t in bag.topics}):
            if topic == TRUE_WORDS:
                names = class_names_of(message)
            elif stamp_ns_of(message.header) in wanted:
                true[topic, stamp_ns_of(message.header)] = message
        for moment in moments(again, camera_topics(again)):
            at = moment.stamp_ns
            if at not in wanted:
                continue
            rgb = decode_image(moment.image)
            size = rgb.shape[1], rgb.shape[0]
            frame = Frame('', at, moment.image.header.frame_id, rgb,
                          None if moment.depth is None else decode_depth(moment.depth),
                          None if moment.camera_info is None else intrinsics_of(moment.camera_info, size))
            labels, ids = true.get((TRUE_LABELS, at)), true.get((TRUE_IDS, at))
            found = None if ids is None else _objects(true[TRUE_OBJECTS, at], ids, None)
            yield Truth(frame, None if labels is None else labels_of(labels), names, found)


def _answered(groups: dict[int, dict[str, Any]], stamp_ns: int, taken: dict[int, TimeReference],
              names: dict[int, str]) -> Iterator[RecordedAnswer]:
    parts = groups.pop(stamp_ns)
    if OVERLAY not in parts:
        return
    recorded_ns, name = _taken(taken.get(stamp_ns))
    labels, listed = parts.get('mask'), parts.get('instances')
    mode = Mode.INSTANCE if labels is None else Mode.SEMANTIC if listed is None else Mode.PANOPTIC
    yield RecordedAnswer(stamp_ns, parts[OVERLAY].header.frame_id, parts['received_ns'], recorded_ns, mode,
                 decode_image(parts[OVERLAY]),
                 decode_image(parts['camera']) if 'camera' in parts else None,
                 None if labels is None else labels_of(labels), dict(names),
                 _objects(listed, parts['instance_ids'], parts.get('objects'))
                 if listed is not None and 'instance_ids' in parts else None,
                 _points(parts.get('obstacles')), _points(parts.get('ground')), name)


def _taken(reference: TimeReference | None) -> tuple[int | None, str]:
    """Return when an image was recorded, and the name of its file, as far as the player knew them."""
    if reference is None:
        return None, ''
    at_ns = reference.time_ref.sec * 1_000_000_000 + reference.time_ref.nanosec
    return (at_ns, '') if at_ns else (None, reference.source)


def _points(message: PointCloud2 | None) -> NDArray[np.float32] | None:
    if message is None:
        return None
    rows = np.frombuffer(message.data, np.uint8).reshape(-1, message.point_step)
    return np.ascontiguousarray(rows[:, :12]).view(np.float32)


def _objects(listed: Detection2DArray, ids: Image, boxes: Detection3DArray | None) -> Objects:
    """Return the objects that can be seen, masks as they are not hidden by others."""
    names = names_of(listed)
    instances = listed_instances(listed, ids_of(ids), {name: k for k, name in enumerate(names)})
    centres = [] if boxes is None else [(one.id, one.bbox.center.position) for one in boxes.detections]
    return Objects(instances, names, {int(k or 0): (at.x, at.y, at.z) for k, at in centres})
