# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every knob once: default, unit, bounds, words, and whether it may change while the node runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any, TypeVar

from seg_ros.errors import SettingError, nearest_of
from seg_ros.records import Mode

Value = bool | int | float | str | tuple[str, ...]
"""What a knob may hold; a tuple of strings is a string array in ROS."""


@dataclass(frozen=True)
class Knob:
    """
    What is known of a setting besides its name and default.

    :param words: what it does, for ``ros2 param describe`` and the documentation.
    :param unit: unit of a number, empty for none.
    :param bounds: smallest and largest value of a number, inclusive.
    :param choices: the allowed words of a string; empty for any.
    :param live: whether it may change while the node runs.
    """

    words: str
    unit: str = ''
    bounds: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    live: bool = True


def knob(default: Value, words: str, **facts: Any) -> Any:
    """Declare a setting: a dataclass field that carries its :class:`Knob`."""
    return field(default=default, metadata={'knob': Knob(words, **facts)})


K = TypeVar('K', bound='Knobs')


@dataclass(frozen=True)
class Knobs:
    """
    One consistent, validated set of values, each a field with its knob; a new object is made for every change.

    :raises SettingError: when a value is out of its bounds or contradicts another.
    """

    def __post_init__(self) -> None:
        for item in fields(self):
            _check(item.name, getattr(self, item.name), item.metadata['knob'], type(item.default))
        self.check_together()

    def check_together(self) -> None:
        """Raise SettingError when values contradict each other."""

    def changed(self: K, values: Mapping[str, Any]) -> K:
        """
        Return a copy with other values, all of them or none.

        :raises SettingError: when a name is unknown or a value is refused.
        """
        for name in values:
            knob_of(name, type(self))
        return replace(self, **{name: _native(value) for name, value in values.items()})

    def check_order(self, *pairs: tuple[str, str]) -> None:
        """Raise SettingError unless the first of each pair of settings is less than the second."""
        for low, high in pairs:
            if getattr(self, low) >= getattr(self, high):
                raise SettingError(f'{low} is {getattr(self, low)} and {high} is {getattr(self, high)}',
                                   f'{low} must be the smaller one')


@dataclass(frozen=True)
class Settings(Knobs):
    """The settings of the node ``segmentation``, and of every verb that runs its models."""

    mode: str = knob('semantic', 'what is computed for every frame', choices=tuple(m.value for m in Mode))
    semantic_model: str = knob('indoor', 'the model that gives every pixel a class: a shipped name, a folder with '
                                         'card.yaml, torchvision:NAME, hf:ORG/NAME, hf:/folder, onnx:/file.onnx or '
                                         'checkpoint:/folder')
    instance_model: str = knob('everyday', 'the model that finds individual objects, named like semantic_model; in '
                                           'mode panoptic one model for both is run once')
    allow_download: bool = knob(False, 'weights that are not on this disk are fetched when a model is loaded; false '
                                       'says which command fetches them', live=False)
    taxonomy: str = knob('indoor', "the robot's classes: a shipped name, or the path of a .yaml file")
    device: str = knob('auto', 'where the model runs: auto, cpu, cuda or cuda:N; auto takes a GPU if there '
                               'is one', live=False)
    precision: str = knob('auto', 'arithmetic of the network; auto takes fp16 on a GPU, and bf16 on a CPU '
                                  'that has it', choices=('auto', 'fp32', 'bf16', 'fp16'), live=False)
    onnx_provider: str = knob('auto', 'what runs models named onnx:, as far as the installed ONNX Runtime has it; auto '
                                      'takes CUDA or the CPU by device',
                              choices=('auto', 'cpu', 'cuda', 'tensorrt', 'openvino'), live=False)
    unlabelled_threshold: float = knob(0.4, 'pixels whose best class is less probable than this become 255, '
                                            'unlabelled', bounds=(0.0, 1.0))
    score_threshold: float = knob(0.5, 'objects less certain than this are not reported, unless they continue a track',
                                  bounds=(0.0, 1.0))
    max_instances: int = knob(100, 'at most this many objects per frame, the most certain first', bounds=(1, 1000))
    nms_iou: float = knob(0.8, 'of two objects of any class whose boxes overlap more than this, or whose masks more '
                               'than 0.6, the less certain is dropped; 1 keeps both', bounds=(0.0, 1.0))
    min_area: int = knob(25, 'smaller objects are dropped', unit='pixels', bounds=(1, 1_000_000_000))
    classes: tuple[str, ...] = knob(('',), 'names of the object classes to keep; one empty name keeps all')
    tracking: bool = knob(True, 'give objects ids that last; false leaves them without')
    track_match_iou: float = knob(0.3, 'least overlap of an object with where its track should be',
                                  bounds=(0.01, 1.0))
    track_low_score: float = knob(0.2, 'objects at least this certain may continue a track', bounds=(0.0, 1.0))
    track_lost_s: float = knob(1.0, 'an object out of sight keeps its id this long', unit='s', bounds=(0.0, 600.0))
    track_confirm_frames: int = knob(1, 'frames an object must be seen in before it gets an id', bounds=(1, 100))
    track_by: str = knob('mask', 'what must overlap', choices=('mask', 'box'))
    target_class: str = knob('', 'the class of the object to pick: the most certain one is the target')
    target_id: int = knob(0, 'the lasting id of the object to pick; 0 for none', bounds=(0, 2**53))
    size_limits_m: tuple[str, ...] = knob(('',), 'the longest side that boxes of a class may have in metres, as '
                                                 'hammer=0.6, and *=1.5 for all other classes; longer ones are left '
                                                 'out of ~/objects and named; one empty text for no limits')
    target_only: bool = knob(False, '~/instances, ~/instance_ids, ~/instance_masks and ~/objects hold the target '
                                     'alone, or nothing while it is out of sight')
    output_size: str = knob('', 'size of all image outputs as WIDTHxHEIGHT, 424x240 say; empty for the size '
                                'of the camera')
    max_pixels: int = knob(64_000_000, 'larger images and depth images are refused before they are decoded',
                           unit='pixels', bounds=(1, 268_435_456))
    max_rate: float = knob(0.0, 'frames are taken at most this often per camera; 0 for as fast as the model '
                                'is', unit='Hz', bounds=(0.0, 1000.0))
    keep_models_loaded: bool = knob(False, 'models of other modes used before stay in memory, so that switching back '
                                           'is immediate')
    cpu_threads: int = knob(0, 'threads of the network on a CPU; 0 leaves one core to the rest of the robot',
                            bounds=(0, 256), live=False)
    image_transport: str = knob('raw', 'listen to image, or to the JPEG or PNG topic image/compressed instead',
                                choices=('raw', 'compressed'), live=False)
    cameras: tuple[str, ...] = knob(('',), 'names of the cameras; each prefixes its topics, as in front/image'
                                           ' and ~/front/mask; one empty name means no prefix', live=False)
    autostart: bool = knob(True, 'configure and activate at start; false leaves that to a lifecycle manager',
                           live=False)
    depth_slop_s: float = knob(0.02, 'a depth image belongs to an image when their stamps differ by no more than this',
                               unit='s', bounds=(0.0, 1.0))
    depth_wait_s: float = knob(0.1, 'an image waits at most this long for its depth', unit='s', bounds=(0.0, 1.0))
    rectified: bool = knob(False, 'true where the images come as image_rect: P of camera_info holds; false, for '
                                  'image_raw, takes K and undoes the lens')
    min_range_m: float = knob(0.2, 'nearer points are left out of clouds and scan', unit='m', bounds=(0.0, 4.0))
    max_range_m: float = knob(5.0, 'farther points are left out of clouds and scan', unit='m', bounds=(0.5, 1000.0))
    min_height_m: float = knob(0.05, 'what has the class of an obstacle and is lower than this above the floor is '
                                      'driven over; min_rise_m is for what has no class, or is called floor',
                                unit='m', bounds=(0.0, 1.0))
    max_height_m: float = knob(2.0, 'obstacles higher than this above the floor are passed under', unit='m',
                               bounds=(0.1, 100.0))
    min_rise_m: float = knob(0.1, 'what has no class (unlabelled) is an obstacle from this height above the floor on, '
                                  'and so is what a traversable class has, with 0.1 m more per metre of depth; '
                                  'min_height_m is for what has the class of an obstacle', unit='m',
                             bounds=(0.0, 100.0))
    floor_overrules_label: bool = knob(True, "a pixel of an obstacle's class that lies lower than min_height_m above "
                                             'the floor is NaN in ~/points, unless it is of an object that was found: '
                                             'the semantic layer of Nav2 has no height check of its own')
    voxel_m: float = knob(0.02, 'of the points in a cube of this side one is kept, in all clouds but ~/points and '
                                '~/target_points; 0 keeps all', unit='m', bounds=(0.0, 10.0))
    target_margin_px: int = knob(3, 'so many pixels around the target are left out of ~/scene_points', unit='pixels',
                                 bounds=(0, 100))
    level_valid_s: float = knob(0.1, 'so long after its stamp the frame of ~/scan holds in TF; Nav2 asks for it 0.05 s '
                                     'after the stamp', unit='s', bounds=(0.0, 10.0))
    target_frame: str = knob('', 'the frame ~/objects is given in, by TF at the stamp of the image; empty for that of '
                                 'the camera; the mounting is base_frame, the object to pick target_class')
    base_frame: str = knob('', 'a frame whose x and y lie in the floor, base_footprint say: TF then tells the height '
                               'and tilt of the camera, and outputs stay in its frame; empty for none')
    camera_height_m: float = knob(0.0, 'height of the camera above the floor, where base_frame is empty; 0 for unknown',
                                  unit='m', bounds=(0.0, 100.0))
    camera_pitch_deg: float = knob(0.0, 'how far the camera looks down; counts where camera_height_m is set',
                                   unit='degrees', bounds=(-90.0, 90.0))
    camera_roll_deg: float = knob(0.0, 'how far the camera leans to its right; counts where camera_height_m is set',
                                  unit='degrees', bounds=(-180.0, 180.0))

    def check_together(self) -> None:
        """Raise SettingError when values contradict each other."""
        if self.precision == 'fp16' and self.device == 'cpu':
            raise SettingError('precision is fp16 but device is cpu', 'Use bf16, fp32 or auto on a CPU')
        if self.onnx_provider in ('cuda', 'tensorrt') and self.device == 'cpu':
            raise SettingError(f'onnx_provider is {self.onnx_provider} but device is cpu', 'Set device to auto or cuda')
        if not re.fullmatch(r'auto|cpu|cuda(:\d+)?', self.device):
            raise SettingError(f"device is '{self.device}'", 'Use auto, cpu, cuda or cuda:N')
        check_cameras(self.cameras)
        for name in ('target_frame', 'base_frame'):
            check_frame(name, getattr(self, name))
        self.check_order(('min_range_m', 'max_range_m'), ('min_height_m', 'max_height_m'))
        width, height = parse_size(self.output_size) or (0, 0)
        if width * height > self.max_pixels:
            raise SettingError(f'output_size is {self.output_size}, {width * height} pixels', 'outputs may have as '
                               f'many as images, max_pixels ({self.max_pixels})')
        _ = self.size_limits

    @property
    def detection_threshold(self) -> float:
        """The score below which an object is of no use, not even to continue a track."""
        return min(self.score_threshold, self.track_low_score) if self.tracking else self.score_threshold

    @property
    def kept_classes(self) -> frozenset[str] | None:
        """The object classes to keep by name; None keeps all."""
        names = frozenset(name for name in self.classes if name)
        return names or None

    @property
    def size_limits(self) -> dict[str, float]:
        """
        The longest side of a box in metres by class name, ``*`` for all others.

        :raises SettingError: when one is not written CLASS=METRES, or a class has two.
        """
        limits = {}
        for text in filter(None, self.size_limits_m):
            match = re.fullmatch(r'(.+?)\s*=\s*(\d+(?:\.\d*)?|\.\d+)', text.strip())
            if not match or not 0 < float(match[2]) <= 1000:
                raise SettingError(f"size_limits_m has '{text}'", 'Write CLASS=METRES, hammer=0.6 say')
            if match[1] in limits:
                raise SettingError(f"size_limits_m has two limits for '{match[1]}'", 'Leave one of them out')
            limits[match[1]] = float(match[2])
        return limits


def check_cameras(names: tuple[str, ...]) -> None:
    """
    Accept names of cameras.

    :raises SettingError: when two are the same, or one cannot be part of a topic's name.
    """
    if len(set(names)) != len(names) or not names:
        raise SettingError(f'cameras is {list(names)}', 'Give each camera its own name')
    if len(names) > 1 and '' in names:
        raise SettingError('one of several cameras has no name', 'Name each of them')
    part = re.compile(r'[A-Za-z]\w*(/[A-Za-z]\w*)*', re.ASCII)
    bad = [name for name in names if name and not part.fullmatch(name)]
    if bad:
        raise SettingError(f"'{bad[0]}' cannot be part of a topic name",
                           'Camera names hold letters, digits and underscores')


def check_frame(name: str, frame: str) -> None:
    """
    Accept the name of a frame.

    :param name: of the setting. :raises SettingError: when TF can have no frame of that name.
    """
    bare = frame.strip().lstrip('/')
    if frame != bare:
        raise SettingError(f"{name} is '{frame}', and no name in TF begins with a slash or a blank", f"Write '{bare}'")


def parse_size(text: str, name: str = 'output_size') -> tuple[int, int] | None:
    """
    Read ``WIDTHxHEIGHT`` as (width, height); an empty text is None.

    :param name: of the setting, for the error.
    :raises SettingError: when it is neither, or a side is not within 1..16384.
    """
    if not text:
        return None
    match = re.fullmatch(r'(\d{1,5})x(\d{1,5})', text)
    size = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(1 <= side <= 16384 for side in size):
        raise SettingError(f"{name} is '{text}'", 'Write WIDTHxHEIGHT in pixels, 424x240 say')
    return size


def knob_of(name: str, kind: type[Knobs] = Settings) -> Knob:
    """
    Return what is known of a setting.

    :param kind: whose setting it is.
    :raises SettingError: when there is none of that name; names the nearest.
    """
    by_name: dict[str, Field[Any]] = {item.name: item for item in fields(kind)}
    if name not in by_name:
        raise SettingError(f"there is no setting '{name}'; {nearest_of(name, by_name)}")
    declared: Knob = by_name[name].metadata['knob']
    return declared


def _native(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _check(name: str, value: Any, declared: Knob, kind: type[Any]) -> None:
    given: type[Any] = type(value)
    if given is not kind:
        raise SettingError(f'{name} is {value!r}', f'It must be a {_KIND_WORDS[kind]}')
    if kind is tuple and not all(isinstance(item, str) for item in value):
        raise SettingError(f'{name} is {list(value)!r}', f'It must be a {_KIND_WORDS[kind]}')
    if declared.choices and value not in declared.choices:
        raise SettingError(f"{name} is '{value}'", f'Use one of {", ".join(declared.choices)}')
    if declared.bounds is not None and not declared.bounds[0] <= value <= declared.bounds[1]:
        low, high = declared.bounds
        unit = f' {declared.unit}' if declared.unit else ''
        raise SettingError(f'{name} is {value}{unit}', f'It must lie within {low:g} and {high:g}{unit}')


_KIND_WORDS = {bool: 'truth value', int: 'whole number', float: 'number with a decimal point', str: 'text',
               tuple: 'list of texts'}
