# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The page is served to its own browser and to nobody else, and no browser can hold the server up."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest
from scenes.graph import until

from seg_ros.errors import SegRosError, SettingError
from seg_ros.live.page_answers import FILES, FOLDER
from seg_ros.live.page_server import MOST_CONNECTIONS, PageServer


@dataclass(frozen=True)
class Still:
    """A picture that never changes."""

    number: int = 3
    stamp_ns: int = 1_500_000_000
    jpeg: bytes = b'\xff\xd8 a picture \xff\xd9'
    seen: dict[str, Any] = field(default_factory=lambda: {'objects': [{'name': 'Löffel'}], 'age_s': 0.5})


@dataclass
class Fake:
    """Stands in for the watcher: one camera, no panoptic mode; it waits when it has no news, after 7 for long."""

    modes: list[str] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    still: Still = field(default_factory=Still)

    def state(self, camera: str) -> dict[str, Any]:
        """Say which camera was asked for."""
        return {'node': '/segmentation', 'camera': camera}

    def picture(self, camera: str, after: int, patience_s: float) -> Still | None:
        """Return the still, unless it is the one already shown."""
        if camera != 'front':
            raise SegRosError(f"there is no camera '{camera}'")
        if after == self.still.number:
            self.ended.wait(patience_s if after != 7 else 60.0)
            return None
        return self.still

    def map_picture(self, after: int) -> Still | None:
        """Return the still as the map."""
        return None if after == self.still.number else self.still

    def set_mode(self, mode: str) -> None:
        """Note the mode down."""
        if mode == 'panoptic':
            raise SegRosError('the model finds no objects', 'choose another')
        self.modes.append(mode)

    def below(self, camera: str, stamp_ns: int, patience_s: float) -> bytes | None:
        """Return what lies below the still."""
        if camera != 'front':
            raise SegRosError(f"there is no camera '{camera}'")
        return b'below' if stamp_ns == 1_700_000_000_000_000_001 else None

    def set_target(self, track_id: int) -> None:
        """Note the target down."""
        self.targets.append(track_id)

    def end(self) -> None:
        """Let go who waits."""
        self.ended.set()


@pytest.fixture
def fake() -> Fake:
    return Fake()


@pytest.fixture
def server(fake: Fake) -> Iterator[PageServer]:
    with PageServer(fake, '127.0.0.1', 0) as running:
        yield running


def ask(server: PageServer, path: str, method: str = 'GET', body: str | None = None,
        **headers: str) -> tuple[HTTPResponse, bytes]:
    """Send one request, with headers named with _ for -, and return the answer and its body."""
    connection = HTTPConnection('127.0.0.1', server.port, timeout=10)
    connection.request(method, path, body, {name.replace('_', '-'): value for name, value in headers.items()})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


def post(server: PageServer, mode: str, **headers: str) -> tuple[int, dict[str, str]]:
    """Ask for a mode as the page does, with other headers if given; return status and answer."""
    page = {'Content_Type': 'application/json', 'Origin': f'http://127.0.0.1:{server.port}'}
    answer, content = ask(server, '/mode', 'POST', json.dumps({'mode': mode}), **page | headers)
    return answer.status, json.loads(content)


@pytest.mark.parametrize('path', FILES)
def test_the_page_is_its_files(server: PageServer, path: str) -> None:
    answer, content = ask(server, path)
    name, kind = FILES[path]
    assert (answer.status, answer.headers['Content-Type']) == (200, kind)
    assert content == (FOLDER / name).read_bytes()


def test_the_page_may_load_nothing_from_elsewhere(server: PageServer) -> None:
    """The browser is told so with every answer, and no file even names another place."""
    for path in (*FILES, '/state', '/nothing'):
        rules = dict(rule.strip().split(' ', 1) for rule in
                     ask(server, path)[0].headers['Content-Security-Policy'].split(';'))
        assert rules['default-src'] == "'none'"
        assert {source for sources in rules.values() for source in sources.split()} == {"'none'", "'self'", 'blob:'}
    for name, _ in FILES.values():
        text = (FOLDER / name).read_text(encoding='utf-8').replace('http://www.w3.org/2000/svg', '')
        assert not re.search(r'https?:|//\w+\.\w|@import|url\([^#]', text), name
        assert not re.search(r'innerHTML|insertAdjacentHTML|\beval\(', text), name


def test_nothing_else_of_the_machine_is_served(server: PageServer) -> None:
    for path in ('/nothing', '/page_server.py', '/../page_server.py', '/%2e%2e/page_server.py', '//etc/passwd'):
        assert ask(server, path)[0].status == 404


def test_the_state_is_of_the_camera_asked_for(server: PageServer) -> None:
    answer, content = ask(server, '/state?camera=front%2Fleft')
    assert answer.headers['Content-Type'] == 'application/json'
    assert json.loads(content) == {'node': '/segmentation', 'camera': 'front/left'}


def test_a_picture_comes_with_its_number_and_stamp(server: PageServer, fake: Fake) -> None:
    answer, content = ask(server, '/picture?camera=front&after=2')
    assert (answer.status, content) == (200, fake.still.jpeg)
    assert (answer.headers['X-Number'], answer.headers['X-Stamp-Ns']) == ('3', '1500000000')
    assert ask(server, '/picture?camera=front&after=nonsense')[0].status == 200


def test_the_map_comes_likewise(server: PageServer, fake: Fake) -> None:
    answer, content = ask(server, '/map?after=2')
    assert (answer.status, answer.headers['X-Number'], content) == (200, '3', fake.still.jpeg)
    assert ask(server, '/map?after=3')[0].status == 204


def test_no_new_picture_is_an_empty_answer(server: PageServer) -> None:
    answer, content = ask(server, '/picture?camera=front&after=3')
    assert (answer.status, content) == (204, b'')


def test_an_unknown_camera_is_said(server: PageServer) -> None:
    answer, content = ask(server, '/picture?camera=rear')
    assert (answer.status, json.loads(content)) == (404, {'reason': "there is no camera 'rear'."})


def test_the_page_switches_the_mode(server: PageServer, fake: Fake) -> None:
    assert post(server, 'instance') == (200, {'mode': 'instance'})
    assert fake.modes == ['instance']


def test_a_refused_mode_comes_with_the_reason(server: PageServer) -> None:
    assert post(server, 'panoptic') == (409, {'reason': 'the model finds no objects. Choose another.'})


@pytest.mark.parametrize('headers', [
    {'Origin': 'http://evil.example'}, {'Origin': 'null'}, {'Origin': ''},
    {'Origin': 'http://127.0.0.1:1'},  # another program's page on this machine
    {'Host': 'evil.example', 'Origin': 'http://evil.example'},  # a name made to lead here
    {'Host': '192.168.0.7:8080', 'Origin': 'http://192.168.0.7:8080'},
    {'Sec_Fetch_Site': 'cross-site'}, {'Sec_Fetch_Site': 'same-site'},
])
def test_other_pages_do_not_switch_the_robot(server: PageServer, fake: Fake, headers: dict[str, str]) -> None:
    status, answer = post(server, 'instance', **headers)
    assert status == 403 and answer['reason']
    assert fake.modes == []


def test_a_post_that_names_no_origin_is_refused(server: PageServer, fake: Fake) -> None:
    answer, _ = ask(server, '/mode', 'POST', '{"mode": "instance"}', Content_Type='application/json')
    assert answer.status == 403
    assert fake.modes == []


@pytest.mark.parametrize(('body', 'kind'), [
    ('{"mode": "instance"}', 'text/plain'),  # what a form may send across origins
    ('mode=instance', 'application/x-www-form-urlencoded'),
    ('{"mode": "instance"' + ' ' * 300 + '}', 'application/json'),
    ('{"mode": "sideways"}', 'application/json'), ('["instance"]', 'application/json'),
    ('{"mode', 'application/json'), ('\xff', 'application/json'), ('', 'application/json'),
])
def test_what_is_no_mode_is_refused(server: PageServer, fake: Fake, body: str, kind: str) -> None:
    answer, content = ask(server, '/mode', 'POST', body, Content_Type=kind, Origin=f'http://127.0.0.1:{server.port}')
    assert answer.status == 400 and json.loads(content)['reason']
    assert fake.modes == []


@pytest.mark.parametrize('path', ['/state', '/picture?camera=front'])
def test_other_pages_neither_read_nor_wake_the_node(server: PageServer, path: str) -> None:
    for headers in ({'Sec_Fetch_Site': 'cross-site'}, {'Sec_Fetch_Site': 'same-site'},
                    {'Origin': 'http://evil.example'}, {'Host': 'evil.example'}):
        assert ask(server, path, **headers)[0].status == 403
    answer = ask(server, path, Sec_Fetch_Site='same-origin')[0]
    assert answer.status == 200
    assert answer.headers['Cross-Origin-Resource-Policy'] == 'same-origin'
    assert 'Access-Control-Allow-Origin' not in answer.headers


def test_a_link_may_lead_to_the_page_but_no_frame_may_hold_it(server: PageServer) -> None:
    answer = ask(server, '/', Sec_Fetch_Site='cross-site')[0]
    assert answer.status == 200
    assert "frame-ancestors 'none'" in answer.headers['Content-Security-Policy']


@pytest.mark.parametrize(('host', 'name', 'own'), [
    ('127.0.0.1', 'localhost:8080', True), ('127.0.0.1', '127.0.0.1:9000', True),  # through a tunnel
    ('127.0.0.1', '[::1]:8080', True), ('127.0.0.1', 'LOCALHOST', True), ('127.0.0.1', '', False),
    ('127.0.0.1', '10.0.0.2:8080', False), ('127.0.0.1', 'localhost.evil.example', False),
    ('0.0.0.0', '10.0.0.2:8080', True), ('0.0.0.0', '[fd00::2]:8080', True), ('0.0.0.0', 'evil.example', False),
    ('0.0.0.0', f'{socket.gethostname()}:8080', True), ('0.0.0.0', f'{socket.gethostname()}.local', True),
    ('0.0.0.0', '10.0.0.2.evil.example', False),
])
def test_a_name_is_ours_or_not(fake: Fake, host: str, name: str, own: bool) -> None:
    with PageServer(fake, host, 0) as server:
        assert server.is_own_name(name) is own


def test_the_address_is_what_a_person_types(fake: Fake) -> None:
    for host, start in (('127.0.0.1', 'http://127.0.0.1:'), ('0.0.0.0', 'http://127.0.0.1:'),
                        ('localhost', 'http://localhost:')):
        with PageServer(fake, host, 0) as server:
            assert server.address == f'{start}{server.port}/'


def test_a_port_in_use_is_named_with_the_next(server: PageServer, fake: Fake) -> None:
    with pytest.raises(SettingError, match=f'port {server.port} .*in use.*--port {server.port + 1}'):
        PageServer(fake, '127.0.0.1', server.port)


def test_an_address_that_is_not_ours_is_named(fake: Fake) -> None:
    with pytest.raises(SettingError, match=r'cannot be served at 203\.0\.113\.9, port 0'):
        PageServer(fake, '203.0.113.9', 0)


def test_a_browser_that_does_not_read_holds_nobody_up(server: PageServer, fake: Fake) -> None:
    fake.still = Still(jpeg=bytes(8_000_000))  # more than a socket holds
    slow = socket.create_connection(('127.0.0.1', server.port))
    slow.sendall(b'GET /picture?camera=front HTTP/1.1\r\nHost: localhost\r\n\r\n')
    for _ in range(20):
        assert ask(server, '/state')[0].status == 200
    assert len(ask(server, '/picture?camera=front')[1]) == 8_000_000
    slow.close()


def test_of_too_many_connections_those_that_rest_are_given_up(server: PageServer) -> None:
    resting = [socket.create_connection(('127.0.0.1', server.port), timeout=5) for _ in range(2 * MOST_CONNECTIONS)]
    assert ask(server, '/state')[0].status == 200
    assert resting[0].recv(1) == b''  # the oldest
    for connection in resting:
        connection.close()


def test_where_all_connections_are_answered_one_more_is_refused(server: PageServer, fake: Fake) -> None:
    fake.still = Still(jpeg=bytes(8_000_000))  # more than a socket holds
    busy = [socket.create_connection(('127.0.0.1', server.port)) for _ in range(MOST_CONNECTIONS)]
    for connection in busy:
        connection.sendall(b'GET /picture?camera=front HTTP/1.1\r\nHost: localhost\r\n\r\n')
    until(lambda: list(server._answering.values()) == [True] * MOST_CONNECTIONS, 'they are not answered')
    refused = socket.create_connection(('127.0.0.1', server.port), timeout=5)
    assert refused.recv(1) == b''  # closed at once
    for connection in (*busy, refused):
        connection.close()


def test_its_end_comes_at_once_and_leaves_no_thread(fake: Fake) -> None:
    """Not even for one who waits for a picture, one who says nothing and one who does not read."""
    before = set(threading.enumerate())
    fake.still = Still(number=7, jpeg=bytes(8_000_000))
    open_ones = []
    with PageServer(fake, '127.0.0.1', 0) as server:
        for words in (b'GET /picture?camera=front&after=7 HTTP/1.1\r\nHost: localhost\r\n\r\n', b'GET /st',
                      b'GET /picture?camera=front HTTP/1.1\r\nHost: localhost\r\n\r\n'):
            open_ones.append(socket.create_connection(('127.0.0.1', server.port)))
            open_ones[-1].sendall(words)
        time.sleep(0.2)
        assert len(threading.enumerate()) == len(before) + 4
        started = time.monotonic()
    assert time.monotonic() - started < 3.0  # patience with sockets is longer
    assert set(threading.enumerate()) <= before
    for connection in open_ones:
        connection.close()


def test_a_browser_that_goes_away_is_no_error(server: PageServer, fake: Fake,
                                              capfd: pytest.CaptureFixture[str]) -> None:
    fake.still = Still(jpeg=bytes(8_000_000))
    for _ in range(3):
        gone = socket.create_connection(('127.0.0.1', server.port))
        gone.sendall(b'GET /picture?camera=front HTTP/1.1\r\nHost: localhost\r\n\r\n')
        gone.recv(100)
        gone.close()
    assert ask(server, '/state')[0].status == 200
    said = capfd.readouterr()
    assert said.out == said.err == ''


@pytest.mark.parametrize('request_line', [
    'GET /state HTTP/1.1\r\nHost: [::1', 'GET http://[/state HTTP/1.1\r\nHost: localhost', 'GET',
    f'GET /picture?camera=front&after={"9" * 5000} HTTP/1.1\r\nHost: localhost', 'GET /%ff?camera=%ff HTTP/1.1',
    f'POST /mode HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {"9" * 5000}',
    'POST /mode HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1', 'DELETE /mode HTTP/1.1', 'GET / HTTP/9.9',
])
def test_a_malformed_request_is_answered_and_is_no_error(server: PageServer, capfd: pytest.CaptureFixture[str],
                                                         request_line: str) -> None:
    with socket.create_connection(('127.0.0.1', server.port), timeout=5) as connection:
        connection.sendall(f'{request_line}\r\n\r\n'.encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(20)
    said = capfd.readouterr()
    assert said.out == said.err == ''


def test_the_picture_says_what_is_seen_in_it(server: PageServer) -> None:
    answer, _ = ask(server, '/picture?camera=front&after=0')
    assert json.loads(answer.headers['X-Seen']) == {'objects': [{'name': 'Löffel'}], 'age_s': 0.5}


@pytest.mark.parametrize(('query', 'status', 'content'), [
    ('camera=front&stamp=1700000000000000001', 200, b'below'),
    ('camera=front&stamp=5', 204, b''),  # it did not come
    ('camera=rear&stamp=5', 404, None),
])
def test_what_lies_below_is_the_picture_of_that_stamp(server: PageServer, query: str, status: int,
                                                      content: bytes | None) -> None:
    answer, body = ask(server, f'/below?{query}')
    assert answer.status == status
    assert content is None or body == content


@pytest.mark.parametrize(('posted', 'status', 'targets'), [
    ({'id': 7}, 200, [7]), ({'id': 0}, 200, [0]), ({'id': -1}, 400, []), ({'id': True}, 400, []),
    ({'id': '7'}, 400, []), ({'id': 2 ** 60}, 400, []), ({}, 400, []), ([7], 400, []),
])
def test_the_target_is_an_id(server: PageServer, fake: Fake, posted: Any, status: int, targets: list[int]) -> None:
    page = {'Content_Type': 'application/json', 'Origin': f'http://127.0.0.1:{server.port}'}
    assert ask(server, '/target', 'POST', json.dumps(posted), **page)[0].status == status
    assert fake.targets == targets


def test_another_page_chooses_no_target(server: PageServer, fake: Fake) -> None:
    other = {'Content_Type': 'application/json', 'Origin': 'http://elsewhere.example'}
    assert ask(server, '/target', 'POST', '{"id": 7}', **other)[0].status == 403
    assert not fake.targets
