# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which models a mode needs, loaded and ready, and what the ids in their answers mean."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ModelError, SegRosError, SettingError, nearest_of
from seg_ros.geometry.sizes import OTHERS
from seg_ros.geometry.spaces import Roles
from seg_ros.labels.taxonomy import RobotClass, Role, load_taxonomy
from seg_ros.labels.things import announced, labels_of_things
from seg_ros.models.segmenter import Known, Segmenter, classes_of
from seg_ros.records import UNLABELLED, Frame, Mode
from seg_ros.settings import Settings

OpenModel = Callable[[str, Settings], Segmenter]
"""Loads a model by name: ``models.catalog.open_model``, or a test's own."""

_MODEL_SETTING = {Mode.SEMANTIC: 'semantic_model', Mode.INSTANCE: 'instance_model', Mode.PANOPTIC: 'semantic_model'}
_NEEDS = {'semantic_model': {Mode.SEMANTIC, Mode.PANOPTIC}, 'instance_model': {Mode.INSTANCE, Mode.PANOPTIC}}
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


NO_WORDS = Words((), Roles(np.zeros(256, np.bool_), np.zeros(256, np.bool_)), np.arange(256, dtype=np.uint8))
"""The words of no model."""


class LoadedModels:
    """
    The models of a mode, loaded and ready.

    :param open_model: how models are loaded. :ivar segmenters: each by the part of the mode it does.
    :ivar words: what the ids in their answers mean; another object as soon as they may mean something else.
    """

    def __init__(self, open_model: OpenModel) -> None:
        self._open_model = open_model
        self._models: dict[tuple[object, ...], Segmenter] = {}
        self.segmenters: dict[Mode, Segmenter] = {}
        self.words = NO_WORDS

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
        if list(segmenters.values()) != list(self.segmenters.values()) or words.classes != self.words.classes:
            self.words = words
        self._models, self.segmenters = models, segmenters
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
        if things:
            check_names(settings, {thing.name for thing in things})
        classes = announced(stuff, things)
        finder = next((one for mode, one in segmenters.items() if mode.has_instances), None)
        return segmenters, Words(classes, _roles_of(classes, stuff), labels_of_things(taxonomy, things), finder)

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
            _warm_up(models[key], replace(settings, mode=mode.value))
        return models[key]

    def close(self) -> None:
        """Free every model."""
        models, self._models, self.segmenters, self.words = self._models, {}, {}, NO_WORDS
        for segmenter in models.values():
            segmenter.close()


def check_names(settings: Settings, known: Collection[str]) -> None:
    """
    Refuse names of classes that the model of objects does not find.

    :param known: what it finds. :raises SettingError: for the first that is not among them.
    """
    wanted = {name: 'classes' for name in settings.classes if name}
    wanted |= dict.fromkeys(settings.size_limits.keys() - {OTHERS}, 'size_limits_m')
    if settings.target_class:
        wanted[settings.target_class] = 'target_class'
    for name, knob in wanted.items():
        if name not in known:
            raise SettingError(f"{knob} has '{name}', which {settings.instance_model} does not find; "
                               f'{nearest_of(name, known)}')


def check_unloaded(settings: Settings, known: Callable[[str], Known], knobs: Collection[str]) -> None:
    """
    Refuse what a mode would refuse that loads a model.

    :param known: tells of a model by name. :param knobs: the settings that name the models to check.
    :raises SegRosError: for the first name that means no model, or a class that it does not find.
    """
    for knob in knobs:
        about = known(name := str(getattr(settings, knob)))
        if about.modes and not _NEEDS[knob] & {*map(Mode, about.modes)}:
            raise ModelError(f"{knob} '{name}' does {' and '.join(about.modes)} segmentation", 'choose another model')
        if knob == 'instance_model' and about.words:
            check_names(settings, about.words)


def unused_models(mode: Mode) -> tuple[str, ...]:
    """Return the settings that name models which a mode does not load."""
    return () if mode is Mode.PANOPTIC else ('semantic_model',) if mode is Mode.INSTANCE else ('instance_model',)


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


def _parts_of(settings: Settings) -> tuple[Mode, ...]:
    """Return what is computed on its own: panoptic is one part where one model is named for labels and objects."""
    mode = Mode(settings.mode)
    two_models = mode is Mode.PANOPTIC and settings.semantic_model != settings.instance_model
    return (Mode.SEMANTIC, Mode.INSTANCE) if two_models else (mode,)


def _roles_of(classes: Sequence[RobotClass], stuff: Sequence[RobotClass]) -> Roles:
    """Return what each label byte means for driving; what is unforeseen is of the last obstacle's class of labels."""
    obstacles, grounds = ([c.id for c in classes if c.role is role] for role in (Role.OBSTACLE, Role.TRAVERSABLE))
    unforeseen = next((c.id for c in reversed(stuff) if c.role is Role.OBSTACLE), UNLABELLED)
    return Roles(np.isin(np.arange(256), obstacles), np.isin(np.arange(256), grounds), unforeseen)
