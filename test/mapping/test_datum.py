# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The place of a map on the Earth: read, refused, and computed as geodesy has it."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from seg_ros.errors import DataError, SettingError
from seg_ros.mapping.datum import Datum


def test_a_datum_is_read() -> None:
    assert Datum.parsed('50.1,8.6') == Datum(50.1, 8.6, 90.0)
    assert Datum.parsed('-33.5, 151.2, 12') == Datum(-33.5, 151.2, 12.0)


@pytest.mark.parametrize('text', ['', '50', 'north,8', '91,0', '0,181', '1,2,3,4'])
def test_what_is_no_place_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match='LATITUDE,LONGITUDE'):
        Datum.parsed(text)


def test_without_pyproj_the_pip_line_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'pyproj', None)
    with pytest.raises(DataError, match="pip install 'pyproj"):
        Datum(50.0, 8.0).placed(np.zeros((1, 2)))


def test_a_hundred_metres_are_a_hundred_metres() -> None:
    pyproj = pytest.importorskip('pyproj')
    placed = Datum(50.0, 8.0, bearing=0.0).placed(np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]]))
    geodesic = pyproj.Geod(ellps='WGS84')
    assert placed[0] == pytest.approx((8.0, 50.0))
    for (longitude, latitude), bearing in zip(placed[1:], (0.0, -90.0)):  # y is to the left of x
        azimuth, _, distance = geodesic.inv(8.0, 50.0, longitude, latitude)
        assert distance == pytest.approx(100.0, abs=1e-3)
        assert azimuth == pytest.approx(bearing, abs=1e-3)
