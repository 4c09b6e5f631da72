# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A file is fetched whole and checked, or not at all; a host on this machine stands in for the real one."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from seg_ros.errors import ModelError
from seg_ros.models.download import fetch_file

CONTENT = bytes(range(256)) * 4096  # 1 MiB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Host(ThreadingHTTPServer):
    """Serves the content; may forget how to continue, break off, or send something else."""

    def __init__(self) -> None:
        super().__init__(('127.0.0.1', 0), RecordedAnswer)
        self.continues, self.breaks_after, self.content = True, 0, CONTENT
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        """Where the content is."""
        return f'http://127.0.0.1:{self.server_address[1]}/weights.pth'


class RecordedAnswer(BaseHTTPRequestHandler):
    """One answer of the host."""

    server: Host

    def do_GET(self) -> None:
        """Send the content, or what is asked of it."""
        wanted = self.headers.get('Range')
        self.server.asked.append(wanted)
        if self.path != '/weights.pth':
            self.send_error(404)
            return
        start = int(wanted.removeprefix('bytes=').rstrip('-')) if wanted and self.server.continues else 0
        if start >= len(self.server.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        body = self.server.content[start:]
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body[:self.server.breaks_after or None])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def host() -> Iterator[Host]:
    with Host() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_file_arrives_whole_and_its_progress_is_told(host: Host, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    path = tmp_path / 'new' / 'weights.pth'
    fetch_file(host.url, path, SHA256[:8], lambda here, whole: told.append((here, whole)))
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [here for here, _ in told] == sorted(here for here, _ in told)
    assert [one.name for one in path.parent.iterdir()] == ['weights.pth']


def test_a_connection_that_ends_early_leaves_a_part_that_is_continued(host: Host, tmp_path: Path) -> None:
    path, host.breaks_after = tmp_path / 'weights.pth', 300_000
    with pytest.raises(ModelError, match=r'could not be fetched.*IncompleteRead|ended after 300000 of 1048576 bytes'):
        fetch_file(host.url, path, SHA256[:8])
    part = tmp_path / 'weights.pth.part'
    assert not path.exists()
    here = part.stat().st_size
    assert 0 < here <= 300_000
    host.breaks_after = 0
    fetch_file(host.url, path, SHA256[:8])
    assert host.asked == [None, f'bytes={here}-']
    assert path.read_bytes() == CONTENT
    assert not part.exists()


def test_a_host_that_cannot_continue_sends_all_again(host: Host, tmp_path: Path) -> None:
    path, host.continues = tmp_path / 'weights.pth', False
    (tmp_path / 'weights.pth.part').write_bytes(CONTENT[:1000])
    fetch_file(host.url, path, SHA256[:8])
    assert path.read_bytes() == CONTENT


def test_a_part_that_is_whole_already_is_only_checked(host: Host, tmp_path: Path) -> None:
    path = tmp_path / 'weights.pth'
    (tmp_path / 'weights.pth.part').write_bytes(CONTENT)
    fetch_file(host.url, path, SHA256[:8])
    assert path.read_bytes() == CONTENT


def test_what_has_another_checksum_never_gets_its_name(host: Host, tmp_path: Path) -> None:
    path, host.content = tmp_path / 'weights.pth', CONTENT[::-1]
    begins = hashlib.sha256(CONTENT[::-1]).hexdigest()[:8]
    with pytest.raises(ModelError, match=f'is not the file meant: its SHA-256 begins {begins}, not {SHA256[:8]}'):
        fetch_file(host.url, path, SHA256[:8])
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_part_is_removed_so_that_the_next_try_begins_anew(host: Host, tmp_path: Path) -> None:
    path = tmp_path / 'weights.pth'
    (tmp_path / 'weights.pth.part').write_bytes(b'x' * 1000)
    with pytest.raises(ModelError, match='is not the file meant'):
        fetch_file(host.url, path, SHA256[:8])
    fetch_file(host.url, path, SHA256[:8])
    assert path.read_bytes() == CONTENT


def test_a_host_that_is_not_there_or_has_no_such_file_is_named(host: Host, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r'/nothing answered 404 Not Found'):
        fetch_file(host.url.replace('weights.pth', 'nothing'), tmp_path / 'a', SHA256[:8])
    with pytest.raises(ModelError, match=r'http://127.0.0.1:9/a could not be fetched to .*Check network and disk'):
        fetch_file('http://127.0.0.1:9/a', tmp_path / 'a', SHA256[:8])
