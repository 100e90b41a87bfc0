"""What ``report`` prints, as plain data."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class ReportResult(BaseModel):
    """Where the page is."""

    model_config = ConfigDict(frozen=True)

    path: str
