# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a camera, decided from its numbers and what is true around it, and what others found of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from seg_ros.health.consequences import first_causes
from seg_ros.health.numbers import EARLY_S, CameraHealth
from seg_ros.health.verdict import Level, Verdict

SILENT_S = 2.0  # a camera that is quiet for so long has stopped; the slowest webcam is faster
LATE_S = 3.0  # a stamp this far behind its arrival is of another clock
AHEAD_S = 2.0  # the stamps ran ahead of the clock by more than this from one image to the next
BACK_S = 0.5  # an image late by less than this is no step back in time
FAILING = 3  # so many images in a row that cannot be used are no torn ones
BEHIND = 0.5  # answering a smaller share of the images than this is falling behind

INACTIVE = Verdict(Level.STALE, 'inactive', 'the node is not active')
NO_CLOCK = Verdict(Level.ERROR, 'no_clock', 'use_sim_time is true, but nobody publishes /clock',
                   'start the simulation, play the bag with --clock, or set use_sim_time to false')


@dataclass(frozen=True)
class Situation:
    """
    What is true around a camera, besides its numbers.

    :param topic: of its images. :param publishers: how many publish images there.
    :param foreign_types: types of those who publish something else there.
    :param name: of that topic before it is remapped. :param candidates: topics on which images are published.
    :param other_transport: the image_transport in which somebody publishes the images of this camera; empty for none.
    :param active: whether the node listens. :param paused: whether ~/enable said false.
    :param wanted: whether anybody subscribes to an output that the mode has.
    :param clock_stands: whether simulated time is asked for and nobody gives it.
    :param max_rate: frames per second that are asked for at most; 0 for no limit.
    :param unready: why the node is not active: it loads, or could not be configured; None when nobody asked for it.
    :param problems: what else is wrong now, the first cause first.
    """

    topic: str
    publishers: int = 1
    foreign_types: tuple[str, ...] = ()
    name: str = 'image'
    candidates: tuple[str, ...] = ()
    other_transport: str = ''
    active: bool = True
    paused: bool = False
    wanted: bool = True
    clock_stands: bool = False
    max_rate: float = 0.0
    unready: Verdict | None = None
    problems: tuple[Verdict, ...] = ()


def verdicts(health: CameraHealth, now: Situation) -> tuple[Verdict, ...]:
    """Return what is wrong with a camera, the first cause first; or that nothing is. There is always one."""
    if not now.active:
        return (now.unready or INACTIVE,)
    if now.paused:
        return (Verdict(Level.OK, 'paused', 'paused: ~/enable resumes'),)
    silence = _of_silence(health, now)
    if silence is not None:
        return first_causes((silence, *now.problems))
    found = first_causes(one for one in (
        _undecodable(health, now) if now.wanted else None, *now.problems, *health.problems, _stamps(health, now),
        _behind(health, now)) if one is not None)
    return found or (_well(health) if now.wanted else _resting(now),)


def is_coming(health: CameraHealth) -> bool:
    """Tell whether images come."""
    return health.heard and health.quiet_s < SILENT_S


def is_answered(health: CameraHealth) -> bool:
    """Tell whether images come and can be used, so that what was seen last is what is seen now."""
    return is_coming(health) and health.failing < FAILING


def is_awaited(health: CameraHealth, publishers: int) -> bool:
    """Tell whether images come, or have not been listened to for long enough to miss them."""
    return health.quiet_s < SILENT_S and (health.heard or publishers > 0)


def _well(health: CameraHealth) -> Verdict:
    if not health.published or not health.heard:
        return Verdict(Level.OK, 'awaited', 'the first image is on its way')
    rate = f'{health.output_hz:.1f} Hz' if math.isfinite(health.output_hz) else ''
    late = f'{round(health.latency_p50_ms)} ms behind the camera' if math.isfinite(health.latency_p50_ms) else ''
    return Verdict(Level.OK, 'fine', ', '.join(filter(None, (rate, late))))


def _of_silence(health: CameraHealth, now: Situation) -> Verdict | None:
    """Explain why no image comes."""
    if now.clock_stands and (is_coming(health) or not health.received):  # a recording that has ended took both along
        return NO_CLOCK
    # Who is not asked for images is only looked for.
    if is_awaited(health, now.publishers) if now.wanted else now.publishers:
        return None
    if not now.publishers and now.foreign_types:
        return Verdict(Level.ERROR, 'other_type', f'{now.topic} carries {" and ".join(now.foreign_types)}, no images '
                       'of the kind listened to', 'set image_transport to raw or compressed as the topic is, '
                                                  f'or remap {now.name} to another topic')
    if not now.publishers and now.other_transport:
        return Verdict(Level.STALE, 'other_transport', f'nobody publishes {now.topic}; its images are there as '
                       f'{now.other_transport}', f'set image_transport to {now.other_transport}')
    if not now.publishers and not health.received:
        known = f'images are published on {", ".join(now.candidates[:5])}' if now.candidates else \
            'no other topic has images either'
        return Verdict(Level.STALE, 'elsewhere' if now.candidates else 'no_publisher',
                       f'nobody publishes {now.topic}; {known}',
                       f'start the camera, or remap {now.name} to its topic: -r {now.name}:=TOPIC, in a launch file '
                       f'image:=TOPIC{"" if now.name == "image" else " with {camera} for its name"}')
    if not now.publishers:
        return Verdict(Level.ERROR, 'gone', f'the camera of {now.topic} is gone: nobody publishes it any more',
                       'start its driver again; this node goes on by itself')
    if not health.received:
        return Verdict(Level.ERROR, 'no_frames', f'{now.topic} has a publisher, but no image arrives',
                       'see whether ros2 topic hz shows images; if it does, set the Fast DDS profile on both sides '
                       '(docs/transport.md), if not, check the camera and its driver')
    return Verdict(Level.ERROR, 'stopped', f'the images of {now.topic} stopped {health.quiet_s:.0f} s ago, though it '
                   'still has a publisher', 'check the camera, its cable and its driver; if ros2 topic hz shows '
                                            'images, set the Fast DDS profile on both sides (docs/transport.md)')


def _undecodable(health: CameraHealth, now: Situation) -> Verdict | None:
    if health.failing < FAILING and (health.published or not health.failing):
        return None
    fact, _, remedy = health.last_error.rstrip('.').partition('. ')
    found = Verdict(Level.ERROR, 'undecodable', f'{health.failing} images of {now.topic} in a row could not be used: '
                    f'{fact}', remedy or 'see docs/troubleshooting.md')
    return replace(found, cause=f'undecodable {found.reason}')  # another reason is said, too


def _resting(now: Situation) -> Verdict:
    return Verdict(Level.OK, 'resting', 'resting: nobody subscribes to an output',
                   f'images of {now.topic} are received and answered as soon as somebody subscribes, to ~/overlay say')


def _stamps(health: CameraHealth, now: Situation) -> Verdict | None:
    if not health.received or not now.wanted or EARLY_S <= health.offset_s <= LATE_S:
        return None
    if not health.is_stamped:
        return Verdict(Level.WARN, 'unstamped', f'the images of {now.topic} carry no stamp (it is 0): no transform can '
                       'be found for them, and depth is taken as it comes', 'let the camera driver stamp its images')
    side = 'behind' if health.offset_s > 0 else 'before'
    return Verdict(Level.WARN, 'stamps', f'the stamps of {now.topic} are {abs(health.offset_s):.1f} s {side} the '
                   'clock of this node', 'synchronise the clocks of the computers (chrony); for a recording use '
                                         'ros2 bag play --clock and use_sim_time:=true')


def _behind(health: CameraHealth, now: Situation) -> Verdict | None:
    asked_hz = min(health.input_hz, now.max_rate or math.inf)
    if health.published < 5 or not asked_hz > 1.0 or not now.wanted or not health.output_hz < BEHIND * asked_hz:
        return None
    return Verdict(Level.WARN, 'behind', f'{health.output_hz:.1f} of {asked_hz:.1f} images per second of '
                   f'{now.topic} are answered, the newest each time',
                   'use a GPU, a smaller model or fewer outputs; max_rate makes the lower rate a deliberate one')


def jump_of(back_s: float, ahead_s: float) -> str:
    """
    Return in words how the time of a camera jumped from one image to the next; empty when it did not.

    :param back_s: by how much the stamp is older. :param ahead_s: by how much more the stamps went on than the clock.
    """
    if back_s > BACK_S:
        return f'went back in time by {back_s:.3f} s: objects are taken for new ones'
    return f'leapt ahead in time by {ahead_s:.1f} s: objects are taken for new ones' if ahead_s > AHEAD_S else ''
