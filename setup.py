# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The ament_python package seg_ros: what is installed, and where."""

from collections import defaultdict
from pathlib import Path

from setuptools import find_packages, setup

NAME = 'seg_ros'
SHARED = ('launch', 'config', 'recordings/room', 'recordings/rooms')


def share_files() -> list[tuple[str, list[str]]]:
    """Return every file under the shared folders, its sub-folders kept under share/seg_ros."""
    placed: dict[str, list[str]] = defaultdict(list)
    for root in SHARED:
        for path in sorted(Path(root).rglob('*')):
            if path.is_file() and '__pycache__' not in path.parts:
                placed[f'share/{NAME}/{path.parent.as_posix()}'].append(path.as_posix())
    return sorted(placed.items())


setup(
    name=NAME,
    version='0.1.0',
    packages=find_packages(include=[NAME, f'{NAME}.*']),
    package_data={NAME: ['py.typed', 'live/page/*']},
    data_files=[
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (f'share/{NAME}', ['package.xml', 'LICENSE', 'THIRD_PARTY_NOTICES']),
        *share_files(),
    ],
    python_requires='>=3.10',
    install_requires=[
        'setuptools',
        'numpy',
        'scipy',
        'PyYAML',
        'tqdm',
        'torch',
        'torchvision',
        'safetensors',
        'rich',
    ],
    extras_require={
        'test': ['pytest', 'pytest-timeout'],
        'lab': ['pycocotools', 'torchmetrics', 'motmetrics', 'matplotlib', 'pillow'],
        'bag': ['rosbags'],
        'map': ['rosbags', 'pyproj'],
        'hf': ['transformers', 'huggingface_hub'],
        'onnx': ['onnx', 'onnxruntime'],
    },
    zip_safe=False,
    maintainer='seg_ros maintainers',
    maintainer_email='seg_ros@users.noreply.github.com',
    description='Camera images in, label images and instance masks out: segmentation for ROS 2 robots.',
    license='Apache-2.0',
    entry_points={
        'console_scripts': [
            'segmentation = seg_ros.nodes.executables:segmentation',
            'mapping = seg_ros.nodes.executables:mapping',
            'player = seg_ros.nodes.executables:player',
            'seg_ros = seg_ros.cli.main:main',
        ],
    },
)
