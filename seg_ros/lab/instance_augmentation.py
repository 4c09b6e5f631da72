"""Random changes of images with outlined objects: distance, view, light, and objects from other images."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.lab.augmentation import CropPlan, random_light
from seg_ros.lab.coco import OutlinedImage


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
    rgb = sample.rgb
    if scale < 0.7:  # the warp below takes 4 neighbours only
        rgb = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    view = _view_from_image(sample.rgb.shape, scale, plan, rng)
    shrunk = rgb.shape[1] / sample.rgb.shape[1], rgb.shape[0] / sample.rgb.shape[0]
    seen = cv2.warpAffine(rgb, (view @ np.diag([1 / shrunk[0], 1 / shrunk[1], 1.0]))[:2], plan.crop.size,
                          borderValue=(127, 127, 127))
    masks = [cv2.warpAffine(mask * 255, view[:2], plan.crop.size) > 127 for mask in sample.masks]
    moved = replace(sample, rgb=seen, masks=_stacked(masks, plan.crop.size))
    whole = sample.masks.sum(axis=(1, 2), dtype=np.int64) * abs(np.linalg.det(view[:2, :2]))
    return _visible(moved, whole, plan.keep_visible)


def _view_from_image(shape: tuple[int, ...], scale: float, plan: ViewPlan,
                     rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the (3, 3) map from image to view: scale and stretch, mirror, turn about the centre, shift."""
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


def pasted(sample: OutlinedImage, donor: OutlinedImage, rng: np.random.Generator, *,
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
        view = pasted(view, random_view(donor, plan, rng), rng, keep_visible=plan.keep_visible)
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
