# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What follows from what: of things that are wrong together the first cause alone is told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from seg_ros.health.verdict import Level, Verdict

MOUNTING = ('optical_frame', 'form', 'lens', 'depth_range')
FOLLOWS: dict[str, tuple[str, ...]] = {
    'behind': ('undecodable', 'device'),
    'elsewhere': ('remap',), 'no_publisher': ('remap',), 'gone': ('remap',),
    'no_transform': ('frame_id',), 'late_transform': ('no_clock', 'stamps'),
    'depth_frame': ('frame_id',), 'info_frame': ('frame_id',),
    'matrices': ('form',), 'lens': ('form', 'matrices'),
    'floor': MOUNTING, 'floor_height': MOUNTING,
}
"""By the kind of a verdict: those that it is not worth a word beside."""


def first_causes(found: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """
    Return of several verdicts those that follow from no other, and one for each reason.

    What is not given for a reason is told with the first cause of it, and before what is merely doubted.
    """
    causes: dict[str, Verdict] = {}  # by reason
    for one in found:
        same = causes.get(one.reason)
        causes[one.reason] = one if same is None else _joined(*((same, one) if one.outputs else (one, same)))
    by_kind = {one.kind: one.reason for one in reversed(causes.values())}
    for reason, one in list(causes.items()):
        root = _root(one.kind, by_kind)
        if root is not None:
            causes[root] = _joined(causes[root], one)
            del causes[reason]
    return tuple(sorted(causes.values(), key=lambda one: one.level < Level.ERROR and not one.outputs))


def _root(kind: str, by_kind: Mapping[str, str]) -> str | None:
    """Return the reason of what a kind follows from in the end; None where nothing of that is there."""
    before = next((one for one in FOLLOWS.get(kind, ()) if one in by_kind), None)
    return None if before is None else _root(before, by_kind) or by_kind[before]


def _joined(first: Verdict, other: Verdict) -> Verdict:
    """Return a verdict with what is not given for another, and as bad as the worse of the two."""
    return replace(first, level=max(first.level, other.level),
                   outputs=tuple(sorted({*first.outputs, *other.outputs})))
