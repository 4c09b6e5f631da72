"""
A small web server for one page: it shows what a node sees, and lets its mode be chosen.

Only the page itself may talk to it. A page of somebody else, open in the same browser, neither reads anything nor
switches the robot: requests of other origins are refused, and so are names that were made to lead here (DNS
rebinding). The page may load nothing from anywhere else.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from seg_ros.errors import SegRosError, SettingError
from seg_ros.records import Mode

FOLDER = Path(__file__).parent / 'page'
FILES = {'/': ('index.html', 'text/html; charset=utf-8'), '/view.css': ('view.css', 'text/css; charset=utf-8'),
         '/view.js': ('view.js', 'text/javascript; charset=utf-8'), '/icon.svg': ('icon.svg', 'image/svg+xml')}
HEADERS = {
    'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
                               "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff', 'X-Frame-Options': 'DENY', 'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin', 'Cache-Control': 'no-store'}
LOOPBACK = frozenset({'localhost', '127.0.0.1', '::1'})
MOST_CONNECTIONS = 32  # each is a thread; a browser opens six at most
MOST_POSTED = 200  # bytes
PICTURE_PATIENCE_S = 1.0
SOCKET_PATIENCE_S = 15.0  # for a browser that does not read, or says nothing


class Shown(Protocol):
    """A picture that can be sent: which one it is, when it was taken, and its JPEG."""

    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def stamp_ns(self) -> int: ...  # noqa: D102
    @property
    def jpeg(self) -> bytes: ...  # noqa: D102


class Source(Protocol):
    """Where the page's content comes from."""

    def state(self, camera: str) -> dict[str, Any]:
        """Return what is known, ready for JSON."""

    def picture(self, camera: str, after: int, patience_s: float) -> Shown | None:
        """Return the newest picture once it is another than ``after``; a SegRosError when there is no camera."""

    def set_mode(self, mode: str) -> None:
        """Switch the mode, or raise a SegRosError with the reason."""

    def end(self) -> None:
        """Let everybody go who waits for one of these."""


class PageServer(ThreadingHTTPServer):
    """
    Serves the page in threads of its own. Use it in a ``with`` statement; leaving it ends all of them.

    :param host: the address to listen at. :param port: 0 takes a free one.
    :raises SettingError: when it cannot listen there.
    """

    daemon_threads = False  # so that the end waits for them
    block_on_close = True
    request_queue_size = MOST_CONNECTIONS

    def __init__(self, source: Source, host: str, port: int) -> None:
        self.source, self.host = source, host
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self.address_family = socket.AF_INET6 if ':' in host else socket.AF_INET
        try:
            super().__init__((host, port), _Handler)
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

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.shutdown()
        self.source.end()
        with self._lock:
            for connection in self._connections:
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
        name = (urlsplit(f'//{host}').hostname or '').lower()
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
        """Answer a connection in a thread, or close it when there are too many."""
        with self._lock:
            welcome = len(self._connections) < MOST_CONNECTIONS
            if welcome:
                self._connections.add(request)
        if welcome:
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection and forget it."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that went away; anything else is a bug and is shown."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    server: PageServer
    protocol_version = 'HTTP/1.1'
    timeout = SOCKET_PATIENCE_S
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer with a file of the page, the state, or a picture."""
        url = urlsplit(self.path)
        if not self._is_of_this_page(navigation=url.path == '/'):
            return
        asked = {key: values[-1] for key, values in parse_qs(url.query).items()}
        answers: dict[str, Callable[[dict[str, str]], None]] = {'/state': self._state, '/picture': self._picture}
        if url.path in FILES:
            name, kind = FILES[url.path]
            self._send(HTTPStatus.OK, (FOLDER / name).read_bytes(), kind)
        elif url.path in answers:
            answers[url.path](asked)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, f'there is no {url.path} here')

    def do_POST(self) -> None:
        """Switch the mode."""
        posted = self._posted()
        if posted is None or not self._is_of_this_page(changes=True):
            return
        if self.path != '/mode' or posted not in {mode.value for mode in Mode}:
            self._refuse(HTTPStatus.BAD_REQUEST, f"'{posted}' is not a mode")
            return
        try:
            self.server.source.set_mode(posted)
        except SegRosError as error:
            self._refuse(HTTPStatus.CONFLICT, str(error))
        else:
            self._send_json(HTTPStatus.OK, {'mode': posted})

    def log_message(self, format: str, *values: Any) -> None:
        """Say nothing of requests: ten a second are normal."""

    def _posted(self) -> str | None:
        """Return what was posted; None after refusing something else than a short word."""
        length = self.headers.get('Content-Length', '')
        if self.headers.get_content_type() == 'application/json' and length.isdecimal() and int(length) <= MOST_POSTED:
            with suppress(ValueError):
                posted = json.loads(self.rfile.read(int(length)))
                return str(posted.get('mode', '')) if isinstance(posted, dict) else ''
            return ''
        self.close_connection = True  # the rest was not read
        self._refuse(HTTPStatus.BAD_REQUEST, 'post a short JSON object: {"mode": "semantic"}')
        return None

    def _is_of_this_page(self, *, navigation: bool = False, changes: bool = False) -> bool:
        """
        Say whether the page itself asks, and refuse if not.

        :param navigation: anybody may lead a person to the page.
        :param changes: browsers name the origin of everything posted; who names none is no browser.
        """
        host, origin = self.headers.get('Host', ''), self.headers.get('Origin')
        if not self.server.is_own_name(host):
            self._refuse(HTTPStatus.FORBIDDEN, f"this machine is not called '{host}'; open {self.server.address}")
        elif (changes or origin is not None) and origin not in (f'http://{host}', f'https://{host}'):
            self._refuse(HTTPStatus.FORBIDDEN, 'only the page itself may ask for this')
        elif not navigation and self.headers.get('Sec-Fetch-Site', 'same-origin') not in ('same-origin', 'none'):
            self._refuse(HTTPStatus.FORBIDDEN, 'another page may not ask for this')
        else:
            return True
        return False

    def _state(self, asked: dict[str, str]) -> None:
        self._send_json(HTTPStatus.OK, self.server.source.state(asked.get('camera', '')))

    def _picture(self, asked: dict[str, str]) -> None:
        after = asked.get('after', '0')
        try:
            picture = self.server.source.picture(asked.get('camera', ''), int(after) if after.isdecimal() else 0,
                                                 PICTURE_PATIENCE_S)
        except SegRosError as error:
            self._refuse(HTTPStatus.NOT_FOUND, str(error))
            return
        if picture is None:
            self._send(HTTPStatus.NO_CONTENT, b'', '')
        else:
            self._send(HTTPStatus.OK, picture.jpeg, 'image/jpeg',
                       {'X-Number': str(picture.number), 'X-Stamp-Ns': str(picture.stamp_ns)})

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        self._send_json(status, {'reason': reason})

    def _send_json(self, status: HTTPStatus, content: dict[str, Any]) -> None:
        self._send(status, json.dumps(content, allow_nan=False).encode(), 'application/json')

    def _send(self, status: HTTPStatus, content: bytes, kind: str, more: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        body = {'Content-Type': kind, 'Content-Length': str(len(content))} if kind else {}
        for name, value in {**body, **HEADERS, **(more or {})}.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header('Connection', 'close')
        self.end_headers()
        self.wfile.write(content)


def _is_number(name: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(name.partition('%')[0]))
    return False
