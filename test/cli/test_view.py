# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The live view as a user starts and ends it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import pytest
from scenes.child import python

pytest.importorskip('rclpy')

from scenes.rooms import room, write_image


@contextmanager
def view(*arguments: str, browser: str = 'false') -> Iterator[subprocess.Popen[str]]:
    """Run the verb until the block ends, with this command as the browser."""
    environment = {**os.environ, 'BROWSER': browser, 'PYTHONUNBUFFERED': '1'}
    with python('-m', 'seg_ros.cli.main', 'view', *arguments, environment=environment) as process:
        yield process


def line_of(process: subprocess.Popen[str]) -> str:
    """Wait for its next line."""
    assert process.stdout
    return process.stdout.readline()


def presence(address: str) -> str:
    """Return whether the node is there, in the page's word."""
    with urlopen(f'{address}state', timeout=10) as answer:
        return str(json.load(answer)['presence'])


@pytest.mark.parametrize('sign', [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_interrupted(ros_domain: int, sign: signal.Signals) -> None:
    with view('--port', '0', '--node', 'robot/segmentation') as process:
        said = line_of(process)
        assert said.startswith('/robot/segmentation is shown at http://127.0.0.1:')
        address = said.split()[4]
        assert presence(address) == 'absent'
        waiting = socket.create_connection(('127.0.0.1', int(address.split(':')[2].strip('/'))))
        process.send_signal(sign)
        rest, _ = process.communicate(timeout=10)
        waiting.close()
    assert process.returncode == 130
    assert rest == 'seg_ros view: interrupted\n' if sign == signal.SIGINT else 'Traceback' not in rest


def test_who_opens_it_to_the_network_is_warned(ros_domain: int) -> None:
    with view('--port', '0', '--host', '0.0.0.0') as process:
        warning, address = line_of(process), line_of(process)
    assert 'Everybody who reaches 0.0.0.0 can see the camera and switch the mode' in warning
    assert 'ssh -L' in warning
    assert 'http://127.0.0.1:' in address


def test_the_browser_of_the_machine_is_opened_if_asked(ros_domain: int) -> None:
    with view('--port', '0', '--open', browser='echo opened %s') as process:
        address = line_of(process).split()[4]
        assert line_of(process) == f'opened {address}\n'


def test_a_machine_without_a_browser_says_so(ros_domain: int) -> None:
    with view('--port', '0', '--open') as process:
        line_of(process)
        assert line_of(process) == 'No browser was found here: open that address yourself\n'


@pytest.mark.parametrize(('arguments', 'sentence'), [
    (['--port', '70000'], "seg_ros view: argument --port: 70000 is no port: it must lie within 0 and 65535. "
                          "'seg_ros view --help' explains.\n"),
    (['--node', 'my robot'], "seg_ros view: --node is 'my robot', which no node can be called. "
                             'Give a name such as /segmentation or /robot/segmentation.\n'),
])
def test_what_was_given_wrongly_is_one_sentence_and_2(arguments: list[str], sentence: str, ros_domain: int) -> None:
    with view(*arguments) as process:
        said, _ = process.communicate(timeout=30)
    assert (process.returncode, said) == (2, sentence)


def test_a_port_in_use_is_one_sentence_and_2(ros_domain: int) -> None:
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
        with view('--port', str(port)) as process:
            said, _ = process.communicate(timeout=30)
    assert process.returncode == 2
    assert said.startswith(f'seg_ros view: the page cannot be served at 127.0.0.1, port {port} (')
    assert f'--port {port + 1}' in said and len(said.splitlines()) == 1


def test_pictures_are_played_to_a_node_of_its_own(tmp_path: Path) -> None:
    write_image(tmp_path / 'in' / 'a.png', room(0)[0])
    with view('--port', '0', '--source', str(tmp_path / 'in')) as process:
        address = line_of(process).split()[4]
        deadline = time.monotonic() + 60.0
        while presence(address) not in ('here', 'quiet'):
            assert time.monotonic() < deadline, 'the node did not come'
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


def test_pictures_that_cannot_be_played_are_said(tmp_path: Path) -> None:
    with view('--port', '0', '--source', str(tmp_path / 'nowhere')) as process:
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"the source '{tmp_path / 'nowhere'}' does not exist" in said
