# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Which models are open."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from scenes.scripted import ScriptedSegmenter

from seg_ros.errors import ModelError, SegRosError
from seg_ros.models.segmenter import Known, Segmenter
from seg_ros.pipeline.loaded import NO_WORDS, LoadedModels, check_unloaded, unused_models
from seg_ros.records import Mode
from seg_ros.settings import Settings


class Shelf:
    """Opens scripted models and remembers them; ``broken`` cannot be opened."""

    def __init__(self) -> None:
        self.opened: list[ScriptedSegmenter] = []

    def open(self, name: str, settings: Settings) -> Segmenter:
        """Stand in for ``models.catalog.open_model``."""
        if name == 'broken':
            raise ModelError("the weights of 'broken' are missing")
        self.opened.append(ScriptedSegmenter(name))
        return self.opened[-1]

    @property
    def names(self) -> list[str]:
        """The models opened so far."""
        return [model.name for model in self.opened]


@pytest.mark.parametrize(('change', 'opened'), [
    ({}, 1),
    ({'unlabelled_threshold': 0.9, 'output_size': '6x4', 'max_rate': 5.0}, 1),  # nothing of the model's
    ({'semantic_model': 'other'}, 2),
    ({'precision': 'bf16'}, 2),
    ({'device': 'cpu'}, 2),
    ({'cpu_threads': 1}, 2),
])
def test_a_model_is_opened_anew_only_when_it_must(change: dict[str, object], opened: int) -> None:
    shelf = Shelf()
    models = LoadedModels(shelf.open)
    models.configure(Settings())
    models.configure(Settings().changed(change))
    assert len(shelf.opened) == opened
    assert [model.closed for model in shelf.opened] == [True] * (opened - 1) + [False]


def test_a_model_that_cannot_be_opened_leaves_the_old_one_in_use() -> None:
    shelf = Shelf()
    models = LoadedModels(shelf.open)
    models.configure(Settings())
    with pytest.raises(ModelError, match='missing'):
        models.configure(Settings().changed({'semantic_model': 'broken'}))
    assert not shelf.opened[0].closed
    assert list(models.segmenters.values()) == shelf.opened


def test_the_old_model_may_be_asked_for_again_after_a_refusal() -> None:
    shelf = Shelf()
    models = LoadedModels(shelf.open)
    models.configure(Settings())
    with pytest.raises(ModelError):
        models.configure(Settings().changed({'semantic_model': 'broken'}))
    models.configure(Settings())
    assert shelf.names == ['indoor']


def test_closing_frees_the_model_and_configuring_opens_it_again() -> None:
    shelf = Shelf()
    models = LoadedModels(shelf.open)
    models.configure(Settings())
    models.close()
    assert shelf.opened[0].closed
    assert models.segmenters == {}
    assert models.words is NO_WORDS
    models.configure(Settings())
    assert shelf.names == ['indoor', 'indoor']
    assert not shelf.opened[1].closed


NAMES = {'everyday': Known(('hammer', 'person'), ('instance',)), 'indoor': Known(('floor',), ('semantic',)),
         'both': Known(('person',), ('semantic', 'instance', 'panoptic')), 'unread': Known()}


@pytest.mark.parametrize(('values', 'knob', 'words'), [
    ({'classes': ('hammer',)}, 'instance_model', ''),
    ({'classes': ('hamer',)}, 'instance_model', "classes has 'hamer', which everyday does not find; the nearest known"),
    ({'target_class': 'chair', 'instance_model': 'unread'}, 'instance_model', ''),  # nothing is known of it
    ({'instance_model': 'indoor'}, 'instance_model', "instance_model 'indoor' does semantic segmentation"),
    ({'semantic_model': 'everyday'}, 'semantic_model', "semantic_model 'everyday' does instance segmentation"),
    ({'semantic_model': 'both'}, 'semantic_model', ''),
])
def test_names_that_the_mode_does_not_use_are_checked(values: dict[str, object], knob: str, words: str) -> None:
    settings = Settings().changed(values)
    with pytest.raises(SegRosError, match=words) if words else nullcontext():
        check_unloaded(settings, NAMES.__getitem__, [knob])


@pytest.mark.parametrize(('mode', 'knobs'), [
    (Mode.SEMANTIC, ('instance_model',)), (Mode.INSTANCE, ('semantic_model',)), (Mode.PANOPTIC, ())])
def test_a_mode_leaves_the_model_of_the_other_one_unused(mode: Mode, knobs: tuple[str, ...]) -> None:
    assert unused_models(mode) == knobs
