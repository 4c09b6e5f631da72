# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a map can be told, each knob once."""

from __future__ import annotations

from dataclasses import dataclass

from seg_ros.errors import SettingError
from seg_ros.mapping.datum import Datum
from seg_ros.records import Mode
from seg_ros.settings import Knobs, check_cameras, check_frame, knob


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


@dataclass(frozen=True)
class MappingSettings(MapSettings):
    """All that the node ``mapping`` can be told: how the map is made, and of what."""

    mode: str = knob('panoptic', 'what is mapped: cells (semantic), objects (instance), or both; segmentation must be '
                                 'in that mode, or in panoptic', choices=tuple(m.value for m in Mode), live=False)
    source: str = knob('depth', 'where places come from: depth and camera_info, or the organised ~/points of '
                                'segmentation alone', choices=('depth', 'points'), live=False)
    segmentation: str = knob('segmentation', 'the node whose answers are mapped; without a slash it is in the '
                                             'namespace of mapping', live=False)
    cameras: tuple[str, ...] = knob(('',), 'names of the cameras, as segmentation has them; one empty name means no '
                                           'prefix', live=False)
    map_frame: str = knob('map', 'the frame the map is made in, by TF at the stamp of the image; odom works, z = 0 is '
                                 'the floor', live=False)
    taxonomy: str = knob('indoor', "the robot's classes and their roles: a shipped name, or the path of a .yaml file",
                         live=False)
    rectified: bool = knob(False, 'the images are rectified (image_rect): P of camera_info holds; false takes K and '
                                  'undoes the lens')
    depth_slop_s: float = knob(0.02, 'a depth image belongs to an image when their stamps differ by no more than this',
                               unit='s', bounds=(0.0, 1.0))
    wait_s: float = knob(1.0, 'an image waits at most this long for its depth, its objects and its transform', unit='s',
                         bounds=(0.0, 10.0))
    folder: str = knob('~/.ros/seg_ros_map', 'where ~/save writes the map')
    datum: str = knob('', 'where the origin of the map lies, LATITUDE,LONGITUDE and, where x does not point east, its '
                          'bearing; empty for nowhere')
    autostart: bool = knob(True, 'configure and activate at start; false leaves that to a lifecycle manager',
                           live=False)

    def check_together(self) -> None:
        """Raise SettingError when values contradict each other."""
        super().check_together()
        check_cameras(self.cameras)
        if not self.map_frame:
            raise SettingError('map_frame is empty', 'Name a frame that TF knows, map or odom')
        check_frame('map_frame', self.map_frame)
        if not self.folder.strip():
            raise SettingError('folder is empty', 'Name the folder that ~/save writes')
        if self.datum:
            Datum.parsed(self.datum)
