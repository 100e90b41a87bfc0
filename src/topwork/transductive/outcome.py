"""What an adaptation came to, as a record and in sentences."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from topwork.model import Model, RejectedRecord
from topwork.model.frozen import FrozenPart
from topwork.transductive.assembly import PRIOR
from topwork.transductive.looking import Look
from topwork.transductive.origin import Origin
from topwork.transductive.result import AdaptResult, Way
from topwork.transductive.trust import Choice


def outcome(
    model: Model,
    origin: Origin,
    target: FrozenPart,
    seen: Look,
    choice: Choice | None,
    *,
    corrected: bool,
) -> AdaptResult:
    """The record; ``corrected`` says that the model was given other shares of the classes."""
    chosen = choice.chosen if choice else None
    logits = model.parts.head.logits(target.features)
    start = logits.argmax(axis=1)
    changed, before, after = 0, None, None
    if chosen is not None:
        space = chosen.proposal.space
        changed = int((chosen.head.logits(space.target).argmax(axis=1) != start).sum())
        before = _accuracy(model.parts.head.logits(origin.features), origin)
        after = _accuracy(chosen.head.logits(space.source_as_shipped), origin)
    elif corrected and seen.classes is not None:
        said = model.parts.head.probabilities(target.features, temperature=model.card.temperature)
        changed = int((seen.classes.corrected(said).argmax(axis=1) != start).sum())
    method = chosen.proposal.name if chosen else PRIOR if corrected else None
    return AdaptResult(
        items=target.data.kind.name,
        n_items=len(target.data),
        rejected=[RejectedRecord(path=r.path, reason=r.reason) for r in target.extraction.rejected],
        source=origin.where,
        n_source=len(origin.codes),
        seen_in_training=model.parts.statistics.saw(target.extraction.keys),
        shift=seen.verdict,
        looks=seen.looks,
        classes=seen.classes,
        kind=seen.kind,
        adapted=method is not None,
        method=method,
        n_changed=changed,
        finalists=list(choice.finalists) if choice else [],
        ways=[Way(name=n, agreement=a) for n, a in choice.agreements.items()] if choice else [],
        source_before=before,
        source_after=after,
        sentences=_sentences(seen, method, changed, len(target.data)),
        seconds=0.0,
    )


def _accuracy(logits: NDArray[np.float32], origin: Origin) -> float:
    return float((logits.argmax(axis=1) == origin.codes).mean())


def _sentences(seen: Look, method: str | None, changed: int, n: int) -> list[str]:
    found = [seen.kind.sentence] if seen.kind and seen.verdict != "none" else []
    if seen.verdict == "classes" and seen.classes:
        found.append(seen.classes.sentence)
    if seen.verdict == "none":
        assert seen.looks is not None
        return [
            f"No shift worth acting on (AUC {seen.looks.auc:.2f}, p {seen.looks.p:.3f}): the model "
            "is returned as it is."
        ]
    if method is None:
        return [
            *found,
            "No other model is trusted more than the one there is: it is returned as it is.",
        ]
    return [
        *found,
        f"Adapted ({method}): {changed} of {n} items get another label. How many of them are right "
        "can't be known without labels.",
    ]
