# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the report of a demo says, section by section."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import localtime, strftime

import numpy as np
from numpy.typing import NDArray

from seg_ros import __version__
from seg_ros.demo.charts import Section, page, percent
from seg_ros.demo.latencies import Latency, latency_chart
from seg_ros.demo.scores import Scores

Said = Sequence[tuple[int, Mapping[str, str]]]


@dataclass(frozen=True)
class Run:
    """
    A demo that is over.

    :param recording: what the recorder wrote. :param source: what was played, in words. :param bag: the recording that
        was played, None for other sources. :param values: the last diagnostics. :param changes: when which settings
        were asked for, and why they were refused. :param played: how many images the node was offered.
    :param has_depth: whether the source has depth.
    """

    recording: Path
    node: str
    source: str
    bag: Path | None
    values: Mapping[str, str]
    interrupted: bool = False
    changes: Sequence[tuple[float, Mapping[str, str], str]] = ()
    played: int = 0
    has_depth: bool = False


def page_of(run: Run, latencies: Sequence[Latency], stills: Sequence[tuple[str, NDArray[np.uint8]]], said: Said,
            scores: Scores | None, rate: float, of_map: Sequence[Section] = ()) -> str:
    """
    Return the page.

    :param stills: pictures with their words. :param said: the diagnostics, with the time of each.
    :param scores: None where the truth is not known. :param rate: answers per second.
    :param of_map: what is said of the map of the drive.
    """
    milliseconds = [one.ms for one in latencies]
    cards = {'images answered': f'{len(latencies)} of {max(run.played, len(latencies))}',
             'answers per second': f'{rate:.1f}',
             'median latency': f'{np.median(milliseconds):.0f} ms' if milliseconds else '–'}
    if scores is not None and scores.label_frames:
        cards['mean IoU of labels'] = percent(scores.mean_iou)
    if scores is not None and scores.precision:
        cards['mask AP50 of objects'] = percent(scores.precision['AP50'])
    sections = [Section('What was seen', 'The pictures in which most was found. The whole run: demo.mp4 beside this '
                                         'page.', pictures=stills, whole=True), *of_map,
                *_speed(run, latencies, said)]
    if scores is not None:
        sections += _agreement(scores)
    sections += _counts(run), _machine(run, said), _method(run)
    ended = ' It was interrupted: this is what there was until then.' if run.interrupted else ''
    return page('seg_ros demo', f'{run.source}, played on {strftime("%Y-%m-%d at %H:%M", localtime())}.{ended}', cards,
                [one for one in sections if one.table or one.pictures or one.bars or one.text])


def _speed(run: Run, latencies: Sequence[Latency], said: Said) -> list[Section]:
    rows = [('mode', 'model', 'images', 'rate (Hz)', 'p50 (ms)', 'p95 (ms)', 'p99 (ms)')]
    for mode in dict.fromkeys(one.mode for one in latencies):
        its = [one for one in latencies if one.mode == mode]
        model = next(iter(_models([one for one in said if one[1].get('mode') == mode])), '–')
        span_s = its[-1].at_s - its[0].at_s
        p50, p95, p99 = np.percentile([one.ms for one in its], (50, 95, 99))
        rows.append((mode, model, str(len(its)), f'{(len(its) - 1) / span_s:.1f}' if span_s > 0 else '–',
                     f'{p50:.0f}', f'{p95:.0f}', f'{p99:.0f}'))
    stages = [(key.removeprefix('cost of ').removesuffix(' (ms)'), f'{value} ms') for key, value in run.values.items()
              if key.startswith('cost of ')]
    switches = [f'{at_s:.1f} s: {", ".join(f"{k} {v}" for k, v in settings.items())}'
                + (f', refused: {reason}' if reason else '') for at_s, settings, reason in run.changes]
    text = 'Latency: from the stamp of the image to the arrival of its overlay in another process.'
    if switches:
        text += f' Switched while it ran at {"; ".join(switches)}.'
    sections = [Section('How fast', text, rows, chart=latency_chart(latencies), whole=True)]
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


def _machine(run: Run, said: Said) -> Section:
    values = run.values

    def last(*keys: str) -> str:
        return ', '.join(values.get(key, '–') for key in keys)

    rows = [('what', 'is'), ('processor', _processor()), ('cores', str(os.cpu_count())),
            ('device', last('device', 'precision')),
            ('memory of the device or process', f'{last("device memory (MiB)")} MiB'),
            ('received, published, dropped', last('received', 'published', 'dropped')),
            ('models', ', '.join(_models(said)) or '–'),
            ('seg_ros, Python', f'{__version__}, {platform.python_version()}')]
    return Section('Where it ran', '', rows)


def _models(said: Said) -> list[str]:
    """Return the models that were loaded, each once."""
    return list(dict.fromkeys(one for _, values in said if (one := values.get('model', 'none')) != 'none'))


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
