# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Scores of found objects that mean probability, by held-out pictures (Platt 1999)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from scipy.special import expit
from torch import Tensor

from seg_ros.errors import DataError
from seg_ros.lab.evaluation import Progress, evaluate
from seg_ros.lab.instance_evaluation import on_outlines
from seg_ros.lab.sources import ObjectSource
from seg_ros.lab.temperature import fitted_line
from seg_ros.models.card import WEIGHTS, read_card, write_card
from seg_ros.models.catalog import model_folder, open_model
from seg_ros.models.weights import read_weights, write_weights
from seg_ros.pipeline import Pipeline
from seg_ros.settings import Settings

CLASSES = 'roi_heads.box_predictor.cls_score'
"""The layer of a Mask R-CNN whose first output is the background."""


def calibrating(model: str, source: ObjectSource) -> ObjectSource:
    """
    Return the pictures, which a model of this kind can be calibrated on.

    :raises SegRosError: when the model finds no objects, or the pictures cannot be used.
    """
    card = read_card(model_folder(model))
    if card.kind != 'instance':
        raise DataError(f'{card.name} finds no objects, whose scores --images and --coco are for', 'leave them out')
    source.opened(card.classes)
    return source


def calibrate(folder: Path, source: ObjectSource, device: str, progress: Progress) -> float:
    """
    Change the weights of a model so that of the objects with a score of 0.7, say, 70 % are real; its card says so.

    :param source: outlined pictures that it has not learned from.
    :return: the score before of what is as likely real as not.
    :raises SegRosError: when the pictures or the model cannot be used.
    """
    settings = Settings().changed({'mode': 'instance', 'instance_model': str(folder.absolute()), 'device': device})
    with closing(Pipeline(open_model)) as pipeline:
        pipeline.configure(settings)
        data, scorer = on_outlines(settings, source)(pipeline)
        evaluate(pipeline, settings, data, scorer, progress=progress)
    factor, summand = fitted_line(*scorer.counted.judged())
    write_weights(with_line(read_weights(folder / WEIGHTS), factor, summand), folder / WEIGHTS)
    card = read_card(folder)
    write_card(folder, replace(card, recipe=f'{card.recipe} --images {source.images} --coco {source.annotations}'))
    return float(expit(-summand / factor))


def with_line(weights: dict[str, Tensor], factor: float, summand: float) -> dict[str, Tensor]:
    """
    Return the weights of a network whose scores lie elsewhere: factor times their logit, and a summand.

    The odds of a class against the background are moved: exact where no second class is likely.

    :raises DataError: when it has no such layer.
    """
    if 'calibration' in weights:
        before, shift = weights['calibration'].tolist()
        return weights | {'calibration': weights['calibration'].new_tensor([factor * before, factor * shift + summand])}
    if f'{CLASSES}.bias' not in weights:
        raise DataError('this network has no scores that can be moved', 'leave --images and --coco out')
    bias = factor * weights[f'{CLASSES}.bias'].float()
    bias[0] -= summand
    return weights | {f'{CLASSES}.bias': bias, f'{CLASSES}.weight': factor * weights[f'{CLASSES}.weight'].float()}
