"""The end of a fit: the model where it was asked for, and the record that says so."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from topwork.data import Dataset
from topwork.model.continual.previous import save_beside_previous
from topwork.model.sealed_model import SealedModel
from topwork.reporting.result import Seconds

Result = TypeVar("Result", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds since a fit began.

    Parameters
    ----------
    begun
        By `time.monotonic`.
    before
        Seconds that finding the items had taken.
    """

    begun: float
    before: float

    def spent(self, parts: dict[str, float]) -> Seconds:
        """The seconds of each part, and of all."""
        return Seconds(read=self.before, total=self.total, **parts)

    @property
    def total(self) -> float:
        return self.before + time.monotonic() - self.begun


def model_name(data: Dataset, save_to: Path | None, *, default: str) -> str:
    """What a model is called in its report: like its folder, or else its data."""
    if save_to is not None:
        return save_to.name.removesuffix(".topwork") or default
    return Path(data.source).name or default


def saved(
    model: SealedModel, result: Result, save_to: Path | None, spent: Seconds, clock: Clock
) -> Result:
    """Save the model if that is wanted; the record, with where it and a previous model are.

    Parameters
    ----------
    result
        With the fields ``model``, ``previous_model`` and ``seconds``.
    """
    if save_to is None:
        return result
    earlier = save_beside_previous(model, save_to)
    return result.model_copy(
        update={
            "model": str(save_to),
            "previous_model": None if earlier is None else str(earlier),
            "seconds": spent.model_copy(update={"total": clock.total}),
        }
    )
