# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Published networks that are files in ONNX: their weights, in the order in which they are used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from seg_ros.errors import ModelError
from seg_ros.models.libraries import needing


def convolutions(path: Path) -> Iterator[tuple[Tensor, Tensor]]:
    """
    Yield the kernel and the bias of each convolution of a file, in its order.

    :raises ModelError: when onnx is not installed, or the file is missing or damaged.
    """
    with needing('onnx'):
        import onnx
    try:
        graph = onnx.load(path).graph
    except Exception as error:  # of a missing or damaged file onnx says so in its own and in protobuf's exceptions
        raise ModelError(f'{path} cannot be read as an ONNX file ({error})', 'copy it again') from error
    tensors = {one.name: torch.from_numpy(onnx.numpy_helper.to_array(one).copy()) for one in graph.initializer}
    for node in graph.node:
        if node.op_type == 'Conv':
            yield tensors[node.input[1]], tensors[node.input[2]]
