# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A camera for benchmarks: one picture, made into a message once, published on ``image`` at a rate until ended."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import rclpy
from sensor_msgs.msg import Image
from stand import NEWEST, resized_picture, size_of

from seg_ros.bridge.images import header_of, image_message


def main() -> None:
    """Publish; each message has the time at which it is published as its stamp."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--size', required=True)
    parser.add_argument('--rate', type=float, required=True)
    parser.add_argument('--picture', type=Path, required=True)
    options = parser.parse_args()
    rclpy.init()
    publisher = rclpy.create_node('camera').create_publisher(Image, 'image', NEWEST)
    message = image_message(resized_picture(options.picture, size_of(options.size)), 'rgb8', header_of(0, 'camera'))
    due_s = time.monotonic()
    while True:
        due_s = max(due_s + 1.0 / options.rate, time.monotonic())
        time.sleep(due_s - time.monotonic() if due_s > time.monotonic() else 0.0)
        message.header.stamp = header_of(time.time_ns(), '').stamp
        publisher.publish(message)


if __name__ == '__main__':
    main()
