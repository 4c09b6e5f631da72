# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A network says the same without Python; from the second batch of a shape on its Python code does not run."""

from __future__ import annotations

import gc
import warnings
import weakref
from threading import Event, Thread

import pytest
import torch
from torch import Tensor, nn

from seg_ros.models.traced import MOST_SHAPES, WARM_UP, Traced

DEVICES = ['cpu', *(['cuda'] if torch.cuda.is_available() else [])]


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


@pytest.fixture(params=DEVICES)
def network(request: pytest.FixtureRequest) -> Counted:
    return Counted().to(request.param)


def batches(network: Counted, count: int, *shape: int) -> list[Tensor]:
    """Return random images where a network is."""
    random = torch.Generator().manual_seed(0)
    return list(torch.rand(count, *shape, generator=random).to(next(network.parameters()).device))


@torch.inference_mode()
def test_it_says_what_the_network_says_and_soon_its_python_code_runs_no_more(network: Counted) -> None:
    given = batches(network, 6, 2, 3, 8, 12)
    expected = [network(one) for one in given]
    traced, network.runs = Traced(network), 0
    for one, features in zip(given, expected):
        said = traced(one)
        assert list(said) == ['fine', 'coarse']
        assert all(torch.equal(said[name], features[name]) for name in features)
    assert network.runs == 2 + (WARM_UP if given[0].is_cuda else 0)  # at first, and to draw or record the graph


@torch.inference_mode()
def test_what_was_said_of_one_image_stays_when_the_next_comes(network: Counted) -> None:
    traced = Traced(network)
    given = batches(network, 4, 1, 3, 8, 8)
    said = [traced(one) for one in given]
    assert all(torch.equal(one['coarse'], network(image)['coarse']) for one, image in zip(said, given))
    assert all(torch.equal(image, again) for image, again in zip(given, batches(network, 4, 1, 3, 8, 8)))


@pytest.mark.skipif('cuda' not in DEVICES, reason='torch finds no GPU')
@torch.inference_mode()
def test_kernels_are_recorded_while_another_thread_uses_the_gpu() -> None:
    over, sums = Event(), []

    def use() -> None:
        while not over.is_set():
            sums.append(float(torch.ones(64, 64, device='cuda').matmul(torch.ones(64, 64, device='cuda')).sum().cpu()))

    thread = Thread(target=use)
    thread.start()
    try:
        for height in range(8, 28, 2):
            network = Counted().to('cuda')
            traced = Traced(network)
            for one in batches(network, 3, 1, 3, height, 8):
                assert torch.equal(traced(one)['fine'], network.layers(one))
    finally:
        over.set()
        thread.join()
    assert set(sums) == {64.0 ** 3}


@torch.inference_mode()
def test_what_comes_once_draws_no_graph(network: Counted) -> None:
    traced = Traced(network)
    for height in range(4, 30):
        one = batches(network, 1, 1, 3, height, 8)[0]
        assert torch.equal(traced(one)['fine'], network.layers(one))
    assert network.runs == 26


@torch.inference_mode()
def test_the_graphs_of_the_shapes_used_last_are_kept(network: Counted) -> None:
    traced = Traced(network)
    often, seldom, *others = [(1, 3, 8, 8 + 4 * k) for k in range(MOST_SHAPES + 1)]
    for shape in (often, seldom, *others):
        for one in batches(network, 2, *shape):
            assert traced(one)['fine'].shape[-2:] == shape[-2:]
        traced(batches(network, 1, *often)[0])
    network.runs = 0
    for shape in (*others, often):
        traced(batches(network, 1, *shape)[0])
    assert network.runs == 0
    traced(batches(network, 1, *seldom)[0])
    assert network.runs == 1  # it is new again


@pytest.mark.parametrize('device', DEVICES)
@torch.inference_mode()
def test_nothing_of_a_network_that_is_gone_stays_in_memory(device: str) -> None:
    """What torch.jit.trace draws stays for ever, and its weights in it: a switch of modes would cost a model each."""
    network = Counted().to(device)
    traced = Traced(network)
    for one in batches(network, 3, 1, 3, 8, 8):
        traced(one)
    weights = weakref.ref(next(network.parameters()))
    assert weights() is not None
    del network, traced
    gc.collect()
    assert weights() is None


@torch.inference_mode()
def test_nothing_is_warned_of(network: Counted) -> None:
    traced = Traced(network)
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        for one in batches(network, 3, 1, 3, 8, 8):
            traced(one)


@torch.inference_mode()
def test_a_network_that_fails_fails_each_time(network: Counted) -> None:
    traced = Traced(network)
    for one in batches(network, 3, 1, 5, 8, 8):  # five channels
        with pytest.raises(RuntimeError, match='channels'):
            traced(one)
