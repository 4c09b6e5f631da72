"""From boxes with small masks to objects with boolean crops, on the device; only bytes reach the host."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.ops import nms

from seg_ros.labels.taxonomy import RobotClass
from seg_ros.models.instance_networks import Proposals
from seg_ros.records import Instances
from seg_ros.settings import Settings


@dataclass(frozen=True)
class Selection:
    """
    Which of the found objects are kept.

    :param score_threshold: objects of at least this score. :param max_instances: at most this many, best first.
    :param nms_iou: of two boxes of any class that overlap more than this, only the better; 1 keeps both.
    :param min_area: objects of at least this many pixels of the output image.
    :param class_ids: only these ids; None keeps every class.
    """

    score_threshold: float = 0.5
    max_instances: int = 100
    nms_iou: float = 1.0
    min_area: int = 1
    class_ids: frozenset[int] | None = None

    @classmethod
    def of(cls, settings: Settings, things: Sequence[RobotClass]) -> Selection:
        """Return what the settings ask for, of a model that finds these classes."""
        kept = settings.kept_classes
        ids = None if kept is None else frozenset(thing.id for thing in things if thing.name in kept)
        return cls(settings.detection_threshold, settings.max_instances, settings.nms_iou, settings.min_area, ids)


def instances_of(found: Proposals, size: tuple[int, int], class_ids: NDArray[np.uint8],
                 selection: Selection) -> Instances:
    """
    Return the selected objects in pixels of the output image, best first.

    A mask is resized within its own box and cut at probability 0.5, as torchvision's
    ``paste_masks_in_image`` does, but a full-frame mask never exists. Objects without a pixel are dropped.

    :param size: (width, height) of the output image, of which the network saw a scaled copy.
    :param class_ids: (classes,) the id announced in LabelInfo for each class of the network.
    """
    boxes = found.boxes * found.boxes.new_tensor([size[0] / found.size[0], size[1] / found.size[1]]).repeat(2)
    kept = _selected(found, boxes, class_ids, selection)
    boxes = boxes[kept]
    if not len(boxes):
        return Instances.none(size)
    corners, masks = mask_crops(found.masks[kept], boxes, size)
    areas = np.array([np.count_nonzero(mask) for mask in masks])
    bounds = np.tile(np.array(size, np.float32), 2)
    every = Instances(size, boxes.cpu().numpy().clip(0, bounds), found.scores[kept].cpu().numpy(),
                      class_ids[found.labels[kept].cpu().numpy()], corners, tuple(masks),
                      np.zeros(len(masks), np.int64))
    return every.taken(np.flatnonzero(areas >= max(1, selection.min_area)))


def _selected(found: Proposals, boxes: Tensor, class_ids: NDArray[np.uint8], selection: Selection) -> Tensor:
    """Return the indices of the objects to keep, by descending score."""
    wanted = [selection.class_ids is None or int(k) in selection.class_ids for k in class_ids]
    good = (found.scores >= selection.score_threshold) & boxes.new_tensor(wanted, dtype=torch.bool)[found.labels]
    kept = good.nonzero()[:, 0]
    kept = kept[found.scores[kept].argsort(descending=True, stable=True)]
    if selection.nms_iou < 1.0:
        kept = kept[nms(boxes[kept], found.scores[kept], selection.nms_iou)]
    return kept[:selection.max_instances]


def mask_crops(masks: Tensor, boxes: Tensor, size: tuple[int, int]
               ) -> tuple[NDArray[np.int32], list[NDArray[np.bool_]]]:
    """
    Resize each small mask to its box and cut it at 0.5.

    Objects of similar size are done together as two small matrix products, one per direction of the
    bilinear resize; one copy brings all crops to the host.

    :param masks: (N, m, m) probabilities. :param boxes: (N, 4) in pixels of an image of ``size``.
    :return: (N, 2) column and row of each crop's top left pixel, and N boolean crops within the image.
    """
    cells = masks.shape[-1]
    spans = _pixel_spans(boxes, cells).cpu().numpy()
    low = spans[:, :2].clip(0, size)
    extent = np.maximum(spans[:, 2:].clip(0, size) - low, 0)
    padded = torch.nn.functional.pad(masks, (1, 1, 1, 1))
    groups = list(_alike(extent))
    pieces = [_resized(padded, spans, low, group, extent[group].max(axis=0)) for group in groups]
    host = torch.cat([piece.flatten() for piece in pieces]).cpu().numpy() if pieces else np.zeros(0, bool)
    crops: list[NDArray[np.bool_]] = [np.zeros((0, 0), bool)] * len(masks)
    start = 0
    for group, piece in zip(groups, pieces, strict=True):
        stack = host[start:start + piece.numel()].reshape(piece.shape)
        start += piece.numel()
        for k, padded_crop in zip(group, stack, strict=True):
            crops[k] = np.ascontiguousarray(padded_crop[:extent[k, 1], :extent[k, 0]])
    return low.astype(np.int32), crops


def _pixel_spans(boxes: Tensor, cells: int) -> Tensor:
    """Return (N, 4) int64 left, top, right, bottom (exclusive) of boxes widened by the mask's rim of zeros."""
    centre = (boxes[:, :2] + boxes[:, 2:]) * 0.5
    half = (boxes[:, 2:] - boxes[:, :2]) * 0.5 * ((cells + 2) / cells)
    low, high = (centre - half).to(torch.int64), (centre + half).to(torch.int64)
    return torch.cat([low, torch.maximum(high, low) + 1], dim=1)


def _alike(extent: NDArray[np.int64]) -> Iterator[NDArray[np.intp]]:
    """Yield the indices of crops whose width and height each lie within the same power of two."""
    octaves = np.ceil(np.log2(np.maximum(extent, 1))).astype(np.int64)
    visible = np.flatnonzero(extent.min(axis=1) > 0) if len(extent) else np.zeros(0, np.intp)
    for octave in np.unique(octaves[visible], axis=0):
        yield visible[(octaves[visible] == octave).all(axis=1)]


def _resized(padded: Tensor, spans: NDArray[np.int64], low: NDArray[np.int64], group: NDArray[np.intp],
             extent: NDArray[np.int64]) -> Tensor:
    """Return (n, h, w) bool crops of the chosen masks, all with the largest width and height among them."""
    device, cells = padded.device, padded.shape[-1]
    full = torch.from_numpy(spans[group, 2:] - spans[group, :2]).to(device)
    offset = torch.from_numpy(low[group] - spans[group, :2]).to(device)
    columns, rows = (_bilinear(full[:, axis], offset[:, axis], int(extent[axis]), cells) for axis in (0, 1))
    small = padded[torch.from_numpy(group).to(device)].float()
    return (rows @ (small @ columns.transpose(1, 2))) > 0.5


def _bilinear(full: Tensor, offset: Tensor, count: int, cells: int) -> Tensor:
    """
    Return the (n, count, cells) matrices that resize ``cells`` values to ``full`` pixels, from ``offset`` on.

    Pixel centres as in ``interpolate(align_corners=False)``: each row holds two weights that sum to 1.
    """
    pixel = torch.arange(count, device=full.device) + offset[:, None] + 0.5
    source = (pixel * (cells / full[:, None]) - 0.5).clamp(0, cells - 1)
    distance = (source[..., None] - torch.arange(cells, device=full.device)).abs()
    return (1.0 - distance).clamp(min=0.0)
