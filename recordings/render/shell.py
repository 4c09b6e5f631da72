# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Builds what encloses an interior: floor, walls, ceiling, doors, windows, stairs and the rooms behind openings."""

from __future__ import annotations

import random
from typing import Any

import surfaces
from fittings import door_leaf
from furniture import curtain, window_frame
from layout import Layout, Opening, Rect, Stairs, around, footprint, rotated
from lighting import area
from materials import metal, pane, plastic, wood
from shapes import Parts, box, boxes, placed, tube
from things import Things

THICK = 0.2
DEEP = 3.2  # how far shafts reach below the floor


class Shell:
    """Builds into ``things``; every surface has looks by the seed of the layout."""

    def __init__(self, things: Things, layout: Layout) -> None:
        self._things, self._layout = things, layout
        self.dice = dice = random.Random(f'shell {layout.seed}')
        self._floor, self._ceiling = surfaces.floor(dice), surfaces.ceiling(dice)
        walls = [surfaces.wall(dice), surfaces.wall(dice)]
        self._walls = [walls[0] if dice.random() < 0.75 else walls[1] for _ in range(4)]
        self._skirting = dice.choice((None, plastic(surfaces.shade(dice)), plastic((0.8, 0.79, 0.76), rough=0.4),
                                      wood((0.3, 0.17, 0.08), (0.18, 0.09, 0.04))))
        self._frames = dice.choice((plastic((0.82, 0.81, 0.78), rough=0.4), plastic(surfaces.shade(dice)),
                                    metal(), wood((0.40, 0.24, 0.11), (0.25, 0.13, 0.05))))
        self._leaf = dice.choice((plastic((0.8, 0.79, 0.76), rough=0.4), plastic(surfaces.shade(dice, colourful=0.6)),
                                  wood((0.50, 0.31, 0.15), (0.30, 0.165, 0.07), grain=(30, 30, 2.5)), metal(),
                                  wood((0.30, 0.155, 0.065), (0.17, 0.075, 0.03), grain=(30, 30, 2.5))))

    def build(self) -> None:
        """Everything stands."""
        self._floor_and_ceiling()
        for wall in range(4):
            self._wall(wall)
        for one in self._layout.openings:
            at = self._layout.on_wall(one.wall, one.at)
            if one.low < 0.05:  # the floor goes on through the wall
                self._slab('floor', [(-one.width / 2, 0.0, one.width / 2, THICK)], -0.25, 0.0, self._floor, at[:2],
                           at[2])
            _BUILDERS[one.kind](self, one, at)
        for one in self._layout.stairs:
            {'flight': self._flight, 'well': self._well, 'podium': self._podium}[one.kind](one)

    # the box -------------------------------------------------------------------------------------------------------

    def _floor_and_ceiling(self) -> None:
        room = self._layout
        whole: Rect = (0.0, 0.0, room.length, room.width)
        holes = [_place(one) for one in room.stairs if one.kind == 'well']
        self._slab('floor', around(whole, holes), -0.25, 0.0, self._floor)
        above = [_place(one, _headroom(one, room.height)) for one in room.stairs if one.kind == 'flight']
        self._slab('ceiling', around(whole, above), room.height, room.height + 0.25, self._ceiling)

    def _slab(self, word: str, rects: list[Rect], low: float, high: float, material: Any,
              at: tuple[float, ...] = (0, 0, 0), turn: float = 0.0) -> None:
        parts = [boxes([((x1 - x0, y1 - y0, high - low), ((x0 + x1) / 2, (y0 + y1) / 2, (low + high) / 2))
                        for x0, y0, x1, y1 in rects], material)]
        self._things.put(word, parts, at, counts=False, turn=turn)

    def _wall(self, wall: int) -> None:
        room = self._layout
        half = room.wall_length(wall) / 2
        own = [one for one in room.openings if one.wall == wall]
        holes = [(one.at - one.width / 2, one.low if one.low > 0.05 else -1.0, one.at + one.width / 2, one.high)
                 for one in own]
        parts = [boxes([((u1 - u0, THICK, z1 - z0), ((u0 + u1) / 2, THICK / 2, (z0 + z1) / 2))
                        for u0, z0, u1, z1 in around((-half - 0.2, -0.25, half + 0.2, room.height + 0.25), holes)],
                       self._walls[wall])]
        if self._skirting:
            doors = [(one.at - one.width / 2 - 0.06, 0.0, one.at + one.width / 2 + 0.06, 1.0) for one in own
                     if one.low < 0.05]
            parts.append(boxes([((u1 - u0, 0.014, 0.08), ((u0 + u1) / 2, -0.007, 0.04))
                                for u0, _, u1, _ in around((-half, 0.0, half, 0.08), doors)], self._skirting))
        x, y, turn = room.on_wall(wall, 0.0)
        self._things.put('wall', parts, (x, y), counts=False, turn=turn)

    # openings ------------------------------------------------------------------------------------------------------

    def _frame(self, one: Opening, deep: float = THICK + 0.03) -> Parts:
        side, tall = 0.06, one.high - one.low
        parts = [box((side, deep, tall + side), (s * (one.width / 2 + side / 2 - 0.02), THICK / 2, (tall + side) / 2),
                     self._frames, bevel=0.004) for s in (-1, 1)]
        return [*parts, box((one.width + 2 * side - 0.04, deep, side), (0, THICK / 2, tall + side / 2 - 0.02),
                            self._frames, bevel=0.004)]

    def _door(self, one: Opening, at: tuple[float, float, float]) -> None:
        dice, (x, y, turn) = self.dice, at
        leaves = 2 if one.width > 1.2 else 1
        wide, parts = (one.width - 0.04) / leaves, self._frame(one)
        glazed = dice.random() < 0.2
        recessed = dice.choice((0.02, 0.1, 0.15))
        for k in range(leaves):
            u = (k - (leaves - 1) / 2) * wide
            leaf = door_leaf(wide - 0.005, one.high - 0.03, self._leaf, dice, glazed=glazed, left=bool(k))
            parts += placed(leaf, (u, recessed + 0.02, 0.005))
        self._things.put('door', parts, (x, y), counts=False, turn=turn)
        if glazed:
            self._annex(one, at)
        else:
            behind = [boxes([((one.width + 0.3, 0.05, one.high + 0.2), (0, THICK + 0.1, one.high / 2))],
                            self._walls[0])]
            self._things.put('door', behind, (x, y), counts=False, turn=turn)

    def _open_door(self, one: Opening, at: tuple[float, float, float]) -> None:
        x, y, turn = at
        self._annex(one, at)
        leaf = door_leaf(one.width - 0.05, one.high - 0.03, self._leaf, self.dice, glazed=False, left=False)
        hinge, swing = one.width / 2 - 0.03, self.dice.uniform(40, 105)
        inwards = self.dice.random() < 0.5
        swung = placed(placed(leaf, (-one.width / 2 + 0.025, 0, 0.005)), (hinge, 0.02 if inwards else THICK - 0.02, 0),
                       turn=swing if inwards else -swing)
        self._things.put('door', [*self._frame(one), *swung], (x, y), counts=False, turn=turn)

    def _passage(self, one: Opening, at: tuple[float, float, float]) -> None:
        x, y, turn = at
        self._annex(one, at)
        if self.dice.random() < 0.5:
            self._things.put('wall', self._frame(one), (x, y), counts=False, turn=turn)

    def _annex(self, one: Opening, at: tuple[float, float, float]) -> None:
        """The room behind an opening, with a floor of its own and a lamp."""
        dice, (x, y, turn) = self.dice, at
        deep, wide, high = dice.uniform(2.0, 5.0), one.width + dice.uniform(0.4, 2.5), max(one.high + 0.15, 2.4)
        shift = dice.uniform(-0.3, 0.3) * (wide - one.width)
        left, right, far = shift - wide / 2, shift + wide / 2, THICK + deep
        floor = self._floor if dice.random() < 0.4 else surfaces.floor(dice)
        self._slab('floor', [(left, THICK, right, far)], -0.25, 0.0, floor, (x, y), turn)
        self._slab('ceiling', [(left, THICK, right, far)], high, high + 0.1, self._ceiling, (x, y), turn)
        self._closed(left, right, THICK, far, 0.0, high, surfaces.wall(dice), at)
        area(at, ((left + right) / 2, (THICK + far) / 2, high - 0.05), (0.5, 0.5), 12 * wide * deep / 4)

    def _closed(self, left: float, right: float, near: float, far: float, low: float, high: float, material: Any,
                at: tuple[float, float, float]) -> None:
        """Walls on three sides."""
        x, y, turn = at
        tall, middle = high - low, (low + high) / 2
        parts = [boxes([((0.1, far - near, tall), (left - 0.05, (near + far) / 2, middle)),
                        ((0.1, far - near, tall), (right + 0.05, (near + far) / 2, middle)),
                        ((right - left + 0.2, 0.1, tall), ((left + right) / 2, far + 0.05, middle))], material)]
        self._things.put('wall', parts, (x, y), counts=False, turn=turn)

    def _window(self, one: Opening, at: tuple[float, float, float]) -> None:
        dice, (x, y, turn) = self.dice, at
        tall = one.high - one.low
        frame = window_frame(one.width, tall) if one.kind == 'window' and dice.random() < 0.5 else self._bars(one)
        self._things.put('window', frame, (x, y, one.low), counts=False, turn=turn)
        glass = box((one.width, 0.012, tall), (0, THICK * 0.6, tall / 2), pane(), bevel=0)
        glass.visible_shadow = False
        self._things.put('window', [glass], (x, y, one.low), counts=False, measured=False, turn=turn)
        if one.kind == 'window' and dice.random() < 0.4:
            cloth = surfaces.shade(dice, colourful=0.5)
            top = min(one.high + 0.15, self._layout.height - 0.02)
            for side in (-1, 1):
                hung = curtain(top, dice.uniform(0.25, 0.6), long=top - dice.choice((0.03, max(one.low - 0.15, 0.03))),
                               colour=cloth)
                ax, ay, _ = self._layout.on_wall(one.wall, one.at + side * (one.width / 2 + 0.05), 0.1)
                self._things.put('curtain', hung, (ax, ay), counts=False, turn=turn)

    def _bars(self, one: Opening) -> Parts:
        dice, tall = self.dice, one.high - one.low
        bars, thick = dice.randint(0, 3), dice.uniform(0.035, 0.07)
        uprights = [(k / (bars + 1) - 0.5) * (one.width - thick) for k in range(bars + 2)]
        levels = [thick / 2, tall - thick / 2, *([tall * dice.uniform(0.4, 0.7)] if dice.random() < 0.4 else [])]
        return [boxes([*(((thick, 0.07, tall), (u, THICK * 0.6, tall / 2)) for u in uprights),
                       *(((one.width, 0.068, thick), (0, THICK * 0.6, z)) for z in levels)], self._frames)]

    # stairs --------------------------------------------------------------------------------------------------------

    def _looks(self) -> tuple[Any, Any]:
        """The material of the steps, and of their fronts; often those of the floor."""
        dice = self.dice
        tread = self._floor if dice.random() < 0.35 else surfaces.floor(dice)
        return tread, tread if dice.random() < 0.5 else surfaces.wall(dice)

    def _steps(self, count: int, width: float, rise: float, tread: float, *, low: float = 0.0, start: float = 0.0,
               down: bool = False, open_risers: bool = False, solid: bool = True) -> Parts:
        """Steps along y from ``start``; they rise from z = 0, or sink below it."""
        dice, (top, front) = self.dice, self._looks()
        nose, thick = dice.choice((0.0, 0.02, 0.03)), dice.choice((0.02, 0.04))
        treads, fronts, edges = [], [], []
        for k in range(count):
            y, z = start + k * tread, -(k + 1) * rise if down else (k + 1) * rise
            far = -nose if down else 0.0
            treads.append(((width, tread + nose, thick), (0, y + (tread - nose) / 2 - far / 1.0, z - thick / 2)))
            if not open_risers:
                foot = low if solid else max(z - 2 * rise, low)
                fronts.append(((width - 0.004, tread, z - thick - foot), (0, y + tread / 2, (z - thick + foot) / 2)))
            edges.append(((width + 0.002, 0.03, 0.004), (0, y + (tread - 0.02 if down else 0.02 - nose), z + 0.001)))
        parts = [boxes(treads, top)]
        if fronts:
            parts.append(boxes(fronts, front))
        else:
            long, tall = count * tread, count * rise
            parts += [tube([(s * (width / 2 - 0.03), start, -0.05), (s * (width / 2 - 0.03), start + long,
                                                                     tall - 0.05)],
                           [(0.025, 0.11)] * 2, front, side=(1, 0, 0)) for s in (-1, 1)]
        if dice.random() < 0.25:
            parts.append(boxes(edges, plastic(dice.choice(((0.8, 0.6, 0.02), (0.02, 0.02, 0.02), (0.8, 0.8, 0.78))))))
        return parts

    def _alcove(self, one: Opening, at: tuple[float, float, float]) -> None:
        """A flight that leaves the room through an opening, up or down, between walls."""
        dice, (x, y, turn) = self.dice, at
        rise, tread, count = dice.uniform(0.15, 0.2), dice.uniform(0.25, 0.32), dice.randint(6, 15)
        down, half = one.kind == 'alcove down', one.width / 2
        near = dice.uniform(0.02, 0.6) if down else dice.uniform(-0.3, 0.3)
        start = near + THICK if near > 0 else near + tread
        far, climb = start + count * tread + 1.0, count * rise
        walls, low = surfaces.wall(dice), -climb - 0.3 if down else 0.0
        high = one.high if down else one.high + climb
        steps = self._steps(count, one.width - 0.004, rise, tread, low=low, start=start, down=down)
        self._things.put('stairs', steps, (x, y), counts=False, turn=turn)
        if start > THICK:
            self._slab('floor', [(-half, THICK, half, start)], low - 0.25, 0.0, self._floor, (x, y), turn)
        landing = -climb if down else climb
        self._slab('floor', [(-half, far - 1.0, half, far)], landing - 0.25, landing, self._floor, (x, y), turn)
        self._closed(-half, half, THICK, far, low, high, walls, at)
        self._slab('ceiling', [(-half, THICK, half, far)], high, high + 0.1, self._ceiling, (x, y), turn)
        if not down:
            self._slab('wall', [(-half, THICK, half, THICK + 0.05)], one.high, high, walls, (x, y), turn)
        area(at, (0, (THICK + far) / 2, high - 0.05), (min(one.width, 0.6), 0.6), dice.uniform(15, 70))
        if dice.random() < 0.5:
            self._handrail(at, (half - 0.06) * dice.choice((-1, 1)), start, count, rise * (-1 if down else 1), tread)

    def _handrail(self, at: tuple[float, ...], u: float, start: float, count: int, rise: float, tread: float) -> None:
        x, y, turn = at[0], at[1], at[-1]
        line = [(u, start, 0.9), (u, start + count * tread, 0.9 + count * rise)]
        self._things.put('handrail', [tube(line, [0.022, 0.022], self._frames, side=(1, 0, 0))], (x, y), counts=False,
                         turn=turn)

    def _railing(self, u: float, y0: float, y1: float, z0: float, z1: float) -> Parts:
        """Posts and a rail along y in the frame of a stair."""
        dice = self.dice
        count = max(2, int((y1 - y0) / dice.choice((0.13, 0.3, 0.9))))
        parts = [tube([(u, y0, z0 + 0.92), (u, y1, z1 + 0.92)], [0.025, 0.025], self._frames, side=(1, 0, 0))]
        posts = []
        for k in range(count + 1):
            t = k / count
            posts.append(((0.02, 0.02, 0.92), (u, y0 + (y1 - y0) * t, z0 + (z1 - z0) * t + 0.46)))
        return [*parts, boxes(posts, self._frames)]

    def _flight(self, one: Stairs) -> None:
        """Up through the ceiling, into a shaft with a lamp."""
        room, dice = self._layout, self.dice
        at = (one.x, one.y, one.turn)
        steps = self._steps(one.steps, one.width, one.rise, one.tread, open_risers=one.open_risers,
                            solid=False)
        self._things.put('stairs', steps, at[:2], counts=False, turn=one.turn)
        if not one.open_risers:
            self._below(one, self.dice.uniform(0.1, 0.35))
        head = _headroom(one, room.height)
        half, far = one.width / 2, one.length
        self._things.put('railing', [r for s in (-1, 1) for r in self._railing(s * (half - 0.03), 0.1, head, one.rise,
                                                                             one.rise + head / one.tread * one.rise)],
                         at[:2], counts=False, turn=one.turn)
        low, high = room.height, room.height + 2.4
        self._closed(-half, half, head, far, low, high, surfaces.wall(dice), at)
        self._slab('wall', [(-half, head - 0.1, half, head)], low, high, self._walls[0], at[:2], one.turn)
        self._slab('ceiling', [(-half, head, half, far)], high, high + 0.1, self._ceiling, at[:2], one.turn)
        area(at, (0, (head + far) / 2, high - 0.05), (0.4, 0.4), dice.uniform(10, 50))

    def _below(self, one: Stairs, thick: float) -> None:
        """The wall that closes the place below a flight is a wall, and not stairs."""
        filled = [((one.width, one.tread, low), (0, (k + 0.5) * one.tread, low / 2)) for k in range(one.steps)
                  if (low := k * one.rise - thick) > 0.02]
        material = self._walls[0] if self.dice.random() < 0.6 else surfaces.wall(self.dice)
        if filled:
            self._things.put('wall', [boxes(filled, material)], (one.x, one.y), counts=False, turn=one.turn)

    def _well(self, one: Stairs) -> None:
        """Down through the floor, with a rail around the hole."""
        at, dice = (one.x, one.y, one.turn), self.dice
        half, far, low = one.width / 2, one.length, -one.steps * one.rise - 0.3
        steps = self._steps(one.steps, one.width - 0.004, one.rise, one.tread, low=low, down=True)
        self._things.put('stairs', steps, at[:2], counts=False, turn=one.turn)
        self._closed(-half, half, 0.0, far, low, -0.25, surfaces.wall(dice), at)
        self._slab('wall', [(-half, -0.1, half, 0.0)], low, -0.25, self._walls[0], at[:2], one.turn)
        self._slab('floor', [(-half, far - one.tread, half, far)], low, low + 0.3, self._floor, at[:2], one.turn)
        if dice.random() < 0.7:
            rails = [r for s in (-1, 1) for r in self._railing(s * (half + 0.04), 0.0, far, 0.0, 0.0)]
            self._things.put('railing', rails, at[:2], counts=False, turn=one.turn)
            end = placed(self._railing(0.0, -half, half, 0.0, 0.0), (0, far + 0.04, 0), turn=90)
            self._things.put('railing', end, at[:2], counts=False, turn=one.turn)
        area(at, (0, far - 0.4, -0.3), (0.3, 0.3), dice.uniform(3, 20))

    def _podium(self, one: Stairs) -> None:
        """A higher part of the room behind a few steps from wall to wall."""
        room = self._layout
        at = (one.x, one.y, one.turn)
        self._things.put('stairs', self._steps(one.steps, one.width, one.rise, one.tread), at[:2], counts=False,
                         turn=one.turn)
        deep = (room.length if room.length > room.width else room.width)
        half, top = one.width / 2, one.steps * one.rise
        x, y = rotated(0, deep, one.turn)
        end = min(max(one.x + x, 0.0), room.length), min(max(one.y + y, 0.0), room.width)
        far = abs(end[0] - one.x) + abs(end[1] - one.y)
        floor = self._floor if self.dice.random() < 0.6 else surfaces.floor(self.dice)
        self._slab('floor', [(-half, one.length, half, far)], 0.0, top, floor, at[:2], one.turn)


_BUILDERS: dict[str, Any] = {'door': Shell._door, 'open door': Shell._open_door, 'passage': Shell._passage,
                             'window': Shell._window, 'glass': Shell._window, 'alcove up': Shell._alcove,
                             'alcove down': Shell._alcove}


def _place(one: Stairs, start: float = 0.0) -> Rect:
    return footprint(one.x, one.y, one.turn, -one.width / 2, one.width / 2, start, one.length)


def _headroom(one: Stairs, height: float) -> float:
    """Return from where on a flight the ceiling is open."""
    return max(0.0, (height - 2.15) / one.rise * one.tread)
