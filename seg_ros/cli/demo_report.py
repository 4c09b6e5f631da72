"""The video and the report of a demo, drawn from what was recorded after both nodes have ended."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import localtime, strftime

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from seg_ros import __version__
from seg_ros.cli.film import Film
from seg_ros.lab.panels import PANEL_WIDTH, four_panels, top_view, up_of
from seg_ros.lab.recording_scores import RecordingScores, Scores
from seg_ros.lab.report import Latency, Section, latency_chart, page, percent
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.nodes.answers import Answer, Truth, answers, arrivals_ns, diagnostics, has_truth, truths
from seg_ros.nodes.recorded_up import RecordedUp
from seg_ros.records import Mode
from seg_ros.settings import Settings

LEVEL = np.array([0.0, -1.0, 0.0])
STILLS = 4


@dataclass(frozen=True)
class Run:
    """
    A demo that is over.

    :param recording: what the recorder wrote. :param source: what was played, in words. :param bag: the recording that
        was played, None for other sources. :param values: the last diagnostics. :param changes: when which settings
        were asked for, and why they were refused.
    """

    recording: Path
    node: str
    source: str
    bag: Path | None
    values: Mapping[str, str]
    interrupted: bool = False
    changes: Sequence[tuple[float, Mapping[str, str], str]] = ()


@dataclass
class _Seen:
    """What is noted while the answers go by."""

    latencies: list[Latency] = field(default_factory=list)
    stills: list[tuple[str, NDArray[np.uint8]]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)
    start_ns: int | None = None
    up: NDArray[np.float64] = field(default_factory=lambda: LEVEL)


def write_report(out: Path, run: Run) -> int:
    """Write demo.mp4, overlays/ and report.html, and return how many images were answered."""
    arrived = arrivals_ns(run.recording, run.node)
    span_s = (arrived[-1] - arrived[0]) / 1e9 if len(arrived) > 1 else 0.0
    rate = (len(arrived) - 1) / span_s if span_s > 0 else 10.0
    seen = _Seen()
    turns = None if run.bag is None else RecordedUp(run.bag)
    with Film(out, max(1.0, min(60.0, rate))) as film:
        for answer in tqdm(answers(run.recording, run.node), total=len(arrived), unit='picture', desc='video'):
            picture = _noted(answer, seen, turns)
            film.add(picture, answer.overlay)
            if seen.latencies[-1].at_s >= (len(seen.stills) + 0.5) * span_s / STILLS:
                seen.stills.append((f'{seen.latencies[-1].at_s:.1f} s, {answer.mode.value} mode', picture))
    scores = _scores(run, seen) if run.bag is not None and has_truth(run.bag) else None
    (out / 'report.html').write_text(_page(run, seen, scores, rate, film), encoding='utf-8')
    return film.frames


def _noted(answer: Answer, seen: _Seen, turns: RecordedUp | None) -> NDArray[np.uint8]:
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
    above = top_view(answer.obstacles, answer.ground, objects, seen.up, (PANEL_WIDTH, _panel_height(size)))
    has_space = answer.obstacles is not None or answer.ground is not None or bool(objects)
    return four_panels({
        'camera': answer.camera,
        'semantic: the class of every pixel': answer.overlay if answer.mode is not Mode.INSTANCE else None,
        'instances: each object with its id': answer.overlay if answer.mode is not Mode.SEMANTIC else None,
        'from above: obstacles, floor, objects (depth needed)': above if has_space else None}, size)


def _note_up(answer: Answer, seen: _Seen, turns: RecordedUp | None) -> None:
    """Note which way is up: by the transforms of the recording, else by the floor in view, else as before."""
    up = None if turns is None or answer.recorded_ns is None else turns.at(answer.frame_id, answer.recorded_ns)
    up = up_of(answer.ground) if up is None else up
    seen.up = seen.up if up is None else up


def _panel_height(size: tuple[int, int]) -> int:
    return max(1, round(PANEL_WIDTH * size[1] / size[0]))


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


def _compare(answer: Answer, truth: Truth, scores: RecordingScores) -> None:
    assert answer.recorded_ns == truth.frame.stamp_ns
    if answer.labels is not None and truth.labels is not None:
        scores.add_labels(answer.labels, answer.names, truth.labels, truth.names)
        if answer.obstacles is not None and truth.frame.depth is not None:
            scores.add_obstacles(answer.obstacles, truth.labels, truth.names, truth.frame)
    if answer.objects is not None and truth.objects is not None:
        scores.add_objects(answer.objects.instances, answer.objects.names, answer.objects.places,
                           truth.objects.instances, truth.objects.names, truth.frame)


def _page(run: Run, seen: _Seen, scores: Scores | None, rate: float, film: Film) -> str:
    said = diagnostics(run.recording, run.node)
    milliseconds = [one.ms for one in seen.latencies]
    cards = {'images answered': str(film.frames), 'answers per second': f'{rate:.1f}',
             'median latency': f'{np.median(milliseconds):.0f} ms' if milliseconds else '–'}
    if scores is not None and scores.label_frames:
        cards['mean IoU of labels'] = percent(scores.mean_iou)
    if scores is not None and scores.precision:
        cards['mask AP50 of objects'] = percent(scores.precision['AP50'])
    sections = [Section('What was seen', 'Camera, labels, objects and the view from above. The whole run: demo.mp4 '
                                         'beside this page.', pictures=seen.stills), *_speed(run, seen, said)]
    if scores is not None:
        sections += _agreement(scores)
    sections += _counts(run), _machine(run, said), _method(run)
    ended = ' It was interrupted: this is what there was until then.' if run.interrupted else ''
    return page('seg_ros demo', f'{run.source}, played on {strftime("%Y-%m-%d at %H:%M", localtime())}.{ended}', cards,
                [one for one in sections if one.table or one.pictures or one.bars or one.text])


def _speed(run: Run, seen: _Seen, said: Sequence[tuple[int, Mapping[str, str]]]) -> list[Section]:
    rows = [('mode', 'model', 'images', 'rate', 'p50', 'p95', 'p99')]
    for mode in dict.fromkeys(one.mode for one in seen.latencies):
        its = [one for one in seen.latencies if one.mode == mode]
        model = next((values['model'] for _, values in said if values.get('mode') == mode), '–')
        span_s = its[-1].at_s - its[0].at_s
        p50, p95, p99 = np.percentile([one.ms for one in its], (50, 95, 99))
        rows.append((mode, model, str(len(its)), f'{(len(its) - 1) / span_s:.1f} Hz' if span_s > 0 else '–',
                     f'{p50:.0f} ms', f'{p95:.0f} ms', f'{p99:.0f} ms'))
    stages = [(key.removeprefix('cost of ').removesuffix(' (ms)'), f'{value} ms') for key, value in run.values.items()
              if key.startswith('cost of ')]
    switches = [f'{at_s:.1f} s: {", ".join(f"{k} {v}" for k, v in settings.items())}'
                + (f', refused: {reason}' if reason else '') for at_s, settings, reason in run.changes]
    text = 'Latency: from the stamp of the image to the arrival of its overlay in another process.'
    if switches:
        text += f' Switched while it ran at {"; ".join(switches)}.'
    sections = [Section('How fast', text, rows, chart=latency_chart(seen.latencies))]
    if stages:
        mode = run.values.get('mode', '')
        sections.append(Section('What a frame costs', f'Smoothed, at the end ({mode} mode).',
                                [('stage', 'time'), *stages]))
    return sections


def _agreement(scores: Scores) -> list[Section]:
    sections = []
    if scores.label_frames:
        sections.append(Section(
            f'Labels against the truth ({scores.label_frames} images)',
            f'Intersection over union per class, of the classes that occur; mean {percent(scores.mean_iou)}, right '
            f'pixels {percent(scores.pixel_accuracy)}. Pixels the node leaves unlabelled count as wrong.',
            bars=scores.iou))
    if len(scores.obstacle_error_m):
        p50, p95 = np.percentile(scores.obstacle_error_m, (50, 95))
        sections.append(Section(
            'Distances of obstacles', 'The nearest obstacle in each sector of 5 degrees, against the one that the true '
            'labels give with the same depth.', [('median error', '95 %', 'missed sectors'),
                                                 (f'{p50:.3f} m', f'{p95:.3f} m', percent(scores.obstacles_missed))]))
    if scores.object_frames:
        sections += _objects(scores)
    return sections


def _objects(scores: Scores) -> list[Section]:
    if not scores.judged:
        return [Section('Objects against the truth', 'The true objects are of no class the model finds.')]
    rows = [('what', 'value'), *((name, percent(scores.precision[name])) for name in ('AP', 'AP50', 'AP75')),
            ('found of the true objects', f'{scores.matched} of {scores.true_objects}'),
            ('id switches', 'py-motmetrics is not installed' if scores.switches is None else str(scores.switches)),
            ('IDF1', percent(scores.idf1))]
    if len(scores.object_error_m):
        p50, p95 = np.percentile(scores.object_error_m, (50, 95))
        rows.append(('distance error, median and 95 %', f'{p50:.3f} m, {p95:.3f} m'))
    bars = {name: share for name in scores.judged if not np.isnan(share := scores.precision[f'AP50_{name}'])}
    return [Section(f'Objects against the truth ({scores.object_frames} images)',
                    f'Mask average precision (COCO) of what the node reports, over {", ".join(scores.judged)}; below: '
                    'AP50 per class. Doubtful objects that it does not report are not counted in its favour.',
                    rows, bars)]


def _counts(run: Run) -> Section:
    names = [key.removesuffix(' ever') for key in run.values if key.endswith(' ever')]
    rows = [(name, run.values.get(f'{name} now', '0'), run.values[f'{name} ever']) for name in names]
    return Section('Objects counted', '', [('class', 'in sight at the end', 'ever'), *rows] if rows else ())


def _machine(run: Run, said: Sequence[tuple[int, Mapping[str, str]]]) -> Section:
    values = run.values

    def last(*keys: str) -> str:
        return ', '.join(values.get(key, '–') for key in keys)

    rows = [('what', 'is'), ('processor', _processor()), ('cores', str(os.cpu_count())),
            ('device', last('device', 'precision')),
            ('memory of the device or process', f'{last("device memory (MiB)")} MiB'),
            ('received, published, dropped', last('received', 'published', 'dropped')),
            ('models', ', '.join(dict.fromkeys(values.get('model', '–') for _, values in said)) or '–'),
            ('seg_ros, Python', f'{__version__}, {platform.python_version()}')]
    return Section('Where it ran', '', rows)


def _method(run: Run) -> Section:
    return Section('How this was made', 'The player published the source on ROS topics, the node segmentation answered '
                   'the newest image each time, and a recorder in a third process wrote its answers down unopened. '
                   'Video, scores and this page were made from that recording after both nodes had ended: '
                   f'{run.recording} (ros2 bag play, Foxglove).')


def _processor() -> str:
    try:
        lines = Path('/proc/cpuinfo').read_text(encoding='utf-8').splitlines()
    except OSError:
        lines = []
    return next((line.partition(':')[2].strip() for line in lines if line.startswith('model name')), platform.machine())
