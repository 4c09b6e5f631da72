# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""One thread takes, runs and delivers; whatever happens, it goes on and answers those who wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from seg_ros.errors import ImageError, ModelError, SegRosError
from seg_ros.geometry.spaces import Roles
from seg_ros.health.numbers import Arrivals, CameraHealth, HealthRecorder
from seg_ros.models.device import placement
from seg_ros.nodes.mailbox import Arrival, Mailbox
from seg_ros.nodes.worker import Worker
from seg_ros.pipeline import Answered, Prepared
from seg_ros.pipeline.camera_memory import CameraMemory, Ids
from seg_ros.pipeline.loaded import Words
from seg_ros.records import Frame, Segmentation
from seg_ros.settings import Settings

CAMERAS = ('front', 'left')
PATIENCE_S = 10.0


WORDS = Words((), Roles(np.zeros(256, bool), np.zeros(256, bool)), np.arange(256, dtype=np.uint8))


class ScriptedPipeline:
    """Answers every frame, does what the message of a frame says, and writes down what happened."""

    def __init__(self) -> None:
        self.events: list[Any] = []
        self.refuses = ''
        self.gate = threading.Event()
        self.gate.set()
        self.models = SimpleNamespace(words=WORDS)

    def configure(self, settings: Settings) -> None:
        """Refuse a model by name, or note the one asked for; another mode has other words."""
        if settings.semantic_model == self.refuses:
            raise ModelError(f"there is no model '{settings.semantic_model}'")
        self.events.append(('configure', settings.semantic_model))
        self.models.words = replace(WORDS)

    def prepare(self, frame: Frame) -> Prepared:
        """Show the networks nothing."""
        return Prepared(frame, self.models.words, ())

    def answer(self, prepared: Sequence[Prepared], settings: Settings) -> list[Answered]:
        """Wait at the gate, fail if a frame asks for it, and note the frames and the threshold."""
        frames = [one.frame for one in prepared]
        self.events.append(('begin', [frame.stamp_ns for frame in frames]))
        words = self.models.words
        assert self.gate.wait(PATIENCE_S)
        if any(frame.frame_id == 'bug' for frame in frames):
            raise RuntimeError('a bug')
        if any(frame.frame_id == 'refused' for frame in frames):
            raise ModelError('the model refuses')
        self.events.append(('end', settings.unlabelled_threshold, threading.current_thread().name))
        return [Answered(frame, words, (partial(Segmentation, frame.size),)) for frame in frames]

    def close(self) -> None:
        """Note it."""
        self.events.append(('close',))


class ScriptedCamera:
    """Stands in for a camera: its messages say what happens to them."""

    def __init__(self, name: str, bench: Bench) -> None:
        self.name, self.health, self.mailbox = name, HealthRecorder(), Mailbox(bench.bell)
        self.memory = CameraMemory(Ids())
        self._bench = bench

    def decoded(self, arrival: Arrival, now_s: float, settings: Settings) -> Frame | None:
        """Return a frame that carries the message as its frame_id."""
        if arrival.message.text == 'short':
            self.fail(ImageError('the image is too short'))
            return None
        self._bench.decoders.add(threading.current_thread().name)
        return Frame(self.name, arrival.stamp_ns, str(arrival.message.text), np.zeros((2, 3, 3), np.uint8))

    def deliver(self, answered: Answered, settings: Settings, pipeline: Any, spent_s: dict[str, float]) -> None:
        """Note the frame, and fail if its message says so."""
        assert self._bench.outlet.wait(PATIENCE_S)
        self._bench.publishers.add(threading.current_thread().name)
        self._bench.spent = dict(spent_s)
        self._bench.delivered.append((self.name, answered.frame.stamp_ns))
        if answered.frame.frame_id == 'undeliverable':
            raise OSError('the publisher is gone')

    def fail(self, error: Exception) -> None:
        """Count it."""
        self.health.undecodable(str(error) if isinstance(error, SegRosError) else f'{type(error).__name__}: {error}')


class Bench:
    """A worker with its neighbours, fed by hand."""

    def __init__(self) -> None:
        self.pipeline, self.bell, self.outlet = ScriptedPipeline(), threading.Condition(), threading.Event()
        self.outlet.set()
        self.delivered: list[tuple[str, int]] = []
        self.decoders, self.publishers = set[str](), set[str]()
        self.spent: Mapping[str, float] = {}
        self.cameras = {name: ScriptedCamera(name, self) for name in CAMERAS}
        self.worker = Worker(tuple(self.cameras.values()), self.pipeline, Settings(), self.bell)  # type: ignore[arg-type]

    def put(self, number: int, message: str = 'good', camera: str = 'front') -> None:
        """Let a message arrive whose frame has the stamp ``number``."""
        stamp = SimpleNamespace(sec=0, nanosec=number)
        self.cameras[camera].mailbox.put(SimpleNamespace(text=message, header=SimpleNamespace(stamp=stamp)), number)

    def answered(self, number: int, message: str = 'good', camera: str = 'front') -> None:
        """Let a message arrive and wait until it is answered."""
        self.put(number, message, camera)
        until(lambda: (camera, number) in self.delivered)

    def of(self, camera: str = 'front') -> CameraHealth:
        """Return the health of a camera."""
        return self.cameras[camera].health.snapshot(0, Arrivals())


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench()
    bench.worker.start()
    bench.worker.resume()
    yield bench
    bench.pipeline.gate.set()
    bench.outlet.set()
    assert bench.worker.stop(PATIENCE_S)


def until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, 'it never came true'
        time.sleep(0.002)


def busy(bench: Bench, number: int = 1) -> None:
    """Hold the networks inside a batch."""
    bench.pipeline.gate.clear()
    bench.put(number)
    until(lambda: ('begin', [number]) in bench.pipeline.events)


def waiting(bench: Bench) -> dict[str, int]:
    """Return the frames that wait, decoded, for the networks."""
    return {name: one.prepared.frame.stamp_ns for name, one in bench.worker._decoded.held.items()}


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


def test_frames_are_answered_in_order_and_each_thread_does_its_own(bench: Bench) -> None:
    for number in (1, 2, 3):
        bench.answered(number)
    assert bench.delivered == [('front', 1), ('front', 2), ('front', 3)]
    assert {e[2] for e in bench.pipeline.events if e[0] == 'end'} == {'networks'}
    assert (bench.decoders, bench.publishers) == ({'decoder'}, {'publisher'})
    assert bench.spent['wait'] > 0.0


def test_only_the_thread_of_the_networks_has_helpers(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = {}

    def noted(act: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            threads[threading.current_thread().name] = torch.get_num_threads()
            return act(*given)
        return call

    bench.worker.do(lambda: placement(Settings(device='cpu', cpu_threads=2)))
    for what, name in ((bench.pipeline, 'prepare'), (bench.pipeline, 'answer'), (bench.cameras['front'], 'deliver')):
        monkeypatch.setattr(what, name, noted(getattr(what, name)))
    for number in (1, 2):
        bench.answered(number)
    assert threads == {'decoder': 1, 'networks': 2, 'publisher': 1}


def test_the_newest_frame_is_answered_after_a_slow_one(bench: Bench) -> None:
    busy(bench)
    for number in (2, 3, 4):
        bench.put(number)
    until(lambda: waiting(bench) == {'front': 4})
    bench.pipeline.gate.set()
    until(lambda: ('front', 4) in bench.delivered)
    assert [e[1] for e in bench.pipeline.events if e[0] == 'begin'] == [[1], [4]]
    assert bench.cameras['front'].mailbox.dropped >= 2


def test_an_image_is_decoded_just_in_time_for_the_fastest_pass_and_the_slowest_decoding_of_late(bench: Bench) -> None:
    bench.worker._passing_s.extend((100.0, 60.0))
    bench.worker._decoding_s.extend((10.0, 30.0))
    busy(bench)
    assert 20.0 < bench.worker._early_s() <= 30.0
    bench.put(2)
    until(lambda: waiting(bench) == {'front': 2})  # it is not waited for longer than half a second
    assert 80.0 < bench.worker._early_s() <= 90.0  # the one after it has a whole pass more
    bench.pipeline.gate.set()
    until(lambda: ('front', 2) in bench.delivered)
    until(lambda: bench.worker._free_s == 0.0)  # idle networks wait for no image


def test_what_held_the_networks_up_before_a_pass_counts_from_its_beginning(bench: Bench) -> None:
    bench.worker._passing_s.append(60.0)
    running, end = threading.Event(), threading.Event()
    thread, _ = posted(lambda: bench.worker.do(lambda: running.set() or end.wait(PATIENCE_S)))
    assert running.wait(PATIENCE_S)
    bench.pipeline.gate.clear()
    bench.put(1)
    until(lambda: waiting(bench) == {'front': 1})
    bench.worker._free_s = time.monotonic()  # loading took as long as the pass for which the image was decoded
    end.set()
    until(lambda: ('begin', [1]) in bench.pipeline.events)
    assert 50.0 < bench.worker._early_s() <= 60.0
    thread.join(PATIENCE_S)


def test_cameras_are_one_batch(bench: Bench) -> None:
    busy(bench)
    bench.put(2, camera='left')
    bench.put(3)
    until(lambda: waiting(bench) == {'left': 2, 'front': 3})
    bench.pipeline.gate.set()
    until(lambda: {('front', 3), ('left', 2)} <= set(bench.delivered))
    assert [e[1] for e in bench.pipeline.events if e[0] == 'begin'] == [[1], [3, 2]]


def test_a_slow_publisher_holds_up_neither_networks_nor_the_other_camera(bench: Bench) -> None:
    bench.outlet.clear()
    for number in (1, 2, 3):
        bench.put(number)
        until(lambda: ('begin', [number]) in bench.pipeline.events)
    bench.put(1, camera='left')
    until(lambda: ('begin', [1]) in bench.pipeline.events[1:])
    until(lambda: 'left' in bench.worker._answered.held)
    bench.outlet.set()
    until(lambda: len(bench.delivered) == 3)
    assert bench.delivered == [('front', 1), ('front', 3), ('left', 1)]
    assert bench.cameras['front'].mailbox.dropped == 1


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
    assert answer == [('networks', 'end')]


def test_a_post_does_not_wait_for_a_frame(bench: Bench) -> None:
    assert bench.worker.do(lambda: 42) == 42


def test_what_a_post_raises_is_raised_to_its_caller(bench: Bench) -> None:
    with pytest.raises(ZeroDivisionError):
        bench.worker.do(lambda: 1 // 0)
    bench.answered(1)


@pytest.mark.parametrize(('message', 'reason'), [
    ('short', 'the image is too short.'),
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


def test_a_pause_waits_for_what_is_being_published_and_nothing_comes_after_it(bench: Bench) -> None:
    bench.outlet.clear()
    bench.put(1)
    until(bench.worker._publishing.locked)
    thread, answer = posted(bench.worker.pause)
    time.sleep(0.02)
    assert answer == []
    bench.outlet.set()
    thread.join(PATIENCE_S)
    assert bench.delivered == [('front', 1)]


def test_what_other_models_answered_is_not_published_under_the_new_words(bench: Bench) -> None:
    busy(bench)
    thread, _ = posted(lambda: bench.worker.configure(Settings().changed({'semantic_model': 'other'})))
    bench.outlet.clear()
    bench.pipeline.gate.set()
    thread.join(PATIENCE_S)
    bench.outlet.set()
    bench.answered(2)
    assert bench.delivered in ([('front', 2)], [('front', 1), ('front', 2)])  # 1 may have been out before the change


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


def test_what_is_set_while_models_are_read_is_not_lost(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    later = Settings().changed({'semantic_model': 'later', 'target_class': 'hammer'})
    read = bench.pipeline.configure

    def interrupted(settings: Settings) -> None:
        read(settings)
        if settings != later:
            bench.worker.adopt(later)

    monkeypatch.setattr(bench.pipeline, 'configure', interrupted)
    bench.worker.configure(Settings().changed({'semantic_model': 'other'}))
    assert bench.worker.settings == later
    assert bench.pipeline.events == [('configure', 'other'), ('configure', 'later')]


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
