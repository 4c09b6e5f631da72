# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Where a map lies on the Earth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import DataError, SettingError


@dataclass(frozen=True)
class Datum:
    """
    The place of the map's origin on WGS84.

    :param latitude, longitude: degrees. :param bearing: of the map's x axis, degrees clockwise from north; 90 where x
        points east (REP-103).
    """

    latitude: float
    longitude: float
    bearing: float = 90.0

    @classmethod
    def parsed(cls, text: str) -> Datum:
        """
        Read ``LATITUDE,LONGITUDE`` or ``LATITUDE,LONGITUDE,BEARING``.

        :raises SettingError: when it is neither, or no place on the Earth.
        """
        try:
            values = [float(part) for part in text.split(',')]
            if len(values) not in (2, 3) or abs(values[0]) > 90 or abs(values[1]) > 180:
                raise ValueError
        except ValueError:
            raise SettingError(f"the datum is '{text}'", 'Write LATITUDE,LONGITUDE in degrees, and after a comma the '
                                                         'bearing of the x axis if it does not point east') from None
        return cls(*values)

    def placed(self, points_m: NDArray[np.float64]) -> NDArray[np.float64]:
        """
        Return the (N, 2) longitudes and latitudes of (N, 2) points of the map.

        :raises DataError: when pyproj is not installed.
        """
        try:
            from pyproj import Transformer
        except ImportError as error:
            raise DataError("places on the Earth are computed with the Python package 'pyproj', which is not "
                            'installed', "type: pip install 'pyproj>=3.4', or leave the datum out") from error
        angle = np.radians(90.0 - self.bearing)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        east, north = (np.asarray(points_m, float).reshape(-1, 2) @ turn.T).T
        local = f'+proj=aeqd +lat_0={self.latitude!r} +lon_0={self.longitude!r} +datum=WGS84 +units=m'
        return np.stack(Transformer.from_crs(local, 'EPSG:4326', always_xy=True).transform(east, north), axis=-1)
