# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""The pages a person reads, as tests need them: headings, links, code, and the commands to be typed."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r'^[ ]*```(?P<info>[^\n`]*)\n(?P<text>.*?)^[ ]*```[ ]*$', re.DOTALL | re.MULTILINE)
SPAN = re.compile(r'`([^`]+)`')
LINK = re.compile(r'\[[^\]]*\]\(([^)\s]+)\)')
SHELLS = ('', 'bash', 'sh', 'console')
PROGRAMS = ('python', 'python3', 'seg_ros', 'make', 'ros2')
PROGRAM = re.compile(rf'(?:^|[\s/])(?:{"|".join(PROGRAMS)}) ')
ENDS = {'&&', '||', '|', ';', '&', '>', '>>', '<'}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the marks after it in the info string, its text, and the line it begins on."""

    language: str
    marks: tuple[str, ...]
    text: str
    line: int

    def mark(self, name: str) -> str:
        """Return the value of a mark ``name=value``, or nothing."""
        return next((mark.partition('=')[2] for mark in self.marks if mark.startswith(f'{name}=')), '')


@dataclass(frozen=True)
class Command:
    """One command that a page tells to type, as a shell would split it."""

    page: str
    line: int
    words: tuple[str, ...]
    whole: bool  # from a block, where it stands as it is typed; in a sentence it may be cut short

    def __str__(self) -> str:
        return f'{self.page}:{self.line} {" ".join(self.words)}'


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path below the root of the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        """All of it."""
        return self.path.read_text(encoding='utf-8')

    @cached_property
    def prose(self) -> str:
        """All but its fenced blocks, whose lines are empty here."""
        return FENCE.sub(lambda found: '\n' * found.group().count('\n'), self.text)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """Its fenced blocks, in reading order."""
        return tuple(Block((info := found['info'].split() or [''])[0], tuple(info[1:]), found['text'],
                           self.text[:found.start()].count('\n') + 1) for found in FENCE.finditer(self.text))

    @cached_property
    def spans(self) -> tuple[tuple[int, str], ...]:
        """Code within sentences and tables, with the line it is on."""
        return tuple((self.prose[:found.start()].count('\n') + 1, ' '.join(found[1].split()).replace(r'\|', '|'))
                     for found in SPAN.finditer(self.prose))

    @cached_property
    def links(self) -> tuple[str, ...]:
        """Where its links lead to, pictures included."""
        return tuple(LINK.findall(SPAN.sub('', self.prose)))

    @cached_property
    def anchors(self) -> frozenset[str]:
        """What a link can name after # : each heading as GitHub spells it, numbered where it comes again."""
        seen: Counter[str] = Counter()
        anchors = set()
        for title in re.findall(r'(?m)^#+ +(.+?) *#*$', self.prose):
            anchor = re.sub(r'[^\w\- ]', '', LINK.sub('', title).lower()).strip().replace(' ', '-')
            anchors.add(f'{anchor}-{seen[anchor]}' if seen[anchor] else anchor)
            seen[anchor] += 1
        return frozenset(anchors)

    @property
    def commands(self) -> Iterator[Command]:
        """Every command of a program this package brings or is started by, in blocks and in sentences."""
        for block in self.blocks:
            if block.language in SHELLS and 'output' not in block.marks:
                text = re.sub(r'\\\n\s*', ' ', block.text)
                yield from (Command(self.name, block.line, words, True) for line in text.splitlines()
                            for words in commands_of(line))
        for line, span in self.spans:
            if '…' not in span and '...' not in span:
                yield from (Command(self.name, line, words, False) for words in commands_of(span))


def commands_of(line: str) -> Iterator[tuple[str, ...]]:
    """Yield the commands of a shell line, as far as they run a program of ours: those between &&, | and ;."""
    if not PROGRAM.search(f'{line} '):
        return
    reader = shlex.shlex(line.strip().removeprefix('$ '), posix=True, punctuation_chars=True)
    reader.whitespace_split = True
    words: list[str] = []
    for word in [*reader, ';']:
        if word in ENDS:
            yield from filter(is_ours, [tuple(words)])
            words = []
        elif not (re.fullmatch(r'\w+=.*', word) and not words):
            words.append(word)


def is_ours(words: tuple[str, ...]) -> bool:
    """Whether a command, up to where its output is sent, runs a program that this package brings or is started by."""
    return bool(words) and words[0].rpartition('/')[2] in PROGRAMS


def pages() -> tuple[Page, ...]:
    """Return every page of the repository."""
    paths = [*ROOT.glob('*.md'), *(ROOT / 'docs').rglob('*.md'), *(ROOT / 'interfaces').rglob('*.md')]
    return tuple(Page(path) for path in sorted(paths))
