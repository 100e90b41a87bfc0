"""How far a sitting is, for the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SittingState:
    """How far a sitting is, for a page: plain data.

    Parameters
    ----------
    ready
        Whether items can be asked about; before, they are being read.
    told
        What is being done.
    next
        Items in their order.
    shown
        The item that was asked for, which a new plan may have moved further away.
    """

    ready: bool
    told: str
    next: Sequence[Mapping[str, Any]]
    shown: Mapping[str, Any] | None
    counts: Mapping[str, int]
    n_items: int
    n_labelled: int
    n_audit: int
    n_audit_left: int
    classes: Sequence[str]
    can_undo: bool
    sentences: Sequence[str]
    notes: Sequence[str]
