# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Renders interiors made by chance, with the class, the object and the depth of every pixel, to train on."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from layout import Layout, split_of
from planner import plan
from quiet import Quiet
from stock_list import word_of
from views import HEIGHT, WIDTH, View, guess, worth

if TYPE_CHECKING:
    from things import Things

VERSION = 3
VIEWS = 6
FARTHEST_M = 60.0
UNLABELLED = 255
JPEG_QUALITY = 95
CLASSES = ('floor', 'wall', 'ceiling', 'door', 'window', 'stairs', 'furniture', 'person', 'plant', 'object')
# words of the taxonomy `indoor` that appear here, by class; those of no class of their own are objects
PARTS = {'floor': ('floor', 'rug'), 'wall': ('wall', 'pillar', 'picture', 'mirror', 'whiteboard', 'railing',
                                             'handrail'),
         'ceiling': ('ceiling',), 'door': ('door',), 'window': ('window', 'curtain'), 'stairs': ('stairs',),
         'furniture': ('table', 'kitchen island', 'desk', 'chair', 'swivel chair', 'stool', 'armchair', 'bench', 'sofa',
                       'bed', 'shelf', 'wardrobe', 'cabinet', 'counter', 'fridge', 'radiator'),
         'person': ('person',), 'plant': ('potted plant', 'crop', 'weed')}
CLASS_OF = {word: CLASSES.index(name) for name, words in PARTS.items() for word in words}


def class_of(word: str) -> int:
    """Return the class of a word."""
    return CLASS_OF.get(word, CLASSES.index('object'))


class Built:
    """
    A layout that was built in Blender, and a camera in it.

    :param made: what stands where; shapes that belong to no thing are removed.
    :param size: width and height in pixels of what is rendered.
    """

    def __init__(self, layout: Layout, made: Things, *, size: tuple[int, int], samples: int, threads: int) -> None:
        from lens import Lens
        made.remove_others()
        self.layout, self.size, self.things = layout, size, made.things
        self._classes = np.full(max(self.things) + 1, UNLABELLED, np.uint8)
        for number, one in self.things.items():
            self._classes[number] = class_of(one['word'])
        self._camera = Lens(size, samples=samples, threads=threads)

    def render(self, view: View) -> tuple[Any, Any, Any, Any]:
        """Return light, depth in millimetres (0 not measured), numbers of things and classes."""
        self._camera.place(view.room_from_camera(), view.wide)
        depth_m, numbers = self._camera.truth()
        light = self._camera.light()
        unmeasured = [number for number, one in self.things.items() if not one['measured']]
        far = (depth_m > FARTHEST_M) | ~np.isfinite(depth_m) | np.isin(numbers, unmeasured)
        depth = np.round(np.where(far, 0, depth_m) * 1000).astype(np.uint16)
        labels = self._classes[numbers]
        labels[numbers == 0] = CLASSES.index('window')  # the sky, through an opening
        return light, depth, numbers, labels


class Interior(Built):
    """An interior, built in Blender."""

    def __init__(self, layout: Layout, *, samples: int, threads: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> None:
        import bpy
        bpy.ops.wm.read_factory_settings(use_empty=True)
        from lighting import light
        from shell import Shell
        from stock import make
        from things import Things
        made = Things()
        designs = _factories(layout.seed)
        Shell(made, layout).build()
        for one in layout.pieces:
            counts = one.kind not in ('rug', 'cable', 'column', 'picture', 'mirror', 'board')
            parts = designs and designs.make(one.kind, one.size, one.seed)
            made.put(word_of(one.kind), parts or make(one.kind, one.size, one.seed), (one.x, one.y, one.z),
                     turn=one.turn, counts=counts)
        light(made, layout)
        super().__init__(layout, made, size=size, samples=samples, threads=threads)
        self._scene, self._graph = bpy.context.scene, bpy.context.evaluated_depsgraph_get()

    def view(self, number: int) -> View | None:
        """Return a camera that sees enough, or None if none was found."""
        dice = random.Random(f'view {self.layout.seed} {number}')
        for _ in range(400):
            one = guess(self.layout, dice)
            if one is not None and worth(*self.seen(one)):
                return one
        return None

    def seen(self, view: View) -> tuple[Any, Any]:
        """Return class and depth of a few rays."""
        classes, depths = [], []
        for ray in view.rays(16, 12):
            far = float(np.linalg.norm(ray))
            hit, place, _, _, thing, _ = self._scene.ray_cast(self._graph, (view.x, view.y, view.z), tuple(ray))
            away = (place[0] - view.x, place[1] - view.y, place[2] - view.z) if hit else (99.0, 0.0, 0.0)
            classes.append(int(self._classes[thing.pass_index]) if hit else -1)
            depths.append(float(np.linalg.norm(away)) / far)
        return np.array(classes), np.array(depths)


def _factories(seed: int) -> Any:
    """Return Infinigen's furniture, in two rooms of three, where it is installed."""
    if importlib.util.find_spec('infinigen') is None or random.Random(f'infinigen {seed}').random() > 0.67:
        return None
    from factories import Factories
    return Factories(seed)


def render_room(seed: int, folder: Path, *, views: int, samples: int, threads: int) -> None:
    """Render the views of a room that are missing."""
    interior = Interior(plan(seed), samples=samples, threads=threads)
    render_missing(folder, interior, views, interior.view)


def render_missing(folder: Path, built: Built, views: int, view_of: Callable[[int], View | None]) -> None:
    """Render the views that are missing, but those for whose number no camera is found."""
    for number in range(views):
        if not (folder / f'{number}.json').exists() and (view := view_of(number)) is not None:
            write(folder, number, built, view)


def write(folder: Path, number: int, built: Built, view: View) -> None:
    """Write a view, its description last: what has one is whole."""
    from develop import develop
    began = time.monotonic()
    light, depth, numbers, labels = built.render(view)
    rgb = develop(light, random.Random(f'photograph {built.layout.seed} {number}'))
    jpeg = cv2.imencode('.jpg', rgb[..., ::-1], (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))[1].tobytes()
    said = described(built, view, number, np.unique(numbers))
    said['seconds'] = round(time.monotonic() - began, 1)
    for name, data in (('rgb.jpg', jpeg), ('label.png', _png(labels)), ('ids.png', _png(numbers)), ('depth.png',
                                                                                                    _png(depth)),
                       ('json', json.dumps(said).encode())):
        unfinished = folder / f'{number}.{name}.unfinished'
        unfinished.write_bytes(data)
        unfinished.rename(folder / f'{number}.{name}')


def _png(pixels: Any) -> bytes:
    return bytes(cv2.imencode('.png', pixels, (cv2.IMWRITE_PNG_COMPRESSION, 9))[1].tobytes())


def described(built: Built, view: View, number: int, seen: Any) -> dict[str, Any]:
    """Return what is said of a view: where it comes from, the camera, and the things in sight by their number."""
    layout, things, (width, height) = built.layout, built.things, built.size
    f = view.focal_length * width / WIDTH
    return {'version': VERSION, 'seed': layout.seed, 'view': number, 'split': split_of(layout.seed),
            'kind': layout.kind,
            'light': layout.light, 'stairs': layout.has_stairs, 'width': width, 'height': height,
            'k': [f, 0.0, (width - 1) / 2, 0.0, f, (height - 1) / 2, 0.0, 0.0, 1.0],
            'horizontal_fov': view.wide, 'camera_height': view.z, 'pitch': view.pitch,
            'room_from_camera': view.room_from_camera().tolist(),
            'things': {int(k): {'word': things[k]['word'], 'class': class_of(things[k]['word']),
                                'counts': things[k]['counts']}
                       for k in seen if k in things}}


def render_seeds(script: Path, purpose: str, render: Callable[..., None], *, seeds: str, views: int,
                 what: str = 'room') -> None:
    """
    Render what the command line asks for: a room, or rooms one after the other, each in a process where it fails alone.

    What is finished has a file ``done`` in its folder.

    :param script: what is run for each room. :param seeds: those without more words, first:end.
    :param what: what is rendered, in the words on the terminal.
    """
    parser = argparse.ArgumentParser(description=purpose)
    parser.add_argument('out', type=Path, help=f'the folder of the {what}s, each in a folder named by its seed')
    parser.add_argument('--seeds', default=seeds, help='first:end')
    parser.add_argument('--room', type=int, metavar='SEED', help=f'render only the {what} of this seed')
    parser.add_argument('--views', type=int, default=views, help=f'of each {what}')
    parser.add_argument('--samples', type=int, default=8, help='light paths per pixel before the denoiser')
    parser.add_argument('--threads', type=int, default=max(1, (os.cpu_count() or 2) // 2))
    arguments = parser.parse_args()
    settings = {name: getattr(arguments, name) for name in ('views', 'samples', 'threads')}
    if arguments.room is not None:
        folder = arguments.out / str(arguments.room)
        folder.mkdir(parents=True, exist_ok=True)
        with Quiet():
            render(arguments.room, folder, **settings)
        (folder / 'done').touch()
        return
    for seed in range(*map(int, arguments.seeds.split(':'))):
        folder = arguments.out / str(seed)
        if (folder / 'done').exists():
            continue
        began = time.monotonic()
        options = [str(word) for name, value in settings.items() for word in (f'--{name}', value)]
        ended = subprocess.run([sys.executable, script, arguments.out, '--room', str(seed), *options], check=False)
        made = len(list(folder.glob('*.json')))
        print(f'{time.strftime("%H:%M:%S")} {what} {seed}: {made} views in {time.monotonic() - began:.0f} s'
              + (f', ended with {ended.returncode}' if ended.returncode else ''), flush=True)


if __name__ == '__main__':
    render_seeds(Path(__file__), 'Render interiors into a folder; begun again, it goes on where it was.', render_room,
                 seeds='1:1000', views=VIEWS)
