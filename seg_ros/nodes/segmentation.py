# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The node ``segmentation``: camera images in, what a robot acts on out."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from resource import RUSAGE_SELF, getrusage
from typing import Any

from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.parameter import Parameter
from std_srvs.srv import SetBool, Trigger

from seg_ros.errors import Doubt, SegRosError
from seg_ros.health.causes import verdicts
from seg_ros.health.verdict import Level, Verdict
from seg_ros.models.catalog import known_of_model, open_model
from seg_ros.models.libraries import has_gpu
from seg_ros.models.segmenter import Known, Segmenter
from seg_ros.nodes.camera import Camera
from seg_ros.nodes.diagnostics import Diagnostics, facts_of
from seg_ros.nodes.lifecycle import AnsweringLifecycleNode
from seg_ros.nodes.logs import forward_logs, stop_forwarding
from seg_ros.nodes.outputs import OUTPUTS
from seg_ros.nodes.parameters import declare, given, say_unused_qos
from seg_ros.nodes.precedence import give_way
from seg_ros.nodes.remappings import moving_nothing
from seg_ros.nodes.running import run_node
from seg_ros.nodes.senders import Lasting
from seg_ros.nodes.streams import camera_topic
from seg_ros.nodes.transforms import Transforms
from seg_ros.nodes.worker import Worker
from seg_ros.pipeline import Pipeline
from seg_ros.pipeline.camera_memory import Ids
from seg_ros.pipeline.loaded import OpenModel, check_unloaded, unused_models
from seg_ros.records import Mode
from seg_ros.settings import Settings

NAMES = ('classes', 'target_class', 'size_limits_m', 'instance_model', 'semantic_model')
"""The settings that name models, and classes of objects."""

LOOK_S = 0.25  # how soon after somebody subscribes images are received


class SegmentationNode(AnsweringLifecycleNode):
    """
    Subscribes to cameras and publishes segmentations. The topics are listed in docs/topics.md.

    Callbacks only store and forward; the worker's threads decode, run the models and publish. What may take long, a
    change of parameters or of state, has a callback group of its own: everything else goes on meanwhile.

    :param open_model: how models are loaded by name.
    :param known: tells of a model that is not loaded, and raises ModelError for a name that means none.
    :raises SettingError: when the parameters given at start contradict each other.
    """

    def __init__(self, open_model: OpenModel = open_model, known: Callable[..., Known] = known_of_model,
                 **node_arguments: Any) -> None:
        self._known = known
        self._worker: Worker | None = None
        super().__init__('segmentation', **node_arguments)
        self._log_handler = forward_logs(self.get_logger())
        settings = declare(self, Settings())
        bell, ids = threading.Condition(), Ids()
        self._pipeline = Pipeline(open_model)
        self._transforms = Transforms(self)
        self._transforms.prepare(settings)
        self._cameras = {name: Camera(self, name, bell, ids, self._transforms) for name in settings.cameras}
        self._unready: Verdict | None = None
        self._unused: tuple[Doubt, ...] = ()  # what is wrong with names that the mode does not use
        self._active, self._twin = False, Lasting()
        self._worker = worker = Worker(tuple(self._cameras.values()), self._pipeline, settings, bell)
        for sentence in moving_nothing(sys.argv, _names_of(settings.cameras), partial(self.resolve_topic_name,
                                                                                      only_expand=True)):
            self.get_logger().warning(sentence)
        self._adopt(settings)
        worker.start()
        self.add_on_set_parameters_callback(self._on_parameters)
        self._diagnostics = Diagnostics(self, settings.cameras)
        self.create_service(SetBool, '~/enable', self._on_enable, callback_group=self.slow_group)
        self.create_service(Trigger, '~/reset_tracks', self._on_reset_tracks, callback_group=self.slow_group)
        # Of steady time: a simulated clock may stand still, and that must be said.
        steady = Clock(clock_type=ClockType.STEADY_TIME)
        self.create_timer(LOOK_S, self._look, clock=steady)
        self.create_timer(1.0, self._every_second, clock=steady)

    @property
    def settings(self) -> Settings:
        """The settings of the next frame."""
        assert self._worker is not None
        return self._worker.settings

    @property
    def worker(self) -> Worker:
        """What answers the frames."""
        assert self._worker is not None
        return self._worker

    def start(self) -> bool:
        """Configure and activate, if the parameter ``autostart`` says so. Return whether all went well."""
        return not self.settings.autostart or self.start_itself()

    def configure(self) -> None:
        """Load and check the models and the taxonomy, and offer the topics."""
        mode = self.settings.mode
        self.get_logger().info(f'Loading what mode {mode} needs ...')
        self._unready = Verdict(Level.STALE, 'loading', f'what mode {mode} needs is being loaded')
        try:
            self.worker.configure(self.settings)
            for camera in self._cameras.values():
                camera.offer()
        except Exception as error:
            self._unready = _verdict_of(error)
            raise
        self._unready = None
        self._unused = tuple(self._doubts_of_unused())
        say_unused_qos(self)
        self._announce()
        for model in self._pipeline.segmenters:
            self.get_logger().info(f"Model '{model.name}' is ready on {model.device} in {model.precision}")

    def activate(self) -> None:
        """Answer the cameras from now on."""
        for camera in self._cameras.values():
            camera.activate(self.settings)
        self.worker.resume()
        self._active = True
        topics = ', '.join(camera.topic for camera in self._cameras.values())
        self.get_logger().info(f'Listening to {topics} in mode {self.settings.mode}, as soon as somebody subscribes')

    def deactivate(self) -> None:
        """Stop listening; when this returns nothing more is published. The models stay ready."""
        self._active = False
        self.worker.pause()
        for camera in self._cameras.values():
            camera.deactivate()

    def cleanup(self) -> None:
        """Free the models and withdraw the topics."""
        self.worker.release()
        for camera in self._cameras.values():
            camera.withdraw()

    def destroy_node(self) -> None:
        """End the worker, then the node; Kilted asks this also of a node that refused its parameters."""
        if self._worker is not None:
            self._worker.stop()
            stop_forwarding(self._log_handler)
        super().destroy_node()

    def _on_parameters(self, parameters: list[Parameter]) -> SetParametersResult:
        """Take all changes or none; a new model or mode is loaded before this returns."""
        before = self.settings
        try:
            changed = before.changed(given(parameters, before))
            for name in {changed.semantic_model, changed.instance_model} - {before.semantic_model,
                                                                            before.instance_model}:
                self._known(name, allow_download=changed.allow_download)  # at once, before PyTorch is read for it
            if any(getattr(before, knob) != getattr(changed, knob) for knob in NAMES):
                self._check_unloaded(changed, unused_models(Mode(changed.mode)) if self._pipeline.segmenters
                                     else ('semantic_model', 'instance_model'))
            self._transforms.prepare(changed)
            if self._pipeline.segmenters:
                self.worker.configure(changed)
            else:
                self.worker.adopt(changed)
            self._adopt(changed)
        except Exception as error:  # noqa: BLE001 - whatever a model or a file raises, the node lives
            return SetParametersResult(successful=False, reason=_sentence_of(error))
        self._unused = tuple(self._doubts_of_unused())
        if (changed.mode, changed.semantic_model, changed.instance_model) != (
                before.mode, before.semantic_model, before.instance_model):
            models = ' and '.join(model.name for model in self._pipeline.segmenters) or 'loaded when configured'
            self.get_logger().info(f'Mode is now {changed.mode}, model {models}')
        return SetParametersResult(successful=True)

    def _check_unloaded(self, settings: Settings, knobs: Collection[str]) -> None:
        """Refuse names that only another mode would refuse."""
        check_unloaded(settings, partial(self._known, allow_download=settings.allow_download), knobs)

    def _doubts_of_unused(self) -> Iterator[Doubt]:
        """Yield what is wrong with a name that was given at start and that the mode does not use."""
        try:
            self._check_unloaded(self.settings, unused_models(Mode(self.settings.mode)))
        except SegRosError as error:
            yield Doubt('unused', error.fact, error.remedy or 'correct it: a mode that uses it is refused')

    def _adopt(self, settings: Settings) -> None:
        for camera in self._cameras.values():
            camera.adopt(settings)
            camera.keep_up(settings)
        self._announce()

    def _on_enable(self, request: SetBool.Request, response: SetBool.Response) -> SetBool.Response:
        """Pause or resume; the models stay ready."""
        if self._active and request.data:
            self.worker.resume()
        elif self._active:
            self.worker.pause()
        response.success = self._active
        response.message = ('resumed' if request.data else 'paused') if self._active else 'the node is not active'
        return response

    def _on_reset_tracks(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        """Forget all objects; new ones get ids never given before."""
        self.worker.forget()
        response.success, response.message = True, 'all objects are forgotten'
        return response

    def _doubts(self, models: Sequence[Segmenter]) -> Iterator[Doubt]:
        """Yield what was asked of the node and is hardly what it does."""
        yield from self._unused
        on_cpu = [model.name for model in models if model.device == 'cpu']
        if self.settings.device.startswith('cuda') and on_cpu:
            yield Doubt('device', f"device is '{self.settings.device}', but {' and '.join(on_cpu)} runs on the CPU",
                        'install the ONNX Runtime or PyTorch that knows your GPU (docs/robot.md)')
        twins = self.get_node_names_and_namespaces().count((self.get_name(), self.get_namespace()))
        if self._twin.holds(twins > 1, time.monotonic()):
            yield Doubt('twin', f'{twins} nodes are called {self.get_fully_qualified_name()}, and publish on the same '
                        'topics', 'end all but one of them, or name one otherwise: -r __node:=OTHER')
        topic = self.resolve_topic_name('image')
        if '' not in self._cameras and topic != f'{self.get_namespace().rstrip("/")}/image':
            first = next(iter(self._cameras))
            yield Doubt('remap', f'image is remapped to {topic}, but the cameras have names, and nothing listens to '
                        'image', f'remap the topic of each camera: -r {first}/image:={topic}')

    def _announce(self) -> None:
        if self._pipeline.segmenters:
            for camera in self._cameras.values():
                camera.announce(self._pipeline.classes, self.settings)

    def _look(self) -> None:
        for camera in self._cameras.values():
            camera.keep_up(self.settings)

    def _every_second(self) -> None:
        for camera in self._cameras.values():
            camera.look_around()
        now_ns, models, settings = self.get_clock().now().nanoseconds, self._pipeline.segmenters, self.settings
        known: dict[str, Any] = {'paused': self.worker.paused, 'unready': self._unready,
                                 'doubts': tuple(self._doubts(models)),
                                 'clock_stands': bool(self.get_parameter('use_sim_time').value)
                                 and not self.count_publishers('/clock')}
        fares = {name: (health := camera.snapshot(now_ns), verdicts(health, camera.situation(settings, **known)))
                 for name, camera in self._cameras.items()}
        self._diagnostics.publish(fares, facts_of(settings.mode, models,
                                                  _memory_mib(models[0].device if models else 'cpu')))


def _names_of(cameras: Sequence[str]) -> list[str]:
    """Return the names of the node's topics and services, as they are before they are remapped."""
    inputs = [camera_topic(camera, name) for camera in cameras for name in (
        'image', 'image/compressed', 'depth', 'depth/compressedDepth', 'camera_info')]
    outputs = [f'~/{camera_topic(camera, name)}' for camera in cameras for name in (
        *(output.name for output in OUTPUTS), 'label_info')]
    return [*inputs, *outputs, '~/enable', '~/reset_tracks']


def _memory_mib(device: str) -> float:
    """Return what the models hold of a GPU's memory; on a CPU the most this process has held of the computer's."""
    if not device.startswith('cuda'):
        return getrusage(RUSAGE_SELF).ru_maxrss / 1024
    from seg_ros.models.machine import memory_mib
    return memory_mib(device)


def _sentence_of(error: Exception) -> str:
    return str(error) if isinstance(error, SegRosError) else f'{type(error).__name__}: {error}'


def _verdict_of(error: Exception) -> Verdict:
    if isinstance(error, SegRosError):
        return Verdict(Level.ERROR, 'not_configured', error.fact, error.remedy or 'see docs/troubleshooting.md')
    return Verdict(Level.ERROR, 'not_configured', _sentence_of(error), 'see the log for where it happened')


def main() -> None:
    """Run the node; ``ros2 run seg_ros segmentation``."""
    run_node('segmentation', _made)


def _made() -> SegmentationNode:
    node = SegmentationNode()
    if node.settings.device == 'cpu' or not has_gpu():
        give_way(node.worker.network_thread)
    return node


if __name__ == '__main__':
    main()
