"""What ``report`` prints, as plain data."""

from __future__ import annotations

from pydantic import ConfigDict

from topwork.data.json_object import JsonObject


class ReportResult(JsonObject):
    """Where the page is."""

    model_config = ConfigDict(frozen=True)

    path: str
