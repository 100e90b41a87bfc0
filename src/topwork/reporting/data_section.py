"""What was found in the data, as a section of the report."""

from __future__ import annotations

from collections import defaultdict

from topwork.data import REASONS, Dataset, skipped_sentences
from topwork.quality import DuplicateGroup, Family, Findings
from topwork.report import (
    ClassSize,
    DataFindings,
    DoubtfulLabel,
    ItemGroup,
    Member,
    RejectedItems,
    Shown,
)

SHOWN = 12
"""Images or groups of each kind."""

SHOWN_MEMBERS = 6


def data_section(found: Findings, data: Dataset) -> DataFindings:
    """The findings with their images."""
    shown = Shown(data)
    one_label = [g for g in found.duplicates if len({m.label for m in g.members}) == 1]
    doubtful = found.doubtful_labels or ()
    return DataFindings(
        rejected=_rejected(found),
        duplicates=tuple(_group(g, "copies", shown) for g in one_label[:SHOWN]),
        n_duplicates=len(one_label),
        conflicts=tuple(_group(g, "several labels", shown) for g in found.conflicts[:SHOWN]),
        n_conflicts=len(found.conflicts),
        doubtful=tuple(
            DoubtfulLabel(
                path=d.path,
                label=d.given_words,
                suggested=d.suggested,
                confidence=d.probability,
                image=shown.image(d.path),
                text=shown.text(d.path),
            )
            for d in doubtful[:SHOWN]
        ),
        n_doubtful=len(doubtful),
        class_sizes=tuple(
            ClassSize(label=c.label, n=c.n)
            for c in (found.classes or (found.boxes.classes if found.boxes else ()))
        ),
        families=tuple(_family(f, shown) for f in found.families[:SHOWN]),
        n_families=len(found.families),
        hints=(
            *data.hints,
            *skipped_sentences(data.ignored, f"{data.kind.name}s"),
            *_sources(found),
            *(pair.sentence for pair in found.label_pairs[:SHOWN]),
        ),
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


def _sources(found: Findings) -> tuple[str, ...]:
    """One line for all names that may come from one source."""
    if not found.hints:
        return ()
    n = sum(len(hint.paths) for hint in found.hints)
    some = ", ".join(hint.stem for hint in found.hints[:3])
    return (
        f"The names of {n:,} items look as if they came from {len(found.hints):,} sources, such as "
        f"{some}. If a source is a patient or a video, say so in a column group.",
    )


def _family(family: Family, shown: Shown) -> ItemGroup:
    return ItemGroup(
        kind="one original",
        members=tuple(
            Member(
                path=path,
                label=family.label or "",
                image=shown.image(path),
                text=shown.text(path),
            )
            for path in family.paths[:SHOWN_MEMBERS]
        ),
        n=len(family.paths),
    )


def _group(group: DuplicateGroup, kind: str, shown: Shown) -> ItemGroup:
    return ItemGroup(
        kind=kind,
        members=tuple(
            Member(
                path=m.path,
                label=m.label or "",
                image=shown.image(m.path),
                text=shown.text(m.path),
            )
            for m in group.members[:SHOWN_MEMBERS]
        ),
        n=len(group.members),
    )
