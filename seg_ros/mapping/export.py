# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A map as a folder of files that other programs read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from seg_ros.errors import DataError
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.mapping.charts import FREE, OCCUPIED, UNKNOWN, Chart, Landmark, layer_name
from seg_ros.mapping.datum import Datum
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.picture import picture
from seg_ros.picture_files import write_pixels

SHADES = {FREE: 254, OCCUPIED: 0, UNKNOWN: 205}
"""The grey of a cell, as map_saver writes it: darkness 0.004, 1 and 0.196."""
OCCUPIED_THRESH, FREE_THRESH = 0.65, 0.196
NO_CLASS = 255


def save(mapper: Mapper, folder: Path, datum: Datum | None = None) -> None:
    """
    Write a map into a folder, in place of what an earlier call wrote there.

    :raises DataError: when the folder cannot be written, or a datum is given and pyproj is not installed.
    """
    chart, objects, names = mapper.chart(), mapper.objects(), {c.id: c.name for c in mapper.classes}
    places = np.array([one.position[:2] for one in objects], float).reshape(-1, 2)
    earth = None if datum is None else datum.placed(places)
    with written_into(folder):
        _write_grid(folder / 'map', np.vectorize(SHADES.get, otypes=[np.uint8])(chart.occupancy)
                    if chart.occupancy.size else np.full((1, 1), SHADES[UNKNOWN], np.uint8), chart, 'trinary')
        for old in _layers_of(folder):
            for suffix in ('.pgm', '.yaml'):
                (folder / 'layers' / f'{old}{suffix}').unlink(missing_ok=True)
        layers = _write_layers(folder / 'layers', chart, names)
        _write_classes(folder, chart, mapper.classes, layers)
        _write_objects(folder / 'objects.geojson', objects, names, places)
        (folder / 'objects_wgs84.geojson').unlink(missing_ok=True)
        if earth is not None:
            _write_objects(folder / 'objects_wgs84.geojson', objects, names, earth)
        _write_counts(folder / 'counts.csv', mapper.counts())
        write_pixels(folder / 'map.png', picture(chart, objects, mapper.path, mapper.classes)[..., ::-1])


@contextmanager
def written_into(folder: Path) -> Iterator[None]:
    """
    Make a folder, for what is written into it within the block.

    :raises DataError: when it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
        yield
    except OSError as error:
        raise DataError(f'{folder} cannot be written ({error})', 'choose another place, or make room') from error


def _write_grid(path: Path, pixels: NDArray[np.uint8], chart: Chart, mode: str) -> None:
    """Write cells as map_server reads them: the top row of the image is the farthest in y."""
    write_pixels(path.with_suffix('.pgm'), pixels[::-1])
    x, y = chart.origin_m
    facts = {'image': f'{path.name}.pgm', 'mode': mode, 'resolution': chart.resolution_m,
             'origin': [round(x, 6), round(y, 6), 0.0], 'negate': 0, 'occupied_thresh': OCCUPIED_THRESH,
             'free_thresh': FREE_THRESH}
    path.with_suffix('.yaml').write_text(yaml.safe_dump(facts, sort_keys=False), encoding='utf-8')


def _layers_of(folder: Path) -> list[str]:
    """Return the layers that an earlier call wrote into a folder, as its classes.yaml lists them."""
    try:
        facts = yaml.safe_load((folder / 'classes.yaml').read_text(encoding='utf-8'))
        return [Path(str(name)).name for name in facts['layers']]
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError):
        return []


def _write_classes(folder: Path, chart: Chart, classes: Sequence[RobotClass], layers: Sequence[str]) -> None:
    """Write the class of each cell as its id, 255 for none, the top row the farthest in y."""
    ids = np.where(chart.class_ids == UNKNOWN, NO_CLASS, chart.class_ids).astype(np.uint8)
    write_pixels(folder / 'classes.png', ids[::-1] if ids.size else np.full((1, 1), NO_CLASS, np.uint8))
    there = set(np.unique(chart.class_ids).tolist())
    facts = {'image': 'classes.png', 'resolution': chart.resolution_m,
             'origin': [round(v, 6) for v in chart.origin_m] + [0.0], 'unknown': NO_CLASS,
             'classes': [{'id': c.id, 'name': c.name, 'colour': list(c.colour), 'role': c.role.value,
                          'area_m2': round(float((chart.class_ids == c.id).sum()) * chart.resolution_m ** 2, 3)}
                         for c in classes if c.id in there],
             'layers': list(layers)}
    (folder / 'classes.yaml').write_text(yaml.safe_dump(facts, sort_keys=False), encoding='utf-8')


def _write_layers(folder: Path, chart: Chart, names: dict[int, str]) -> list[str]:
    """Write for each class its probability per cell, 0 to 100, as Nav2's costmap filters take a mask; return names."""
    folder.mkdir(exist_ok=True)
    written = []
    for label, percent in chart.probabilities.items():
        if percent.size and (percent > 0).any():
            name = layer_name(names.get(label, str(label)), label)
            _write_grid(folder / name, np.where(percent == UNKNOWN, NO_CLASS, percent).astype(np.uint8), chart, 'raw')
            written.append(name)
    return written


def _write_objects(path: Path, objects: Sequence[Landmark], names: dict[int, str],
                   places: NDArray[np.float64]) -> None:
    features = [{'type': 'Feature', 'id': one.id,
                 'geometry': {'type': 'Point', 'coordinates': [round(float(v), 9) for v in place]},
                 'properties': _facts(one, names)} for one, place in zip(objects, places)]
    path.write_text(json.dumps({'type': 'FeatureCollection', 'features': features}, indent=1), encoding='utf-8')


def _facts(one: Landmark, names: dict[int, str]) -> dict[str, Any]:
    (x, y, z), (size_x, size_y, size_z) = one.position, one.size
    scores = {names.get(k, str(k)): round(share, 3) for k, share in one.scores.items()}
    spread = [round(float(v), 4) for v in np.sqrt(np.diag(one.covariance))]
    return {'id': one.id, 'class': names.get(one.class_id, str(one.class_id)), 'scores': scores, 'x': round(x, 3),
            'y': round(y, 3), 'z': round(z, 3), 'deviation_m': spread, 'size_x': round(size_x, 3),
            'size_y': round(size_y, 3), 'size_z': round(size_z, 3), 'views': one.views}


def _write_counts(path: Path, counts: dict[str, int]) -> None:
    with path.open('w', encoding='utf-8', newline='') as file:
        writer = csv.writer(file)
        writer.writerow(['class', 'count'])
        writer.writerows(counts.items())
