"""Events as JSON lines in a file."""

from __future__ import annotations

import json
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path
from typing import IO

from topwork.deployment.live.events import Event
from topwork.deployment.live.recognised_frame import RecognisedFrame
from topwork.errors import ParameterError


class EventFile:
    """A file that events are appended to, each written at once.

    Parameters
    ----------
    file
        Where.

    Raises
    ------
    ParameterError
        Something else is there.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self.keys: AbstractSet[str] = frozenset(_keys_in(file))
        self._opened: IO[str] | None = None

    def event(self, event: Event) -> None:
        """Append one."""
        if self._opened is None:
            self._opened = self._file.open("a", encoding="utf-8", errors="surrogateescape")
        self._opened.write(f"{_line(event)}\n")
        self._opened.flush()

    def frame(self, recognised: RecognisedFrame) -> None:
        """Frames are no events."""

    def close(self) -> None:
        """Write no more."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None


def _line(event: Event) -> str:
    try:
        return event.model_dump_json()
    except ValueError:  # a file's name that is no UTF-8
        return json.dumps(event.model_dump())


def _keys_in(file: Path) -> list[str]:
    """The content keys in a file of events, which must be one."""
    if not file.exists():
        return []
    keys = []
    with file.open(encoding="utf-8", errors="surrogateescape") as lines:
        for number, line in enumerate(lines):
            found = None
            with suppress(ValueError):
                found = json.loads(line)
            if number == 0 and not (isinstance(found, dict) and "event" in found):
                raise ParameterError(
                    f"{file} exists and holds no events, so it is left as it is.",
                    remedy="Choose another name, or remove the file first.",
                    code="would_overwrite",
                )
            if isinstance(found, dict) and isinstance(found.get("key"), str):
                keys.append(found["key"])
    return keys
