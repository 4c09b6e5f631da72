# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What Nav2 reads is there, byte for byte, and what config/nav2 says exists."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray
from rclpy.context import Context
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from scenes.floor_error import floor_range_error
from scenes.graph import Graph, until
from scenes.raycast import FLOOR, OBJECT, WALL, Scene, Solid, View, seen
from scenes.rgbd import DepthCamera, true_models
from scenes.scripted import INDOOR
from scenes.semantic_layer import LETHAL, RESOLUTION_M, SemanticLayer
from sensor_msgs.msg import Image, LaserScan, PointCloud2, PointField
from vision_msgs.msg import LabelInfo

from seg_ros.labels.taxonomy import Role
from seg_ros.nodes.outputs import OUTPUTS
from seg_ros.settings import Settings

NAV2 = Path(__file__).parents[2] / 'config' / 'nav2'
PRESETS = {path.stem: yaml.safe_load(path.read_text(encoding='utf-8')) for path in sorted(NAV2.glob('*.yaml'))}
KINDS = {output.name: output.kind for output in OUTPUTS} | {'label_info': LabelInfo}

# Parameters as nav2_costmap_2d (Humble to Rolling), nav2_collision_monitor and
# ros-navigation/semantic_segmentation_layer declare them.
LAYER = {'plugin', 'enabled', 'observation_sources', 'footprint_clearing_enabled', 'max_obstacle_height'}
SOURCE = {'topic', 'data_type', 'marking', 'clearing', 'min_obstacle_height', 'max_obstacle_height',
          'obstacle_max_range', 'obstacle_min_range', 'raytrace_max_range', 'raytrace_min_range',
          'observation_persistence', 'expected_update_rate', 'inf_is_valid'}
VOXEL = LAYER | {'origin_z', 'z_resolution', 'z_voxels', 'mark_threshold', 'publish_voxel_map'}
SEMANTIC = {'segmentation_topic', 'confidence_topic', 'labels_topic', 'pointcloud_topic', 'observation_persistence',
            'expected_update_rate', 'use_cost_selection', 'max_obstacle_distance', 'min_obstacle_distance',
            'tile_map_decay_time', 'visualize_tile_map', 'class_types'}
CLASS_TYPE = {'classes', 'base_cost', 'max_cost', 'mark_confidence', 'samples_to_max_cost', 'dominant_priority'}
MONITOR = {'base_frame_id', 'odom_frame_id', 'cmd_vel_in_topic', 'cmd_vel_out_topic', 'transform_tolerance',
           'source_timeout', 'stop_pub_timeout', 'polygons', 'observation_sources'}
POLYGON = {'type', 'points', 'action_type', 'min_points', 'slowdown_ratio', 'visualize'}
MONITOR_SOURCE = {'type', 'topic', 'min_height', 'max_height', 'enabled'}
LAYERS = {'nav2_costmap_2d::ObstacleLayer': LAYER, 'nav2_costmap_2d::VoxelLayer': VOXEL,
          'semantic_segmentation_layer::SemanticSegmentationLayer': LAYER}

# As the layer subscribes: rmw_qos_profile_sensor_data, and for the labels keep all, reliable, transient local.
SENSOR = QoSProfile(depth=5, reliability=ReliabilityPolicy.BEST_EFFORT)
LABELS = QoSProfile(history=HistoryPolicy.KEEP_ALL, reliability=ReliabilityPolicy.RELIABLE,
                    durability=DurabilityPolicy.TRANSIENT_LOCAL)


def sources() -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Yield each observation source of a costmap layer: its name, itself, its layer."""
    for table in PRESETS.values():
        if 'local_costmap' in table:
            costmap = table['local_costmap']['local_costmap']['ros__parameters']
            layer = costmap[costmap['plugins'][0]]
            for name in layer['observation_sources'].split():
                yield name, layer[name], layer


def topics_of(table: Any) -> Iterator[str]:
    """Yield every topic of the node a file names."""
    for value in table.values() if isinstance(table, dict) else ():
        if isinstance(value, str) and value.startswith('/segmentation/'):
            yield value.removeprefix('/segmentation/')
        yield from topics_of(value)


def test_each_file_is_checked() -> None:
    assert set(PRESETS) == {'obstacle_layer', 'voxel_layer', 'collision_monitor', 'semantic_layer', 'scan'}
    assert all(set(topics_of(table)) and set(topics_of(table)) <= KINDS.keys() for table in PRESETS.values())


def test_layers_have_only_parameters_that_exist() -> None:
    for name, source, layer in sources():
        others = set(layer['observation_sources'].split())
        assert layer.keys() - others <= LAYERS[layer['plugin']], name
        if 'class_types' not in source:
            assert source.keys() <= SOURCE, name


def test_marking_obstacles_pass_and_ground_clears() -> None:
    limits, seen_names = Settings(), []
    for name, source, _ in sources():
        if 'class_types' in source:
            continue
        seen_names.append(name)
        topic = source['topic'].removeprefix('/segmentation/')
        assert KINDS[topic].__name__ == source['data_type']
        assert source['max_obstacle_height'] > limits.max_height_m  # 0.0, the default, lets nothing pass
        assert source['expected_update_rate'] > 0
        expected = {'obstacles': (True, False), 'ground': (False, True), 'scan': (True, True)}[topic]
        assert (source['marking'], source['clearing']) == expected
        if source['clearing'] and topic == 'ground':
            assert source['raytrace_max_range'] >= limits.max_range_m
    assert sorted(seen_names) == ['seg_ground', 'seg_ground', 'seg_obstacles', 'seg_obstacles', 'seg_scan']


def test_the_collision_monitor_is_whole() -> None:
    monitor = PRESETS['collision_monitor']['collision_monitor']['ros__parameters']
    named = {*monitor['polygons'], *monitor['observation_sources']}
    assert monitor.keys() == MONITOR | named
    for name in monitor['polygons']:
        assert monitor[name].keys() <= POLYGON
        assert len(yaml.safe_load(monitor[name]['points'])) >= 3
    for name in monitor['observation_sources']:
        assert monitor[name].keys() == MONITOR_SOURCE
        assert (monitor[name]['type'], KINDS[monitor[name]['topic'].removeprefix('/segmentation/')]) == (
            'pointcloud', PointCloud2)


def test_the_semantic_layer_knows_each_class_of_the_robot_by_its_role() -> None:
    camera = next(source for _, source, _ in sources() if 'class_types' in source)
    assert camera.keys() == SEMANTIC | set(camera['class_types'])
    assert all(camera[kind].keys() == CLASS_TYPE for kind in camera['class_types'])
    for kind, role in (('traversable', Role.TRAVERSABLE), ('danger', Role.OBSTACLE)):
        assert camera[kind]['classes'] == [c.name for c in INDOOR.classes if c.role is role]
    assert camera['traversable']['max_cost'] < camera['danger']['base_cost'] <= 254
    assert [KINDS[camera[f'{key}_topic'].removeprefix('/segmentation/')] for key in (
        'segmentation', 'confidence', 'labels', 'pointcloud')] == [Image, Image, LabelInfo, PointCloud2]
    assert camera['use_cost_selection']  # what depth alone shows has no confidence


def test_the_whole_robot_of_the_documentation_has_the_shipped_files() -> None:
    page = (NAV2.parents[1] / 'docs' / 'how_to' / 'nav2_robot.md').read_text(encoding='utf-8')
    pasted = yaml.safe_load(page.partition('```yaml\n')[2].partition('```')[0])
    own, shipped = (table['local_costmap']['local_costmap']['ros__parameters']
                    for table in (pasted, PRESETS['obstacle_layer']))
    assert own['obstacle_layer'] == shipped['obstacle_layer']
    assert own['plugins'] == shipped['plugins']
    assert pasted['collision_monitor'] == PRESETS['collision_monitor']['collision_monitor']
    script = page.partition('```python\n')[2].partition('```')[0]
    given = re.findall(r"(\w+)=f?'", script.partition('navigation.launch.py')[2].partition('),\n')[0])
    offered = (NAV2.parents[1] / 'launch' / 'segmentation.launch.py').read_text(encoding='utf-8')
    assert given == ['image', 'camera_info', 'depth', 'base_frame', 'respawn']
    assert all(f"DeclareLaunchArgument('{name}'" in offered for name in given)
    compile(script, 'nav2_robot.launch.py', 'exec')


def test_the_documented_errors_are_the_derived_ones() -> None:
    page = (NAV2.parents[1] / 'docs' / 'navigation.md').read_text(encoding='utf-8')
    for words, edge_px, pitch_deg in (('one pixel', 1.0, 0.0), ('one degree of pitch', 0.0, 1.0)):
        errors = [floor_range_error(r, 0.5, focal_px=520, edge_px=edge_px, pitch_error_rad=math.radians(pitch_deg))
                  for r in (1, 2, 3, 5)]
        assert f'| {words} | {" | ".join(f"{e:.3f} m" for e in errors)} |' in page
    assert all(f'config/nav2/{name}.yaml' in page for name in PRESETS)


VIEW = seen(Scene((Solid(1.8, 0.3, (0.3, 0.2, 0.25)), Solid(3.6, 0.0, (0.2, 2.5, 2.5), label=WALL)), 1.0,
                  math.radians(25)))


def tile_of(x: float, y: float) -> tuple[int, int]:
    return int(x // RESOLUTION_M), int(y // RESOLUTION_M)


def key_of(message: Any) -> tuple[int, int]:
    return message.header.stamp.sec, message.header.stamp.nanosec


def floats_of(cloud: PointCloud2, name: str) -> NDArray[np.float32]:
    """Return a column of a cloud as sensor_msgs::PointCloud2ConstIterator<float> walks along it."""
    field = next(f for f in cloud.fields if f.name == name)
    assert (field.datatype, cloud.is_bigendian) == (PointField.FLOAT32, False)
    return np.ndarray((cloud.width * cloud.height,), '<f4', bytes(cloud.data), field.offset, (cloud.point_step,))


def trio(graph: Graph, view: View = VIEW) -> tuple[LabelInfo, Image, Image, PointCloud2]:
    """Return the labels, and mask, confidence and cloud of exactly one stamp, subscribed to as the layer does."""
    labels = graph.listen('/segmentation/label_info', LabelInfo, LABELS)
    source = next(one for _, one, _ in sources() if 'class_types' in one)
    heard = {name: graph.listen(source[f'{name}_topic'], kind, SENSOR)
             for name, kind in (('segmentation', Image), ('confidence', Image), ('pointcloud', PointCloud2))}
    camera = DepthCamera(graph, view)
    camera.until_answered(heard['pointcloud'])

    def matched() -> list[Any] | None:
        by_stamp = [{key_of(m): m for m in messages} for messages in heard.values()]
        stamps = set.intersection(*(set(one) for one in by_stamp))
        return [one[max(stamps)] for one in by_stamp] if stamps else None
    mask, confidence, cloud = until(matched, 'mask, confidence and cloud of no stamp came together')
    return until(lambda: labels, 'no labels')[-1], mask, confidence, cloud


@pytest.mark.parametrize('size', ['', '424x240'])
def test_the_layer_finds_floor_and_obstacles_where_they_are(ros_context: Context, size: str) -> None:
    """By the layer's own rule, over the bytes of the messages."""
    with Graph(ros_context, {'output_size': size}, true_models(VIEW)) as graph:
        info, mask, confidence, cloud = trio(graph)
    assert mask.width * mask.height == cloud.width * cloud.height == len(mask.data) == len(confidence.data)
    assert mask.header == confidence.header == cloud.header
    points = np.stack([floats_of(cloud, axis) for axis in 'xyz'], -1)
    data, sure = np.frombuffer(bytes(mask.data), np.uint8), np.frombuffer(bytes(confidence.data), np.uint8)
    layer = SemanticLayer({word.class_id: word.class_name for word in info.class_map})
    layer.buffer(VIEW.scene.world(points.astype(np.float64)), np.array([0.0, 0.0, VIEW.scene.camera_height_m]), data,
                 sure, 1.0)
    layer.update(1.0)
    box = {tile_of(x, y) for x in (1.72, 1.77, 1.82, 1.87) for y in (0.27, 0.32)}  # its inside
    assert {layer.costs[tile] for tile in box} == {LETHAL}
    free = {tile for tile in layer.costs if 1.2 < tile[0] * RESOLUTION_M < 1.5}
    assert len(free) > 50
    assert {layer.costs[tile] for tile in free} == {0}
    assert (sure[data == 255] == 0).all()
    assert {int(k) for k in np.unique(data)} <= {FLOOR, WALL, OBJECT, 255}


@pytest.mark.parametrize('called', [FLOOR, 255], ids=['called floor', 'without a class'])
def test_the_layer_marks_what_depth_alone_shows(ros_context: Context, called: int) -> None:
    """A bench whose label is wrong or missing is lethal, as it is in ~/obstacles; the floor before it stays free."""
    bench = seen(Scene((Solid(2.0, 0.0, (0.6, 1.2, 0.6), label=called),), 1.4, math.radians(30)))
    with Graph(ros_context, {'output_size': '424x240'}, true_models(bench)) as graph:
        info, mask, confidence, cloud = trio(graph, bench)
    points = np.stack([floats_of(cloud, axis) for axis in 'xyz'], -1)
    data, sure = np.frombuffer(bytes(mask.data), np.uint8), np.frombuffer(bytes(confidence.data), np.uint8)
    layer = SemanticLayer({word.class_id: word.class_name for word in info.class_map})
    layer.buffer(bench.scene.world(points.astype(np.float64)), np.array([0.0, 0.0, 1.4]), data, sure, 1.0)
    layer.update(1.0)
    top = {tile for tile in layer.costs if 36 < tile[0] < 44 and -9 < tile[1] < 9}  # its inside
    before = {tile for tile in layer.costs if tile[0] < 33}
    assert len(top) > 80 and len(before) > 50
    assert {layer.costs[tile] for tile in top} == {LETHAL}
    assert {layer.costs[tile] for tile in before} == {0}


def test_a_costmap_source_meets_the_publishers(ros_context: Context) -> None:
    """Best effort, as ObservationBuffer subscribes; free ways of the scan are +inf, unseen ones NaN."""
    with Graph(ros_context, {}, true_models(VIEW)) as graph:
        heard = {name: graph.listen(f'/segmentation/{name}', kind, SENSOR) for name, kind in (
            ('obstacles', PointCloud2), ('ground', PointCloud2), ('scan', LaserScan))}
        camera = DepthCamera(graph, VIEW)
        for messages in heard.values():
            camera.until_answered(messages)
    for name in ('obstacles', 'ground'):
        cloud = heard[name][-1]
        assert cloud.header.frame_id == 'camera'
        assert cloud.width > 100
        assert all(np.isfinite(floats_of(cloud, axis)).all() for axis in 'xyz')
    ranges = np.array(heard['scan'][-1].ranges)
    assert np.isposinf(ranges).any()
    assert np.isfinite(ranges).any()
    assert not (ranges[np.isfinite(ranges)] > heard['scan'][-1].range_max).any()
