# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The video and the report of a demo, drawn from what was recorded after both nodes have ended."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from seg_ros.demo.above import Bounds, bounds_of, fitted_up, top_view
from seg_ros.demo.charts import Section
from seg_ros.demo.drive_map import corrected, drive_map
from seg_ros.demo.film import Film
from seg_ros.demo.kept import Kept
from seg_ros.demo.latencies import Latency
from seg_ros.demo.map_sections import map_sections
from seg_ros.demo.page import Run, page_of
from seg_ros.demo.panels import SIDE, film_panels, still_panels
from seg_ros.demo.scores import RecordingScores, Scores
from seg_ros.demo.stills import Stills
from seg_ros.labels.palette import Image
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.recordings.recorded_answers import (
    RecordedAnswer,
    Truth,
    answers,
    arrivals_ns,
    diagnostics,
    has_truth,
    truths,
)
from seg_ros.recordings.recorded_transforms import Tree, transforms_of
from seg_ros.records import Mode
from seg_ros.settings import Settings

UP = np.array([0.0, -1.0, 0.0])
MAIN = {Mode.SEMANTIC: 'semantic: the class of every pixel', Mode.INSTANCE: 'instance: each object with its id',
        Mode.PANOPTIC: 'panoptic: classes, and objects with their ids'}


@dataclass
class _Seen:
    """What is noted while the answers go by."""

    latencies: list[Latency] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)
    start_ns: int | None = None
    up: NDArray[np.float64] = field(default_factory=lambda: UP)
    view: Bounds | None = None


def write_report(out: Path, run: Run) -> int:
    """Write demo.mp4, report.html and the answers as files, and return how many images were answered."""
    arrived = arrivals_ns(run.recording, run.node)
    span_s = (arrived[-1] - arrived[0]) / 1e9 if len(arrived) > 1 else 0.0
    rate = (len(arrived) - 1) / span_s if span_s > 0 else 10.0
    seen, stills, kept = _Seen(), Stills(len(arrived)), Kept(out)
    turns = None if run.bag is None else transforms_of(run.bag)
    with Film(out, max(1.0, min(60.0, rate))) as film:
        for answer in tqdm(answers(run.recording, run.node), total=len(arrived), unit='picture', desc='video'):
            _note(answer, seen, turns)
            film.add(film_panels((MAIN[answer.mode], answer.overlay), _beside(answer, seen, run.has_depth)))
            kept.add(answer)
            stills.offer(answer, seen.latencies[-1].at_s, partial(_still, answer, seen))
    scores = _scores(run, seen) if run.bag is not None and has_truth(run.bag) else None
    text = page_of(run, seen.latencies, stills.kept(), diagnostics(run.recording, run.node), scores, rate,
                   _of_map(run, seen.found | seen.names))
    (out / 'report.html').write_text(text, encoding='utf-8')
    return film.frames


def _note(answer: RecordedAnswer, seen: _Seen, turns: Tree | None) -> None:
    """Note what an answer says of the run."""
    _note_up(answer, seen, turns)
    seen.start_ns = answer.stamp_ns if seen.start_ns is None else seen.start_ns
    seen.latencies.append(Latency((answer.stamp_ns - seen.start_ns) / 1e9, answer.mode.value,
                                  (answer.received_ns - answer.stamp_ns) / 1e6))
    seen.names |= set(answer.names.values())
    seen.found |= set() if answer.objects is None else set(answer.objects.names)


def _still(answer: RecordedAnswer, seen: _Seen) -> Image:
    """Return the panels that were computed, the view from above as near as what is in it."""
    has_space = answer.obstacles is not None or answer.ground is not None or bool(_places(answer))
    return still_panels((MAIN[answer.mode], answer.overlay), _beside(answer, replace(seen, view=None), has_space))


def _beside(answer: RecordedAnswer, seen: _Seen, has_space: bool) -> dict[str, Image]:
    """Return the small panels; the view from above stays as it is while it shows what there is."""
    panels = {} if answer.camera is None else {'camera': answer.camera}
    if has_space:
        size = SIDE, max(1, round(SIDE * answer.overlay.shape[0] / answer.overlay.shape[1]))
        shown = answer.obstacles, answer.ground, _places(answer), seen.up, size
        best = bounds_of(*shown)
        seen.view = seen.view.kept_for(best) if seen.view else best
        what = 'objects' if answer.mode is Mode.INSTANCE else 'floor green, obstacles red'
        panels[f'from above: {what}'] = top_view(*shown, seen.view)
    return panels


def _places(answer: RecordedAnswer) -> dict[int, tuple[str, tuple[float, float, float]]]:
    """Return name and place of each object that has one, by its lasting id."""
    if answer.objects is None:
        return {}
    word = {int(i): answer.objects.names[int(c)] for i, c in zip(answer.objects.instances.track_ids,
                                                                 answer.objects.instances.class_ids)}
    return {i: (word[i], place) for i, place in answer.objects.places.items() if i in word}


def _note_up(answer: RecordedAnswer, seen: _Seen, turns: Tree | None) -> None:
    """Note which way is up: by the transforms of the recording, else by the floor in view, else as before."""
    up = None if turns is None or answer.recorded_ns is None else turns.up(answer.frame_id, answer.recorded_ns)
    up = fitted_up(answer.ground) if up is None else up
    seen.up = seen.up if up is None else up


def _of_map(run: Run, known: set[str]) -> list[Section]:
    """Return what the answers give as a map, beside what the truth gives."""
    if run.bag is None:
        return []
    true = None
    if has_truth(run.bag):
        true = drive_map(run.bag, corrected(answers(run.recording, run.node), truths(run.bag, _recorded(run))))
    return map_sections(drive_map(run.bag, answers(run.recording, run.node)), true, known)


def _recorded(run: Run) -> frozenset[int]:
    """Return when the images were taken that were answered."""
    return frozenset(one.recorded_ns for one in answers(run.recording, run.node) if one.recorded_ns is not None)


def _scores(run: Run, seen: _Seen) -> Scores:
    """Compare the answers with the truth of the recording that was played."""
    assert run.bag is not None
    taxonomy = load_taxonomy(Settings().taxonomy)
    objects = sorted((seen.names - set(taxonomy.names)) | seen.found)
    scores = RecordingScores(taxonomy, objects, Settings())
    stamps = _recorded(run)
    true = truths(run.bag, stamps)
    answered = (one for one in answers(run.recording, run.node) if one.recorded_ns is not None)
    for answer, truth in tqdm(zip(answered, true), total=len(stamps), unit='picture', desc='scores'):
        _compare(answer, truth, scores)
    return scores.scores()


def _compare(answer: RecordedAnswer, truth: Truth, scores: RecordingScores) -> None:
    assert answer.recorded_ns == truth.frame.stamp_ns
    if answer.labels is not None and truth.labels is not None:
        scores.add_labels(answer.labels, answer.names, truth.labels, truth.names)
        if answer.obstacles is not None and truth.frame.depth is not None:
            scores.add_obstacles(answer.obstacles, truth.labels, truth.names, truth.frame)
    if answer.objects is not None and truth.objects is not None:
        scores.add_objects(answer.objects.instances, answer.objects.names, answer.objects.places,
                           truth.objects.instances, truth.objects.names, truth.frame)
