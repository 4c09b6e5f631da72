# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Meshes from a few numbers: boxes, turned shapes, lofted tubes, flat outlines with a thickness. Lengths in metres."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Matrix, Vector

Point = Sequence[float]
Parts = list[Any]


def mesh(vertices: Sequence[Point], faces: Sequence[Sequence[int]], material: Any, *, smooth: bool = True) -> Any:
    """Return an object of these vertices and faces."""
    data = bpy.data.meshes.new(material.name)
    data.from_pydata([tuple(map(float, one)) for one in vertices], [], faces)
    data.polygons.foreach_set('use_smooth', [smooth] * len(faces))
    data.update()
    return _linked(data, material)


def box(size: Point, at: Point, material: Any, *, bevel: float = 0.006, turn: float = 0.0, tilt: float = 0.0) -> Any:
    """
    Return a box around the point ``at`` with rounded edges.

    :param turn: about the vertical, :param tilt: about its own y axis before that; degrees.
    """
    corners = [Vector((sx * size[0] / 2, sy * size[1] / 2, sz * size[2] / 2))
               for sx in (-1, 1) for sy in (-1, 1) for sz in (-1, 1)]
    pose = Matrix.Translation(at) @ Matrix.Rotation(math.radians(turn), 4, 'Z') @ Matrix.Rotation(
        math.radians(tilt), 4, 'Y')
    faces = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return rounded(mesh([pose @ corner for corner in corners], faces, material, smooth=False), bevel)


def boxes(all_of: Sequence[tuple[Point, Point]], material: Any) -> Any:
    """Return one object of many sharp boxes, each given by its size and its middle."""
    corners = np.array([(x, y, z) for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    sides = np.array([(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)])
    vertices = [np.asarray(at) + corners * size for size, at in all_of]
    faces = [sides + 8 * k for k in range(len(all_of))]
    return mesh(np.concatenate(vertices).tolist(), np.concatenate(faces).tolist(), material, smooth=False)


def rounded(one: Any, width: float, segments: int = 3) -> Any:
    """Return the object with its sharp edges rounded."""
    if width:
        bevel = one.modifiers.new('rounded', 'BEVEL')
        bevel.width, bevel.segments, bevel.limit_method = width, segments, 'ANGLE'
        bevel.harden_normals = True
        one.data.polygons.foreach_set('use_smooth', [True] * len(one.data.polygons))
    return one


def soft(size: Point, at: Point, material: Any, *, roundness: float = 0.05, turn: float = 0.0,
         tilt: float = 0.0) -> Any:
    """Return a cushion: a box with wide round edges and swollen faces."""
    one = box(size, at, material, bevel=roundness, turn=turn, tilt=tilt)
    one.modifiers['rounded'].segments = 5
    return one


def turned(profile: Sequence[tuple[float, float]], material: Any, *, segments: int = 40, at: Point = (0, 0, 0)) -> Any:
    """Return what a lathe makes: a profile of (radius, height) turned about the vertical."""
    return tube([(at[0], at[1], at[2] + z) for _, z in profile], [r for r, _ in profile], material, segments=segments,
                upright=True)


def tube(points: Sequence[Point], radii: Sequence[float | tuple[float, float]], material: Any, *, segments: int = 20,
         upright: bool = False, side: Point = (0, 1, 0), ends: bool = True) -> Any:
    """
    Return a skin over ellipses strung along a line.

    :param radii: of each ellipse, along ``side`` and across it. :param upright: all ellipses lie level.
    """
    spine = np.asarray(points, float)
    along = np.gradient(spine, axis=0)
    vertices: list[Point] = []
    for place, heading, radius in zip(spine, along, radii, strict=True):
        first, second = radius if isinstance(radius, tuple) else (radius, radius)
        way = np.array([0, 0, 1.0]) if upright else heading / (np.linalg.norm(heading) or 1)
        u = np.asarray(side, float) - way * np.dot(side, way)
        if np.linalg.norm(u) < 0.1:
            u = np.array([1.0, 0, 0]) - way * way[0]
        u /= np.linalg.norm(u)
        v = np.cross(way, u)
        for step in range(segments):
            angle = 2 * math.pi * step / segments
            vertices.append(place + u * math.cos(angle) * first + v * math.sin(angle) * second)
    rings, n = len(spine), segments
    faces: list[Sequence[int]] = [(r * n + k, r * n + (k + 1) % n, (r + 1) * n + (k + 1) % n, (r + 1) * n + k)
                                  for r in range(rings - 1) for k in range(n)]
    if ends:
        faces += [tuple(reversed(range(n))), tuple(range((rings - 1) * n, rings * n))]
    return mesh(vertices, faces, material)


def ball(radii: Point, at: Point, material: Any, *, segments: int = 28) -> Any:
    """Return an ellipsoid."""
    steps = [math.pi * k / 16 for k in range(17)]
    return tube([(at[0], at[1], at[2] - radii[2] * math.cos(s)) for s in steps],
                [(max(radii[1] * math.sin(s), 1e-4), max(radii[0] * math.sin(s), 1e-4)) for s in steps], material,
                segments=segments, upright=True)


def outline(polygons: Sequence[Sequence[tuple[float, float]]], thickness: float, material: Any, *,
            bevel: float = 0.001, height: float = 0.0) -> Any:
    """Return a flat shape of the given thickness, polygons within others being holes, lying at ``height``."""
    curve = bpy.data.curves.new(material.name, 'CURVE')
    curve.dimensions, curve.fill_mode = '2D', 'BOTH'
    curve.extrude, curve.bevel_depth, curve.bevel_resolution = max(thickness / 2 - bevel, 1e-5), bevel, 2
    for polygon in polygons:
        spline = curve.splines.new('POLY')
        spline.points.add(len(polygon) - 1)
        spline.points.foreach_set('co', [v for x, y in polygon for v in (x, y, 0.0, 1.0)])
        spline.use_cyclic_u = True
    one = _linked(curve, material)
    one.location.z = height + thickness / 2
    return one


def arc(centre: tuple[float, float], radius: float, start: float, stop: float, steps: int = 16
        ) -> list[tuple[float, float]]:
    """Return points of a circle from one angle to another, in degrees."""
    angles = np.radians(np.linspace(start, stop, steps))
    return [(centre[0] + radius * math.cos(a), centre[1] + radius * math.sin(a)) for a in angles]


def placed(parts: Parts, at: Point = (0, 0, 0), *, turn: float = 0.0, roll: float = 0.0, pitch: float = 0.0) -> Parts:
    """Return the parts, moved all together: rolled, pitched, turned (degrees) and then shifted."""
    pose = Matrix.Translation(at)
    for angle, axis in ((turn, 'Z'), (pitch, 'Y'), (roll, 'X')):
        pose = pose @ Matrix.Rotation(math.radians(angle), 4, axis)
    for one in parts:
        one.matrix_world = pose @ one.matrix_basis
    return parts


def _linked(data: Any, material: Any) -> Any:
    data.materials.append(material)
    one = bpy.data.objects.new(material.name, data)
    bpy.context.scene.collection.objects.link(one)
    return one
