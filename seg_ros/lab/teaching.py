# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A drive with depth teaches a model its building: labels, training, choice, verdict."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Event
from typing import Any

from seg_ros.errors import DataError
from seg_ros.lab.datasets import LabelFolder, PlainImages
from seg_ros.lab.drive import CHOOSE, JUDGE, LEARN, Drive, Survey, survey
from seg_ros.lab.drive_labels import write_labels
from seg_ros.lab.model_training import train_model
from seg_ros.lab.pseudo_labels import teacher_of
from seg_ros.lab.semantic_recipe import trainable_taxonomy
from seg_ros.lab.taught_choice import STAY, chosen
from seg_ros.lab.taught_images import TaughtImages
from seg_ros.lab.taught_labels import Kinds
from seg_ros.lab.taught_training import KEEP, TaughtRecipe, begun_network, rooms
from seg_ros.lab.taught_verdict import Assessment, draw_sheet, judged, labelled_pictures
from seg_ros.lab.training_options import TrainingOptions
from seg_ros.labels.taxonomy import Taxonomy
from seg_ros.models.card import WEIGHTS, write_card
from seg_ros.models.device import device_named
from seg_ros.models.weights import save_weights

DRIVE, VERDICT, TRAINING, MODEL, SHEET = 'drive.json', 'verdict.json', 'training', 'model', 'before_after.jpg'

_Seen = Callable[[Iterable[Any], int, str], Iterable[Any]]


@dataclass(frozen=True)
class Lesson:
    """
    What is taught to what.

    :param recording: the drive. :param start: the model to begin with. :param out: the folder of all results.
    :param pictures: others, on which the answers shall stay. :param check: labelled pictures, in the folders images and
        labels. :param keep: how much what was known counts beside what is learned. :param stay: of other pictures, the
        share of the pixels whose answer must stay.
    """

    recording: Path
    start: str
    out: Path
    name: str = 'taught'
    taxonomy: str = 'indoor'
    pictures: Path | None = None
    check: Path | None = None
    epochs: int = 8
    keep: float = KEEP
    stay: float = STAY
    device: str = 'auto'
    workers: int = 1
    seed: int = 0

    def facts(self) -> dict[str, Any]:
        """Return what must be the same to go on."""
        return {'recording': str(self.recording.resolve()), 'start': self.start, 'taxonomy': self.taxonomy}


def prepare(drive: Drive, lesson: Lesson, *, resume: bool, ended: Event, seen: _Seen) -> Survey:
    """
    Look through a drive, and write the images that teach with their labels.

    Nothing is written of a drive that cannot teach, and nothing before it was looked through.

    :param ended: is set when it shall end. :param seen: passes images on, and tells of the progress: how many there
        are, and what is done.
    :raises KeyboardInterrupt: between two images, when it shall end.
    :raises SegRosError: when the drive or the model cannot be used, or the folder holds something else.
    """
    taxonomy, path = trainable_taxonomy(lesson.taxonomy), lesson.out / DRIVE
    kinds, (card, network) = Kinds.of(taxonomy), begun_network(lesson.start)
    _checks(lesson, taxonomy)  # what is wrong with other pictures is said before anything begins
    if lesson.pictures is not None:
        PlainImages(lesson.pictures)
    found = _recalled(path, lesson, resume=resume)
    if found is None:
        found = survey(drive, str(lesson.recording),
                       lambda images: _until(ended, seen(images, drive.count, 'looking at the drive')))
        lesson.out.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({'lesson': lesson.facts(), **found.table()}), encoding='utf-8')
    write_labels(drive, found, teacher_of(card, network, lesson.taxonomy), kinds, lesson.out,
                 lambda images: _until(ended, seen(images, drive.count, 'labelling')))
    return found


def teach(lesson: Lesson, found: Survey) -> Assessment:
    """
    Train on the images that were written, choose, write the model, and say how good it is.

    :raises SegRosError: when it cannot be trained, or the labelled pictures cannot be used.
    """
    recipe = TaughtRecipe.of(lesson.start, lesson.name, taxonomy=lesson.taxonomy, folder=lesson.out,
                             learned=found.numbers(LEARN), chosen=found.numbers(CHOOSE), pictures=lesson.pictures,
                             keep=lesson.keep)
    training = lesson.out / TRAINING
    options = TrainingOptions(epochs=lesson.epochs, batch=recipe.batch, lr=2e-4, seed=lesson.seed,
                              workers=lesson.workers, device=lesson.device)
    trained = train_model(recipe, options, training, resume=(training / 'last.pt').exists())
    device = device_named(lesson.device)
    task = recipe.task(*recipe.data()[:2])
    choice = chosen(task, trained, device, lesson.stay)
    task.held_out = TaughtImages(lesson.out, found.numbers(JUDGE))
    verdict = judged(task, choice, device, checks=_checks(lesson, task.taxonomy))
    save_weights(choice.network, lesson.out / MODEL / WEIGHTS)
    write_card(lesson.out / MODEL, replace(
        task.card, scores={name: round(value, 3) for name, value in verdict.after().items()},
        data=(f'{len(recipe.learned)} images of a drive, {lesson.recording.name}: floor and walls as depth shows them, '
              f'and the sure answers of {lesson.start}', 'rendered rooms, with the answers of the same'),
        recipe=f'seg_ros teach {lesson.recording} --from {lesson.start}, {choice.share:g} of what was learned'))
    draw_sheet(task, choice.network, device, lesson.out / SHEET)
    (lesson.out / VERDICT).write_text(json.dumps(asdict(verdict), indent=1), encoding='utf-8')
    return verdict


def _recalled(path: Path, lesson: Lesson, *, resume: bool) -> Survey | None:
    """Return the survey of the same lesson that was begun before; None where none was."""
    if not path.exists():
        return None
    if not resume:
        raise DataError(f'{lesson.out} already holds a lesson',
                        'add --resume to go on with it, or choose another --out')
    try:
        table = json.loads(path.read_text(encoding='utf-8'))
        facts, found = table['lesson'], Survey.of_table(table)
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f'{path} is damaged ({error})', 'choose another --out') from error
    if facts != lesson.facts():
        raise DataError(f'the lesson in {lesson.out} was begun with another recording or model',
                        'type the same as before, or choose another --out')
    return found


def _checks(lesson: Lesson, taxonomy: Taxonomy) -> dict[str, LabelFolder]:
    """Return labelled pictures: those that come with the package, whose labels are of `indoor`, and those given."""
    folders = {'other rooms': rooms() / 'unseen'} if lesson.taxonomy == 'indoor' else {}
    if lesson.check is not None:
        folders[lesson.check.name] = lesson.check
    return {name: labelled_pictures(folder, taxonomy) for name, folder in folders.items()}


def _until(ended: Event, images: Iterable[Any]) -> Iterable[Any]:
    for image in images:
        if ended.is_set():
            raise KeyboardInterrupt
        yield image
