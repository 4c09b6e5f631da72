# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
What becomes of a network's answer on a CPU, beside the plain way: labels with confidence, and the masks of objects.

Method: smooth random answers of a network are read in turn by seg_ros and by the plain way, in one process with one
thread. The plain way of labels is what segmentation code does: every class is enlarged in PyTorch, then the best is
taken. The plain way of masks is torchvision's ``paste_masks_in_image``. Of each the median and the least of several
rounds are printed, in seconds of the processor, so that other programs on the machine count less, and the ratio of the
medians. Memory is by how much the first answer raises the peak of what a process holds, each in a process of its own.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import multiprocessing
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F
from torchvision.models.detection.roi_heads import paste_masks_in_image

from seg_ros.models.instance_output import mask_crops
from seg_ros.models.semantic_output import SemanticOutput

Bytes = NDArray[np.uint8]
THRESHOLD = 0.4
CELLS = (128, 96)
"""Width and height of a network's answer."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--size', default='1920x1080', help='WIDTHxHEIGHT of the camera')
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--json', type=Path, help='write the numbers into this file as well')
    options = parser.parse_args()
    width, height = (int(side) for side in options.size.split('x'))
    found = rows((width, height), options.rounds)
    print(*found, sep='\n')
    if options.json is not None:
        options.json.write_text(json.dumps([asdict(row) for row in found], indent=1) + '\n', encoding='utf-8')


@dataclass(frozen=True)
class Row:
    """Seconds and MiB of one task, ours and the plain way's; ``same`` is the share of pixels with the same answer."""

    task: str
    ours_s: tuple[float, ...]
    plain_s: tuple[float, ...]
    ours_mib: float
    plain_mib: float
    same: float

    def __str__(self) -> str:
        ours, plain = median(self.ours_s), median(self.plain_s)
        return (f'{self.task:32} {ours * 1e3:8.1f} ms (least {min(self.ours_s) * 1e3:.1f}) {self.ours_mib:7.0f} MiB   '
                f'plain {plain * 1e3:8.1f} ms (least {min(self.plain_s) * 1e3:.1f}) {self.plain_mib:7.0f} MiB   '
                f'{plain / ours:6.1f} times faster, {self.same:.4%} the same')


def rows(size: tuple[int, int], rounds: int, classes: tuple[int, ...] = (10, 150), objects: int = 100) -> list[Row]:
    """Return the table for pictures of a (width, height)."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)
    tasks: dict[str, Callable[[], Labels | Masks]] = {f'labels of {n} classes': partial(Labels, n, size)
                                                      for n in classes}
    tasks[f'masks of {objects} objects'] = partial(Masks, objects, size)
    return [_row(name, make, rounds) for name, make in tasks.items()]


class Labels:
    """Logits of so many classes, and both ways to read them."""

    def __init__(self, classes: int, size: tuple[int, int]) -> None:
        rng = np.random.default_rng(0)
        coarse = (rng.normal(size=(classes, 12, 16)) * 4).astype(np.float32)
        self.size, self.logits = size, np.stack([cv2.resize(one, CELLS) for one in coarse])
        self._output = SemanticOutput(np.eye(classes, dtype=np.float32), np.arange(classes, dtype=np.uint8))

    def ours(self) -> tuple[Bytes, Bytes]:
        """Return labels and confidence."""
        return self._output.read(self.logits, self.size, THRESHOLD)

    @torch.inference_mode()
    def plain(self) -> tuple[Bytes, ...]:
        """Return labels and confidence."""
        probabilities = torch.softmax(torch.from_numpy(self.logits)[None], dim=1)
        best, row = F.interpolate(probabilities, self.size[::-1], mode='bilinear', align_corners=False)[0].max(dim=0)
        known = best >= THRESHOLD
        labels = torch.where(known, row.to(torch.uint8), 255)
        confidence = torch.where(known, (best * 255.0).round(), 0.0).to(torch.uint8)
        return labels.numpy(), confidence.numpy()

    def same(self) -> float:
        """Return the share of pixels with the same label."""
        return float((self.ours()[0] == self.plain()[0]).mean())


class Masks:
    """Small masks in so many boxes of up to half the picture's sides, and both ways to bring them to its pixels."""

    def __init__(self, objects: int, size: tuple[int, int]) -> None:
        rng = np.random.default_rng(0)
        sides = np.array(size) * (0.02 + 0.48 * rng.random((objects, 2)))
        corner = rng.random((objects, 2)) * (np.array(size) - sides)
        self.size, self.boxes = size, np.concatenate([corner, corner + sides], axis=1).astype(np.float32)
        self.masks = np.stack([cv2.resize(one, (28, 28), interpolation=cv2.INTER_CUBIC).clip(0, 1)
                               for one in rng.random((objects, 5, 5)).astype(np.float32)])

    def ours(self) -> list[NDArray[np.bool_]]:
        """Return boolean crops."""
        return mask_crops(self.masks, self.boxes, self.size)[1]

    @torch.inference_mode()
    def plain(self) -> NDArray[np.bool_]:
        """Return (objects, height, width) masks."""
        pasted = paste_masks_in_image(torch.from_numpy(self.masks)[:, None], torch.from_numpy(self.boxes),
                                      self.size[::-1])
        return (pasted[:, 0] > 0.5).numpy()

    def same(self) -> float:
        """Return the share of the objects' pixels that are the same."""
        corners, crops = mask_crops(self.masks, self.boxes, self.size)
        ours = np.zeros((len(crops), *self.size[::-1]), bool)
        for full, (left, top), crop in zip(ours, corners, crops, strict=True):
            full[top:top + crop.shape[0], left:left + crop.shape[1]] = crop
        plain = self.plain()
        return 1.0 - float((ours != plain).sum() / plain.sum())


def _row(name: str, make: Callable[[], Labels | Masks], rounds: int) -> Row:
    ours_mib, plain_mib = (_more_mib(make, way) for way in ('ours', 'plain'))
    task = make()
    ours, plain = _in_turn(task.ours, task.plain, rounds)
    return Row(name, ours, plain, ours_mib, plain_mib, task.same())


def _in_turn(ours: Callable[[], object], plain: Callable[[], object],
             rounds: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    seconds: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds + 1):  # the first warms up
        for run, kept in zip((ours, plain), seconds, strict=True):
            start = time.process_time()
            run()
            if turn:
                kept.append(time.process_time() - start)
    return tuple(seconds[0]), tuple(seconds[1])


def _more_mib(make: Callable[[], Labels | Masks], way: str) -> float:
    """Return by how much the peak of a copy of this process grows while it makes its first answer."""
    context = multiprocessing.get_context('fork')
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_grown, args=(make, way, sender))
    process.start()
    grown: float = receiver.recv()
    process.join()
    return grown


def _grown(make: Callable[[], Labels | Masks], way: str, sender: Connection) -> None:
    torch.set_num_threads(1)
    task = make()
    ctypes.CDLL(None).malloc_trim(0)  # what the tasks before have left would be taken first
    before = _resident_kib()
    getattr(task, way)()
    sender.send((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)


def _resident_kib() -> int:
    with open('/proc/self/statm', encoding='ascii') as file:
        return int(file.read().split()[1]) * resource.getpagesize() // 1024


if __name__ == '__main__':
    main()
