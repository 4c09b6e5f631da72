# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The lifecycle as another process governs it: every transition in every state, and an end at any moment."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen
from typing import Any

import numpy as np
import pytest
from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState, GetState
from rcl_interfaces.srv import SetParameters
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from rclpy.parameter import Parameter
from scenes.child import segments_of
from scenes.graph import Graph, image, until
from scenes.scripted import ScriptedSegmenter, drawn
from scenes.scripted_node import scripted_node
from sensor_msgs.msg import Image

CONFIGURE, CLEANUP, ACTIVATE, DEACTIVATE = (Transition.TRANSITION_CONFIGURE, Transition.TRANSITION_CLEANUP,
                                            Transition.TRANSITION_ACTIVATE, Transition.TRANSITION_DEACTIVATE)
SHUTDOWNS = (Transition.TRANSITION_UNCONFIGURED_SHUTDOWN, Transition.TRANSITION_INACTIVE_SHUTDOWN,
             Transition.TRANSITION_ACTIVE_SHUTDOWN)
ALL = (Transition.TRANSITION_CREATE, CONFIGURE, CLEANUP, ACTIVATE, DEACTIVATE, *SHUTDOWNS,
       Transition.TRANSITION_DESTROY, Transition.TRANSITION_ON_CONFIGURE_SUCCESS, 99)
UNCONFIGURED, INACTIVE, ACTIVE, FINALIZED = (State.PRIMARY_STATE_UNCONFIGURED, State.PRIMARY_STATE_INACTIVE,
                                             State.PRIMARY_STATE_ACTIVE, State.PRIMARY_STATE_FINALIZED)
VALID = {  # state: transitions it has
    UNCONFIGURED: {CONFIGURE, SHUTDOWNS[0]},
    INACTIVE: {CLEANUP, ACTIVATE, SHUTDOWNS[1]},
    ACTIVE: {DEACTIVATE, SHUTDOWNS[2]},
    FINALIZED: set(),
}


class Governor:
    """Another node that changes the state of /segmentation."""

    def __init__(self, context: Context) -> None:
        self.node = Node('governor', context=context)
        self.segments = segments_of('self')
        self._executor = SingleThreadedExecutor(context=context)
        self._executor.add_node(self.node)
        self._change = self.node.create_client(ChangeState, '/segmentation/change_state')
        self._state = self.node.create_client(GetState, '/segmentation/get_state')
        self._set = self.node.create_client(SetParameters, '/segmentation/set_parameters')

    def wait(self) -> None:
        """
        Wait until the node answers.

        A server may have no way back yet to a client that has found it: what it answers then is lost.
        """
        for client, harmless in ((self._change, ChangeState.Request(transition=Transition(id=99, label='none'))),
                                 (self._state, GetState.Request()), (self._set, SetParameters.Request())):
            assert client.wait_for_service(60.0), 'the node did not start'
            until(lambda: self._answered(client, harmless, 1.0), 'no first answer', 20.0)

    def request(self, transition: int = 0, label: str = '') -> bool:
        """Ask for a transition, and return whether it succeeded."""
        return bool(self._answer(self._change, ChangeState.Request(transition=Transition(id=transition, label=label)))
                    .success)

    @property
    def state(self) -> int:
        """The state of the node."""
        return int(self._answer(self._state, GetState.Request()).current_state.id)

    def set_model(self, name: str) -> None:
        """Set the parameter semantic_model."""
        model = Parameter('semantic_model', value=name).to_parameter_msg()
        assert self._answer(self._set, SetParameters.Request(parameters=[model])).results[0].successful

    def _answer(self, client: Any, request: Any) -> Any:
        answer = self._answered(client, request, 20.0)
        assert answer is not None, 'no answer'
        return answer

    def _answered(self, client: Any, request: Any, timeout_s: float) -> Any:
        future = client.call_async(request)
        self._executor.spin_until_future_complete(future, timeout_s)
        return future.result() if future.done() else client.remove_pending_request(future)

    def close(self) -> None:
        """End the node."""
        self._executor.shutdown()
        self.node.destroy_node()


@pytest.fixture
def governor(ros_context: Context) -> Iterator[Governor]:
    made = Governor(ros_context)
    yield made
    made.close()


def refuses_all_others(governor: Governor, state: int) -> None:
    """Ask for each transition that a state does not have."""
    for transition in ALL:
        if transition not in VALID[state]:
            assert not governor.request(transition), f'transition {transition} was granted in state {state}'
            assert governor.state == state
    assert not governor.request(label='dance')


def test_every_transition_in_every_state(governor: Governor) -> None:
    """What a state has is done, twice round; what it does not have is answered, and the node lives on."""
    with scripted_node('-p', 'autostart:=false') as process:
        governor.wait()
        refuses_all_others(governor, UNCONFIGURED)
        for _ in range(2):
            for transition, state in ((CONFIGURE, INACTIVE), (ACTIVATE, ACTIVE), (DEACTIVATE, INACTIVE),
                                      (CLEANUP, UNCONFIGURED)):
                assert governor.request(transition)
                assert governor.state == state
        assert governor.request(label='configure')
        refuses_all_others(governor, INACTIVE)
        assert governor.request(label='activate')
        refuses_all_others(governor, ACTIVE)
        assert governor.request(label='shutdown')
        refuses_all_others(governor, FINALIZED)
        assert process.poll() is None
        output = ended_cleanly(process, governor, signal.SIGINT)
    told = re.findall('The transition (.+) was refused: (.+)', output)
    # From Kilted on rclpy answers by itself, in the words of rcl.
    assert ('activate', 'the node is active') in told or (not told and 'No transition matching 3 found' in output)
    assert 'Traceback' not in output


def test_a_lifecycle_manager_takes_over_what_autostart_began(governor: Governor) -> None:
    """As Nav2's asks: configure, and the state must be inactive; activate, and it must be active. Once, and no more."""
    with scripted_node() as process:
        governor.wait()
        until(lambda: governor.state == ACTIVE, 'the node did not start by itself')
        assert governor.request(CONFIGURE)
        assert governor.state == INACTIVE
        assert governor.request(ACTIVATE)
        refuses_all_others(governor, ACTIVE)
        output = ended_cleanly(process, governor, signal.SIGINT)
    assert 'Set autostart to false where a lifecycle manager starts it' in output


def test_an_error_in_configure_is_logged_and_leaves_the_node_unconfigured(governor: Governor) -> None:
    with scripted_node('-p', 'autostart:=false', '-p', 'semantic_model:=nowhere') as process:
        governor.wait()
        assert not governor.request(CONFIGURE)
        assert governor.state == UNCONFIGURED
        governor.set_model('torn')
        assert not governor.request(CONFIGURE)
        assert governor.state == UNCONFIGURED
        governor.set_model('indoor')
        assert governor.request(CONFIGURE)
        output = ended_cleanly(process, governor, signal.SIGTERM)
    assert "Not configured: there is no model 'nowhere'. Use indoor or slow." in output
    assert 'Not configured: OverflowError: a tensor of 9 exabytes' in output


@pytest.mark.parametrize('sign', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('transitions', [(), (CONFIGURE,), (CONFIGURE, SHUTDOWNS[1])],
                         ids=['unconfigured', 'inactive', 'finalized'])
def test_a_signal_in_a_quiet_state_leaves_nothing(governor: Governor, sign: signal.Signals,
                                                  transitions: tuple[int, ...]) -> None:
    with scripted_node('-p', 'autostart:=false') as process:
        governor.wait()
        for transition in transitions:
            assert governor.request(transition)
        assert 'Traceback' not in ended_cleanly(process, governor, sign)


@pytest.mark.parametrize('sign', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(('arguments', 'words'), [
    (('-p', 'semantic_model:=endless'), 'opening endless'),  # in the middle of configure
    ((), 'Listening to'),
], ids=['configuring', 'active'])
def test_a_signal_at_any_moment_leaves_no_process_and_no_shared_memory(
        governor: Governor, sign: signal.Signals, arguments: tuple[str, ...], words: str) -> None:
    with scripted_node(*arguments) as process:
        assert process.stdout is not None
        while words not in (line := process.stdout.readline()):
            assert line, f'the process ended before it said {words}'
        output = ended_cleanly(process, governor, sign)
    assert 'Traceback' not in output


def ended_cleanly(process: Popen[str], governor: Governor, sign: signal.Signals) -> str:
    """Send a signal, check that the process ends with 0, soon, and leaves nothing; return its output."""
    own = segments_of(process.pid) - governor.segments
    assert own, 'the process has no shared memory to leave behind'
    governor.node.destroy_node()
    started = time.monotonic()
    process.send_signal(sign)
    output, _ = process.communicate(timeout=20)
    assert time.monotonic() - started < 10.0  # two seconds, on a machine with nothing else to do
    assert process.returncode == 0, output
    assert 'never retrieved' not in output
    assert not [name for name in own if Path(name).exists()]
    return output


def test_deactivate_keeps_the_model_and_cleanup_frees_it(ros_context: Context) -> None:
    opened: list[ScriptedSegmenter] = []

    def open_model(name: str, settings: Any) -> ScriptedSegmenter:
        opened.append(ScriptedSegmenter(name))
        return opened[-1]

    with Graph(ros_context, open_model=open_model) as graph:
        for _ in range(2):
            graph.node.trigger_deactivate()
            until(lambda: graph.node.count_subscribers('/image') == 0, 'the node listens while inactive')
            graph.node.trigger_activate()
        assert [model.closed for model in opened] == [False]
        masks = graph.listen('/segmentation/mask', Image)
        graph.camera()(image(drawn(np.zeros((4, 6), np.uint8))))
        until(lambda: masks, 'no mask after activating again')
        graph.node.trigger_deactivate()
        graph.node.trigger_cleanup()
        assert [model.closed for model in opened] == [True]
        until(lambda: graph.node.count_publishers('/segmentation/mask') == 0, 'topics are still offered')
        graph.node.trigger_configure()
        assert [model.closed for model in opened] == [True, False]


def test_a_model_that_cannot_answer_is_found_out_in_configure(ros_context: Context) -> None:
    class Torn(ScriptedSegmenter):
        def segment(self, frames: Any, settings: Any) -> Any:
            raise MemoryError('no room')

    torn = Torn('torn')
    graph = Graph(ros_context, open_model=lambda name, settings: torn)
    with graph:
        assert graph.node._state_machine.current_state[1] == 'unconfigured'
    assert torn.closed
