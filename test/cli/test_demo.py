# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The demo as a user starts it: real nodes, real weights, pictures out, and nothing left behind."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest
from rich.table import Table
from scenes.bags import START_NS, Entry, write_bag
from scenes.raycast import FLOOR, NOTHING, OBJECT, Scene, Solid, seen
from vision_msgs.msg import Detection2D, Detection2DArray, ObjectHypothesis, ObjectHypothesisWithPose

from seg_ros.bridge.cameras import camera_info_message
from seg_ros.bridge.images import header_of, image_message
from seg_ros.bridge.segmentations import label_info_message
from seg_ros.cli.demo import _asked
from seg_ros.cli.main import main
from seg_ros.demo import drive
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.recordings.recorded_answers import answers
from seg_ros.records import Intrinsics, Mode

pytest.importorskip('rclpy')

CAMERA = Intrinsics(160, 120, 130.0, 130.0, 79.5, 59.5)


def pictures(folder: Path, count: int) -> Path:
    """Draw a floor below a wall, a little different each time."""
    folder.mkdir()
    for k in range(count):
        picture = np.full((96, 128, 3), 200, np.uint8)
        picture[60 + k:] = (60, 90, 120)
        cv2.imwrite(str(folder / f'{k:03d}.png'), picture)
    return folder


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Set the signals back, which the demo takes for itself."""
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    yield
    for one, handler in before.items():
        signal.signal(one, handler)


def demo(*arguments: str) -> int:
    return main(['demo', '--device', 'cpu', *arguments])


def nodes_of(out: Path) -> list[str]:
    """Return the commands of the nodes that write their logs into a demo's folder."""
    found = []
    for process in Path('/proc').iterdir():
        try:
            log = str((process / 'fd' / '1').readlink())
        except OSError:
            continue
        if process.name.isdecimal() and log.startswith(str(out)):
            found.append((process / 'cmdline').read_text().replace('\0', ' '))
    return found


@pytest.mark.timeout(300)
def test_a_folder_of_pictures_becomes_overlays_and_a_video(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / 'out'
    (pictures(tmp_path / 'in', 6) / '000.jpg').write_bytes((tmp_path / 'in' / '001.png').read_bytes())
    (tmp_path / 'in' / 'broken.png').write_bytes(b'no picture')
    assert demo('--source', str(tmp_path / 'in'), '--rate', '50', '--out', str(out)) == 1
    text = capsys.readouterr().out
    assert '7 of 8 pictures were segmented' in text
    assert f'{out}/labels' in text and f'{out}/objects' not in text  # which mode semantic does not write
    assert re.search(r'the model was loaded within .*the first image came .*the first answer came', text, re.DOTALL)
    stems = ['000.jpg', '000.png', '001', '002', '003', '004', '005']
    assert sorted(path.name for path in (out / 'overlays').iterdir()) == [f'{stem}.jpg' for stem in stems]
    assert main(['predict', 'indoor', str(tmp_path / 'in'), '--out', str(tmp_path / 'same'), '--device', 'cpu']) == 1
    for stem in stems:
        labels = cv2.imread(str(out / 'labels' / f'{stem}.png'), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(labels, cv2.imread(str(tmp_path / 'same' / 'labels' / f'{stem}.png'), -1))
    assert (out / 'classes.json').read_text() == (tmp_path / 'same' / 'classes.json').read_text()
    overlay = cv2.imread(str(out / 'overlays' / '003.jpg'))
    assert overlay.shape == (96, 128, 3)
    video = cv2.VideoCapture(str(out / 'demo.mp4'))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 7
    assert (video.get(cv2.CAP_PROP_FRAME_WIDTH), video.get(cv2.CAP_PROP_FRAME_HEIGHT)) == (1280, 480 + 30)
    assert not nodes_of(out)
    page = (out / 'report.html').read_text(encoding='utf-8')
    assert f'8 images of {tmp_path / "in"}' in page
    assert '<b>7 of 8</b><span>images answered</span>' in page
    assert page.count('data:image/jpeg;base64,') == 4
    assert '<figcaption>000.jpg, semantic: ' in page
    assert 'against the truth' not in page


@pytest.mark.parametrize(('mode', 'model', 'asked'), [
    (None, '', {'mode': 'semantic'}),
    ('panoptic', '', {'mode': 'panoptic'}),
    (None, 'tools', {'mode': 'instance', 'instance_model': 'tools'}),
    ('semantic', 'indoor', {'mode': 'semantic', 'semantic_model': 'indoor'}),
    ('panoptic', 'indoor', {'mode': 'panoptic', 'semantic_model': 'indoor'}),
    ('panoptic', 'plants', {'mode': 'panoptic', 'instance_model': 'plants'}),
])
def test_a_model_plays_the_part_it_can(mode: str | None, model: str, asked: dict[str, str]) -> None:
    assert _asked(mode, model) == asked
    assert _asked(mode, model, 'mine.yaml') == {**asked, 'taxonomy': 'mine.yaml'}


@pytest.mark.parametrize(('given', 'sentence'), [
    (['--model', 'indor'], "there is no model 'indor'; the nearest shipped is 'indoor'"),
    (['--mode', 'semantic', '--model', 'tools'], "'tools' is a model of mode instance"),
])
def test_a_model_that_cannot_play_is_refused(given: list[str], sentence: str, tmp_path: Path,
                                             capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['demo', *given, '--out', str(tmp_path / 'out')]) == 2
    assert sentence in capsys.readouterr().err


def recording(path: Path, count: int = 30) -> Path:
    """Write three seconds of a room with a red box that comes nearer, with depth, the truth, and a script."""
    entries: list[Entry] = []
    for k in range(count):
        scene = Scene((Solid(4.0 - 0.04 * k, 0.0, (0.4, 0.4, 0.5)),), 0.4, 0.1, camera=CAMERA)
        view = seen(scene)
        rgb = np.array([(120, 90, 60), (200, 40, 40), (210, 210, 220)], np.uint8)[
            np.searchsorted([FLOOR, OBJECT, NOTHING], view.labels)]
        stamp_ns = START_NS + k * 100_000_000
        header = header_of(stamp_ns, 'camera')
        box = Detection2D(header=header, id='7', results=[ObjectHypothesisWithPose(
            hypothesis=ObjectHypothesis(class_id='hammer', score=1.0))])
        messages = {'/camera/camera_info': camera_info_message(CAMERA, header),
                    '/camera/image_raw': image_message(rgb, 'rgb8', header),
                    '/camera/depth': image_message(view.depth_mm, '16UC1', header),
                    '/truth/labels': image_message(view.labels, 'mono8', header),
                    '/truth/instances': Detection2DArray(header=header, detections=[box]),
                    '/truth/instance_ids': image_message(view.ids, 'mono16', header)}
        if k == 0:
            messages['/truth/label_info'] = label_info_message(load_taxonomy('indoor').classes, 0.0, stamp_ns)
        entries += [(topic, stamp_ns, message) for topic, message in messages.items()]
    write_bag(path, entries)
    (path / 'demo.yaml').write_text('segments: [{until: 1.5, mode: semantic, model: indoor}, '
                                    '{until: 9.0, mode: instance, instance_model: tools}]\n')
    return path


@pytest.mark.timeout(300)
def test_a_recording_is_played_by_its_script_and_judged_by_its_truth(tmp_path: Path) -> None:
    out = tmp_path / 'out'
    assert demo('--source', str(recording(tmp_path / 'drive')), '--rate', '3', '--out', str(out)) == 0
    page = (out / 'report.html').read_text(encoding='utf-8')
    assert re.search(r'Switched while it ran at 1\.[5-9] s: mode instance, instance_model tools', page)
    assert 'Labels against the truth (' in page
    assert '<td>floor</td>' in page
    assert 'Distances of obstacles' in page
    assert 'id switches' in page
    assert '<td>hammer</td>' in page
    assert 'http' not in re.sub(r'base64,[^"]*', '', page)  # nothing is fetched
    modes = [one.mode for one in answers(out / 'recording')]
    assert modes == sorted(modes, key=lambda mode: mode is Mode.INSTANCE)
    assert {Mode.SEMANTIC, Mode.INSTANCE} == set(modes)
    taken = [one.recorded_ns for one in answers(out / 'recording')]
    assert taken == sorted(set(taken)) and taken[0] == START_NS
    video = cv2.VideoCapture(str(out / 'demo.mp4'))
    video.set(cv2.CAP_PROP_POS_FRAMES, 1)
    frame = video.read()[1]
    assert frame.shape == (660, 1240, 3)
    assert np.ptp(frame[40:320, 850:], axis=(0, 1)).max() > 110  # the camera
    assert np.ptp(frame[40:, :830], axis=(0, 1)).max() > 110  # the overlay
    assert (frame[370:, 850:].max(axis=2) > 90).any()  # from above
    assert 'not computed' not in page


@pytest.mark.timeout(300)
def test_an_interrupted_demo_reports_what_there_was_and_leaves_no_node_running(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out, shown, running = tmp_path / 'out', drive._table, []

    def interrupting(values: Mapping[str, str], answered: int) -> Table:
        if answered and not running:
            running.extend(nodes_of(out))
            signal.raise_signal(signal.SIGINT)
        return shown(values, answered)

    monkeypatch.setattr(drive, '_table', interrupting)
    assert demo('--source', str(pictures(tmp_path / 'in', 30)), '--rate', '2', '--out', str(out)) == 130
    page = (out / 'report.html').read_text(encoding='utf-8')
    assert 'It was interrupted' in page
    assert len(running) == 2 and not nodes_of(out)


@pytest.mark.parametrize('sign', [signal.SIGINT, signal.SIGTERM])
def test_either_signal_ends_a_demo_before_there_is_an_answer(sign: signal.Signals, tmp_path: Path,
                                                             monkeypatch: pytest.MonkeyPatch) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # as in a shell's background
    monkeypatch.setattr('seg_ros.cli.demo.driven', lambda *_: signal.raise_signal(sign))
    assert demo('--source', str(pictures(tmp_path / 'in', 1)), '--out', str(tmp_path / 'out')) == 130


def test_a_source_that_is_not_there_is_said_at_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(['demo', '--source', str(tmp_path / 'nowhere'), '--out', str(tmp_path / 'out')]) == 2
    assert 'nowhere does not exist' in capsys.readouterr().err
