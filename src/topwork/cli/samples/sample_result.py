"""What ``topwork sample --json`` prints."""

from __future__ import annotations

from pydantic import BaseModel

from topwork.data.json_object import JsonObject


class Sample(BaseModel):
    """One set of sample data that can be written."""

    kind: str
    what: str


class SampleResult(JsonObject):
    """Where sample data were written, and a command to try on them; or which there are."""

    written: str | None = None
    command: str | None = None
    kinds: tuple[Sample, ...] = ()
