"""A model as one file for other runtimes, its card inside, and how far both agree."""

from __future__ import annotations

import logging
import os
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from seg_ros.errors import DataError, ModelError
from seg_ros.lab.datasets import image_files, read_rgb
from seg_ros.lab.exportable import exportable
from seg_ros.models.card import CARD, Card, card_of, card_text
from seg_ros.models.catalog import open_model
from seg_ros.models.exported import STRIDES, Exported, exported_segmenter
from seg_ros.models.from_onnx import CARD_KEY, PRECISION_KEY
from seg_ros.models.libraries import needing
from seg_ros.models.preprocess import Normalisation, network_size
from seg_ros.models.segmenter import Segmenter
from seg_ros.records import Frame, Instances, Mode, Segmentation
from seg_ros.settings import Settings

OPSET = 17
"""The version of ONNX's operators: ONNX Runtime 1.12 and TensorRT 8.6 know it."""

LEAST_SAME, LEAST_SAME_HALF = 0.99, 0.95
"""Shares below which an export is refused; the second for objects in half precision, whose scores stray most."""

SURE, ALMOST = 0.3, 0.25
"""Objects of at least the first score are compared; their partners may have the second."""

SAME_IOU, SAME_SCORE = 0.9, 0.05
EXPECTED: tuple[tuple[type[Warning], str], ...] = (
    (torch.jit.TracerWarning, ''),  # type: ignore[attr-defined]
    (DeprecationWarning, 'You are using the legacy TorchScript-based ONNX export'),
    (DeprecationWarning, 'The feature will be removed'),  # of the same exporter
    (FutureWarning, '`torch.jit'),
    (UserWarning, 'Exporting aten::index operator'),  # of torchvision's detectors: right in opset 17
    (UserWarning, 'To copy construct from a tensor'),  # in torchvision's own boxes
)
Progress = Callable[[Iterable[int]], Iterable[int]]


@dataclass(frozen=True)
class Agreement:
    """
    How far an exported file and the model in PyTorch, on the CPU in fp32, say the same about pictures.

    :param share: of the pixels with the same label, or of the objects that both find: of one class, box and mask
        overlapping by 0.9, scores at most 0.05 apart. :param of: ``pixels`` or ``objects``. :param compared: how many.
    """

    pictures: int
    compared: int
    of: str
    share: float

    def check(self, *, half: bool) -> None:
        """
        Refuse an export that says something else than its model.

        :raises ModelError: when too little agrees.
        """
        least = LEAST_SAME_HALF if half and self.of == 'objects' else LEAST_SAME
        if self.share < least:
            raise ModelError(f'only {self.share:.2%} of {self.compared} {self.of} are those of the model in PyTorch, '
                             f'and {least:.0%} must be; the file was not kept',
                             'export it without --half, or report this')


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

    :param camera: see :func:`exportable`; likewise ``half``.
    :raises ModelError: when there is no such model, or a library is missing.
    """
    with needing('onnx'):
        import onnx
    one = exportable(name, camera=camera, half=half)
    with _expected(), torch.inference_mode():
        # The exporter that traces: it needs no further library and writes all networks of the house.
        torch.onnx.export(one.module, tuple(one.inputs.values()), str(out), opset_version=OPSET, dynamo=False,
                          input_names=list(one.inputs), output_names=list(one.outputs),
                          dynamic_axes={key: axes for key, axes in one.free.items() if axes})
    graph = onnx.load(str(out))
    _sign(graph, one.card, 'fp16' if half else 'fp32')
    onnx.save(graph, str(out))
    return one.card


def export_torchscript(name: str, out: Path, *, camera: tuple[int, int] | None = None, half: bool = False) -> Card:
    """
    Write a shipped or trained model as TorchScript, its card as the extra file ``card.yaml``; return the card.

    :param camera: see :func:`exportable`; likewise ``half``.
    :raises ModelError: when there is no such model.
    """
    one = exportable(name, camera=camera, half=half)
    with _expected(), torch.inference_mode():
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
    with _expected():
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


def agreement(name: str, exported: Path, pictures: Sequence[NDArray[np.uint8]], *,
              progress: Progress = lambda indices: indices) -> Agreement:
    """
    Compare an exported file with the model it was made from.

    :param exported: ends in ``.onnx``, or else is TorchScript.
    :raises ModelError: when the file cannot be run.
    :raises DataError: when no object is found in any picture, so that nothing is compared.
    """
    settings = Settings().changed({'device': 'cpu', 'precision': 'fp32', 'tracking': False, 'score_threshold': ALMOST})
    model = open_model(name, settings)
    other = open_model(f'onnx:{exported.absolute()}', settings) if exported.suffix == '.onnx' else \
        _open_torchscript(exported, settings)
    return agreement_of(model, other, pictures, settings, progress=progress)


def agreement_of(model: Segmenter, other: Segmenter, pictures: Sequence[NDArray[np.uint8]], settings: Settings, *,
                 progress: Progress = lambda indices: indices) -> Agreement:
    """Compare two loaded models, each picture by itself; raises as :func:`agreement` does."""
    same = compared = 0
    for k in progress(range(len(pictures))):
        frame = Frame('', k, '', pictures[k])
        (one,), (two,) = model.segment([frame], settings), other.segment([frame], settings)
        equal, of = _compared(one, two)
        same, compared = same + equal, compared + of
    if not compared:
        raise DataError(f"'{model.name}' finds no object in these pictures, so that nothing is compared",
                        'give pictures that show what it finds')
    unit = 'pixels' if Mode.SEMANTIC in model.modes else 'objects'
    return Agreement(len(pictures), compared, unit, same / compared)


def _compared(one: Segmentation, two: Segmentation) -> tuple[int, int]:
    """Return how many pixels or objects are the same, and of how many."""
    if one.labels is not None and two.labels is not None:
        return int(np.count_nonzero(one.labels == two.labels)), one.labels.size
    first, second = (s.instances or Instances.none(s.size) for s in (one, two))
    pairs = [(first, k, second) for k in np.flatnonzero(first.scores >= SURE)]
    pairs += [(second, k, first) for k in np.flatnonzero(second.scores >= SURE)]
    return sum(any(_same(a, k, b, j) for j in range(len(b))) for a, k, b in pairs), len(pairs)


def _same(one: Instances, k: int, two: Instances, j: int) -> bool:
    """Tell whether two objects of two answers are one."""
    if one.class_ids[k] != two.class_ids[j] or abs(one.scores[k] - two.scores[j]) > SAME_SCORE:
        return False
    low, high = np.maximum(one.boxes[k, :2], two.boxes[j, :2]), np.minimum(one.boxes[k, 2:], two.boxes[j, 2:])
    both = float(np.prod((high - low).clip(0)))
    areas = [float(np.prod(b[2:] - b[:2])) for b in (one.boxes[k], two.boxes[j])]
    return both > SAME_IOU * (sum(areas) - both) and _mask_iou(one, k, two, j) > SAME_IOU


def _mask_iou(one: Instances, k: int, two: Instances, j: int) -> float:
    whole = []
    for instances, index in ((one, k), (two, j)):
        canvas = np.zeros(instances.size[::-1], bool)
        mask, (left, top) = instances.masks[index], instances.corners[index]
        canvas[top:top + mask.shape[0], left:left + mask.shape[1]] = mask
        whole.append(canvas)
    return float(np.count_nonzero(whole[0] & whole[1]) / max(1, np.count_nonzero(whole[0] | whole[1])))


def pictures_of(folder: Path, most: int) -> list[NDArray[np.uint8]]:
    """
    Return pictures of a folder, spread evenly over it, (H, W, 3) uint8 rgb each.

    :raises DataError: when there are none.
    """
    files = image_files(folder)
    chosen = np.unique(np.linspace(0, len(files) - 1, min(most, len(files))).round().astype(int))
    return [read_rgb(files[k]) for k in chosen]


def _open_torchscript(path: Path, settings: Settings) -> Segmenter:
    extra: dict[str, Any] = {CARD: ''}
    with _expected():
        module = torch.jit.load(str(path), _extra_files=extra)
    text = extra[CARD]
    card = card_of(text.decode() if isinstance(text, bytes) else text, f'in {path}')

    def run(images: NDArray[np.float32], min_score: float) -> list[NDArray[Any]]:
        score = [torch.tensor(min_score)] if card.kind == Mode.INSTANCE.value else []
        with torch.inference_mode():
            found = module(torch.from_numpy(images), *score)
        return [one.numpy() for one in (found if isinstance(found, tuple) else (found,))]

    return exported_segmenter(str(path), Exported(card, 'fp32', 'cpu', None, True, run), str(path), settings)


def _sign(graph: Any, card: Card, precision: str) -> None:
    """Write the card and the arithmetic into an ONNX model."""
    import onnx
    onnx.helper.set_model_props(graph, {CARD_KEY: card_text(card), PRECISION_KEY: precision})


def _fixed_size(value: Any) -> tuple[int, int] | None:
    """Return the (width, height) of an ONNX input, None when either is free."""
    height, width = (side.dim_value for side in value.type.tensor_type.shape.dim[2:4])
    return (width, height) if width and height else None


@contextmanager
def _expected() -> Iterator[None]:
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
