# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a message says of itself that cannot be, though it can be worked with."""

from __future__ import annotations

from collections.abc import Sequence

from seg_ros.errors import Doubt

RECTIFIED_NAMES = ('image_rect', 'image_rect_color', 'image_rect_mono', 'image_rectified')
"""How image_proc and drivers name rectified images; image_rect_raw of others is depth, whose D is 0."""


def doubt_of_frame_id(frame_id: str) -> Doubt | None:
    """Doubt an empty frame, and one of ROS 1 with a slash before it."""
    if not frame_id:
        return Doubt('frame_id', 'the images name no frame (frame_id is empty): no transform can be found for what is '
                     'made of them', 'set the frame in the camera driver, to its optical frame')
    if frame_id.startswith('/'):
        return Doubt('frame_id', f"the images are in the frame '{frame_id}', and no name in TF begins with a slash",
                     f"name it '{frame_id.lstrip('/')}' in the camera driver")
    return None


def doubt_of_depth_frame(image_frame: str, depth_frame: str) -> Doubt | None:
    """Doubt depth of another frame than that of its image: it is taken to be registered, and likely is not."""
    if not depth_frame or image_frame.lstrip('/') == depth_frame.lstrip('/'):
        return None
    return Doubt('depth_frame', f'depth comes in the frame {depth_frame}, the image in {image_frame}',
                 'remap depth to the depth image that is registered (aligned) to this image, or register it with '
                 'depth_image_proc')


def doubt_of_rectified(topic: str, distortion: Sequence[float], *, rectified: bool) -> Doubt | None:
    """
    Doubt an image that is rectified by its name, and is to be rectified once more.

    :param topic: of the images, with or without ``/compressed``. :param distortion: D of the camera_info.
    :param rectified: the setting of this name.
    """
    name = topic.removesuffix('/compressed').rpartition('/')[2]
    if rectified or name not in RECTIFIED_NAMES or not any(distortion):
        return None
    return Doubt('rectified', f'{topic} is rectified by its name, but its camera_info has a distortion that is undone '
                 'once more', 'set rectified to true, or remap image to the raw one')


def doubt_of_encoding(encoding: str) -> Doubt | None:
    """Doubt a depth image that was given as a picture."""
    if encoding != '16UC1':
        return None
    return Doubt('encoding', 'the images are 16UC1, as depth images are',
                 'remap image to a colour or grey camera topic; an infrared camera should say mono16')
