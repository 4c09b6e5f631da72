# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Drawn shapes that move, cross, leave and return, and a detector that sees them imperfectly: truth for trackers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, sin

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.records import Instances

SIZE = (480, 270)
RATE = 15
"""Frames per second."""
LEAST_VISIBLE = 0.1
"""An object of which less of its area is visible is not part of the truth."""

Mask = NDArray[np.bool_]
Path = Callable[[float], 'tuple[float, float] | None']
"""Where a shape's centre is after so many seconds; None where it does not exist."""


@dataclass(frozen=True)
class Shape:
    """A disc, box, triangle or ring; those later in a scene are in front."""

    class_id: int
    kind: str
    radius: int
    path: Path

    def drawn(self, seconds: float) -> Mask | None:
        """Return the (H, W) mask of the whole shape, as if nothing were in front."""
        centre = self.path(seconds)
        if centre is None:
            return None
        image = np.zeros(SIZE[::-1], np.uint8)
        x, y, r = round(centre[0]), round(centre[1]), self.radius
        if self.kind == 'box':
            cv2.rectangle(image, (x - r, y - r), (x + r, y + r), 1, cv2.FILLED)
        elif self.kind == 'triangle':
            cv2.fillPoly(image, [np.array([(x, y - r), (x - r, y + r), (x + r, y + r)], np.int32)], 1)
        else:
            cv2.circle(image, (x, y), r, 1, r // 3 if self.kind == 'ring' else cv2.FILLED)
        return image.astype(np.bool_)


@dataclass(frozen=True)
class Seen:
    """One frame: what is there (track_ids are the true ids, scores the visible shares), what the detector says."""

    stamp_ns: int
    truth: Instances
    detected: Instances


@dataclass(frozen=True)
class Detector:
    """
    How a detector errs.

    :param missed: share of the objects it overlooks, at random.
    :param jitter: standard deviation of the shift of masks and boxes, as a share of the shape's radius.
    :param false: false objects per frame.
    :param unsure: whether the score falls from 0.9 to 0.2 with the visible share, give or take 0.05.
    :param blind_below: visible share below which it sees nothing.
    """

    missed: float = 0.0
    jitter: float = 0.0
    false: float = 0.0
    unsure: bool = True
    blind_below: float = 0.2


EXACT = Detector(unsure=False, blind_below=0.0)
NOISY = Detector(missed=0.1, jitter=0.08, false=1.0)


def played(shapes: list[Shape], seconds: float, detector: Detector = EXACT, *, seed: int = 0) -> list[Seen]:
    """Return the frames of a scene; the same arguments always give the same frames."""
    random = np.random.default_rng(seed)
    frames = []
    for index in range(round(seconds * RATE)):
        truth = true_objects(shapes, index / RATE)
        frames.append(Seen(1_000_000_000 + index * 1_000_000_000 // RATE, truth, detected(truth, detector, random)))
    return frames


def true_objects(shapes: list[Shape], seconds: float) -> Instances:
    """Return what is visible; ``scores`` are visible shares of the shapes, ``track_ids`` 1 + their index."""
    covered = np.zeros(SIZE[::-1], np.bool_)
    rows: list[tuple[float, int, int, Mask]] = []
    for index in reversed(range(len(shapes))):
        whole = shapes[index].drawn(seconds)
        if whole is None:
            continue
        visible = whole & ~covered
        covered |= whole
        share = float(visible.sum()) / max(1, area_of(shapes[index]))
        if share >= LEAST_VISIBLE:
            rows.append((min(share, 1.0), shapes[index].class_id, index + 1, visible))
    return as_instances(rows)


def area_of(shape: Shape) -> int:
    """Return the pixels of the whole shape in the middle of an image."""
    middle = Shape(shape.class_id, shape.kind, shape.radius, lambda _: (SIZE[0] / 2, SIZE[1] / 2)).drawn(0)
    return 0 if middle is None else int(middle.sum())


def as_instances(rows: list[tuple[float, int, int, Mask]]) -> Instances:
    """Return objects of (score, class id, id, (H, W) mask), the best score first."""
    rows = sorted((row for row in rows if row[3].any()), key=lambda row: (-row[0], row[2]))
    crops, corners, boxes = [], [], []
    for *_, mask in rows:
        x, y, w, h = cv2.boundingRect(mask.astype(np.uint8))
        crops.append(mask[y:y + h, x:x + w].copy())
        corners.append((x, y))
        boxes.append((x, y, x + w, y + h))
    return Instances(SIZE, np.array(boxes, np.float32).reshape(-1, 4), np.array([row[0] for row in rows], np.float32),
                     np.array([row[1] for row in rows], np.uint8), np.array(corners, np.int32).reshape(-1, 2),
                     tuple(crops), np.array([row[2] for row in rows], np.int64))


def detected(truth: Instances, detector: Detector, random: np.random.Generator) -> Instances:
    """Return what a detector says of the truth: scores fall with occlusion; ``track_ids`` are 0."""
    rows: list[tuple[float, int, int, Mask]] = []
    for k, mask in enumerate(full_masks(truth)):
        share, shift = float(truth.scores[k]), random.normal(0, 1, 2)
        noise, overlooked = random.normal(0, 0.05), random.random() < detector.missed
        if overlooked or share < detector.blind_below:
            continue
        dx, dy = np.rint(shift * detector.jitter * np.sqrt(mask.sum()) / 2).astype(int).tolist()
        score = float(np.clip(0.2 + 0.7 * share + noise, 0.05, 1)) if detector.unsure else 0.9
        rows.append((score, int(truth.class_ids[k]), 0, shifted(mask, dx, dy)))
    rows += [false_object(truth, random) for _ in range(random.poisson(detector.false))]
    return as_instances(rows)


def shifted(mask: Mask, dx: int, dy: int) -> Mask:
    """Return the mask moved right and down."""
    move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    return cv2.warpAffine(mask.astype(np.uint8), move, SIZE, flags=cv2.INTER_NEAREST).astype(np.bool_)


def false_object(truth: Instances, random: np.random.Generator) -> tuple[float, int, int, Mask]:
    """Return a disc where none is, mostly of low score."""
    image = np.zeros(SIZE[::-1], np.uint8)
    centre = int(random.integers(SIZE[0])), int(random.integers(SIZE[1]))
    cv2.circle(image, centre, int(random.integers(6, 20)), 1, cv2.FILLED)
    classes = truth.class_ids if len(truth) else np.zeros(1, np.uint8)
    return float(random.uniform(0.1, 0.6)), int(random.choice(classes)), 0, image.astype(np.bool_)


def full_masks(instances: Instances) -> NDArray[np.bool_]:
    """Return the (N, H, W) masks."""
    masks = np.zeros((len(instances), *instances.size[::-1]), np.bool_)
    for k, (crop, (x, y)) in enumerate(zip(instances.masks, instances.corners)):
        masks[k, y:y + crop.shape[0], x:x + crop.shape[1]] = crop
    return masks


def full_iou(a: Instances, b: Instances) -> NDArray[np.float64]:
    """Return the (A, B) overlap of the masks the slow way, from whole images."""
    flat_a, flat_b = (full_masks(x).reshape(len(x), x.size[0] * x.size[1]).astype(np.float32) for x in (a, b))
    shared = (flat_a @ flat_b.T).astype(np.float64)
    whole = flat_a.sum(axis=1)[:, None] + flat_b.sum(axis=1)[None] - shared
    return np.divide(shared, whole, out=np.zeros_like(shared), where=whole > 0)


def line(start: tuple[float, float], speed: tuple[float, float]) -> Path:
    """Return a straight path, speed in pixels per second."""
    return lambda t: (start[0] + speed[0] * t, start[1] + speed[1] * t)


def bouncing(start: tuple[float, float], speed: tuple[float, float], margin: int) -> Path:
    """Return a path that turns back at the borders of the image."""
    def fold(at: float, length: float) -> float:
        at %= 2 * length
        return min(at, 2 * length - at)

    width, height = SIZE[0] - 2 * margin, SIZE[1] - 2 * margin
    return lambda t: (margin + fold(start[0] + speed[0] * t, width), margin + fold(start[1] + speed[1] * t, height))


def crossing() -> list[Shape]:
    """Four pairs of one class that meet head on and pass through one another, and one that crosses them all."""
    shapes = []
    for row in range(4):
        y = 40 + 62 * row
        shapes.append(Shape(1, 'disc', 22, line((-20 - 15 * row, y), (110, 0))))
        shapes.append(Shape(1, 'box', 20, line((500 + 10 * row, y + 6), (-100 - 5 * row, 0))))
    return [*shapes, Shape(2, 'triangle', 26, line((240, -40), (0, 60)))]


def behind_a_pillar() -> list[Shape]:
    """Five objects walk behind a pillar wider than they are, and come out after up to half a second."""
    walkers = [Shape(1, kind, 20, line((-30 - 20 * k, 35 + 50 * k), (110 + 15 * k, 0)))
               for k, kind in enumerate(('disc', 'box', 'triangle', 'ring', 'disc'))]
    pillar = [Shape(9, 'box', 28, line((240, y), (0, 0))) for y in range(20, 280, 50)]
    return walkers + pillar


def leaving_and_returning() -> list[Shape]:
    """Six objects that leave the image for about half a second and return by the same border, again and again."""
    def path(k: int) -> Path:
        y, side = 30 + 42 * k, k % 2
        reach, period = 75 + 2 * k, 2.8 + 0.1 * k
        return lambda t: ((SIZE[0] if side else 0) + (-1 if side else 1) * (50 - reach * sin(2 * pi * t / period)), y)

    return [Shape(1, ('disc', 'box')[k % 2], 18, path(k)) for k in range(6)]


def ten_per_class() -> list[Shape]:
    """Three classes of ten objects each that bounce about and often hide one another."""
    random = np.random.default_rng(7)
    shapes = []
    for k in range(30):
        radius, angle = int(random.integers(10, 20)), random.uniform(0, 2 * pi)
        speed = random.uniform(25, 80)
        start = random.uniform(0, 900), random.uniform(0, 480)
        shapes.append(Shape(1 + k // 10, ('disc', 'box', 'triangle')[k % 3], radius,
                            bouncing(start, (speed * cos(angle), speed * sin(angle)), radius)))
    return shapes


def turning_camera() -> list[Shape]:
    """Twelve plants at rest, seen by a camera that swings from side to side."""
    def path(x: float, y: float) -> Path:
        return lambda t: (x + 70 * sin(2 * pi * t / 4), y + 8 * sin(2 * pi * t / 1.3))

    return [Shape(8, ('disc', 'triangle')[k % 2], 20, path(60 + 72 * (k % 6), 80 + 110 * (k // 6))) for k in range(12)]


SCENES: dict[str, tuple[Callable[[], list[Shape]], float]] = {
    'crossing': (crossing, 6.0), 'behind_a_pillar': (behind_a_pillar, 6.0),
    'leaving_and_returning': (leaving_and_returning, 8.0), 'ten_per_class': (ten_per_class, 6.0),
    'turning_camera': (turning_camera, 6.0)}
"""Scenes by name, and how many seconds of them to play."""
