# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Drawn discs and squares with their outlines, as a COCO instance file."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
from pycocotools import mask as coco_masks

from seg_ros.lab.coco import InstanceData

SIZE = 64
NAMES = ('disc', 'square')
COLOURS = ((220, 60, 60), (60, 60, 220))


def shapes(folder: Path, n_images: int, seed: int) -> InstanceData:
    """Write images with one disc and one square each, and read them as a data set."""
    folder.mkdir()
    rng = np.random.default_rng(seed)
    table: dict[str, list[dict]] = {'images': [], 'annotations': [],
                                    'categories': [{'id': k + 1, 'name': name} for k, name in enumerate(NAMES)]}
    for image_id in range(n_images):
        image = np.full((SIZE, SIZE, 3), 120, np.uint8)
        for k, left in enumerate(rng.permutation(2) * 32):
            x, y = int(left) + int(rng.integers(14, 19)), int(rng.integers(14, SIZE - 14))
            mask = np.zeros((SIZE, SIZE), np.uint8)
            radius = int(rng.integers(9, 13))
            if k == 0:
                cv2.circle(mask, (x, y), radius, 1, -1)
            else:
                mask[y - radius:y + radius, x - radius:x + radius] = 1
            image[mask > 0] = COLOURS[k]
            lengths = coco_masks.encode(np.asfortranarray(mask))
            table['annotations'].append({
                'id': len(table['annotations']) + 1, 'image_id': image_id, 'category_id': k + 1, 'iscrowd': 0,
                'segmentation': {'size': [SIZE, SIZE], 'counts': lengths['counts'].decode()}})
        cv2.imwrite(str(folder / f'{image_id:03}.png'), image[..., ::-1])
        table['images'].append({'id': image_id, 'file_name': f'{image_id:03}.png', 'width': SIZE, 'height': SIZE})
    (folder / 'instances.json').write_text(json.dumps(table))
    return InstanceData(folder, folder / 'instances.json')
