"""What an adaptation came to, as a record and in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from topwork.calibration.cost import decide
from topwork.features.opened_backbone import FrozenPart
from topwork.features.rejected import RejectedRecord
from topwork.metrics.records import Score
from topwork.model import Model
from topwork.report import Way
from topwork.report.numbers import percent
from topwork.runtime.counted import counted
from topwork.selection.audit import AuditResult
from topwork.selection.choice import Selection
from topwork.selection.unlabelled_choice import LabelFreeScores
from topwork.shift.class_presence import ClassPresence
from topwork.transductive.assembly import PRIOR
from topwork.transductive.candidates.label_free_selection import Choice
from topwork.transductive.choosing import AdaptationContext, Decision, source_accuracies
from topwork.transductive.overlap import Copy
from topwork.transductive.result import MAX_COPIES, AdaptResult


@dataclass(frozen=True, eq=False)
class Found:
    """What was found of a target, and what both models say of its items.

    Parameters
    ----------
    shared
        Items that the source has, too; None where its items are not at hand.
    """

    context: AdaptationContext
    decision: Decision
    shared: list[Copy] | None = None

    @property
    def start(self) -> Model:
        return self.context.start

    @property
    def target(self) -> FrozenPart:
        return self.context.target

    @property
    def choice(self) -> Choice | None:
        return self.decision.choice

    @cached_property
    def before(self) -> NDArray[np.int64]:
        """Classes by the model as it was, ``(m,)``."""
        return _answers(self.start, self.target.features)

    @cached_property
    def after(self) -> NDArray[np.int64]:
        """Classes by the selected model, ``(m,)``."""
        chosen = self.choice.chosen if self.choice else None
        rows = chosen.proposal.space.target if chosen else self.target.features
        return _answers(self.decision.selected, rows)

    @property
    def confidence(self) -> NDArray[np.float32]:
        """How sure all ways together are of what the selected model says, ``(m,)``."""
        sentences, classes = (
            self.choice.everything if self.choice else self._said,
            self.context.seen.classes,
        )
        if self.decision.corrected and classes:
            sentences = classes.corrected(sentences)
        sure: NDArray[np.float32] = sentences[np.arange(len(sentences)), self.after]
        return sure

    @cached_property
    def _said(self) -> NDArray[np.float32]:
        """Probabilities by the model as it was, ``(m, k)``."""
        head, temperature = self.start.parts.head, self.start.card.temperature
        return head.probabilities(self.target.features, temperature=temperature)

    @property
    def method(self) -> str | None:
        """How the selected model was made; None where it is the one that was."""
        if self.choice and self.choice.chosen:
            return self.choice.chosen.proposal.name
        return PRIOR if self.decision.corrected else None


def outcome(found: Found, audit: AuditResult | None) -> AdaptResult:
    """The record."""
    context, choice, target, seen = found.context, found.choice, found.target, found.context.seen
    source_features, few, labels_say = (
        context.source_features,
        context.few,
        found.decision.labels_say,
    )
    before, after = None, None
    if choice and choice.chosen:
        before, after = source_accuracies(context, found.decision)
    return AdaptResult(
        modality=target.data.kind.name,
        n_items=len(target.data),
        rejected=RejectedRecord.of(target.extraction.rejected),
        source=source_features.where,
        n_source=len(source_features.codes),
        seen_in_training=found.start.parts.statistics.saw(target.extraction.keys),
        n_copies=None if found.shared is None else len(found.shared),
        copies=(found.shared or [])[:MAX_COPIES],
        shift=seen.verdict,
        presence=found.decision.presence,
        covariate_shift=seen.covariate_shift,
        classes=seen.classes,
        shift_diagnosis=seen.kind,
        adapted=found.method is not None,
        method=found.method,
        n_changed=int((found.before != found.after).sum()),
        finalists=_judged(choice, found.decision.presence),
        ways=[Way(name=n, agreement=a) for n, a in choice.agreements.items()] if choice else [],
        source_before=before,
        source_after=after,
        n_labelled=0 if few is None else len(few),
        labels_say=labels_say,
        audit=audit,
        sentences=[*_sentences(found, labels_say), *_audit_sentences(audit)],
        seconds=0.0,
    )


def _judged(choice: Choice | None, presence: ClassPresence | None) -> list[LabelFreeScores]:
    """What scores without labels say; nothing where they assume classes that are absent."""
    some = presence is not None and presence.verdict == "some"
    return [] if choice is None or some else list(choice.finalists)


def _answers(model: Model, rows: NDArray[np.float32]) -> NDArray[np.int64]:
    """The class that a model says for features of its own network, ``(m,)``."""
    probabilities = model.parts.head.probabilities(rows, temperature=model.card.temperature)
    return decide(probabilities, model.card.threshold)


def _sentences(found: Found, labels_say: Selection | None) -> list[str]:
    seen, method, n = found.context.seen, found.method, len(found.target.data)
    sentences = [seen.kind.sentence] if seen.kind and seen.verdict != "none" else []
    if seen.verdict == "classes" and seen.classes:
        sentences.append(seen.classes.sentence)
    if seen.verdict == "none":
        assert seen.covariate_shift is not None
        sentences.append(
            f"No shift worth acting on (AUC {seen.covariate_shift.auc:.2f}, "
            f"p {seen.covariate_shift.p:.3f})."
        )
    presence = found.decision.presence
    if presence is not None and presence.verdict != "all":
        sentences.append(presence.sentence)
    if labels_say is not None:
        sentences.append(labels_sentence(labels_say))
    if found.context.run.settings.train and not _trained(found.choice):
        sentences.append(
            "No layers were trained: that takes the files of the fit (--source), a network that "
            "normalises by statistics of its batches, and domains that look different."
        )
    if method is None:
        return [*sentences, _refusal(found)]
    changed = int((found.before != found.after).sum())
    end = "" if labels_say else " Without labels there is no score for them."
    return [*sentences, f"Adapted ({method}): {changed} of {n} predictions changed.{end}"]


def _refusal(found: Found) -> str:
    """Why the model is returned unchanged."""
    decision, as_it_was = found.decision, "the model is returned unchanged"
    if decision.refused:
        return f"The adapted model would lose accuracy on its own domain: {as_it_was}."
    if decision.forgets is not None:
        before, after = decision.forgets
        return (
            f"The adapted model would get only {percent(after)} of its own domain right "
            f"({percent(before)} before, both on {found.target.data.kind.name}s that they were "
            f"fitted on): {as_it_was}. Use --force (force=True) to accept that."
        )
    if decision.presence is not None and decision.choice is None:
        return f"{as_it_was.capitalize()}. Use --force (force=True) to adapt nevertheless."
    if found.context.seen.verdict == "none":
        return f"{as_it_was.capitalize()}."
    if decision.labels_say is not None:
        return f"{as_it_was.capitalize()}."
    return f"No adapted model passed the checks: {as_it_was}."


def _trained(choice: Choice | None) -> bool:
    """Whether layers behind a cut were trained for one of the ways."""
    return any(one.space.trained for one in choice.proposals) if choice else False


def labels_sentence(verdict: Selection) -> str:
    """The accuracy of every model on the few labels, and which is used where it isn't the best."""
    shares = ", ".join(f"{s.name} {percent(s.score)}" for s in verdict.ranked_candidates)
    sentences = f"Accuracy on the few labels, by cross-validation: {shares}."
    return sentences if verdict.ranked else f"{sentences} {verdict.reason}"


def _audit_sentences(audit: AuditResult | None) -> list[str]:
    if audit is None:
        return []
    before, after, gain = (_shown(s) for s in (audit.before, audit.after, audit.difference))
    return [
        f"Accuracy in the new domain, estimated from {counted(audit.n, 'audit label')}: {before} "
        f"before, {after} after adapting without labels, a difference of {gain}."
    ]


def _shown(score: Score) -> str:
    high = 1.0 if score.high is None else score.high
    return f"{percent(score.value)} (95 % interval {percent(score.low)} to {percent(high)})"
