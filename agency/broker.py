"""The queue of an installation without Redis or RabbitMQ: a folder, one file a message.

kombu's filesystem transport with two differences. A message appears by a rename, so that no reader sees half of one;
and a reader keeps the list of names that it read, so that a thousand waiting messages cost one reading of the folder
and not a thousand.
"""

import os
import time
import uuid
from collections import deque
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """One process' way into the folder."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._seen: dict[str, deque[str]] = {}

    def _put(self, queue: str, payload: Any, **_options: Any) -> None:  # type: ignore[override]  # as kombu has it
        # Wall clock, not the monotonic one: the names must sort after a restart of the machine too.
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        folder = Path(self.data_folder_out)
        unfinished = folder / f".{name}"
        unfinished.write_text(dumps(payload))
        unfinished.rename(folder / name)

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:  # noqa: ARG002 - kombu's signature
        waiting = self._seen.setdefault(queue, deque())
        if not waiting:
            waiting.extend(sorted(self._names(queue)))
        while waiting:
            name = waiting.popleft()
            taken = Path(self.processed_folder) / name
            try:
                (Path(self.data_folder_in) / name).rename(taken)
            except FileNotFoundError:
                continue  # another worker took it
            payload: dict[str, Any] = loads(taken.read_text())
            taken.unlink()
            return payload
        raise Empty

    def _names(self, queue: str) -> list[str]:
        ending = f".{queue}.msg"
        return [name for name in os.listdir(self.data_folder_in) if name.endswith(ending) and name[0] != "."]  # noqa: PTH208 - a thousand names, no Path for each


class Transport(filesystem.Transport):
    """What ``filo-folder://`` means."""

    Channel = Channel
