# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where in a picture the masks of a network's queries lie."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from seg_ros.models.query_output import Reading
from seg_ros.records import Mode


class Windows:
    """Masks that cover the whole picture, on a grid of the family's own where it has one."""

    def __init__(self, processor: Any, reading: Reading) -> None:
        self._processor, self._grid = processor, reading.grid

    def choices(self, mode: Mode) -> dict[str, Any]:
        """Return what the processor is told for a mode."""
        return {}

    def placed(self, masks: Tensor, size: tuple[int, int], mode: Mode) -> Tensor:
        """
        Return (N, h, w) mask logits that cover what the window shows, and nothing else.

        :param size: (width, height) of the picture.
        """
        return masks if self._grid is None else _resized(masks, self._grid)

    def joined(self, maps: Mapping[int, Tensor], size: tuple[int, int]) -> Tensor:
        """
        Return one (1, C, h, w) map of the whole picture.

        :param maps: the map of each window, by the pixel at which it begins along the longer side.
        """
        return maps[0]


class SlidingWindows(Windows):
    """
    EoMT (Kerssies et al. 2025): in mode semantic square windows along the longer side, which overlap and are averaged;
    otherwise the whole picture, padded to a square.
    """

    def choices(self, mode: Mode) -> dict[str, Any]:
        """Return what the processor is told for a mode."""
        return {} if mode is Mode.SEMANTIC else {'do_split_image': False, 'do_pad': True}

    def placed(self, masks: Tensor, size: tuple[int, int], mode: Mode) -> Tensor:
        """Resize the masks to the square the network was shown, and cut the padding off."""
        square = self._edges()
        masks = _resized(masks, square)
        settings = {'do_split_image': self._processor.do_split_image, 'do_pad': self._processor.do_pad,
                    **self.choices(mode)}
        if settings['do_split_image'] or not settings['do_pad']:
            return masks
        height, width = self._shown(size)
        return masks[:, :height, :width]

    def joined(self, maps: Mapping[int, Tensor], size: tuple[int, int]) -> Tensor:
        """Average the windows where they overlap."""
        if not self._processor.do_split_image:
            return maps[0]
        height, width = self._shown(size)
        first = next(iter(maps.values()))
        summed, counts = first.new_zeros((1, first.shape[1], height, width)), first.new_zeros((1, 1, height, width))
        for start, one in maps.items():
            region = (..., slice(start, start + one.shape[2]), slice(None)) if height > width else \
                (..., slice(None), slice(start, start + one.shape[3]))
            summed[region] += one
            counts[region] += 1
        return summed / counts.clamp(min=1)

    def _edges(self) -> tuple[int, int]:
        size = self._processor.size
        return int(size['shortest_edge']), int(size['longest_edge'] or size['shortest_edge'])

    def _shown(self, size: tuple[int, int]) -> tuple[int, int]:
        """Return the (height, width) the processor resizes a picture to."""
        from transformers.image_transforms import get_size_with_aspect_ratio

        edges = self._processor.size
        height, width = get_size_with_aspect_ratio(size[::-1], edges['shortest_edge'], edges['longest_edge'])
        return int(height), int(width)


WINDOWS: dict[str, type[Windows]] = {'eomt': SlidingWindows, 'eomt_dinov3': SlidingWindows}


def _resized(masks: Tensor, shape: tuple[int, int]) -> Tensor:
    if masks.shape[-2:] == torch.Size(shape):
        return masks
    return F.interpolate(masks[None], shape, mode='bilinear', align_corners=False)[0]
