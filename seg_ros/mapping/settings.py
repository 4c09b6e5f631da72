"""What a map can be told, each knob once."""

from __future__ import annotations

from dataclasses import dataclass, fields

from seg_ros.errors import SettingError
from seg_ros.settings import knob


@dataclass(frozen=True)
class MapSettings:
    """
    How a map is made; heights are counted from the floor.

    :raises SettingError: when a value is out of its bounds or contradicts another.
    """

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

    def __post_init__(self) -> None:
        for item in fields(self):
            value, bounds = getattr(self, item.name), item.metadata['knob'].bounds
            if bounds is not None and not bounds[0] <= value <= bounds[1]:
                raise SettingError(f'{item.name} is {value}', f'It must lie within {bounds[0]:g} and {bounds[1]:g}')
        for low, high in (('min_range_m', 'max_range_m'), ('min_height_m', 'max_height_m')):
            if getattr(self, low) >= getattr(self, high):
                raise SettingError(f'{low} is {getattr(self, low)} and {high} is {getattr(self, high)}',
                                   f'{low} must be the smaller one')
