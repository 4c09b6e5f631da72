# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""What the terms of weights allow, said where a model is loaded."""

from __future__ import annotations

import logging
import re
from functools import cache

log = logging.getLogger(__name__)

_NOT_FOR_PRODUCTS = re.compile(r'non-?commercial|\bnc\b|research', re.IGNORECASE)


def bars_products(licence: str) -> bool:
    """Tell whether terms, in words or as a name such as cc-by-nc-4.0, keep weights out of products."""
    return bool(_NOT_FOR_PRODUCTS.search(licence))


@cache
def say_terms(name: str, licence: str) -> None:
    """Log the terms of a model when it is first loaded; those that keep it out of products as a warning, too."""
    log.info("Model '%s': %s", name, licence or 'its card states no licence')
    if bars_products(licence):
        log.warning("Model '%s' may not be put into a product: its weights are for non-commercial use or research "
                    'alone; seg_ros models lists others', name)


def in_short(licence: str) -> str:
    """Return what terms begin with: ``CC BY 4.0`` of "weights: CC BY 4.0, as the images; code: Apache-2.0"."""
    return re.split('[,;(]', licence.removeprefix('weights: '))[0].strip() or 'not stated'
