# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
What the live view's server answers to each request.

Only the page itself may talk to it. A page of somebody else, open in the same browser, neither reads anything nor
switches the robot: requests of other origins are refused, and so are names that were made to lead here (DNS
rebinding). The page may load nothing from anywhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs

from seg_ros.errors import SegRosError
from seg_ros.records import Mode

FOLDER = Path(__file__).parent / 'page'
FILES = {'/': ('index.html', 'text/html; charset=utf-8'), '/view.css': ('view.css', 'text/css; charset=utf-8'),
         **{f'/{name}.js': (f'{name}.js', 'text/javascript; charset=utf-8')
            for name in ('view', 'sight', 'map', 'parts')},
         '/icon.svg': ('icon.svg', 'image/svg+xml')}
HEADERS = {
    'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
                               "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff', 'X-Frame-Options': 'DENY', 'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin', 'Cache-Control': 'no-store'}
MOST_POSTED = 200  # bytes
MOST_DIGITS = 19
MOST_ID = 2 ** 53  # as the parameter target_id
PICTURE_PATIENCE_S = 1.0
SOCKET_PATIENCE_S = 15.0  # for a browser that does not read, or says nothing


class Shown(Protocol):
    """A picture that can be sent: which one it is, when it was taken, its JPEG, and what is seen in it."""

    @property
    def number(self) -> int: ...  # noqa: D102
    @property
    def stamp_ns(self) -> int: ...  # noqa: D102
    @property
    def jpeg(self) -> bytes: ...  # noqa: D102
    @property
    def seen(self) -> dict[str, Any]: ...  # noqa: D102


class Watched(Protocol):
    """Where the page's content comes from."""

    def state(self, camera: str) -> dict[str, Any]:
        """Return what is known, ready for JSON."""

    def picture(self, camera: str, after: int, patience_s: float) -> Shown | None:
        """Return the newest picture once it is another than ``after``; a SegRosError when there is no camera."""

    def below(self, camera: str, stamp_ns: int, patience_s: float) -> bytes | None:
        """Return as JPEG what lies below the overlay of a stamp; a SegRosError when there is no camera."""

    def map_picture(self, after: int) -> Shown | None:
        """Return the newest picture of the map if it is another than ``after``."""

    def set_mode(self, mode: str) -> None:
        """Switch the mode, or raise a SegRosError with the reason."""

    def set_target(self, track_id: int) -> None:
        """Choose the target, 0 for none, or raise a SegRosError with the reason."""

    def end(self) -> None:
        """Let everybody go who waits for one of these."""


class Host(Protocol):
    """The server of the page, as far as its answers need it."""

    source: Watched

    @property
    def address(self) -> str: ...  # noqa: D102
    def is_own_name(self, host: str) -> bool: ...  # noqa: D102
    def note(self, request: Any, *, answering: bool) -> None: ...  # noqa: D102


class Answers(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    server: Host  # type: ignore[assignment]
    protocol_version = 'HTTP/1.1'
    timeout = SOCKET_PATIENCE_S
    disable_nagle_algorithm = True

    def handle_one_request(self) -> None:
        """Wait for a request and answer it."""
        super().handle_one_request()
        self.server.note(self.connection, answering=False)

    def parse_request(self) -> bool:
        """Read a request that has begun to come."""
        self.server.note(self.connection, answering=True)
        return super().parse_request()

    def do_GET(self) -> None:
        """Answer with a file of the page, the state, or a picture."""
        path, _, query = self.path.partition('?')
        if not self._is_of_this_page(navigation=path == '/'):
            return
        asked = {key: values[-1] for key, values in parse_qs(query).items()}
        answers: dict[str, Callable[[dict[str, str]], None]] = {'/state': self._state, '/picture': self._picture,
                                                                '/below': self._below, '/map': self._map}
        if path in FILES:
            name, kind = FILES[path]
            self._send(HTTPStatus.OK, (FOLDER / name).read_bytes(), kind)
        elif path in answers:
            try:
                answers[path](asked)
            except SegRosError as error:
                self._refuse(HTTPStatus.NOT_FOUND, str(error))
        else:
            self._refuse(HTTPStatus.NOT_FOUND, f'there is no {path} here')

    def do_POST(self) -> None:
        """Switch the mode, or choose the target."""
        posted = self._posted()
        if posted is None or not self._is_of_this_page(changes=True):
            return
        mode, track_id = str(posted.get('mode', '')), posted.get('id')
        if self.path == '/mode' and mode in {one.value for one in Mode}:
            self._change(partial(self.server.source.set_mode, mode), posted)
        elif self.path == '/target' and type(track_id) is int and 0 <= track_id <= MOST_ID:
            self._change(partial(self.server.source.set_target, track_id), posted)
        else:
            self._refuse(HTTPStatus.BAD_REQUEST, f"'{mode}' is not a mode" if self.path == '/mode' else
                         'post a mode to /mode, or the id of an object to /target')

    def _change(self, act: Callable[[], None], posted: dict[str, Any]) -> None:
        try:
            act()
        except SegRosError as error:
            self._refuse(HTTPStatus.CONFLICT, str(error))
        else:
            self._send_json(HTTPStatus.OK, posted)

    def log_message(self, format: str, *values: Any) -> None:
        """Say nothing of requests: ten a second are normal."""

    def _posted(self) -> dict[str, Any] | None:
        """Return what was posted; None after refusing something else than a short object."""
        length = _whole(self.headers.get('Content-Length', ''))
        if self.headers.get_content_type() == 'application/json' and length <= MOST_POSTED:
            with suppress(ValueError):
                posted = json.loads(self.rfile.read(length))
                return posted if isinstance(posted, dict) else {}
            return {}
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
        self._send_picture(self.server.source.picture(asked.get('camera', ''), _whole(asked.get('after', '')),
                                                      PICTURE_PATIENCE_S))

    def _map(self, asked: dict[str, str]) -> None:
        self._send_picture(self.server.source.map_picture(_whole(asked.get('after', ''))))

    def _send_picture(self, picture: Shown | None) -> None:
        if picture is None:
            self._send(HTTPStatus.NO_CONTENT, b'', '')
        else:
            self._send(HTTPStatus.OK, picture.jpeg, 'image/jpeg',
                       {'X-Number': str(picture.number), 'X-Stamp-Ns': str(picture.stamp_ns),
                        'X-Seen': json.dumps(picture.seen, allow_nan=False)})

    def _below(self, asked: dict[str, str]) -> None:
        jpeg = self.server.source.below(asked.get('camera', ''), _whole(asked.get('stamp', '')), PICTURE_PATIENCE_S)
        self._send(HTTPStatus.OK if jpeg else HTTPStatus.NO_CONTENT, jpeg or b'', 'image/jpeg' if jpeg else '')

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


def _whole(text: str) -> int:
    """Return the whole number a text is, or 0."""
    return int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else 0
