# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What a folder of Hugging Face transformers holds: configuration, words, processor, weights; no code of it is run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from seg_ros.errors import ModelError
from seg_ros.labels.countable import objects_alone
from seg_ros.models.download import check_fetched
from seg_ros.models.libraries import needing
from seg_ros.records import Mode

SEMANTIC_FAMILIES = ('segformer', 'upernet', 'mobilenet_v2', 'mobilevit', 'mobilevitv2', 'beit', 'data2vec-vision',
                     'dpt')
UNIVERSAL_FAMILIES = ('mask2former', 'maskformer', 'oneformer', 'eomt', 'eomt_dinov3', 'detr')
PROCESSOR_FILES = ('preprocessor_config.json', 'processor_config.json')
INSTANCE_FAMILIES = ('rf_detr',)
FAMILIES = (*SEMANTIC_FAMILIES, *UNIVERSAL_FAMILIES, *INSTANCE_FAMILIES)


def config_of(folder: Path) -> Any:
    """
    Return the configuration of a network that segments.

    :raises ModelError: when it is unreadable, or of a family that does not.
    """
    with needing('transformers'):
        from transformers import AutoConfig
    config = loaded(folder, AutoConfig)
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
    return loaded(folder, AutoImageProcessor, **({'class_info_file': None} if family == 'oneformer' else {}))


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


def network_in(folder: Path, kind: Any) -> nn.Module:
    """Load weights that fit the configuration in every layer; the library would fill gaps with random numbers."""
    for file in folder.glob('*.safetensors'):
        check_fetched(file)
    network, report = loaded(folder, kind, use_safetensors=True, output_loading_info=True, dtype=torch.float32,
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


def loaded(folder: Path, kind: Any, **choices: Any) -> Any:
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
