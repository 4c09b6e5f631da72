# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a map of one camera is made of: the topics, and what came on them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from rclpy.node import Node

from seg_ros.bridge.answers import class_names_of
from seg_ros.bridge.images import stamp_ns_of
from seg_ros.errors import ImageError
from seg_ros.health.verdict import Level, Verdict
from seg_ros.mapping.settings import MappingSettings
from seg_ros.nodes.gathering import DEPTH, Gathering
from seg_ros.nodes.streams import Stream, camera_topic, first_cause
from seg_ros.records import Mode

OF_CAMERA = (DEPTH, 'camera_info')  # all else comes from segmentation
QUEUE = 5  # messages of a topic that wait while others are received


class AbsentError(ImageError):
    """
    What a map needs does not come on its topic.

    :param stream: of that topic. :ivar is_told: whether that is told for itself already, or it may be on its way.
    """

    def __init__(self, fact: str, stream: Stream) -> None:
        super().__init__(*first_cause(fact, stream))
        self.is_told = stream.is_new or bool(stream.silence)


class MapInputs:
    """
    Receives what is needed for a map of one camera.

    :param name: prefix of its topics; empty for none. :param bell: rung when something comes.
    :param say: told in words when time goes back.
    :ivar gathering: puts together what belongs to one image. :ivar info: the newest camera_info; None before the first.
    :ivar words: the names of the labels, by id; None before they came.
    """

    def __init__(self, node: Node, name: str, bell: threading.Condition, settings: MappingSettings,
                 say: Callable[[str], None]) -> None:
        self._node, self._name, self._segmentation = node, name, settings.segmentation
        self.gathering = Gathering(wanted_of(settings), bell, say)
        self.info: Any = None
        self.words: Mapping[int, str] | None = None
        self._came: set[str] = set()  # what was received once
        self._streams = {part: self._stream(part) for part in (*wanted_of(settings), 'label_info', *(
            ('camera_info',) if settings.source == 'depth' else ()))}

    @property
    def first(self) -> Stream:
        """The topic that the others go by."""
        return next(iter(self._streams.values()))

    def open(self) -> None:
        """Receive from now on."""
        self.gathering.clear()
        for stream in self._streams.values():
            stream.open()

    def close(self) -> None:
        """Receive no more."""
        for stream in self._streams.values():
            stream.close()
        self.gathering.clear()

    def keep_up(self) -> None:
        """Follow the publishers; call it once a second."""
        for stream in self._streams.values():
            if stream.is_open:
                stream.keep_up()

    def coming(self, stamp_ns: int) -> set[str]:
        """Return the parts that come of images around this one."""
        return {part for part in self._streams if self.gathering.comes(part, stamp_ns)}

    def absent(self, part: str, fact: str) -> AbsentError:
        """Return the error that says why a part does not come."""
        return AbsentError(fact, self._streams[part])

    def absences(self) -> Iterator[Verdict]:
        """Yield which topics nobody publishes, or something else is published on, of those beside the first."""
        first, *others = self._streams.items()
        for part, stream in others:
            is_due = part in OF_CAMERA or first[1].publishers
            if is_due and stream.is_open and stream.silence and not stream.is_new:
                yield self._absence(part, stream)

    def _stream(self, part: str) -> Stream:
        own = camera_topic(self._name, part)
        topic = own if part in OF_CAMERA else f'{self._segmentation}/{own}'
        transports = {DEPTH: ('raw', 'compressedDepth')}.get(part, (part if part in (
            'camera_info', 'label_info', 'instances', 'points') else 'raw',))
        receive = {'camera_info': self._on_info, 'label_info': self._on_words}.get(part, partial(self._on_part, part))
        return Stream(self._node, topic, receive, transports, depth=QUEUE)

    def _on_part(self, part: str, message: Any) -> None:
        self._came.add(part)
        self.gathering.put(part, message, stamp_ns_of(message.header), self._node.get_clock().now().nanoseconds)

    def _on_info(self, message: Any) -> None:
        self._came.add('camera_info')
        self.info = message

    def _on_words(self, message: Any) -> None:
        self.words = class_names_of(message)

    def _absence(self, part: str, stream: Stream) -> Verdict:
        if part not in self._came or stream.foreign_types:
            return Verdict(Level.WARN, f'absent {part}', stream.silence, self._way_to(part))
        return Verdict(Level.WARN, f'absent {part}', f'nobody publishes {stream.topic} any more',
                       'start the camera again; this node goes on by itself' if part in OF_CAMERA
                       else self._way_to(part))

    def _way_to(self, part: str) -> str:
        """Return what makes a part come."""
        if part in OF_CAMERA:
            return f'remap {camera_topic(self._name, part)} to its topic'
        return 'see whether the node that the parameter segmentation names runs, and gives it'


def wanted_of(settings: MappingSettings) -> tuple[str, ...]:
    """Return the parts of an image that a map is made of, the one that all others go by first."""
    mode = Mode(settings.mode)
    listed = ('instances',) if mode.has_instances else ()
    if settings.source == 'points':
        return ('points', *listed)
    return (*(('mask', 'confidence') if mode.has_labels else ()), *(('instance_ids', *listed) if listed else ()), DEPTH)
