# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What can stop a build: each error is one sentence that says what is missing and what to type."""


class BuildError(Exception):
    """A step of the build failed."""


class MissingToolError(BuildError):
    """Something the build needs is not on this machine."""

    def __init__(self, missing: str, remedy: str) -> None:
        """Say what is missing and how to get it.

        :param missing: a clause such as "the C compiler gcc is not on PATH".
        :param remedy: the command to type.
        """
        super().__init__(f'Cannot build the message bindings: {missing}. Type: {remedy}')
