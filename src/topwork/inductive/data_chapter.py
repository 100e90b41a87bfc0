"""What was found in the data, as a chapter of the report."""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from topwork.data import REASONS, Dataset
from topwork.errors import BadItem
from topwork.inductive.telling_words import LONGEST_SHOWN
from topwork.quality import DuplicateGroup, Findings
from topwork.report import (
    ClassSize,
    DataFindings,
    DoubtfulLabel,
    ItemGroup,
    Member,
    RejectedItems,
    thumbnail_data_uri,
)

SHOWN = 12
"""Pictures or groups of each kind."""

SHOWN_MEMBERS = 6


class Shown:
    """What people see of items, by name: small pictures, or texts."""

    def __init__(self, data: Dataset) -> None:
        self._kind = data.kind
        self._items = {item.name: item for item in data.items}

    def picture(self, name: str) -> str | None:
        """A data URI; ``None`` for a text, and for an item that went away since it was read."""
        seen = self._seen(name)
        return thumbnail_data_uri(seen) if isinstance(seen, np.ndarray) else None

    def text(self, name: str) -> str | None:
        """The beginning of a text; ``None`` for a picture."""
        seen = self._seen(name)
        if not isinstance(seen, str):
            return None
        return seen if len(seen) <= LONGEST_SHOWN else f"{seen[:LONGEST_SHOWN]} …"

    def _seen(self, name: str) -> np.ndarray | str | None:
        try:
            return self._kind.show(self._kind.read(self._items[name]))
        except BadItem:
            return None


def data_chapter(found: Findings, data: Dataset) -> DataFindings:
    """The findings with their pictures."""
    shown = Shown(data)
    one_label = [g for g in found.duplicates if len({m.label for m in g.members}) == 1]
    doubtful = found.doubtful_labels or ()
    sources = (f"{len(h.paths)} names look like one source: {h.stem}" for h in found.hints)
    return DataFindings(
        rejected=_rejected(found),
        duplicates=tuple(_group(g, "copies", shown) for g in one_label[:SHOWN]),
        n_duplicates=len(one_label),
        conflicts=tuple(_group(g, "several labels", shown) for g in found.conflicts[:SHOWN]),
        n_conflicts=len(found.conflicts),
        doubtful=tuple(
            DoubtfulLabel(
                path=d.path,
                label=d.given,
                suggested=d.suggested,
                confidence=d.probability,
                picture=shown.picture(d.path),
                text=shown.text(d.path),
            )
            for d in doubtful[:SHOWN]
        ),
        n_doubtful=len(doubtful),
        class_sizes=tuple(ClassSize(label=c.label, n=c.n) for c in found.classes),
        hints=(*data.hints, *sources),
    )


def _rejected(found: Findings) -> tuple[RejectedItems, ...]:
    by_reason: dict[str, list[str]] = defaultdict(list)
    for item in found.rejected:
        by_reason[item.reason].append(item.path)
    return tuple(
        RejectedItems(
            reason=reason, meaning=REASONS.get(reason, ""), n=len(paths), examples=tuple(paths[:5])
        )
        for reason, paths in by_reason.items()
    )


def _group(group: DuplicateGroup, kind: str, shown: Shown) -> ItemGroup:
    return ItemGroup(
        kind=kind,
        members=tuple(
            Member(
                path=m.path,
                label=m.label or "",
                picture=shown.picture(m.path),
                text=shown.text(m.path),
            )
            for m in group.members[:SHOWN_MEMBERS]
        ),
        n=len(group.members),
    )
