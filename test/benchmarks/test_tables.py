# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The benchmarks of the node run: tiny, each gives its table on paper and in JSON. No number is judged."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip('rclpy', reason='ROS is not installed')
pytest.importorskip('torch', reason='PyTorch is not installed')

ROOT = Path(__file__).resolve().parents[2]
TINY = ('--rounds', '1', '--seconds', '0.2')


def table_of(tmp_path: Path, *words: str) -> tuple[str, list[dict[str, Any]]]:
    """Run a benchmark and return what it printed and wrote."""
    numbers = tmp_path / 'numbers.json'
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get('PYTHONPATH')])])
    done = subprocess.run([sys.executable, str(ROOT / 'benchmarks' / words[0]), *words[1:], '--json', str(numbers)],
                          check=False, env={**os.environ, 'PYTHONPATH': path}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert all(len(line) <= 100 for line in done.stdout.splitlines())
    return done.stdout, json.loads(numbers.read_text(encoding='utf-8'))


def test_the_node_is_compared_with_its_network(tmp_path: Path) -> None:
    text, (row,) = table_of(tmp_path, 'node.py', '--modes', 'panoptic', '--sizes', '160x120', '--threads', '1',
                            '--busy', '1', *TINY)
    assert text.splitlines()[-1].startswith('panoptic   160x120')
    assert row['ratio'] == row['rate_hz'] / row['bare_hz'] > 0.0
    assert 0.0 < row['p50_ms'] <= row['p95_ms'] and row['busy'] == 1


def test_the_node_is_compared_with_the_usual_one(tmp_path: Path) -> None:
    pytest.importorskip('onnx', reason='onnx is not installed')
    pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')
    _, (row,) = table_of(tmp_path, 'beside_usual.py', '--size', '160x120', '--classes', '12', '--strides', '4',
                         '--threads', '1', '--busy', '0', *TINY)
    assert (row['classes'], row['stride'], row['busy']) == (12, 4, 0)
    assert row['rate'] == row['rate_hz'] / row['usual_rate_hz'] > 0.0
    assert row['p95'] == row['p95_ms'] / row['usual_p95_ms'] > 0.0


def test_idle_cost_and_memory_are_measured(tmp_path: Path) -> None:
    pytest.importorskip('onnx', reason='onnx is not installed')
    pytest.importorskip('onnxruntime', reason='onnxruntime is not installed')
    text, (row,) = table_of(tmp_path, 'idle.py', '--size', '160x120', '--threads', '1', *TINY)
    assert text.startswith('one round of 0.2 s')
    assert 0.0 < row['onnx_mib'] < min(row['bare_mib'], row['torch_mib'])  # no PyTorch with the ONNX model
    assert f'{row["memory_ratio"]:5.2f} of the bare process' in text


def test_growth_is_measured(tmp_path: Path) -> None:
    text, rows = table_of(tmp_path, 'growth.py', '--size', '320x240', '--rounds', '1')
    assert [row['of'] for row in rows] == ['pixels', 'classes', 'objects', 'cameras']
    assert all(row['little_ms'] > 0.0 and row['much_ms'] > 0.0 for row in rows) and 'grows' in text


def test_what_transforms_cost_is_measured(tmp_path: Path) -> None:
    text, (quiet, busy) = table_of(tmp_path, 'transforms.py', '--threads', '1', *TINY)
    assert (quiet['transforms'], busy['transforms']) == ('quiet', 'busy')
    assert 0.0 < quiet['p50_ms'] <= quiet['p95_ms'] and 'and 10 at 200 Hz on /tf ' in text
