"""What was tried beside the selected model: other strategies and the baselines."""

from __future__ import annotations

from topwork.metrics.records import Record, Score
from topwork.report.reported_metrics import Kind


class Tried(Record):
    """One strategy or baseline.

    Attributes
    ----------
    score
        None where it could not be judged.
    seconds
        What it took.
    verdict
        Why it was or wasn't chosen, in a few words.
    """

    name: str
    score: Score | None
    seconds: float | None = None
    verdict: str = ""
    chosen: bool = False
    baseline: bool = False


class Strategies(Record):
    """Everything that was tried, from simple to complex.

    Attributes
    ----------
    metric
        The name of what is compared.
    kind
        Whether that is a share, or a number of which less is better.
    note
        Why the selected one was selected.
    details
        What became of each candidate, a sentence each.
    """

    tried: tuple[Tried, ...]
    metric: str = "balanced accuracy"
    kind: Kind = "share"
    note: str = ""
    details: tuple[str, ...] = ()
