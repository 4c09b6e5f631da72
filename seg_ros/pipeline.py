"""The order of the stages a frame passes, and which models a mode needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ModelError, SegRosError, SettingError, nearest_of
from seg_ros.geometry.spaces import IN_SPACE, Roles, Spaces
from seg_ros.labels.taxonomy import RobotClass, Role, load_taxonomy
from seg_ros.labels.things import announced, labels_of_things
from seg_ros.models.panoptic_output import merged, visible
from seg_ros.models.segmenter import Segmenter, StagedSegmenter, classes_of
from seg_ros.records import Frame, Instances, Mode, Result, Segmentation
from seg_ros.settings import Settings
from seg_ros.space import Space
from seg_ros.stages import stage
from seg_ros.tracking.memory import Arrays
from seg_ros.tracking.overlap import distinct, id_image
from seg_ros.tracking.target import target_index
from seg_ros.tracking.tracker import Tracker, TrackerSettings

OpenModel = Callable[[str, Settings], Segmenter]
"""Loads a model by name: ``models.catalog.open_model``, or a test's own."""

_MODEL_SETTING = {Mode.SEMANTIC: 'semantic_model', Mode.INSTANCE: 'instance_model', Mode.PANOPTIC: 'semantic_model'}
_LOADING = ('taxonomy', 'device', 'precision', 'onnx_provider', 'cpu_threads')


@dataclass(frozen=True, eq=False)
class Words:
    """
    What the ids in the answers of the loaded models mean.

    :param classes: by id. :param roles: what each label byte means for driving.
    :param label_of: (256,) uint8, the label for the pixels of an object of each class id.
    :param finder: the model that finds the objects, if one does: ids and counts are of what it found.
    """

    classes: tuple[RobotClass, ...]
    roles: Roles
    label_of: NDArray[np.uint8]
    finder: Segmenter | None = None


NOTHING = Words((), Roles(np.zeros(256, np.bool_), np.zeros(256, np.bool_)), np.arange(256, dtype=np.uint8))
"""The words of no model."""


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


class Ids:
    """Numbers objects, from 1 on and never twice; the cameras of a node share one."""

    def __init__(self, given: int = 0) -> None:
        self.given = given

    def __call__(self) -> int:
        """Return the next number."""
        self.given += 1
        return self.given


class CameraMemory:
    """
    What is remembered of one camera from frame to frame: its objects, and how its scan is divided.

    :param ids: numbers the objects.
    """

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.tracker = Tracker(next_id=ids)
        self.spaces = Spaces()
        self._words: Words | None = None

    def reads(self, words: Words) -> None:
        """Forget the objects, and their counts, if another model found them."""
        if self._words is not None and self._words.finder is not words.finder:
            self.tracker.reset()
        self._words = words

    def arrays(self) -> Arrays:
        """Return what is remembered of the objects as plain arrays, for :meth:`recall`."""
        return {'ids_given': np.array(self._ids.given), **self.tracker.memory()}

    def recall(self, arrays: Arrays) -> None:
        """Go on as the camera would whose :meth:`arrays` these are."""
        self._ids.given = int(arrays['ids_given'])
        self.tracker.recall(arrays)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Return how many objects of each class are in sight, and were ever, by class name."""
        names = {c.id: c.name for c in self._words.classes} if self._words else {}
        now, ever = self.tracker.counts_now, self.tracker.counts_ever
        return {names.get(k, str(k)): (now.get(k, 0), ever.get(k, 0)) for k in sorted(now.keys() | ever.keys())}


class Pipeline:
    """
    Frames in, results out, in the mode of the settings.

    :meth:`configure`, :meth:`answer` and :meth:`close` belong to the one thread that runs the networks;
    :meth:`prepare` and :meth:`finish` may run beside it, each in one thread.

    :param open_model: how models are loaded.
    """

    def __init__(self, open_model: OpenModel) -> None:
        self._open_model = open_model
        self._models: dict[tuple[object, ...], Segmenter] = {}
        self._segmenters: dict[Mode, Segmenter] = {}
        self.words = NOTHING

    @property
    def segmenters(self) -> tuple[Segmenter, ...]:
        """The models of the mode, loaded and ready."""
        return tuple(self._segmenters.values())

    @property
    def classes(self) -> tuple[RobotClass, ...]:
        """The classes that the ids in the results mean."""
        return self.words.classes

    def configure(self, settings: Settings) -> None:
        """
        Make the models of the settings' mode ready, and free those no longer needed.

        New models are loaded before old ones are freed, so a refusal changes nothing.

        :raises SegRosError: when a model cannot be loaded or cannot do what the mode asks of it.
        """
        models = dict(self._models)
        try:
            segmenters, words = self._load(settings, models)
        except Exception:
            for key in models.keys() - self._models.keys():
                models[key].close()
            raise
        if list(segmenters.values()) != list(self._segmenters.values()) or words.classes != self.words.classes:
            self.words = words
        self._models, self._segmenters = models, segmenters
        needed = set(map(id, segmenters.values()))
        for key, segmenter in list(models.items()):
            if id(segmenter) not in needed and not settings.keep_models_loaded:
                models.pop(key).close()

    def _load(self, settings: Settings, models: dict[tuple[object, ...], Segmenter]) -> tuple[dict[Mode, Segmenter],
                                                                                             Words]:
        """Open what is missing in ``models``, and check that words and classes fit together."""
        taxonomy = load_taxonomy(settings.taxonomy)
        segmenters = {mode: self._opened(mode, settings, models) for mode in _parts_of(settings)}
        stuff = next((classes_of(one, Mode.SEMANTIC) for mode, one in segmenters.items() if mode.has_labels), ())
        things = next((classes_of(one, Mode.INSTANCE) for mode, one in segmenters.items() if mode.has_instances), ())
        _check_names(settings, things)
        classes = announced(stuff, things)
        finder = next((one for mode, one in segmenters.items() if mode.has_instances), None)
        return segmenters, Words(classes, _roles_of(classes), labels_of_things(taxonomy, things), finder)

    def _opened(self, mode: Mode, settings: Settings, models: dict[tuple[object, ...], Segmenter]) -> Segmenter:
        name = str(getattr(settings, _MODEL_SETTING[mode]))
        key = (name, *(getattr(settings, knob) for knob in _LOADING))
        if key not in models:
            models[key] = self._open_model(name, settings)
        if mode not in models[key].modes:
            can = ' and '.join(sorted(m.value for m in models[key].modes))
            raise ModelError(f"mode {settings.mode} needs a model that does {mode.value} segmentation, and "
                             f"{_MODEL_SETTING[mode]} '{name}' does {can}", 'choose another model or mode')
        if key not in self._models:
            _warm_up(models[key], _asking(settings, mode))
        return models[key]

    def run(self, frames: Sequence[Frame], settings: Settings, memory: CameraMemory | None = None) -> list[Result]:
        """
        Return one result per frame, in order.

        :param memory: of the camera the frames are of; None where no frame belongs to another.
        """
        prepared = [self.prepare(frame) for frame in frames]
        return [self.finish(one, settings, memory or CameraMemory(Ids())) for one in self.answer(prepared, settings)]

    def prepare(self, frame: Frame) -> Prepared:
        """Return a frame with what the networks are shown of it. It may run in a thread beside the networks'."""
        words, models = self.words, self.segmenters
        try:
            return Prepared(frame, words, tuple(one.prepared(frame) if _is_staged(one) else None for one in models))
        except Exception:
            if words is self.words:
                raise
            return Prepared(frame, NOTHING, ())  # the models changed meanwhile: it is prepared again

    def answer(self, prepared: Sequence[Prepared], settings: Settings) -> list[Answered]:
        """Return what the networks say of each frame. All cameras are one batch."""
        if not self._segmenters or not prepared:
            return []
        prepared = [one if one.words is self.words else self.prepare(one.frame) for one in prepared]
        parts = [self._passed(model, [(one.frame, one.shown[k]) for one in prepared], _asking(settings, mode))
                 for k, (mode, model) in enumerate(self._segmenters.items())]
        return [Answered(one.frame, self.words, read) for one, read in zip(prepared, zip(*parts))]

    def _passed(self, model: Segmenter, shown: Sequence[tuple[Frame, Any]],
                settings: Settings) -> list[Callable[[], Segmentation]]:
        """Return what reads what one network gives for each frame."""
        if _is_staged(model):
            given = model.passed([image for _, image in shown], settings)
            return [partial(model.read, one, frame, settings) for one, (frame, _) in zip(given, shown)]
        return [partial(_itself, one) for one in model.segment([frame for frame, _ in shown], settings)]

    def finish(self, answered: Answered, settings: Settings, memory: CameraMemory) -> Result:
        """Return the result: objects with their lasting ids, and what is wanted of the frame in metres."""
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
            return replace(result, space=_space(result, answered.words.roles, settings, memory.spaces))

    def close(self) -> None:
        """Free every model."""
        models, self._models, self._segmenters, self.words = self._models, {}, {}, NOTHING
        for segmenter in models.values():
            segmenter.close()


def _is_staged(model: Segmenter) -> TypeGuard[StagedSegmenter]:
    """Tell whether a model's work beside its network is done in other threads; a GPU does it all in one go."""
    return isinstance(model, StagedSegmenter) and model.device == 'cpu'


def _itself(segmentation: Segmentation) -> Segmentation:
    return segmentation


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


def _space(result: Result, roles: Roles, settings: Settings, spaces: Spaces) -> Space:
    """Return what is wanted of a result in metres."""
    wanted, instances = result.frame.wanted, result.segmentation.instances
    ids = id_image(instances) if instances is not None and wanted & {'points', 'target_points'} else None
    return spaces.made(result.frame, result.segmentation, wanted, roles, settings, target=result.target,
                       instance_ids=ids)


def _tracker_settings(settings: Settings) -> TrackerSettings:
    return TrackerSettings(
        match_iou=settings.track_match_iou, high_score=settings.score_threshold,
        low_score=settings.detection_threshold, lost_s=settings.track_lost_s,
        confirm_frames=settings.track_confirm_frames, by=settings.track_by)


def _target(instances: Instances, classes: Sequence[RobotClass], settings: Settings) -> int | None:
    class_id = next((c.id for c in classes if c.name == settings.target_class), None)
    return target_index(instances, class_id=class_id, track_id=settings.target_id)


def _warm_up(model: Segmenter, settings: Settings) -> None:
    """
    Let a model answer a grey frame, so that the first real one is as fast as the next.

    :raises ModelError: when it cannot, for want of device memory say.
    """
    try:
        model.segment([Frame('', 0, '', np.full((480, 640, 3), 128, np.uint8))], settings)
    except SegRosError:
        raise
    except Exception as error:
        raise ModelError(f"the model '{model.name}' cannot answer a plain grey image "
                         f'({type(error).__name__}: {error})', 'check its card, its weights and the free memory of '
                                                               f'{model.device}') from error


def _asking(settings: Settings, mode: Mode) -> Settings:
    """Return the settings with the mode of one part."""
    return settings if settings.mode == mode.value else replace(settings, mode=mode.value)


def _parts_of(settings: Settings) -> tuple[Mode, ...]:
    """Return what is computed on its own: panoptic is one part where one model is named for labels and objects."""
    mode = Mode(settings.mode)
    two_models = mode is Mode.PANOPTIC and settings.semantic_model != settings.instance_model
    return (Mode.SEMANTIC, Mode.INSTANCE) if two_models else (mode,)


def _check_names(settings: Settings, things: Sequence[RobotClass]) -> None:
    """Refuse class names that no loaded model finds."""
    if not things:
        return
    known = {thing.name for thing in things}
    wanted = {name: 'classes' for name in settings.classes if name}
    if settings.target_class:
        wanted[settings.target_class] = 'target_class'
    for name, knob in wanted.items():
        if name not in known:
            raise SettingError(f"{knob} has '{name}', which {settings.instance_model} does not find; "
                               f'{nearest_of(name, known)}')


def _reported(instances: Instances, threshold: float) -> Instances:
    """Return the objects that are certain enough, or continue a track."""
    return instances.taken(np.flatnonzero((instances.scores >= threshold) | (instances.track_ids > 0)))


def _roles_of(classes: Sequence[RobotClass]) -> Roles:
    """Return what each label byte means for driving."""
    obstacles, grounds = ([c.id for c in classes if c.role is role] for role in (Role.OBSTACLE, Role.TRAVERSABLE))
    return Roles(np.isin(np.arange(256), obstacles), np.isin(np.arange(256), grounds))
