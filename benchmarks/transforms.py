# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""
What a robot's transforms cost the node: the age of ``~/objects`` and the processor, without and with TF at 200 Hz.

Method: the player plays the bundled drive with its depth and its own transforms; the node finds objects and gives
them in ``odom``, which it asks TF for at every image. Beside it a process publishes the joints of an arm, frames that
nobody asks for, on ``/tf``; it is stopped and goes on in turn while node and player run, so that both blocks of a
round are of the same process at nearly the same time. That process takes processor time of its own: with
``--elsewhere`` it publishes on ``/tf_of_others``, which the node does not hear, and what is left of the difference is
the machine's. Age is from the stamp of an image to the arrival of its objects; CPU is of the node, on all cores.
"""

from __future__ import annotations

import os
import signal
import time
from statistics import median

from node import measured
from stand import HERE, Listener, Stand, counted, parser_of, stand, write
from vision_msgs.msg import Detection3DArray

from seg_ros.live.processes import NodeProcess

RECORDING = HERE.parent / 'recordings' / 'room'
SETTLE_S = 1.0
ARM = """
import sys, time, rclpy
from geometry_msgs.msg import TransformStamped
from tf2_msgs.msg import TFMessage
topic, rate_hz, joints = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
rclpy.init()
node = rclpy.create_node('arm')
publisher, message = node.create_publisher(TFMessage, topic, 100), TFMessage()
for k in range(joints):
    joint = TransformStamped(child_frame_id=f'arm_{k + 1}')
    joint.header.frame_id, joint.transform.rotation.w = f'arm_{k}', 1.0
    message.transforms.append(joint)
while True:
    stamp = node.get_clock().now().to_msg()
    for joint in message.transforms:
        joint.header.stamp = stamp
    publisher.publish(message)
    time.sleep(1.0 / rate_hz)
"""


def main() -> None:
    """Print the table."""
    parser = parser_of(__doc__, seconds=6.0, rounds=4)
    parser.add_argument('--rate', type=float, default=4.0, help='of the images, in Hz')
    parser.add_argument('--tf-rate', type=float, default=200.0, help='of the transforms, in Hz')
    parser.add_argument('--joints', type=int, default=10, help='transforms in each message')
    parser.add_argument('--elsewhere', action='store_true', help='on a topic that the node does not hear')
    options = parser.parse_args()
    topic = '/tf_of_others' if options.elsewhere else '/tf'
    with stand() as here, _played(here, options.rate), \
            here.child('arm', ['-c', ARM, topic, str(options.tf_rate), str(options.joints)]) as arm, \
            here.node({'mode': 'instance', 'target_frame': 'odom', 'cpu_threads': options.threads}) as node, \
            Listener({'/segmentation/objects': Detection3DArray}, here.domain) as listener:
        listener.wait_for_answers(5)
        rounds = [{word: _block(arm.pid, sign, node.pid, listener, options.seconds) for word, sign in (
            ('quiet', signal.SIGSTOP), ('busy', signal.SIGCONT))} for _ in range(options.rounds)]
    print(f'images at {options.rate:g} Hz; {counted(options.rounds)} of twice {options.seconds:g} s')
    print(f'{"":<42} {"rate Hz":>8} {"p50 ms":>8} {"p95 ms":>8} {"CPU ms":>8}')
    rows = []
    for word, words in (('quiet', 'the transforms of the drive'), ('busy', f'and {options.joints} at '
                                                                   f'{options.tf_rate:g} Hz on {topic}')):
        row = {name: median(one[word][name] for one in rounds) for name in rounds[0][word]}
        print(f'{words:<42} {row["rate_hz"]:8.1f} {row["p50_ms"]:8.0f} {row["p95_ms"]:8.0f} {row["cpu_ms"]:8.0f}')
        rows.append({'transforms': word, **row})
    more = {name: median(one['busy'][name] - one['quiet'][name] for one in rounds) for name in ('p50_ms', 'cpu_ms')}
    print(f'{"of a round, the second less the first":<42} {"":8} {more["p50_ms"]:8.0f} {"":8} {more["cpu_ms"]:8.0f}')
    write(options.json, rows)


def _played(here: Stand, rate_hz: float) -> NodeProcess:
    words = ('-p', f'source:={RECORDING}', '-p', f'rate:={rate_hz}', '-p', 'loop:=true')
    return NodeProcess('player', words, here.environment, here.log('player'))


def _block(arm: int, sign: signal.Signals, node: int, listener: Listener, seconds: float) -> dict[str, float]:
    os.kill(arm, sign)
    time.sleep(SETTLE_S)
    return measured(node, listener, seconds)


if __name__ == '__main__':
    main()
