# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A saved map is read by the rules of map_server, by GIS programs, and by people."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
import yaml
from scenes.drawn_floor import FLOOR, OBSTACLE, drawn_classes, drawn_view
from scenes.map_server import served

from seg_ros.errors import DataError
from seg_ros.mapping.datum import Datum
from seg_ros.mapping.export import save
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.picture import LEGEND
from seg_ros.mapping.settings import MapSettings
from seg_ros.records import Instances


@pytest.fixture
def mapper() -> Mapper:
    """Return the map of a box 2 m ahead, which is also an object."""
    one = Mapper(drawn_classes(), MapSettings(confirm_views=1))
    view = drawn_view(box_at=2.0)
    assert view.labels is not None
    mask = view.labels == OBSTACLE
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    found = Instances(view.surface.size, np.array([[left, top, left + width, top + height]], np.float32),
                      np.ones(1, np.float32), np.array([OBSTACLE], np.uint8), np.array([[left, top]], np.int32),
                      (mask[top:top + height, left:left + width],), np.zeros(1, np.int64))
    one.update(replace(view, instances=found))
    return one


@pytest.mark.parametrize(('facts', 'cells'), [  # of the greys 0, 60, 128, 205 and 254
    ({}, [100, 100, -1, -1, 0]), ({'mode': 'trinary', 'negate': True}, [0, -1, -1, 100, 100]),
    ({'free_thresh': 0.25}, [100, 100, -1, 0, 0]), ({'occupied_thresh': 0.45}, [100, 100, 100, -1, 0]),
    ({'mode': 'scale'}, [100, 100, 67, 0, 0]), ({'mode': 'raw'}, [0, 60, -1, -1, -1]),
    ({'mode': 'raw', 'negate': 1}, [0, 60, -1, -1, -1])])
def test_the_reader_follows_the_rules_of_map_server(facts: dict[str, Any], cells: list[int], tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / 'one.pgm'), np.array([[0, 60, 128, 205, 254], [0] * 5], np.uint8))
    (tmp_path / 'one.yaml').write_text(yaml.safe_dump({
        'image': 'one.pgm', 'resolution': 0.1, 'origin': [1, 2, 0.5], 'negate': 0, 'occupied_thresh': 0.65,
        'free_thresh': 0.196} | facts))
    found = served(tmp_path / 'one.yaml')
    assert found.cells[1].tolist() == cells  # the top row is the last
    assert (found.resolution_m, found.origin) == (0.1, (1.0, 2.0, 0.5))


def test_map_server_reads_the_map_as_it_is(mapper: Mapper, tmp_path: Path) -> None:
    save(mapper, tmp_path)
    chart, found = mapper.chart(), served(tmp_path / 'map.yaml')
    assert found.resolution_m == 0.05
    assert found.origin == pytest.approx((*chart.origin_m, 0.0))
    assert (found.cells == chart.occupancy).all()
    assert {-1, 0, 100} == set(np.unique(found.cells))
    column, row = int((2.02 - found.origin[0]) / 0.05), int((0.0 - found.origin[1]) / 0.05)
    assert found.cells[row, column] == 100


def test_classes_and_layers_are_of_the_same_cells(mapper: Mapper, tmp_path: Path) -> None:
    save(mapper, tmp_path)
    chart = mapper.chart()
    ids = cv2.imread(str(tmp_path / 'classes.png'), cv2.IMREAD_UNCHANGED)[::-1]
    facts = yaml.safe_load((tmp_path / 'classes.yaml').read_text())
    assert (np.where(ids == 255, -1, ids.astype(int)) == chart.class_ids).all()
    assert {one['name'] for one in facts['classes']} == {'floor', 'furniture'}
    assert next(one for one in facts['classes'] if one['id'] == FLOOR)['role'] == 'traversable'
    found = served(tmp_path / 'layers' / 'floor.yaml')
    floor = found.cells
    assert found.origin == pytest.approx((*chart.origin_m, 0.0))
    assert (floor == chart.probabilities[FLOOR]).all()
    assert (floor[chart.occupancy == 0] > 50).mean() > 0.99


def test_objects_and_counts_are_listed(mapper: Mapper, tmp_path: Path) -> None:
    save(mapper, tmp_path)
    feature, = json.loads((tmp_path / 'objects.geojson').read_text())['features']
    assert feature['geometry']['coordinates'] == pytest.approx([2.01, 0.0], abs=0.03)
    assert feature['properties']['class'] == 'furniture' and feature['properties']['id'] == 1
    assert feature['properties']['size_y'] == pytest.approx(0.6, abs=0.05)
    assert list(csv.reader((tmp_path / 'counts.csv').open())) == [['class', 'count'], ['furniture', '1']]
    assert not (tmp_path / 'objects_wgs84.geojson').exists()


def test_the_picture_shows_floor_box_and_legend(mapper: Mapper, tmp_path: Path) -> None:
    save(mapper, tmp_path)
    picture = cv2.imread(str(tmp_path / 'map.png'))[..., ::-1]
    floor, box = (np.abs(picture.astype(int) - colour).sum(axis=2) < 6 for colour in ((166, 236, 166), (200, 0, 0)))
    assert floor.mean() > 0.2
    assert 0.0005 < box.mean() < 0.1
    assert (picture[:, -LEGEND:] < 100).any(), 'no legend'


def test_an_empty_map_is_saved_too(tmp_path: Path) -> None:
    save(Mapper(drawn_classes()), tmp_path / 'deep' / 'map')
    assert (served(tmp_path / 'deep' / 'map' / 'map.yaml').cells == -1).all()


def test_another_map_in_the_same_folder_leaves_nothing_of_the_first(mapper: Mapper, tmp_path: Path) -> None:
    save(mapper, tmp_path)
    own = tmp_path / 'layers' / 'mine.yaml'
    own.write_text('of somebody else')
    (tmp_path / 'objects_wgs84.geojson').write_text('of a save with a datum')
    assert (tmp_path / 'layers' / 'furniture.yaml').exists()
    other = Mapper(drawn_classes())
    other.update(drawn_view(box_at=None))
    save(other, tmp_path)
    assert {path.name for path in (tmp_path / 'layers').iterdir()} == {'floor.pgm', 'floor.yaml', 'mine.yaml'}
    assert not (tmp_path / 'objects_wgs84.geojson').exists()


def test_a_place_that_cannot_be_written_is_one_sentence(mapper: Mapper, tmp_path: Path) -> None:
    (tmp_path / 'file').touch()
    with pytest.raises(DataError, match='file cannot be written'):
        save(mapper, tmp_path / 'file')


def test_with_a_datum_objects_lie_on_the_earth(mapper: Mapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stand-in for pyproj that knows a plane Earth, in the order of axes that GeoJSON has."""
    class Transformer:
        @classmethod
        def from_crs(cls, source: str, target: str, *, always_xy: bool) -> Transformer:
            assert always_xy and target == 'EPSG:4326' and '+lat_0=50.0 +lon_0=8.0' in source
            return cls()

        def transform(self, east: Any, north: Any) -> Any:
            return 8.0 + east / 71_700.0, 50.0 + north / 111_230.0

    stand_in = ModuleType('pyproj')
    stand_in.Transformer = Transformer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, 'pyproj', stand_in)
    save(mapper, tmp_path, Datum(50.0, 8.0, bearing=0.0))  # x points north
    feature, = json.loads((tmp_path / 'objects_wgs84.geojson').read_text())['features']
    longitude, latitude = feature['geometry']['coordinates']
    assert (latitude - 50.0) * 111_230 == pytest.approx(2.01, abs=0.03)
    assert (longitude - 8.0) * 71_700 == pytest.approx(0.0, abs=0.03)
    assert feature['properties']['x'] == pytest.approx(2.01, abs=0.03)
