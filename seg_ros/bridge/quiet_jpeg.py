# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What libjpeg prints of damaged pictures, kept out of stderr."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)
SAYS = (b'Corrupt JPEG data', b'Premature end of JPEG file', b'Inconsistent progression sequence', b'Invalid SOS param',
        b'Unknown Adobe color transform', b'Warning: unknown JFIF revision')
"""How the lines begin that libjpeg prints for each damaged picture, thirty times a second for a bad cable."""

_turn = threading.Lock()  # of the process: it has one stderr


@contextmanager
def quiet_jpeg() -> Iterator[None]:
    """Keep what libjpeg says in this block for the log at DEBUG; what others print meanwhile comes out behind it."""
    with _turn, os.fdopen(os.memfd_create('stderr'), 'rb') as kept:
        stderr = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            kept.seek(0)
            _passed_on(kept.readlines())


def _passed_on(lines: list[bytes]) -> None:
    os.write(2, b''.join(line for line in lines if not line.startswith(SAYS)))
    for line in lines:
        if line.startswith(SAYS):
            log.debug('libjpeg: %s', line.decode('ascii', 'replace').strip())
