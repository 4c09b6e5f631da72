# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Models that are ONNX files with their cards, run by ONNX Runtime on the provider that was asked for."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seg_ros.errors import ModelError
from seg_ros.models.card import Card, card_of, read_card
from seg_ros.models.download import check_fetched
from seg_ros.models.exported import Exported, exported_segmenter
from seg_ros.models.libraries import needing
from seg_ros.models.machine import cpu_threads, shared_threads
from seg_ros.models.plausible import INSTANCE_OUTPUTS
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.terms import say_terms
from seg_ros.records import Mode
from seg_ros.settings import Settings

log = logging.getLogger(__name__)

CARD_KEY, PRECISION_KEY = 'seg_ros.card', 'seg_ros.precision'
"""Where the file carries its card, in YAML, and the arithmetic of its network (ONNX ``metadata_props``)."""

MIN_SCORE = 'min_score'
PROVIDERS = {'cpu': 'CPUExecutionProvider', 'cuda': 'CUDAExecutionProvider', 'tensorrt': 'TensorrtExecutionProvider',
             'openvino': 'OpenVINOExecutionProvider'}
WHEELS = {'cuda': 'onnxruntime-gpu', 'tensorrt': 'onnxruntime-gpu', 'openvino': 'onnxruntime-openvino'}
ENGINES = Path('~/.cache/seg_ros/tensorrt')
"""Where TensorRT keeps what it has built, which takes it minutes."""


def open_onnx(reference: str, settings: Settings) -> Segmenter:
    """
    Load an ONNX file.

    :raises ModelError: when ONNX Runtime is not installed, or the file is missing, damaged, without a card, takes
        and gives something else than a network for segmentation, or does not fit its card.
    :raises TaxonomyError: when the taxonomy does not know a word of it.
    """
    path = Path(reference).expanduser()
    network = open_file(path, settings)
    model = exported_segmenter(f'onnx:{reference}', network, str(path), settings)
    say_terms(network.card.name, network.card.licence)
    return model


def open_file(path: Path, settings: Settings) -> Exported:
    """Open an ONNX file and look at its card, what it takes and what it gives; raises as :func:`open_onnx` does."""
    session, provider = _session(path, settings)
    metadata, inputs = session.get_modelmeta().custom_metadata_map, session.get_inputs()
    card = _card(path, metadata)
    size, one_by_one = _taken(path, inputs)
    _check_outputs(path, card, [one.name for one in session.get_outputs()], inputs[1:])
    names = list(INSTANCE_OUTPUTS) if card.kind == Mode.INSTANCE.value else None

    def run(images: NDArray[np.float32], min_score: float) -> list[NDArray[Any]]:
        more = {one.name: np.array(min_score, np.float32) for one in inputs[1:]}
        outputs: list[NDArray[Any]] = session.run(names, {inputs[0].name: images, **more})
        return outputs

    device = f'cuda:{_index(settings)}' if provider in ('cuda', 'tensorrt') else 'cpu'
    return Exported(card, metadata.get(PRECISION_KEY, 'fp32'), device, size, one_by_one, run)


def _session(path: Path, settings: Settings) -> tuple[Any, str]:
    """Return what runs a file, and the key in ``PROVIDERS`` of where it runs."""
    with needing('onnxruntime'):
        import onnxruntime
    if not path.is_file():
        raise ModelError(f'there is no file {path}', 'write onnx:/folder/file.onnx; seg_ros export makes one')
    check_fetched(path)
    asked = _asked(settings, onnxruntime.get_available_providers())
    try:
        session = onnxruntime.InferenceSession(str(path), _options(onnxruntime, settings),
                                               providers=_providers(asked, settings))
    except Exception as error:
        raise ModelError(f'{path} cannot be opened as an ONNX file ({_first_line(error)})',
                         'copy or export it again: it may be cut off, or newer than this ONNX Runtime '
                         f'({onnxruntime.__version__})') from error
    provider = next(key for key, name in PROVIDERS.items() if name == session.get_providers()[0])
    if provider != asked:
        _warn(asked, f'{PROVIDERS[asked]} could not be started')
    return session, provider


def _asked(settings: Settings, available: Sequence[str]) -> str:
    """Return the provider to start: the one of the settings, or the CPU with a warning where it is not built in."""
    asked = settings.onnx_provider
    if asked == 'auto':
        gpu = settings.device.startswith('cuda') or (settings.device == 'auto' and PROVIDERS['cuda'] in available)
        asked = 'cuda' if gpu else 'cpu'
    if PROVIDERS[asked] in available:
        return asked
    _warn(asked, f'this ONNX Runtime has no {PROVIDERS[asked]}')
    return 'cpu'


@cache
def _warn(asked: str, fact: str) -> None:
    """Say once per process that a provider is not to be had."""
    log.warning('%s: onnx models run on the CPU. Install the wheel for it (pip uninstall onnxruntime; pip install '
                '%s) and what it needs, or set onnx_provider to cpu to silence this', fact, WHEELS[asked])


def _options(onnxruntime: Any, settings: Settings) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = shared_threads(settings)
    options.add_session_config_entry('session.intra_op.allow_spinning', '0')  # idle threads leave cores to others
    options.log_severity_level = 3  # what matters is said here, in a sentence
    return options


def _providers(asked: str, settings: Settings) -> list[tuple[str, dict[str, Any]]]:
    """Return what ONNX Runtime tries in turn for each part of the network."""
    index = _index(settings)
    cpu, cuda = (PROVIDERS['cpu'], dict[str, Any]()), (PROVIDERS['cuda'], {'device_id': index})
    if asked == 'tensorrt':
        engines = ENGINES.expanduser()
        engines.mkdir(parents=True, exist_ok=True)
        tensorrt = {'device_id': index, 'trt_engine_cache_enable': True, 'trt_engine_cache_path': str(engines),
                    'trt_fp16_enable': settings.precision in ('auto', 'fp16')}
        return [(PROVIDERS['tensorrt'], tensorrt), cuda, cpu]
    if asked == 'openvino':
        return [(PROVIDERS['openvino'], {'device_type': 'CPU', 'num_of_threads': str(cpu_threads(settings))}), cpu]
    return [cuda, cpu] if asked == 'cuda' else [cpu]


def _index(settings: Settings) -> int:
    return int(settings.device.partition(':')[2] or 0)


def _card(path: Path, metadata: Mapping[str, str]) -> Card:
    """Return the card in the file, or the one beside it."""
    if CARD_KEY in metadata:
        return card_of(metadata[CARD_KEY], f'in {path}')
    beside = path.with_suffix('.yaml')
    if not beside.is_file():
        raise ModelError(f'{path} has no card: nothing says what its classes are',
                         'the verb seg_ros export writes one into the file; for a network of your own write '
                         f'{beside.name} beside it, as docs/how_to/export.md shows')
    return read_card(path.parent, beside.name)


def _taken(path: Path, inputs: Sequence[Any]) -> tuple[tuple[int, int] | None, bool]:
    """Return the (width, height) a network takes, None for any, and whether it takes one image at a time."""
    first, shape = inputs[0], inputs[0].shape
    if len(shape) == 4 and shape[3] == 3 and shape[1] != 3:
        raise ModelError(f"{path} takes '{first.name}' of shape {_named(shape)}: its colours come last (NHWC)",
                         'convert it with colours first: tf2onnx does so with --inputs-as-nchw and --outputs-as-nchw')
    if len(shape) != 4 or shape[1] != 3 or first.type != 'tensor(float)' or not (_free(shape[0]) or shape[0] == 1):
        raise ModelError(f"{path} takes '{first.name}' of shape {_named(shape)} and {first.type}",
                         'images must come as (1 or N, 3, height, width) in tensor(float): export it so')
    height, width = (None if _free(side) else int(side) for side in shape[2:])
    if (height is None) != (width is None):
        raise ModelError(f"{path} takes '{first.name}' of shape {_named(shape)}, one side fixed and the other free",
                         'export it with both sides fixed, or both free')
    return (None if width is None or height is None else (width, height)), shape[0] == 1


def _free(side: Any) -> bool:
    """Tell whether a side of a shape may be any number: it has a name then, or none."""
    return not isinstance(side, int)


def _named(shape: Sequence[Any]) -> str:
    return f'({", ".join("any" if _free(side) else str(side) for side in shape)})'


def _check_outputs(path: Path, card: Card, names: Sequence[str], others: Sequence[Any]) -> None:
    missing = [name for name in INSTANCE_OUTPUTS if name not in names]
    if card.kind == Mode.INSTANCE.value and missing:
        raise ModelError(f'{path} gives {", ".join(names)}, and its card says that it finds objects',
                         f'such a file gives {", ".join(INSTANCE_OUTPUTS)}: seg_ros export makes it')
    strange = [one.name for one in others if one.name != MIN_SCORE]
    if strange:
        raise ModelError(f"{path} wants '{strange[0]}' beside the images", f'it may want {MIN_SCORE}, and nothing else')


def _first_line(error: Exception) -> str:
    return str(error).strip().partition('\n')[0][:200]
