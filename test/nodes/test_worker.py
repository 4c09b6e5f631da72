"""One thread takes, runs and delivers; whatever happens, it goes on and answers those who wait."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from seg_ros.errors import ImageError, ModelError, SegRosError
from seg_ros.health import CameraHealth, HealthRecorder
from seg_ros.nodes.intake import Arrival, Intake
from seg_ros.nodes.worker import Worker
from seg_ros.records import Frame, Result, Segmentation
from seg_ros.settings import Settings

CAMERAS = ('front', 'left')
PATIENCE_S = 10.0


class ScriptedPipeline:
    """Answers every frame, does what the message of a frame says, and writes down what happened."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.refuses = ''
        self.gate = threading.Event()
        self.gate.set()

    def configure(self, settings: Settings) -> None:
        """Refuse a model by name, or note the one asked for."""
        if settings.semantic_model == self.refuses:
            raise ModelError(f"there is no model '{settings.semantic_model}'")
        self.events.append(('configure', settings.semantic_model))

    def run(self, frames: Sequence[Frame], settings: Settings) -> list[Result]:
        """Wait at the gate, fail if a frame asks for it, and note the frames and the threshold."""
        self.events.append(('begin', [frame.stamp_ns for frame in frames]))
        assert self.gate.wait(PATIENCE_S)
        if any(frame.frame_id == 'bug' for frame in frames):
            raise RuntimeError('a bug')
        if any(frame.frame_id == 'refused' for frame in frames):
            raise ModelError('the model refuses')
        self.events.append(('end', settings.unlabelled_threshold, threading.current_thread().name))
        return [Result(frame, Segmentation(frame.size)) for frame in frames]

    def close(self) -> None:
        """Note it."""
        self.events.append(('close',))


class Bench:
    """A worker with its neighbours, fed by hand."""

    def __init__(self) -> None:
        self.pipeline = ScriptedPipeline()
        self.intake = Intake(CAMERAS)
        self.health = {camera: HealthRecorder() for camera in CAMERAS}
        self.delivered: list[tuple[str, int]] = []
        self.unheard: set[str] = set()
        self.worker = Worker(intake=self.intake, pipeline=self.pipeline,  # type: ignore[arg-type]
                             settings=Settings(), health=self.health, decode=self._decode, deliver=self._deliver,
                             wanted=lambda camera: camera not in self.unheard)

    def _decode(self, arrival: Arrival) -> Frame:
        if arrival.message == 'short':
            raise ImageError('the image is too short')
        if arrival.message == 'undecodable':
            raise ValueError('not an image at all')
        return Frame(arrival.camera, arrival.received_ns, str(arrival.message), np.zeros((2, 3, 3), np.uint8))

    def _deliver(self, results: Sequence[Result]) -> None:
        self.delivered += [(r.frame.camera, r.frame.stamp_ns) for r in results]
        if any(r.frame.frame_id == 'undeliverable' for r in results):
            raise OSError('the publisher is gone')

    def put(self, number: int, message: str = 'good', camera: str = 'front') -> None:
        """Let a message arrive whose frame has the stamp ``number``."""
        self.intake.put(Arrival(camera, message, number))

    def answered(self, number: int, message: str = 'good', camera: str = 'front') -> None:
        """Let a message arrive and wait until it is answered."""
        self.put(number, message, camera)
        until(lambda: (camera, number) in self.delivered)

    def of(self, camera: str = 'front') -> CameraHealth:
        """Return the health of a camera."""
        return self.health[camera].snapshot(0, 0)


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    bench.worker.start()
    bench.worker.resume()
    yield bench
    bench.pipeline.gate.set()
    assert bench.worker.stop(PATIENCE_S)


def until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, 'it never came true'
        time.sleep(0.002)


def busy(bench: Bench, number: int = 1) -> None:
    """Hold the worker inside a batch."""
    bench.pipeline.gate.clear()
    bench.put(number)
    until(lambda: ('begin', [number]) in bench.pipeline.events)


def posted(act: Callable[[], Any]) -> tuple[threading.Thread, list[Any]]:
    """Call something in another thread; the list fills with what it returns or raises."""
    answer: list[Any] = []

    def call() -> None:
        try:
            answer.append(act())
        except SegRosError as error:
            answer.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    return thread, answer


def test_frames_are_answered_in_order_by_one_thread(bench: Bench) -> None:
    for number in (1, 2, 3):
        bench.answered(number)
    assert bench.delivered == [('front', 1), ('front', 2), ('front', 3)]
    assert {e[2] for e in bench.pipeline.events if e[0] == 'end'} == {'worker'}


def test_the_newest_frame_is_answered_after_a_slow_one(bench: Bench) -> None:
    busy(bench)
    for number in (2, 3, 4):
        bench.put(number)
    bench.pipeline.gate.set()
    until(lambda: ('front', 4) in bench.delivered)
    assert bench.delivered == [('front', 1), ('front', 4)]
    assert bench.intake.dropped('front') == 2


def test_cameras_are_one_batch(bench: Bench) -> None:
    busy(bench)
    bench.put(2, camera='left')
    bench.put(3)
    bench.pipeline.gate.set()
    until(lambda: len(bench.delivered) == 3)
    assert [e[1] for e in bench.pipeline.events if e[0] == 'begin'] == [[1], [3, 2]]


def test_a_camera_nobody_listens_to_is_let_go_undecoded(bench: Bench) -> None:
    bench.unheard.add('left')
    bench.put(1, 'short', camera='left')
    bench.answered(2)
    bench.unheard.clear()
    bench.answered(3, camera='left')
    assert bench.delivered == [('front', 2), ('left', 3)]
    assert bench.of('left').undecodable == 0


def test_nothing_is_taken_before_resume() -> None:
    bench = Bench()
    bench.worker.start()
    bench.put(1)
    time.sleep(0.05)
    assert bench.delivered == []
    bench.worker.resume()
    bench.answered(2)
    assert bench.delivered == [('front', 2)]
    assert bench.worker.stop(PATIENCE_S)


def test_a_pause_lasts_until_resume(bench: Bench) -> None:
    bench.answered(1)
    bench.worker.pause()
    bench.put(2)
    time.sleep(0.05)
    assert bench.delivered == [('front', 1)]
    bench.worker.resume()
    bench.answered(3)
    assert bench.delivered == [('front', 1), ('front', 3)]


def test_a_frame_from_before_the_pause_is_not_answered_after_it(bench: Bench) -> None:
    busy(bench)
    bench.put(2)
    bench.worker.pause()
    bench.worker.resume()
    bench.pipeline.gate.set()
    bench.worker.do(lambda: None)  # behind the first batch
    time.sleep(0.05)
    bench.answered(3)
    assert bench.delivered == [('front', 1), ('front', 3)]


def test_a_post_runs_between_batches_on_the_workers_thread(bench: Bench) -> None:
    busy(bench)
    thread, answer = posted(lambda: bench.worker.do(
        lambda: (threading.current_thread().name, bench.pipeline.events[-1][0])))
    time.sleep(0.02)
    assert answer == []  # it waits for the batch
    bench.pipeline.gate.set()
    thread.join(PATIENCE_S)
    assert answer == [('worker', 'end')]


def test_a_post_does_not_wait_for_a_frame(bench: Bench) -> None:
    assert bench.worker.do(lambda: 42) == 42


def test_what_a_post_raises_is_raised_to_its_caller(bench: Bench) -> None:
    with pytest.raises(ZeroDivisionError):
        bench.worker.do(lambda: 1 // 0)
    bench.answered(1)


@pytest.mark.parametrize(('message', 'reason'), [
    ('short', 'the image is too short.'),
    ('undecodable', 'ValueError: not an image at all'),
    ('refused', 'the model refuses.'),
    ('bug', 'RuntimeError: a bug'),
    ('undeliverable', 'OSError: the publisher is gone'),
])
def test_a_bad_frame_is_counted_and_the_next_is_answered(bench: Bench, message: str, reason: str) -> None:
    bench.put(1, message)
    until(lambda: bench.of().undecodable == 1)
    bench.answered(2)
    assert (bench.of().undecodable, bench.of().last_error) == (1, reason)


def test_a_bad_frame_does_not_cost_the_other_camera_its_own(bench: Bench) -> None:
    busy(bench)
    bench.put(2, 'short')
    bench.put(3, camera='left')
    bench.pipeline.gate.set()
    until(lambda: ('left', 3) in bench.delivered)
    assert (bench.of('front').undecodable, bench.of('left').undecodable) == (1, 0)


@pytest.mark.parametrize(('message', 'logged'), [('bug', 1), ('undecodable', 1), ('short', 0), ('refused', 0)])
def test_only_what_nobody_foresaw_is_logged_with_its_trace(bench: Bench, caplog: pytest.LogCaptureFixture,
                                                          message: str, logged: int) -> None:
    with caplog.at_level(logging.DEBUG):
        bench.put(1, message)
        until(lambda: bench.of().undecodable == 1)
    assert len(caplog.records) == logged
    assert all(record.exc_info for record in caplog.records)


def test_new_settings_are_those_of_the_next_batch(bench: Bench) -> None:
    bench.answered(1)
    bench.worker.adopt(Settings().changed({'unlabelled_threshold': 0.75}))
    bench.answered(2)
    assert [e[1] for e in bench.pipeline.events if e[0] == 'end'] == [0.4, 0.75]
    assert bench.worker.settings.unlabelled_threshold == 0.75


def test_models_are_loaded_before_their_settings_are_used(bench: Bench) -> None:
    changed = Settings().changed({'semantic_model': 'other', 'unlabelled_threshold': 0.75})
    busy(bench)
    bench_thread, _ = posted(lambda: bench.worker.configure(changed))
    bench.put(2)
    bench.pipeline.gate.set()
    bench_thread.join(PATIENCE_S)
    bench.answered(3)
    kinds = [e[:2] for e in bench.pipeline.events if e[0] != 'begin']
    loaded = kinds.index(('configure', 'other'))
    assert [e for e in kinds[:loaded] if e != ('end', 0.4)] == []
    assert set(kinds[loaded + 1:]) == {('end', 0.75)}
    assert bench.worker.settings == changed


def test_a_refused_model_leaves_the_settings_as_they_were(bench: Bench) -> None:
    bench.pipeline.refuses = 'zebra'
    with pytest.raises(ModelError, match="there is no model 'zebra'"):
        bench.worker.configure(Settings().changed({'semantic_model': 'zebra', 'unlabelled_threshold': 0.75}))
    assert bench.worker.settings == Settings()
    bench.answered(1)
    assert bench.pipeline.events[-1][:2] == ('end', 0.4)


def test_release_frees_the_models_and_the_worker_lives(bench: Bench) -> None:
    bench.worker.release()
    assert bench.pipeline.events == [('close',)]
    assert bench.worker.do(lambda: 1) == 1


def test_stop_ends_the_thread_and_frees_the_models() -> None:
    bench = Bench()
    bench.worker.start()
    bench.worker.resume()
    bench.answered(1)
    assert bench.worker.stop(PATIENCE_S) is True
    assert bench.pipeline.events[-1] == ('close',)
    bench.put(2)
    assert bench.delivered == [('front', 1)]


def test_stop_says_when_a_batch_takes_too_long(bench: Bench) -> None:
    busy(bench)
    assert bench.worker.stop(0.02) is False
    bench.pipeline.gate.set()
    assert bench.worker.stop(PATIENCE_S) is True


def test_a_worker_never_started_can_be_stopped() -> None:
    assert Bench().worker.stop() is True


@pytest.mark.parametrize('started', [True, False])
def test_nothing_can_be_posted_to_a_worker_that_does_not_run(started: bool) -> None:
    bench = Bench()
    if started:
        bench.worker.start()
        bench.worker.stop(PATIENCE_S)
    with pytest.raises(SegRosError, match='the worker has ended'):
        bench.worker.do(lambda: 1)


def test_whoever_posts_while_the_worker_ends_is_answered() -> None:
    """The post is run or refused; a thread that waited for ever would hang the whole node."""
    for _ in range(30):
        bench = Bench()
        bench.worker.start()
        calls = [posted(partial(bench.worker.do, lambda: 'done')) for _ in range(4)]
        bench.worker.stop(PATIENCE_S)
        for thread, answer in calls:
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
            assert answer == ['done'] or str(answer[0]) == 'the worker has ended.'


class Clock:
    """Stands in for ``time`` in the worker: a camera's time passes as the test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s = 1000.0
        monkeypatch.setattr(time, 'monotonic', lambda: self.now_s)


def taken_at(bench: Bench, clock: Clock, times_s: Sequence[float]) -> list[float]:
    """Let frames arrive at the given seconds and return when those came that were due."""
    taken = []
    for time_s in times_s:
        clock.now_s = 1000.0 + time_s
        if bench.worker._is_due('front'):
            taken.append(time_s)
    return taken


@pytest.mark.parametrize(('rate', 'times_s', 'expected'), [
    (0.0, [0.0, 0.01, 0.02], [0.0, 0.01, 0.02]),  # no limit
    (10.0, [0.0, 0.03, 0.06, 0.1, 0.13, 0.2], [0.0, 0.1, 0.2]),  # a faster camera
    (10.0, [0.0, 0.095, 0.2, 0.291], [0.0, 0.095, 0.2, 0.291]),  # a camera of that rate that trembles by 10 %
    (10.0, [0.0, 5.0, 5.05, 5.1], [0.0, 5.0, 5.1]),  # a pause is not made up for
    (2.0, [0.0, 0.3, 0.6, 0.9, 1.2, 1.5], [0.0, 0.6, 1.2, 1.5]),  # the mean rate is kept: 0.6 late, so 1.5 is due
])
def test_max_rate_is_kept(monkeypatch: pytest.MonkeyPatch, rate: float, times_s: list[float],
                          expected: list[float]) -> None:
    bench = Bench()
    bench.worker.adopt(Settings().changed({'max_rate': rate}))
    assert taken_at(bench, Clock(monkeypatch), times_s) == expected


def test_a_raised_max_rate_counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """One frame in 100 s was asked for; whoever then asks for 10 Hz does not wait for those 100 s."""
    bench, clock = Bench(), Clock(monkeypatch)
    bench.worker.adopt(Settings().changed({'max_rate': 0.01}))
    assert taken_at(bench, clock, [0.0, 1.0]) == [0.0]
    bench.worker.adopt(Settings().changed({'max_rate': 10.0}))
    assert len(taken_at(bench, clock, [1.1 + k / 10 for k in range(5)])) >= 4


def test_each_camera_has_its_own_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    Clock(monkeypatch)
    bench.worker.adopt(Settings().changed({'max_rate': 10.0}))
    assert [bench.worker._is_due(camera) for camera in ('front', 'left', 'front', 'left')] == [True, True, False, False]
