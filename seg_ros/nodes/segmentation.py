"""The node ``segmentation``: camera images in, what a robot acts on out."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from resource import RUSAGE_SELF, getrusage
from typing import Any

import numpy as np
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import TransitionCallbackReturn
from rclpy.parameter import Parameter
from std_srvs.srv import SetBool, Trigger

from seg_ros.bridge.cameras import stamp_ns_of
from seg_ros.errors import SegRosError
from seg_ros.health import HealthRecorder, Situation
from seg_ros.models.catalog import open_model
from seg_ros.nodes.continuity import Continuity
from seg_ros.nodes.health_report import HealthReport, candidates
from seg_ros.nodes.intake import Arrival, Intake
from seg_ros.nodes.lifecycle import AnsweringLifecycleNode
from seg_ros.nodes.logs import forward_logs, stop_forwarding
from seg_ros.nodes.outputs import CameraOutputs, announced_threshold
from seg_ros.nodes.parameters import declare, given
from seg_ros.nodes.running import run_node
from seg_ros.nodes.streams import ImageStream, camera_topic
from seg_ros.nodes.surroundings import Surroundings
from seg_ros.nodes.worker import Worker
from seg_ros.pipeline import OpenModel, Pipeline
from seg_ros.records import UNLABELLED, Frame, Result
from seg_ros.settings import Settings


class SegmentationNode(AnsweringLifecycleNode):
    """
    Subscribes to cameras and publishes segmentations. The topics are listed in docs/topics.md.

    Callbacks only store and forward; one worker thread decodes, runs the model and publishes.

    :param open_model: how models are loaded by name.
    :raises SettingError: when the parameters given at start contradict each other.
    """

    def __init__(self, open_model: OpenModel = open_model, **node_arguments: Any) -> None:
        super().__init__('segmentation', **node_arguments)
        self._log_handler = forward_logs(self.get_logger())
        settings = declare(self, Settings())
        self._cameras = settings.cameras
        self._health = {camera: HealthRecorder() for camera in self._cameras}
        self._intake = Intake(self._cameras)
        self._pipeline = Pipeline(open_model, self._wanted)
        self._surroundings = Surroundings(self, self._cameras, self._intake, self._wanted)
        self._surroundings.prepare(settings)
        self._surroundings.adopt(settings)
        self._outputs: dict[str, CameraOutputs] = {}
        self._streams: dict[str, ImageStream] = {}
        self._memory_mib = math.nan
        self._worker = Worker(intake=self._intake, pipeline=self._pipeline, settings=settings, health=self._health,
                              decode=self._decoded, deliver=self._deliver, wanted=lambda c: self._outputs[c].wanted)
        self._worker.start()
        self._active = False
        self.add_on_set_parameters_callback(self._on_parameters)
        self._report = HealthReport(self, self._cameras, self._health, self._intake)
        self.create_service(SetBool, '~/enable', self._on_enable)
        self.create_service(Trigger, '~/reset_tracks', self._on_reset_tracks)
        # Of steady time: a simulated clock may stand still, and that must be said.
        self.create_timer(1.0, self._every_second, clock=Clock(clock_type=ClockType.STEADY_TIME))

    def start(self) -> bool:
        """Configure and activate, if the parameter ``autostart`` says so. Return whether all went well."""
        if not self._worker.settings.autostart:
            return True
        return (self.trigger_configure() == TransitionCallbackReturn.SUCCESS
                and self.trigger_activate() == TransitionCallbackReturn.SUCCESS)

    def configure(self) -> None:
        """Load and check the models and the taxonomy, and offer the topics."""
        self._worker.configure(self._worker.settings)
        self._outputs = {camera: CameraOutputs(self, camera) for camera in self._cameras}
        self._announce()
        for model in self._pipeline.segmenters:
            self.get_logger().info(f"Model '{model.name}' is ready on {model.device} in {model.precision}")

    def activate(self) -> None:
        """Subscribe to the cameras."""
        self._streams = {camera: ImageStream(self, camera_topic(camera, 'image'), self._receiver(camera),
                                             transport=self._worker.settings.image_transport)
                         for camera in self._cameras}
        for stream in self._streams.values():
            stream.open()
        self._surroundings.keep_up(self._cameras)
        self._worker.resume()
        self._active = True
        self.get_logger().info(f'Listening to {", ".join(stream.topic for stream in self._streams.values())}')

    def deactivate(self) -> None:
        """Stop listening; the models stay ready."""
        self._active = False
        self._worker.pause()
        self._surroundings.close()
        for stream in self._streams.values():
            stream.close()
        self._streams = {}

    def cleanup(self) -> None:
        """Free the models and withdraw the topics."""
        self._worker.release()
        for outputs in self._outputs.values():
            outputs.close()
        self._outputs = {}

    def destroy_node(self) -> None:
        """End the worker, then the node."""
        self._worker.stop()
        stop_forwarding(self._log_handler)
        super().destroy_node()

    def _receiver(self, camera: str) -> Any:
        continuity = Continuity()

        def receive(message: Any) -> None:
            now_ns, stamp_ns = self.get_clock().now().nanoseconds, stamp_ns_of(message.header)
            self._health[camera].arrived(now_ns, stamp_ns)
            if change := continuity.seen(message, stamp_ns, now_ns):
                self.get_logger().warning(f'The images of {self._streams[camera].topic} {change}')
            self._surroundings.listen(camera)
            self._intake.put(Arrival(camera, message, now_ns, stamp_ns_of(message.header)))
        return receive

    def _deliver(self, results: Sequence[Result]) -> None:
        """Publish results; called on the worker's thread."""
        for result in results:
            camera, started = result.frame.camera, time.perf_counter()
            placed = self._surroundings.placed(result, self._worker.settings)
            self._outputs[camera].publish(placed, self._pipeline.classes, self._worker.settings)
            spent = {**result.stage_s, 'publish': time.perf_counter() - started}
            self._health[camera].published(result.frame.stamp_ns, self.get_clock().now().nanoseconds,
                                           self._shares(result), self._pipeline.counts(camera), spent)
        self._memory_mib = _memory_mib(self._pipeline.segmenters[0].device)

    def _wanted(self, camera: str) -> frozenset[str]:
        """Return the names of a camera's outputs that somebody listens to."""
        outputs = self._outputs.get(camera)
        return frozenset() if outputs is None else outputs.wanted_names

    def _decoded(self, arrival: Arrival) -> Frame:
        return self._surroundings.decoded(arrival, self._worker.settings)

    def _shares(self, result: Result) -> dict[str, float]:
        labels = result.segmentation.labels
        if labels is None:
            return {}
        counts = np.bincount(labels[::4, ::4].ravel(), minlength=256)
        names = {c.id: c.name for c in self._pipeline.classes} | {UNLABELLED: 'unlabelled'}
        return {names[int(k)]: float(counts[k] / counts.sum()) for k in np.flatnonzero(counts)}

    def _on_parameters(self, parameters: list[Parameter]) -> SetParametersResult:
        """Take all changes or none; a new model or mode is loaded before this returns."""
        settings = self._worker.settings
        try:
            changed = settings.changed(given(parameters, settings))
            self._surroundings.prepare(changed)
            if self._outputs:
                self._worker.configure(changed)
                self._announce()
            else:
                self._worker.adopt(changed)
            self._surroundings.adopt(changed)
        except SegRosError as error:
            return SetParametersResult(successful=False, reason=str(error))
        return SetParametersResult(successful=True)

    def _on_enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        """Pause or resume; the models stay ready."""
        if self._active and request.data:
            self._worker.resume()
        elif self._active:
            self._worker.pause()
        response.success = self._active
        response.message = ('resumed' if request.data else 'paused') if self._active else 'the node is not active'
        return response

    def _on_reset_tracks(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        """Forget all objects; new ones get ids never given before."""
        self._worker.do(self._pipeline.reset_tracks)
        response.success, response.message = True, 'all objects are forgotten'
        return response

    def _announce(self) -> None:
        for outputs in self._outputs.values():
            outputs.announce(self._pipeline.classes, announced_threshold(self._worker.settings))

    def _every_second(self) -> None:
        for stream in self._streams.values():
            stream.keep_up()
        if self._active:
            self._surroundings.keep_up(self._cameras)
        for outputs in self._outputs.values():
            outputs.keep_up()
        self._report.publish(self._pipeline.segmenters, self._worker.settings, self._situation, self._memory_mib)

    def _situation(self, camera: str) -> Situation:
        stream = self._streams.get(camera)
        if stream is None:
            return Situation('', active=False)
        publishers = len(stream.publishers)
        return Situation(
            stream.topic, publishers, tuple(stream.foreign_types), () if publishers else candidates(self, stream),
            paused=self._worker.paused, wanted=self._outputs[camera].wanted, max_rate=self._worker.settings.max_rate,
            clock_stands=bool(self.get_parameter('use_sim_time').value) and not self.get_clock().now().nanoseconds)


def _memory_mib(device: str) -> float:
    """Return what the models hold of a GPU's memory; on a CPU the most this process has held of the computer's."""
    if not device.startswith('cuda'):
        return getrusage(RUSAGE_SELF).ru_maxrss / 1024
    from seg_ros.models.machine import memory_mib
    return memory_mib(device)


def main() -> None:
    """Run the node; ``ros2 run seg_ros segmentation``."""
    sys.exit(run_node('segmentation', SegmentationNode))


if __name__ == '__main__':
    main()
