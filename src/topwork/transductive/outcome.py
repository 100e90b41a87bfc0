"""What an adaptation came to, as a record and in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from topwork.evaluation.audit import AuditResult
from topwork.evaluation.choice import Verdict
from topwork.evaluation.records import Score
from topwork.model import Model, RejectedRecord
from topwork.model.frozen import FrozenPart
from topwork.report import Way
from topwork.transductive.assembly import PRIOR
from topwork.transductive.few_labels import FewLabels
from topwork.transductive.looking import Look
from topwork.transductive.origin import Origin
from topwork.transductive.overlap import Copy
from topwork.transductive.result import MOST_COPIES, AdaptResult
from topwork.transductive.trust import Choice


@dataclass(frozen=True, eq=False)
class Found:
    """What was found of a target, and what both models say of its items.

    Parameters
    ----------
    corrected
        Whether the model was given other shares of the classes.
    shared
        Items that the source has, too; None where its items are not at hand.
    """

    start: Model
    target: FrozenPart
    seen: Look
    choice: Choice | None
    corrected: bool
    shared: list[Copy] | None = None

    @cached_property
    def before(self) -> NDArray[np.intp]:
        """Classes by the model as it was, ``(m,)``."""
        labels: NDArray[np.intp] = self.start.parts.head.logits(self.target.features).argmax(axis=1)
        return labels

    @cached_property
    def after(self) -> NDArray[np.intp]:
        """Classes by the model that ships, ``(m,)``."""
        labels = self.before
        chosen = self.choice.chosen if self.choice else None
        if chosen is not None:
            labels = chosen.head.logits(chosen.proposal.space.target).argmax(axis=1)
        elif self.corrected and self.seen.classes:
            labels = self.seen.classes.corrected(self._said).argmax(axis=1)
        return labels

    @property
    def confidence(self) -> NDArray[np.float32]:
        """How sure all ways together are of what the model that ships says, ``(m,)``."""
        said = self.choice.everything if self.choice else self._said
        if self.corrected and self.seen.classes:
            said = self.seen.classes.corrected(said)
        sure: NDArray[np.float32] = said[np.arange(len(said)), self.after]
        return sure

    @cached_property
    def _said(self) -> NDArray[np.float32]:
        """Probabilities by the model as it was, ``(m, k)``."""
        head, temperature = self.start.parts.head, self.start.card.temperature
        return head.probabilities(self.target.features, temperature=temperature)

    @property
    def method(self) -> str | None:
        """How the model that ships was made; None where it is the one that was."""
        if self.choice and self.choice.chosen:
            return self.choice.chosen.proposal.name
        return PRIOR if self.corrected else None


def outcome(
    found: Found,
    origin: Origin,
    *,
    few: FewLabels | None = None,
    labels_say: Verdict | None = None,
    audit: AuditResult | None = None,
) -> AdaptResult:
    """The record."""
    choice, target, seen = found.choice, found.target, found.seen
    before, after = None, None
    if choice and choice.chosen:
        rows = choice.chosen.proposal.space.source_as_shipped
        before = _accuracy(found.start.parts.head.logits(origin.features), origin)
        after = _accuracy(choice.chosen.head.logits(rows), origin)
    return AdaptResult(
        items=target.data.kind.name,
        n_items=len(target.data),
        rejected=[RejectedRecord(path=r.path, reason=r.reason) for r in target.extraction.rejected],
        source=origin.where,
        n_source=len(origin.codes),
        seen_in_training=found.start.parts.statistics.saw(target.extraction.keys),
        n_copies=None if found.shared is None else len(found.shared),
        copies=(found.shared or [])[:MOST_COPIES],
        shift=seen.verdict,
        looks=seen.looks,
        classes=seen.classes,
        kind=seen.kind,
        adapted=found.method is not None,
        method=found.method,
        n_changed=int((found.before != found.after).sum()),
        finalists=list(choice.finalists) if choice else [],
        ways=[Way(name=n, agreement=a) for n, a in choice.agreements.items()] if choice else [],
        source_before=before,
        source_after=after,
        n_labelled=0 if few is None else len(few),
        labels_say=labels_say,
        audit=audit,
        sentences=[*_sentences(found, labels_say), *_audit_sentences(audit)],
        seconds=0.0,
    )


def _accuracy(logits: NDArray[np.float32], origin: Origin) -> float:
    return float((logits.argmax(axis=1) == origin.codes).mean())


def _sentences(found: Found, labels_say: Verdict | None) -> list[str]:
    seen, method, n = found.seen, found.method, len(found.target.data)
    said = [seen.kind.sentence] if seen.kind and seen.verdict != "none" else []
    if seen.verdict == "classes" and seen.classes:
        said.append(seen.classes.sentence)
    if seen.verdict == "none":
        assert seen.looks is not None
        said.append(f"No shift worth acting on (AUC {seen.looks.auc:.2f}, p {seen.looks.p:.3f}).")
    if labels_say is not None:
        said.append(_labels_sentence(labels_say))
    if method is None:
        why = "" if seen.verdict == "none" else "No other model is trusted more: "
        start = "the" if why else "The"
        return [*said, f"{why}{start} model is returned as it is."]
    changed = int((found.before != found.after).sum())
    end = "" if labels_say else " How many of them are right can't be known without labels."
    return [*said, f"Adapted ({method}): {changed} of {n} items get another label.{end}"]


def _labels_sentence(verdict: Verdict) -> str:
    shares = ", ".join(f"{s.name} {s.score:.0%}" for s in verdict.standings)
    return f"Right on the few labels, each held out of what learns from it: {shares}."


def _audit_sentences(audit: AuditResult | None) -> list[str]:
    if audit is None:
        return []
    before, after, gain = (_shown(s) for s in (audit.before, audit.after, audit.difference))
    return [
        f"By the {audit.n} labels of the audit the model was right on {before} of all items of the "
        f"new domain, and what was found without labels is on {after}: a difference of {gain}."
    ]


def _shown(score: Score) -> str:
    high = 1.0 if score.high is None else score.high
    return f"{score.value:.1%} (95 % interval {score.low:.1%} to {high:.1%})"
