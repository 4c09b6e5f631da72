# Copyright 2026 seg_ros maintainers
# SPDX-License-Identifier: Apache-2.0
"""Recordings as rosbag2 writes them (mcap and sqlite3): opened, listed and read; every mishap is one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rclpy.serialization import deserialize_message

from seg_ros.errors import DataError

SUFFIXES = ('.mcap', '.db3')
MEND = 'mend a recording that was cut off with ros2 bag reindex FOLDER, an mcap file with mcap recover FILE'


def is_bag(path: Path) -> bool:
    """Tell whether a path is a recording: a folder of rosbag2, or one of its storage files."""
    if path.is_dir():
        return (path / 'metadata.yaml').is_file() or bool(storage_files(path))
    return path.is_file() and path.suffix in SUFFIXES


def storage_files(folder: Path) -> list[Path]:
    """Return the storage files of a folder, in order."""
    return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)


class Bag:
    """
    A recording opened for reading; it is never written to. Use it in a ``with`` statement.

    :raises DataError: when it is no recording, is cut off, or needs a library that is not installed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with reading(path):
            self._reader = _reader(path)
            self._reader.open()
        self.topics: dict[str, Any] = {one.topic: one for one in self._reader.connections}

    def __enter__(self) -> Bag:
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.close()

    @property
    def connections(self) -> list[Any]:
        """The topics with type, definition and quality of service, as rosbags describes them."""
        return list(self._reader.connections)

    @property
    def span_ns(self) -> tuple[int, int]:
        """When the first message was recorded, and a nanosecond after the last."""
        return int(self._reader.start_time), int(self._reader.end_time)

    @property
    def storage(self) -> str:
        """How it is stored, ``mcap`` or ``sqlite3``."""
        files = storage_files(self.path) if self.path.is_dir() else [self.path]
        return 'sqlite3' if any('.db3' in path.name for path in files) else 'mcap'

    def kind(self, topic: str) -> str:
        """
        Return the type of a topic, ``sensor_msgs/msg/Image`` say.

        :raises DataError: when nothing was recorded of it.
        """
        if topic not in self.topics:
            raise DataError(f"{self.path} has no topic '{topic}'", f'it has {", ".join(sorted(self.topics)) or "none"}')
        return str(self.topics[topic].msgtype)

    def raw(self, topics: Sequence[str] = (), start_ns: int | None = None,
            stop_ns: int | None = None) -> Iterator[tuple[Any, int, bytes]]:
        """Yield (connection, when recorded, serialised message), the earliest first; of all topics if none is named."""
        chosen = [one for one in self._reader.connections if not topics or one.topic in topics]
        if not chosen:
            return
        with reading(self.path):
            yield from self._reader.messages(chosen, start=start_ns, stop=stop_ns)

    def messages(self, kinds: dict[str, type], start_ns: int | None = None,
                 stop_ns: int | None = None) -> Iterator[tuple[str, int, Any]]:
        """Yield (topic, when recorded, message) of the topics whose types are given."""
        for connection, recorded_ns, data in self.raw(tuple(kinds), start_ns, stop_ns):
            yield connection.topic, recorded_ns, self._message(data, kinds[connection.topic], connection.topic)

    def first(self, topic: str, kind: type) -> Any:
        """Return the first message of a topic, or None where there is none."""
        return next((message for _, _, message in self.messages({topic: kind})), None)

    def _message(self, data: bytes, kind: type, topic: str) -> Any:
        try:
            return deserialize_message(bytes(data), kind)
        except Exception as error:  # whatever the middleware raises: the bytes are not such a message
            raise DataError(f'{self.path}: a message of {topic} is damaged ({error})', MEND) from error


def _reader(path: Path) -> Any:
    Reader = rosbags_module('rosbags.rosbag2').Reader  # noqa: N806 - a class
    if path.is_dir() and not (path / 'metadata.yaml').is_file():
        files = storage_files(path)
        if len(files) != 1:
            raise DataError(f'{path} has no metadata.yaml', MEND)
        path = files[0]
    return Reader(path)


def rosbags_module(name: str) -> Any:
    """
    Return a module of the library rosbags.

    :raises DataError: when it is not installed.
    """
    from importlib import import_module
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise DataError(f"recordings are read with the Python package '{error.name}', which is not installed",
                        "type: pip install 'rosbags==0.11.9'") from error


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what rosbags and the system raise into one sentence that names the recording."""
    try:
        yield
    except (DataError, GeneratorExit):
        raise
    except PermissionError as error:
        raise DataError(f'{path} may not be read', 'change its permissions') from error
    except Exception as error:  # rosbags, apsw, zstd and lz4 each have their own
        text = ' '.join(str(error).split()).rstrip('.')
        if 'ompress' in text and 'upported' in text:
            raise DataError(f'{path} is compressed in a way that is not known ({text})',
                            'convert it with ros2 bag convert; zstd and lz4 are known') from error
        raise DataError(f'{path} is cut off or damaged, or no rosbag2 recording ({text or type(error).__name__})',
                        MEND) from error
