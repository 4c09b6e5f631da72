# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the player can be told, each knob once."""

from __future__ import annotations

from dataclasses import dataclass

from seg_ros.player.sources import PLAYABLE
from seg_ros.recordings.camera_of_bag import Excerpt
from seg_ros.settings import Knobs, knob, parse_size


@dataclass(frozen=True)
class PlayerSettings(Knobs):
    """What is played, and how; fixed for the life of the player."""

    source: str = knob('', f'what is played: {PLAYABLE}', live=False)
    rate: float = knob(0.0, 'images per second; 0 as a recording has them, and 10 for what has no times of its own',
                       unit='Hz', bounds=(0.0, 1000.0), live=False)
    loop: bool = knob(False, 'begin again after the last image, instead of ending', live=False)
    count: int = knob(0, 'end after this many images; 0 plays all', bounds=(0, 2**31 - 1), live=False)
    size: str = knob('', 'size of the images as WIDTHxHEIGHT, 640x480 say; empty leaves it alone', live=False)
    frame_id: str = knob('', 'the frame the images are taken in; empty for that of the recording, or '
                             'camera_optical_frame', live=False)
    stamps: str = knob('now', 'the stamps of what is published: when it is published, or as recorded',
                       choices=('now', 'recorded'), live=False)
    image_topic: str = knob('', 'the images in a recording; empty for its only camera', live=False)
    depth_topic: str = knob('', 'the depth in a recording, registered to the images; empty for the only one',
                            live=False)
    camera_info_topic: str = knob('', 'the description of the camera in a recording; empty for that beside the images',
                                  live=False)
    start_s: float = knob(0.0, 'how much of the beginning of a recording is left out', unit='s', bounds=(0.0, 1e6),
                          live=False)
    image_transport: str = knob('raw', 'publish image, or the JPEG topic image/compressed instead',
                                choices=('raw', 'compressed'), live=False)
    quality: int = knob(90, 'JPEG quality of image/compressed', bounds=(1, 100), live=False)
    reliability: str = knob('reliable', 'what the publishers offer; many cameras offer best_effort only',
                            choices=('reliable', 'best_effort'), live=False)
    wait_for_subscriber: bool = knob(False, 'begin when somebody subscribes to the images', live=False)
    answers: str = knob('', 'a topic of answers, /segmentation/overlay/compressed say: the next image is played when '
                            'the one before is answered; empty for the rate alone', live=False)
    subscribers: int = knob(1, 'how many nodes wait_for_subscriber waits for', bounds=(1, 1000), live=False)

    def check_together(self) -> None:
        """Raise SettingError when the size is malformed."""
        self.parsed_size()

    @property
    def recording(self) -> Excerpt:
        """What to take of a recording."""
        return Excerpt(self.image_topic, self.depth_topic, self.camera_info_topic, self.start_s)

    def parsed_size(self) -> tuple[int, int] | None:
        """Return (width, height), or None for the size of the source."""
        return parse_size(self.size, 'size')
