"""What a stretch of labelling came to, as plain data."""

from __future__ import annotations

from pydantic import Field

from topwork.data.json_object import JsonObject
from topwork.labelling.annotation.agreement import agreement
from topwork.labelling.annotation.sentences import step_sentence
from topwork.labelling.annotation.session import Sitting
from topwork.metrics.records import Score


class LabelResult(JsonObject):
    """What was labelled, and what is known of it.

    Attributes
    ----------
    out, journal
        The table with the labels, and the file with every answer in its order.
    n_items, n_labelled, n_skipped
        Items of different content; those with a label; those looked at and left without one.
    n_audit, n_audit_left
        Items that measure accuracy, and how many of them wait for an answer.
    classes
        Labels by class.
    accuracy
        Of a head on frozen features, trained on the answers (and, while they are few, on the names
        of the classes) and judged on the audit.
    agreement, n_repeated
        Equal answers among those that were asked for twice.
    anchoring, n_followed
        Of the suggestions taken and asked for again without being shown: those answered otherwise.
    changed
        Items with two different answers.
    next_step
        What more labels would probably bring.
    backbone
        The network whose features were used.
    notes
        How the data and the table were read.
    """

    out: str
    journal: str
    n_items: int
    n_labelled: int
    n_skipped: int
    n_audit: int
    n_audit_left: int
    classes: dict[str, int]
    accuracy: Score | None = None
    agreement: Score | None = None
    n_repeated: int = 0
    anchoring: Score | None = None
    n_followed: int = 0
    changed: list[str] = Field(default_factory=list)
    next_step: str = ""
    backbone: str
    notes: list[str]


def label_result(sitting: Sitting, network: str) -> LabelResult:
    """What a sitting came to."""
    state, found = sitting.state(), agreement(sitting.journal.actions)
    plan = sitting.current_plan
    return LabelResult(
        modality=sitting.items.kind.name,
        out=str(sitting.file.file),
        journal=str(sitting.journal.file),
        n_items=state.n_items,
        n_labelled=state.n_labelled,
        n_skipped=int(sitting.known().done.sum()) - state.n_labelled,
        n_audit=state.n_audit,
        n_audit_left=state.n_audit_left,
        classes=dict(state.counts),
        accuracy=plan.accuracy,
        agreement=found.score,
        n_repeated=found.n,
        anchoring=found.anchoring,
        n_followed=found.n_followed,
        changed=list(found.changed),
        next_step="" if plan.step is None else step_sentence(plan.step),
        backbone=network,
        notes=list(sitting.notes),
    )
