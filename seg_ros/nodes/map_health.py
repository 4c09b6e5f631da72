# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a camera whose answers become a map, in words."""

from __future__ import annotations

from seg_ros.errors import SegRosError
from seg_ros.health.causes import BEHIND, INACTIVE, NO_CLOCK, Situation, is_awaited
from seg_ros.health.consequences import first_causes
from seg_ros.health.numbers import CameraHealth
from seg_ros.health.verdict import Level, Verdict


def map_verdicts(health: CameraHealth, now: Situation, words: str) -> tuple[Verdict, ...]:
    """
    Return what is wrong, the first cause first; or how the map fares, in ``words``. There is always one.

    :param health: of the images that are mapped. :param now: around the topic that they come by.
    """
    if not now.active:
        return (now.unready or INACTIVE,)
    silence = _of_silence(health, now)
    if silence is not None:
        return first_causes((silence, *now.problems))
    return first_causes((*now.problems, *health.problems)) or (_behind(health, now)
                                                               or Verdict(Level.OK, 'fine', words),)


def not_configured(error: SegRosError) -> Verdict:
    """Return the verdict on a node that could not be configured."""
    return Verdict(Level.ERROR, 'not_configured', error.fact, error.remedy or 'see docs/mapping.md')


def _of_silence(health: CameraHealth, now: Situation) -> Verdict | None:
    """Explain why no answers come."""
    if now.clock_stands:
        return NO_CLOCK
    if is_awaited(health, now.publishers):
        return None
    if not now.publishers and now.foreign_types:
        return Verdict(Level.ERROR, 'other_type', f'{now.topic} carries {" and ".join(now.foreign_types)}',
                       'remap it to what segmentation publishes')
    if not now.publishers:
        there = f'; {" and ".join(now.candidates[:3])} may be it' if now.candidates else ''
        return Verdict(Level.STALE, 'no_publisher', f'nobody publishes {now.topic}{there}',
                       'start segmentation, or name it: -p segmentation:=NAME')
    if not health.received:
        return Verdict(Level.ERROR, 'no_frames', f'{now.topic} has a publisher, but nothing arrives',
                       'see what /diagnostics says of segmentation; it may wait for its camera, or be in another mode')
    return Verdict(Level.ERROR, 'stopped', f'the answers on {now.topic} stopped {health.quiet_s:.0f} s ago',
                   'see what /diagnostics says of segmentation and of its camera')


def _behind(health: CameraHealth, now: Situation) -> Verdict | None:
    """Say that images are let go because a map of all of them takes too long."""
    if health.published < 5 or not health.input_hz > 1.0 or not health.output_hz < BEHIND * health.input_hz:
        return None
    return Verdict(Level.WARN, 'behind', f'{health.output_hz:.1f} of {health.input_hz:.1f} images per second of '
                   f'{now.topic} are mapped', 'lower the rate of segmentation (max_rate), raise resolution_m or lower '
                                              'max_range_m')
