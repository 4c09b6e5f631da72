# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Models of Hugging Face transformers: their networks and processors' parameters, and our way to the pixels."""

from __future__ import annotations

from seg_ros.labels.taxonomy import load_taxonomy
from seg_ros.models.device import placement
from seg_ros.models.hub import hub_folder
from seg_ros.models.libraries import needing
from seg_ros.models.segmenter import Segmenter
from seg_ros.models.transformers_files import (
    INSTANCE_FAMILIES,
    SEMANTIC_FAMILIES,
    config_of,
    loaded,
    modes_of,
    network_in,
    processor_of,
    words_of,
)
from seg_ros.models.transformers_semantic import Eyes, TransformersSemantic
from seg_ros.models.transformers_universal import TransformersUniversal, task_tokens
from seg_ros.settings import Settings


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
        network = network_in(folder, transformers.AutoModelForSemanticSegmentation)
        return TransformersSemantic(name, network, Eyes(processor, where), words, taxonomy)
    network = network_in(folder, transformers.AutoModelForInstanceSegmentation if config.model_type in INSTANCE_FAMILIES
                       else transformers.AutoModelForUniversalSegmentation)
    tokens = {}
    if config.model_type == 'oneformer':
        tokenizer = loaded(folder, transformers.AutoTokenizer)
        tokens = task_tokens(tokenizer, config.task_seq_len)
    modes = modes_of(config.model_type, words, reference, processor)
    return TransformersUniversal(name, network, Eyes(processor, where), words, taxonomy, modes, tokens)
