# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The things of a scene: each has a number, which the renderer writes into its pixels, and a word."""

from __future__ import annotations

from typing import Any

from shapes import Parts, placed

Thing = dict[str, Any]


class Things:
    """What was put where."""

    def __init__(self) -> None:
        self.things: dict[int, Thing] = {}

    def put(self, word: str, parts: Parts, at: tuple[float, ...] = (0, 0, 0), *, counts: bool = True,
            measured: bool = True, **turned: float) -> None:
        """
        Place a thing.

        :param word: a word of the taxonomy. :param counts: whether it is one object, or a part of the room.
        :param measured: whether a depth camera sees it.
        """
        number = len(self.things) + 1
        self.things[number] = {'word': word, 'counts': counts, 'measured': measured}
        for one in placed(parts, (*at, 0.0)[:3], **turned):
            one.pass_index = number

    def remove_others(self) -> None:
        """Remove the shapes that belong to no thing: what a maker left out would stand in the corner of the room."""
        import bpy
        for one in [one for one in bpy.context.scene.objects if one.type == 'MESH' and not one.pass_index]:
            bpy.data.objects.remove(one)
