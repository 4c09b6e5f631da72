# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What libjpeg prints of damaged pictures, kept out of stderr and told as a doubt."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from seg_ros.errors import Doubt

log = logging.getLogger(__name__)
SAYS = (b'Corrupt JPEG data', b'Premature end of JPEG file', b'Inconsistent progression sequence', b'Invalid SOS param',
        b'Unknown Adobe color transform', b'Warning: unknown JFIF revision')
"""How the lines begin that libjpeg prints for each damaged picture, thirty times a second for a bad cable."""

DAMAGE = re.compile(rb'Corrupt JPEG data|Premature end of JPEG file|Inconsistent progression sequence')
HARMLESS = re.compile(rb'\b\d{1,2} extraneous bytes before marker 0xd9')  # behind the last pixel, as many webcams do

_turn = threading.Lock()  # of the process: it has one stderr


@contextmanager
def quiet_jpeg() -> Iterator[list[bytes]]:
    """
    Keep what libjpeg says in this block for the log at DEBUG; what others print meanwhile comes out behind it.

    :return: the lines that libjpeg said, when the block has ended.
    """
    said: list[bytes] = []
    with _turn, os.fdopen(os.memfd_create('stderr'), 'rb') as kept:
        stderr = os.dup(2)
        os.dup2(kept.fileno(), 2)
        try:
            yield said
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
            kept.seek(0)
            said += _passed_on(kept.readlines())


def doubt_of_jpeg(said: Iterable[bytes]) -> Doubt | None:
    """Doubt a picture that libjpeg could decode, but whose data it calls damaged: pixels of it are made up."""
    line = next((line for line in said if DAMAGE.match(line) and not HARMLESS.search(line)), None)
    if line is None:
        return None
    return Doubt('jpeg', f'JPEG images are damaged, and parts of them made up: libjpeg says "{_text(line)}"',
                 'check cable, USB bandwidth and network of the camera')


def _passed_on(lines: list[bytes]) -> list[bytes]:
    """Print what is not of libjpeg, and return what is."""
    os.write(2, b''.join(line for line in lines if not line.startswith(SAYS)))
    said = [line for line in lines if line.startswith(SAYS)]
    for line in said:
        log.debug('libjpeg: %s', _text(line))
    return said


def _text(line: bytes) -> str:
    return line.decode('ascii', 'replace').strip()
