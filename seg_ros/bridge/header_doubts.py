# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a message says of itself that cannot be, though it can be worked with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CameraInfo

from seg_ros.bridge.images import SECOND_NS
from seg_ros.errors import Doubt

RECTIFIED_NAMES = ('image_rect', 'image_rect_color', 'image_rect_mono', 'image_rectified')
"""How image_proc and drivers name rectified images; image_rect_raw of others is depth, whose D is 0."""

MOST_APART = 0.05  # K and P of a camera without distortion: of the focal length, and of the size of the image
MOST_SQUEEZED = 2.0  # 424x240 of images of 4:3 is 1.3
MIDDLE = (0.25, 0.75)  # of width and height: outside of both of them is no centre, but for another size
UNTURNED = 0.01  # R that is off the identity by less turns no view


def doubts_of_geometry(image_frame: str, depth_frame: str, info: CameraInfo | None, *,
                       rectified: bool) -> Iterator[Doubt]:
    """
    Yield what cannot be of how a camera sees, and of the frames in which image, depth and camera_info come.

    :param depth_frame: empty where there is no depth. :param rectified: the setting of this name.
    """
    found = [doubt_of_frame_id(image_frame), doubt_of_depth_frame(image_frame, depth_frame)]
    if info is not None:
        found += [doubt_of_info_frame(image_frame, info.header.frame_id), doubt_of_form(info), doubt_of_matrices(info),
                  doubt_of_region(info), doubt_of_empty_projection(info, rectified=rectified)]
    yield from (doubt for doubt in found if doubt is not None)


def doubt_of_frame_id(frame_id: str) -> Doubt | None:
    """Doubt an empty frame, and one of ROS 1 with a slash before it."""
    if not frame_id.strip():
        return Doubt('frame_id', 'the images name no frame (frame_id is empty): no transform can be found for what is '
                     'made of them', 'set the frame in the camera driver, to its optical frame')
    if frame_id.startswith('/'):
        return Doubt('frame_slash', f"the images are in the frame '{frame_id}', and no name in TF begins with a slash",
                     f"name it '{frame_id.lstrip('/')}' in the camera driver")
    return None


def doubt_of_stamp(nanosec: int) -> Doubt | None:
    """Doubt a stamp whose part of a second is more than one: a time in another unit, or one that ran over."""
    if nanosec < SECOND_NS:
        return None
    return Doubt('nanosec', f'the stamps of the images have {nanosec} as nanosec, and a second has {SECOND_NS}: they '
                 'are read as later by whole seconds', 'nanosec is the part of a second: mend the camera driver')


def doubt_of_depth_frame(image_frame: str, depth_frame: str) -> Doubt | None:
    """Doubt depth of another frame than that of its image: it is taken to be registered, and likely is not."""
    if not depth_frame or image_frame.lstrip('/') == depth_frame.lstrip('/'):
        return None
    return Doubt('depth_frame', f'depth comes in the frame {depth_frame}, the image in {image_frame}',
                 'remap depth to the depth image that is registered (aligned) to this image, or register it with '
                 'depth_image_proc')


def doubt_of_info_frame(image_frame: str, info_frame: str) -> Doubt | None:
    """Doubt a description of another frame than that of the image: it is of another camera, or one of the two errs."""
    if not info_frame or image_frame.lstrip('/') == info_frame.lstrip('/'):
        return None
    return Doubt('info_frame', f'camera_info comes in the frame {info_frame}, the image in {image_frame}',
                 'remap camera_info to that of this image, or set one frame for both in the camera driver')


def doubt_of_matrices(info: CameraInfo) -> Doubt | None:
    """Doubt K and P that describe two cameras, where no distortion and no rotation lies between them."""
    rotation = np.reshape(info.r, (3, 3))
    if any(info.d) or not info.p[0] > 0 or (rotation.any() and np.abs(rotation - np.eye(3)).max() > UNTURNED):
        return None
    views = [np.reshape(matrix, (3, -1))[:2, :3] for matrix in (info.k, info.p)]
    size = np.array([max(1, info.width), max(1, info.height)])
    apart = np.abs(views[0] - views[1])
    if (apart[[0, 1], [0, 1]] <= MOST_APART * views[1][[0, 1], [0, 1]]).all() and (
            apart[:, 2] <= MOST_APART * size).all():
        return None
    return Doubt('matrices', f'camera_info has no distortion, but K has {_view(views[0])}, and P {_view(views[1])}; '
                 'P is taken', 'one of the two is wrong: calibrate the camera, or mend its driver')


def doubt_of_form(info: CameraInfo) -> Doubt | None:
    """Doubt K and P that are no matrices of a camera: by columns say, or with a centre far from the middle."""
    for name, matrix in (('K', np.reshape(info.k, (3, 3))), ('P', np.reshape(info.p, (3, 4))[:, :3])):
        if not matrix[0, 0] > 0:
            continue
        if matrix[2, 0] or matrix[2, 1] or abs(matrix[2, 2] - 1) > UNTURNED or abs(matrix[0, 1]) > matrix[0, 0] / 10:
            words = ', '.join(f'{value:g}' for value in matrix.ravel())
            return Doubt('form', f'{name} of camera_info, {words}, is no matrix of a camera',
                         'it is fx 0 cx, 0 fy cy, 0 0 1, row by row: mend the camera driver')
        centre, size = matrix[:2, 2], np.array([info.width, info.height])
        if (centre < MIDDLE[0] * size).all() or (centre > MIDDLE[1] * size).all():
            return Doubt('form', f'{name} of camera_info has its centre at {centre[0]:g}, {centre[1]:g}, and the image '
                         f'is of {info.width}x{info.height}', 'it lies about the middle, in pixels of an image of this '
                         'size: calibrate the camera, or mend its driver')
    return None


def doubt_of_region(info: CameraInfo) -> Doubt | None:
    """Doubt a region of interest that reaches beyond the sensor it is a region of."""
    roi, size = info.roi, (info.width * max(1, info.binning_x), info.height * max(1, info.binning_y))
    if roi.x_offset + roi.width <= size[0] and roi.y_offset + roi.height <= size[1]:
        return None
    return Doubt('region', f'camera_info is of {info.width}x{info.height}, and its region of interest, '
                 f'{roi.width}x{roi.height} at {roi.x_offset}, {roi.y_offset}, reaches beyond that',
                 'width and height are those of the whole sensor (REP-104): mend the camera driver')


def _view(matrix: NDArray[np.float64]) -> str:
    (fx, _, cx), (_, fy, cy) = matrix.tolist()
    return f'the focal lengths {fx:g}, {fy:g} and the centre {cx:g}, {cy:g}'


def doubt_of_empty_projection(info: CameraInfo, *, rectified: bool) -> Doubt | None:
    """Doubt a rectified image of which nothing is known but the camera before it was rectified."""
    if not rectified or info.p[0] > 0 or not any(info.d):
        return None
    return Doubt('projection', 'rectified is true, but P of camera_info, which describes the rectified camera, is '
                 'empty: K is taken',
                 'let the camera driver fill P in, or give the raw image and set rectified to false')


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


def doubt_of_shape(size: tuple[int, int], output: tuple[int, int] | None) -> Doubt | None:
    """Doubt outputs, (width, height), that squeeze an image to half its width or height: upright for oblong, say."""
    if output is None or 1 / MOST_SQUEEZED < size[0] * output[1] / (size[1] * output[0]) < MOST_SQUEEZED:
        return None
    return Doubt('shape', f'output_size is {output[0]}x{output[1]}, and the images are {size[0]}x{size[1]}: what is '
                 'published is squeezed', 'write WIDTHxHEIGHT of about the shape of the images')


def doubt_of_encoding(encoding: str) -> Doubt | None:
    """Doubt a depth image that was given as a picture."""
    if encoding != '16UC1':
        return None
    return Doubt('encoding', 'the images are 16UC1, as depth images are',
                 'remap image to a colour or grey camera topic; an infrared camera should say mono16')
