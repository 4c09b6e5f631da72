"""Labelled images on disk, checked before use."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError, nearest_of
from seg_ros.lab.label_images import LabelReader
from seg_ros.labels.taxonomy import Taxonomy
from seg_ros.picture_files import IMAGE_SUFFIXES, read_picture
from seg_ros.records import UNLABELLED

COCO_KEYS = {'images': ('id', 'file_name'), 'annotations': ('image_id', 'category_id', 'segmentation'),
             'categories': ('id', 'name')}
"""What every entry of a COCO instance file must have, of what is read here."""

NONE_OF_COMPLETE = 254
"""The label of pixels of which only this is known: they show none of the classes that the set labels completely."""

MASK = '_mask'
"""What Roboflow adds to the name of an image for that of its label image."""



@dataclass(frozen=True)
class LabelledImage:
    """An image and the class of each of its pixels: (H, W, 3) uint8 rgb and (H, W) uint8, 255 unlabelled."""

    name: str
    rgb: NDArray[np.uint8]
    labels: NDArray[np.uint8]


class SemanticData(Protocol):
    """A set of labelled images, read one at a time."""

    def __len__(self) -> int:
        """Return how many images there are."""
        ...

    def read(self, index: int) -> LabelledImage:
        """Read one of them from the disk."""
        ...


def read_rgb(path: Path) -> NDArray[np.uint8]:
    """
    Read an image file as (H, W, 3) uint8 rgb.

    :raises DataError: when it is missing or no image.
    """
    return np.asarray(cv2.cvtColor(read_picture(path, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB), np.uint8)


def image_files(folder: Path) -> list[Path]:
    """
    Return the image files of a folder, sorted by name.

    :raises DataError: when the folder does not exist or holds none.
    """
    if not folder.is_dir():
        raise DataError(f'{folder} is not a folder')
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in IMAGE_SUFFIXES)
    if not files:
        raise DataError(f'{folder} holds no images', f'images end in {", ".join(IMAGE_SUFFIXES)}')
    return files


class LabelFolder:
    """
    A folder of images and a folder of PNG label images with the same stems, or the same and ``_mask``.

    A label is the id of a class of the taxonomy, 255 is unlabelled. Images without a label are left out.

    :param words: what labels mean that are no ids, see ``LabelReader``.
    :raises DataError: when no image has a label image.
    """

    def __init__(self, images: Path, labels: Path, taxonomy: Taxonomy, words: str = '') -> None:
        self._meaning, self._labels = LabelReader(taxonomy, words), labels
        pictures = [path for path in image_files(images) if not path.stem.endswith(MASK) or images != labels]
        self._images = pairs = [(image, _label_of(image, labels)) for image in pictures]
        self.pairs = [pair for pair in pairs if pair[1].is_file()]
        if not self.pairs:
            raise DataError(f'no image of {images} has a label image in {labels}',
                            f'a label image is named like its image, here {pairs[0][0].stem}.png')

    def __len__(self) -> int:
        return len(self.pairs)

    def read(self, index: int) -> LabelledImage:
        """
        Read an image and its labels.

        :raises DataError: when a file is unreadable, the sizes differ, or an id is not in the taxonomy.
        """
        image_path, label_path = self.pairs[index]
        rgb = read_rgb(image_path)
        return LabelledImage(image_path.stem, rgb, self._read_labels(label_path, *rgb.shape[:2]))

    def file(self, index: int) -> Path:
        """Return the image file."""
        return self.pairs[index][0]

    def problems_of(self, index: int, height: int, width: int) -> list[str]:
        """Return what is wrong with the label image of an image of this size."""
        path = self.pairs[index][1]
        try:
            empty = (self._read_labels(path, height, width) == UNLABELLED).all()
        except DataError as error:
            return [error.fact]
        return [f'{path} labels no pixel: all are {UNLABELLED}'] if empty else []

    def strays(self) -> list[str]:
        """Return the images without a label image, and the label images without an image."""
        lacking = [f'{image} has no label image {label}' for image, label in self._images if not label.is_file()]
        stems = {image.stem for image, _ in self._images}
        return lacking + [f'{path} has no image of that name' for path in sorted(self._labels.glob('*.png'))
                          if path.stem not in stems and path.stem.removesuffix(MASK) not in stems]

    def _read_labels(self, label_path: Path, height: int, width: int) -> NDArray[np.uint8]:
        labels = self._meaning.read(label_path)
        if labels.shape != (height, width):
            raise DataError(f'{label_path} has size {labels.shape[1]}x{labels.shape[0]}, its image {width}x{height}')
        return labels


def _label_of(image: Path, labels: Path) -> Path:
    plain, beside = labels / f'{image.stem}.png', labels / f'{image.stem}{MASK}.png'
    return beside if beside.is_file() and (not plain.is_file() or plain == image) else plain


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
        self._else = NONE_OF_COMPLETE if complete else UNLABELLED
        unknown = [name for name in (*keep, *complete) if name not in taxonomy.names]
        if unknown:
            raise DataError(f"taxonomy '{taxonomy.name}' has no class '{unknown[0]}' to learn from {annotations}; "
                            f'{nearest_of(unknown[0], taxonomy.names)}')
        table = read_coco(annotations)
        class_of = {c['id']: taxonomy.class_of(c['name']) for c in table['categories']}
        self._id_of = {k: c.id for k, c in class_of.items() if c is not None and c.name in keep}
        self._objects: dict[int, list[dict[str, Any]]] = {}
        for entry in table['annotations']:
            self._objects.setdefault(entry['image_id'], []).append(entry)
        self._images = [(images / i['file_name'], i) for i in table['images']
                        if any(o['category_id'] in self._id_of and not o.get('iscrowd', 0)
                               for o in self._objects.get(i['id'], ()))]
        if not self._images:
            raise DataError(f'{annotations} holds no object of the classes {", ".join(keep)}')

    def __len__(self) -> int:
        return len(self._images)

    def file(self, index: int) -> Path:
        """Return the image file."""
        return self._images[index][0]

    def problems_of(self, index: int, height: int, width: int) -> list[str]:
        """Return what is wrong with the outlines of an image of this size."""
        path, image = self._images[index]
        found = (outline_problem(entry, height, width) for entry in self._objects[image['id']])
        return [f'{path}: {problem}' for problem in found if problem]

    def strays(self) -> list[str]:
        """Return nothing: images without objects of the kept classes are left out, objects without image too."""
        return []

    def read(self, index: int) -> LabelledImage:
        """
        Read an image and paint its objects, small ones over large ones.

        :raises DataError: when the image is unreadable, or the outline of an object malformed.
        """
        path, image = self._images[index]
        rgb = read_rgb(path)
        labels = np.full(rgb.shape[:2], self._else, np.uint8)
        painted = [(coco_mask(o, *labels.shape), o) for o in self._objects[image['id']]]
        for mask, entry in sorted(painted, key=lambda pair: -int(pair[0].sum())):
            crowd = entry.get('iscrowd', 0)
            labels[mask] = UNLABELLED if crowd else self._id_of.get(entry['category_id'], self._else)
        return LabelledImage(path.stem, rgb, labels)


def read_coco(path: Path) -> dict[str, Any]:
    """
    Read a COCO instance file.

    :raises DataError: when it is not JSON, or images, annotations or categories lack what makes them so.
    """
    try:
        table = json.loads(path.read_text(encoding='utf-8-sig'))  # some tools of Windows begin it with a mark
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DataError(f'{path} cannot be read as JSON: {error}') from error
    lacking = [key for key in ('images', 'annotations', 'categories')
               if not isinstance(table, dict) or not isinstance(table.get(key), list)]
    if lacking:
        raise DataError(f'{path} is no COCO instance file: it lacks {", ".join(lacking)}')
    if not table['categories']:
        raise DataError(f"{path} names no classes: its 'categories' are empty", 'export it again with its labels')
    for key, wanted in COCO_KEYS.items():
        for row in table[key]:
            missing = [name for name in wanted if not isinstance(row, dict) or name not in row]
            if missing:
                raise DataError(f'{path} is malformed: an entry of {key} lacks {", ".join(missing)}')
    return table


def coco_mask(entry: dict[str, Any], height: int, width: int) -> NDArray[np.bool_]:
    """
    Return the (height, width) mask of a COCO annotation, given as polygons or run lengths.

    :raises DataError: when it is neither, or the mask of an image of another size.
    """
    from pycocotools import mask as coco

    shape = entry['segmentation']
    try:
        if isinstance(shape, list):
            _refuse_odd(shape)
            shape = coco.merge(coco.frPyObjects(shape, height, width))
        elif isinstance(shape['counts'], list):
            shape = coco.frPyObjects(shape, height, width)
        mask: NDArray[np.bool_] = coco.decode(shape).astype(bool)
    except Exception as error:  # pycocotools raises plain Exception, too
        raise DataError(f'annotation {entry.get("id")} has a malformed segmentation ({error})',
                        'COCO knows lists of polygons of at least 3 points, and run lengths') from error
    if mask.shape != (height, width):
        raise DataError(f'annotation {entry.get("id")} has a mask of size {mask.shape[1]}x{mask.shape[0]}, '
                        f'its image {width}x{height}')
    return mask


def _refuse_odd(polygons: list[Any]) -> None:
    """Refuse what pycocotools would take for something else: four numbers for a box, an odd last one for none."""
    for polygon in polygons:
        if len(polygon) == 4:
            raise ValueError('one of its outlines is a box of 4 numbers')
        if len(polygon) < 6 or len(polygon) % 2:
            raise ValueError(f'{len(polygon)} numbers are no outline of at least 3 corners')
        if not all(math.isfinite(value) for value in polygon):
            raise ValueError('a corner is no number')


def outline_problem(entry: dict[str, Any], height: int, width: int) -> str:
    """Return what is wrong with the outline of an object in an image of this size; empty when all is well."""
    try:
        empty = not entry.get('segmentation') or not coco_mask(entry, height, width).any()
    except DataError as error:
        return error.fact
    return f'annotation {entry.get("id")} has an empty mask' if empty else ''


class Joined:
    """
    Several data sets as one.

    :ivar outlined: the one whose objects are outlined, if there is one.
    """

    def __init__(self, parts: Sequence[SemanticData]) -> None:
        self.outlined = next((part for part in parts if isinstance(part, CocoPixels)), None)
        self._where = [(data, index) for data in parts for index in range(len(data))]

    def __len__(self) -> int:
        return len(self._where)

    def read(self, index: int) -> LabelledImage:
        """Read one image of the set it belongs to."""
        data, position = self._where[index]
        return data.read(position)
