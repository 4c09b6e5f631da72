"""The order of the stages a frame passes, and which models a mode needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from seg_ros.labels.taxonomy import RobotClass
from seg_ros.models.segmenter import Segmenter
from seg_ros.records import Frame, Mode, Result
from seg_ros.settings import Settings

OpenModel = Callable[[str, Settings], Segmenter]
"""Loads a model by name: ``models.catalog.open_model``, or a test's own."""

_LOADING = ('semantic_model', 'taxonomy', 'device', 'precision', 'cpu_threads', 'mode')


class Pipeline:
    """
    Frames in, results out, in the mode of the settings. Used by one thread only.

    :param open_model: how models are loaded.
    """

    def __init__(self, open_model: OpenModel) -> None:
        self._open_model = open_model
        self._segmenter: Segmenter | None = None
        self._loaded_for: tuple[object, ...] = ()

    @property
    def segmenter(self) -> Segmenter | None:
        """The loaded model, if any."""
        return self._segmenter

    @property
    def classes(self) -> tuple[RobotClass, ...]:
        """The classes that the ids in the results mean."""
        return self._segmenter.classes if self._segmenter else ()

    def configure(self, settings: Settings) -> None:
        """
        Make the models of the settings' mode ready, and free what is no longer needed.

        :raises SegRosError: when a model cannot be loaded; what was loaded before stays in use.
        """
        wanted = tuple(getattr(settings, name) for name in _LOADING)
        if self._segmenter is not None and wanted == self._loaded_for:
            return
        segmenter = self._open_model(settings.semantic_model, settings)
        self.close()
        self._segmenter, self._loaded_for = segmenter, wanted

    def run(self, frames: Sequence[Frame], settings: Settings) -> list[Result]:
        """Return one result per frame. All cameras are one batch."""
        if self._segmenter is None:
            return []
        started = time.perf_counter()
        segmentations = self._segmenter.segment(frames, settings)
        spent = (time.perf_counter() - started) / max(1, len(frames))
        return [Result(frame, segmentation, {'segment': spent})
                for frame, segmentation in zip(frames, segmentations)]

    def close(self) -> None:
        """Free every model."""
        if self._segmenter is not None:
            self._segmenter.close()
        self._segmenter, self._loaded_for = None, ()


def needed_mode(settings: Settings) -> Mode:
    """Return the mode the settings ask for."""
    return Mode(settings.mode)
