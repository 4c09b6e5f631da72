# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Files from the network: resumed where they stopped, checked before they count."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from seg_ros.errors import ModelError

DownloadProgress = Callable[[int, int], None]
"""Is told the bytes that are here, and the bytes there will be; 0 where the host does not say."""

CHUNK = 1 << 18
POINTER = b'version https://git-lfs'
TIMEOUT_S = 30.0


def fetch_file(url: str, path: Path, sha256_start: str, progress: DownloadProgress = lambda here, whole: None) -> None:
    """
    Bring a file to a path. Until it is whole and checked it lies beside it with ``.part`` at its end.

    A part that is there already is continued where the host can do that, and begun anew where it cannot. A part that
    turns out to be wrong is removed.

    :param sha256_start: the first letters of its SHA-256 in hexadecimal.
    :raises ModelError: when the host cannot be reached, or the file is not the one meant.
    """
    part = path.with_name(f'{path.name}.part')
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _continue(url, part, progress)
    except HTTPError as error:
        raise ModelError(f'{url} answered {error.code} {error.reason}', 'try again later') from error
    except (OSError, HTTPException) as error:
        raise ModelError(f'{url} could not be fetched to {path} ({type(error).__name__}: {error})',
                         'check network and disk, and type the same again: it goes on where it stopped') from error
    found = sha256_of(part)
    if not found.startswith(sha256_start):
        part.unlink()
        raise ModelError(f'what {url} sent is not the file meant: its SHA-256 begins {found[:8]}, not {sha256_start}',
                         'type the same again; if it happens twice, something between here and the host changes files')
    part.replace(path)


def check_fetched(path: Path) -> None:
    """
    Look that a file is not what Git leaves in the place of a large one: a few lines that say where it is.

    :raises ModelError: when it is.
    """
    with path.open('rb') as file:
        if file.read(len(POINTER)) == POINTER:
            raise ModelError(f'{path} is a pointer of Git LFS, not the file itself',
                             f'type: git lfs pull, in {path.parent}')


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    digest = hashlib.sha256()
    with path.open('rb') as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _continue(url: str, part: Path, progress: DownloadProgress) -> None:
    """Write what is missing of a part; a host that has no more to give than is here answers 416."""
    here = part.stat().st_size if part.is_file() else 0
    request = Request(url, headers={'Range': f'bytes={here}-'} if here else {})
    try:
        answer = urlopen(request, timeout=TIMEOUT_S)
    except HTTPError as error:
        if error.code != 416:
            raise
        return
    with answer:
        continued = answer.status == 206
        here = here if continued else 0
        whole = here + int(answer.headers.get('Content-Length') or 0)
        with part.open('ab' if continued else 'wb') as file:
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                here += len(chunk)
                progress(here, whole)
    if here < whole:
        raise HTTPException(f'the connection ended after {here} of {whole} bytes')
