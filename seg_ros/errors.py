# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Every error of the package: one root, few children, each a sentence with facts and a remedy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


class SegRosError(Exception):
    """
    Something the user can mend.

    :param fact: what is wrong, and where, without a full stop.
    :param remedy: what to do about it, without a full stop; may be empty.
    """

    def __init__(self, fact: str, remedy: str = '') -> None:
        self.fact = fact
        self.remedy = remedy
        sentence = f'{capital(remedy)}.' if remedy else ''
        super().__init__(f'{fact}. {sentence}'.rstrip())


@dataclass(frozen=True)
class Doubt:
    """
    Something that can be worked with, but hardly is as it is meant.

    :param cause: one word for the case. :param fact: what is so, without a full stop.
    :param remedy: what to do about it, without a full stop.
    """

    cause: str
    fact: str
    remedy: str

    def __str__(self) -> str:
        return str(SegRosError(self.fact, self.remedy))


class SettingError(SegRosError):
    """A parameter or command-line value was refused."""


class ImageError(SegRosError):
    """An image, depth image or camera description cannot be used; the frame is dropped and counted."""


class TransformError(ImageError):
    """
    TF does not tell where one frame lies in another.

    :ivar is_late: whether it does at other moments than that of the image.
    """

    def __init__(self, fact: str, remedy: str = '', *, is_late: bool = False) -> None:
        super().__init__(fact, remedy)
        self.is_late = is_late


class TaxonomyError(SegRosError):
    """A taxonomy file is malformed, or a word is not in it."""


class ModelError(SegRosError):
    """A model, its card or its weights cannot be used."""


class NotFetchedError(ModelError):
    """The files of a model are elsewhere, and can be fetched."""


class DataError(SegRosError):
    """A data set, recording or results folder cannot be used."""


def capital(text: str) -> str:
    """Return a sentence with a large first letter, unless it begins with a name as people type it: ``max_rate``."""
    return text if '_' in text.partition(' ')[0] else text[:1].upper() + text[1:]


def nearest_of(word: str, known: Iterable[str], *, noun: str = 'known') -> str:
    """
    Say which known word is nearest to a mistyped one.

    :return: ``the nearest known is 'floor'``, or the first of the known words when none is near.
    """
    words = sorted(known)
    as_typed, in_small = {one: one for one in words}, {one.lower(): one for one in words}
    for spelt, among in ((word, as_typed), (word.lower(), in_small)):
        if near := get_close_matches(spelt, among, n=1, cutoff=0.6):
            return f"the nearest {noun} is '{among[near[0]]}'"
    more = f' and {len(words) - 12} more' if len(words) > 12 else ''
    return f'{noun}: {", ".join(words[:12]) + more if words else "none"}'
