"""Items that could not be read, as a record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict

from topwork.data import Rejected


class RejectedRecord(BaseModel):
    """An item that could not be read, and why: a code, and what was seen."""

    model_config = ConfigDict(frozen=True)

    path: str
    reason: str
    detail: str = ""

    @classmethod
    def of(cls, rejected: Iterable[Rejected]) -> list[Self]:
        """Records of rejected items."""
        return [cls(path=r.path, reason=r.reason, detail=r.detail) for r in rejected]
