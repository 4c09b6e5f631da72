# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The memory of an image that has been answered is used for the next one, and not given back in between."""

from __future__ import annotations

import ctypes

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # mallopt(3)

KEPT = 64 * 2**20
"""So many bytes at the end of a heap stay with the process when they are free."""

LARGE = 32 * 2**20
"""Only what is larger than this is got from Linux and given back each time: pictures of over 10 megapixels."""


def keep_freed_memory() -> bool:
    """
    Have what images leave free stay with the process, within bounds; tell whether the C library does that (glibc).

    A picture of 1080p lies in memory four times on its way in. Got anew, each page is a fault and is cleared by Linux,
    which is a tenth of the node's work at that size.
    """
    mallopt = getattr(ctypes.CDLL(None), 'mallopt', None)
    return mallopt is not None and bool(mallopt(M_TRIM_THRESHOLD, KEPT) and mallopt(M_MMAP_THRESHOLD, LARGE))
