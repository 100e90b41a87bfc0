"""The sections of the page, in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from topwork.report.content import ReportContent


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page.

    Parameters
    ----------
    name
        Of its template and its anchor.
    heading
        What it is called on the page.
    has_data
        Whether it has anything to say; it vanishes otherwise.
    """

    name: str
    heading: str
    has_data: Callable[[ReportContent], bool]


SECTIONS: Final = (
    Section("scores", "How good it is", lambda c: bool(c.metrics or c.strategies)),
    Section("before_after", "Before and after", lambda c: bool(c.before_after)),
    Section("adaptation", "The new domain", lambda c: bool(c.adaptation)),
    Section("clusters", "The clusters", lambda c: bool(c.clusters)),
    Section("classes", "Class by class", lambda c: bool(c.classes or c.confusions)),
    Section("probabilities", "How reliable its probabilities are", lambda c: bool(c.probabilities)),
    Section("numbers", "How reliable its predictions are", lambda c: bool(c.numbers)),
    Section("labels", "Label by label", lambda c: bool(c.labels)),
    Section("objects", "What it finds", lambda c: bool(c.objects)),
    Section("suggestions", "What to annotate", lambda c: bool(c.suggestions)),
    Section(
        "curve", "What more labels would bring", lambda c: bool(c.learning_curve or c.label_budget)
    ),
    Section("failures", "Where it fails", lambda c: bool(c.failures)),
    Section("data", "What is in the data", lambda c: bool(c.data)),
    Section("method", "How it was measured", lambda c: bool(c.method)),
)
"""Everything below the summary, which is always there."""
