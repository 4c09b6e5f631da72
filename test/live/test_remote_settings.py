# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The settings of another node are known in the end, also when an answer was lost on the way."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from rcl_interfaces.srv import GetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.task import Future
from scenes.graph import until

from seg_ros.live import remote_settings
from seg_ros.live.remote_settings import RemoteSettings


@pytest.fixture
def asking(ros_context: Context) -> Iterator[Node]:
    node = Node('asking', context=ros_context)
    yield node
    node.destroy_node()


def test_who_got_no_answer_asks_again_and_waits_for_one_answer_at_a_time(asking: Node, ros_context: Context,
                                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    node = Node('asked', context=ros_context, start_parameter_services=False)
    answer = GetParameters.Response(values=[Parameter('mode', value='semantic').to_parameter_msg().value])
    heard: list[GetParameters.Request] = []
    node.create_service(GetParameters, '/asked/get_parameters', lambda request, _: (heard.append(request), answer)[1])
    settings = RemoteSettings(asking, '/asked', threading.Event(), ('mode',))
    executor = SingleThreadedExecutor(context=ros_context)
    for one in (asking, node):
        executor.add_node(one)

    lost = Future()
    call = settings._getting.call_async
    monkeypatch.setattr(settings._getting, 'call_async', lambda _: lost)
    until(settings._getting.service_is_ready, 'the service is not there')
    settings.ask()
    monkeypatch.setattr(settings._getting, 'call_async', call)
    settings.ask()
    assert settings._asked is lost, 'the answer may still come'

    monkeypatch.setattr(remote_settings, 'UNANSWERED_S', 0.0)
    settings.ask()
    monkeypatch.setattr(remote_settings, 'UNANSWERED_S', 60.0)
    until(lambda: (executor.spin_once(timeout_sec=0.05), settings.values)[1], 'nothing was asked again')
    assert settings.values == {'mode': 'semantic'}
    assert [list(one.names) for one in heard] == [['mode']]
    executor.shutdown()
    node.destroy_node()
