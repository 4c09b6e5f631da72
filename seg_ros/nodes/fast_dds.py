"""Fast DDS, the middleware most ROS 2 distributions use: what lets a whole image through its shared memory."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version

from seg_ros.share import share_directory

PROFILE_VARIABLES = ('FASTRTPS_DEFAULT_PROFILES_FILE', 'FASTDDS_DEFAULT_PROFILES_FILE')
FIRST_WITH_FAST_DDS_3 = 8  # the major version of rclpy: Jazzy has 7, Kilted 9


def profile_variable() -> str:
    """Return the variable that the installed Fast DDS reads; version 3 calls the older name deprecated."""
    older, newer = PROFILE_VARIABLES
    return newer if int(version('rclpy').partition('.')[0]) >= FIRST_WITH_FAST_DDS_3 else older


def profile_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what to add to an environment for whole images; nothing where the user has a profile of their own."""
    if any(name in (os.environ if environment is None else environment) for name in PROFILE_VARIABLES):
        return {}
    return {profile_variable(): str(share_directory() / 'config' / 'fastdds.xml')}
