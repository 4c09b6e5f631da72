# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""From class logits to the robot's labels and confidence on a CPU: class by class, against a running maximum."""

from __future__ import annotations

from math import sqrt
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.records import UNLABELLED, Frame, Segmentation
from seg_ros.settings import Settings, parse_size

MOST_PIXELS = 4_000_000
"""Classes are enlarged to at most so many pixels, which bounds the memory of a huge picture."""

SIXTEEN_BITS = 65535.0
"""A probability of 1 where probabilities are enlarged as whole numbers, which takes half the time of floats."""

TINY = 1e-37
"""The probability that stands for none where its logarithm is taken."""

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


class SemanticOutput:
    """
    How logits are read; used by one thread only.

    :param merge: (classes, words) float32 of 0 and 1: ``Taxonomy.merge_matrix``.
    :param class_ids: (classes,) uint8, the id of each row of ``merge``.
    :param temperature: logits are divided by it; chosen so that confidence means probability (Guo et al. 2017).
    :param in_logs: enlarge the logarithms of the class probabilities. Where each word is a class of its own, the
        picture is then that of a library that enlarges logits.
    :param summed: classes are sums over queries, which may be more than 1.
    """

    def __init__(self, merge: Floats, class_ids: Bytes, temperature: float = 1.0, *, in_logs: bool = False,
                 summed: bool = False) -> None:
        self._words_of = [np.flatnonzero(row) for row in merge]
        self._class_ids, self._temperature, self._in_logs = class_ids, temperature, in_logs
        self._ascending, self._running = np.argsort(class_ids), _Running(np.float32 if in_logs or summed else np.uint16)

    def answer(self, logits: Floats, frame: Frame, settings: Settings) -> Segmentation:
        """
        Return what is seen in one frame, at its own size or at ``settings.output_size``.

        :param logits: (words, h, w).
        """
        size = parse_size(settings.output_size) or frame.size
        return Segmentation(size, *self.read(logits, size, settings.unlabelled_threshold))

    def read(self, logits: Floats, size: tuple[int, int], threshold: float) -> tuple[Bytes, Bytes]:
        """
        Return labels and confidence of one image, (H, W) uint8 each.

        Words are merged at the network's resolution, and only the few classes are enlarged. A pixel whose
        best class is less probable than the threshold is 255 with confidence 0.

        :param logits: (words, h, w). :param size: (width, height) of the answer.
        """
        words = probabilities(logits, self._temperature)
        classes = np.stack([words[chosen].sum(axis=0) for chosen in self._words_of])  # BLAS would wake all its threads
        return self.read_classes(classes, size, threshold)

    def read_classes(self, classes: Floats, size: tuple[int, int], threshold: float) -> tuple[Bytes, Bytes]:
        """
        Return labels and confidence as :meth:`read` does.

        :param classes: (classes, h, w) probabilities, words merged already.
        """
        lost = np.isnan(classes).any(axis=0)
        classes = np.nan_to_num(classes) if lost.any() else classes
        within = bounded(size)
        self._running.begin(within)
        if self._in_logs:
            self._meet_in_logs(classes)
        else:
            self._meet(classes, classes.max(axis=(1, 2)) >= threshold)
        labels, confidence = self._running.above(threshold)
        if lost.any():
            there = cv2.resize(lost.astype(np.float32), within, interpolation=cv2.INTER_LINEAR) > 0.0
            labels[there], confidence[there] = UNLABELLED, 0
        return enlarged(labels, size), enlarged(confidence, size)

    def _meet(self, classes: Floats, hopeful: NDArray[np.bool_]) -> None:
        """
        Let every class take part that can decide something.

        One that is nowhere as probable as the threshold cannot: between the pixels of the network it is less probable
        than at the likeliest of them. Where none can, one takes part nevertheless.
        """
        able = self._ascending[hopeful[self._ascending]]
        for row in able if len(able) else self._ascending[:1]:
            self._running.meet(self._class_ids[row], self._running.linear(self._running.numbers(classes[row])))

    def _meet_in_logs(self, classes: Floats) -> None:
        """Let every class take part, and what no class has in the sum."""
        running = self._running
        total = running.weight(1.0 - classes.sum(axis=0)).copy()
        for row in self._ascending:
            weight = running.weight(classes[row])
            total += weight
            running.meet(self._class_ids[row], weight)
        running.best /= total


class _Running:
    """
    The best class so far of each pixel of a picture: its (H, W) probability and label.

    Memory is kept from picture to picture: to get fresh one takes longer than what is computed in it.

    :param kind: of the numbers that stand for probabilities: float32, or uint16 up to ``SIXTEEN_BITS``.
    """

    def __init__(self, kind: type[np.float32] | type[np.uint16]) -> None:
        self._numbers, self._bits = np.empty((2, 0), kind), np.empty(0, np.bool_)
        self._one = 1.0 if kind is np.float32 else SIXTEEN_BITS

    def begin(self, size: tuple[int, int]) -> None:
        """Begin a picture, in which one class has to take part."""
        pixels, shape = size[0] * size[1], size[::-1]
        if pixels > len(self._bits):
            self._numbers, self._bits = np.empty((2, pixels), self._numbers.dtype), np.empty(pixels, np.bool_)
        self.best, self._plane = (kept[:pixels].reshape(shape) for kept in self._numbers)
        self._better = self._bits[:pixels].reshape(shape)
        self._label: Bytes | None = None

    def numbers(self, plane: Floats) -> NDArray[Any]:
        """Return probabilities as the numbers that stand for them."""
        return plane if self._one == 1.0 else np.rint(plane * np.float32(SIXTEEN_BITS)).astype(np.uint16)

    def linear(self, plane: NDArray[Any]) -> NDArray[Any]:
        """Return a plane at full size, interpolated between the centres of pixels; the next one overwrites it."""
        cv2.resize(plane, self._plane.shape[::-1], dst=self._plane, interpolation=cv2.INTER_LINEAR)
        return self._plane

    def weight(self, plane: Floats) -> NDArray[Any]:
        """Return the same, the logarithm being interpolated."""
        logs = self.linear(np.log(np.maximum(plane, np.float32(TINY))))
        cv2.exp(logs, dst=logs)
        return logs

    def meet(self, label: np.uint8, plane: NDArray[Any]) -> None:
        """
        Let a class take part; they come by ascending label, so that the label of a better one is the larger.

        :param plane: of :meth:`linear` or :meth:`weight`.
        """
        if self._label is None:
            self.best, self._plane, self._label = plane, self.best, np.full(plane.shape, label)
            return
        better = np.greater(plane, self.best, out=self._better).view(np.uint8)
        np.maximum(self.best, plane, out=self.best)
        np.maximum(self._label, np.multiply(better, label, out=better), out=self._label)

    def above(self, threshold: float) -> tuple[Bytes, Bytes]:
        """Return labels and confidence, 255 and 0 where the best class is less probable than the threshold."""
        known = np.greater_equal(self.best, self.numbers(np.array(threshold, np.float32)), out=self._better)
        assert self._label is not None
        labels, confidence = self._label, np.asarray(cv2.convertScaleAbs(self.best, alpha=255.0 / self._one), np.uint8)
        confidence *= known.view(np.uint8)
        labels |= np.multiply(~known, np.uint8(UNLABELLED), out=known.view(np.uint8))
        return labels, confidence


def probabilities(logits: Floats, temperature: float) -> Floats:
    """
    Return the (words, h, w) probability of each word; of a network with one output its sigmoid: yes or no.

    :param logits: (words, h, w).
    """
    scaled = np.multiply(logits, np.float32(1.0 / temperature), dtype=np.float32)
    if len(scaled) == 1:
        return np.float32(0.5) + np.float32(0.5) * np.tanh(np.float32(0.5) * scaled)
    scaled -= scaled.max(axis=0)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(axis=0)
    return scaled


def bounded(size: tuple[int, int]) -> tuple[int, int]:
    """Return the size, or one of the same shape with as many pixels as classes are enlarged to at most."""
    shrink = max(1.0, sqrt(size[0] * size[1] / MOST_PIXELS))
    return max(1, round(size[0] / shrink)), max(1, round(size[1] / shrink))


def enlarged(image: Bytes, size: tuple[int, int]) -> Bytes:
    """Return an (h, w) image at the size asked for, each pixel the nearest one."""
    if image.shape == (size[1], size[0]):
        return image
    exact = cv2.INTER_NEAREST_EXACT  # the other moves all by half a pixel
    return np.asarray(cv2.resize(image, size, interpolation=exact), np.uint8)
