# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Boxes as what RViz and Foxglove draw without a plugin: outlines with a name each, visualization_msgs/MarkerArray."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product

import numpy as np
from geometry_msgs.msg import Point, Pose, Vector3
from std_msgs.msg import ColorRGBA
from vision_msgs.msg import Detection3D, Detection3DArray
from visualization_msgs.msg import Marker, MarkerArray

from seg_ros.labels.palette import Colour, instance_colour

CORNERS = tuple(product((-0.5, 0.5), repeat=3))
EDGES = tuple(corner for pair in combinations(CORNERS, 2) if np.count_nonzero(np.subtract(*pair)) == 1
              for corner in pair)
"""The corners of a unit cube, two and two the ends of its twelve edges."""

LEAST_TEXT_M, MOST_TEXT_M = 0.02, 0.14
TEXT_OF_BOX = 0.25  # a letter is as high as this share of the longest side of its box, within those limits
LINE_OF_TEXT = 0.15
WHITE = ColorRGBA(r=1.0, g=1.0, b=1.0, a=1.0)


def markers_message(found: Detection3DArray | None, colours: Mapping[str, Colour], *,
                    lasting: bool = False) -> MarkerArray | None:
    """
    Return the boxes as outlines with class and id, in place of all that were drawn before; None for none.

    :param colours: of the classes by name, for objects without a lasting id; the others have the colour of their id.
    :param lasting: whether they stay where they are in their frame; else they belong to the moment of their stamp.
    """
    if found is None:
        return None
    markers = [Marker(header=found.header, action=Marker.DELETEALL)]
    for k, one in enumerate(found.detections):
        markers += [_outline(one, k, colours), _name(one, k, colours)]
    for marker in markers:
        marker.frame_locked = lasting
    return MarkerArray(markers=markers)


def _outline(one: Detection3D, k: int, colours: Mapping[str, Colour]) -> Marker:
    size = one.bbox.size
    return Marker(header=one.header, ns='boxes', id=k, type=Marker.LINE_LIST, action=Marker.ADD, pose=one.bbox.center,
                  scale=Vector3(x=LINE_OF_TEXT * _text_m(one)), color=_colour(one, colours),
                  points=[Point(x=x * size.x, y=y * size.y, z=z * size.z) for x, y, z in EDGES])


def _name(one: Detection3D, k: int, colours: Mapping[str, Colour]) -> Marker:
    """Return class and id above the box, along its own upward axis, without the blanks that RViz draws metres wide."""
    turn, at, text_m = one.bbox.center.orientation, one.bbox.center.position, _text_m(one)
    up = np.array([2 * (turn.x * turn.z + turn.w * turn.y), 2 * (turn.y * turn.z - turn.w * turn.x),
                   1 - 2 * (turn.x ** 2 + turn.y ** 2)]) * (one.bbox.size.z / 2 + text_m)
    pose = Pose(position=Point(x=at.x + up[0], y=at.y + up[1], z=at.z + up[2]))
    words = _class(one).replace(' ', '_') + (f'#{one.id}' if one.id not in ('', '0') else '')
    return Marker(header=one.header, ns='names', id=k, type=Marker.TEXT_VIEW_FACING, action=Marker.ADD, pose=pose,
                  scale=Vector3(z=text_m), color=WHITE, text=words)


def _class(one: Detection3D) -> str:
    return str(one.results[0].hypothesis.class_id) if one.results else ''


def _text_m(one: Detection3D) -> float:
    longest = max(one.bbox.size.x, one.bbox.size.y, one.bbox.size.z)
    return float(np.clip(TEXT_OF_BOX * longest, LEAST_TEXT_M, MOST_TEXT_M))


def _colour(one: Detection3D, colours: Mapping[str, Colour]) -> ColorRGBA:
    white = (255, 255, 255)
    rgb = instance_colour(int(one.id)) if one.id not in ('', '0') else colours.get(_class(one), white)
    red, green, blue = (part / 255 for part in rgb)
    return ColorRGBA(r=red, g=green, b=blue, a=1.0)
