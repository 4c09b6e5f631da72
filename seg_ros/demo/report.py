"""The video and the report of a demo, drawn from what was recorded after both nodes have ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from seg_ros.demo.charts import Latency
from seg_ros.demo.film import Film
from seg_ros.demo.kept import Kept
from seg_ros.demo.page import Run, page_of
from seg_ros.demo.panels import SHOWN_WIDTH, four_panels, top_view, up_of
from seg_ros.demo.scores import RecordingScores, Scores
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
from seg_ros.recordings.recorded_transforms import RecordedTransforms
from seg_ros.records import Mode
from seg_ros.settings import Settings

UP = np.array([0.0, -1.0, 0.0])
STILLS = 4


@dataclass
class _Seen:
    """What is noted while the answers go by."""

    latencies: list[Latency] = field(default_factory=list)
    stills: list[tuple[str, NDArray[np.uint8]]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)
    start_ns: int | None = None
    up: NDArray[np.float64] = field(default_factory=lambda: UP)


def write_report(out: Path, run: Run) -> int:
    """Write demo.mp4, report.html and the answers as files, and return how many images were answered."""
    arrived = arrivals_ns(run.recording, run.node)
    span_s = (arrived[-1] - arrived[0]) / 1e9 if len(arrived) > 1 else 0.0
    rate = (len(arrived) - 1) / span_s if span_s > 0 else 10.0
    seen, kept = _Seen(), Kept(out)
    turns = None if run.bag is None else RecordedTransforms(run.bag)
    with Film(out, max(1.0, min(60.0, rate))) as film:
        for answer in tqdm(answers(run.recording, run.node), total=len(arrived), unit='picture', desc='video'):
            picture = _noted(answer, seen, turns)
            film.add(picture)
            kept.add(answer)
            if seen.latencies[-1].at_s >= (len(seen.stills) + 0.5) * span_s / STILLS:
                seen.stills.append((f'{seen.latencies[-1].at_s:.1f} s, {answer.mode.value} mode', picture))
    scores = _scores(run, seen) if run.bag is not None and has_truth(run.bag) else None
    text = page_of(run, seen.latencies, seen.stills, diagnostics(run.recording, run.node), scores, rate)
    (out / 'report.html').write_text(text, encoding='utf-8')
    return film.frames


def _noted(answer: RecordedAnswer, seen: _Seen, turns: RecordedTransforms | None) -> NDArray[np.uint8]:
    """Note what an answer says of the run, and return its four panels."""
    _note_up(answer, seen, turns)
    seen.start_ns = answer.stamp_ns if seen.start_ns is None else seen.start_ns
    seen.latencies.append(Latency((answer.stamp_ns - seen.start_ns) / 1e9, answer.mode.value,
                                  (answer.received_ns - answer.stamp_ns) / 1e6))
    seen.names |= set(answer.names.values())
    objects = {}
    if answer.objects is not None:
        seen.found |= set(answer.objects.names)
        word = {int(i): answer.objects.names[int(c)] for i, c in zip(answer.objects.instances.track_ids,
                                                                     answer.objects.instances.class_ids)}
        objects = {i: (word.get(i, ''), place) for i, place in answer.objects.places.items()}
    size = answer.overlay.shape[1], answer.overlay.shape[0]
    above = top_view(answer.obstacles, answer.ground, objects, seen.up, (SHOWN_WIDTH, _panel_height(size)))
    has_space = answer.obstacles is not None or answer.ground is not None or bool(objects)
    return four_panels({
        'camera': answer.camera,
        'semantic: the class of every pixel': answer.overlay if answer.mode is not Mode.INSTANCE else None,
        'instances: each object with its id': answer.overlay if answer.mode is not Mode.SEMANTIC else None,
        'from above: obstacles, floor, objects (depth needed)': above if has_space else None}, size)


def _note_up(answer: RecordedAnswer, seen: _Seen, turns: RecordedTransforms | None) -> None:
    """Note which way is up: by the transforms of the recording, else by the floor in view, else as before."""
    up = None if turns is None or answer.recorded_ns is None else turns.at(answer.frame_id, answer.recorded_ns)
    up = up_of(answer.ground) if up is None else up
    seen.up = seen.up if up is None else up


def _panel_height(size: tuple[int, int]) -> int:
    return max(1, round(SHOWN_WIDTH * size[1] / size[0]))


def _scores(run: Run, seen: _Seen) -> Scores:
    """Compare the answers with the truth of the recording that was played."""
    assert run.bag is not None
    taxonomy = load_taxonomy(Settings().taxonomy)
    objects = sorted((seen.names - set(taxonomy.names)) | seen.found)
    scores = RecordingScores(taxonomy, objects, Settings())
    stamps = frozenset(one.recorded_ns for one in answers(run.recording, run.node) if one.recorded_ns is not None)
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
