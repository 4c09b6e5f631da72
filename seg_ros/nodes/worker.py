"""The one thread that owns the models: it takes frames, runs them, delivers results."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from seg_ros.errors import ImageError, SegRosError
from seg_ros.health import HealthRecorder
from seg_ros.nodes.intake import Arrival, Intake
from seg_ros.pipeline import Pipeline
from seg_ros.records import Frame, Result
from seg_ros.settings import Settings

log = logging.getLogger(__name__)
T = TypeVar('T')


class Worker:
    """
    Runs the pipeline on the newest frames until stopped.

    :param decode: turns an undecoded arrival into a frame; raises ImageError.
    :param deliver: publishes results; called on the worker's thread.
    :param wanted: the cameras whose results somebody listens to; frames of the others are let go undecoded.
    """

    def __init__(self, *, intake: Intake, pipeline: Pipeline, settings: Settings,
                 health: dict[str, HealthRecorder], decode: Callable[[Arrival], Frame],
                 deliver: Callable[[Sequence[Result]], None], wanted: Callable[[str], bool]) -> None:
        self._intake, self._pipeline, self._health = intake, pipeline, health
        self._decode, self._deliver, self._wanted = decode, deliver, wanted
        self._settings = settings
        self._posts: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
        self._posting = threading.Lock()
        self._ended = True  # until it is started: nothing would run what is posted
        self._stopping = False
        self._paused = True
        self._next_turn_s: dict[str, float] = {}
        self._thread = threading.Thread(target=self._work, name='worker', daemon=True)

    @property
    def settings(self) -> Settings:
        """The settings of the next batch."""
        return self._settings

    @property
    def paused(self) -> bool:
        """Whether no frames are taken."""
        return self._paused

    def start(self) -> None:
        """Start the thread; it is paused until :meth:`resume`."""
        self._ended = False
        self._thread.start()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """End the thread after the running batch. Return whether it ended in time."""
        self._stopping = True
        self._intake.nudge()
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def pause(self) -> None:
        """Take no more frames."""
        self._paused = True

    def resume(self) -> None:
        """Take frames again, from the newest."""
        self._intake.clear()
        self._paused = False

    def configure(self, settings: Settings) -> None:
        """
        Use other settings from the next batch on; models are loaded first, between two batches.

        :raises SegRosError: when a model cannot be loaded; the old settings and models stay in use.
        """
        def act() -> None:
            self._pipeline.configure(settings)
            self._settings = settings  # here, so that no batch runs with new models and old settings

        self.do(act)

    def adopt(self, settings: Settings) -> None:
        """Use other settings from the next batch on, without loading anything."""
        self._settings = settings

    def release(self) -> None:
        """Free the models."""
        self.do(self._pipeline.close)

    def do(self, act: Callable[[], T]) -> T:
        """
        Run something on the worker's thread between two batches and return what it returns or raises.

        :raises SegRosError: when the worker has ended, or was not started.
        """
        future: Future[T] = Future()
        with self._posting:
            if self._ended:
                raise SegRosError('the worker has ended')
            self._posts.put((act, future))
        self._intake.nudge()
        return future.result()

    def _work(self) -> None:
        try:
            while not self._stopping:
                self._run_posts()
                batch = self._intake.take(timeout_s=0.5)
                if batch and not self._paused and not self._stopping:
                    self._answer([arrival for arrival in batch if self._is_due(arrival.camera)])
        finally:
            with self._posting:
                self._ended = True
            self._run_posts()  # the last ones: nobody waits for ever
            self._pipeline.close()

    def _run_posts(self) -> None:
        while True:
            try:
                act, future = self._posts.get_nowait()
            except Empty:
                return
            try:
                future.set_result(act())
            except Exception as error:  # noqa: BLE001 - the caller raises it
                future.set_exception(error)

    def _is_due(self, camera: str) -> bool:
        """Tell whether a camera's frame is to be answered: somebody listens and max_rate allows it."""
        if not self._wanted(camera):
            return False
        rate, now = self._settings.max_rate, time.monotonic()
        if rate <= 0.0:
            return True
        period = 1.0 / rate
        due = min(self._next_turn_s.get(camera, now), now + period)  # a rate just raised counts at once
        if now < due - 0.1 * period:  # cameras tremble
            self._next_turn_s[camera] = due
            return False
        self._next_turn_s[camera] = (due if now - due < period else now) + period
        return True

    def _answer(self, batch: Sequence[Arrival]) -> None:
        """Decode, run and deliver one batch. A bad frame is counted and let go; nothing stops the thread."""
        frames = [frame for frame in map(self._decoded, batch) if frame is not None]
        if frames:
            self._run(frames)

    def _run(self, frames: Sequence[Frame]) -> None:
        try:
            results = self._pipeline.run(frames, self._settings)
        except Exception as error:  # noqa: BLE001 - one bad frame never stops the node
            if len(frames) == 1:
                self._count_failure(frames, error)
            else:
                for frame in frames:  # no camera suffers for another
                    self._run([frame])
            return
        try:
            self._deliver(results)
        except Exception as error:  # noqa: BLE001 - nor does a message that cannot be made
            self._count_failure(frames, error)

    def _decoded(self, arrival: Arrival) -> Frame | None:
        try:
            return self._decode(arrival)
        except ImageError as error:
            self._health[arrival.camera].undecodable(str(error))
        except Exception as error:
            log.exception('A message could not be decoded')
            self._health[arrival.camera].undecodable(f'{type(error).__name__}: {error}')
        return None

    def _count_failure(self, frames: Sequence[Frame], error: Exception) -> None:
        """Count frames that were not answered; what nobody foresaw is logged with its traceback."""
        if not isinstance(error, SegRosError):
            log.error('A frame could not be answered', exc_info=error)
        reason = str(error) if isinstance(error, SegRosError) else f'{type(error).__name__}: {error}'
        for frame in frames:
            self._health[frame.camera].undecodable(reason)
