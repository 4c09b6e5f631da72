# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Topics are found as a person names them."""

from __future__ import annotations

import pytest

from seg_ros.nodes.remapped import topic_of, transported


@pytest.mark.parametrize(('topic', 'transport', 'expected'), [
    ('/cam/image_raw', 'raw', '/cam/image_raw'),
    ('/cam/image_raw', 'compressed', '/cam/image_raw/compressed'),
    ('/cam/image_raw/compressed', 'compressed', '/cam/image_raw/compressed'),  # named whole
    ('/cam/depth', 'compressedDepth', '/cam/depth/compressedDepth'),
    ('/cam/depth/compressedDepth', 'compressedDepth', '/cam/depth/compressedDepth'),
    ('/compressed_cam', 'compressed', '/compressed_cam/compressed'),
])
def test_compressed_images_lie_below_the_raw_ones(topic: str, transport: str, expected: str) -> None:
    assert transported(topic, transport) == expected


@pytest.mark.parametrize(('topic', 'camera', 'expected'), [
    ('image', '', 'image'), ('image', 'front', 'front/image'), ('/{camera}/image', 'front', '/front/image')])
def test_each_camera_has_its_topic(topic: str, camera: str, expected: str) -> None:
    assert topic_of(topic, camera) == expected
