# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Makes the layout of a seed: openings first, then stairs, then furniture, persons and what lies about."""

from __future__ import annotations

import random

from layout import KINDS, LIGHTS, MEASURES, STAIRS, Layout, Opening, Piece, Rect, Stairs, footprint, overlap, rotated
from stock_list import FLOOR_THINGS, FURNISHED, ON_TOP, SIZES, TOOLS, WALL_THINGS

# how often a stair is in a kind of room; about a third of all
STAIR_SHARE = {'stairwell': 1.0, 'hall': 0.6, 'corridor': 0.4, 'living room': 0.35, 'cafe': 0.3, 'warehouse': 0.3}


def plan(seed: int) -> Layout:
    """Return the interior of a seed, always the same one."""
    return _Planner(seed).planned()


class _Planner:
    def __init__(self, seed: int) -> None:
        self.dice = dice = random.Random(f'interior {seed}')
        kind = dice.choice(KINDS)
        length, width, height = (dice.uniform(*span) for span in MEASURES[kind])
        self.room = Layout(seed, kind, length, width, height, dice.choice(LIGHTS))

    def planned(self) -> Layout:
        self._stairs()
        self._openings()
        self._columns()
        if self.room.kind in ('store', 'warehouse', 'classroom', 'cafe'):
            self._rows()
        for kind in FURNISHED[self.room.kind]:
            if self.dice.random() < 0.85:
                self._furniture(kind)
        if self.dice.random() < 0.5:
            self._hung()
        self._persons()
        self._at_the_walls()
        self._rugs()
        self._lying_about()
        return self.room

    # openings ------------------------------------------------------------------------------------------------------

    def _openings(self) -> None:
        dice, room = self.dice, self.room
        doors = dice.randint(1, 3) if room.kind != 'corridor' else dice.randint(3, 8)
        for number in range(doors):
            kind = 'door' if number == 0 else dice.choice(('door', 'door', 'open door', 'passage'))
            wide = dice.uniform(0.8, 1.05) if kind != 'passage' else dice.uniform(0.9, 2.4)
            if kind == 'door' and dice.random() < 0.2:
                wide *= 1.8
            self._open(kind, wide, 0.0, min(dice.uniform(1.98, 2.2), room.height - 0.1))
        dark = room.kind in ('store', 'warehouse', 'stairwell') and dice.random() < 0.6
        windows = 0 if dark else dice.randint(room.light in ('day', 'backlight'), 4)
        if windows and dice.random() < 0.3:
            self._open('glass', dice.uniform(1.5, 4.5), 0.0, min(room.height - 0.15, dice.uniform(2.1, 3.0)))
        low = dice.choice((0.08, 0.5, 0.8, 0.9, 1.0))
        high = min(low + dice.uniform(0.9, 1.9), room.height - 0.12)
        wide = dice.uniform(0.7, 2.4)
        wall = dice.randrange(4)
        for _ in range(windows):
            self._open('window', wide, low, high, wall if dice.random() < 0.6 else None)

    def _open(self, kind: str, width: float, low: float, high: float, wall: int | None = None) -> Opening | None:
        room, dice = self.room, self.dice
        for _ in range(12):
            side = dice.randrange(4) if wall is None else wall
            half = room.wall_length(side) / 2
            if room.kind == 'corridor' and dice.random() < 0.5:
                side = dice.choice((0, 2))
                half = room.length / 2
            if half < width / 2 + 0.15:
                continue
            one = Opening(kind, side, dice.uniform(-half + width / 2 + 0.12, half - width / 2 - 0.12), width, low, high)
            if self._fits(one):
                room.openings.append(one)
                if kind != 'window':
                    x, y, turn = room.on_wall(side, one.at)
                    room.clear.append(footprint(x, y, turn, -width / 2, width / 2, -min(1.0, room.width * 0.4), 0))
                return one
        return None

    def _fits(self, one: Opening) -> bool:
        same = [other for other in self.room.openings if other.wall == one.wall]
        gap = 0.35 if one.kind != 'window' else 0.25
        if any(abs(one.at - other.at) < (one.width + other.width) / 2 + gap for other in same):
            return False
        x, y, turn = self.room.on_wall(one.wall, one.at)
        before = footprint(x, y, turn, -one.width / 2, one.width / 2, -0.4, 0)
        return not any(overlap(before, rect) for rect in self.room.taken)

    # stairs --------------------------------------------------------------------------------------------------------

    def _stairs(self) -> None:
        room, dice = self.room, self.dice
        if dice.random() > STAIR_SHARE.get(room.kind, 0.17):
            return
        for kind in dice.sample(STAIRS, 2 if room.kind in ('stairwell', 'hall') else 1):
            if kind.startswith('alcove'):
                self._alcove(kind)
            elif kind == 'podium':
                self._podium()
            else:
                self._flight(kind)
        if not room.has_stairs:
            self._alcove(dice.choice(('alcove up', 'alcove down')))

    def _alcove(self, kind: str) -> None:
        room, dice = self.room, self.dice
        wall = dice.choice((1, 3)) if room.kind == 'corridor' else dice.randrange(4)
        wide = min(dice.uniform(0.95, 3.0), room.wall_length(wall) - 0.3)
        self._open(kind, wide, 0.0, min(room.height - 0.05, dice.uniform(2.2, 3.2)), wall)

    def _steps(self) -> tuple[float, float]:
        return self.dice.uniform(0.15, 0.2), self.dice.uniform(0.24, 0.32)

    def _flight(self, kind: str) -> None:
        """A flight along a wall: up through the ceiling, or down through the floor."""
        room, dice = self.room, self.dice
        rise, tread = self._steps()
        wall, wide = dice.randrange(4), dice.uniform(0.85, 1.5)
        deep = room.height + 0.25 if kind == 'flight' else 2.6
        steps = round(deep / rise)
        long = room.wall_length(wall)
        tread = min(tread, (long - 1.2) / steps)
        if tread < 0.2 or wide > room.wall_length(wall + 1) * 0.4:
            return
        x, y, turn = room.on_wall(wall, dice.uniform(-0.3, 0.3) * (long - steps * tread),
                                  wide / 2 + (0.0 if kind == 'flight' else 0.12))
        turn += dice.choice((90, -90))  # the steps go along the frame's y
        dx, dy = rotated(0, -steps * tread / 2, turn)
        one = Stairs(kind, x + dx, y + dy, turn, wide, steps, rise, tread, kind == 'flight' and dice.random() < 0.4)
        rect = footprint(one.x, one.y, turn, -wide / 2, wide / 2, 0, one.length)
        if room.free(rect):
            room.stairs.append(one)
            room.taken.append(rect)
            room.clear.append(footprint(one.x, one.y, turn, -wide / 2, wide / 2, -1.0, 0))

    def _podium(self) -> None:
        """A part of the room lies a few steps higher, from wall to wall."""
        room, dice = self.room, self.dice
        rise, tread = self._steps()
        wall = dice.choice((1, 3) if room.length > room.width else (0, 2))
        across, long = room.wall_length(wall), room.wall_length(wall + 1)
        steps = dice.randint(2, 5)
        deep = dice.uniform(0.2, 0.4) * long + steps * tread
        if deep > long - 1.5 or room.height < 2.3 + steps * rise:
            return
        x, y, turn = room.on_wall(wall, 0, deep)
        one = Stairs('podium', x, y, turn, across, steps, rise, tread, False)
        rect = footprint(x, y, turn, -across / 2, across / 2, 0, deep)
        if room.free(rect):
            room.stairs.append(one)
            room.taken.append(rect)

    # what stands ---------------------------------------------------------------------------------------------------

    def _columns(self) -> None:
        room, dice = self.room, self.dice
        if room.kind in ('hall', 'warehouse', 'store', 'office', 'cafe') and dice.random() < 0.45:
            wide = dice.uniform(0.25, 0.6)
            for x in (room.length / 3, room.length * 2 / 3):
                self._stand('column', x, room.width * dice.choice((0.3, 0.5, 0.7)), 0.0, (wide, wide, room.height))

    def _rows(self) -> None:
        """Rows of shelves with aisles, or of tables with chairs."""
        room, dice = self.room, self.dice
        kind = {'store': 'gondola', 'warehouse': 'rack', 'classroom': 'desk', 'cafe': 'table'}[room.kind]
        size = self._size(kind)
        aisle = dice.uniform(1.2, 2.6) if room.kind in ('store', 'warehouse') else dice.uniform(0.8, 1.3) + size[1]
        gap = 0.03 if room.kind in ('store', 'warehouse') else dice.uniform(0.4, 1.4)
        turn = dice.choice((0.0, 90.0))
        wide, deep = (size[0], size[1]) if turn == 0 else (size[1], size[0])
        step_x, step_y = (wide + gap, deep + aisle) if turn == 0 else (wide + aisle, deep + gap)
        x = wide / 2 + dice.uniform(0.5, 1.5)
        while x < room.length - wide / 2 - 0.5:
            y = deep / 2 + dice.uniform(0.5, 0.9)
            while y < room.width - deep / 2 - 0.5:
                if dice.random() < 0.88 and self._stand(kind, x, y, turn, size) and size[2] < 1.0:
                    self._seats(self.room.pieces[-1])
                y += step_y
            x += step_x

    def _furniture(self, kind: str) -> None:
        room, dice = self.room, self.dice
        size = self._size(kind)
        for _ in range(15):
            if kind in ('table', 'island', 'coffee table', 'bench', 'stool', 'armchair', 'office chair', 'chair'):
                x, y = dice.uniform(0, room.length), dice.uniform(0, room.width)
                turn = dice.choice((0.0, 90.0, 180.0, 270.0))
            else:
                wall = dice.randrange(4)
                half = room.wall_length(wall) / 2 - size[0] / 2 - 0.03
                if half <= 0:
                    continue
                along = dice.uniform(-half, half)
                if self._hides(wall, along, size):
                    continue
                x, y, turn = room.on_wall(wall, along, size[1] / 2 + 0.02)
            if self._stand(kind, x, y, turn, size):
                if kind in ('table', 'desk', 'workbench'):
                    self._seats(room.pieces[-1])
                return

    def _hides(self, wall: int, along: float, size: tuple[float, float, float]) -> bool:
        return any(one.wall == wall and one.low < size[2] and abs(one.at - along) < (one.width + size[0]) / 2
                   for one in self.room.openings)

    def _stand(self, kind: str, x: float, y: float, turn: float, size: tuple[float, float, float],
               jitter: float = 4.0) -> bool:
        """Put a thing on the floor if there is room for it; what may lie on it is put too."""
        room, dice = self.room, self.dice
        rect = footprint(x, y, turn, -size[0] / 2, size[0] / 2, -size[1] / 2, size[1] / 2)
        if not room.free(rect, 0.04) or any(overlap(rect, one) for one in room.clear):
            return False
        room.taken.append(rect)
        loose = kind in ('chair', 'office chair', 'stool', 'armchair', 'table', 'person')
        room.pieces.append(Piece(kind, x, y, 0.0, turn + (dice.gauss(0, jitter) if loose else 0.0), size,
                                 dice.randrange(1 << 30)))
        if kind in ('table', 'desk', 'workbench', 'counter', 'island', 'coffee table', 'cabinet'):
            self._on_top(room.pieces[-1])
        return True

    def _seats(self, table: Piece) -> None:
        dice = self.dice
        kind = 'office chair' if table.kind == 'desk' and dice.random() < 0.6 else 'chair'
        if table.kind == 'workbench':
            kind = 'stool'
        sides = ((0, -1), (0, 1)) if table.kind == 'table' else ((0, -1),)
        size = self._size(kind)
        for _, side in sides:
            count = max(1, int(table.size[0] / 0.75))
            for k in range(count):
                if dice.random() < 0.75:
                    u = (k - (count - 1) / 2) * 0.7 + dice.gauss(0, 0.04)
                    v = side * (table.size[1] / 2 + size[1] / 2 + dice.uniform(-0.1, 0.2))
                    dx, dy = rotated(u, v, table.turn)
                    turn = table.turn + (180 if side < 0 else 0)
                    self._seat(kind, table.x + dx, table.y + dy, turn, size)

    def _seat(self, kind: str, x: float, y: float, turn: float, size: tuple[float, float, float]) -> None:
        """A seat may stand half under its table, so only the others matter."""
        rect = footprint(x, y, turn, -0.2, 0.2, -0.2, 0.2)
        room = self.room
        near = [one for one in room.taken if overlap(rect, one)]
        if len(near) <= 1 and 0.25 < x < room.length - 0.25 and 0.25 < y < room.width - 0.25:
            room.taken.append(rect)
            room.pieces.append(Piece(kind, x, y, 0.0, turn + self.dice.gauss(0, 14), size,
                                     self.dice.randrange(1 << 30)))

    def _on_top(self, below: Piece) -> None:
        dice = self.dice
        names = TOOLS if below.kind == 'workbench' or dice.random() < 0.12 else ON_TOP
        count = dice.randint(0, 3 + int(2 * below.size[0]))
        for k in range(count):
            u = ((k + 0.5) / count - 0.5) * (below.size[0] - 0.2)
            v = dice.uniform(-0.35, 0.35) * below.size[1]
            dx, dy = rotated(u, v, below.turn)
            kind = dice.choice(names)
            self.room.pieces.append(Piece(kind, below.x + dx, below.y + dy, below.size[2] + 0.001,
                                          dice.uniform(0, 360), SIZES[kind][0], dice.randrange(1 << 30)))

    def _persons(self) -> None:
        dice, room = self.dice, self.room
        count = dice.choice((0, 0, 0, 1, 1, 2)) + (room.length * room.width > 60) * dice.randint(0, 3)
        for _ in range(count):
            for _ in range(6):
                x, y = dice.uniform(0.4, room.length - 0.4), dice.uniform(0.4, room.width - 0.4)
                if self._stand('person', x, y, dice.uniform(0, 360), (0.5, 0.5, 1.75)):
                    break

    def _at_the_walls(self) -> None:
        """Pictures, mirrors, boards, radiators, plants and lamps along the walls."""
        room, dice = self.room, self.dice
        for _ in range(dice.randint(1, 7)):
            kind = dice.choice(WALL_THINGS)
            size = self._size(kind)
            wall = dice.randrange(4)
            half = room.wall_length(wall) / 2 - size[0] / 2 - 0.05
            if half <= 0:
                continue
            along = dice.uniform(-half, half)
            low = dice.uniform(1.1, 1.5) if kind in ('picture', 'mirror', 'board') else 0.0
            if self._hides(wall, along, (size[0], size[1], low + size[2])):
                continue
            x, y, turn = room.on_wall(wall, along, size[1] / 2 + 0.01)
            if low:
                rect = footprint(x, y, turn, -size[0] / 2, size[0] / 2, -size[1] / 2, size[1] / 2)
                if low + size[2] < room.height and room.free(rect):
                    room.pieces.append(Piece(kind, x, y, low, turn, size, dice.randrange(1 << 30)))
            else:
                self._stand(kind, x, y, turn, size)

    def _hung(self) -> None:
        """Cupboards or shelves hang above some of what is low; lamps hang from some ceilings."""
        room, dice = self.room, self.dice
        for below in [one for one in room.pieces if one.kind in ('counter', 'workbench', 'desk', 'cabinet')]:
            size = (below.size[0] * dice.uniform(0.5, 1.0), dice.uniform(0.25, 0.38), dice.uniform(0.4, 0.75))
            wall = round(-below.turn / 90) % 4
            x, y, turn = room.on_wall(wall, 0.0, size[1] / 2 + 0.01)
            along = rotated(below.x - x, below.y - y, -turn)
            at_wall = abs(along[1]) < 0.5 and room.kind not in ('classroom', 'cafe')
            if at_wall and room.height > 2.25 and not self._hides(wall, along[0], (size[0], 0.4, 9.0)):
                dx, dy = rotated(along[0], 0.0, turn)
                room.pieces.append(Piece('hung cabinet', x + dx, y + dy, dice.uniform(1.35, 1.5), turn, size,
                                         dice.randrange(1 << 30)))
        if room.kind not in ('warehouse', 'store') and dice.random() < 0.5:
            for table in [one for one in room.pieces if one.kind == 'table'] or [None]:
                x, y = (table.x, table.y) if table else (room.length / 2, room.width / 2)
                room.pieces.append(Piece('hanging lamp', x, y, room.height, 0.0, (0.4, 0.4, 0.4),
                                         dice.randrange(1 << 30)))

    def _rugs(self) -> None:
        room, dice = self.room, self.dice
        if dice.random() < 0.4 and room.kind not in ('warehouse', 'workshop'):
            long, wide = dice.uniform(0.6, 2.6), dice.uniform(0.5, 1.8)
            self._flat('rug', (min(long, room.length * 0.7), min(wide, room.width * 0.7), 0.01))
        for _ in range(dice.choice((0, 0, 1, 2))):
            self._flat('cable', (dice.uniform(0.6, 2.5), 0.6, 0.01))

    def _flat(self, kind: str, size: tuple[float, float, float]) -> None:
        room, dice = self.room, self.dice
        for _ in range(8):
            x, y = dice.uniform(0.5, room.length - 0.5), dice.uniform(0.5, room.width - 0.5)
            turn = dice.choice((0.0, 90.0)) if kind == 'rug' else dice.uniform(0, 360)
            rect: Rect = footprint(x, y, turn, -size[0] / 2, size[0] / 2, -size[1] / 2, size[1] / 2)
            holes = [footprint(s.x, s.y, s.turn, -s.width / 2, s.width / 2, 0, s.length + 9 * (s.kind == 'podium'))
                     for s in room.stairs]
            inside = rect[0] > 0 and rect[1] > 0 and rect[2] < room.length and rect[3] < room.width
            if inside and not any(overlap(rect, hole, 0.1) for hole in holes):
                room.pieces.append(Piece(kind, x, y, 0.0, turn, size, dice.randrange(1 << 30)))
                return

    def _lying_about(self) -> None:
        """Small things on the floor, some of them tools; they leave the camera its way."""
        room, dice = self.room, self.dice
        for _ in range(dice.randint(0, 7)):
            kind = dice.choice(TOOLS if dice.random() < (0.7 if room.kind == 'workshop' else 0.15) else FLOOR_THINGS)
            size = self._size(kind)
            x, y = dice.uniform(0.2, room.length - 0.2), dice.uniform(0.2, room.width - 0.2)
            self._stand(kind, x, y, dice.uniform(0, 360), size)

    def _size(self, kind: str) -> tuple[float, float, float]:
        low, high = SIZES[kind]
        return tuple(self.dice.uniform(a, b) for a, b in zip(low, high))  # type: ignore[return-value]
