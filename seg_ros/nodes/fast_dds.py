# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Fast DDS, the middleware most ROS 2 distributions use: what lets a whole image through its shared memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from seg_ros.errors import Doubt
from seg_ros.share import share_directory

PROFILE_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
PROFILE_FILES = ('DEFAULT_FASTRTPS_PROFILES.xml', 'DEFAULT_FASTDDS_PROFILES.xml')  # read where a program is started
SEGMENT_BYTES = 512 * 1024
"""Of shared memory without a profile; what is larger is cut into pieces, and a lost piece loses all."""

FIRST_WITH_FAST_DDS_3 = 8  # the major version of rclpy: Jazzy has 7, Kilted 9


def profile_variable() -> str:
    """Return the variable that the installed Fast DDS reads; version 3 calls the older name deprecated."""
    older, newer = PROFILE_VARIABLES
    return newer if int(version('rclpy').partition('.')[0]) >= FIRST_WITH_FAST_DDS_3 else older


def doubt_of_transport(image_bytes: int) -> Doubt | None:
    """Doubt that images arrive whole which are larger than what Fast DDS shares without a profile."""
    from rclpy.utilities import get_rmw_implementation_identifier  # tests of models run where there is no ROS, too
    has_profile = any(name in os.environ for name in PROFILE_VARIABLES) or any(
        Path(name).is_file() for name in PROFILE_FILES)
    is_fast_dds = get_rmw_implementation_identifier().startswith('rmw_fastrtps')
    if image_bytes <= SEGMENT_BYTES or has_profile or not is_fast_dds:
        return None
    return Doubt('transport', f'the images are of {image_bytes / 1e6:.1f} MB, more than the {SEGMENT_BYTES >> 10} kB '
                 'of shared memory that Fast DDS has without a profile: most of them may be lost on the way',
                 f'export {profile_variable()}={share_directory() / "config" / "fastdds.xml"} for this node and for '
                 'the camera (docs/transport.md)')


def profile_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what to add to an environment for whole images; nothing where the user has a profile of their own."""
    if any(name in (os.environ if environment is None else environment) for name in PROFILE_VARIABLES):
        return {}
    return {profile_variable(): str(share_directory() / 'config' / 'fastdds.xml')}
