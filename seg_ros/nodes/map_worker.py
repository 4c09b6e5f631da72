# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The thread that makes the map: it takes the images of all cameras in turn, the oldest first."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from seg_ros.bridge.images import header_of
from seg_ros.errors import DataError, ImageError
from seg_ros.health.verdict import Level, Verdict
from seg_ros.labels.taxonomy import Taxonomy
from seg_ros.mapping.datum import Datum
from seg_ros.mapping.evidence import moving_of
from seg_ros.mapping.export import save
from seg_ros.mapping.mapper import Mapper
from seg_ros.mapping.settings import MappingSettings, MapSettings
from seg_ros.mapping.view import View
from seg_ros.mapping.words import MapWords
from seg_ros.nodes.gathering import Parts
from seg_ros.nodes.map_camera import MapCamera, PoseMatrix
from seg_ros.nodes.map_outputs import MapOutputs

log = logging.getLogger(__name__)

EVERY_S = 1.0  # the map is published no more often
LOOK_AROUND_S, IDLE_S = 0.02, 0.5  # transforms ring no bell, nor does who begins to listen


class MapWorker:
    """
    Owns the map. Every method may be called from any thread; the map is changed by one at a time.

    :param bell: rung when something comes.
    """

    def __init__(self, cameras: Sequence[MapCamera], taxonomy: Taxonomy, settings: MappingSettings,
                 outputs: MapOutputs, bell: threading.Condition) -> None:
        self._cameras, self._taxonomy, self._outputs, self._bell = cameras, taxonomy, outputs, bell
        self._words = MapWords(taxonomy)
        self._lock = threading.RLock()
        self._settings = settings
        self._mapper = Mapper(self._words.classes, self._of_map(settings))
        self._version = self._stamp_ns = 0
        self._published_s = float('-inf')
        self._paused, self._stopping = True, False
        self._thread = threading.Thread(target=self._run, name='mapper', daemon=True)
        self._thread.start()

    def resume(self) -> None:
        """Map what comes from now on."""
        self._paused = False

    def pause(self) -> None:
        """Map nothing more; when this returns nothing more is published."""
        with self._lock:
            self._paused = True

    def stop(self) -> None:
        """End the thread after what it is at."""
        self._stopping = True
        with self._bell:
            self._bell.notify_all()
        self._thread.join(timeout=5.0)

    def adopt(self, settings: MappingSettings) -> None:
        """Use other settings from the next image on; the map stays."""
        with self._lock:
            if self._of_map(settings) != self._mapper.settings:
                self._mapper = self._mapper.going_on(self._words.classes, self._of_map(settings))
            self._settings = settings
            for camera in self._cameras:
                camera.adopt(settings)

    def clear(self) -> None:
        """Forget the map; ids begin again from 1."""
        with self._lock:
            self._mapper.clear()
            self._version += 1

    def save(self) -> str:
        """
        Write the map into the folder of the settings, and return what it holds in words.

        :raises SegRosError: when that cannot be done.
        """
        with self._lock:
            folder = Path(self._settings.folder).expanduser()
            if not self._mapper.views:  # what an earlier map left there stays
                raise DataError(f'the map is empty, and {folder} stays as it is', 'save after something was mapped')
            save(self._mapper, folder, Datum.parsed(self._settings.datum) if self._settings.datum else None)
            return f'{folder.resolve()}: {self.summary()}'

    def summary(self) -> str:
        """Return in words what the map holds."""
        with self._lock:
            counts = ', '.join(f'{count} {name}' for name, count in self._mapper.counts().items()) or 'none'
            return f'{self._mapper.seen_m2:.1f} m² of {self._mapper.views} images; objects: {counts}'

    def facts(self) -> dict[str, str]:
        """Return how large the map is, and how many objects of each class are in it."""
        with self._lock:
            counts = self._mapper.counts()
            return {'mode': self._settings.mode, 'map frame': self._settings.map_frame,
                    'images in the map': str(self._mapper.views), 'seen (m²)': f'{self._mapper.seen_m2:.1f}',
                    'memory of the cells (MiB)': f'{self._mapper.bytes / 2 ** 20:.1f}',
                    'objects': str(sum(counts.values()))} | {f'count of {k}': str(n) for k, n in counts.items()}

    def problems(self) -> list[Verdict]:
        """Return what is wrong with the whole map."""
        if not self._mapper.problem:
            return []
        fact, _, remedy = self._mapper.problem.partition('. ')
        return [Verdict(Level.WARN, 'full', fact, remedy)]

    # The thread.

    def _run(self) -> None:
        while not self._stopping:
            with self._bell:
                is_idle = self._paused or all(camera.inputs.gathering.is_empty for camera in self._cameras)
                self._bell.wait(IDLE_S if is_idle else LOOK_AROUND_S)
            if not self._paused:
                while sum(map(self._took, self._cameras)) and not self._stopping:
                    self._publish()
                self._publish()

    def _took(self, camera: MapCamera) -> bool:
        """Put the oldest image of a camera into the map, or let it go; False when none is ready."""
        now_s = time.monotonic()
        parts = camera.inputs.gathering.oldest(now_s)
        if parts is None:
            return False
        try:
            pose = camera.placed(parts)
        except ImageError as error:
            if now_s - parts.since_s < self._settings.wait_s:
                return False
            camera.lose('without a place', error)
        else:
            self._add(camera, parts, pose)
        camera.inputs.gathering.done(parts.stamp_ns)
        return True

    def _add(self, camera: MapCamera, parts: Parts, pose: PoseMatrix) -> None:
        started_s = time.monotonic()
        with self._lock:
            if self._paused:
                return
            try:
                view = self._view(camera, parts, pose)
                self._mapper.update(view)
            except ImageError as error:
                camera.lose('not mapped', error)
                return
            except Exception as error:
                if camera.health.undecodable(f'{type(error).__name__}: {error}'):
                    log.error('%s: an image could not be mapped', camera.topic, exc_info=error)
                camera.lose('not mapped', ImageError(f'{type(error).__name__}: {error}', 'see the log'), Level.ERROR)
                return
            self._version += 1
            self._stamp_ns = view.stamp_ns
            camera.note(view, time.monotonic() - started_s, is_level=self._mapper.believes(view))

    def _view(self, camera: MapCamera, parts: Parts, pose: PoseMatrix) -> View:
        table = self._words.learn(camera.inputs.words or {})
        if self._words.classes != self._mapper.classes:
            self._mapper = self._mapper.going_on(self._words.classes, self._of_map(self._settings))
            self._outputs.announce(self._words.classes)
        return camera.view(parts, pose, table, self._words.ids, self._mapper.meaning.is_ground)

    def _publish(self) -> None:
        """Publish the map if it is time."""
        if time.monotonic() - self._published_s < EVERY_S:
            return
        with self._lock:
            if not self._paused:
                self._published_s = time.monotonic()
                try:
                    self._outputs.publish(self._mapper, self._version,
                                          header_of(self._stamp_ns, self._settings.map_frame))
                except Exception as error:
                    log.error('The map could not be published', exc_info=error)

    def _of_map(self, settings: MappingSettings) -> MapSettings:
        """Return what concerns the map, with the names that the words of ``moving`` mean."""
        values = {item.name: getattr(settings, item.name) for item in fields(MapSettings)}
        return MapSettings(**values | {'moving': moving_of(self._words.classes, self._taxonomy, settings.moving)})
