# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A segmentation node and a tester in one ROS context, spun by a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Generic, TypeVar

import numpy as np
from builtin_interfaces.msg import Time
from diagnostic_msgs.msg import DiagnosticArray
from numpy.typing import NDArray
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException, MultiThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.parameter import Parameter
from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy
from scenes.scripted import open_scripted
from sensor_msgs.msg import Image
from std_msgs.msg import Header

from seg_ros.models.segmenter import Known
from seg_ros.nodes.segmentation import SegmentationNode
from seg_ros.pipeline.loaded import OpenModel

RELIABLE = QoSProfile(depth=10, reliability=ReliabilityPolicy.RELIABLE)
BEST_EFFORT = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
LATCHED = QoSProfile(depth=1, reliability=ReliabilityPolicy.RELIABLE, durability=DurabilityPolicy.TRANSIENT_LOCAL)


N = TypeVar('N', bound=Node)
R = TypeVar('R', bound='Running[Any]')  # Self is too new for Python 3.10


class Running(Generic[N]):
    """A real node under test, with a tester node beside it. Use it in a ``with`` statement."""

    def __init__(self, context: Context, node: N) -> None:
        self.node = node
        self.tester = Node('tester', context=context)
        self._executor = MultiThreadedExecutor(4, context=context)
        for one in (self.node, self.tester):
            self._executor.add_node(one)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._spin, daemon=True)

    def __enter__(self: R) -> R:
        self.node.start()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._ended.set()
        self._executor.wake()
        self._thread.join(10.0)
        self._executor.shutdown(timeout_sec=2.0)
        self.node.destroy_node()
        self.tester.destroy_node()
        for task in self._executor._futures:  # rclpy says at the end what a callback met that outlived its node
            if task.done():
                task.exception()

    def _spin(self) -> None:
        # A message may come of a subscription that has just ended.
        while not self._ended.is_set():
            with suppress(ExternalShutdownException, rclpy_implementation.InvalidHandle):
                self._executor.spin_once(timeout_sec=0.2)

    def camera(self, topic: str = 'image', qos: QoSProfile = RELIABLE) -> Callable[[Any], None]:
        """Return what publishes on a topic, once the node has subscribed to it."""
        publisher = self.tester.create_publisher(Image, topic, qos)
        until(lambda: publisher.get_subscription_count() > 0, f'nobody subscribed to {topic}')
        time.sleep(0.05)  # the subscriber's side of the match
        return publisher.publish

    def listen(self, topic: str, kind: type, qos: QoSProfile = RELIABLE) -> list[Any]:
        """Return a list that fills with the messages of a topic, once its publisher has met us."""
        received: list[Any] = []
        self.tester.create_subscription(kind, topic, received.append, qos)
        until(lambda: self.tester.count_publishers(topic) > 0, f'nobody publishes {topic}')
        time.sleep(0.1)  # the publisher's side of the match
        return received


class Graph(Running[SegmentationNode]):
    """
    The node ``segmentation`` under test.

    :param parameters: of the node. :param open_model: what loads its models. :param known: tells of one before.
    """

    def __init__(self, context: Context, parameters: dict[str, Any] | None = None,
                 open_model: OpenModel = open_scripted, *,
                 known: Callable[..., Known] = lambda _, **__: Known(), **node_arguments: Any) -> None:
        overrides = [Parameter(name, value=value) for name, value in (parameters or {}).items()]
        super().__init__(context, SegmentationNode(open_model, known, context=context, parameter_overrides=overrides,
                                                   **node_arguments))


def until(true: Callable[[], Any], otherwise: str, timeout_s: float = 30.0) -> Any:
    """Wait for something to become true and return it; fail with a sentence if it does not."""
    deadline = time.monotonic() + timeout_s
    while not (value := true()):
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.01)
    return value


def image(pixels: NDArray[Any], encoding: str = 'rgb8', *, stamp: tuple[int, int] = (1, 2),
          frame_id: str = 'camera') -> Image:
    """Return an image message of (H, W) or (H, W, C) pixels."""
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    header = Header(stamp=Time(sec=stamp[0], nanosec=stamp[1]), frame_id=frame_id)
    return Image(header=header, height=pixels.shape[0], width=pixels.shape[1], encoding=encoding,
                 step=pixels.shape[1] * channels * pixels.itemsize, data=pixels.tobytes())


def pixels_of(message: Image) -> NDArray[np.uint8]:
    """Return the (H, W) or (H, W, C) uint8 pixels of an image message."""
    channels = {'mono8': (), 'rgb8': (3,)}[message.encoding]
    return np.frombuffer(bytes(message.data), np.uint8).reshape(message.height, message.width, *channels)


def set_parameters(graph: Running[Any], **values: Any) -> Any:
    """Set parameters of the node all together, as another process would, and return the answer."""
    name = graph.node.get_fully_qualified_name()
    client = graph.tester.create_client(SetParametersAtomically, f'{name}/set_parameters_atomically')
    assert client.wait_for_service(5.0)
    request = SetParametersAtomically.Request()
    request.parameters = [Parameter(name, value=value).to_parameter_msg() for name, value in values.items()]
    future = client.call_async(request)
    until(future.done, 'the parameters were not answered')
    return future.result().result


def values_of(reports: list[DiagnosticArray]) -> dict[str, str]:
    """Return the newest diagnostics of the first camera by key."""
    return {item.key: item.value for item in reports[-1].status[0].values} if reports else {}
