"""What a sitting has come to, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from topwork.labelling.annotation.agreement import Agreement
from topwork.labelling.annotation.naming import SuggestedBy
from topwork.labelling.annotation.planning import NextStep, Plan
from topwork.metrics.records import Score

LEARNT_FROM: Final[Mapping[SuggestedBy, str]] = {
    "answers": "these labels",
    "names": "the names of the classes alone",
    "names and answers": "these labels and the names of the classes",
}


def sentences(plan: Plan, agreed: Agreement) -> list[str]:
    """What the labels are worth, what more would bring, and how far the person can be relied on.

    Examples
    --------
    >>> sentences(Plan(), Agreement(30, 29, 0, 0))[0]
    'You gave the same answer to 29 of 30 items that were asked twice (97 %, 83 to 99).'
    """
    found = []
    if plan.accuracy is not None:
        learnt = LEARNT_FROM[plan.suggested_by]
        found.append(
            f"A model on {learnt} is right on {_share(plan.accuracy)} of the "
            f"{plan.n_judged} items drawn at random to measure that."
        )
    if plan.step is not None:
        found.append(step_sentence(plan.step))
    if (score := agreed.score) is not None:
        found.append(
            f"You gave the same answer to {agreed.n_same} of {agreed.n} items that were asked "
            f"twice ({_range(score)})."
        )
    if (score := agreed.anchoring) is not None:
        found.append(
            f"Of {agreed.n_followed} suggestions that you took, you answered {agreed.n_anchored} "
            f"otherwise without seeing them ({_range(score)})."
        )
    return found


def step_sentence(step: NextStep) -> str:
    """What more labels would probably bring."""
    return (
        f"{step.labels} more labels would probably add {step.points:.1f} points of accuracy "
        f"({step.low:.1f} to {step.high:.1f})."
    )


def _share(score: Score) -> str:
    share, bounds = _range(score).split(", ")
    return f"{share} ({bounds})"


def _range(score: Score) -> str:
    assert score.high is not None, "of shares"
    return f"{100 * score.value:.0f} %, {100 * score.low:.0f} to {100 * score.high:.0f}"
