# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Answers the images of a recording one by one, as the node does, and writes what it would publish."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rclpy.serialization import serialize_message
from vision_msgs.msg import LabelInfo

from seg_ros.bridge.segmentations import label_info_message
from seg_ros.errors import ImageError
from seg_ros.nodes.frames import frame_of
from seg_ros.nodes.mailbox import Arrival
from seg_ros.nodes.outputs import IMAGE_QOS, LATCHED_QOS, OUTPUTS, announced_threshold, made_in
from seg_ros.nodes.transforms import mounted_floor
from seg_ros.pipeline import Pipeline
from seg_ros.pipeline.camera_memory import CameraMemory, Ids
from seg_ros.pipeline.loaded import OpenModel
from seg_ros.recordings.bag_parts import PartWriter
from seg_ros.recordings.camera_of_bag import Moment
from seg_ros.records import Mode
from seg_ros.settings import Settings

log = logging.getLogger(__name__)


class Labeller:
    """
    Answers one image after another; its models are loaded when the first is due.

    :param outputs: names of the outputs to make; those that do not belong to the mode are left out.
    :param namespace: what their topics begin with.
    """

    def __init__(self, settings: Settings, outputs: Sequence[str], namespace: str, open_model: OpenModel) -> None:
        self.settings, self._namespace = settings, namespace
        mode = Mode(settings.mode)
        names = made_in(mode, frozenset(outputs))
        self._outputs = [output for output in OUTPUTS if output.name in names]
        self._names = names
        self._pipeline = Pipeline(open_model)
        self._camera = CameraMemory(Ids())
        self._is_ready = False
        self.memory: Path | None = None

    def get_ready(self) -> None:
        """Load the models, and recall what the last finished part remembered."""
        if not self._is_ready:
            self._pipeline.configure(self.settings)
            self._is_ready = True
        if self.memory is not None:
            with np.load(self.memory, allow_pickle=False) as kept:
                self._camera.recall(dict(kept))
            self.memory = None

    def topic(self, name: str) -> str:
        """Return the topic of an output."""
        return f'{self._namespace}/{name}'

    def declare(self, part: PartWriter) -> None:
        """Add the topics of the outputs to a part."""
        part.add(self.topic('label_info'), LabelInfo, LATCHED_QOS)
        for output in self._outputs:
            part.add(self.topic(output.name), output.kind, IMAGE_QOS)

    def label_info(self, stamp_ns: int) -> bytes:
        """Return the words for the ids, serialised."""
        message = label_info_message(self._pipeline.classes, announced_threshold(self.settings), stamp_ns)
        return bytes(serialize_message(message))

    def answer(self, moment: Moment, part: PartWriter) -> bool:
        """Write the outputs of one image; return whether it could be decoded."""
        arrival = Arrival(moment.image, moment.stamp_ns, moment.depth, moment.depth_gap_ns,
                          camera_info=moment.camera_info)
        try:
            frame = replace(frame_of('', arrival, self.settings, self._names), floor=mounted_floor(self.settings))
        except ImageError as error:
            log.warning('The image of %.3f s cannot be decoded: %s', moment.stamp_ns / 1e9, error)
            return False
        result, = self._pipeline.run([frame], self.settings, self._camera)
        for output in self._outputs:
            message = output.message_of(result, self._pipeline.classes)
            if message is not None:
                part.write(self.topic(output.name), moment.recorded_ns, bytes(serialize_message(message)))
        return True

    def remembered(self) -> dict[str, Any]:
        """Return what is remembered of the images so far."""
        return self._camera.arrays()

    def close(self) -> None:
        """Free the models."""
        self._pipeline.close()
