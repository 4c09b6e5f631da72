# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A lifecycle node that answers every request and says what went wrong."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from typing import Any

from lifecycle_msgs.msg import State, Transition
from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.srv import SetParameters, SetParametersAtomically
from rclpy.callback_groups import MutuallyExclusiveCallbackGroup
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn

from seg_ros.errors import SegRosError

SUCCESS, FAILURE, ERROR = (TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE,
                           TransitionCallbackReturn.ERROR)

SLOW = (ChangeState, SetParameters, SetParametersAtomically)
"""Services that may load a model before they answer."""

NAMES = {Transition.TRANSITION_CONFIGURE: 'configure', Transition.TRANSITION_CLEANUP: 'cleanup',
         Transition.TRANSITION_ACTIVATE: 'activate', Transition.TRANSITION_DEACTIVATE: 'deactivate',
         Transition.TRANSITION_UNCONFIGURED_SHUTDOWN: 'shutdown', Transition.TRANSITION_INACTIVE_SHUTDOWN: 'shutdown',
         Transition.TRANSITION_ACTIVE_SHUTDOWN: 'shutdown'}


class AnsweringLifecycleNode(LifecycleNode):
    """
    A lifecycle node whose transitions are plain methods that raise when they cannot be done.

    A SegRosError leaves the node in the state it was in; any other error is logged with its traceback and
    leaves it unconfigured. A transition that the state does not have is answered with ``success=False``:
    on Humble and Jazzy it would end the process (https://github.com/ros2/rclpy/issues/1209).

    A lifecycle manager may ask for what :meth:`start_itself` has done already: it takes the node over.

    :ivar slow_group: the callback group of what may take seconds; where an executor has several threads, the rest
        goes on meanwhile.
    """

    def __init__(self, name: str, **node_arguments: Any) -> None:
        super().__init__(name, **node_arguments)
        self.slow_group = MutuallyExclusiveCallbackGroup()
        self._changing, self._started_itself = threading.Lock(), False
        for service in self.services:
            if service.srv_type in SLOW:
                service.callback_group = self.slow_group
                self.slow_group.add_entity(service)
            if service.srv_type is ChangeState:
                service.callback = self._guarded(service.callback)

    def start_itself(self) -> bool:
        """Configure and activate. Return whether all went well."""
        with self._changing:
            self._started_itself = (self.trigger_configure() == SUCCESS and self.trigger_activate() == SUCCESS)
            return self._started_itself

    def configure(self) -> None:
        """Load and check everything."""

    def activate(self) -> None:
        """Start to work."""

    def deactivate(self) -> None:
        """Stop working; everything stays ready. Must succeed in every state."""

    def cleanup(self) -> None:
        """Free everything. Must succeed in every state."""

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go from unconfigured to inactive."""
        return self._tried('configured', state, super().on_configure, self.configure)

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go from inactive to active."""
        return self._tried('activated', state, super().on_activate, self.activate)

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go from active to inactive."""
        return self._tried('deactivated', state, super().on_deactivate, self.deactivate)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go from inactive to unconfigured."""
        return self._tried('cleaned up', state, super().on_cleanup, self.cleanup)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go from any state to finalized."""
        return self._tried('shut down', state, super().on_shutdown, self.deactivate, self.cleanup)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Go from a failed transition to unconfigured."""
        return self._tried('cleaned up after an error', state, super().on_error, self.deactivate, self.cleanup)

    def destroy_node(self) -> None:
        """End the node, and leave nothing of it in shared memory even if somebody still knows the object."""
        super().destroy_node()
        self._state_machine.destroy_when_not_in_use()  # rclpy forgets it, and it holds the node's memory

    def _tried(self, done: str, state: LifecycleState, rest: Callable[[LifecycleState], TransitionCallbackReturn],
               *acts: Callable[[], None]) -> TransitionCallbackReturn:
        try:
            for act in acts:
                act()
        except SegRosError as error:
            self.get_logger().error(f'Not {done}: {error}')
            return FAILURE
        except Exception as error:  # noqa: BLE001 - rclpy swallows it without a word
            self.get_logger().error(f'Not {done}: {type(error).__name__}: {error}\n{traceback.format_exc()}')
            return ERROR
        return rest(state)

    def _guarded(self, answer: Callable[..., Any]) -> Callable[..., Any]:
        def answered(request: ChangeState.Request, response: ChangeState.Response) -> ChangeState.Response:
            number = request.transition.id
            asked = request.transition.label or NAMES.get(number, f'number {number}')
            with self._changing:
                try:
                    if self._is_taken_over(request.transition):
                        response.success = True
                    else:
                        response = answer(request, response)
                except RuntimeError as error:  # RCLError is one
                    why = f'the node is {self._state_machine.current_state[1]}' if 'not registered' in str(error) else \
                        str(error).splitlines()[0]
                    self.get_logger().warning(f'The transition {asked} was refused: {why}')
                    response.success = False
                self._started_itself &= not response.success
                return response
        return answered

    def _is_taken_over(self, asked: Transition) -> bool:
        """
        Tell whether that is asked for first which this node has done by itself, and be in the state it leads to.

        Nav2's lifecycle manager begins with configure, and goes on only when the node is inactive then.
        """
        is_active = self._state_machine.current_state[0] == State.PRIMARY_STATE_ACTIVE
        if not self._started_itself or not is_active:
            return False
        if asked.label == 'activate' or (not asked.label and asked.id == Transition.TRANSITION_ACTIVATE):
            return True
        if asked.label != 'configure' and (asked.label or asked.id != Transition.TRANSITION_CONFIGURE):
            return False
        self.get_logger().warning(
            'Configure is asked of a node that autostart has activated: it is inactive now, and waits to be activated. '
            'Set autostart to false where a lifecycle manager starts it')
        return bool(self.trigger_deactivate() == SUCCESS)
