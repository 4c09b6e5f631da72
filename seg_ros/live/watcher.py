# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Watches a running segmentation node for people: what it says of itself, what it sees, and its mode."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from types import TracebackType
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.srv import GetParameters, SetParameters
from rclpy.exceptions import InvalidTopicNameException
from rclpy.parameter import Parameter
from rclpy.task import Future
from rclpy.validate_full_topic_name import validate_full_topic_name

from seg_ros.bridge.reports import CameraReport, SeenObject, reports_of
from seg_ros.errors import SegRosError, SettingError
from seg_ros.labels.palette import UNLABELLED_COLOUR, Colour, instance_colour
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.live.camera_view import CameraView, OverlayImage
from seg_ros.live.observer import Observer

TICK_S = 0.1
QUIET_S = 4.0  # the node reports once a second, unless it is loading a model
MODE_PATIENCE_S = 120.0  # a model is loaded before the node answers


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
    :raises SettingError: when the name is not one a node can have.
    """

    def __init__(self, node: str, domain: int | None = None) -> None:
        self.name = _full_name(node)
        self._observer = Observer('seg_ros_view', domain, self._keep_up)
        self._node = self._observer.node
        self._setting = self._node.create_client(SetParameters, f'{self.name}/set_parameters')
        self._getting = self._node.create_client(GetParameters, f'{self.name}/get_parameters')
        self._node.create_subscription(DiagnosticArray, '/diagnostics', self._on_diagnostics, 10)
        self._lock = threading.Lock()
        self._presence = Presence()
        self._heard_s = self._looked_around_s = float('-inf')
        self._reports: dict[str, CameraReport] = {}
        self._views: dict[str, CameraView] = {}
        self._taxonomy: dict[str, Colour] = {}

    def __enter__(self) -> Watcher:
        self._observer.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.end()
        self._observer.__exit__(kind, error, trace)

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
        view = self._all_views().get(camera)
        if view is None:
            raise SegRosError(f"{self.name} has no camera '{camera}', or is not there")
        return view.look(after, patience_s)

    def state(self, camera: str) -> dict[str, Any]:
        """Return what is known of the node and of one of its cameras, made of plain lists, words and numbers."""
        with self._lock:
            presence, reports, view = self._presence, self._reports, self._views.get(camera)
        state: dict[str, Any] = {'node': self.name, 'presence': presence.word, 'others': presence.others,
                                 'cameras': list(reports), 'report': None}
        report = reports.get(camera)
        if report is None:
            return state
        words = asdict(report) | {'level': report.level.name.lower()}
        shares = sorted(words.pop('shares').items(), key=lambda one: -one[1])
        words['shares'] = [{'name': name, 'percent': percent, 'colour': self._colour(name, view)}
                           for name, percent in shares]
        words['counts'] = [{'name': name, 'now': now, 'ever': ever, 'colour': self._colour(name, view)}
                           for name, (now, ever) in words.pop('counts').items()]
        return state | {'report': words, 'objects': self._objects(report, view)}

    def set_mode(self, mode: str) -> None:
        """
        Switch the node to a mode; a model that it needs is loaded before this returns.

        :raises SegRosError: with the node's reason when it refuses, or when it does not answer.
        """
        if not self._setting.service_is_ready():
            raise SegRosError(f'{self.name} is not there', 'start it, or see the name it was given')
        request = SetParameters.Request(parameters=[Parameter('mode', value=mode).to_parameter_msg()])
        answered = threading.Event()
        future = self._setting.call_async(request)
        future.add_done_callback(lambda _: answered.set())
        deadline = time.monotonic() + MODE_PATIENCE_S
        while not answered.wait(TICK_S):
            if self._observer.ending.is_set() or time.monotonic() > deadline or not self._setting.service_is_ready():
                self._setting.remove_pending_request(future)
                raise SegRosError(f'{self.name} did not answer', 'see its log')
        result = future.result().results[0]
        if not result.successful:
            raise SegRosError(result.reason.rstrip('.'))
        with self._lock:  # the next report comes in a second
            self._reports = {camera: replace(report, mode=mode) for camera, report in self._reports.items()}

    def _all_views(self) -> dict[str, CameraView]:
        with self._lock:
            return dict(self._views)

    def _objects(self, report: CameraReport, view: CameraView | None) -> list[dict[str, Any]] | None:
        """Return the objects in view, the best first; None in semantic mode, which has none."""
        if view is None or view.objects is None or report.mode == 'semantic':
            return None
        return [asdict(one) | {'colour': self._colour_of(one, view)} for one in view.objects]

    def _colour_of(self, one: SeenObject, view: CameraView) -> Colour:
        return instance_colour(one.id) if one.id else self._colour(one.name, view)

    def _colour(self, name: str, view: CameraView | None) -> Colour:
        """Return the colour the overlay has for a class: the taxonomy's, or for a thing beside it that of its id."""
        class_id = view.class_ids.get(name) if view else None
        return self._taxonomy.get(name) or (UNLABELLED_COLOUR if class_id is None else instance_colour(class_id))

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        reports = reports_of(message, self.name)
        if reports:
            self._heard_s = time.monotonic()
            with self._lock:
                self._reports = reports
                for camera in reports.keys() - self._views.keys():
                    self._views[camera] = CameraView(self._node, self.name, camera, self._ask_for_the_taxonomy)

    def _ask_for_the_taxonomy(self) -> None:
        if self._getting.service_is_ready():
            future = self._getting.call_async(GetParameters.Request(names=['taxonomy']))
            future.add_done_callback(self._on_taxonomy)

    def _on_taxonomy(self, future: Future) -> None:
        name = future.result().values[0].string_value
        with suppress(SegRosError):  # a file on another computer: its classes then have the colours of things
            self._taxonomy = {one.name: one.colour for one in load_taxonomy(name).classes}

    def _keep_up(self) -> None:
        for view in self._all_views().values():
            view.keep_up()
        now_s = time.monotonic()
        if now_s - self._looked_around_s > 0.5:
            self._looked_around_s = now_s
            self._look_around(now_s)

    def _look_around(self, now_s: float) -> None:
        """See whether the node is there; without it nothing that it said holds."""
        if self._setting.service_is_ready():
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
