"""Models of Hugging Face transformers: their networks and processors' parameters, and our way to the pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seg_ros.errors import ModelError
from seg_ros.labels.countable import objects_alone
from seg_ros.labels.taxonomy import Taxonomy, load_taxonomy
from seg_ros.models.device import Placement, placement
from seg_ros.models.hub import hub_folder
from seg_ros.models.libraries import needing
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.tensor_output import TensorOutput
from seg_ros.models.tensors import on_device
from seg_ros.records import Frame, Mode, Segmentation
from seg_ros.settings import Settings
from seg_ros.stages import stage

SEMANTIC_FAMILIES = ('segformer', 'upernet', 'mobilenet_v2', 'mobilevit', 'mobilevitv2', 'beit', 'data2vec-vision',
                     'dpt')
UNIVERSAL_FAMILIES = ('mask2former', 'maskformer', 'oneformer', 'eomt', 'eomt_dinov3', 'detr')
PROCESSOR_FILES = ('preprocessor_config.json', 'processor_config.json')
INSTANCE_FAMILIES = ('rf_detr',)
FAMILIES = (*SEMANTIC_FAMILIES, *UNIVERSAL_FAMILIES, *INSTANCE_FAMILIES)


def open_transformers(reference: str, settings: Settings) -> Segmenter:
    """
    Load a network of transformers onto its device, from this disk; no code of the model is ever run.

    :param reference: ``ORG/NAME`` or a folder, see :func:`hub_folder`.
    :raises ModelError: when it is missing, gives no segmentation, or its weights do not fit its configuration.
    """
    folder = hub_folder(reference, allow_download=settings.allow_download)
    with needing('transformers'):
        import transformers
    where, taxonomy = placement(settings), load_taxonomy(settings.taxonomy)
    config, name = config_of(folder), f'hf:{reference}'
    words = words_of(config, folder)
    processor = processor_of(folder, config.model_type)
    if config.model_type in SEMANTIC_FAMILIES:
        network = _network(folder, transformers.AutoModelForSemanticSegmentation)
        return TransformersSemantic(name, network, Eyes(processor, where), words, taxonomy)
    from seg_ros.models.transformers_universal import TransformersUniversal, task_tokens

    network = _network(folder, transformers.AutoModelForInstanceSegmentation if config.model_type in INSTANCE_FAMILIES
                       else transformers.AutoModelForUniversalSegmentation)
    tokens = {}
    if config.model_type == 'oneformer':
        tokenizer = _loaded(folder, transformers.AutoTokenizer)
        tokens = task_tokens(tokenizer, config.task_seq_len)
    modes = modes_of(config.model_type, words, reference, processor)
    return TransformersUniversal(name, network, Eyes(processor, where), words, taxonomy, modes, tokens)


def config_of(folder: Path) -> Any:
    """
    Return the configuration of a network that segments.

    :raises ModelError: when it is unreadable, or of a family that does not.
    """
    with needing('transformers'):
        from transformers import AutoConfig
    config = _loaded(folder, AutoConfig)
    if config.model_type not in FAMILIES:
        raise ModelError(f"{folder} holds a network of the family '{config.model_type}', which is not known to segment",
                         f'known: {", ".join(FAMILIES)}')
    return config


def processor_of(folder: Path, family: str) -> Any:
    """
    Return the library's image processor; what it would fetch beside it is left out.

    :raises ModelError: when its parameters are missing or unreadable.
    """
    with needing('transformers'):
        from transformers import AutoImageProcessor
    if not any((folder / name).is_file() for name in PROCESSOR_FILES):
        raise ModelError(f'{folder} lacks {PROCESSOR_FILES[0]}, which says how pictures are shown to the network',
                         'copy it from where the model was published, or save the processor beside the model')
    # OneFormer's would fetch a table of class names; config.json has them
    return _loaded(folder, AutoImageProcessor, **({'class_info_file': None} if family == 'oneformer' else {}))


def words_of(config: Any, folder: Path) -> tuple[str, ...]:
    """
    Return the words of a network, in the order of its outputs.

    :raises ModelError: when its configuration does not number them from 0.
    """
    named = {int(key): str(word) for key, word in config.id2label.items()}
    if sorted(named) != list(range(len(named))) or not named:
        raise ModelError(f'{folder / "config.json"} names {len(named)} classes, not numbered from 0',
                         'id2label must have an entry for each output')
    if all(word == f'LABEL_{k}' for k, word in named.items()):
        raise ModelError(f'{folder / "config.json"} has no names for its {len(named)} classes',
                         'write id2label into it: a word for each output')
    return tuple(named[k] for k in range(len(named)))


def modes_of(family: str, words: Sequence[str], reference: str, processor: Any) -> frozenset[Mode]:
    """
    Return the modes a network was made for.

    A universal network's configuration does not say what it was trained for. Its words tell when they are objects
    alone, its processor when it cuts pictures into windows (semantic), and else the name of its publication.
    """
    if family in SEMANTIC_FAMILIES or getattr(processor, 'do_split_image', False):
        return frozenset({Mode.SEMANTIC})
    if family == 'oneformer':
        return frozenset(Mode)
    if family in INSTANCE_FAMILIES or objects_alone(words):
        return frozenset({Mode.INSTANCE})
    named = [mode for mode in Mode if mode.value in Path(reference).name.lower()]
    return frozenset(named) if len(named) == 1 and named[0] is not Mode.PANOPTIC else frozenset(Mode)


class Eyes:
    """
    What a network is shown: the library's own processor, given bytes that are on the device already.

    Images of different size are never padded to each other. Where a processor would take the middle of the picture, the
    network is shown all of it; and where one keeps the aspect for a network that takes squares alone (DPT), a square.
    """

    def __init__(self, processor: Any, where: Placement) -> None:
        self.processor, self.where = processor, where
        unwanted = ('do_center_crop', 'keep_aspect_ratio')
        self._changed = {name: False for name in unwanted if getattr(processor, name, None)}

    def batches(self, frames: Sequence[Frame], **choices: Any) -> Iterator[tuple[list[int], dict[str, Any]]]:
        """Yield frames of one size: their indices, and what the network takes, ``pixel_values`` among it."""
        for size in dict.fromkeys(frame.size for frame in frames):
            chosen = [k for k, frame in enumerate(frames) if frame.size == size]
            planes = [on_device(frames[k].rgb, self.where).permute(2, 0, 1) for k in chosen]
            with stage('preprocess'):
                shown = self.processor(planes, input_data_format='channels_first', return_tensors='pt',
                                       **self._changed, **choices)
            yield chosen, dict(shown)


class TransformersSemantic:
    """A network that gives every pixel a word; see ``Segmenter``."""

    modes = frozenset({Mode.SEMANTIC})

    def __init__(self, name: str, network: nn.Module, eyes: Eyes, words: Sequence[str], taxonomy: Taxonomy) -> None:
        where = eyes.where
        self.name, self.classes = name, taxonomy.classes
        self.device, self.precision = str(where.device), where.precision
        self._eyes, self._network = eyes, where.place(network, fold=False)
        ids = np.array([c.id for c in taxonomy.classes], np.uint8)
        self._output = TensorOutput(taxonomy.merge_matrix(words), ids, where, in_logs=True)

    @torch.inference_mode()
    def segment(self, frames: Sequence[Frame], settings: Settings) -> list[Segmentation]:
        """Return labels and confidence of each frame; frames of one size share a forward pass."""
        answers: dict[int, Segmentation] = {}
        for chosen, shown in self._eyes.batches(frames):
            with stage('forward'):
                logits = self._logits(shown['pixel_values'])
            with stage('output'):
                answers |= {k: self._output.answer(logits[row], frames[k], settings)
                            for row, k in enumerate(chosen)}
        return [answers[k] for k in range(len(frames))]

    def _logits(self, pixels: Tensor) -> Tensor:
        batch = pixels.to(self._eyes.where.dtype, memory_format=torch.channels_last)
        logits: Tensor = self._network(pixel_values=batch).logits
        return logits

    def close(self) -> None:
        """Forget the network and give its memory back to the device."""
        self._network = nn.Identity()
        self._eyes.where.give_back()


def _network(folder: Path, kind: Any) -> nn.Module:
    """Load weights that fit the configuration in every layer; the library would fill gaps with random numbers."""
    network, report = _loaded(folder, kind, use_safetensors=True, output_loading_info=True, dtype=torch.float32,
                              ignore_mismatched_sizes=True)
    other = sorted(map(str, report.get('mismatched_keys', ())))
    if other:
        raise ModelError(f'the weights in {folder} do not fit its config.json, which names '
                         f'{len(network.config.id2label)} classes (id2label): {len(other)} layers have another shape, '
                         f'first {other[0]}', 'id2label must have an entry for each output of the weights')
    missing = sorted(report['missing_keys'])
    if missing:
        raise ModelError(f'the weights in {folder} belong to another network: {len(missing)} layers are missing, first '
                         f'{missing[0]}', 'the config.json must be the one they were saved with')
    return network


def _loaded(folder: Path, kind: Any, **choices: Any) -> Any:
    """Call ``from_pretrained``, from this disk alone and without running code of the model."""
    from transformers.utils import logging as librarys

    chatty, bars = librarys.get_verbosity(), librarys.is_progress_bar_enabled()
    librarys.set_verbosity_error()
    librarys.disable_progress_bar()
    try:
        return kind.from_pretrained(folder, local_files_only=True, trust_remote_code=False, **choices)
    except ImportError as error:
        lines = [line for line in str(error).splitlines() if line.strip()]
        raise ModelError(f'{folder} needs a library that is not installed: {" ".join(lines)[:200]}',
                         'install it with pip, or choose a model without it') from error
    except Exception as error:
        raise ModelError(f'{folder} cannot be loaded ({type(error).__name__}: {" ".join(str(error).split())[:300]})',
                         'copy or fetch it again; the weights must fit config.json') from error
    finally:
        librarys.set_verbosity(chatty)
        if bars:
            librarys.enable_progress_bar()
