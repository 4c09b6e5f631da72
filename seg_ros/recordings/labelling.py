# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A copy of a recording with this package's outputs added, frame by frame, by the node's own pipeline and messages."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from seg_ros.errors import DataError, SettingError
from seg_ros.models.catalog import open_model
from seg_ros.nodes.outputs import OUTPUTS
from seg_ros.pipeline.loaded import OpenModel
from seg_ros.recordings.bag_parts import BagParts
from seg_ros.recordings.bags import Bag
from seg_ros.recordings.camera_of_bag import CameraTopics, Excerpt, Moment, camera_topics, moments
from seg_ros.recordings.labeller import Labeller
from seg_ros.settings import Settings

USUAL = ('mask', 'confidence', 'instances', 'instance_ids', 'instance_masks', 'obstacles', 'ground', 'scan', 'objects')
"""The outputs added unless others are asked for: what a program reads, without the large clouds."""

MEMORY = 'memory.npz'


@dataclass(frozen=True)
class Job:
    """
    What is labelled, and how.

    :param outputs: names of the outputs to add. :param namespace: of their topics.
    :param part_s: seconds of the recording that one part covers, and so the most work that can be lost.
    """

    source: Path
    target: Path
    settings: Settings = field(default_factory=Settings)
    outputs: tuple[str, ...] = USUAL
    namespace: str = '/segmentation'
    recording: Excerpt = field(default_factory=Excerpt)
    part_s: float = 10.0

    def __post_init__(self) -> None:
        known = [output.name for output in OUTPUTS]
        if unknown := [name for name in self.outputs if name not in known]:
            raise SettingError(f"there is no output '{unknown[0]}'", f'choose of {", ".join(known)}')
        for name in ('base_frame', 'target_frame'):
            if getattr(self.settings, name):
                raise SettingError(f"{name} is '{getattr(self.settings, name)}', and transforms of recordings are not "
                                   'read', 'leave it empty; camera_height_m and camera_pitch_deg tell of the floor')
        if self.target.resolve() == self.source.resolve() or self.source.resolve() in self.target.resolve().parents:
            raise DataError(f'{self.target} lies in the recording it would be made from', 'choose another place')

    @property
    def facts(self) -> dict[str, Any]:
        """What must be the same when it goes on."""
        files = [self.source] if self.source.is_file() else sorted(self.source.iterdir())
        sizes = {path.name: path.stat().st_size for path in files if path.is_file()}
        table = {'source': str(self.source.resolve()), 'files': sizes, 'outputs': list(self.outputs),
                 'namespace': self.namespace, 'recording': asdict(self.recording), 'part_s': self.part_s}
        settings = {name: list(value) if isinstance(value, tuple) else value
                    for name, value in asdict(self.settings).items()}
        return {**table, **settings}


@dataclass
class LabellingProgress:
    """How many images there are, are labelled, and could not be decoded."""

    total: int = 0
    labelled: int = 0
    undecodable: int = 0


def label(job: Job, *, resume: bool = False, tell: Callable[[LabellingProgress], None] = lambda _: None,
          open_model: OpenModel = open_model) -> LabellingProgress:
    """
    Write the labelled copy of a recording; every image is answered, in order, as the node answers it.

    The copy grows in parts, in its own folder. After an interruption of any kind ``resume`` goes on behind the last
    part that was finished, and the result is the same as without the interruption.

    :param tell: called with how far it is.
    :raises SegRosError: when the recording, the model or a setting is refused, or the copy exists already.
    """
    parts = BagParts(job.target)
    if parts.is_complete and resume:
        parts.tidy()
        return LabellingProgress()
    with Bag(job.source) as bag, Bag(job.source) as again:
        topics = _checked(bag, job)
        parts.begin(job.facts, resume=resume)
        edges = _edges(bag, job.part_s)
        worker = Labeller(job.settings, job.outputs, job.namespace, open_model)
        try:
            progress = LabellingProgress(total=bag.topics[topics.image].msgcount)
            for number, (start_ns, stop_ns) in enumerate(edges):
                if parts.is_finished(number):
                    done = parts.facts(number)
                    worker.memory = parts.file(number, MEMORY)
                else:
                    done = _write_part(parts, number, (start_ns, stop_ns), (bag, again), topics, worker, progress, tell)
                progress.labelled += done['labelled']
                progress.undecodable += done['undecodable']
                tell(progress)
        finally:
            worker.close()
        parts.complete(len(edges))
    return progress


def _checked(bag: Bag, job: Job) -> CameraTopics:
    topics = camera_topics(bag, job.recording)
    taken = [name for name in ('label_info', *job.outputs) if f'{job.namespace}/{name}' in bag.topics]
    if taken:
        raise DataError(f'{job.source} has {job.namespace}/{taken[0]} already', 'choose another --namespace')
    return topics


def _edges(bag: Bag, part_s: float) -> list[tuple[int | None, int | None]]:
    """Return from when to before when each part goes, by the recorder's clock; the outer edges are open."""
    start_ns, end_ns = bag.span_ns
    inner: list[int | None] = list(range(start_ns + round(part_s * 1e9), end_ns, round(part_s * 1e9)))
    return list(zip([None, *inner], [*inner, None], strict=True))


def _write_part(parts: BagParts, number: int, edges: tuple[int | None, int | None], bags: tuple[Bag, Bag],
                topics: CameraTopics, worker: Labeller, progress: LabellingProgress,
                tell: Callable[[LabellingProgress], None]) -> dict[str, int]:
    worker.get_ready()
    done = {'labelled': 0, 'undecodable': 0}
    with parts.writing(number, bags[0]) as part:
        worker.declare(part)
        if number == 0:
            part.write(worker.topic('label_info'), bags[0].span_ns[0], worker.label_info(bags[0].span_ns[0]))
        images = moments(bags[1], topics, slop_s=worker.settings.depth_slop_s, start_ns=edges[0], stop_ns=edges[1])
        for item in heapq.merge(_copies(bags[0], edges), _firsts(images), key=lambda one: one[:2]):
            if isinstance(item[2], Moment):
                is_good = worker.answer(item[2], part)
                done['labelled' if is_good else 'undecodable'] += 1
                tell(LabellingProgress(progress.total, progress.labelled + done['labelled'],
                              progress.undecodable + done['undecodable']))
            else:
                part.copy(item[2][0], item[0], item[2][1])
        part.facts = done
        np.savez(part.folder / MEMORY, **worker.remembered())  # type: ignore[arg-type]
    return done


def _copies(bag: Bag, edges: tuple[int | None, int | None]) -> Iterator[tuple[int, int, Any]]:
    for connection, recorded_ns, data in bag.raw((), *edges):
        yield recorded_ns, 0, (connection, data)


def _firsts(images: Iterator[Moment]) -> Iterator[tuple[int, int, Any]]:
    for moment in images:
        yield moment.recorded_ns, 1, moment


def output_names(outputs: Sequence[str]) -> tuple[str, ...]:
    """Return the names of outputs, ``all`` standing for every one."""
    return tuple(output.name for output in OUTPUTS) if 'all' in outputs else tuple(outputs)
