# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Hold what the collision monitor let through against the truth: ``judge_monitor.py RECORDING OUT.npz``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from record_velocities import SPEED
from zones import Moment, monitor_parameters, zones_of

STEADY = 5  # frames before and after: what the monitor knows is a little old
FEWEST_POINTS, RIGHT, FEWEST_ROWS = 50, 0.95, 5


def expected(moments: Sequence[Moment]) -> dict[int, str]:
    """Return what is to be done at each stamp around which it does not change: 'free', 'slow' or 'stop'."""
    acts = ['stop' if one.in_stop >= FEWEST_POINTS else 'slow' if one.in_slow >= FEWEST_POINTS
            else 'free' if not one.in_slow else 'either' for one in moments]
    return {one.stamp_ns: act for k, (one, act) in enumerate(zip(moments, acts))
            if act != 'either' and set(acts[max(0, k - STEADY):k + STEADY + 1]) == {act}}


def faults(acts: dict[int, str], stamps: NDArray[np.int64], speeds: NDArray[np.float64]) -> list[str]:
    """Return where the monitor did not as it should; after the drive, stamp 0, nothing is heard and it must stop."""
    ratio = monitor_parameters()['slow_zone']['slowdown_ratio']
    speed_of = {'free': SPEED, 'slow': ratio * SPEED, 'stop': 0.0}
    after = np.flatnonzero(stamps)[-1:] + 1
    groups = {act: speeds[np.isin(stamps, [stamp for stamp, one in acts.items() if one == act])] for act in speed_of}
    groups['silent'] = speeds[after[0]:][stamps[after[0]:] == 0] if len(after) else speeds[:0]
    found = [] if len(after) else ['no image was played']
    for act, got in groups.items():
        wanted = speed_of.get(act, 0.0)
        share = float(np.mean(np.abs(got - wanted) < 0.01)) if len(got) else 0.0
        is_there = act == 'silent' or act in acts.values()
        print(f'{act}: {len(got)} velocities, {share:.0%} of them {wanted:.2f} m/s')
        if is_there and (len(got) < FEWEST_ROWS or share < RIGHT):
            found.append(f'{act}: {len(got)} velocities, of which {share:.0%} are {wanted:.2f} m/s')
    return found


def main() -> int:
    """Print the judgement."""
    with np.load(sys.argv[2]) as saved:
        found = faults(expected(zones_of(Path(sys.argv[1]))), saved['stamps'], saved['speeds'])
    for fault in found:
        print(f'FAULT: {fault}')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
