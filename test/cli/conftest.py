"""Torch runs on one thread here: on small images threads only wait for each other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(scope='module', autouse=True)
def one_thread() -> Iterator[None]:
    """Give torch one thread for the tests of a file."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
