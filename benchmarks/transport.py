# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
How many camera images arrive over Fast DDS, with and without config/fastdds.xml.

Two processes: one publishes 1280x720 rgb8 images best effort, the other subscribes. Each image carries the
time it was published at; latency ends where the subscription's callback begins. Method: a publisher waits
until it has met its subscriber, so that no image is lost to discovery.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from array import array
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import Any

from seg_ros.live.processes import isolation, own_domain
from seg_ros.nodes.fast_dds import PROFILE_VARIABLES, profile_environment

PROFILE = 'fastdds.xml'
TOPIC = 'transport_image'


@dataclass(frozen=True)
class Delivery:
    """What became of the images of one run: seconds from publish to callback, one per image delivered."""

    sent: int
    latencies_s: tuple[float, ...]

    def row(self, name: str) -> str:
        """Return one row of the table."""
        latency = f'{median(self.latencies_s) * 1e3:8.1f} ms' if self.latencies_s else '       –   '
        return f'{name:<24} {len(self.latencies_s):>5} of {self.sent:<5} {latency}'


def quality(reliable: bool) -> Any:
    """Return the quality of service both sides use: depth 1, newest image only."""
    from rclpy.qos import QoSProfile, ReliabilityPolicy

    policy = ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT
    return QoSProfile(depth=1, reliability=policy)


def blank_image(width: int, height: int) -> Any:
    """Return an rgb8 message; array.array is the type rclpy takes without copying element by element."""
    from sensor_msgs.msg import Image

    image = Image(width=width, height=height, encoding='rgb8', step=width * 3)
    image.data = array('B', bytes(width * height * 3))
    return image


def publish(options: argparse.Namespace) -> None:
    """Publish images at the rate, once a subscriber is met, and print how many as JSON."""
    import rclpy

    rclpy.init()
    node = rclpy.create_node('transport_publisher')
    publisher = node.create_publisher(type(blank_image(1, 1)), TOPIC, quality(options.reliable))
    image = blank_image(options.width, options.height)
    deadline = time.monotonic() + 20.0
    while publisher.get_subscription_count() == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    count = round(options.seconds * options.rate)
    start = time.monotonic()
    for index in range(count):
        time.sleep(max(0.0, start + index / options.rate - time.monotonic()))
        image.header.stamp.sec, image.header.stamp.nanosec = divmod(time.time_ns(), 10**9)
        publisher.publish(image)
    time.sleep(1.0)
    print(json.dumps(count))
    rclpy.shutdown()


def subscribe(options: argparse.Namespace) -> None:
    """Receive until killed or nothing came for a while, then print the latencies as JSON."""
    import rclpy

    rclpy.init()
    node = rclpy.create_node('transport_subscriber')
    latencies: list[float] = []
    last = time.monotonic() + 20.0

    def receive(image: Any) -> None:
        nonlocal last
        now = time.time_ns()
        latencies.append((now - image.header.stamp.sec * 10**9 - image.header.stamp.nanosec) * 1e-9)
        last = time.monotonic()

    node.create_subscription(type(blank_image(1, 1)), TOPIC, receive, quality(options.reliable))
    while time.monotonic() < last + options.seconds + 2.0:
        rclpy.spin_once(node, timeout_sec=0.1)
    print(json.dumps(latencies))
    rclpy.shutdown()


def measure(options: argparse.Namespace, domain: int, *, profile: bool, reliable: bool) -> Delivery:
    """Run both processes once, in a ROS domain nobody else uses."""
    environment = {key: value for key, value in os.environ.items() if key not in PROFILE_VARIABLES}
    environment |= isolation(domain)
    if profile:
        environment |= profile_environment(environment)
    command = [sys.executable, __file__, '--width', str(options.width), '--height', str(options.height),
               '--rate', str(options.rate), '--seconds', str(options.seconds)]
    command += ['--reliable'] if reliable else []
    sides = [subprocess.Popen([*command, '--side', side], env=environment, stdout=subprocess.PIPE, text=True)
             for side in ('subscriber', 'publisher')]
    try:
        latencies, sent = (json.loads(side.communicate(timeout=options.seconds + 60.0)[0]) for side in sides)
    finally:
        for side in sides:
            side.kill()
    return Delivery(sent, tuple(latencies))


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--width', type=int, default=1280, help='of the image, in pixels (default 1280)')
    parser.add_argument('--height', type=int, default=720, help='of the image, in pixels (default 720)')
    parser.add_argument('--rate', type=float, default=15.0, help='images per second (default 15)')
    parser.add_argument('--seconds', type=float, default=3.0, help='length of one run (default 3)')
    parser.add_argument('--side', choices=('publisher', 'subscriber'), help=argparse.SUPPRESS)
    parser.add_argument('--reliable', action='store_true', help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def main() -> None:
    """Print the table, or be one of its two processes."""
    options = parse()
    if options.side:
        {'publisher': publish, 'subscriber': subscribe}[options.side](options)
        return
    print(f'{options.width}x{options.height} rgb8 at {options.rate:g} Hz for {options.seconds:g} s, depth 1')
    print(f'{"":<24} {"delivered":>14} {"median latency":>15}')
    with own_domain() as domain:
        for reliable, profile in product((False, True), repeat=2):
            name = f'{"reliable" if reliable else "best effort"}, {PROFILE if profile else "no profile"}'
            print(measure(options, domain, profile=profile, reliable=reliable).row(name), flush=True)


if __name__ == '__main__':
    main()
