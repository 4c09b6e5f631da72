# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is wanted of a frame in metres: which clouds, boxes and scan are made, from which floor."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import Doubt, ImageError
from seg_ros.geometry.blind import blind_obstacles
from seg_ros.geometry.boxes import quaternion_of, upright_boxes
from seg_ros.geometry.cloud import (
    Band,
    chosen_cloud,
    ground_pixels,
    obstacle_pixels,
    organised_cloud,
    overruled_pixels,
    rising_pixels,
    scene_cloud,
    target_cloud,
    target_pixels,
)
from seg_ros.geometry.doubts import doubt_of_floor, doubt_of_height, doubt_of_lens, doubts_of_depth
from seg_ros.geometry.ground import level_from_optical, measured_floor
from seg_ros.geometry.pinhole import Optics, rays_of
from seg_ros.geometry.scan import LEVEL, Beams, beams_of, scan_of_labels, scan_of_points
from seg_ros.geometry.surface import NEAREST_M, Surface, camera_of, surface_of
from seg_ros.records import UNLABELLED, Frame, Instances, Intrinsics, Segmentation
from seg_ros.settings import Settings
from seg_ros.space import Cloud, Plane, Space

OF_LABELS = frozenset({'obstacles', 'ground', 'scan', 'costmap_mask'})
OF_INSTANCES = frozenset({'objects', 'object_markers', 'target_points', 'scene_points'})
IN_SPACE = OF_LABELS | OF_INSTANCES | {'points'}
"""The parts of a Space by name, as they are asked for; ``object_markers`` are its ``objects``, to be drawn."""

NO_DEPTH = 'no depth comes with the image'
"""What is said of it; who knows the topic says why."""

HEAD_ON_RAD = math.radians(60)  # a plane that a camera looks at more steeply may be a wall that is labelled floor


@dataclass(frozen=True)
class Roles:
    """
    Which label bytes are obstacles and which are ground, (256,) each.

    :param unforeseen: the label of an obstacle that no class was given; 255 where there is no such class.
    """

    is_obstacle: NDArray[np.bool_]
    is_ground: NDArray[np.bool_]
    unforeseen: int = UNLABELLED


class Spaces:
    """Makes what is wanted of each frame; remembers of each camera its optics and how its scan is divided."""

    def __init__(self) -> None:
        self._optics: dict[str, Optics] = {}
        self._beams: dict[str, tuple[Intrinsics, float, float, Beams]] = {}
        self._lenses: dict[str, tuple[Intrinsics, tuple[Doubt, ...]]] = {}

    def made(self, frame: Frame, segmentation: Segmentation, wanted: frozenset[str], roles: Roles, settings: Settings,
             *, target: int | None = None, instance_ids: NDArray[np.uint16] | None = None) -> Space:
        """
        Return the wanted parts that the frame can give, and the reason when it cannot give them all.

        :param wanted: of ``IN_SPACE``. :param target: index of the object to pick; None when it is not in sight.
        :param instance_ids: (H, W) for ``points``; None where there are no objects.
        """
        wanted = _possible(wanted, segmentation)
        if not wanted:
            return Space()
        try:
            if frame.depth is None or frame.depth_problem:
                return self._without_depth(frame, segmentation, wanted, roles, settings)
            return self._with_depth(frame, segmentation, wanted, roles, settings, target, instance_ids)
        except ImageError as error:
            return Space(problem=str(error))

    def _without_depth(self, frame: Frame, segmentation: Segmentation, wanted: frozenset[str], roles: Roles,
                       settings: Settings) -> Space:
        """Return the scan from the labels alone, where the mounting of the camera is known."""
        space = Space(problem=frame.depth_problem)
        if wanted != {'scan'} and not frame.depth_problem:
            space = Space(problem=str(ImageError(NO_DEPTH, 'remap depth to the depth image '
                                                 'registered to it, or raise depth_slop_s or depth_wait_s')))
        if 'scan' not in wanted or segmentation.labels is None or (frame.depth_problem and not frame.intrinsics):
            return space
        if frame.floor is None:
            return replace(space, problem=space.problem or frame.floor_problem or str(ImageError(
                'a scan without depth needs the height and pitch of the camera',
                'set camera_height_m and camera_pitch_deg, or base_frame, or send depth')))
        camera = _camera_at(frame, segmentation.size)
        scan = scan_of_labels(segmentation.labels, camera, frame.floor, self._beams_of(frame, camera, settings),
                              is_obstacle=roles.is_obstacle, is_ground=roles.is_ground)
        return replace(space, plane=frame.floor, scan=scan, level=_level(frame.floor),
                       doubts=self._doubts_of_lens(frame))

    def _with_depth(self, frame: Frame, segmentation: Segmentation, wanted: frozenset[str], roles: Roles,
                    settings: Settings, target: int | None, instance_ids: NDArray[np.uint16] | None) -> Space:
        surface = surface_of(frame, segmentation.size, optics=self._optics.setdefault(frame.camera, Optics()),
                             nearest_m=min(NEAREST_M, settings.min_range_m))
        is_floor_wanted = wanted != {'points'} or settings.floor_overrules_label
        plane = _floor(surface, frame, segmentation, roles) if is_floor_wanted else frame.floor
        assert frame.depth is not None  # a surface was made of it
        doubts = (*self._doubts_of_lens(frame), *doubts_of_depth(frame.depth, nearest_m=settings.min_range_m,
                                                                 farthest_m=settings.max_range_m))
        if plane is not None and frame.floor is not None:
            if (doubt := doubt_of_floor(plane, frame.floor)) is not None:
                plane, doubts = frame.floor, (*doubts, doubt)
            elif (doubt := doubt_of_height(plane, frame.floor)) is not None:
                doubts = (*doubts, doubt)
        is_measured = bool(doubts) or bool(np.isfinite(surface.z).any())
        space = Space(plane=plane, doubts=doubts, problem='' if is_measured else str(ImageError(
            'the depth image holds no measurement', 'see whether the depth camera is covered, or too near')))
        if 'points' in wanted:
            space = replace(space, points=_points(surface, frame, segmentation, plane, roles, settings, instance_ids))
        if wanted & OF_LABELS:
            space = self._for_driving(space, surface, frame, segmentation, wanted, roles, settings)
        if wanted & OF_INSTANCES:
            space = _for_picking(space, surface, frame, segmentation, wanted, settings, target, instance_ids)
        return space

    def _for_driving(self, space: Space, surface: Surface, frame: Frame, segmentation: Segmentation,
                     wanted: frozenset[str], roles: Roles, settings: Settings) -> Space:
        labels, plane, band = segmentation.labels, space.plane, band_of(settings)
        assert labels is not None  # `_possible` asked
        heights = None if plane is None else surface.heights(plane)
        camera = _camera_at(frame, segmentation.size)
        rising = rising_pixels(surface, labels, roles.is_ground, heights, band)
        blocked = cv2.bitwise_or(obstacle_pixels(surface, labels, roles.is_obstacle, heights, band), rising)
        blind = blind_obstacles(camera, surface, labels, blocked, is_obstacle=roles.is_obstacle,
                                is_ground=roles.is_ground)
        if 'costmap_mask' in wanted:
            space = replace(space, costmap_mask=np.where(rising, np.uint8(roles.unforeseen), labels))
        if 'obstacles' in wanted:
            space = replace(space, obstacles=chosen_cloud(surface, blocked, settings.voxel_m))
        if 'scan' in wanted:
            scan = scan_of_points(surface, blocked, plane, self._beams_of(frame, camera, settings), blind)
            space = replace(space, scan=scan, level=_level(plane))
        if 'ground' in wanted:
            free = blind.cleared(ground_pixels(surface, labels, roles.is_ground, heights, band))
            space = replace(space, ground=chosen_cloud(surface, free, settings.voxel_m))
        return space

    def _doubts_of_lens(self, frame: Frame) -> tuple[Doubt, ...]:
        """Return what is doubtful about the lens of a camera, looked at once until that changes."""
        camera = camera_of(frame)
        if frame.camera not in self._lenses or self._lenses[frame.camera][0] != camera:
            doubt = doubt_of_lens(camera, rays_of(camera))
            self._lenses[frame.camera] = camera, () if doubt is None else (doubt,)
        return self._lenses[frame.camera][1]

    def _beams_of(self, frame: Frame, camera: Intrinsics, settings: Settings) -> Beams:
        """Return the beams of a camera, the same for each frame until the camera or the limits change."""
        key = camera, settings.min_range_m, settings.max_range_m
        if frame.camera not in self._beams or self._beams[frame.camera][:3] != key:
            beams = beams_of(camera, frame.floor, range_min_m=key[1], range_max_m=key[2])
            self._beams[frame.camera] = (*key, beams)
        return self._beams[frame.camera][3]


def band_of(settings: Settings) -> Band:
    """Return which points count for driving."""
    return Band(settings.min_range_m, settings.max_range_m, settings.min_height_m, settings.max_height_m,
                settings.min_rise_m)


def _possible(wanted: frozenset[str], segmentation: Segmentation) -> frozenset[str]:
    """Return what is wanted and belongs to the mode."""
    absent = (frozenset() if segmentation.labels is not None else OF_LABELS) | (
        frozenset() if segmentation.instances is not None else OF_INSTANCES)
    return (wanted & IN_SPACE) - absent


def _floor(surface: Surface, frame: Frame, segmentation: Segmentation, roles: Roles) -> Plane | None:
    """Return the floor measured in this frame; where too little of it is seen, the one that was given."""
    if segmentation.labels is None:
        return frame.floor
    return measured_floor(surface, segmentation.labels, roles.is_ground) or frame.floor


def _points(surface: Surface, frame: Frame, segmentation: Segmentation, plane: Plane | None, roles: Roles,
            settings: Settings, instance_ids: NDArray[np.uint16] | None) -> Cloud:
    """Return the cloud of every pixel, where depth overrules the label as far as the floor is known."""
    labels, overruled = segmentation.labels, None
    is_known = plane is not None and (frame.floor is not None or abs(plane.pitch_rad) < HEAD_ON_RAD)
    if settings.floor_overrules_label and labels is not None and plane is not None and is_known:
        overruled = overruled_pixels(labels, roles.is_obstacle, surface.heights(plane), settings.min_height_m,
                                     instance_ids)
    return organised_cloud(surface, frame.rgb, labels, instance_ids, overruled)


def _for_picking(space: Space, surface: Surface, frame: Frame, segmentation: Segmentation, wanted: frozenset[str],
                 settings: Settings, target: int | None, instance_ids: NDArray[np.uint16] | None) -> Space:
    instances = segmentation.instances or Instances.none(segmentation.size)
    chosen = () if target is None else (target,)
    if wanted & {'objects', 'object_markers'}:
        space = replace(space, objects=upright_boxes(surface, instances, space.plane))
    if 'target_points' in wanted:
        cloud = target_cloud(surface, instances, chosen, frame.rgb, segmentation.labels, instance_ids, space.plane)
        space = replace(space, target_points=cloud)
    if 'scene_points' in wanted:
        cloud = scene_cloud(surface, target_pixels(instances, chosen) if chosen else None,
                            margin_px=settings.target_margin_px, max_range_m=settings.max_range_m,
                            voxel_m=settings.voxel_m)
        space = replace(space, scene_points=cloud)
    return space


def _camera_at(frame: Frame, size: tuple[int, int]) -> Intrinsics:
    camera = camera_of(frame)
    return camera if frame.size == size else camera.scaled_to(*size)


def _level(plane: Plane | None) -> tuple[float, float, float, float]:
    x, y, z, w = quaternion_of(level_from_optical(plane or LEVEL).T)
    return float(x), float(y), float(z), float(w)
