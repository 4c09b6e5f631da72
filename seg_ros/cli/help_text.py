# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""How --help tells what an option is when it is not given."""

from __future__ import annotations

from argparse import Action, ArgumentDefaultsHelpFormatter


class DefaultsHelp(ArgumentDefaultsHelpFormatter):
    """Tells each default, but for options that have none and those whose help has told it already."""

    def _get_help_string(self, action: Action) -> str | None:
        told, default = action.help or '', action.default
        if default is None or default is False or default in ('', []) or 'default' in told:
            return told
        if isinstance(default, (list, tuple)):  # as it is typed
            return f'{told} (default: {" ".join(map(str, default))})'
        return super()._get_help_string(action)
