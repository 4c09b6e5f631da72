# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How --help tells what an option is when it is not given."""

from __future__ import annotations

from argparse import Action, ArgumentDefaultsHelpFormatter


class DefaultsHelp(ArgumentDefaultsHelpFormatter):
    """Tells each default, but for options that have none and those whose help has told it already."""

    def _get_help_string(self, action: Action) -> str | None:
        told = action.help or ''
        return told if action.default is None or 'default' in told else super()._get_help_string(action)
