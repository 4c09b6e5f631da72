# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A node that is asked to end ends: its own parts first, and the interpreter is not taken apart."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scenes.child import python

NODE = """
import atexit, os, signal
from rclpy.node import Node
from seg_ros.nodes.running import run_node

class Asked(Node):
    def start(self):
        for sign in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):  # somebody is impatient
            os.kill(os.getpid(), sign)

    def destroy_node(self):
        super().destroy_node()
        print('its parts are ended')

atexit.register(print, 'the interpreter is taken apart')
run_node('asked', lambda: Asked('asked'))
"""


def test_a_signal_ends_the_node_and_then_the_process_at_once(ros_domain: int) -> None:
    """To free PyTorch object by object takes seconds on a busy computer, and launch kills who takes fifteen."""
    with python('-c', NODE) as process:
        output, _ = process.communicate(timeout=30)
    assert (process.returncode, output) == (0, 'its parts are ended\n')


FINISHING = """
import os, signal, time
from rclpy.node import Node
from std_msgs.msg import Empty
from seg_ros.nodes.running import run_node

class Finishing(Node):
    def start(self):
        publisher = self.create_publisher(Empty, 'last_word', 1)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.3)
        publisher.publish(Empty())
        print('it is said')

run_node('finishing', lambda: Finishing('finishing'))
"""


def test_what_is_being_done_may_finish(ros_domain: int) -> None:
    """A report on its way when somebody types Ctrl-C ended with an exception that was never retrieved."""
    with python('-c', FINISHING) as process:
        output, _ = process.communicate(timeout=30)
    assert (process.returncode, output) == (0, 'it is said\n')


REFUSED = """
import os, sys
sys.path.insert(0, {scenes!r})
from rclpy.node import Node
from scenes.child import segments_of
from seg_ros.errors import SegRosError
from seg_ros.nodes import running

class Refused(Node):
    def __init__(self):
        super().__init__('refused')
        self.create_timer(1.0, self.wake)
        print('shares', len(segments_of('self')), flush=True)
        raise SegRosError('it is refused', 'give up')

    def wake(self):
        pass

running.os._exit = lambda status: print('ends with', status, 'shares', len(segments_of('self')), flush=True)
running.run_node('refused', Refused)
"""


def test_a_node_that_is_refused_leaves_nothing_in_shared_memory(ros_domain: int) -> None:
    """A launch file that starts it again and again would fill the memory."""
    with python('-c', REFUSED.format(scenes=str(Path(__file__).parents[1]))) as process:
        output, _ = process.communicate(timeout=30)
    assert re.search('shares [12]\n', output)
    assert output.endswith('ends with 1 shares 0\n')


READING = """
import os, signal, sys, time
from seg_ros.nodes import executables

class Reading:
    def find_spec(self, name, *_):
        if name.startswith('seg_ros.'):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(5)

sys.meta_path.insert(0, Reading())
executables.{name}()
"""


@pytest.mark.parametrize('name', ['segmentation', 'mapping', 'player'])
def test_a_node_whose_libraries_are_still_being_read_ends_without_a_word(name: str) -> None:
    with python('-c', READING.format(name=name)) as process:
        output, _ = process.communicate(timeout=30)
    assert (process.returncode, output) == (0, '')


@pytest.mark.parametrize('module', ['nodes.segmentation', 'nodes.player'])
@pytest.mark.parametrize(('text', 'words'), [
    ('segmentation: {ros__parameters: {max_rate: {5.0', "Not started: Couldn't parse params file"),
    (None, 'Error opening YAML file'),
])
def test_a_file_of_parameters_that_ros_cannot_read_ends_with_a_sentence(ros_domain: int, tmp_path: Path, module: str,
                                                                        text: str | None, words: str) -> None:
    file = tmp_path / 'robot.yaml'
    if text is not None:
        file.write_text(text)
    with python('-m', f'seg_ros.{module}', '--ros-args', '--params-file', str(file)) as process:
        output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert words in output
    assert str(file) in output
    assert 'Traceback' not in output


def test_words_before_those_for_ros_are_named(ros_domain: int) -> None:
    with python('-c', NODE, '-p', 'mode:=instance', '--ros-args', '-p', 'max_rate:=5.0') as process:
        output, _ = process.communicate(timeout=30)
    assert "'-p mode:=instance' sets no parameter: before --ros-args nothing does" in output


@pytest.mark.parametrize(('arguments', 'sentence'), [
    (['--no-such'], "Not started: ROS knows no argument '--no-such'"),
    (['-r', 'image:='], "rule: '-r image:='. Write it like -p max_rate:=5.0 or -r image:=/camera/image_raw"),
])
def test_an_argument_that_ros_does_not_know_is_named(ros_domain: int, arguments: list[str], sentence: str) -> None:
    with python('-m', 'seg_ros.nodes.segmentation', '--ros-args', *arguments) as process:
        output, _ = process.communicate(timeout=30)
    assert (process.returncode, sentence in output) == (1, True)
    assert 'error not set' not in output
