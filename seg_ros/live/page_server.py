# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A small web server for one page: it shows what a node sees, and lets its mode be chosen."""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import suppress
from http.server import ThreadingHTTPServer
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from seg_ros.errors import SettingError
from seg_ros.live.page_answers import Answers, Watched

LOOPBACK = frozenset({'localhost', '127.0.0.1', '::1'})
MOST_CONNECTIONS = 32  # each is a thread; a browser opens six at most


class PageServer(ThreadingHTTPServer):
    """
    Serves the page in threads of its own. Use it in a ``with`` statement; leaving it ends all of them.

    :param host: the address to listen at. :param port: 0 takes a free one.
    :raises SettingError: when it cannot listen there.
    """

    daemon_threads = False  # so that the end waits for them
    block_on_close = True
    request_queue_size = MOST_CONNECTIONS

    def __init__(self, source: Watched, host: str, port: int) -> None:
        self.source, self.host = source, host
        self._answering: dict[socket.socket, bool] = {}  # every connection, the oldest first
        self._lock = threading.Lock()
        self.address_family = socket.AF_INET6 if ':' in host else socket.AF_INET
        try:
            super().__init__((host, port), Answers)
        except (OSError, OverflowError) as error:
            reason = getattr(error, 'strerror', None) or str(error)
            raise SettingError(f'the page cannot be served at {host}, port {port} ({reason})',
                               f'choose another port: --port {port + 1 if port < 65535 else 8080}, or another --host'
                               ) from error
        self.port = int(self.socket.getsockname()[1])
        self._thread = threading.Thread(target=self.serve_forever, args=(0.1,), name='page', daemon=True)

    def __enter__(self) -> PageServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.source.end()
        with self._lock:
            for connection in self._answering:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        self.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """What to type into a browser on this machine."""
        everywhere = self.host in ('', '0.0.0.0', '::')
        host = '127.0.0.1' if everywhere else f'[{self.host}]' if ':' in self.host else self.host
        return f'http://{host}:{self.port}/'

    def is_own_name(self, host: str) -> bool:
        """
        Say whether a Host header names this machine. Any port will do: it may be reached through a tunnel.

        A name that somebody made lead here is not among ours; a number cannot be made to lead anywhere.
        """
        name = _name_of(host)
        own = {*LOOPBACK, self.host.lower()}
        if self.host.lower() in LOOPBACK:
            return name in own
        machine = socket.gethostname().lower()
        return name in own | {machine, f'{machine}.local'} or _is_number(name)

    def server_bind(self) -> None:
        """Take the address, without asking a name server who we are."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_name, self.server_port = self.host, self.socket.getsockname()[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer a connection in a thread; of too many one that rests is given up, or this one where none does."""
        with self._lock:
            welcome = len(self._answering) < MOST_CONNECTIONS or self._give_up_one()
            if welcome:
                self._answering[request] = False
        if welcome:
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def note(self, request: Any, *, answering: bool) -> None:
        """Note whether a connection is being answered; the others rest."""
        with self._lock:
            if request in self._answering:
                self._answering[request] = answering

    def _give_up_one(self) -> bool:
        """End the connection that has rested since the longest; its thread closes it. Return whether there was one."""
        resting = next((one for one, answering in self._answering.items() if not answering), None)
        if resting is None:
            return False
        del self._answering[resting]
        with suppress(OSError):
            resting.shutdown(socket.SHUT_RDWR)
        return True

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        with self._lock:
            self._answering.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away; anything else is a bug and is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


def _name_of(host: str) -> str:
    """Return the name or number in a Host header, without the port; nothing when it is malformed."""
    with suppress(ValueError):
        return (urlsplit(f'//{host}').hostname or '').lower()
    return ''


def _is_number(name: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(name.partition('%')[0]))
    return False
