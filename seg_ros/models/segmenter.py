"""The contract every model keeps, whatever library runs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from seg_ros.labels.taxonomy import RobotClass
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings


class Segmenter(Protocol):
    """
    A loaded model. It is used by one thread only, and holds no state between frames.

    :ivar name: the name it was asked for by. :ivar modes: what it can compute.
    :ivar classes: the classes its answers use, by id. :ivar device: where it runs, ``cpu`` or ``cuda:0``.
    :ivar precision: the arithmetic of the network, ``fp32``, ``bf16`` or ``fp16``.
    """

    name: str
    modes: frozenset[Mode]
    classes: tuple[RobotClass, ...]
    device: str
    precision: str

    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """
        Return what is seen in each frame, at the camera's size or at ``settings.output_size``.

        Frames may have different sizes. The settings may differ from call to call.
        """
        ...

    def close(self) -> None:
        """Free the memory the model holds on its device."""
        ...
