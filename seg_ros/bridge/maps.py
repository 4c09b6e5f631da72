# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Maps as messages: cells as nav_msgs/OccupancyGrid, lasting objects as vision_msgs/Detection3DArray."""

from __future__ import annotations

import array
from collections.abc import Mapping, Sequence

import numpy as np
from geometry_msgs.msg import Point, Pose, Vector3
from nav_msgs.msg import OccupancyGrid
from numpy.typing import NDArray
from std_msgs.msg import Header
from vision_msgs.msg import (
    BoundingBox3D,
    Detection3D,
    Detection3DArray,
    ObjectHypothesis,
    ObjectHypothesisWithPose,
)

from seg_ros.mapping.charts import UNKNOWN, Chart, Landmark


def map_message(chart: Chart, header: Header) -> OccupancyGrid:
    """Return what is free (0), occupied (100) and unknown (-1), as Nav2's static layer takes it."""
    return _grid(chart, chart.occupancy, header)


def class_map_message(chart: Chart, header: Header) -> OccupancyGrid:
    """
    Return the class id of each cell, -1 where none is known.

    The cells of this message are signed: an id above 127 is that minus 256. As an unsigned byte each is its id, and 255
    unknown, as in ~/mask.
    """
    return _grid(chart, chart.class_ids.astype(np.uint8).view(np.int8), header)


def layer_message(chart: Chart, class_id: int, header: Header) -> OccupancyGrid:
    """Return how likely each cell is of a class, 0 to 100, -1 where nothing was seen: a mask for costmap filters."""
    percent = chart.probabilities.get(class_id)
    if percent is None:
        percent = np.where(chart.class_ids == UNKNOWN, UNKNOWN, 0).astype(np.int8)
    return _grid(chart, percent, header)


def landmarks_message(objects: Sequence[Landmark], names: Mapping[int, str], header: Header) -> Detection3DArray:
    """Return the lasting objects: id, likeliest class first, place with covariance, box along the map's axes."""
    return Detection3DArray(header=header, detections=[_detection(one, names, header) for one in objects])


def _grid(chart: Chart, values: NDArray[np.int8], header: Header) -> OccupancyGrid:
    """Return cells as a message; of an empty map one unknown cell, for nobody reads a map without any."""
    cells = values if values.size else np.full((1, 1), UNKNOWN, np.int8)
    message = OccupancyGrid(header=header)
    info = message.info
    info.map_load_time, info.resolution = header.stamp, float(chart.resolution_m)
    info.height, info.width = cells.shape
    info.origin.position.x, info.origin.position.y = (float(v) for v in chart.origin_m)
    message.data = array.array('b', np.ascontiguousarray(cells).tobytes())
    return message


def _detection(one: Landmark, names: Mapping[int, str], header: Header) -> Detection3D:
    x, y, z = one.position
    pose = Pose(position=Point(x=x, y=y, z=z))
    covariance = np.zeros((6, 6))
    covariance[:3, :3] = one.covariance
    results = []
    for class_id, share in sorted(one.scores.items(), key=lambda row: (-row[1], row[0])):
        found = ObjectHypothesisWithPose(
            hypothesis=ObjectHypothesis(class_id=names.get(class_id, str(class_id)), score=float(share)))
        found.pose.pose, found.pose.covariance = pose, covariance.ravel()
        results.append(found)
    length, width, height = one.size
    return Detection3D(header=header, id=str(one.id), results=results,
                       bbox=BoundingBox3D(center=pose, size=Vector3(x=length, y=width, z=height)))
