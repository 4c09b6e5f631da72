# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What Blender knows of each pixel, written as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any


def write_passes(scene: Any, folder: Path, passes: Mapping[str, str]) -> None:
    """
    Let the compositor write passes into EXR files, beside the picture.

    :param passes: a pass of Blender's for each name of a file; depth and numbers of things among them.
    """
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_object_index = True
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers, output = tree.nodes.new('CompositorNodeRLayers'), tree.nodes.new('CompositorNodeOutputFile')
    output.base_path = str(folder)
    output.format.file_format, output.format.color_depth, output.format.color_mode = 'OPEN_EXR', '32', 'RGB'
    output.file_slots.clear()
    for slot, name in passes.items():
        output.file_slots.new(slot)
        tree.links.new(layers.outputs[name], output.inputs[slot])
    composite = tree.nodes.new('CompositorNodeComposite')
    tree.links.new(layers.outputs['Image'], composite.inputs['Image'])
