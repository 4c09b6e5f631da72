# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""``seg_ros VERB``: dispatches to the verb, and turns errors into one sentence."""

from __future__ import annotations

import argparse
import atexit
import gc
import io
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from seg_ros import __version__
from seg_ros.cli.help_text import DefaultsHelp
from seg_ros.errors import SegRosError

VERBS = {
    'average': 'average the weights of several trainings of one model',
    'bench': 'measure what each mode costs on this machine',
    'demo': 'play pictures through the real node and watch what it sees',
    'eval': 'score a model on labelled images',
    'export': 'write a model as ONNX or TorchScript, and check that both agree',
    'frames': 'write pictures of a recording or film as image files, for labelling',
    'label': 'write a copy of a recording with labels and objects added',
    'map': 'make a map of a recording: floor and obstacles, classes, objects',
    'models': 'list the models there are, show one, fetch its weights',
    'predict': 'answer pictures, films and recordings, and write what is seen into files',
    'pseudo': 'label pictures with what a model is sure of, to train on them',
    'taxonomy': 'check that a taxonomy knows the words of a model',
    'teach': 'teach a model the floors and walls of a building by a drive with a depth camera',
    'train': 'train a model on labelled images',
    'view': 'show what a running node sees in a web browser',
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb and return the exit status: 0 done, 1 it failed, 2 something was given wrongly."""
    logging.basicConfig(level=logging.INFO, format='%(levelname)s: %(message)s')
    atexit.register(gc.freeze)  # at the interpreter's end there are seconds of PyTorch to look through, for nothing
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # names of files may be no UTF-8
            stream.reconfigure(errors='backslashreplace')
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        parser = _parser(given[0] if given else '')
    except ModuleNotFoundError as error:
        print(f"seg_ros {given[0]} needs the Python package '{error.name}', which is not installed. "
              "In the folder of its sources: pip install -r requirements/lab.txt", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # while PyTorch is imported, which takes seconds
        print(f'seg_ros {given[0]}: interrupted', file=sys.stderr)
        return 130
    options = parser.parse_args(given)
    try:
        status = int(options.run(options))
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # the reader, head say, has seen enough; nothing is left to be said at exit either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (SegRosError, OSError) as error:
        print(f'seg_ros {options.verb}: {_told(error)}', file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(f'seg_ros {options.verb}: interrupted', file=sys.stderr)
        return 130


class _Parser(argparse.ArgumentParser):
    """Refuses in one sentence, without the page of words that --help is for."""

    def error(self, message: str) -> NoReturn:
        """End the program with what was given wrongly."""
        self.exit(2, f"{self.prog}: {message}. '{self.prog} --help' explains.\n")


def _told(error: Exception) -> str:
    """Return what is wrong; of the operating system what it refused, and of which file."""
    if isinstance(error, OSError) and error.filename:
        return f'{error.filename}: {error.strerror}'
    return str(error)


def _parser(chosen: str) -> argparse.ArgumentParser:
    """Return the parser; only the chosen verb is imported, so that --help and errors come at once."""
    parser = _Parser(prog='seg_ros', description='Segmentation for ROS 2 robots.',
                     epilog="'seg_ros VERB --help' explains a verb.")
    parser.add_argument('--version', action='version', version=f'seg_ros {__version__}')
    verbs = parser.add_subparsers(dest='verb', metavar='VERB', required=True)
    for verb, words in VERBS.items():
        sub = verbs.add_parser(verb, help=words, formatter_class=DefaultsHelp)
        if verb == chosen:
            module = import_module(f'seg_ros.cli.{verb}')
            sub.description = module.__doc__
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    return parser


if __name__ == '__main__':
    sys.exit(main())
