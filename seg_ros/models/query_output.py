# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
From queries, each a class and a mask, to labels and objects: MaskFormer and its descendants, DETR among them.

Every one of a network's N queries says what it is (logits over the words and 'nothing') and where (mask logits).
Cheng et al., Per-Pixel Classification is Not All You Need, 2021.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from seg_ros.models.found_output import Crop, FoundCrops, crop_of
from seg_ros.models.semantic_output import bounded

MASK_THRESHOLD = 0.5
OVERLAP_THRESHOLD = 0.8
"""A segment that keeps no more than this share of its mask, others being more certain there, is dropped."""

MOST_SEGMENTS = 254  # a pixel's segment is one byte
NOBODYS = 255

MOST_VALUES = 8_000_000
"""Mask logits are enlarged in groups of at most so many values; of the answers only crops are kept."""


@dataclass(frozen=True)
class Queries:
    """
    What a network's queries say of one image.

    :param classes: (N, words + 1) float32 logits, the last for 'nothing'. :param masks: (N, h, w) float32 logits.
    """

    classes: Tensor
    masks: Tensor


@dataclass(frozen=True)
class Reading:
    """
    How a family of networks reads its queries; the families differ as the code of their authors does.

    :param grid: (height, width) the masks are first resized to; None leaves them.
    :param one_word: a query is an object of its best word only; otherwise of every word it is certain enough of.
    :param disjoint: objects share no pixel: each belongs to the most certain query, which must keep most of its mask.
    :param raw: disjoint objects, but not segments, are compared by their logits instead of their probabilities.
    :param fine: mask logits are resized to the image before they become probabilities, and a segment lies within its
        own mask.
    :param apart: each word has a probability of its own and 'nothing' is none of them, and how certain a mask is
        where it is does not count.
    """

    grid: tuple[int, int] | None = None
    one_word: bool = False
    disjoint: bool = False
    raw: bool = False
    fine: bool = False
    apart: bool = False


def class_maps(queries: Queries, merge: Tensor) -> Tensor:
    """
    Return (1, classes, h, w) scores; words are merged before they meet pixels.

    :param merge: (classes, words) of 0 and 1.
    """
    words = torch.softmax(queries.classes, dim=-1)[:, :-1]
    return torch.einsum('nr,nhw->rhw', words @ merge.T, queries.masks.sigmoid())[None]


def segments_of(queries: Queries, size: tuple[int, int], threshold: float, reading: Reading) -> FoundCrops:
    """
    Return the segments, things and stuff, whose word is more certain than the threshold.

    :param size: (width, height) of the answer.
    """
    scores, words = torch.softmax(queries.classes, dim=-1).max(dim=-1)
    kept = ((words < queries.classes.shape[1] - 1) & (scores > threshold)).nonzero()[:, 0]
    return _disjoint(queries.masks, kept, scores[kept], words[kept], size, replace(reading, raw=False))


def objects_of(queries: Queries, size: tuple[int, int], threshold: float, reading: Reading,
               things: Tensor) -> FoundCrops:
    """
    Return the objects that are at least as certain as the threshold.

    :param size: (width, height) of the answer. :param things: (T,) indices of the words that may be objects.
    """
    probability = queries.classes.sigmoid() if reading.apart else torch.softmax(queries.classes, dim=-1)[:, :-1]
    if reading.disjoint and not reading.raw:
        return _only(segments_of(queries, size, threshold, reading), things)
    if reading.one_word:
        scores, words = probability.max(dim=-1)
        rows = torch.arange(len(scores), device=scores.device)
    else:
        scores, flat = probability.flatten().topk(len(probability), sorted=False)
        rows, words = flat // probability.shape[1], flat % probability.shape[1]
    kept = ((scores >= threshold) & torch.isin(words, things)).nonzero()[:, 0]
    rows, scores, words = rows[kept], scores[kept], words[kept]
    if reading.disjoint:
        return _disjoint(queries.masks, rows, scores, words, size, reading)
    return _overlapping(queries.masks[rows], scores, words, size, threshold, reading)


def _overlapping(masks: Tensor, scores: Tensor, words: Tensor, size: tuple[int, int], threshold: float,
                 reading: Reading) -> FoundCrops:
    """Weigh each object by how certain its mask is where it is; objects may overlap."""
    width, height = bounded(size) if reading.fine else (masks.shape[2], masks.shape[1])
    crops: list[Crop] = []
    certainties = [scores.new_zeros(0)]
    for some in masks.split(max(1, MOST_VALUES // (width * height))) if len(masks) else ():
        logits = torch.stack([_resized(mask, (height, width)) for mask in some])
        cut = logits > 0
        certainties.append((logits.sigmoid_() * cut).sum(dim=(1, 2)) / (cut.sum(dim=(1, 2)) + 1e-6))
        crops += [crop_of(mask) for mask in cut.cpu().numpy()]
    scores = scores if reading.apart else scores * torch.cat(certainties)
    return _best_first(words, scores, crops, (width, height), threshold)


def _disjoint(masks: Tensor, rows: Tensor, scores: Tensor, words: Tensor, size: tuple[int, int],
              reading: Reading) -> FoundCrops:
    """Give each pixel to the mask that is most probable there, weighed by its score; one at a time is upsampled."""
    if len(rows) > MOST_SEGMENTS:
        best_rows = scores.argsort(descending=True, stable=True)[:MOST_SEGMENTS].sort().values
        rows, scores, words = rows[best_rows], scores[best_rows], words[best_rows]
    width, height = bounded(size)
    best = torch.full((height, width), -torch.inf, device=masks.device)
    winner = torch.full((height, width), NOBODYS, dtype=torch.uint8, device=masks.device)
    inside = torch.zeros((height, width), dtype=torch.bool, device=masks.device)
    areas = [scores.new_zeros(0, dtype=torch.int64)]
    for k, (value, own) in enumerate(_weighed(masks, rows, scores, (height, width), reading)):
        better = value > best
        best, winner = torch.where(better, value, best), torch.where(better, k, winner)
        inside = torch.where(better, own, inside)
        areas.append(own.sum()[None])
    owned, area = torch.bincount(winner.flatten().int(), minlength=NOBODYS)[:len(rows)], torch.cat(areas)
    valid = ((owned > OVERLAP_THRESHOLD * area) & (area > 0)).cpu().numpy()
    owner = (torch.where(inside, winner, NOBODYS) if reading.fine else winner).cpu().numpy()
    crops = [crop_of(owner == k) if good else crop_of(np.zeros((1, 1), np.bool_)) for k, good in enumerate(valid)]
    return _best_first(words, scores, crops, (width, height))


def _weighed(masks: Tensor, rows: Tensor, scores: Tensor, shape: tuple[int, int],
             reading: Reading) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield for each query its (H, W) claim on every pixel, and where it is a segment's own mask."""
    for row, score in zip(rows, scores, strict=True):
        mask = masks[row]
        if reading.fine:
            value = _resized(mask, shape).sigmoid()
            yield value * score, value >= MASK_THRESHOLD
        else:
            value = _resized(mask if reading.raw else mask.sigmoid(), shape) * score
            yield value, value >= MASK_THRESHOLD


def _resized(mask: Tensor, shape: tuple[int, int]) -> Tensor:
    if mask.shape == shape:
        return mask
    if mask.device.type == 'cpu':
        return torch.from_numpy(cv2.resize(mask.numpy(), shape[::-1], interpolation=cv2.INTER_LINEAR))
    return F.interpolate(mask[None, None], shape, mode='bilinear', align_corners=False)[0, 0]


def _only(found: FoundCrops, things: Tensor) -> FoundCrops:
    kept = np.flatnonzero(np.isin(found.words, things.cpu().numpy()))
    return FoundCrops(found.words[kept], found.scores[kept], tuple(found.masks[k] for k in kept), found.grid)


def _best_first(words: Tensor, scores: Tensor, crops: Sequence[Crop], grid: tuple[int, int],
                threshold: float = 0.0) -> FoundCrops:
    """Return those that have a pixel and at least a score."""
    values, names = scores.float().cpu().numpy(), words.cpu().numpy()
    order = [int(k) for k in np.argsort(-values, kind='stable') if crops[k].mask.size and values[k] >= threshold]
    return FoundCrops(names[order], values[order], tuple(crops[k] for k in order), grid)
