"""Score a model on labelled images, by the same code path as the node."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from tqdm import tqdm

from seg_ros.lab.evaluation import SemanticScores, scores_of_folders
from seg_ros.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    parser.add_argument('kind', choices=['semantic'], help='what the model answers')
    parser.add_argument('--model', default='indoor', help='a shipped name, or the folder of a model')
    parser.add_argument('--images', type=Path, required=True, help='folder of images')
    parser.add_argument('--labels', type=Path, required=True,
                        help='folder of 8-bit PNG label images named like the images; 255 does not count')
    parser.add_argument('--taxonomy', default='indoor', help='a shipped name, or the path of a .yaml file')
    parser.add_argument('--device', default='auto', help='auto, cpu, cuda or cuda:N')
    parser.add_argument('--threshold', type=float, default=Settings().unlabelled_threshold,
                        help='unlabelled threshold whose benefit is reported')
    parser.add_argument('--json', type=Path, help='write the scores into this file as well')
    parser.add_argument('--overlays', type=Path, help='write a picture per image into this folder')


def run(options: argparse.Namespace) -> int:
    """Evaluate and print a table."""
    settings = Settings().changed({'semantic_model': options.model, 'taxonomy': options.taxonomy,
                                   'device': options.device, 'unlabelled_threshold': options.threshold})
    scores = scores_of_folders(settings, options.images, options.labels, overlays=options.overlays,
                               progress=lambda indices: tqdm(indices, unit='image', desc=options.model))
    Console().print(_table(options.model, scores))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        table = {'model': options.model, **_without_nan(asdict(scores))}
        options.json.write_text(json.dumps(table, indent=2, allow_nan=False) + '\n')
    return 0


def _without_nan(table: dict[str, Any]) -> dict[str, Any]:
    """Return a table with null for the score of what does not occur: JSON has no NaN."""
    return {key: _without_nan(value) if isinstance(value, dict) else None if value != value else value
            for key, value in table.items()}


def _table(model: str, scores: SemanticScores) -> Table:
    table = Table(title=f'{model} on {scores.images} images')
    table.add_column('score')
    table.add_column('value', justify='right')
    for name, value in scores.iou.items():
        table.add_row(f'IoU {name}', 'absent' if value != value else f'{value:.3f}')
    table.add_section()
    table.add_row('mean IoU', f'{scores.mean_iou:.3f}')
    table.add_row('pixel accuracy', f'{scores.pixel_accuracy:.3f}')
    table.add_row('calibration error (ECE)', f'{scores.calibration_error:.3f}')
    table.add_section()
    table.add_row(f'pixels kept at threshold {scores.threshold:g}', f'{scores.kept:.3f}')
    table.add_row('accuracy of the kept pixels', f'{scores.kept_accuracy:.3f}')
    return table
