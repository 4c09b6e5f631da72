# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""A recording written in parts: a finished part is never touched again, and all together become one recording."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from rclpy.qos import QoSProfile

from seg_ros.errors import DataError
from seg_ros.recordings.bags import Bag, rosbags_module
from seg_ros.recordings.message_definitions import described, type_name

UNFINISHED = '.unfinished'
JOB = 'job.json'
PLACEHOLDER = 'RIHS01_' + '0' * 64  # old recordings say neither definition nor hash of a type
FIRST_WITH_WORDS = 9  # from this version on metadata.yaml has words for the quality of service


class BagParts:
    """
    The folder of a recording that is being written.

    :param folder: of the recording; ``metadata.yaml`` appears in it when all parts are there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def is_complete(self) -> bool:
        """Whether the recording is whole."""
        return (self.folder / 'metadata.yaml').is_file()

    def begin(self, job: dict[str, Any], *, resume: bool) -> None:
        """
        Make the folder, or go on in it; parts that were not finished are dropped.

        :param job: what is done, as JSON knows it; the same must be done when it goes on.
        :raises DataError: when there is something else already.
        """
        file = self.folder / JOB
        if self.folder.exists() and not resume:
            raise DataError(f'{self.folder} exists already', 'choose another name, or go on where it stopped with '
                                                             '--resume')
        if self.folder.exists():
            self._check_same(file, job)
        self.folder.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(job, indent=2) + '\n', encoding='utf-8')
        for path in self.folder.glob(f'part_*{UNFINISHED}'):
            shutil.rmtree(path)

    def is_finished(self, number: int) -> bool:
        """Tell whether a part is there."""
        return self._part(number).is_dir()

    def facts(self, number: int) -> dict[str, Any]:
        """Return what was noted when a part was finished."""
        noted: dict[str, Any] = json.loads((self._part(number) / 'facts.json').read_text(encoding='utf-8'))
        return noted

    def file(self, number: int, name: str) -> Path:
        """Return a file beside the messages of a finished part."""
        return self._part(number) / name

    @contextmanager
    def writing(self, number: int, source: Bag) -> Iterator[PartWriter]:
        """Yield what writes a part of a copy of ``source``; the part is finished when the block ends well."""
        folder = self._part(number).with_name(self._part(number).name + UNFINISHED)
        folder.mkdir()
        rosbag2 = rosbags_module('rosbags.rosbag2')
        writer = rosbag2.Writer(folder / 'bag', version=9 if _version(source) >= FIRST_WITH_WORDS else 8,
                                storage_plugin=rosbag2.StoragePlugin[source.storage.upper()])
        if source.storage == 'mcap':
            enums = rosbags_module('rosbags.rosbag2.enums')
            writer.set_compression(enums.CompressionMode.STORAGE, enums.CompressionFormat.ZSTD)
        with writer:
            part = PartWriter(writer, source, folder)
            yield part
        (folder / 'facts.json').write_text(json.dumps(part.facts), encoding='utf-8')
        folder.rename(self._part(number))

    def complete(self, count: int) -> None:
        """Make the finished parts one recording; may be interrupted and called again."""
        metadata = _joined([self._metadata(number) for number in range(count)])
        names = []
        for number in range(count):
            suffix = '.db3' if metadata['storage_identifier'] == 'sqlite3' else '.mcap'
            target = self.folder / f'{self.folder.name}_{number}{suffix}'
            written = self._part(number) / 'bag' / f'bag{suffix}'
            if written.exists():
                written.rename(target)
            names.append(target.name)
        metadata['relative_file_paths'] = names
        for name, file in zip(names, metadata['files'], strict=True):
            file['path'] = name
        waiting = self.folder / 'metadata.yaml.unfinished'
        with open(waiting, 'w', encoding='utf-8') as stream:
            _yaml().dump({'rosbag2_bagfile_information': metadata}, stream)
        waiting.rename(self.folder / 'metadata.yaml')
        self.tidy()

    def tidy(self) -> None:
        """Remove what was needed only to write."""
        for path in self.folder.glob('part_*'):
            shutil.rmtree(path)
        (self.folder / JOB).unlink(missing_ok=True)

    def _part(self, number: int) -> Path:
        return self.folder / f'part_{number:05d}'

    def _metadata(self, number: int) -> dict[str, Any]:
        with open(self._part(number) / 'bag' / 'metadata.yaml', encoding='utf-8') as stream:
            table: dict[str, Any] = _yaml().load(stream)['rosbag2_bagfile_information']
        return table

    def _check_same(self, file: Path, job: dict[str, Any]) -> None:
        try:
            before = json.loads(file.read_text(encoding='utf-8'))
        except (OSError, ValueError) as error:
            raise DataError(f'{self.folder} is no recording that was being labelled', 'choose another name') from error
        changed = sorted(key for key in job.keys() | before.keys() if job.get(key) != before.get(key))
        if changed:
            words = ', '.join(f'{key} was {before.get(key)!r}' for key in changed)
            raise DataError(f'{self.folder} was begun otherwise: {words}', 'give the same, or choose another name')


class PartWriter:
    """
    Writes messages into a part.

    :ivar facts: what is noted with the part, as JSON knows it. :ivar folder: for files beside the messages.
    """

    def __init__(self, writer: Any, source: Bag, folder: Path) -> None:
        self._writer, self.folder = writer, folder
        self.facts: dict[str, Any] = {}
        self._copied = {_key(one): self._copy_of(one) for one in source.connections}
        self._added: dict[str, Any] = {}

    def copy(self, connection: Any, recorded_ns: int, data: bytes) -> None:
        """Write a message of the source as it is."""
        self._writer.write(self._copied[_key(connection)], recorded_ns, data)

    def add(self, topic: str, kind: type, profile: QoSProfile) -> None:
        """Declare a topic that the source does not have."""
        text, digest = described(kind)
        self._added[topic] = self._writer.add_connection(
            topic, type_name(kind), msgdef=text, rihs01=digest, offered_qos_profiles=[bag_qos(profile)])

    def write(self, topic: str, recorded_ns: int, data: bytes) -> None:
        """Write a message of a topic that was added."""
        self._writer.write(self._added[topic], recorded_ns, data)

    def _copy_of(self, one: Any) -> Any:
        definition, digest = one.msgdef.data, one.digest
        if not definition or not digest:
            text, known = _remembered(one.msgtype)
            definition, digest = definition or text, digest or known
        return self._writer.add_connection(one.topic, one.msgtype, msgdef=definition, rihs01=digest,
                                           serialization_format=one.ext.serialization_format,
                                           offered_qos_profiles=one.ext.offered_qos_profiles)


def _key(connection: Any) -> tuple[str, str, str]:
    return connection.topic, connection.msgtype, str(connection.ext)


@lru_cache
def _remembered(name: str) -> tuple[str, str]:
    """Return definition and hash of a type that a recording does not describe; empty ones for what nobody knows."""
    typesys = rosbags_module('rosbags.typesys')
    store = typesys.get_typestore(typesys.Stores.ROS2_HUMBLE)  # newer recordings describe their types
    if name not in store.types:
        return '', PLACEHOLDER
    return store.generate_msgdef(name, ros_version=2)[0], store.hash_rihs01(name)


def bag_qos(profile: QoSProfile) -> Any:
    """Return a quality of service as rosbags writes it."""
    words = rosbags_module('rosbags.interfaces')
    zero = words.QosTime(0, 0)
    return words.Qos(words.QosHistory.KEEP_LAST, profile.depth, words.QosReliability(int(profile.reliability)),
                     words.QosDurability(int(profile.durability)), zero, zero, words.QosLiveliness.SYSTEM_DEFAULT,
                     zero, False)


def _version(bag: Bag) -> int:
    file = bag.path / 'metadata.yaml'
    found = re.search(r'(?m)^\s+version:\s*(\d+)', file.read_text(encoding='utf-8')) if file.is_file() else None
    return int(found[1]) if found else FIRST_WITH_WORDS


def _yaml() -> Any:
    yaml = rosbags_module('ruamel.yaml').YAML(typ='safe')
    yaml.default_flow_style = False
    return yaml


def _joined(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the metadata of a recording whose files are these parts, in order."""
    joined = dict(parts[0])
    filled = [part for part in parts if part['message_count']]
    start = min(part['starting_time']['nanoseconds_since_epoch'] for part in filled)
    end = max(part['starting_time']['nanoseconds_since_epoch'] + part['duration']['nanoseconds'] for part in filled)
    counts = [part['topics_with_message_count'] for part in parts]
    topics = [{**same[0], 'message_count': sum(one['message_count'] for one in same)}
              for same in zip(*counts, strict=True)]
    return {**joined, 'starting_time': {'nanoseconds_since_epoch': start}, 'duration': {'nanoseconds': end - start},
            'message_count': sum(part['message_count'] for part in parts), 'topics_with_message_count': topics,
            'files': [dict(part['files'][0]) for part in parts]}
