# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every test that speaks ROS has a ROS domain to itself, however many test runs share the machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from seg_ros.live.processes import isolation, own_domain
from seg_ros.nodes.fast_dds import profile_environment
from seg_ros.nodes.shared_memory import take_back_shared_memory

# Scenes drawn for several rooms' tests: `from scenes.graph import Graph`. (pytest's `pythonpath` is too new
# for Humble.)
sys.path.insert(0, str(Path(__file__).parent))

ANNOUNCED = '<sec>1</sec>'  # how often, in the profile


@pytest.fixture(scope='session', autouse=True)
def whole_images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """
    Let large images travel whole: a process reads its profile once, when it first joins ROS.

    And let processes say five times a second that they are there: tests start many.
    """
    take_back_shared_memory()  # what earlier runs left that were killed
    with pytest.MonkeyPatch.context() as patch:
        with suppress(ModuleNotFoundError):  # where there is no ROS
            for name, value in profile_environment().items():
                profile = Path(value).read_text(encoding='utf-8')
                assert ANNOUNCED in profile
                hasty = tmp_path_factory.mktemp('fast_dds') / Path(value).name
                hasty.write_text(profile.replace(ANNOUNCED, '<nanosec>200000000</nanosec>'), encoding='utf-8')
                patch.setenv(name, str(hasty))
        yield


@pytest.fixture
def ros_domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Hold a domain of this test's own; processes it starts inherit it, and nothing leaves the machine."""
    with own_domain() as domain:
        for name, value in isolation(domain).items():
            monkeypatch.setenv(name, value)
        yield domain


@pytest.fixture
def ros_context(ros_domain: int) -> Iterator[Any]:
    """Make an rclpy context in the test's own domain; skips by name where there is no ROS."""
    rclpy = pytest.importorskip('rclpy')
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=ros_domain)
    yield context
    rclpy.try_shutdown(context=context)


@pytest.fixture(scope='module', autouse=True)
def one_torch_thread() -> Iterator[None]:
    """Give torch, in files that use it, one thread: on small images threads only wait for each other."""
    torch = sys.modules.get('torch')
    threads = torch.get_num_threads() if torch else 0
    if torch:
        torch.set_num_threads(1)
    yield
    if torch:
        torch.set_num_threads(threads)
