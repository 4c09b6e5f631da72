"""A recording as a camera that can be played."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seg_ros.bridge.images import decode_depth, decode_image
from seg_ros.errors import DataError, ImageError
from seg_ros.nodes.bag_camera import Moment, camera_topics, moments
from seg_ros.nodes.bags import Bag
from seg_ros.nodes.shots import Shot

SECOND_NS = 1_000_000_000
TRANSFORMS = ('/tf', '/tf_static')

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Recording:
    """
    What is taken of a recording.

    :param image: the topic of the images; empty for the only camera. :param depth: of the depth registered to them.
    :param camera_info: of their description. :param start_s: seconds of its beginning that are left out.
    """

    image: str = ''
    depth: str = ''
    camera_info: str = ''
    start_s: float = 0.0


class BagSource:
    """
    The images of one camera of a rosbag2 recording, with depth, description and transforms.

    :raises DataError: when the recording is damaged, has no images, or several cameras and none was chosen.
    """

    live = False

    def __init__(self, path: Path, chosen: Recording) -> None:
        self._path, self._start_s = path, chosen.start_s
        with Bag(path) as bag:
            self.topics = camera_topics(bag, image=chosen.image, depth=chosen.depth, camera_info=chosen.camera_info)
            start_ns, end_ns = bag.span_ns
            if chosen.start_s * SECOND_NS >= end_ns - start_ns:
                raise DataError(f'{path} is {(end_ns - start_ns) / SECOND_NS:.1f} s long, and start_s is '
                                f'{chosen.start_s:g}', 'begin earlier')
            self.transforms = _transform_kinds(bag)

    @property
    def words(self) -> str:
        """The recording and its topics."""
        named = (self.topics.image, self.topics.depth, self.topics.camera_info, *self.transforms)
        return f'the recording {self._path} ({", ".join(filter(None, named))})'

    def shots(self) -> Iterator[Shot]:
        """Yield one shot per image that can be decoded; the others are named once all together."""
        bad = 0
        with Bag(self._path) as bag:
            start_ns = bag.span_ns[0] + round(self._start_s * SECOND_NS)
            for moment in moments(bag, self.topics, start_ns=start_ns, beside=self.transforms):
                shot, problem = _shot(moment)
                if shot is not None:
                    yield shot
                elif not bad:
                    log.warning('Skipping what cannot be decoded in %s: %s', self._path, problem)
                bad += shot is None


def _shot(moment: Moment) -> tuple[Shot | None, str]:
    """Return the shot of a moment, or None and why there is none."""
    try:
        depth = None if moment.depth is None else decode_depth(moment.depth)
        return Shot(decode_image(moment.image), depth, stamp_ns=moment.stamp_ns, camera_info=moment.camera_info,
                    frame_id=moment.image.header.frame_id, beside=moment.beside), ''
    except ImageError as error:
        return None, str(error)


def _transform_kinds(bag: Bag) -> dict[str, type]:
    """Return the transform topics of a recording with their type, none where tf2_msgs is not installed."""
    recorded = [topic for topic in TRANSFORMS if topic in bag.topics]
    try:
        from tf2_msgs.msg import TFMessage
    except ImportError:
        if recorded:
            log.warning('%s is not played: tf2_msgs is not installed', ' and '.join(recorded))
        return {}
    return dict.fromkeys(recorded, TFMessage)
