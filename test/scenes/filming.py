# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A camera that films a wall above a floor, and models that know them and two tools."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from scenes.graph import Graph, image
from scenes.scripted import ScriptedInstances, ScriptedSegmenter, Thing, drawn

from seg_ros.errors import ModelError
from seg_ros.models.segmenter import Segmenter
from seg_ros.settings import Settings

WIDTH, HEIGHT, RATE = 96, 64, 20
FLOOR, WALL = 0, 1
HAMMER, WRENCH = Thing('hammer', 0.9, (8, 30, 48, 50)), Thing('wrench', 0.75, (60, 24, 88, 40))


def open_model(name: str, settings: Settings) -> Segmenter:
    """Open a model that knows floor and wall, or one that sees both tools in the first 1000 seconds."""
    if name not in ('indoor', 'everyday'):
        raise ModelError(f"there is no model '{name}'", 'use indoor or everyday')
    script = dict.fromkeys(range(1000), (HAMMER, WRENCH))
    return ScriptedSegmenter(name) if name == 'indoor' else ScriptedInstances(script, name)


def scene() -> NDArray[np.uint8]:
    """Draw the floor below the wall, which has a quarter of the picture."""
    labels = np.full((HEIGHT, WIDTH), FLOOR, np.uint8)
    labels[:HEIGHT // 4] = WALL
    return drawn(labels)


@contextmanager
def filming(graph: Graph, topic: str = 'image') -> Iterator[None]:
    """Publish the scene 20 times a second, with stamps from 1 s on, until the block ends."""
    publish, ended = graph.camera(topic), threading.Event()

    def film() -> None:
        number = 0
        while not ended.wait(1 / RATE):
            number += 1
            publish(image(scene(), stamp=(1 + number // RATE, number % RATE * (1_000_000_000 // RATE))))

    thread = threading.Thread(target=film)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
