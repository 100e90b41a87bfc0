"""What a long benchmark has found so far, in a file, so that a stopped run goes on."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel

from benchmarks.record import commit

VARIABLE = "TOPWORK_BENCH_PROGRESS"


Found = TypeVar("Found", bound=BaseModel)


class Progress(Generic[Found]):
    """Outcomes by name, one a line, in the folder of ``TOPWORK_BENCH_PROGRESS`` or a temporary one.

    Those of another commit are not taken.

    Parameters
    ----------
    name
        Of the benchmark.
    model
        What one outcome is.
    """

    def __init__(self, name: str, model: type[Found]) -> None:
        folder = Path(os.environ.get(VARIABLE) or Path(tempfile.gettempdir()) / "topwork-bench")
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / f"{name}-{(commit()[0] or 'unknown')[:12]}.jsonl"
        self._found: dict[str, Found] = {}
        if self._file.exists():
            for line in self._file.read_text("utf-8").splitlines():
                key, value = json.loads(line)
                self._found[key] = model.model_validate(value)

    def done(self, name: str) -> Found | None:
        """The outcome, if an earlier run has it."""
        return self._found.get(name)

    def add(self, name: str, found: Found) -> None:
        """Keep an outcome."""
        with self._file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps([name, found.model_dump(mode="json")]) + "\n")

    def clear(self) -> None:
        """Forget everything, once the result is written."""
        self._file.unlink(missing_ok=True)
