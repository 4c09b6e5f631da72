# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The first Ctrl-C is kept for the next gap between images, the second ends at once."""

import os
import signal
from threading import Event

import pytest

from seg_ros.cli.recordings import ended_between_images


def interrupted_twice() -> None:
    with ended_between_images() as ended:
        os.kill(os.getpid(), signal.SIGINT)
        assert ended.wait(5.0)
        os.kill(os.getpid(), signal.SIGINT)
        Event().wait(5.0)


def test_the_first_ctrl_c_is_noted_and_the_second_ends() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        interrupted_twice()
    assert signal.getsignal(signal.SIGINT) is before


def test_it_is_heard_where_a_shell_has_ctrl_c_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with ended_between_images() as ended:
            os.kill(os.getpid(), signal.SIGINT)
            assert ended.wait(5.0)
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
