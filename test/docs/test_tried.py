# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every command of the pages is run by a test, or named here as one that needs a robot or a machine to itself."""

from __future__ import annotations

from scenes.pages import ROOT, Command, pages

# The beginning of a command, the test that runs what it runs, and a word of that test.
RUN_BY = {
    'make demo': ('test/ci/test_make.py', "['demo']"),
    'make view': ('test/ci/test_make.py', "['view']"),
    'make setup': ('.ci/run', 'make setup'),
    'make lint': ('.ci/run', 'make lint'),
    'make test': ('.ci/run', 'make test'),
    'make colcon': ('.github/robot/test.sh', 'colcon test'),  # the same two words, where ROS 2 is installed
    'seg_ros demo': ('test/cli/test_demo.py', "'demo'"),
    'seg_ros view': ('test/cli/test_view.py', "'view'"),
    'seg_ros bench': ('test/cli/test_bench.py', "'bench'"),
    'seg_ros eval': ('test/cli/test_eval.py', "'eval'"),
    'seg_ros export': ('test/cli/test_export.py', "'export'"),
    'seg_ros frames': ('test/cli/test_predict.py', "'frames'"),
    'seg_ros label': ('test/cli/test_label.py', "'label'"),
    'seg_ros map': ('test/cli/test_map.py', "'map'"),
    'seg_ros models': ('test/cli/test_models.py', "'models'"),
    'seg_ros predict': ('test/cli/test_predict.py', "'predict'"),
    'seg_ros average': ('test/cli/test_average.py', "'average'"),
    'seg_ros pseudo': ('test/cli/test_pseudo.py', "'pseudo'"),
    'seg_ros taxonomy': ('test/cli/test_taxonomy.py', "'taxonomy'"),
    'seg_ros train': ('test/cli/test_train.py', "'train'"),
    'seg_ros': ('test/cli/test_main.py', "'--help'"),
    'ros2 launch seg_ros': ('test/launch_files/test_launch_files.py', 'launch'),  # where launch is installed
    'ros2 run seg_ros segmentation': ('test/nodes/test_segmentation_process.py', 'seg_ros.nodes.segmentation'),
    'ros2 run seg_ros mapping': ('test/nodes/test_mapping.py', 'MappingNode('),
    'ros2 run seg_ros player': ('test/player/test_player.py', 'player'),
    'ros2 run seg_ros seg_ros': ('test/cli/test_main.py', 'main('),
    'python docs/generate.py': ('test/contracts/test_parameters.py', 'generate'),
    'python run': ('test/docs/test_examples.py', 'run'),  # the info string of a block
}
ON_A_ROBOT = ('ros2 topic', 'ros2 service', 'ros2 param', 'ros2 lifecycle', 'ros2 pkg', 'ros2 bag',
              'ros2 run tf2_tools', 'ros2 run tf2_ros', 'ros2 run nav2_map_server', 'ros2 launch realsense2_camera',
              'python3 -c "import torch')
ON_A_MACHINE_TO_ITSELF = ('python benchmarks/', 'python3 benchmarks/', 'make recording', 'python docs/pictures.py')


def begins(command: Command, words: str) -> bool:
    """Whether a command is one of those that begin so."""
    program = command.words[0].rpartition('/')[2]
    typed = ' '.join([program, *(f'"{word}' if ' ' in word else word for word in command.words[1:])])
    return f'{typed} '.startswith(f'{words} ' if words[-1].isalnum() and '"' not in words else words)


COMMANDS = [command for page in pages() for command in page.commands]


def test_each_is_run_by_a_test_or_named() -> None:
    known = (*RUN_BY, *ON_A_ROBOT, *ON_A_MACHINE_TO_ITSELF)
    untried = [str(command) for command in COMMANDS if not any(begins(command, words) for words in known)]
    assert untried == [], 'run them in a test, or name them above with what they need'


def test_the_tests_are_there() -> None:
    assert [file for file, word in RUN_BY.values() if word not in (ROOT / file).read_text(encoding='utf-8')] == []


def test_what_is_named_is_still_on_a_page() -> None:
    named = (*RUN_BY, *ON_A_ROBOT)
    assert [words for words in named if not any(begins(command, words) for command in COMMANDS)] == []
