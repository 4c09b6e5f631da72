# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Stages are timed while somebody measures, by that thread alone, and cost nothing else."""

from __future__ import annotations

import threading
import time

import pytest

from seg_ros.stages import measured, stage


def test_the_time_of_a_stage_is_summed_over_its_uses() -> None:
    with measured() as spent:
        for _ in range(2):
            with stage('forward'):
                time.sleep(0.02)
        with stage('output'):
            pass
    assert list(spent) == ['forward', 'output']
    assert spent['forward'] >= 0.04 > spent['output'] >= 0.0


def test_what_is_not_measured_leaves_no_trace() -> None:
    with stage('forward'):
        pass
    with measured() as spent:
        pass
    with stage('forward'):
        pass
    assert spent == {}


def test_the_device_has_settled_at_both_ends_of_a_stage() -> None:
    order: list[str] = []
    with measured(lambda: order.append('settle')), stage('forward'):
        order.append('work')
    assert order == ['settle', 'work', 'settle']


def test_another_thread_is_not_measured() -> None:
    def elsewhere() -> None:
        with stage('forward'):
            pass

    with measured() as spent:
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
    assert spent == {}


def test_a_failed_stage_is_not_counted_and_its_error_comes_through() -> None:
    with measured() as spent, pytest.raises(ValueError, match='bad pixel'), stage('forward'):
        raise ValueError('bad pixel')
    assert spent == {}
