# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
The usual segmentation node of the field, complete, to compare ours with: one file, one thread, one network.

It is what one writes from the tutorials of rclpy, cv_bridge and ONNX Runtime: the callback of the image makes an array
of the message as cv_bridge does, makes floats of it and normalises them, runs the network at the size of the camera,
enlarges all logits to that size where the network has not, takes the softmax of everything, and of that the best class
and its probability, and publishes both as images. ONNX Runtime has its default options but for the number of threads.
The subscription has the quality of service for sensor data, depth 5, unless another depth is asked for.
"""

from __future__ import annotations

import argparse
import array

import cv2
import numpy as np
import onnxruntime
import rclpy
from numpy.typing import NDArray
from rclpy.node import Node
from rclpy.qos import QoSProfile, ReliabilityPolicy
from sensor_msgs.msg import Image
from std_msgs.msg import Header

MEAN = np.array([123.675, 116.28, 103.53], np.float32)
STD = np.array([58.395, 57.12, 57.375], np.float32)
THRESHOLD = 0.4


class UsualNode(Node):
    """Answers each image in its callback."""

    def __init__(self, path: str, threads: int, depth: int) -> None:
        super().__init__('usual')
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(path, options, providers=['CPUExecutionProvider'])
        self._input = self._session.get_inputs()[0].name
        self._mask = self.create_publisher(Image, '~/mask', 2)
        self._confidence = self.create_publisher(Image, '~/confidence', 2)
        quality = QoSProfile(depth=depth, reliability=ReliabilityPolicy.BEST_EFFORT)
        self.create_subscription(Image, 'image', self._on_image, quality)

    def _on_image(self, message: Image) -> None:
        rgb = to_array(message)
        pixels = (rgb.astype(np.float32) - MEAN) / STD
        logits = self._session.run(None, {self._input: np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])})[0][0]
        labels, confidence = read(logits, (message.width, message.height))
        self._mask.publish(to_message(labels, message.header))
        self._confidence.publish(to_message(confidence, message.header))


def read(logits: NDArray[np.float32], size: tuple[int, int]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """
    Return labels and confidence, (height, width) uint8 each.

    :param logits: (classes, h, w). :param size: (width, height) of the answer.
    """
    if logits.shape[:0:-1] != size:
        logits = np.stack([cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in logits])
    powers = np.exp(logits - logits.max(axis=0))
    probabilities = powers / powers.sum(axis=0)
    labels, best = probabilities.argmax(axis=0).astype(np.uint8), probabilities.max(axis=0)
    unsure = best < THRESHOLD
    labels[unsure], best[unsure] = 255, 0.0
    return labels, (best * 255).round().astype(np.uint8)


def to_array(message: Image) -> NDArray[np.uint8]:
    """Return the pixels as ``CvBridge.imgmsg_to_cv2`` does: a view where the encoding is rgb8."""
    return np.ndarray((message.height, message.width, 3), np.uint8, message.data, strides=(message.step, 3, 1))


def to_message(pixels: NDArray[np.uint8], header: Header) -> Image:
    """Return an image as ``CvBridge.cv2_to_imgmsg`` does."""
    message = Image(header=header, height=pixels.shape[0], width=pixels.shape[1], encoding='mono8',
                    step=pixels.shape[1])
    message.data = array.array('B')
    message.data.frombytes(pixels.tobytes())
    return message


def main() -> None:
    """Spin until ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--onnx', required=True)
    parser.add_argument('--threads', type=int, default=2)
    parser.add_argument('--depth', type=int, default=5)
    options = parser.parse_args()
    rclpy.init()
    rclpy.spin(UsualNode(options.onnx, options.threads, options.depth))


if __name__ == '__main__':
    main()
