# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node ``mapping``: what segmentation says of many images in, a map of floor, obstacles and objects out."""

from __future__ import annotations

import threading
from typing import Any

from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

from seg_ros.errors import SegRosError
from seg_ros.health.verdict import Verdict
from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.mapping.settings import MappingSettings
from seg_ros.nodes.diagnostics import Diagnostics
from seg_ros.nodes.lifecycle import AnsweringLifecycleNode
from seg_ros.nodes.logs import forward_logs, stop_forwarding
from seg_ros.nodes.map_camera import MapCamera
from seg_ros.nodes.map_health import map_verdicts, not_configured
from seg_ros.nodes.map_outputs import MapOutputs
from seg_ros.nodes.map_worker import MapWorker
from seg_ros.nodes.parameters import declare, given
from seg_ros.nodes.running import run_node
from seg_ros.nodes.transforms import Transforms


class MappingNode(AnsweringLifecycleNode):
    """
    Subscribes to the answers of a segmentation node and to TF, and publishes a map; docs/topics.md has the topics.

    Callbacks only store; one thread makes the map. It lives from ``configure`` to ``cleanup``.

    :raises SettingError: when the parameters given at start contradict each other.
    """

    def __init__(self, **node_arguments: Any) -> None:
        self._worker: MapWorker | None = None
        self._outputs: MapOutputs | None = None
        super().__init__('mapping', **node_arguments)
        self._log_handler = forward_logs(self.get_logger())
        self.settings = settings = declare(self, MappingSettings())
        self._bell, self._is_active = threading.Condition(), False
        self._unready: Verdict | None = None
        self._transforms = Transforms(self)
        self._cameras = {name: MapCamera(self, name, self._bell, self._transforms, settings)
                         for name in settings.cameras}
        self._diagnostics = Diagnostics(self, settings.cameras)
        self.add_on_set_parameters_callback(self._on_parameters)
        self.create_service(Trigger, '~/save', self._on_save, callback_group=self.slow_group)
        self.create_service(Trigger, '~/clear', self._on_clear, callback_group=self.slow_group)
        # Of steady time: a simulated clock may stand still, and that must be said.
        self.create_timer(1.0, self._every_second, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def start(self) -> bool:
        """Configure and activate, if the parameter ``autostart`` says so. Return whether all went well."""
        return not self.settings.autostart or self.start_itself()

    def configure(self) -> None:
        """Begin an empty map, and offer the topics."""
        try:
            taxonomy = load_taxonomy(self.settings.taxonomy)
            self._transforms.listen('map_frame', self.settings.map_frame)
        except SegRosError as error:
            self._unready = not_configured(error)
            raise
        self._unready = None
        for camera in self._cameras.values():
            camera.adopt(self.settings)
        self._outputs = MapOutputs(self, taxonomy.classes)
        self._worker = MapWorker(tuple(self._cameras.values()), taxonomy, self.settings, self._outputs, self._bell)

    def activate(self) -> None:
        """Map what comes from now on."""
        assert self._worker is not None
        for camera in self._cameras.values():
            camera.inputs.open()
        self._worker.resume()
        self._is_active = True
        topics = ', '.join(camera.topic for camera in self._cameras.values())
        self.get_logger().info(f'Mapping {topics} in {self.settings.map_frame}')

    def deactivate(self) -> None:
        """Stop listening; when this returns nothing more is published. The map stays."""
        self._is_active = False
        if self._worker is not None:
            self._worker.pause()
        for camera in self._cameras.values():
            camera.inputs.close()

    def cleanup(self) -> None:
        """Let go of the map, and withdraw the topics."""
        if self._worker is not None:
            self._worker.stop()
        if self._outputs is not None:
            self._outputs.close()
        self._worker = self._outputs = None

    def destroy_node(self) -> None:
        """End the thread, then the node; Kilted asks this also of a node that refused its parameters."""
        if self._worker is not None:
            self._worker.stop()
        if hasattr(self, '_log_handler'):
            stop_forwarding(self._log_handler)
        super().destroy_node()

    def _on_parameters(self, parameters: list[Parameter]) -> SetParametersResult:
        """Take all changes or none; the map goes on with them."""
        try:
            changed = self.settings.changed(given(parameters, self.settings))
            if self._worker is not None:
                self._worker.adopt(changed)
            self.settings = changed
        except SegRosError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _on_save(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        """Write the map into the folder that the parameter ``folder`` names."""
        try:
            response.success, response.message = True, self._map().save()
        except SegRosError as error:
            response.success, response.message = False, str(error)
        return response

    def _on_clear(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        """Forget the map; it begins anew with the next image."""
        try:
            self._map().clear()
            response.success, response.message = True, 'the map is empty'
        except SegRosError as error:
            response.success, response.message = False, str(error)
        return response

    def _map(self) -> MapWorker:
        if self._worker is None:
            raise SegRosError('there is no map', 'configure the node first')
        return self._worker

    def _every_second(self) -> None:
        worker, now_ns = self._worker, self.get_clock().now().nanoseconds
        for camera in self._cameras.values():
            camera.inputs.keep_up()
        waits_for_clock = bool(self.get_parameter('use_sim_time').value) and not now_ns
        known = {'active': self._is_active, 'unready': self._unready,
                 'clock_stands': waits_for_clock and not self.count_publishers('/clock')}
        words, problems = ('', []) if worker is None else (worker.summary(), worker.problems())
        fares = {name: (health := camera.snapshot(now_ns), map_verdicts(health, camera.situation(problems, **known),
                                                                        words))
                 for name, camera in self._cameras.items()}
        self._diagnostics.publish(fares, {} if worker is None else worker.facts())


def main() -> None:
    """Run the node; ``ros2 run seg_ros mapping``."""
    run_node('mapping', MappingNode)


if __name__ == '__main__':
    main()
