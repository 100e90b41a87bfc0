"""How often data were used to judge models: every look at them makes the next one less fresh."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from filelock import FileLock
from pydantic import BaseModel, ConfigDict

from topwork.runtime import state_folder, write_whole


class Uses(BaseModel):
    """How often these data have judged models, this time included.

    Attributes
    ----------
    this_model
        Evaluations of this model on exactly these data.
    models
        Models that were evaluated on them.
    """

    model_config = ConfigDict(frozen=True)

    this_model: int
    models: int

    @property
    def sentence(self) -> str:
        """The same for people; empty for the first look."""
        if self.models > 1:
            return (
                f"{self.models} models were evaluated on these data; the best one's score is "
                "biased upwards. Keep an untouched test set."
            )
        if self.this_model > 1:
            return f"This model was evaluated on these data {self.this_model} times."
        return ""


_counting: ContextVar[bool] = ContextVar("counting", default=True)


@contextmanager
def uncounted() -> Iterator[None]:
    """Evaluations in here leave no trace, as those of a demonstration, where nothing is chosen."""
    token = _counting.set(False)
    try:
        yield
    finally:
        _counting.reset(token)


def note_use(model: str, keys: Sequence[bytes]) -> Uses | None:
    """Write down that a model was judged on items.

    Parameters
    ----------
    model
        What identifies it.
    keys
        Content keys of the items.

    Returns
    -------
    Uses or None
        ``None`` where the state folder can't be written: an evaluation does not fail for that.
    """
    if not _counting.get():
        return Uses(this_model=1, models=1)
    data = hashlib.sha256(b"".join(sorted(keys))).hexdigest()
    file = state_folder() / "evaluations" / f"{data}.json"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{file}.lock", timeout=10):
            counts = _read(file)
            counts[model] = counts.get(model, 0) + 1
            write_whole(file, json.dumps({"models": counts}))
    except OSError:  # FileLock's Timeout is one, too
        return None
    return Uses(this_model=counts[model], models=len(counts))


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    models: dict[str, int]


def _read(file: Path) -> dict[str, int]:
    try:
        return _Entry.model_validate_json(file.read_bytes()).models
    except (FileNotFoundError, ValueError):  # a damaged entry begins anew
        return {}
