# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
Makes the pictures of these pages with the models of today: ``python docs/pictures.py [NAME ...] [--photos FOLDER]``.

Most come from the bundled recording, whose truth says which of its images a model answers best. ``--photos`` names a
folder with the photographs of docs/pictures/SOURCES.md; without it the pictures that show them are left as they are.
``report`` and ``view`` are taken in a browser (chromium and chromedriver, the Python package selenium).
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from seg_ros.bridge.images import decode_bytes
from seg_ros.demo.above import bounds_of, fitted_up, top_view
from seg_ros.demo.panels import film_panels, still_panels
from seg_ros.labels.overlay import overlay
from seg_ros.labels.palette import Image
from seg_ros.labels.taxonomy import RobotClass
from seg_ros.models.catalog import open_model
from seg_ros.pipeline import Pipeline
from seg_ros.recordings.bags import Bag
from seg_ros.recordings.camera_of_bag import camera_topics, moments
from seg_ros.recordings.recorded_answers import Truth, truths
from seg_ros.records import UNLABELLED, Frame, Result
from seg_ros.settings import Settings
from seg_ros.share import share_directory
from seg_ros.space import Boxes3D
from seg_ros.tracking.overlap import mask_overlap

ROOT = Path(__file__).parents[1]
ROOM, FOLDER = ROOT / 'recordings' / 'room', ROOT / 'docs' / 'pictures'
PHOTOS = ('000000030213', '000000175364', '000000000790', '000000403353')  # SOURCES.md tells whose they are
EACH = 4  # one of so many images of the recording is looked at
LEVEL = np.array([0.0, -1.0, 0.0])
WIDTH = 1280


@dataclass(frozen=True)
class Answer:
    """One image, what is truly in it, and what a node says of it."""

    truth: Truth
    result: Result
    classes: Sequence[RobotClass]

    @property
    def names(self) -> dict[int, str]:
        """The class names by id."""
        return {c.id: c.name for c in self.classes}

    def overlay(self, target: int | None = None) -> Image:
        """Return the picture for a person, the object of an index marked as the target."""
        found = self.result.segmentation.instances
        marked = frozenset() if target is None or found is None else frozenset({int(found.track_ids[target])})
        return overlay(self.truth.frame.rgb, self.result.segmentation, self.classes, target_ids=marked)

    def above(self) -> Image:
        """Return the view from above."""
        space, found = self.result.space, self.result.segmentation.instances
        obstacles, ground = (None if cloud is None else cloud.xyz for cloud in (space.obstacles, space.ground))
        places = {}
        if space.objects is not None and found is not None:
            words = [self.names[int(k)] for k in found.class_ids]
            places = {int(found.track_ids[k]): (words[k], tuple(space.objects.centres[k].tolist()))
                      for k in np.flatnonzero(space.objects.known)}
        up = fitted_up(ground)
        shown = obstacles, ground, places, LEVEL if up is None else up, (640, 480)
        return top_view(*shown, bounds_of(*shown))


@cache
def truth_of_the_room() -> tuple[Truth, ...]:
    """Return every few images of the recording with what is truly in them."""
    with Bag(ROOM) as bag:
        stamps = [one.stamp_ns for one in moments(bag, camera_topics(bag))]
    return tuple(truths(ROOM, frozenset(stamps[::EACH])))


def answers(frames: Sequence[Truth], wanted: tuple[str, ...] = (), **values: Any) -> Iterator[Answer]:
    """Yield what a node with these settings says of images, each taken for itself."""
    pipeline, settings = Pipeline(open_model), Settings().changed(values)
    pipeline.configure(settings)
    for truth in frames:
        result, = pipeline.run([replace(truth.frame, wanted=frozenset(wanted))], settings)
        yield Answer(truth, result, pipeline.classes)


def right_of(truth: Truth, result: Result, names: Mapping[int, str]) -> float:
    """Return the share of pixels whose label is true, and more where there are a person and a door to be seen."""
    seen = result.segmentation.labels
    if truth.labels is None or seen is None:
        return 0.0
    word = {**names, UNLABELLED: ''}
    pairs, counts = np.unique(np.stack([seen.ravel(), truth.labels.ravel()]), axis=1, return_counts=True)
    agree = sum(int(n) for a, b, n in zip(*pairs, counts) if word.get(int(a)) == truth.names.get(int(b)))
    telling = {'person', 'door'} & {truth.names.get(int(k)) for k in pairs[1][counts > 0.02 * counts.sum()]}
    return float(agree / counts.sum()) + 0.15 * len(telling)


def true_of(truth: Truth, result: Result, names: Mapping[int, str]) -> list[bool]:
    """Return of each object found whether it is there, of that class, and not one that was found before."""
    found, true = result.segmentation.instances, truth.objects
    if found is None or true is None or not len(true.instances):
        return []
    iou, taken, right = mask_overlap(true.instances, found).iou, set(), []
    for k in range(len(found)):
        best = int(iou[:, k].argmax())
        is_right = (iou[best, k] >= 0.5 and best not in taken
                    and true.names[int(true.instances.class_ids[best])] == names[int(found.class_ids[k])])
        taken.add(best)
        right.append(bool(is_right))
    return right


def first(answer: Answer, count: int) -> Answer:
    """Return an answer with its most certain objects, as a higher score_threshold would show it."""
    result, keep = answer.result, list(range(count))
    found, boxes = result.segmentation.instances, result.space.objects
    assert found is not None
    if boxes is not None:
        boxes = Boxes3D(boxes.centres[keep], boxes.sizes[keep], boxes.quaternions[keep])
    return replace(answer, result=replace(result, space=replace(result.space, objects=boxes),
                                          segmentation=replace(result.segmentation, instances=found.taken(keep))))


@cache
def rooms() -> tuple[Answer, ...]:
    """Return the images of the room, those that ``indoor`` answers best first, with metres."""
    frames = [one for one in truth_of_the_room() if one.labels is not None]
    found = [*answers(frames, ('obstacles', 'ground'))]
    return tuple(sorted(found, key=lambda one: -right_of(one.truth, one.result, one.names)))


@cache
def objects(model: str) -> tuple[Answer, ...]:
    """Return the images with objects, those with most found before the first wrong one, and up to there."""
    frames = [one for one in truth_of_the_room() if one.objects is not None and len(one.objects.instances)]
    kept = []
    for one in answers(frames, ('objects',), mode='instance', instance_model=model):
        right = true_of(one.truth, one.result, one.names)
        kept.append((right.index(False) if False in right else len(right), one))
    return tuple(first(one, count) for count, one in sorted(kept, key=lambda each: -each[0]))


def apart(found: Sequence[Answer], count: int, least_s: float = 1.0) -> list[Answer]:
    """Return the best that lie apart in time."""
    kept: list[Answer] = []
    for one in found:
        if all(abs(one.truth.frame.stamp_ns - other.truth.frame.stamp_ns) > least_s * 1e9 for other in kept):
            kept.append(one)
    return kept[:count]


def demo(_: Path | None) -> Image:
    """Show what the README promises: a room with its floor, and objects one by one, from the camera and from above."""
    room, seen = rooms()[0], objects('everyday')[0]
    return np.concatenate([
        film_panels(('every pixel a class', room.overlay()), {'from above: floor green, obstacles red': room.above()}),
        film_panels(('every object a mask and an id', seen.overlay(0)), {'from above: objects': seen.above()})])


def modes(_: Path | None) -> Image:
    """Show one image in all three modes."""
    seen = objects('everyday')[0]
    assert seen.result.segmentation.instances is not None
    sure = max(0.0, float(seen.result.segmentation.instances.scores.min(initial=1.0)) - 0.01)
    semantic, panoptic = (next(answers([seen.truth], mode=mode, score_threshold=sure)).overlay()
                          for mode in ('semantic', 'panoptic'))
    return still_panels(('panoptic: both at once', panoptic), {'semantic: a class for each pixel': semantic,
                                                               'instance: each object, with its id': seen.overlay()})


def navigation(_: Path | None) -> Image:
    """Show what a robot drives by."""
    room = apart(rooms(), 2)[-1]
    return film_panels(('labels', room.overlay()), {'from above: floor green, obstacles red': room.above()})


def manipulation(_: Path | None) -> Image:
    """Show the object to pick among the others, and where they are."""
    bench = apart(objects('tools'), 2)[-1]
    return film_panels(('the target and the others', bench.overlay(0)), {'from above: objects': bench.above()})


def indoor(photos: Path | None) -> Image | None:
    """Show the shipped model on the rendered room, at its best and at its worst, and on photographs."""
    if photos is None:
        return None
    room = [one.overlay() for one in (*apart(rooms(), 3), rooms()[-1])]
    return _sheet([*room, *_photographs(photos)])


def everyday(photos: Path | None) -> Image | None:
    """Show the shipped model of everyday objects on photographs, where there is such a model."""
    if photos is None or not (share_directory() / 'config' / 'models' / 'everyday').is_dir():
        return None
    return _sheet([*_photographs(photos, mode='instance', instance_model='everyday')], columns=2)


def tools(_: Path | None) -> Image:
    """Show the shipped model of tools on the rendered bench as it is, right and wrong."""
    found = [one for one in objects('tools') if one.result.segmentation.instances]
    bench = [one.truth for one in apart(found, 4, 0.4)]
    return _sheet([one.overlay() for one in answers(bench, mode='instance', instance_model='tools')], columns=2)


def _photographs(folder: Path, **values: Any) -> Iterator[Image]:
    frames = [Truth(Frame('', k, '', decode_bytes((folder / f'{name}.jpg').read_bytes())), None, {}, None)
              for k, name in enumerate(PHOTOS)]
    for one in answers(frames, **values):
        yield one.overlay()


def _sheet(pictures: Sequence[Image], columns: int = 4) -> Image:
    """Return pictures side by side in rows, each fitted into 4:3."""
    width = WIDTH // columns
    cells = [_into(picture, (width, width * 3 // 4)) for picture in pictures]
    return np.concatenate([np.concatenate(cells[k:k + columns], axis=1) for k in range(0, len(cells), columns)])


def _into(picture: Image, size: tuple[int, int]) -> Image:
    scale = min(size[0] / picture.shape[1], size[1] / picture.shape[0])
    fitted = cv2.resize(picture, (round(scale * picture.shape[1]), round(scale * picture.shape[0])),
                        interpolation=cv2.INTER_AREA)
    cell = np.full((size[1], size[0], 3), 255, np.uint8)
    top, left = (size[1] - fitted.shape[0]) // 2, (size[0] - fitted.shape[1]) // 2
    cell[top:top + fitted.shape[0], left:left + fitted.shape[1]] = fitted
    return cell


def mapping(_: Path | None) -> Image:
    """Show the map of the bundled recording."""
    with tempfile.TemporaryDirectory() as folder:
        _seg_ros('map', str(ROOM), '--out', f'{folder}/map')
        return _read(Path(folder) / 'map' / 'map.png')


def report(_: Path | None) -> Image:
    """Show the first part of the report of the demo."""
    with tempfile.TemporaryDirectory() as folder, browser() as driver:
        _seg_ros('demo', '--source', 'recordings/room', '--out', f'{folder}/demo')
        driver.get(f'file://{folder}/demo/report.html')
        return _screenshot(driver)


def view(_: Path | None) -> Image:
    """Show the page of a node that looks at the bench, with a target."""
    from seg_ros.live.page_server import PageServer
    from seg_ros.live.processes import NodeProcess, isolated_environment, own_domain
    from seg_ros.live.watcher import Watcher

    inputs = [word for name in ('image', 'depth', 'camera_info') for word in ('-r', f'{name}:=/camera/{name}')]
    with own_domain() as domain, ExitStack() as stack:
        log, environment = Path(stack.enter_context(tempfile.TemporaryDirectory())), isolated_environment(domain)
        for name, given in (('segmentation', ['-p', 'mode:=instance', '-p', 'track_lost_s:=9.0']),
                            ('player', ['-p', f'source:={ROOM}', '-p', 'start_s:=10.0', '-p', 'rate:=2.0',
                                        '-p', 'loop:=true'])):
            stack.enter_context(NodeProcess(name, [*given, *inputs], environment, log / name))
        watcher = stack.enter_context(Watcher('/segmentation', domain))
        server = stack.enter_context(PageServer(watcher, '127.0.0.1', 0))
        driver = stack.enter_context(browser())
        driver.get(server.address)
        _until(lambda: driver.execute_script('return document.querySelectorAll("#objects tr:not(.gone)").length > 2'))
        driver.execute_script('document.querySelector("#objects tr:not(.gone) button").click()')
        _until(lambda: driver.execute_script('return document.querySelector("#objects tr.target") '
                                             '&& Number(document.querySelector("#output_hz").textContent) > 0'))
        return _screenshot(driver)


@contextmanager
def browser() -> Iterator[Any]:
    """Start a browser without a window, of nobody's profile, until the block ends."""
    from selenium import webdriver
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:  # it writes on while it ends
        options = webdriver.ChromeOptions()
        for flag in ('--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars',
                     '--window-size=1280,960', f'--user-data-dir={profile}'):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which('chromedriver')))
        yield driver
        driver.quit()


def _screenshot(driver: Any) -> Image:
    coded = np.frombuffer(driver.get_screenshot_as_png(), np.uint8)
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1], np.uint8)


def _until(true: Callable[[], Any], patience_s: float = 90.0) -> None:
    deadline = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit('the page does not show what was waited for')
        time.sleep(0.1)


def _seg_ros(*words: str) -> None:
    subprocess.run([sys.executable, '-m', 'seg_ros.cli.main', *words], check=True, cwd=ROOT)


def _read(path: Path) -> Image:
    return decode_bytes(path.read_bytes())


PICTURES: dict[str, Callable[[Path | None], Image | None]] = {
    one.__name__: one
    for one in (demo, modes, navigation, manipulation, indoor, everyday, tools, mapping, report, view)}


def main() -> None:
    """Make the pictures that are named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('names', nargs='*', metavar='NAME', help=f'of {", ".join(PICTURES)}; none for all')
    parser.add_argument('--photos', type=Path, help='folder with the photographs of SOURCES.md')
    options = parser.parse_args()
    for name in options.names or PICTURES:
        picture = PICTURES[name](options.photos)
        if picture is not None:
            write_small(FOLDER / f'{name}.jpg', picture)
        sys.stdout.write(f'{name}{"" if picture is not None else ": left as it is"}\n')


def write_small(path: Path, picture: Image) -> None:
    """Write a picture no wider than a page shows it."""
    scale = min(1.0, WIDTH / picture.shape[1])
    small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else picture
    cv2.imwrite(str(path), cv2.cvtColor(small, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, 76))


if __name__ == '__main__':
    main()
