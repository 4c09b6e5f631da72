# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a GPU does with logits, worked out on the CPU, and what is handed to OpenCV: one answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from seg_ros.models.device import Placement
from seg_ros.models.tensor_output import TensorOutput
from seg_ros.records import UNLABELLED, Frame
from seg_ros.settings import Settings

CPU = Placement(torch.device('cpu'), 'fp32')
FRAME = Frame('', 1, '', np.zeros((48, 64, 3), np.uint8))


def outputs(n: int, *, in_logs: bool = False) -> tuple[TensorOutput, torch.Tensor]:
    """Return a reader of n words, of which the last means nothing, and logits."""
    merge = np.eye(n - 1, n, dtype=np.float32) if n > 1 else np.ones((1, 1), np.float32)
    ids = np.arange(len(merge), dtype=np.uint8)[::-1].copy()
    logits = torch.randn(n, 6, 8, generator=torch.Generator().manual_seed(0)) * 2
    return TensorOutput(merge, ids, CPU, 1.5, in_logs=in_logs), logits


@pytest.mark.parametrize('n', [1, 5, 20])
@pytest.mark.parametrize('in_logs', [False, True])
@pytest.mark.parametrize('threshold', [0.0, 0.4])
def test_a_gpu_and_a_cpu_say_the_same(n: int, in_logs: bool, threshold: float) -> None:
    output, logits = outputs(n, in_logs=in_logs)
    answer = output.answer(logits, FRAME, Settings(unlabelled_threshold=threshold))
    labels, confidence = output.labelled(output.classes_of(logits), (64, 48), threshold).numpy()
    assert answer.labels is not None and answer.confidence is not None
    same = labels == answer.labels
    assert same.mean() > 0.998  # two classes may be equally probable
    assert np.abs(confidence.astype(int) - answer.confidence)[same].max() <= 1
    assert ((confidence == 0) <= (labels == UNLABELLED) | (answer.confidence <= 1)).all()


@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16])
def test_short_arithmetic_of_the_network_does_not_spoil_the_answer(dtype: torch.dtype) -> None:
    output, logits = outputs(5)
    short = output.answer(logits.to(dtype), FRAME, Settings())
    long = output.answer(logits.to(dtype).float(), FRAME, Settings())
    np.testing.assert_array_equal(short.labels, long.labels)
    np.testing.assert_array_equal(short.confidence, long.confidence)


def test_logits_that_are_no_numbers_are_unlabelled() -> None:
    output, logits = outputs(5)
    labels, confidence = output.labelled(output.classes_of(torch.full_like(logits, torch.nan)), (64, 48), 0.0).numpy()
    assert (labels == UNLABELLED).all() and (confidence == 0).all()
