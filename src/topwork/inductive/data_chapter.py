"""What was found in the data, as a chapter of the report."""

from __future__ import annotations

from collections import defaultdict

from topwork.data import REASONS, Dataset, Framing
from topwork.errors import BadItem
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
_PICTURE = Framing(96, 96, geometry="pad")


class Pictures:
    """Small pictures of items by name."""

    def __init__(self, data: Dataset) -> None:
        self._kind = data.kind
        self._items = {item.name: item for item in data.items}

    def of(self, name: str) -> str | None:
        """A data URI; ``None`` for an item that went away since it was read."""
        try:
            content = self._kind.read(self._items[name])
            return thumbnail_data_uri(self._kind.decode(content, _PICTURE))
        except BadItem:
            return None


def data_chapter(found: Findings, data: Dataset) -> DataFindings:
    """The findings with their pictures."""
    pictures = Pictures(data)
    one_label = [g for g in found.duplicates if len({m.label for m in g.members}) == 1]
    doubtful = found.doubtful_labels or ()
    sources = (f"{len(h.paths)} names look like one source: {h.stem}" for h in found.hints)
    return DataFindings(
        rejected=_rejected(found),
        duplicates=tuple(_group(g, "copies", pictures) for g in one_label[:SHOWN]),
        n_duplicates=len(one_label),
        conflicts=tuple(_group(g, "several labels", pictures) for g in found.conflicts[:SHOWN]),
        n_conflicts=len(found.conflicts),
        doubtful=tuple(
            DoubtfulLabel(
                path=d.path,
                label=d.given,
                suggested=d.suggested,
                confidence=d.probability,
                picture=pictures.of(d.path),
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


def _group(group: DuplicateGroup, kind: str, pictures: Pictures) -> ItemGroup:
    return ItemGroup(
        kind=kind,
        members=tuple(
            Member(path=m.path, label=m.label or "", picture=pictures.of(m.path))
            for m in group.members[:SHOWN_MEMBERS]
        ),
        n=len(group.members),
    )
