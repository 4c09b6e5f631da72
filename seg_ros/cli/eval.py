"""Score a model on labelled images, by the same code path as the node."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from seg_ros.errors import SettingError
from seg_ros.lab.evaluation import SemanticScores, scores_of_folders
from seg_ros.lab.instance_evaluation import ObjectScores, object_scores_of_folder
from seg_ros.lab.panoptic_evaluation import PanopticScores, panoptic_scores_of_folders
from seg_ros.lab.sources import ObjectSource
from seg_ros.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    kinds = parser.add_subparsers(dest='kind', metavar='KIND', required=True)
    shape = argparse.ArgumentDefaultsHelpFormatter
    semantic = kinds.add_parser('semantic', help='labels per pixel: IoU, accuracy, calibration', formatter_class=shape)
    semantic.add_argument('--labels', type=Path, required=True,
                          help='folder of 8-bit PNG label images named like the images; 255 does not count')
    _add_common(semantic, 'indoor', Settings().unlabelled_threshold, 'unlabelled threshold whose benefit is reported')
    instance = kinds.add_parser('instance', help='objects: mask average precision', formatter_class=shape)
    instance.add_argument('--coco', type=Path, help='COCO instance file of --images')
    instance.add_argument('--yolo', type=Path, metavar='DATA.yaml',
                          help='a YOLO segmentation data set, in place of --images and --coco')
    instance.add_argument('--split', default='val', help='which part of --yolo')
    _add_common(instance, 'tools', Settings().score_threshold, 'score threshold of the confusion and the pictures',
                images=False)
    panoptic = kinds.add_parser('panoptic', help='labels and objects together: panoptic quality',
                                formatter_class=shape)
    panoptic.add_argument('--labels', type=Path, required=True,
                          help='folder of 8-bit PNG label images named like the images; 255 does not count')
    panoptic.add_argument('--coco', type=Path, required=True, help='COCO instance file of the images')
    panoptic.add_argument('--score-threshold', type=float, default=Settings().score_threshold,
                          help='objects less certain than this are not reported')
    _add_common(panoptic, ['indoor', 'tools'], Settings().unlabelled_threshold, 'unlabelled threshold')


def _add_common(parser: argparse.ArgumentParser, model: str | list[str], threshold: float, words: str, *,
                images: bool = True) -> None:
    two = isinstance(model, list)
    parser.add_argument('--model', default=model, nargs=2 if two else None,
                        metavar=('LABELS', 'OBJECTS') if two else 'MODEL',
                        help='the two models, each ' * two + 'a shipped name, or the folder of a model')
    parser.add_argument('--images', type=Path, required=images, help='folder of images')
    parser.add_argument('--taxonomy', default='indoor', help='a shipped name, or the path of a .yaml file')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--threshold', type=float, default=threshold, help=words)
    parser.add_argument('--json', type=Path, help='write the scores into this file as well')
    parser.add_argument('--overlays', type=Path, help='write a picture per image into this folder, and worst.jpg')


def run(options: argparse.Namespace) -> int:
    """Evaluate and print a table."""
    def progress(indices: Iterable[int]) -> Iterable[int]:
        return tqdm(indices, unit='image', desc=options.model)

    if options.kind == 'panoptic':
        options.model, (labels, objects) = ' and '.join(options.model), options.model
    common = {'taxonomy': options.taxonomy, 'device': options.device, 'mode': options.kind}
    scores: SemanticScores | ObjectScores | PanopticScores
    if options.kind == 'semantic':
        settings = Settings().changed({**common, 'semantic_model': options.model,
                                       'unlabelled_threshold': options.threshold})
        scores = scores_of_folders(settings, options.images, options.labels, overlays=options.overlays,
                                   progress=progress)
        tables = [_table(f'{options.model} on {scores.images} images', _semantic_rows(scores)), _kept_table(scores)]
    elif options.kind == 'panoptic':
        settings = Settings().changed({**common, 'semantic_model': labels, 'instance_model': objects,
                                       'unlabelled_threshold': options.threshold,
                                       'score_threshold': options.score_threshold})
        scores = panoptic_scores_of_folders(settings, options.images, options.labels, options.coco,
                                            overlays=options.overlays, progress=progress)
        tables = [_panoptic_table(f'{options.model} on {scores.images} images', scores)]
    else:
        settings = Settings().changed({**common, 'instance_model': options.model,
                                       'score_threshold': options.threshold})
        scores = object_scores_of_folder(settings, _outlined(options), overlays=options.overlays,
                                         progress=progress)
        tables = [_table(f'{options.model} on {scores.images} images', _object_rows(scores))]
    Console().print(*tables, sep='\n')
    if options.json:
        _write_json(options.json, {'model': options.model, **asdict(scores)})
    return 0


def _outlined(options: argparse.Namespace) -> ObjectSource:
    if options.yolo and not (options.images or options.coco):
        return ObjectSource(options.yolo, split=options.split)
    if options.images and options.coco and not options.yolo:
        return ObjectSource(options.coco, options.images)
    raise SettingError('it is not clear what to score on', 'give --images and --coco, or --yolo alone')


def _write_json(path: Path, table: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_without_nan(table), indent=2, allow_nan=False) + '\n')


def _without_nan(value: Any) -> Any:
    """Return what is given with null for the score of what does not occur: JSON has no NaN."""
    if isinstance(value, dict):
        return {key: _without_nan(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(one) for one in value]
    return None if value != value else value


Rows = list[tuple[str, float] | None]


def _semantic_rows(scores: SemanticScores) -> Rows:
    return [*((f'IoU {name}', value) for name, value in scores.iou.items()), None,
            ('mean IoU', scores.mean_iou), ('pixel accuracy', scores.pixel_accuracy),
            ('calibration error (ECE)', scores.calibration_error), None,
            (f'pixels kept at threshold {scores.threshold:g}', scores.kept),
            ('accuracy of the kept pixels', scores.kept_accuracy)]


def _kept_table(scores: SemanticScores) -> Table:
    """Return the table of what each unlabelled threshold buys."""
    table = Table('threshold', 'pixels kept', 'of these right', title='what the unlabelled threshold buys')
    for one in scores.thresholds:
        table.add_row(f'{one.threshold:g}', _text(one.kept), _text(one.accuracy))
    return table


def _panoptic_table(title: str, scores: PanopticScores) -> Table:
    table = Table('class', 'PQ', 'SQ', 'RQ', title=title)
    for name, one in scores.of.items():
        table.add_row(name, *(_text(one[key]) for key in ('pq', 'sq', 'rq')))
    table.add_section()
    table.add_row('all', _text(scores.pq), _text(scores.sq), _text(scores.rq))
    table.add_row('objects', _text(scores.pq_things))
    table.add_row('stuff', _text(scores.pq_stuff))
    return table


def _text(value: float) -> str:
    return 'absent' if value != value else f'{value:.3f}'


def _object_rows(scores: ObjectScores) -> Rows:
    return [*((f'mask AP50 {name}', value) for name, value in scores.ap50_of.items()), None,
            ('mask AP', scores.ap), ('mask AP50', scores.ap50), ('mask AP75', scores.ap75),
            (f'wrong class at score {scores.threshold:g}', scores.wrong_class)]


def _table(title: str, rows: Rows) -> Table:
    """Return a table of names and values; None begins a new section."""
    table = Table(title=title)
    table.add_column('score')
    table.add_column('value', justify='right')
    for row in rows:
        if row is None:
            table.add_section()
        else:
            table.add_row(row[0], _text(row[1]))
    return table
