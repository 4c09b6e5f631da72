# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Libraries that only some models need, and that a robot may do without."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from seg_ros.errors import ModelError


@contextmanager
def needing(package: str) -> Iterator[None]:
    """
    Turn the failed import of an optional library within the block into a sentence.

    :raises ModelError: when the package is not installed; names the command that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise ModelError(f"this model needs the Python package '{error.name or package}', which is not installed",
                         f'type: pip install {package}') from error
