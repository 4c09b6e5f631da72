# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Headers and names that can hardly be right are doubted, the usual ones are not."""

from __future__ import annotations

import pytest

from seg_ros.bridge.header_doubts import doubt_of_depth_frame, doubt_of_encoding, doubt_of_frame_id, doubt_of_rectified

D = (0.1, -0.05, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(('frame_id', 'words'), [
    ('camera_optical_frame', ''), ('robot/camera', ''), ('', 'frame_id is empty'), ('/camera', "Name it 'camera'")])
def test_frames_that_tf_cannot_know(frame_id: str, words: str) -> None:
    doubt = doubt_of_frame_id(frame_id)
    assert words in str(doubt) if words else doubt is None


@pytest.mark.parametrize(('image', 'depth', 'is_doubted'), [
    ('color', 'color', False), ('/color', 'color', False), ('color', '', False), ('color', 'depth', True),
    ('', 'depth', True)])
def test_depth_of_another_frame(image: str, depth: str, is_doubted: bool) -> None:
    doubt = doubt_of_depth_frame(image, depth)
    assert (doubt is not None) == is_doubted
    assert doubt is None or 'registered' in doubt.remedy


@pytest.mark.parametrize(('topic', 'distortion', 'rectified', 'is_doubted'), [
    ('/camera/image_rect', D, False, True), ('/camera/image_rect_color/compressed', D, False, True),
    ('/camera/image_rect', D, True, False), ('/camera/image_rect', (0.0,) * 5, False, False),
    ('/camera/image_rect', (), False, False), ('/camera/image_raw', D, False, False),
    ('/camera/depth/image_rect_raw', D, False, False), ('/image_rect/image_raw', D, False, False)])
def test_images_rectified_twice(topic: str, distortion: tuple[float, ...], rectified: bool, is_doubted: bool) -> None:
    doubt = doubt_of_rectified(topic, distortion, rectified=rectified)
    assert (doubt is not None) == is_doubted
    assert doubt is None or (topic in doubt.fact and 'rectified' in doubt.remedy)


@pytest.mark.parametrize(('encoding', 'is_doubted'), [('16UC1', True), ('mono16', False), ('rgb8', False)])
def test_depth_given_as_a_picture(encoding: str, is_doubted: bool) -> None:
    assert (doubt_of_encoding(encoding) is not None) == is_doubted
