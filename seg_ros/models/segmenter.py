# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The contract every model keeps, whatever library runs it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from seg_ros.labels.taxonomy import RobotClass
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings


@dataclass(frozen=True)
class Known:
    """
    What is known of a model before it is loaded.

    :param words: in the order of its outputs; empty where they are not known. :param modes: likewise.
    """

    words: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()


class Segmenter(Protocol):
    """
    A loaded model. It is used by one thread at a time, unless it is staged, and holds no state between frames.

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

        Frames may have different sizes. The settings may differ from call to call; their ``mode`` is one of
        :attr:`modes`, and says what is computed.
        """
        ...

    def close(self) -> None:
        """Free the memory the model holds on its device."""
        ...


class StagedSegmenter(ABC):
    """
    A model whose work beside the network can be done beside the network: before it and after it, in other threads.

    Each of the three is used by one thread at a time; ``Segmenter.segment`` is the three in a row.
    """

    device: str

    @abstractmethod
    def prepared(self, frame: Frame) -> Any:
        """Return what the network is shown of a frame."""

    @abstractmethod
    def passed(self, prepared: Sequence[Any], settings: Settings) -> list[Any]:
        """Return what the network gives for each, those of one size in one pass."""

    @abstractmethod
    def read(self, given: Any, frame: Frame, settings: Settings) -> Segmentation:
        """Return what it means for its frame."""

    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return what is seen in each frame; frames of one network size share a forward pass."""
        given = self.passed([self.prepared(frame) for frame in frames], settings)
        return [self.read(one, frame, settings) for one, frame in zip(given, frames)]


def groups_of(sizes: Sequence[Hashable]) -> list[list[int]]:
    """Return the indices of those that have the same size, in the order of their first."""
    return [[k for k, other in enumerate(sizes) if other == size] for size in dict.fromkeys(sizes)]


@runtime_checkable
class UniversalSegmenter(Segmenter, Protocol):
    """
    A model that gives labels and objects, in mode panoptic both by one pass.

    :ivar classes: the classes of its labels, by id. :ivar things: the classes of its objects, by id.
    """

    things: tuple[RobotClass, ...]


def classes_of(model: Segmenter, mode: Mode) -> tuple[RobotClass, ...]:
    """Return the classes of a model's labels in mode semantic, and of its objects in mode instance."""
    return model.things if mode is Mode.INSTANCE and isinstance(model, UniversalSegmenter) else model.classes
