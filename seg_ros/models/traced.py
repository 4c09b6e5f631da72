# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A network that runs without Python, so that no other thread of the process holds it up between two layers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.jit import optimized_execution  # type: ignore[attr-defined]

MOST_SHAPES = 8
"""Of so many shapes, those used last, graphs are kept. Each takes some megabytes; cameras of one size share batches."""

WARM_UP = 3
"""So often a network runs on a GPU before its kernels are recorded."""


class Traced(nn.Module):
    """
    Runs a network of one input; from the second batch of a shape on as a graph of TorchScript, on a GPU of CUDA.

    The layers, their order and their weights are the same, and so is what they give. From Python each layer takes the
    interpreter's lock, which threads that receive and publish images hold meanwhile; and a GPU is done with many a
    layer before the next one is issued.

    :param network: what it gives may depend on values of its input, which layers it runs may not.
    """

    def __init__(self, network: Callable[[Tensor], Any]) -> None:
        super().__init__()
        self._network = network
        self._graphs: dict[torch.Size, Callable[[Tensor], Any] | None] = {}
        self._memory: Any = None

    def forward(self, batch: Tensor) -> Any:
        """Return what the network gives for a batch; called in inference mode."""
        if batch.shape not in self._graphs:
            if len(self._graphs) == MOST_SHAPES:
                del self._graphs[next(iter(self._graphs))]
            self._graphs[batch.shape] = None  # what comes once, a folder of pictures say, is not worth a graph
            return self._network(batch)
        graph = self._graphs[batch.shape] = self._graphs.pop(batch.shape) or self._graph_of(batch)
        with optimized_execution(False):  # it would rewrite the first ones, slowly
            return graph(batch)

    def _graph_of(self, batch: Tensor) -> Callable[[Tensor], Any]:
        if not batch.is_cuda:
            return _drawn(self._network, batch)
        self._memory = self._memory or torch.cuda.graph_pool_handle()  # they never run at once and share it
        return _recorded(self._network, batch, self._memory)


def _drawn(network: Callable[[Tensor], Any], batch: Tensor) -> Callable[[Tensor], Any]:
    """
    Return what a network does with a batch as a graph, which goes with the last who holds it.

    What ``torch.jit.trace`` draws stays, with the weights in it, until the process ends: it lies in a unit of all.
    """
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', torch.jit.TracerWarning)  # type: ignore[attr-defined]  # shapes are fixed
        graph, _ = torch._C._create_graph_by_tracing(network, (batch,), lambda _: '', False, False)
    drawn: Callable[[Tensor], Any] = torch._C.CompilationUnit().create_function('network', graph, False)
    return drawn


def _recorded(network: Callable[[Tensor], Any], batch: Tensor, memory: Any) -> Callable[[Tensor], Any]:
    """Return the kernels that a network has a GPU run on a batch, recorded, as a function that starts them at once."""
    on = batch.device  # which need not be the first GPU
    shown, here, aside = batch.clone(), torch.cuda.current_stream(on), torch.cuda.Stream(on)
    aside.wait_stream(here)
    with torch.cuda.stream(aside):  # libraries choose their kernels at first
        for _ in range(WARM_UP):
            network(shown)
    here.wait_stream(aside)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.device(on), torch.cuda.graph(graph, memory, aside, capture_error_mode='thread_local'):
        given = network(shown)  # other threads go on using the GPU

    def replayed(batch: Tensor) -> Any:
        shown.copy_(batch)
        graph.replay()  # writes into what was given
        return {name: one.clone() for name, one in given.items()} if isinstance(given, dict) else given.clone()

    return replayed
