# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a map can be told, each knob once."""

from __future__ import annotations

from dataclasses import dataclass

from seg_ros.settings import Knobs, knob


@dataclass(frozen=True)
class MapSettings(Knobs):
    """How a map is made; heights are counted from the floor."""

    resolution_m: float = knob(0.05, 'side of a cell', unit='m', bounds=(0.01, 2.0), live=False)
    min_range_m: float = knob(0.2, 'nearer points are left out', unit='m', bounds=(0.0, 4.0))
    max_range_m: float = knob(5.0, 'farther points are left out', unit='m', bounds=(0.5, 30.0))
    min_height_m: float = knob(0.05, 'what is lower than this above the floor is driven over', unit='m',
                               bounds=(0.0, 1.0))
    max_height_m: float = knob(2.0, 'what is higher than this above the floor is passed under', unit='m',
                               bounds=(0.1, 100.0))
    min_rise_m: float = knob(0.1, 'an unlabelled point at least this high above the floor is an obstacle', unit='m',
                             bounds=(0.0, 100.0))
    moving: tuple[str, ...] = knob(('person',), 'classes that move: they leave no trace in the map')
    confirm_views: int = knob(3, 'an object is one when it was seen in so many images', bounds=(1, 1000))
    gate_m: float = knob(0.1, 'an object seen again lies at most this far, or half its own width, from where it was',
                         unit='m', bounds=(0.0, 10.0))
    forget_s: float = knob(0.0, 'what was seen weighs half after this time; 0 never forgets', unit='s',
                           bounds=(0.0, 1e9))
    limit_m: float = knob(200.0, 'the map reaches this far from where it began, to each side', unit='m',
                          bounds=(1.0, 100000.0), live=False)
    limit_mib: float = knob(512.0, 'the cells take no more memory than this', unit='MiB', bounds=(1.0, 1e6), live=False)

    def check_together(self) -> None:
        """Raise SettingError when values contradict each other."""
        self.check_order(('min_range_m', 'max_range_m'), ('min_height_m', 'max_height_m'))
