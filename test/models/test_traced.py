# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A network says the same without Python; from the second batch of a shape on its Python code does not run."""

from __future__ import annotations

import warnings

import pytest
import torch
from torch import Tensor, nn

from seg_ros.models.traced import MOST_SHAPES, Traced


class Counted(nn.Module):
    """A small network that counts how often its Python code runs."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 1))
        self.requires_grad_(False)
        self.runs = 0

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """Return features of two sizes."""
        self.runs += 1
        features = self.layers(images)
        return {'fine': features, 'coarse': features[..., ::2, ::2]}


def batches(count: int, *shape: int) -> list[Tensor]:
    """Return random images."""
    random = torch.Generator().manual_seed(0)
    return list(torch.rand(count, *shape, generator=random))


@torch.inference_mode()
def test_it_says_what_the_network_says_and_runs_its_python_code_twice() -> None:
    network = Counted()
    given = batches(6, 2, 3, 8, 12)
    expected = [network(one) for one in given]
    traced, network.runs = Traced(network), 0
    for one, features in zip(given, expected):
        said = traced(one)
        assert list(said) == ['fine', 'coarse']
        assert all(torch.equal(said[name], features[name]) for name in features)
    assert network.runs == 2  # at first, and to draw the graph


@torch.inference_mode()
def test_what_comes_once_draws_no_graph() -> None:
    network = Counted()
    traced = Traced(network)
    for height in range(4, 30):
        one = batches(1, 1, 3, height, 8)[0]
        assert torch.equal(traced(one)['fine'], network.layers(one))
    assert network.runs == 26


@torch.inference_mode()
def test_the_graphs_of_the_shapes_used_last_are_kept() -> None:
    network = Counted()
    traced = Traced(network)
    often, seldom, *others = [(1, 3, 8, 8 + 4 * k) for k in range(MOST_SHAPES + 1)]
    for shape in (often, seldom, *others):
        for one in batches(2, *shape):
            assert traced(one)['fine'].shape[-2:] == shape[-2:]
        traced(batches(1, *often)[0])
    network.runs = 0
    for shape in (*others, often):
        traced(batches(1, *shape)[0])
    assert network.runs == 0
    traced(batches(1, *seldom)[0])
    assert network.runs == 1  # it is new again


@torch.inference_mode()
def test_nothing_is_warned_of() -> None:
    traced = Traced(Counted())
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        for one in batches(3, 1, 3, 8, 8):
            traced(one)


@torch.inference_mode()
def test_a_network_that_fails_fails_each_time() -> None:
    traced = Traced(Counted())
    for one in batches(3, 1, 5, 8, 8):  # five channels
        with pytest.raises(RuntimeError, match='channels'):
            traced(one)
