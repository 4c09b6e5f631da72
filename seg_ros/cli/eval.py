# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Score a model on labelled images, by the same code path as the node."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from rich.table import Table
from tqdm import tqdm

from seg_ros.cli.arguments import device, new_file, new_folder, share, whole
from seg_ros.cli.help_text import DefaultsHelp
from seg_ros.cli.tables import figure, show, table, write_json
from seg_ros.cli.train import LABEL_WORDS
from seg_ros.errors import SettingError
from seg_ros.lab.evaluation import scored
from seg_ros.lab.instance_evaluation import ObjectScores, on_outlines
from seg_ros.lab.panoptic_evaluation import PanopticScores, on_both
from seg_ros.lab.semantic_evaluation import SemanticScores, on_labels
from seg_ros.lab.sources import ObjectSource
from seg_ros.settings import Settings

MOST_CONFUSED, LEAST_CONFUSED = 8, 0.01
"""So many pairs of classes are listed at most: at least this share of the first is taken for the other."""

HOLD_OUT = 'only the N images that seg_ros train --hold-out N does not learn from; 0 for those held out without it'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    kinds = parser.add_subparsers(dest='kind', metavar='KIND', required=True)
    shape = DefaultsHelp
    semantic = kinds.add_parser('semantic', help='labels per pixel: IoU, accuracy, calibration', formatter_class=shape)
    _add_labels(semantic)
    _add_common(semantic, 'indoor', Settings().unlabelled_threshold, 'unlabelled threshold whose benefit is reported')
    semantic.add_argument('--hold-out', type=whole, metavar='N', help=HOLD_OUT)
    instance = kinds.add_parser('instance', help='objects: mask average precision', formatter_class=shape)
    instance.add_argument('--coco', type=Path, help='COCO instance file of --images')
    instance.add_argument('--hold-out', type=whole, metavar='N', help=HOLD_OUT)
    instance.add_argument('--yolo', type=Path, metavar='DATA.yaml',
                          help='a YOLO segmentation data set, in place of --images and --coco')
    instance.add_argument('--split', default='val', help='which part of --yolo')
    _add_common(instance, 'everyday', Settings().score_threshold,
                'score threshold of precision, recall and the pictures', images=False)
    panoptic = kinds.add_parser('panoptic', help='labels and objects together: panoptic quality',
                                formatter_class=shape)
    _add_labels(panoptic)
    panoptic.add_argument('--coco', type=Path, required=True, help='COCO instance file of the images')
    panoptic.add_argument('--score-threshold', type=share, default=Settings().score_threshold,
                          help='objects less certain than this are not reported')
    _add_common(panoptic, ['indoor', 'everyday'], Settings().unlabelled_threshold, 'unlabelled threshold')


def _add_labels(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--labels', type=Path, required=True,
                        help='folder of PNG label images named like the images; 255 does not count')
    parser.add_argument('--label-words', default='', metavar='WORDS', help=LABEL_WORDS)


def _add_common(parser: argparse.ArgumentParser, model: str | list[str], threshold: float, words: str, *,
                images: bool = True) -> None:
    two = isinstance(model, list)
    parser.add_argument('--model', default=model, nargs=2 if two else None,
                        metavar=('LABELS', 'OBJECTS') if two else 'MODEL',
                        help='the two models, each ' * two + 'a shipped name, or the folder of a model')
    parser.add_argument('--images', type=Path, required=images, help='folder of images')
    parser.add_argument('--taxonomy', default='indoor', help='a shipped name, or the path of a .yaml file')
    parser.add_argument('--device', type=device, default='auto', help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--threshold', type=share, default=threshold, help=words)
    parser.add_argument('--json', type=new_file, help='write the scores into this file as well')
    parser.add_argument('--overlays', type=new_folder, help='write a picture per image into this folder, and worst.jpg')


def run(options: argparse.Namespace) -> int:
    """Evaluate and print a table."""
    name = ' and '.join(options.model) if options.kind == 'panoptic' else options.model
    scores: Any = scored(*_asked(options), overlays=options.overlays, progress=partial(tqdm, unit='image', desc=name))
    title = f'{name} on {scores.images} images, {scores.milliseconds:.0f} ms each'
    show(*_TABLES[options.kind](title, scores))
    if options.json:
        write_json(options.json, {'model': name, **asdict(scores)})
    return 0


def _asked(options: argparse.Namespace) -> tuple[Settings, Any]:
    """Return the settings, and how to begin with them."""
    common = Settings().changed({'taxonomy': options.taxonomy, 'device': options.device, 'mode': options.kind})
    if options.kind == 'instance':
        settings = common.changed({'instance_model': options.model, 'score_threshold': options.threshold})
        return settings, on_outlines(settings, _outlined(options))
    pictures = options.images, options.labels
    if options.kind == 'semantic':
        settings = common.changed({'semantic_model': options.model, 'unlabelled_threshold': options.threshold})
        return settings, on_labels(settings, *pictures, options.label_words, options.hold_out)
    settings = common.changed({'semantic_model': options.model[0], 'instance_model': options.model[1],
                               'unlabelled_threshold': options.threshold, 'score_threshold': options.score_threshold})
    return settings, on_both(settings, *pictures, options.coco, options.label_words)


def _outlined(options: argparse.Namespace) -> ObjectSource:
    if options.yolo and not (options.images or options.coco):
        return ObjectSource(options.yolo, split=options.split, held_out=options.hold_out)
    if options.images and options.coco and not options.yolo:
        return ObjectSource(options.coco, options.images, held_out=options.hold_out)
    raise SettingError('it is not clear what to score on', 'give --images and --coco, or --yolo alone')


def _semantic_tables(title: str, scores: SemanticScores) -> list[Table]:
    bought = _table('what the unlabelled threshold buys', ('threshold', 'pixels kept', 'of these right'),
                    [(f'{one.threshold:g}', one.kept, one.accuracy) for one in scores.thresholds])
    pairs = sorted(((share, true, found) for true, row in scores.confusion.items() for found, share in row.items()
                    if found != true and share >= LEAST_CONFUSED), reverse=True)[:MOST_CONFUSED]
    confused = table('what is taken for something else', ('true class', 'taken for', 'share of its pixels'),
                     [(true, found, figure(share)) for share, true, found in pairs], words=2)
    return [_table(title, ('score', 'value'), [
        *((f'IoU {name}', value) for name, value in scores.iou.items()), None,
        ('mean IoU', scores.mean_iou), ('pixel accuracy', scores.pixel_accuracy),
        ('calibration error (ECE)', scores.calibration_error), None,
        (f'pixels kept at threshold {scores.threshold:g}', scores.kept),
        ('accuracy of the kept pixels', scores.kept_accuracy)]), bought, *[confused] * bool(pairs)]


def _object_tables(title: str, scores: ObjectScores) -> list[Table]:
    return [_table(title, ('score', 'value'), [
        *((f'mask AP50 {name}', value) for name, value in scores.ap50_of.items()), None,
        ('mask AP', scores.ap), ('mask AP50', scores.ap50), ('mask AP75', scores.ap75),
        *((f'mask AP of {name} objects', value) for name, value in scores.ap_of_size.items()), None,
        (f'precision at score {scores.threshold:g}', scores.precision),
        (f'recall at score {scores.threshold:g}', scores.recall),
        (f'wrong class at score {scores.threshold:g}', scores.wrong_class)])]


def _panoptic_tables(title: str, scores: PanopticScores) -> list[Table]:
    return [_table(title, ('class', 'PQ', 'SQ', 'RQ'), [
        *((name, one['pq'], one['sq'], one['rq']) for name, one in scores.of.items()), None,
        ('all', scores.pq, scores.sq, scores.rq), ('objects', scores.pq_things), ('stuff', scores.pq_stuff)])]


_TABLES: dict[str, Any] = {'semantic': _semantic_tables, 'instance': _object_tables, 'panoptic': _panoptic_tables}


def _table(title: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...] | None]) -> Table:
    return table(title, columns, [row and (row[0], *map(figure, row[1:])) for row in rows])
