# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A model as one file for other runtimes, its card inside."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seg_ros.errors import DataError, ModelError
from seg_ros.lab.evaluation import Progress
from seg_ros.lab.traceable import traceable
from seg_ros.models.card import CARD, Card, card_text
from seg_ros.models.exported import STRIDES
from seg_ros.models.from_onnx import CARD_KEY, PRECISION_KEY
from seg_ros.models.libraries import needing
from seg_ros.models.preprocess import Normalisation, network_size

OPSET = 17
"""The version of ONNX's operators: ONNX Runtime 1.12 and TensorRT 8.6 know it."""

EXPECTED: tuple[tuple[type[Warning], str], ...] = (
    (torch.jit.TracerWarning, ''),  # type: ignore[attr-defined]
    (DeprecationWarning, 'You are using the legacy TorchScript-based ONNX export'),
    (DeprecationWarning, 'The feature will be removed'),  # of the same exporter
    (FutureWarning, '`torch.jit'),
    (UserWarning, 'Exporting aten::index operator'),  # of torchvision's detectors: right in opset 17
    (UserWarning, 'To copy construct from a tensor'),  # in torchvision's own boxes
    (UserWarning, 'Constant folding - Only steps=1'),  # of mosaic's pooling: the slice is computed when it runs
)


@contextmanager
def beside(out: Path) -> Iterator[Path]:
    """Yield a path to write a file to; it becomes ``out`` when the block ends well, and nothing is left else."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix='.export_') as folder:
            yield Path(folder) / out.name
            os.replace(Path(folder) / out.name, out)
    except OSError as error:
        raise DataError(f'{out} cannot be written ({error.strerror})') from error


def export_onnx(name: str, out: Path, *, camera: tuple[int, int] | None = None, half: bool = False) -> Card:
    """
    Write a shipped or trained model as ONNX, its card inside, and return the card.

    :param camera: see :func:`traceable`; likewise ``half``.
    :raises ModelError: when there is no such model, or a library is missing.
    """
    with needing('onnx'):
        import onnx
    one = traceable(name, camera=camera, half=half)
    with tracing_quietly(), torch.inference_mode():
        # The exporter that traces: it needs no further library and writes all networks of the house.
        try:
            torch.onnx.export(one.module, tuple(one.inputs.values()), str(out), opset_version=OPSET, dynamo=False,
                              input_names=list(one.inputs), output_names=list(one.outputs),
                              dynamic_axes={key: axes for key, axes in one.free.items() if axes})
        except torch.onnx.errors.OnnxExporterError as error:
            raise ModelError(f"'{name}' cannot be written as ONNX ({str(error).strip().partition(chr(10))[0][:200]})",
                             'try --size of the camera, or --format torchscript') from error
    graph = onnx.load(str(out))
    _sign(graph, one.card, 'fp16' if half else 'fp32')
    onnx.save(graph, str(out))
    return one.card


def export_torchscript(name: str, out: Path, *, camera: tuple[int, int] | None = None, half: bool = False) -> Card:
    """
    Write a shipped or trained model as TorchScript, its card as the extra file ``card.yaml``; return the card.

    :param camera: see :func:`traceable`; likewise ``half``.
    :raises ModelError: when there is no such model.
    """
    one = traceable(name, camera=camera, half=half)
    with tracing_quietly(), torch.inference_mode():
        script = torch.jit.trace(one.module, tuple(one.inputs.values()), check_trace=False)
        torch.jit.save(script, str(out), _extra_files={CARD: card_text(one.card)})
    return one.card


def exported_for(name: str, out: Path, camera: tuple[int, int]) -> str:
    """Return the name under which a model runs in ONNX Runtime, having exported it if it is not ONNX already."""
    if name.startswith('onnx:'):
        return name
    export_onnx(name, out, camera=camera)
    return f'onnx:{out}'


def quantised(source: Path, out: Path, pictures: Sequence[NDArray[np.uint8]], card: Card, *,
              progress: Progress = lambda indices: indices) -> None:
    """
    Write an ONNX file again with its convolutions in int8, for CPUs (static quantisation, Jacob et al. 2018).

    :param pictures: (H, W, 3) uint8 rgb as the robot sees them: the range of every layer is taken from these.
    :raises ModelError: when a library is missing.
    """
    with needing('onnx'):
        import onnx
        from onnxruntime import set_default_logger_severity
        from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    set_default_logger_severity(3)  # it would tell of every constant it leaves out
    graph = onnx.load(str(source))
    size = _fixed_size(graph.graph.input[0])
    feed = _Calibration(iter(progress(range(len(pictures)))), pictures, card, size,
                        with_score=len(graph.graph.input) > 1)
    with tracing_quietly():
        quantize_static(str(source), str(out), feed, quant_format=QuantFormat.QDQ, per_channel=True,
                        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8,
                        # Clip is ReLU6: with it the 255 steps fall on 0 to 6, not on what is cut off.
                        op_types_to_quantize=['Conv', 'Gemm', 'Clip', 'Relu'],
                        calibrate_method=CalibrationMethod.MinMax)
    graph = onnx.load(str(out))
    _sign(graph, card, 'int8')
    onnx.save(graph, str(out))


class _Calibration:
    """Pictures one after the other as a network takes them: what ONNX Runtime calls a CalibrationDataReader."""

    def __init__(self, indices: Iterator[int], pictures: Sequence[NDArray[np.uint8]], card: Card,
                 size: tuple[int, int] | None, *, with_score: bool) -> None:
        self._indices, self._pictures, self._card, self._size = indices, pictures, card, size
        self._more = {'min_score': np.array(0.1, np.float32)} if with_score else {}

    def get_next(self) -> dict[str, Any] | None:
        """Return the next input, or None after the last."""
        k = next(self._indices, None)
        if k is None:
            return None
        picture, card = self._pictures[k], self._card
        size = self._size or network_size((picture.shape[1], picture.shape[0]), card.input_size, STRIDES[card.kind])
        images = Normalisation(card.mean, card.std).planes([picture], size)
        return {'images': images, **self._more}


def _sign(graph: Any, card: Card, precision: str) -> None:
    """Write the card and the arithmetic into an ONNX model."""
    import onnx
    onnx.helper.set_model_props(graph, {CARD_KEY: card_text(card), PRECISION_KEY: precision})


def _fixed_size(value: Any) -> tuple[int, int] | None:
    """Return the (width, height) of an ONNX input, None when either is free."""
    height, width = (side.dim_value for side in value.type.tensor_type.shape.dim[2:4])
    return (width, height) if width and height else None


@contextmanager
def tracing_quietly() -> Iterator[None]:
    """
    Keep from people what is known of tracing; what else is warned of is shown.

    TorchScript is what C++ programs read, and PyTorch's new exporter needs a further library and writes none of the
    detectors. A trace may be wrong where it warns: that is why each export is compared on pictures.
    """
    quantising = logging.getLogger()
    with warnings.catch_warnings():
        for category, beginning in EXPECTED:
            warnings.filterwarnings('ignore', beginning, category)
        quantising.addFilter(_is_no_advice)
        try:
            yield
        finally:
            quantising.removeFilter(_is_no_advice)


def _is_no_advice(record: logging.LogRecord) -> bool:
    """Tell whether ONNX Runtime says something else than to simplify a graph first, which is simple already."""
    return 'pre-processing before quantization' not in record.getMessage()
