# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Random changes of images with outlined objects: distance, view, light, and objects from other images."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.lab.augmentation import CropPlan, random_light
from seg_ros.lab.coco import OutlinedImage
from seg_ros.models.preprocess import resized

SHRUNK = 0.8
"""By so much a warp shrinks, the rest is resized before: then a view is about as sharp as what a network is shown."""

CORNER_FROM_CENTRE = np.array([[1.0, 0.0, -0.5], [0.0, 1.0, -0.5], [0.0, 0.0, 1.0]])
"""OpenCV's warps measure from the centre of the first pixel, half a pixel within the image."""


@dataclass(frozen=True)
class ViewPlan:
    """
    How a training view of an image is made.

    :param crop: size of the view and the heights to which the whole image is scaled first.
    :param turn_deg: largest rotation to either side. :param upside_down: mirror top to bottom as well; right
        for cameras that look straight down.
    :param paste: probability that objects of another image are pasted in.
    :param keep_visible: an object of which a smaller share than this is left in view is forgotten.
    """

    crop: CropPlan
    turn_deg: float = 10.0
    upside_down: bool = False
    paste: float = 0.0
    keep_visible: float = 0.25


def random_view(sample: OutlinedImage, plan: ViewPlan, rng: np.random.Generator) -> OutlinedImage:
    """
    Scale, turn, mirror and cut an image and its objects alike; what lies outside the image is grey.

    Objects of which too little is left, and crowd regions, are dropped.
    """
    low, high = np.log(plan.crop.heights)
    scale = float(np.exp(rng.uniform(low, high))) / sample.rgb.shape[0]
    view = _view_from_image(sample.rgb.shape, scale, plan, rng)
    seen = _seen(sample.rgb, scale, view, plan.crop.size, 127)
    masks = [_seen(mask * 255, scale, view, plan.crop.size, 0) > 127 for mask in sample.masks]
    moved = replace(sample, rgb=seen, masks=_stacked(masks, plan.crop.size))
    whole = sample.masks.sum(axis=(1, 2), dtype=np.int64) * abs(np.linalg.det(view[:2, :2]))
    return _visible(moved, whole, plan.keep_visible)


def _seen(image: NDArray[np.uint8], scale: float, view: NDArray[np.float64], size: tuple[int, int],
          outside: int) -> NDArray[np.uint8]:
    """
    Return an image in a view of (width, height); what shrinks is shrunk first, for a warp takes 4 neighbours only.

    :param view: (3, 3) map from image to view, both measured from the corner of the first pixel.
    """
    height, width = image.shape[:2]
    if scale < SHRUNK:
        before = scale / SHRUNK  # shrunk all the way, the warp would blur it once more
        image = resized(image, (max(1, round(width * before)), max(1, round(height * before))))
    enlarged = np.diag([width / image.shape[1], height / image.shape[0], 1.0])
    centres = CORNER_FROM_CENTRE @ view @ enlarged @ np.linalg.inv(CORNER_FROM_CENTRE)
    return np.asarray(cv2.warpAffine(image, centres[:2], size, borderValue=(outside,) * 3), np.uint8)


def _view_from_image(shape: tuple[int, ...], scale: float, plan: ViewPlan,
                     rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the (3, 3) map from image to view, by corners: scale and stretch, mirror, turn about the centre, shift."""
    stretch = float(np.exp(rng.uniform(-0.1, 0.1)))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    flip = -1.0 if plan.upside_down and rng.random() < 0.5 else 1.0
    angle = np.deg2rad(rng.uniform(-plan.turn_deg, plan.turn_deg))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([scale * stretch * mirror, scale * flip])
    spare = np.abs(np.array([shape[1], shape[0]]) * scale - plan.crop.size) / 2
    centre = np.array(plan.crop.size) / 2 + rng.uniform(-spare, spare)
    view = np.eye(3)
    view[:2, :2] = linear
    view[:2, 2] = centre - linear @ (np.array([shape[1], shape[0]]) / 2)
    return view


def with_objects_of(sample: OutlinedImage, donor: OutlinedImage, rng: np.random.Generator, *,
                    keep_visible: float = 0.25) -> OutlinedImage:
    """
    Copy a random half of the donor's objects into the image, in front of what was there.

    Simple copy-paste (Ghiasi et al. 2021): no blending, no search for a plausible place.
    """
    chosen = np.flatnonzero(rng.random(len(donor.classes)) < 0.5)
    if not len(chosen):
        return sample
    front = donor.masks[chosen].max(axis=0) > 0
    rgb = np.where(front[..., None], donor.rgb, sample.rgb)
    whole = sample.masks.sum(axis=(1, 2), dtype=np.int64)
    behind = _visible(replace(sample, rgb=rgb, masks=sample.masks * ~front), whole, keep_visible)
    return replace(behind, masks=np.concatenate([behind.masks, donor.masks[chosen]]),
                   classes=np.concatenate([behind.classes, donor.classes[chosen]]),
                   crowd=np.concatenate([behind.crowd, donor.crowd[chosen]]))


def training_view(sample: OutlinedImage, donor: OutlinedImage | None, plan: ViewPlan,
                  rng: np.random.Generator) -> OutlinedImage:
    """Return a view of the image, with objects of a view of the donor if there is one, in changed light."""
    view = random_view(sample, plan, rng)
    if donor is not None:
        view = with_objects_of(view, random_view(donor, plan, rng), rng, keep_visible=plan.keep_visible)
    return replace(view, rgb=random_light(np.ascontiguousarray(view.rgb), rng))


def boxes_of(masks: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (N, 4) left, top, right, bottom (exclusive) of (N, H, W) masks, none of which is empty."""
    columns, rows = masks.max(axis=1) > 0, masks.max(axis=2) > 0
    height, width = masks.shape[1:]
    edges = [columns.argmax(1), rows.argmax(1), width - columns[:, ::-1].argmax(1),
             height - rows[:, ::-1].argmax(1)]
    return np.stack(edges, axis=1).astype(np.float32).reshape(-1, 4)


def _visible(sample: OutlinedImage, whole: NDArray[np.float64], keep: float) -> OutlinedImage:
    """Drop crowds and objects of which less than a share of their whole area, or hardly a pixel, is left."""
    area = sample.masks.sum(axis=(1, 2), dtype=np.int64)
    kept = (area >= np.maximum(keep * whole, 16)) & ~sample.crowd
    return replace(sample, masks=sample.masks[kept], classes=sample.classes[kept], crowd=sample.crowd[kept])


def _stacked(masks: list[NDArray[np.bool_]], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.array(masks, np.uint8).reshape(len(masks), size[1], size[0])
