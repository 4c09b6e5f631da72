"""The vision_msgs bindings carry the real package's types, over a real middleware."""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SOURCE = Path(__file__).parents[2] / 'interfaces' / 'vision_msgs'
MESSAGES = sorted(path.stem for path in (SOURCE / 'msg').glob('*.msg'))

# As ROS Jazzy's own vision_msgs 4 reports them: equal hashes mean the same type on the wire.
PUBLISHED_HASHES = {
    'Detection2DArray': 'RIHS01_214274120007f4a683866481336b70310268cfa107aebe9d594a6acf75bda968',
    'Detection3DArray': 'RIHS01_793f5eab9595ac1c0da07873cc859db42eae51f0ee76056db8562515d830e018',
    'LabelInfo': 'RIHS01_3d37df4015cdf660cc851c51897f2acd957e1ca6205ba0a99aebffb9406b0783',
    'VisionClass': 'RIHS01_1e4a11f0fed50b5623cb8ff26ca0e37952a48a9c074d16f804b44e9164c2037a',
}


@pytest.fixture
def builder(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """Import the module of the build backend that looks for the compilers."""
    monkeypatch.syspath_prepend(str(SOURCE))
    yield importlib.import_module('builder.compile')
    for name in [name for name in sys.modules if name.partition('.')[0] == 'builder']:
        del sys.modules[name]


@pytest.fixture
def node(ros_context: Any) -> Iterator[Any]:
    """Make a node alone in its ROS domain."""
    pytest.importorskip('vision_msgs.msg')
    node = importlib.import_module('rclpy').create_node('test_vision_msgs', context=ros_context)
    yield node
    node.destroy_node()


def installed_hash(message: str) -> str:
    """Read a type's hash from the description installed beside the bindings, wherever they came from."""
    vision_msgs = pytest.importorskip('vision_msgs')
    relative = Path('share', 'vision_msgs', 'msg', f'{message}.json')
    for folder in Path(vision_msgs.__file__).parents:
        if (folder / relative).is_file():
            hashes = json.loads((folder / relative).read_text(encoding='utf-8'))['type_hashes']
            return str({row['type_name']: row['hash_string'] for row in hashes}[f'vision_msgs/msg/{message}'])
    pytest.skip('this vision_msgs has no type hashes: it is older than ROS Iron')


def exchange(node: Any, sent: Any, qos: Any, *, subscribe_late: bool = False) -> Any:
    """Publish a message and return what a subscription of the same node receives."""
    rclpy = importlib.import_module('rclpy')
    executor = rclpy.executors.SingleThreadedExecutor(context=node.context)
    executor.add_node(node)
    received: list[Any] = []
    publisher = node.create_publisher(type(sent), 'sent', qos)
    if subscribe_late:
        publisher.publish(sent)
    node.create_subscription(type(sent), 'sent', received.append, qos)
    deadline = time.monotonic() + 20.0
    while not received and time.monotonic() < deadline:
        if not subscribe_late:
            publisher.publish(sent)
        executor.spin_once(timeout_sec=0.1)
    executor.shutdown()
    assert received, 'nothing arrived within 20 s'
    return received[0]


@pytest.mark.parametrize('message', PUBLISHED_HASHES)
def test_installed_types_are_the_real_ones(message: str) -> None:
    """Whoever built them, the installed bindings speak with every other vision_msgs 4."""
    assert installed_hash(message) == PUBLISHED_HASHES[message]


@pytest.mark.parametrize('message', PUBLISHED_HASHES)
def test_middleware_announces_the_real_types(node: Any, message: str) -> None:
    """The hash compiled into the type support is the one discovery compares."""
    message_class = getattr(importlib.import_module('vision_msgs.msg'), message)
    publisher = node.create_publisher(message_class, 'typed', 1)
    info = node.get_publishers_info_by_topic(publisher.topic_name)[0]
    if not hasattr(info, 'topic_type_hash'):
        pytest.skip('this rclpy does not report type hashes: it is older than ROS Iron')
    assert str(info.topic_type_hash) == PUBLISHED_HASHES[message]


@pytest.mark.parametrize('message', MESSAGES)
def test_rosbags_computes_the_installed_hashes(message: str) -> None:
    """An independent reading of our .msg files gives the hash that is installed."""
    typesys = pytest.importorskip('rosbags.typesys')
    store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    for name in MESSAGES:
        text = (SOURCE / 'msg' / f'{name}.msg').read_text(encoding='utf-8')
        store.register(typesys.get_types_from_msg(text, f'vision_msgs/msg/{name}'))
    assert store.hash_rihs01(f'vision_msgs/msg/{message}') == installed_hash(message)


def test_detections_survive_the_wire(node: Any) -> None:
    """Every field of a filled Detection2DArray arrives as it was sent."""
    from vision_msgs.msg import Detection2D, Detection2DArray, ObjectHypothesisWithPose

    hypothesis = ObjectHypothesisWithPose()
    hypothesis.hypothesis.class_id = 'chair'
    hypothesis.hypothesis.score = 0.875
    detection = Detection2D(id='7', results=[hypothesis])
    detection.bbox.center.position.x = 320.5
    detection.bbox.center.position.y = 240.25
    detection.bbox.center.theta = 0.5
    detection.bbox.size_x = 64.0
    detection.bbox.size_y = 48.0
    sent = Detection2DArray(detections=[detection])
    sent.header.frame_id = 'camera'
    sent.header.stamp.sec = 12

    received = exchange(node, sent, 1)

    assert received == sent
    assert received.detections[0].results[0].hypothesis.class_id == 'chair'
    assert received.detections[0].bbox.center.position.x == 320.5


def test_boxes_survive_the_wire(node: Any) -> None:
    """A Detection3DArray arrives as it was sent, with the pose and size of its box."""
    from vision_msgs.msg import Detection3D, Detection3DArray

    detection = Detection3D(id='7')
    detection.bbox.center.position.z = 1.5
    detection.bbox.size.x = 0.25
    sent = Detection3DArray(detections=[detection])

    received = exchange(node, sent, 1)

    assert received == sent
    assert received.detections[0].bbox.center.position.z == 1.5


def test_late_subscriber_gets_latched_label_info(node: Any) -> None:
    """A LabelInfo published before anybody listens still arrives, as costmap layers expect."""
    from vision_msgs.msg import LabelInfo, VisionClass

    qos = pytest.importorskip('rclpy.qos')
    sent = LabelInfo(class_map=[VisionClass(class_id=3, class_name='floor')], threshold=0.5)
    latched = qos.QoSProfile(
        depth=1,
        reliability=qos.ReliabilityPolicy.RELIABLE,
        durability=qos.DurabilityPolicy.TRANSIENT_LOCAL,
    )

    assert exchange(node, sent, latched, subscribe_late=True) == sent


def test_missing_compiler_says_what_to_type(builder: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without gcc the build stops with the remedy, not with a traceback from a subprocess."""
    monkeypatch.setenv('PATH', '')
    monkeypatch.delenv('CC', raising=False)
    with pytest.raises(builder.MissingToolError) as caught:
        builder.find_compilers()
    assert str(caught.value) == (
        'Cannot build the message bindings: the C compiler gcc is not on PATH. '
        'Type: sudo apt install gcc (or name another one in CC)'
    )


def test_missing_python_headers_say_what_to_type(builder: ModuleType, tmp_path: Path) -> None:
    """Without Python.h the remedy names the package of the running Python."""
    python = f'python{sys.version_info.major}.{sys.version_info.minor}'
    with pytest.raises(builder.MissingToolError, match=rf'no Python\.h.*sudo apt install {python}-dev'):
        builder.find_python_headers(tmp_path)


def test_missing_generator_says_what_to_type(builder: ModuleType) -> None:
    """Without the ROS wheels the remedy names them."""
    prefix = importlib.import_module('builder.prefix')
    with pytest.raises(builder.MissingToolError, match=r'rosidl_absent .*pip install ros-jazzy-std-msgs'):
        prefix.import_generator('rosidl_absent')
