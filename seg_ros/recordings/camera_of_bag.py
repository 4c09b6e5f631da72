# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The camera in a recording: which topics are it, and its images in order, each with its depth and description."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sensor_msgs.msg import CameraInfo, CompressedImage, Image

from seg_ros.bridge.compressed_depth import is_compressed_depth
from seg_ros.bridge.encodings import DEPTH
from seg_ros.bridge.images import decode_depth, image_message, stamp_ns_of
from seg_ros.errors import DataError, ImageError
from seg_ros.recordings.bags import Bag

KINDS = {'sensor_msgs/msg/Image': Image, 'sensor_msgs/msg/CompressedImage': CompressedImage}
CAMERA_INFO = 'sensor_msgs/msg/CameraInfo'
REGISTERED = ('aligned', 'registered')
LOOK_AHEAD_NS = 250_000_000
"""An image waits so long, in the time of the recording, for its depth; recorders write topics at different times."""
log = logging.getLogger(__name__)

KEPT = 32  # depth images and descriptions that may belong to an image


@dataclass(frozen=True)
class CameraTopics:
    """The topics of one camera in a recording: images, depth registered to them, and their description."""

    image: str = ''
    depth: str = ''
    camera_info: str = ''


@dataclass(frozen=True)
class Excerpt(CameraTopics):
    """
    What is taken of a recording; a topic that is empty stands for the only one.

    :param start_s: seconds of its beginning that are left out.
    """

    start_s: float = 0.0


@dataclass(frozen=True)
class Moment:
    """
    One image of a recording.

    :param recorded_ns: when it was written, by the recorder's clock. :param image: the message.
    :param depth: a plain depth image, the nearest in time that is near enough, or None.
    :param depth_gap_ns: how far the nearest is off; None when there is none. :param camera_info: or None.
    :param beside: (topic, message) of the other topics asked for that were recorded since the last image.
    """

    recorded_ns: int
    image: Image | CompressedImage
    depth: Image | None = None
    depth_gap_ns: int | None = None
    camera_info: CameraInfo | None = None
    beside: tuple[tuple[str, Any], ...] = ()

    @property
    def stamp_ns(self) -> int:
        """When the image was taken."""
        return stamp_ns_of(self.image.header)


def camera_topics(bag: Bag, named: CameraTopics = CameraTopics()) -> CameraTopics:
    """
    Return the topics of the camera: those named, and for the others the only ones that can be meant; empty for none.

    :raises DataError: when there is no image topic, there are several cameras, or a named topic is not there.
    """
    firsts = {topic: bag.first(topic, KINDS[one.msgtype]) for topic, one in bag.topics.items()
              if one.msgtype in KINDS and one.msgcount}
    for topic in filter(None, (named.image, named.depth)):
        if bag.kind(topic) not in KINDS:
            raise DataError(f'{topic} of {bag.path} holds {bag.kind(topic)}, no images', 'name an image topic')
    image = named.image or _image_topic(bag, firsts)
    depth = _readable(named.depth or _depth_topic(bag, image, firsts), firsts)
    return CameraTopics(image, depth, named.camera_info or _info_topic(bag, image))


def moments(bag: Bag, topics: CameraTopics, *, slop_s: float = 0.02, start_ns: int | None = None,
            stop_ns: int | None = None, beside: dict[str, type] | None = None) -> Iterator[Moment]:
    """
    Yield the images recorded from ``start_ns`` to before ``stop_ns``, each with what belongs to it.

    :param slop_s: depth belongs to an image when their stamps differ by no more than this.
    :param beside: other topics to bring along, with their types.
    :raises DataError: when the recording is damaged.
    """
    kinds = {topics.image: KINDS[bag.kind(topics.image)], **(beside or {})}
    if topics.depth:
        kinds[topics.depth] = KINDS[bag.kind(topics.depth)]
    if topics.camera_info:
        kinds[topics.camera_info] = CameraInfo
    info = bag.first(topics.camera_info, CameraInfo) if topics.camera_info else None
    join = _Join(round(slop_s * 1e9), info, waits=bool(topics.depth))
    low, high = (None if edge is None else edge + side * 2 * LOOK_AHEAD_NS
                 for edge, side in ((start_ns, -1), (stop_ns, 1)))
    for topic, recorded_ns, message in bag.messages(kinds, low, high):
        if topic == topics.image:
            if (start_ns or 0) <= recorded_ns and (stop_ns is None or recorded_ns < stop_ns):
                join.images.append(Moment(recorded_ns, message))
        elif topic == topics.depth:
            join.depths.append((stamp_ns_of(message.header), message))
        elif topic == topics.camera_info:
            join.info = message
        else:
            join.beside.append((topic, message))
        yield from join.ready(recorded_ns)
    yield from join.ready(None)


class _Join:
    """Brings images and depth together by stamp."""

    def __init__(self, slop_ns: int, info: CameraInfo | None, *, waits: bool) -> None:
        self.images: deque[Moment] = deque()
        self.depths: deque[tuple[int, Any]] = deque(maxlen=KEPT)
        self.info, self.beside = info, list[tuple[str, Any]]()
        self._slop_ns, self._waits = slop_ns, waits

    def ready(self, now_ns: int | None) -> Iterator[Moment]:
        """Yield the images that have their depth, or have waited long enough; all of them when ``now_ns`` is None."""
        while self.images:
            moment = self.images[0]
            gap_ns, depth = min(((abs(stamp - moment.stamp_ns), message) for stamp, message in self.depths),
                                key=lambda one: one[0], default=(None, None))
            if self._waits and gap_ns != 0 and now_ns is not None and now_ns - moment.recorded_ns <= LOOK_AHEAD_NS:
                return
            self.images.popleft()
            fits = gap_ns is not None and gap_ns <= self._slop_ns
            beside, self.beside = tuple(self.beside), []
            yield replace(moment, depth=self._plain(depth) if fits else None, depth_gap_ns=gap_ns,
                          camera_info=self.info, beside=beside)

    def _plain(self, message: Image | CompressedImage) -> Image | None:
        try:
            return plain_depth(message)
        except ImageError as error:
            log.warning('An image is taken without its depth: %s', error)
            return None


def plain_depth(message: Image | CompressedImage) -> Image:
    """
    Return a depth message uncompressed; a plain one as it is.

    :raises ImageError: when it is compressed in a way that is not known.
    """
    if isinstance(message, Image):
        return message
    pixels = decode_depth(message)
    return image_message(pixels, '32FC1' if pixels.dtype.kind == 'f' else '16UC1', message.header)


def _image_topic(bag: Bag, firsts: dict[str, Any]) -> str:
    """Return the topic of the only camera: colour before grey, raw before compressed, with camera_info before none."""
    pictures = {topic: message for topic, message in firsts.items() if not _is_depth(message)}
    if not pictures:
        raise DataError(f'{bag.path} has no image topic', f'it has {", ".join(sorted(bag.topics)) or "nothing"}')
    chosen = [topic for topic, message in pictures.items() if not _is_grey(message)] or list(pictures)
    chosen = [topic for topic in chosen if _base(topic) == topic or _base(topic) not in chosen]
    described = [topic for topic in chosen if _sibling(topic) in bag.topics]
    chosen = described or chosen
    if len(chosen) > 1:
        raise DataError(f'{bag.path} has the images of several cameras: {", ".join(sorted(chosen))}',
                        'name one as image_topic')
    return chosen[0]


def _depth_topic(bag: Bag, image: str, firsts: dict[str, Any]) -> str:
    found = [topic for topic, message in firsts.items() if topic != image and _is_depth(message)]
    found = [topic for topic in found if _base(topic) == topic or _base(topic) not in found]
    if len(found) > 1:
        found = [topic for topic in found if any(word in topic for word in REGISTERED)] or found
    if len(found) > 1:
        raise DataError(f'{bag.path} has several depth images: {", ".join(sorted(found))}',
                        'name the one registered to the image as depth_topic')
    return found[0] if found else ''


def _readable(depth: str, firsts: dict[str, Any]) -> str:
    """Return the depth topic if its first message can be read, else none, and say so before anything is played."""
    try:
        if firsts.get(depth) is not None:
            plain_depth(firsts[depth])
    except ImageError as error:
        log.warning('%s is left out, and the images are taken without depth: %s', depth, error)
        return ''
    return depth


def _info_topic(bag: Bag, image: str) -> str:
    known = [topic for topic, one in bag.topics.items() if one.msgtype == CAMERA_INFO and one.msgcount]
    return _sibling(image) if _sibling(image) in known else known[0] if len(known) == 1 else ''


def _is_depth(message: Any) -> bool:
    return is_compressed_depth(message) if hasattr(message, 'format') else \
        message.encoding in DEPTH and message.encoding != 'mono16'


def _is_grey(message: Any) -> bool:
    encoding = message.format.partition(';')[0] if hasattr(message, 'format') else message.encoding
    return encoding.strip().startswith(('mono', '8UC1', '16UC1'))


def _base(topic: str) -> str:
    """Return the topic of the raw images beside which image_transport puts a compressed one."""
    head, _, tail = topic.rpartition('/')
    return head if tail in ('compressed', 'compressedDepth') else topic


def _sibling(image: str) -> str:
    return f'{_base(image).rpartition("/")[0]}/camera_info'
