"""Image messages become arrays, and arrays become image messages."""

from __future__ import annotations

import array
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from sensor_msgs.msg import CompressedImage, Image
from std_msgs.msg import Header

from seg_ros.bridge.encodings import BRIDGED, DEPTH, PLAIN, check_size, pixels_of, unknown_encoding
from seg_ros.errors import ImageError
from seg_ros.stages import stage

JPEG_BEGIN, JPEG_SCAN, JPEG_END = b'\xff\xd8', b'\xff\xda', b'\xff\xd9'  # ITU T.81, table B.1
PNG_BEGIN, PNG_END = b'\x89PNG', b'IEND'


def decode_image(message: Image | CompressedImage) -> NDArray[np.uint8]:
    """
    Return the picture of a message as (H, W, 3) uint8 in red-green-blue order, contiguous.

    16-bit images are scaled so that 65535 becomes 255. A tight rgb8 image is a view of the message.

    :raises ImageError: when the message contradicts itself, or its encoding cannot be read.
    """
    with stage('decode'):
        return _decode(message)


def _decode(message: Image | CompressedImage) -> NDArray[np.uint8]:
    if hasattr(message, 'format'):
        return _decode_compressed(message)
    if message.encoding in BRIDGED:
        return _decode_bridged(message)
    if message.encoding not in PLAIN:
        raise unknown_encoding(message.encoding)
    encoding = PLAIN[message.encoding]
    pixels = _eight_bits(pixels_of(message, encoding))
    return np.ascontiguousarray(pixels if encoding.to_rgb is None else cv2.cvtColor(pixels, encoding.to_rgb))


def decode_depth(message: Image | CompressedImage) -> NDArray[np.uint16] | NDArray[np.float32]:
    """
    Return a depth image as (H, W), in the machine's byte order (REP-118).

    :return: uint16 millimetres (16UC1, mono16) or float32 metres (32FC1); 0 or NaN: nothing was measured.
    :raises ImageError: when the message contradicts itself, is compressed, or is not a depth image.
    """
    if hasattr(message, 'format'):
        raise ImageError(f"the depth image is compressed ('{message.format}')",
                         'use the raw depth topic, or run image_transport republish compressedDepth raw')
    if message.encoding not in DEPTH:
        raise ImageError(f"the depth image is '{message.encoding}'", 'depth must be 16UC1 in millimetres or '
                                                                      '32FC1 in metres (REP-118)')
    return _native(pixels_of(message, DEPTH[message.encoding]))


def image_message(pixels: NDArray[Any], encoding: str, header: Header) -> Image:
    """
    Return an array as a message without padding, little-endian; one copy.

    :param pixels: (H, W) or (H, W, channels) with the dtype and channels of ``encoding``; H may be 0.
    :raises ImageError: when array and encoding do not belong together.
    """
    stored = {**PLAIN, **DEPTH}.get(encoding)
    channels = 1 if pixels.ndim == 2 else pixels.shape[-1]
    if stored is None or pixels.ndim not in (2, 3) or (pixels.dtype.str[1:], channels) != (stored.dtype,
                                                                                           stored.channels):
        raise ImageError(f"an array of {pixels.shape} {pixels.dtype} is not a '{encoding}' image")
    tight = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder('<'))
    message = Image(header=header, height=pixels.shape[0], width=pixels.shape[1], encoding=encoding,
                    is_bigendian=0, step=pixels.shape[1] * stored.pixel_bytes)
    message.data = _byte_array(tight.reshape(-1).view(np.uint8))
    return message


def compressed_message(rgb: NDArray[np.uint8], header: Header, quality: int = 90) -> CompressedImage:
    """
    Return a picture as a JPEG message with the format string image_transport writes.

    :param rgb: (H, W, 3) uint8 in red-green-blue order.
    :param quality: JPEG quality, 1..100.
    """
    _, coded = cv2.imencode('.jpg', cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, quality))
    message = CompressedImage(header=header, format='rgb8; jpeg compressed bgr8')
    message.data = _byte_array(coded.reshape(-1))
    return message


def decode_bytes(coded: bytes | array.array[int], *, upright: bool = False) -> NDArray[np.uint8]:
    """
    Return the content of a JPEG, PNG or other image file as (H, W, 3) uint8 in red-green-blue order.

    :param upright: turn the picture as its EXIF note says, as photo viewers do; a camera stream is not.
    :raises ImageError: when the data is empty, cut off or not an image.
    """
    _check_whole(bytes(coded))
    flags = cv2.IMREAD_COLOR if upright else cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    try:
        bgr = cv2.imdecode(np.frombuffer(coded, np.uint8), flags)
    except cv2.error as error:
        raise ImageError(f'OpenCV cannot decode the image ({error.err})', 'check its source') from error
    if bgr is None:
        raise ImageError('the data is not an image that OpenCV can decode', 'use JPEG or PNG')
    check_size(bgr.shape[1], bgr.shape[0])
    return cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)  # type: ignore[return-value]


def _decode_compressed(message: CompressedImage) -> NDArray[np.uint8]:
    if 'compressedDepth' in message.format:
        raise ImageError(f"the image is compressed depth ('{message.format}')",
                         'remap the input image to a colour or grey camera topic')
    rgb = decode_bytes(message.data)
    # As the subscriber of compressed_image_transport reads it: 'rgb' behind the semicolon says that red
    # was stored where JPEG has blue.
    swapped = 'compressed rgb' in message.format.partition(';')[2]
    return np.ascontiguousarray(rgb[:, :, ::-1]) if swapped else rgb


def _check_whole(coded: bytes) -> None:
    """Refuse a JPEG or PNG that was cut off: some decoders fill up with grey and do not say so."""
    if not coded:
        raise ImageError('the compressed image is empty', 'check the camera driver')
    # A preview inside the file has an end of its own, and cameras and phones add bytes behind the end.
    end = coded.rfind(JPEG_END)
    if coded.startswith(JPEG_BEGIN):
        whole = end >= 0 and JPEG_SCAN not in coded[end:]
    else:
        whole = not coded.startswith(PNG_BEGIN) or PNG_END in coded
    if not whole:
        raise ImageError(f'the compressed image is cut off after {len(coded)} bytes',
                         'check the link to the camera, or the file')


def _decode_bridged(message: Image) -> NDArray[np.uint8]:
    try:
        from cv_bridge import CvBridge
        rgb = CvBridge().imgmsg_to_cv2(_tight(message), 'rgb8')
    except (ImportError, AttributeError, KeyError, TypeError, ValueError, RuntimeError, SystemError,
            cv2.error) as error:
        raise _unbridged(message.encoding, f'{type(error).__name__}: {error}') from error
    if rgb.dtype != np.uint8 or rgb.shape != (message.height, message.width, 3):
        raise _unbridged(message.encoding, f'it gave {rgb.shape} {rgb.dtype}')
    return np.ascontiguousarray(rgb)


def _tight(message: Image) -> Image:
    """Return the message without padding and little-endian: not every cv_bridge knows these two."""
    encoding = BRIDGED[message.encoding]
    pixels = pixels_of(message, encoding)
    if message.encoding.startswith('nv'):
        return message  # the colours lie behind the rows; only cv_bridge knows how
    tight = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder('<'))
    bare = Image(header=message.header, height=message.height, width=message.width, encoding=message.encoding,
                 is_bigendian=0, step=message.width * encoding.pixel_bytes)
    bare.data = _byte_array(tight.reshape(-1).view(np.uint8))
    return bare


def _unbridged(encoding: str, reason: str) -> ImageError:
    return ImageError(f"cv_bridge cannot decode the image encoding '{encoding}' ({reason})",
                      'install the cv_bridge of your ROS distribution and the NumPy it was built for, or set '
                      'the camera driver to rgb8')


def _eight_bits(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels
    return cv2.convertScaleAbs(_native(pixels), alpha=255 / 65535)  # type: ignore[return-value]


def _native(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return the array in the machine's byte order, tight and aligned; a view where it is so already."""
    return np.ascontiguousarray(pixels, pixels.dtype.newbyteorder('='))


def _byte_array(flat: NDArray[np.uint8]) -> array.array[int]:
    data = array.array('B')
    data.frombytes(memoryview(flat))  # type: ignore[arg-type]
    return data
