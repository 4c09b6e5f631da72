# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Arguments of launch files that were typed and mean nothing: launch takes every name. ROS is not needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

OF_LAUNCH = ('ros_', 'global_')
"""How the names begin under which launch_ros keeps what holds for all nodes."""


def mistyped(given: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    """
    Yield a sentence for each name that is nearly an argument of a launch file, and is none.

    Inside somebody's own launch the other names are theirs: of those nothing is said.

    :param given: all names that have a value. :param known: the arguments of the file.
    """
    names = sorted(known)
    for name in sorted({*given} - {*names}):
        near = get_close_matches(name.lower(), names, n=1, cutoff=0.8)
        if near and not name.startswith(OF_LAUNCH):
            yield f"'{name}' is no argument of this launch file, and is passed over; the nearest known is '{near[0]}'"
