"""The check of the data as a page with pictures."""

from __future__ import annotations

from topwork.inductive.checking import Checked
from topwork.inductive.data_chapter import data_chapter
from topwork.report import ReportContent, Summary, render


def check_page(checked: Checked, title: str) -> str:
    """One HTML page with everything that was found."""
    found = checked.findings
    return render(
        ReportContent(
            title=title,
            subtitle=f"Check of {found.n_items} {checked.data.kind.name}s",
            summary=Summary(
                how_good="Nothing was found that needs a look."
                if found.clean
                else "Some things need a look before anything is learnt from these items."
            ),
            data=data_chapter(found, checked.data),
        )
    )
