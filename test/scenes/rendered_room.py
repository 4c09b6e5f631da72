# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
The rendered room as meshes: the scene's own scripts, run with a stand-in for Blender that only remembers shapes.

Edges that Blender would round are sharp here, which is a few millimetres on all but cushions.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
from numpy.typing import NDArray

RENDER = Path(__file__).parents[2] / 'recordings' / 'render'
SCRIPTS = ('scene', 'furniture', 'plants', 'tools', 'person', 'shapes')
Floats = NDArray[np.float64]
WHATEVER = MagicMock()  # one for all, since each takes a millisecond to make


@dataclass(frozen=True)
class Thing:
    """One thing of the scene: its word, whether it counts, and its (T, 3, 3) triangles in metres, z up."""

    word: str
    counts: bool
    measured: bool
    triangles: Floats

    def points(self, step_m: float) -> Iterator[Floats]:
        """Yield (N, 3) points on its surface, neighbours nowhere farther apart than ``step_m``."""
        a, b, c = self.triangles.transpose(1, 0, 2)
        longest = np.max([np.linalg.norm(one - other, axis=1) for one, other in ((a, b), (a, c), (b, c))], axis=0)
        parts = np.maximum(1, np.ceil(longest / step_m)).astype(int)
        for n in np.unique(parts):
            u, v = np.divmod(np.arange((n + 1) ** 2), n + 1)
            u, v = (w[u + v <= n, None, None] / n for w in (u, v))
            some = parts == n
            yield (a[some] + u * (b - a)[some] + v * (c - a)[some]).reshape(-1, 3)


@lru_cache(maxsize=1)
def things() -> dict[int, Thing]:
    """Return the things of the room by their number, which is the id in the recording's truth."""
    with _stand_in() as blender:
        from scene import Room  # type: ignore[import-not-found]
        room = Room()
        room.build()
    return {number: Thing(facts['word'], facts['counts'], facts['measured'],
                          np.concatenate([one.triangles() for one in blender if one.pass_index == number]))
            for number, facts in room.things.items()}


class _Vector(np.ndarray):  # type: ignore[type-arg]
    def __new__(cls, values: Sequence[float]) -> _Vector:
        return np.asarray(values, float).view(cls)

    @property
    def length(self) -> float:
        return float(np.linalg.norm(self))

    def normalized(self) -> _Vector:
        return self / (self.length or 1.0)

    def cross(self, other: _Vector) -> _Vector:
        (x, y, z), (u, v, w) = self.tolist(), other.tolist()
        return _Vector((y * w - z * v, z * u - x * w, x * v - y * u))  # of one vector np.cross takes ten times as long

    def lerp(self, other: _Vector, share: float) -> _Vector:
        return self + (other - self) * share


class _Matrix(np.ndarray):  # type: ignore[type-arg]
    def __new__(cls, values: Any) -> _Matrix:
        return np.asarray(values, float).view(cls)

    @classmethod
    def Translation(cls, at: Sequence[float]) -> _Matrix:
        pose = np.eye(4)
        pose[:3, 3] = at
        return cls(pose)

    @classmethod
    def Rotation(cls, angle: float, size: int, axis: str | _Vector) -> _Matrix:
        x, y, z = np.eye(3)['XYZ'.index(axis)] if isinstance(axis, str) else np.asarray(axis)
        skew = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
        pose = np.eye(size)
        pose[:3, :3] += np.sin(angle) * skew + (1 - np.cos(angle)) * skew @ skew
        return cls(pose)

    def __matmul__(self, other: Any) -> Any:
        mine, theirs = np.asarray(self), np.asarray(other)
        if theirs.ndim == 1 and len(self) == 4:
            return _Vector(mine[:3, :3] @ theirs + mine[:3, 3])
        return type(other)(mine @ theirs)


class _Object:
    def __init__(self, data: Any) -> None:
        self.data, self.pass_index = data, 0
        self.location = SimpleNamespace(z=0.0)
        self.modifiers = WHATEVER
        self.matrix_world: _Matrix | None = None

    @property
    def matrix_basis(self) -> _Matrix:
        return _Matrix.Translation((0, 0, self.location.z)) if self.matrix_world is None else self.matrix_world

    def triangles(self) -> Floats:
        vertices, faces = self.data.shape()
        pose = np.asarray(self.matrix_basis)
        placed = vertices @ pose[:3, :3].T + pose[:3, 3]
        return np.array([placed[[face[0], face[k], face[k + 1]]] for face in faces for k in range(1, len(face) - 1)])


class _Mesh:
    def __init__(self) -> None:
        self.materials, self.polygons = WHATEVER, WHATEVER

    def from_pydata(self, vertices: Any, _: Any, faces: Any) -> None:
        self._shape = np.array(vertices, float), [tuple(face) for face in faces]

    def update(self) -> None:
        """Nothing is left to be done."""

    def shape(self) -> tuple[Floats, list[tuple[int, ...]]]:
        return self._shape


class _Curve:
    """A flat outline with a thickness; here its rim, from which a thin thing's extents come."""

    def __init__(self) -> None:
        self.materials = WHATEVER
        self.splines = SimpleNamespace(new=lambda _: self)
        self.points = SimpleNamespace(add=lambda _: None, foreach_set=self._set)
        self.extrude = self.bevel_depth = 0.0
        self._rims: list[Floats] = []

    def _set(self, _: str, values: Sequence[float]) -> None:
        self._rims.append(np.array(values, float).reshape(-1, 4)[:, :2])

    def shape(self) -> tuple[Floats, list[tuple[int, ...]]]:
        half, vertices, faces = self.extrude + self.bevel_depth, [], []
        for rim in self._rims:
            first, n = sum(map(len, vertices)), len(rim)
            vertices += [np.c_[rim, np.full(n, z)] for z in (-half, half)]
            faces += [(first + k, first + (k + 1) % n, first + n + (k + 1) % n, first + n + k) for k in range(n)]
        return np.concatenate(vertices), faces


@contextmanager
def _stand_in() -> Iterator[list[_Object]]:
    """Yield the objects that scripts make meanwhile; the modules they import are gone afterwards."""
    made: list[_Object] = []

    def new(_: str, data: Any) -> _Object:
        one = _Object(data)
        if isinstance(data, (_Mesh, _Curve)):
            made.append(one)
        return one

    blender = MagicMock()
    blender.data.meshes.new.side_effect = lambda _: _Mesh()
    blender.data.curves.new.side_effect = lambda *_: _Curve()
    blender.data.objects.new.side_effect = new
    maths = ModuleType('mathutils')
    maths.Matrix, maths.Vector = _Matrix, _Vector  # type: ignore[attr-defined]
    before = dict(sys.modules)
    sys.modules.update({'bpy': blender, 'mathutils': maths, 'materials': MagicMock()})
    sys.path.insert(0, str(RENDER))
    try:
        yield made
    finally:
        sys.path.remove(str(RENDER))
        for name in (*SCRIPTS, 'bpy', 'mathutils', 'materials'):
            sys.modules.pop(name, None)
            if name in before:
                sys.modules[name] = before[name]
