# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Show what a node sees in a web browser, and switch its mode there: one that runs, or one with pictures to see."""

from __future__ import annotations

import argparse
import signal
import time
import webbrowser
from contextlib import ExitStack

from seg_ros.cli.arguments import port
from seg_ros.live.page_server import LOOPBACK, PageServer
from seg_ros.live.played_node import PlayedNode
from seg_ros.live.watcher import Watcher
from seg_ros.recordings.played_map import map_frame_of

LOOK_AROUND_S = 0.2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the verb takes."""
    seen = parser.add_mutually_exclusive_group()
    seen.add_argument('--node', default='/segmentation', help='full name of the node to watch')
    seen.add_argument('--source', default='',
                      help='start a node and play this to it over and over: a rosbag2 recording, a folder of images, a '
                           'video file, or a webcam (0)')
    parser.add_argument('--mapping', default='/mapping', help='full name of the node whose map is shown beside it')
    parser.add_argument('--port', type=port, default=8080, help='port of the page; 0 takes a free one')
    parser.add_argument('--host', default='127.0.0.1',
                        help='address the page is served at; 0.0.0.0 lets everybody on the network see it and switch '
                             'the mode')
    parser.add_argument('--open', action='store_true', help='open the page in the browser of this machine')


def run(options: argparse.Namespace) -> int:
    """Serve the page until Ctrl-C, which ends it as an exception."""
    for sign in (signal.SIGINT, signal.SIGTERM):  # also where a shell started us with Ctrl-C ignored
        signal.signal(sign, signal.default_int_handler)
    with ExitStack() as stack:
        played = stack.enter_context(PlayedNode(
            options.source, map_frame_of(options.source))) if options.source else None
        watcher = stack.enter_context(Watcher(options.node, played.domain if played else None,
                                              options.mapping))
        page = stack.enter_context(PageServer(watcher, options.host, options.port))
        if options.host.lower() not in LOOPBACK:
            print(f'Everybody who reaches {options.host} can see the camera and switch the mode: there is no password. '
                  'Over a network you do not trust, leave --host out and use: ssh -L '
                  f'{page.port}:127.0.0.1:{page.port} ROBOT', flush=True)
        print(f'{watcher.name} is shown at {page.address} (Ctrl-C ends)', flush=True)
        if options.open and not webbrowser.open(page.address):
            print('No browser was found here: open that address yourself', flush=True)
        while True:  # another thread may get the signal, which does not wake this one
            if played:
                played.check()
            time.sleep(LOOK_AROUND_S)
