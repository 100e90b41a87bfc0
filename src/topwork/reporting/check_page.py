"""The check of the data as a page with images."""

from __future__ import annotations

from topwork.intake.data_check import DataCheck
from topwork.quality import Findings
from topwork.quality.boxes.box_findings import BoxFindings
from topwork.report import ReportContent, Summary, render
from topwork.reporting.data_section import data_section
from topwork.runtime.counted import counted


def check_page(checked: DataCheck, title: str) -> str:
    """One HTML page with everything that was found."""
    found, kind = checked.findings, checked.data.kind.name
    return render(
        ReportContent(
            kind=kind,
            title=title,
            subtitle=f"Check of {counted(found.n_items, kind)}",
            notice=checked.data.notice,
            summary=Summary(question="What was found?", how_good=what_was_found(found, kind)),
            data=data_section(found, checked.data),
        )
    )


def what_was_found(found: Findings, kind: str) -> str:
    """Everything that needs a look, in one sentence."""
    several = sum(len(group.members) for group in found.duplicates)
    made = sum(len(family.paths) for family in found.families)
    parts = [
        (len(found.rejected), f"{counted(len(found.rejected), 'item')} unreadable"),
        (
            several,
            f"{several:,} {kind}s in {counted(len(found.duplicates), 'group')} of duplicates",
        ),
        (len(found.conflicts), f"{len(found.conflicts):,} of these groups with several labels"),
        (len(found.leaks), f"{len(found.leaks):,} of these groups in several splits"),
        (made, f"{made:,} {kind}s from {counted(len(found.families), 'original')}"),
        (
            len(found.small_classes),
            f"{counted(len(found.small_classes), 'class', 'classes')} too small to evaluate",
        ),
        (len(found.odd_items), counted(len({o.path for o in found.odd_items}), f"odd {kind}")),
        (
            len(found.doubtful_labels or ()),
            counted(len(found.doubtful_labels or ()), "doubtful label"),
        ),
        *_about_boxes(found.boxes),
    ]
    said = [text for count, text in parts if count]
    if not said:
        return "No problems found."
    return f"{'; '.join(said)}."


def _about_boxes(found: BoxFindings | None) -> list[tuple[int, str]]:
    if found is None:
        return []
    n_same = len(found.duplicates) + len(found.conflicts)
    return [
        (len(found.issues), f"{len(found.issues):,} boxes or files not taken as they are written"),
        (n_same, f"{counted(n_same, 'pair')} of boxes at one place"),
        (len(found.odd_boxes), counted(len(found.odd_boxes), "odd box", "odd boxes")),
    ]
