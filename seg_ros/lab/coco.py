# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Images with individually outlined objects, read from COCO instance files and checked before use."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError, nearest_of
from seg_ros.lab.coco_file import coco_mask, outline_problem, read_coco
from seg_ros.lab.datasets import NONE_OF_COMPLETE, LabelledImage, of_split
from seg_ros.lab.label_images import means_nothing
from seg_ros.labels.taxonomy import Taxonomy
from seg_ros.models.preprocess import resized
from seg_ros.picture_files import read_rgb
from seg_ros.records import UNLABELLED


@dataclass(frozen=True)
class OutlinedImage:
    """
    An image and its objects.

    :param rgb: (H, W, 3) uint8. :param masks: (N, H, W) uint8, 1 where the object is; objects may overlap.
    :param classes: (N,) int64, position of the class in the data's ``class_names``.
    :param crowd: (N,) bool, true for a region of many objects that were not outlined one by one.
    """

    name: str
    rgb: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    classes: NDArray[np.int64]
    crowd: NDArray[np.bool_]


class InstanceData:
    """
    The images of a COCO instance file, objects given as polygons or run lengths.

    :param class_names: the classes to learn, in the order of the model's outputs; objects of other
        categories are left out. None: all categories of the file, by ascending id.
    :raises DataError: when the file is malformed, or lacks every one of the classes.
    """

    def __init__(self, images: Path, annotations: Path, class_names: Sequence[str] | None = None) -> None:
        self._take(read_coco(annotations), class_names, folder=images, source=annotations)

    def _take(self, table: dict[str, Any], class_names: Sequence[str] | None, *, folder: Path, source: Path) -> None:
        self.folder, self.source = folder, source
        categories = _leaves(table)
        self.class_names = tuple(class_names or (c['name'] for c in categories))
        self._class_of = {c['id']: self.class_names.index(c['name']) for c in categories
                          if c['name'] in self.class_names}
        if not self._class_of:
            raise DataError(f'{source} has none of the classes {", ".join(self.class_names)}',
                            f'it has {", ".join(c["name"] for c in categories)}')
        self._categories = {c['id'] for c in categories}
        self.images: list[dict[str, Any]] = sorted(table['images'], key=lambda i: i['file_name'])
        self._objects: dict[Any, list[dict[str, Any]]] = {}
        for entry in table['annotations']:
            self._objects.setdefault(entry['image_id'], []).append(entry)

    def __len__(self) -> int:
        return len(self.images)

    def divide(self, held_out: int, split: str) -> None:
        """
        Keep the images of a split, see :func:`of_split`.

        :raises DataError: when nothing would be left to learn from.
        """
        kept = of_split(self.images, held_out, split, self.source)
        others = {image['id'] for image in self.images} - {image['id'] for image in kept}
        self.images = kept
        self._objects = {key: objects for key, objects in self._objects.items() if key not in others}

    def add_empty(self, files: Sequence[Path]) -> None:
        """Take images that show no object in."""
        self.images += [{'id': str(file), 'file_name': str(file.resolve())} for file in files]

    def add(self, images: Path, annotations: Path) -> None:
        """
        Take in the images of another COCO instance file, with its objects of these classes.

        :raises DataError: when the file is malformed, lacks every one of the classes, or has objects of no image.
        """
        more = InstanceData(images, annotations, self.class_names)
        if lost := more.strays():
            raise DataError('\n'.join(lost))
        ours = {position: category for category, position in self._class_of.items()}
        for k, image in enumerate(more.images):
            key = f'{annotations} {image["id"]}'
            self.images.append({**image, 'id': key, 'file_name': str(more.file(k).resolve())})
            self._objects[key] = [{**o, 'category_id': ours[more._class_of[o['category_id']]]}
                                  for o in more._objects.get(image['id'], ()) if o['category_id'] in more._class_of]

    def read(self, index: int, *, least_height: int = 0) -> OutlinedImage:
        """
        Read an image and decode the masks of its objects of the chosen classes.

        :param least_height: above twice this height in pixels, image and masks are halved, one mask after the other:
            a hundred masks of 12 megapixels would take more than a gigabyte. 0 leaves them as they are.
        :raises DataError: when the file is unreadable or its size is not the annotated one.
        """
        image = self.images[index]
        rgb = read_rgb(self.file(index))
        height, width = rgb.shape[:2]
        if not _fits(image, width, height):
            raise DataError(_size_mismatch(self.file(index), image, width, height))
        chosen = [o for o in self._objects.get(image['id'], ()) if o['category_id'] in self._class_of]
        size = _halved((width, height), least_height)
        masks = [_shrunk(coco_mask(self._sized(o, height, width), height, width), size) for o in chosen]
        return OutlinedImage(
            Path(image['file_name']).stem, resized(rgb, size),
            np.stack(masks) if masks else np.zeros((0, size[1], size[0]), np.uint8),
            np.array([self._class_of[o['category_id']] for o in chosen], np.int64),
            np.array([bool(o.get('iscrowd', 0)) for o in chosen], bool))

    def presence(self) -> NDArray[np.bool_]:
        """Return (images, classes) whether an image shows an object of a class, crowds left out."""
        seen = np.zeros((len(self), len(self.class_names)), bool)
        for row, image in zip(seen, self.images, strict=True):
            row[[self._class_of[o['category_id']] for o in self._objects.get(image['id'], ())
                 if o['category_id'] in self._class_of and not o.get('iscrowd', 0)]] = True
        return seen

    def file(self, index: int) -> Path:
        """Return the image file."""
        name = str(self.images[index]['file_name'])
        path = self.folder / name
        # Label Studio writes the place of an image on its own server before the name, in the words of its system.
        beside = self.folder / re.split(r'[/\\]', name)[-1]
        return beside if not path.is_file() and beside.is_file() else path

    def strays(self) -> list[str]:
        """Return the annotations that belong to no image, and whether there is no object at all."""
        known = {image['id'] for image in self.images}
        lost = [f'{self.source}: annotation {o.get("id")} belongs to no image'
                for key, objects in self._objects.items() if key not in known for o in objects]
        everything = [o for objects in self._objects.values() for o in objects]
        if lost or self.presence().any() or any(o['category_id'] not in self._categories for o in everything):
            return lost
        return [f'{self.source} has no object of the classes {", ".join(self.class_names)} in its {len(self)} images; '
                f'{self._where()}']

    def problems_of(self, index: int, height: int, width: int) -> list[str]:
        """Return what is wrong with the objects of an image of this size."""
        image = self.images[index]
        if not _fits(image, width, height):
            return [_size_mismatch(self.file(index), image, width, height)]
        found = (self._problem_of(entry, height, width) for entry in self._objects.get(image['id'], ()))
        return [f'{self.file(index)}: {problem}' for problem in found if problem]

    def _problem_of(self, entry: dict[str, Any], height: int, width: int) -> str:
        if entry['category_id'] not in self._categories:
            return f'annotation {entry.get("id")} has category {entry["category_id"]}, which the file does not name'
        return outline_problem(self._sized(entry, height, width), height, width)

    def _where(self) -> str:
        """Return where the objects were looked for."""
        return f'it has {len(self._objects)} annotations'

    def _sized(self, entry: dict[str, Any], height: int, width: int) -> dict[str, Any]:
        """Return an object whose outline is in pixels of an image of this size."""
        return entry


class CocoPixels:
    """
    A COCO instance file read as labels per pixel: each object means its class of the taxonomy.

    Everything that is not an object of a known class, and every crowd region, is unlabelled: such data adds
    a few classes (persons, plants) to a set that labels whole rooms.

    :param keep: class names to use; objects of other classes are unlabelled.
    :param complete: those of them of which every object in every image is outlined. With any, all other pixels
        are labelled ``NONE_OF_COMPLETE``, crowd regions excepted.
    :raises DataError: when the file is malformed, a kept class is not in the taxonomy, or no object has one.
    :raises TaxonomyError: when the taxonomy does not know the name of a category.
    """

    def __init__(self, images: Path, annotations: Path, taxonomy: Taxonomy, keep: Sequence[str],
                 complete: Sequence[str] = ()) -> None:
        unknown = [name for name in (*keep, *complete) if name not in taxonomy.names]
        if unknown:
            raise DataError(f"taxonomy '{taxonomy.name}' has no class '{unknown[0]}' to learn from {annotations}; "
                            f'{nearest_of(unknown[0], taxonomy.names)}')
        self._objects = InstanceData(images, annotations)
        self._else = NONE_OF_COMPLETE if complete else UNLABELLED
        meant = [taxonomy.class_of(name) for name in self._objects.class_names]
        self._ids = [self._else if c is None or c.name not in keep else c.id for c in meant]
        kept = [k for k, label in enumerate(self._ids) if label != self._else]
        self._rows = np.flatnonzero(self._objects.presence()[:, kept].any(axis=1))
        if not len(self._rows):
            raise DataError(f'{annotations} holds no object of the classes {", ".join(keep)}')

    def __len__(self) -> int:
        return len(self._rows)

    def file(self, index: int) -> Path:
        """Return the image file."""
        return self._objects.file(self._rows[index])

    def problems_of(self, index: int, height: int, width: int) -> list[str]:
        """Return what is wrong with the outlines of an image of this size."""
        return self._objects.problems_of(self._rows[index], height, width)

    def strays(self) -> list[str]:
        """Return nothing: images without objects of the kept classes are left out, objects without image too."""
        return []

    def read(self, index: int) -> LabelledImage:
        """
        Read an image and paint its objects, small ones over large ones.

        :raises DataError: when the image is unreadable, or the outline of an object malformed.
        """
        sample = self._objects.read(self._rows[index])
        labels = np.full(sample.rgb.shape[:2], self._else, np.uint8)
        for k in np.argsort([-int(mask.sum()) for mask in sample.masks], kind='stable'):
            labels[sample.masks[k] > 0] = UNLABELLED if sample.crowd[k] else self._ids[sample.classes[k]]
        return LabelledImage(sample.name, sample.rgb, labels)


def _leaves(table: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the categories by id; of those without objects not parents (Roboflow) and background (labelme)."""
    parents = {c.get('supercategory') for c in table['categories']}
    used = {o['category_id'] for o in table['annotations']}
    leaves = [c for c in table['categories'] if c['id'] in used
              or not (c['name'] in parents or means_nothing(c['name']))]
    return sorted(leaves or table['categories'], key=lambda c: c['id'])


def _fits(image: dict[str, Any], width: int, height: int) -> bool:
    """Tell whether an image has its annotated size, which some tools write as text; it may be missing."""
    return str(image.get('width', width)) == str(width) and str(image.get('height', height)) == str(height)


def _halved(size: tuple[int, int], least_height: int) -> tuple[int, int]:
    """Return the (width, height) that is left of a size as long as half of it has the least height."""
    width, height = size
    while least_height and height >= 2 * least_height:
        width, height = width // 2, height // 2
    return width, height


def _shrunk(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.uint8]:
    if mask.shape == size[::-1]:
        return mask.astype(np.uint8)
    return (resized(mask.astype(np.uint8) * 255, size) > 127).astype(np.uint8)


def _size_mismatch(file: Path, image: dict[str, Any], width: int, height: int) -> str:
    return f'{file} has size {width}x{height}, its annotation says {image.get("width", "?")}x{image.get("height", "?")}'
