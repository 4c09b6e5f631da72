"""The order of the stages a frame passes, and which models a mode needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ModelError, SegRosError, SettingError, nearest_of
from seg_ros.geometry.spaces import Roles, Spaces
from seg_ros.labels.taxonomy import RobotClass, Role, load_taxonomy
from seg_ros.labels.things import announced, labels_of_things
from seg_ros.models.panoptic_output import merged, visible
from seg_ros.models.segmenter import Segmenter, classes_of
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


@dataclass(frozen=True)
class _Loaded:
    """The models of a mode, and what their classes mean together."""

    segmenters: dict[Mode, Segmenter]
    classes: tuple[RobotClass, ...]
    label_of: NDArray[np.uint8]

    @property
    def finder(self) -> Segmenter | None:
        """The model that finds the objects, if one does."""
        return next((one for mode, one in self.segmenters.items() if mode.has_instances), None)


class Pipeline:
    """
    Frames in, results out, in the mode of the settings. Used by one thread only.

    Models are loaded by :meth:`configure`; trackers live per camera and for as long as the model that finds the
    objects.

    :param open_model: how models are loaded.
    :param wanted: the names of a camera's outputs that somebody listens to; of clouds, boxes and scan only
        those are made.
    """

    def __init__(self, open_model: OpenModel, wanted: Callable[[str], frozenset[str]] = lambda _: frozenset()) -> None:
        self._open_model, self._wanted = open_model, wanted
        self._spaces = Spaces()
        self._models: dict[tuple[object, ...], Segmenter] = {}
        self._loaded = _Loaded({}, (), np.arange(256, dtype=np.uint8))
        self._trackers: dict[str, Tracker] = {}
        self._ids_given = 0

    @property
    def segmenters(self) -> tuple[Segmenter, ...]:
        """The models of the mode, loaded and ready."""
        return tuple(self._loaded.segmenters.values())

    @property
    def classes(self) -> tuple[RobotClass, ...]:
        """The classes that the ids in the results mean."""
        return self._loaded.classes

    def configure(self, settings: Settings) -> None:
        """
        Make the models of the settings' mode ready, and free those no longer needed.

        New models are loaded before old ones are freed, so a refusal changes nothing. Objects of another model, and
        their counts, are forgotten.

        :raises SegRosError: when a model cannot be loaded or cannot do what the mode asks of it.
        """
        models = dict(self._models)
        try:
            loaded = self._load(settings, models)
        except Exception:
            for key in models.keys() - self._models.keys():
                models[key].close()
            raise
        needed = set(map(id, loaded.segmenters.values()))
        for key, segmenter in list(models.items()):
            if id(segmenter) not in needed and not settings.keep_models_loaded:
                models.pop(key).close()
        if loaded.finder is not self._loaded.finder:
            self.reset_tracks()
        self._models, self._loaded = models, loaded

    def _load(self, settings: Settings, models: dict[tuple[object, ...], Segmenter]) -> _Loaded:
        """Open what is missing in ``models``, and check that words and classes fit together."""
        taxonomy = load_taxonomy(settings.taxonomy)
        segmenters = {mode: self._opened(mode, settings, models) for mode in _parts_of(settings)}
        stuff = next((classes_of(one, Mode.SEMANTIC) for mode, one in segmenters.items() if mode.has_labels), ())
        things = next((classes_of(one, Mode.INSTANCE) for mode, one in segmenters.items() if mode.has_instances), ())
        _check_names(settings, things)
        return _Loaded(segmenters, announced(stuff, things), labels_of_things(taxonomy, things))

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

    def run(self, frames: Sequence[Frame], settings: Settings) -> list[Result]:
        """Return one result per frame. All cameras are one batch."""
        if not self._loaded.segmenters:
            return []
        started = time.perf_counter()
        segmentations = self._segmented(frames, settings)
        segmented = time.perf_counter()
        with stage('track'):
            results = [self._tracked(frame, *parts, settings) for frame, parts in zip(frames, segmentations)]
        tracked = time.perf_counter()
        with stage('space'):
            results = [replace(result, space=self._space(result, settings)) for result in results]
        spent = {'segment': segmented - started, 'track': tracked - segmented, 'space': time.perf_counter() - tracked}
        return [replace(result, stage_s={k: v / len(results) for k, v in spent.items()}) for result in results]

    def _segmented(self, frames: Sequence[Frame], settings: Settings) -> list[tuple[Segmentation, Segmentation]]:
        """Return labels and objects of each frame; twice the same where one model gives what the mode has."""
        parts = [one.segment(frames, _asking(settings, mode)) for mode, one in self._loaded.segmenters.items()]
        return list(zip(parts[0], parts[-1]))

    def _tracked(self, frame: Frame, stuff: Segmentation, found: Segmentation, settings: Settings) -> Result:
        """Give objects their lasting ids, merge what is reported of them with the labels, and find the target."""
        if found.instances is None:
            return Result(frame, stuff)
        instances = distinct(found.instances) if settings.nms_iou < 1 else found.instances
        if stuff is not found:
            instances = visible(instances)
        tracker = self._tracker(frame.camera, settings)
        if settings.tracking:
            instances = tracker.update(instances, frame.stamp_ns)
        else:
            tracker.lose()
        instances = _reported(instances, settings.score_threshold)
        target = self._target(instances, settings)
        if stuff is not found:
            with stage('output'):
                stuff = merged(stuff, instances, self._loaded.label_of)
        if settings.target_only:
            instances, target = instances.taken([] if target is None else [target]), None if target is None else 0
        return Result(frame, replace(stuff, instances=instances), target=target)

    def _space(self, result: Result, settings: Settings) -> Space:
        """Return what is wanted of a result in metres."""
        wanted = self._wanted(result.frame.camera)
        instances = result.segmentation.instances
        ids = id_image(instances) if instances is not None and wanted & {'points', 'target_points'} else None
        return self._spaces.made(result.frame, result.segmentation, wanted, _roles_of(self.classes), settings,
                                 target=result.target, instance_ids=ids)

    def _tracker(self, camera: str, settings: Settings) -> Tracker:
        tracker = self._trackers.setdefault(camera, Tracker(next_id=self._next_id))
        tracker.settings = TrackerSettings(
            match_iou=settings.track_match_iou, high_score=settings.score_threshold,
            low_score=settings.detection_threshold, lost_s=settings.track_lost_s,
            confirm_frames=settings.track_confirm_frames, by=settings.track_by)
        return tracker

    def _target(self, instances: Instances, settings: Settings) -> int | None:
        class_id = next((c.id for c in self.classes if c.name == settings.target_class), None)
        return target_index(instances, class_id=class_id, track_id=settings.target_id)

    def _next_id(self) -> int:
        self._ids_given += 1
        return self._ids_given

    def memory(self) -> Arrays:
        """Return what is remembered of the frames so far of the camera without a name, for :meth:`recall`."""
        tracker = self._trackers.get('')
        return {'ids_given': np.array(self._ids_given), **({} if tracker is None else tracker.memory())}

    def recall(self, memory: Arrays) -> None:
        """Go on as the pipeline would whose :meth:`memory` this is."""
        self._ids_given = int(memory['ids_given'])
        if 'stamp_ns' in memory:
            self._trackers[''] = Tracker(next_id=self._next_id)
            self._trackers[''].recall(memory)

    def reset_tracks(self) -> None:
        """Forget all objects seen; ids given so far are not given again."""
        for tracker in self._trackers.values():
            tracker.reset()

    def counts(self, camera: str) -> dict[str, tuple[int, int]]:
        """Return how many objects of each class a camera sees now, and has ever seen, by class name."""
        tracker = self._trackers.get(camera)
        if tracker is None:
            return {}
        names = {c.id: c.name for c in self.classes}
        now, ever = tracker.counts_now, tracker.counts_ever
        return {names.get(k, str(k)): (now.get(k, 0), ever.get(k, 0)) for k in sorted(now.keys() | ever.keys())}

    def close(self) -> None:
        """Free every model and forget the objects."""
        for segmenter in self._models.values():
            segmenter.close()
        self._models, self._loaded = {}, replace(self._loaded, segmenters={}, classes=())
        self.reset_tracks()


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
