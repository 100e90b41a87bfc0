"""What going on from a base model brought and cost."""

from __future__ import annotations

from topwork.metrics.records import Record, Score


class Compared(Record):
    """The base model and the selected one on some of the items."""

    name: str
    n: int
    before: Score
    after: Score


class BeforeAfter(Record):
    """How good the base model was, and how good the selected one is.

    Attributes
    ----------
    metric
        The name of the share that is compared.
    notes
        What must be read before the numbers are used.
    """

    rows: tuple[Compared, ...]
    sentence: str
    notes: tuple[str, ...] = ()
    metric: str = "balanced accuracy"
