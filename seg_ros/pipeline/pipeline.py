# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The order of the stages a frame passes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeGuard

import numpy as np

from seg_ros.geometry.sizes import plausible
from seg_ros.geometry.spaces import IN_SPACE, Spaces
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.models.panoptic_output import merged, visible
from seg_ros.models.segmenter import Segmenter, StagedSegmenter
from seg_ros.pipeline.camera_memory import CameraMemory, Ids
from seg_ros.pipeline.loaded import NO_WORDS, LoadedModels, OpenModel, Words
from seg_ros.records import Frame, Instances, Mode, Result, Segmentation
from seg_ros.settings import Settings
from seg_ros.space import Space
from seg_ros.stages import stage
from seg_ros.tracking.overlap import distinct, id_image
from seg_ros.tracking.target import target_index
from seg_ros.tracking.tracker import Tracker, TrackerSettings


@dataclass(frozen=True)
class Prepared:
    """
    A frame, and what each network of a mode is shown of it.

    :param words: of the models it was prepared for. :param shown: in their order; None where a model is shown frames.
    """

    frame: Frame
    words: Words
    shown: tuple[Any, ...]


@dataclass(frozen=True)
class Answered:
    """
    A frame the networks have answered; what is left to do needs none.

    :param words: what the ids mean. :param read: gives what each network says, in their order.
    """

    frame: Frame
    words: Words
    read: tuple[Callable[[], Segmentation], ...]


class Pipeline:
    """
    Frames in, results out, in the mode of the settings.

    :meth:`configure`, :meth:`answer` and :meth:`close` belong to the one thread that runs the networks;
    :meth:`prepare` and :meth:`finish` may run beside it, each in one thread.

    :param open_model: how models are loaded. :ivar models: those of the mode, and what their ids mean.
    """

    def __init__(self, open_model: OpenModel) -> None:
        self.models = LoadedModels(open_model)

    @property
    def segmenters(self) -> tuple[Segmenter, ...]:
        """The models of the mode, loaded and ready."""
        return tuple(self.models.segmenters.values())

    @property
    def classes(self) -> tuple[RobotClass, ...]:
        """The classes that the ids in the results mean."""
        return self.models.words.classes

    def configure(self, settings: Settings) -> None:
        """
        Make the models of the settings' mode ready, and free those no longer needed; a refusal changes nothing.

        :raises SegRosError: when a model cannot be loaded or cannot do what the mode asks of it.
        """
        self.models.configure(settings)

    def run(self, frames: Sequence[Frame], settings: Settings, memory: CameraMemory | None = None) -> list[Result]:
        """
        Return one result per frame, in order.

        :param memory: of the camera the frames are of; None where no frame belongs to another.
        """
        prepared = [self.prepare(frame) for frame in frames]
        return [self.finish(one, settings, memory or CameraMemory(Ids())) for one in self.answer(prepared, settings)]

    def prepare(self, frame: Frame) -> Prepared:
        """Return a frame with what the networks are shown of it. It may run in a thread beside the networks'."""
        words, models = self.models.words, self.segmenters
        try:
            return Prepared(frame, words, tuple(one.prepared(frame) if _is_staged(one) else None for one in models))
        except Exception:
            if words is self.models.words:
                raise
            return Prepared(frame, NO_WORDS, ())  # the models changed meanwhile: it is prepared again

    def answer(self, prepared: Sequence[Prepared], settings: Settings) -> list[Answered]:
        """Return what the networks say of each frame. All cameras are one batch."""
        if not self.models.segmenters or not prepared:
            return []
        prepared = [one if one.words is self.models.words else self.prepare(one.frame) for one in prepared]
        parts = [self._passed(model, [(one.frame, one.shown[k]) for one in prepared], _asking(settings, mode))
                 for k, (mode, model) in enumerate(self.models.segmenters.items())]
        return [Answered(one.frame, self.models.words, read) for one, read in zip(prepared, zip(*parts))]

    def _passed(self, model: Segmenter, shown: Sequence[tuple[Frame, Any]],
                settings: Settings) -> list[Callable[[], Segmentation]]:
        """Return what reads what one network gives for each frame."""
        if _is_staged(model):
            given = model.passed([image for _, image in shown], settings)
            return [partial(model.read, one, frame, settings) for one, (frame, _) in zip(given, shown)]
        return [partial(_itself, one) for one in model.segment([frame for frame, _ in shown], settings)]

    def finish(self, answered: Answered, settings: Settings, memory: CameraMemory) -> Result:
        """Return the result: objects with their lasting ids, and what is wanted of the frame in metres."""
        if memory.words is not answered.words:
            memory.reads(answered.words)
        labels, *others = [read() for read in answered.read]
        objects = others[0] if others else labels
        if objects.instances is None:
            result = Result(answered.frame, labels)
        else:
            with stage('track'):
                result = _tracked(answered, labels, objects, settings, memory.tracker)
        if not answered.frame.wanted & IN_SPACE:
            return result
        with stage('space'):
            return replace(result, space=_space(result, answered.words, settings, memory.spaces))

    def close(self) -> None:
        """Free every model."""
        self.models.close()


def _is_staged(model: Segmenter) -> TypeGuard[StagedSegmenter]:
    """Tell whether a model's work beside its network is done in other threads; a GPU does it all in one go."""
    return isinstance(model, StagedSegmenter) and model.device == 'cpu'


def _itself(segmentation: Segmentation) -> Segmentation:
    return segmentation


def _asking(settings: Settings, mode: Mode) -> Settings:
    """Return the settings with the mode of one part."""
    return settings if settings.mode == mode.value else replace(settings, mode=mode.value)


def _tracked(answered: Answered, labels: Segmentation, objects: Segmentation, settings: Settings,
             tracker: Tracker) -> Result:
    """Give objects their lasting ids, merge what is reported of them with the labels, and find the target."""
    two_models, found = labels is not objects, objects.instances or Instances.none(objects.size)
    instances = distinct(found) if settings.nms_iou < 1 else found
    if two_models:
        instances = visible(instances)
    if settings.tracking:
        tracker.settings = _tracker_settings(settings)
        instances = tracker.update(instances, answered.frame.stamp_ns)
    else:
        tracker.lose()
    instances = _reported(instances, settings.score_threshold)
    target = _target(instances, answered.words.classes, settings)
    seen = merged(labels, instances, answered.words.label_of) if two_models else labels
    if settings.target_only:
        instances, target = instances.taken([] if target is None else [target]), None if target is None else 0
    return Result(answered.frame, replace(seen, instances=instances), target=target,
                  score_threshold=settings.score_threshold)


def _space(result: Result, words: Words, settings: Settings, spaces: Spaces) -> Space:
    """Return what is wanted of a result in metres."""
    wanted, instances = result.frame.wanted, result.segmentation.instances
    ids = id_image(instances) if instances is not None and wanted & {'points', 'target_points'} else None
    space = spaces.made(result.frame, result.segmentation, wanted, words.roles, settings, target=result.target,
                        instance_ids=ids)
    if space.objects is None or instances is None:
        return space
    names = {c.id: c.name for c in words.classes}
    return plausible(space, [names[int(k)] for k in instances.class_ids], settings.size_limits)


def _tracker_settings(settings: Settings) -> TrackerSettings:
    return TrackerSettings(
        match_iou=settings.track_match_iou, high_score=settings.score_threshold,
        low_score=settings.detection_threshold, lost_s=settings.track_lost_s,
        confirm_frames=settings.track_confirm_frames, by=settings.track_by)


def _target(instances: Instances, classes: Sequence[RobotClass], settings: Settings) -> int | None:
    class_id = next((c.id for c in classes if c.name == settings.target_class), None)
    return target_index(instances, class_id=class_id, track_id=settings.target_id)


def _reported(instances: Instances, threshold: float) -> Instances:
    """Return the objects that are certain enough, or continue a track."""
    return instances.taken(np.flatnonzero((instances.scores >= threshold) | (instances.track_ids > 0)))
