"""The check of the data as a page with pictures."""

from __future__ import annotations

from topwork.data import REASONS, Dataset, Framing
from topwork.errors import BadItem
from topwork.inductive.checking import Checked
from topwork.quality import DuplicateGroup
from topwork.report import (
    ClassSize,
    DataFindings,
    DoubtfulLabel,
    ItemGroup,
    Member,
    RejectedItems,
    ReportContent,
    Summary,
    render,
    thumbnail_data_uri,
)

SHOWN = 12
_PICTURE = Framing(96, 96, geometry="pad")


def check_page(checked: Checked, title: str) -> str:
    """One HTML page with everything that was found."""
    found = checked.findings
    pictures = _Pictures(checked.data)
    doubtful = found.doubtful_labels or ()
    return render(
        ReportContent(
            title=title,
            subtitle=f"Check of {found.n_items} images",
            summary=Summary(
                how_good="Nothing was found that needs a look."
                if found.clean
                else "Some things need a look before anything is learnt from these images."
            ),
            data=DataFindings(
                rejected=tuple(
                    RejectedItems(
                        reason=reason,
                        meaning=REASONS.get(reason, ""),
                        n=n,
                        examples=tuple(r.path for r in found.rejected if r.reason == reason)[:5],
                    )
                    for reason, n in found.rejected_by_reason.items()
                ),
                duplicates=tuple(_group(g, pictures) for g in found.duplicates[:SHOWN]),
                n_duplicates=len(found.duplicates),
                conflicts=tuple(_group(g, pictures) for g in found.conflicts[:SHOWN]),
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
                hints=tuple(
                    f"{len(h.paths)} names look like one source: {h.stem}" for h in found.hints
                ),
            ),
        )
    )


class _Pictures:
    """Pictures of items by name."""

    def __init__(self, data: Dataset) -> None:
        self._kind = data.kind
        self._items = {item.name: item for item in data.items}

    def of(self, name: str) -> str | None:
        try:
            content = self._kind.read(self._items[name])
            return thumbnail_data_uri(self._kind.decode(content, _PICTURE))
        except BadItem:  # it went away since
            return None


def _group(group: DuplicateGroup, pictures: _Pictures) -> ItemGroup:
    return ItemGroup(
        kind=group.kind,
        members=tuple(
            Member(path=m.path, label=m.label or "", picture=pictures.of(m.path))
            for m in group.members[:6]
        ),
        n=len(group.members),
    )
