# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Watches a running segmentation node for people: what it says of itself, what it sees, and what they may change."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rclpy.exceptions import InvalidTopicNameException
from rclpy.validate_full_topic_name import validate_full_topic_name

from seg_ros.bridge.reports import CameraReport, SeenObject, reports_of
from seg_ros.errors import SegRosError, SettingError
from seg_ros.labels.palette import UNLABELLED_COLOUR, Colour, instance_colour
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.live.camera_view import CameraView
from seg_ros.live.observer import Observer
from seg_ros.live.picture_view import OverlayImage, PictureView
from seg_ros.live.remote_settings import RemoteSettings
from seg_ros.nodes.outputs import LATCHED_QOS

QUIET_S = 4.0  # the node reports once a second, unless it is loading a model
OBJECTS_PATIENCE_S = 0.2  # they come with their picture
SHOWN_SETTINGS = ('taxonomy', 'target_id', 'target_class', 'score_threshold')


@dataclass(frozen=True)
class Presence:
    """Whether the node is ``here``, ``quiet`` (it is there, but has not reported for a while) or ``absent``."""

    word: str = 'absent'
    others: tuple[str, ...] = ()
    """The segmentation nodes that are there when this one is not."""


class Watcher:
    """
    Watches one node in a thread and ROS context of its own; nothing is computed for it while nobody looks.

    Use it in a ``with`` statement. All methods may be called from any thread.

    :param node: full name of the node to watch, ``/segmentation`` say; a missing first slash is added.
    :param domain: the ROS domain to watch in; None for that of the environment.
    :param mapping: full name of the node whose map is shown beside it, while there is one.
    :raises SettingError: when a name is not one a node can have.
    """

    def __init__(self, node: str, domain: int | None = None, mapping: str = '/mapping') -> None:
        self.name = _full_name(node)
        self._observer = Observer('seg_ros_view', domain, self._keep_up)
        self._node = self._observer.node
        self._settings = RemoteSettings(self._node, self.name, self._observer.ending, SHOWN_SETTINGS)
        # It is new once a second at most, so nobody waits for it.
        self._map = PictureView(self._node, f'{_full_name(mapping)}/map_picture/compressed', LATCHED_QOS)
        self._has_map = False
        self._node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)
        self._lock = threading.Lock()
        self._presence = Presence()
        self._heard_s = self._looked_around_s = float('-inf')
        self._reports: dict[str, CameraReport] = {}
        self._views: dict[str, CameraView] = {}
        self._taxonomy: tuple[str, dict[str, Colour]] = ('', {})

    def __enter__(self) -> Watcher:
        self._observer.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
        self._observer.__exit__()

    def end(self) -> None:
        """Let everybody go who waits for a picture or an answer; the thread ends after them."""
        self._observer.ending.set()
        for view in self._all_views().values():
            view.dismiss()

    def picture(self, camera: str, after: int, patience_s: float) -> OverlayImage | None:
        """
        Return the newest overlay of a camera once it is another than number ``after``, or None.

        For some seconds after this was called the node has somebody to work for.

        :raises SegRosError: when the node has no such camera.
        """
        view = self._view_of(camera)
        picture = view.overlay.look(after, patience_s)
        return picture and replace(picture, seen=self._seen(camera, view, picture.stamp_ns))

    def below(self, camera: str, stamp_ns: int, patience_s: float) -> bytes | None:
        """
        Return as JPEG what lies below the overlay of a stamp, or None.

        :raises SegRosError: when the node has no such camera.
        """
        return self._view_of(camera).look_below(stamp_ns, patience_s)

    def map_picture(self, after: int) -> OverlayImage | None:
        """Return the newest picture of the map if it is another than number ``after``."""
        return self._map.look(after)

    def state(self, camera: str) -> dict[str, Any]:
        """Return what is known of the node and of its cameras, made of plain lists, words and numbers."""
        with self._lock:
            presence, reports, view = self._presence, self._reports, self._views.get(camera)
        fares = [{'name': name, 'level': one.level.name.lower(), 'verdict': one.verdict, 'remedy': one.remedy}
                 for name, one in reports.items()]
        state: dict[str, Any] = {'node': self.name, 'presence': presence.word, 'others': presence.others,
                                 'cameras': list(reports), 'fares': fares, 'report': None, 'target': self._target(),
                                 'map': self._has_map}
        report = reports.get(camera)
        if report is None:
            return state
        words = asdict(report) | {'level': report.level.name.lower()}
        words['shares'] = [{'name': name, 'percent': percent, 'colour': self._colour(name, view)}
                           for name, percent in words.pop('shares').items()]
        words['counts'] = [{'name': name, 'now': now, 'ever': ever, 'colour': self._colour(name, view)}
                           for name, (now, ever) in words.pop('counts').items()]
        return state | {'report': words}

    def set_mode(self, mode: str) -> None:
        """
        Switch the node to a mode; a model that it needs is loaded before this returns.

        :raises SegRosError: with the node's reason when it refuses, or when it does not answer.
        """
        self._settings.change({'mode': mode})
        with self._lock:  # the next report comes in a second
            self._reports = {camera: replace(report, mode=mode) for camera, report in self._reports.items()}

    def set_target(self, track_id: int) -> None:
        """
        Make the object of an id the target, of whatever class it is; 0 for none.

        :raises SegRosError: as for the mode.
        """
        self._settings.change({'target_id': track_id, 'target_class': ''})

    def _all_views(self) -> dict[str, CameraView]:
        with self._lock:
            return dict(self._views)

    def _view_of(self, camera: str) -> CameraView:
        view = self._all_views().get(camera)
        if view is None:
            raise SegRosError(f"{self.name} has no camera '{camera}', or is not there")
        return view

    def _target(self) -> dict[str, Any]:
        """Return which object is the target: the id that was chosen, and the class, as far as they are."""
        values = self._settings.values
        return {'id': values.get('target_id') or 0, 'name': values.get('target_class') or ''}

    def _seen(self, camera: str, view: CameraView, stamp_ns: int) -> dict[str, Any]:
        """Return what is in a picture and how old it is; objects are None in semantic mode, which has none."""
        objects = view.objects_at(stamp_ns, OBJECTS_PATIENCE_S) if self._has_objects(camera) else None
        return {'age_s': time.time() - stamp_ns / 1e9,
                'objects': None if objects is None else [*self._told(objects, view)]}

    def _has_objects(self, camera: str) -> bool:
        with self._lock:
            report = self._reports.get(camera)
        return report is not None and report.mode != 'semantic'

    def _told(self, objects: Sequence[SeenObject], view: CameraView) -> Iterator[dict[str, Any]]:
        """Yield what is told of each object; the score as the overlay writes it."""
        target, threshold = self._target(), self._settings.values.get('score_threshold') or 0.0
        is_open = bool(target['id'] or target['name'])
        for one in objects:
            is_target = is_open and target['id'] in (0, one.id) and target['name'] in ('', one.name)
            is_open &= not is_target  # of several the best
            yield asdict(one) | {'colour': self._colour_of(one, view), 'percent': f'{100 * one.score:.0f} %',
                                 'target': is_target, 'continued': one.score < threshold}

    def _colour_of(self, one: SeenObject, view: CameraView) -> Colour:
        return instance_colour(one.id) if one.id else self._colour(one.name, view)

    def _colour(self, name: str, view: CameraView | None) -> Colour:
        """
        Return the colour the overlay has for a class: the taxonomy's, or for a thing beside it that of its id.

        Until the taxonomy is known nothing has a colour, for it would be another a moment later.
        """
        taxonomy, colours = self._taxonomy
        class_id = view.class_ids.get(name) if view and taxonomy else None
        return colours.get(name) or (UNLABELLED_COLOUR if class_id is None else instance_colour(class_id))

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        reports = reports_of(message, self.name)
        if reports:
            self._heard_s = time.monotonic()
            with self._lock:
                self._reports = reports
                for camera in reports.keys() - self._views.keys():
                    self._views[camera] = CameraView(self._node, self.name, camera)

    def _read_taxonomy(self) -> None:
        """Take the colours of the classes from the taxonomy that is set."""
        name = self._settings.values.get('taxonomy', '')
        if name != self._taxonomy[0]:
            colours = dict[str, Colour]()
            with suppress(SegRosError):  # a file on another computer: its classes then have the colours of things
                colours = {one.name: one.colour for one in load_taxonomy(name).classes}
            self._taxonomy = name, colours

    def _keep_up(self) -> None:
        self._map.keep_up()
        for camera, view in self._all_views().items():
            view.keep_up(has_objects=self._has_objects(camera))
        now_s = time.monotonic()
        if now_s - self._looked_around_s > 0.5:
            self._looked_around_s = now_s
            self._has_map = self._node.count_publishers(self._map.topic) > 0
            self._look_around(now_s)

    def _look_around(self, now_s: float) -> None:
        """See whether the node is there, and what is set; without it nothing that it said holds."""
        if any(view.overlay.is_looked_at for view in self._all_views().values()):
            self._settings.ask()
            self._read_taxonomy()
        if self._settings.is_there:
            word = 'here' if now_s - self._heard_s < QUIET_S else 'quiet'
            with self._lock:
                self._presence = Presence(word)
            return
        services = self._node.get_service_names_and_types()
        others = sorted(name.removesuffix('/reset_tracks') for name, kinds in services
                        if name.endswith('/reset_tracks') and 'std_srvs/srv/Trigger' in kinds)
        with self._lock:
            self._presence, self._reports = Presence('absent', tuple(others)), {}
            gone, self._views = self._views, {}
        for view in gone.values():
            view.dismiss()
            view.keep_up()


def _full_name(node: str) -> str:
    name = f'/{node.strip("/")}'
    try:
        validate_full_topic_name(name)
    except InvalidTopicNameException as error:
        raise SettingError(f"--node is '{node}', which no node can be called",
                           'give a name such as /segmentation or /robot/segmentation') from error
    return name
