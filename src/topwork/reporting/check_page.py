"""The check of the data as a page with pictures."""

from __future__ import annotations

from topwork.intake.checking import Checked
from topwork.quality import Findings
from topwork.report import ReportContent, Summary, render
from topwork.reporting.data_chapter import data_chapter


def check_page(checked: Checked, title: str) -> str:
    """One HTML page with everything that was found."""
    found, kind = checked.findings, checked.data.kind.name
    return render(
        ReportContent(
            kind=kind,
            title=title,
            subtitle=f"Check of {found.n_items} {kind}s",
            summary=Summary(question="What was found?", how_good=what_was_found(found, kind)),
            data=data_chapter(found, checked.data),
        )
    )


def what_was_found(found: Findings, kind: str) -> str:
    """Everything that needs a look, in one sentence."""
    several = sum(len(group.members) for group in found.duplicates)
    made = sum(len(family.paths) for family in found.families)
    parts = [
        (len(found.rejected), f"{len(found.rejected):,} items that can't be read"),
        (several, f"{several:,} {kind}s in {len(found.duplicates):,} groups of copies"),
        (len(found.conflicts), f"{len(found.conflicts):,} of these groups with several labels"),
        (len(found.leaks), f"{len(found.leaks):,} of these groups in several splits"),
        (made, f"{made:,} {kind}s made from {len(found.families):,} originals"),
        (len(found.small_classes), f"{len(found.small_classes):,} classes too small to judge"),
        (len(found.odd_pictures), f"{len(found.odd_pictures):,} odd {kind}s"),
        (len(found.doubtful_labels or ()), f"{len(found.doubtful_labels or ()):,} doubtful labels"),
    ]
    said = [text for count, text in parts if count]
    if not said:
        return "Nothing was found that needs a look."
    return f"{'; '.join(said)}."
