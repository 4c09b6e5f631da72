# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""ONNX files of convolutions, as published networks are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor


def file_of(path: Path, layers: Sequence[tuple[Tensor, Tensor]]) -> Path:
    """Write convolutions, given by kernel and bias, one behind the other."""
    import onnx

    nodes, tensors = [], []
    for k, layer in enumerate(layers):
        nodes.append(onnx.helper.make_node('Conv', [f'x{k}', f'w{k}', f'b{k}'], [f'x{k + 1}']))
        tensors += [onnx.numpy_helper.from_array(value.detach().numpy(), f'{name}{k}')
                    for name, value in zip('wb', layer, strict=True)]
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph(nodes, 'network', [], [], tensors)), path)
    return path
