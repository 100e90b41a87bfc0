"""Which of the heads on stored features is used, and what is reported of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.metrics.paired import PairedTest
from topwork.selection.choice import Candidate as Scored
from topwork.selection.choice import Rule, Selection, choose
from topwork.trials.head_candidates import (
    HeldOut,
    HeldOut_co,
    Integers,
    LossWords,
    made_of,
    put_together,
)


class Compared(Protocol[HeldOut_co]):
    """An evaluated candidate, whatever it is made of."""

    @property
    def name(self) -> str: ...
    @property
    def baseline(self) -> bool: ...
    @property
    def above(self) -> bool: ...
    @property
    def selectable(self) -> bool: ...
    @property
    def losses(self) -> NDArray[np.float64]: ...
    @property
    def held_out(self) -> HeldOut_co: ...


@dataclass(frozen=True, eq=False)
class HeadSelection(Generic[HeldOut]):
    """Which candidate is used, and what is reported of it.

    Parameters
    ----------
    chosen
        Its position.
    verdict
        Why; None where there was one candidate only.
    held_out
        Predictions to report: of each item by the candidate that would be chosen without its fold.
    """

    chosen: int
    verdict: Selection | None
    held_out: HeldOut


def select_candidate(
    candidates: Sequence[Compared[HeldOut]],
    folds: Integers,
    groups: Integers,
    words: LossWords,
) -> HeadSelection[HeldOut]:
    """The simplest candidate within one standard error of the smallest loss.

    Parameters
    ----------
    candidates
        From simple to complex; the first that is no baseline is used where there are too few items
        to compare.
    folds, groups
        Fold and group of each item, ``(n,)``.
    """
    if len(candidates) == 1:
        return HeadSelection(0, None, candidates[0].held_out)
    verdict = _verdict(candidates, folds, groups, np.ones(len(folds), bool), words)
    chosen = _position(candidates, verdict.chosen)
    if not verdict.ranked:
        return HeadSelection(chosen, verdict, candidates[chosen].held_out)
    parts = []
    for fold in np.unique(folds):
        own = np.flatnonzero(folds == fold)
        without = _verdict(candidates, folds, groups, folds != fold, words)
        held_out = candidates[_position(candidates, without.chosen)].held_out
        parts.append((own, made_of(held_out, [column[own] for column in held_out])))
    return HeadSelection(chosen, verdict, put_together(parts, len(folds)))


def _verdict(
    candidates: Sequence[Compared[Any]],
    folds: Integers,
    groups: Integers,
    rows: NDArray[np.bool_],
    words: LossWords,
) -> Selection:
    """The simplest of equals, unless a candidate above beats the best of them significantly."""
    candidates = [candidate for candidate in candidates if candidate.selectable]
    below = [candidate for candidate in candidates if not candidate.above]
    fallback = next((c.name for c in below if not c.baseline), below[-1].name)
    simple = _chosen(below, folds, groups, rows, "one standard error", fallback=fallback)
    if not simple.ranked:
        return simple
    simple = simple.model_copy(update={"reason": _reason(simple, words)})
    above = [candidate for candidate in candidates if candidate.above]
    if not above:
        return simple
    rival = below[_position(below, simple.leader)]
    more = _chosen([rival, *above], folds, groups, rows, "significance")
    tested = more.ranked_candidates[1:]
    ranked_candidates = (*simple.ranked_candidates, *tested)
    if more.chosen == rival.name:
        return simple.model_copy(update={"ranked_candidates": ranked_candidates})
    behind = more.ranked_candidates[0].behind
    assert behind is not None
    reason = f"{more.chosen} lowers the {words.name} of {rival.name} by {_told(behind, words)}."
    found = {"chosen": more.chosen, "leader": more.leader, "reason": reason}
    return simple.model_copy(update={**found, "ranked_candidates": ranked_candidates})


def _told(lead: PairedTest, words: LossWords) -> str:
    """A difference of losses with its interval."""
    difference = words.difference.format(lead.difference)
    if lead.low is None or lead.high is None:
        return difference
    low, high = words.difference.format(lead.low), words.difference.format(lead.high)
    return f"{difference} (95 % confidence interval {low} to {high})"


def _chosen(
    candidates: Sequence[Compared[Any]],
    folds: Integers,
    groups: Integers,
    rows: NDArray[np.bool_],
    rule: Rule,
    *,
    fallback: str | None = None,
) -> Selection:
    left = np.unique(folds[rows])
    return choose(
        [Scored(candidate.name, -candidate.losses[rows]) for candidate in candidates],
        folds=folds[rows],
        n_folds=len(np.unique(folds)) if len(left) < 2 else None,
        groups=groups[rows],
        rule=rule,
        fallback=fallback,
    )


def _reason(verdict: Selection, words: LossWords) -> str:
    """Why this one, in one sentence."""
    ranked = {one.name: one for one in verdict.ranked_candidates}
    chosen = ranked[verdict.chosen]
    if chosen.behind is None:
        simpler = [one.name for one in verdict.ranked_candidates if one.beaten]
        over = f", below {', '.join(simpler)}" if simpler else ""
        return (
            f"{chosen.name} has the lowest {words.name}, {words.value.format(-chosen.score)}{over}."
        )
    return (
        f"The {words.name} of {verdict.leader} is "
        f"{words.difference.format(chosen.behind.difference)} below that of {chosen.name}, within "
        f"one standard error: {chosen.name} is simpler."
    )


def _position(candidates: Sequence[Compared[Any]], name: str) -> int:
    return [candidate.name for candidate in candidates].index(name)
