"""Whether a rival that was judged on some folds is worth the others."""

from __future__ import annotations

from topwork.metrics.paired import PairedTest

MAX_BEHIND = 0.5
"""Standard errors that a rival may be behind after a single fold and still go on."""


def promising(lead: PairedTest, n_judged: int) -> bool:
    """Whether a rival goes on: not far behind after one fold, ahead after more.

    Parameters
    ----------
    lead
        Over what it has to beat, on the folds that were judged.
    n_judged
        How many folds that are.

    Examples
    --------
    >>> lead = PairedTest(difference=-0.01, error=0.03, low=-0.07, high=0.05, p=0.7, degrees=99)
    >>> promising(lead, 1), promising(lead, 2)
    (True, False)
    """
    least = -MAX_BEHIND * (lead.error or 0.0) if n_judged == 1 else 0.0
    return lead.difference > least
