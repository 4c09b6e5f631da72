# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""An answer gets the floor under it, and its objects the frame that is asked for, as far as TF tells."""

from __future__ import annotations

from dataclasses import replace

from seg_ros.errors import ImageError
from seg_ros.health.verdict import Verdict, doubted, without
from seg_ros.nodes.transforms import Transforms, mounted_floor
from seg_ros.pipeline import Answered
from seg_ros.records import Result
from seg_ros.settings import Settings


def over_floor(answered: Answered, settings: Settings, transforms: Transforms) -> tuple[Answered, list[Verdict]]:
    """Return a frame with the floor under it, and why TF does not tell it, if so."""
    frame, problems = answered.frame, list[Verdict]()
    if not settings.base_frame:
        frame = replace(frame, floor=mounted_floor(settings))
    else:
        try:
            floor, doubt = transforms.floor_under(frame.frame_id, frame.stamp_ns, settings.base_frame)
            frame = replace(frame, floor=floor)
            problems += [doubted(doubt)] if doubt else []
        except ImageError as error:
            frame = replace(frame, floor_problem=str(error))
            problems.append(without('no_transform', error))
    return replace(answered, frame=frame), problems


def placed(result: Result, settings: Settings, transforms: Transforms) -> tuple[Result, list[Verdict]]:
    """Return an answer with its objects in the target frame; without objects, and why, where TF does not tell it."""
    try:
        return replace(result, space=transforms.placed(result, settings.target_frame)), []
    except ImageError as error:
        return (replace(result, space=replace(result.space, objects=None, problem=result.space.problem or str(error))),
                [without('no_transform', error)])
