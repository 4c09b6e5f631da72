# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Networks of transformers as networks of the house: trained, exported and run with a card as torchvision's are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from torch import Tensor, nn

from seg_ros.errors import ModelError
from seg_ros.models.card import Card, different, in_bytes
from seg_ros.models.hub import hub_folder, licence_of
from seg_ros.models.libraries import needing
from seg_ros.models.transformers_files import config_of, network_in, processor_of, words_of

PREFIX = 'transformers:'
"""An architecture that begins so is the configuration of a network of transformers, in JSON."""

FAMILIES_OF_ANY_SIZE = ('segformer', 'upernet', 'mobilenet_v2')
"""Those that take pictures of any size, in red, green and blue, and that are trained by the cross entropy of pixels."""

NOT_OF_THE_NETWORK = ('id2label', 'label2id', 'num_labels', 'transformers_version', 'dtype', 'architectures')


class OfTransformers(nn.Module):
    """
    A semantic network of transformers.

    :param architecture: as on a card, ``PREFIX`` included.
    :raises ModelError: when the library is not installed, or does not know the network.
    """

    may_be_folded = False  # its layers may run in another order than they are declared in

    def __init__(self, architecture: str, n_classes: int) -> None:
        super().__init__()
        with needing('transformers'):
            from transformers import AutoConfig, AutoModelForSemanticSegmentation
        try:
            table = json.loads(architecture.removeprefix(PREFIX))
            config = AutoConfig.for_model(**{**table, 'num_labels': n_classes})
            self.network: Any = AutoModelForSemanticSegmentation.from_config(config)
        except (ValueError, TypeError, AttributeError) as error:
            reason = ' '.join(str(error).split())[:200]
            raise ModelError(f"the architecture '{architecture[:60]}' cannot be built ({reason})",
                             'install the version of transformers it was made with') from error

    @property
    def backbone(self) -> nn.Module:
        """The layers that may have seen the world."""
        return cast(nn.Module, getattr(self.network, 'backbone', self.network.base_model))

    def logits(self, images: Tensor) -> Tensor:
        """Return the (N, C, h, w) logits of (N, 3, H, W) normalised images."""
        return cast(Tensor, self.network(pixel_values=images).logits)


def transformers_card(reference: str) -> Card:
    """
    Return what is known of a network of Hugging Face, as the house trains and exports it.

    :param reference: ``ORG/NAME`` or a folder.
    :raises ModelError: when it is not on this disk, or is none that the house can train.
    """
    folder = hub_folder(reference, allow_download=False)
    config = config_of(folder)
    if config.model_type not in FAMILIES_OF_ANY_SIZE:
        raise ModelError(f"hf:{reference} is a network of the family '{config.model_type}', which is neither trained "
                         f'nor exported here', f'these are: {", ".join(FAMILIES_OF_ANY_SIZE)}')
    processor = processor_of(folder, config.model_type)
    edges = dict(processor.size)
    size = int(edges.get('width') or edges['shortest_edge']), int(edges.get('height') or edges['shortest_edge'])
    told = json.loads(config.to_json_string(use_diff=True))
    table = {key: value for key, value in told.items() if key not in NOT_OF_THE_NETWORK}
    architecture = PREFIX + json.dumps({'model_type': config.model_type, **table})
    return Card(f'hf:{reference}', 'semantic', architecture, different(words_of(config, folder)), size,
                in_bytes(processor.image_mean), in_bytes(processor.image_std), licence=licence_of(folder))


def transformers_weights(reference: str) -> dict[str, Tensor]:
    """Return the weights of the same by the layers of :class:`OfTransformers`; raises as it does."""
    from transformers import AutoModelForSemanticSegmentation

    folder: Path = hub_folder(reference, allow_download=False)
    tensors = network_in(folder, AutoModelForSemanticSegmentation).state_dict()
    return {f'network.{key}': value for key, value in tensors.items()}
