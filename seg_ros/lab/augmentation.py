# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Random changes of training images that a robot's camera also makes: distance, light, blur, noise."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.lab.datasets import NONE_OF_COMPLETE
from seg_ros.models.preprocess import resized
from seg_ros.records import UNLABELLED


@dataclass(frozen=True)
class CropPlan:
    """
    How a training crop is cut.

    :param size: (width, height) of the crop in pixels.
    :param heights: smallest and largest height in pixels to which the whole image is scaled first.
    """

    size: tuple[int, int]
    heights: tuple[int, int]


def random_crop(rgb: NDArray[np.uint8], labels: NDArray[np.uint8], plan: CropPlan,
                rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """
    Scale, mirror and cut one image and its labels alike; what lies outside the image is unlabelled.

    :param rgb: (H, W, 3) uint8. :param labels: (H, W) uint8.
    :return: a (h, w, 3) and a (h, w) array of the plan's size.
    """
    low, high = np.log(plan.heights)
    scale = float(np.exp(rng.uniform(low, high))) / rgb.shape[0]
    aspect = float(np.exp(rng.uniform(-0.15, 0.15)))
    size = max(8, round(rgb.shape[1] * scale * aspect)), max(8, round(rgb.shape[0] * scale))
    rgb = resized(rgb, size)
    labels = cv2.resize(labels, size, interpolation=cv2.INTER_NEAREST_EXACT)  # the other is half a pixel off
    if rng.random() < 0.5:
        rgb, labels = rgb[:, ::-1], labels[:, ::-1]
    return _window(rgb, labels, plan.size, rng)


def _window(rgb: NDArray[np.uint8], labels: NDArray[np.uint8], size: tuple[int, int],
            rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    width, height = size
    out = np.full((height, width, 3), 127, np.uint8)
    out_labels = np.full((height, width), UNLABELLED, np.uint8)
    spare_x, spare_y = rgb.shape[1] - width, rgb.shape[0] - height
    x, y = (int(rng.integers(min(0, spare), max(0, spare) + 1)) for spare in (spare_x, spare_y))
    source = np.s_[max(0, y):y + height, max(0, x):x + width]
    piece = rgb[source]
    target = np.s_[max(0, -y):max(0, -y) + piece.shape[0], max(0, -x):max(0, -x) + piece.shape[1]]
    out[target], out_labels[target] = piece, labels[source]
    return out, out_labels


def pasted(rgb: NDArray[np.uint8], labels: NDArray[np.uint8], donor: NDArray[np.uint8], donor_labels: NDArray[np.uint8],
           rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """
    Copy a random half of what is labelled in the donor into a crop: each connected region of a class by itself.

    Simple copy-paste (Ghiasi et al. 2021): no blending, no search for a plausible place.

    :param rgb: (h, w, 3) uint8. :param labels: (h, w) uint8. :param donor: of the same size, with ``donor_labels``.
    """
    front = np.zeros(labels.shape, bool)
    for one in np.unique(donor_labels[donor_labels < NONE_OF_COMPLETE]):
        count, regions = cv2.connectedComponents((donor_labels == one).astype(np.uint8))
        front |= np.append(False, rng.random(count - 1) < 0.5)[regions]
    return np.where(front[..., None], donor, rgb), np.where(front, donor_labels, labels)


def random_lens(rgb: NDArray[np.uint8], labels: NDArray[np.uint8],
                rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """
    See half of the crops through another camera: tilted by up to 8 degrees, with barrel or pincushion distortion.

    The first coefficient of the radial model (Brown 1966) is drawn from -0.2 to 0.2 for a radius of half the
    diagonal. What lies outside is grey and unlabelled.

    :param rgb: (h, w, 3) uint8. :param labels: (h, w) uint8.
    """
    if rng.random() < 0.5:
        return rgb, labels
    height, width = labels.shape
    half = np.hypot(width, height) / 2
    x, y = np.meshgrid((np.arange(width) - (width - 1) / 2) / half, (np.arange(height) - (height - 1) / 2) / half)
    stretch = (1.0 + rng.uniform(-0.2, 0.2) * (x * x + y * y)) * half
    angle = np.deg2rad(rng.uniform(-8.0, 8.0))
    map_x = ((x * np.cos(angle) - y * np.sin(angle)) * stretch + (width - 1) / 2).astype(np.float32)
    map_y = ((x * np.sin(angle) + y * np.cos(angle)) * stretch + (height - 1) / 2).astype(np.float32)
    return (cv2.remap(rgb, map_x, map_y, cv2.INTER_LINEAR, borderValue=(127, 127, 127)),
            cv2.remap(labels, map_x, map_y, cv2.INTER_NEAREST, borderValue=(UNLABELLED,)))


def random_light(rgb: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """
    Change exposure, contrast, gamma, white balance, sharpness and noise of one (H, W, 3) uint8 image.

    Every change is a table of 256 entries per channel or a small filter, so it costs a millisecond.
    """
    ramp = np.linspace(0.0, 1.0, 256, dtype=np.float32)
    gain = np.exp(rng.uniform(-0.35, 0.35)) * np.exp(rng.normal(0.0, 0.08, 3))
    gamma, contrast = np.exp(rng.uniform(-0.35, 0.35)), np.exp(rng.uniform(-0.3, 0.3))
    table = (ramp[:, None] ** gamma - 0.5) * contrast * gain + 0.5
    changed = cv2.LUT(rgb, (table.clip(0, 1) * 255).astype(np.uint8)[:, None, :])
    if rng.random() < 0.15:
        changed = cv2.cvtColor(cv2.cvtColor(changed, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    if rng.random() < 0.3:
        changed = _blurred(changed, rng)
    if rng.random() < 0.4:
        noise = rng.normal(0.0, rng.uniform(2, 12), changed.shape[:2])[..., None]
        changed = (changed + noise).clip(0, 255).astype(np.uint8)
    return changed


def _blurred(rgb: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    if rng.random() < 0.5:
        return cv2.GaussianBlur(rgb, (0, 0), float(rng.uniform(0.4, 1.6)))
    length = int(rng.integers(3, 8))  # motion: a line of that many pixels at a random angle
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1.0
    turn = cv2.getRotationMatrix2D(((length - 1) / 2,) * 2, float(rng.uniform(0, 180)), 1.0)
    kernel = cv2.warpAffine(kernel, turn, (length, length))
    return cv2.filter2D(rgb, -1, kernel / max(float(kernel.sum()), 1e-6))
