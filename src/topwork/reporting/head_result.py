"""What a fit of a head on stored features found, as plain data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord, data_remarks
from topwork.metrics.records import Record
from topwork.model.short_repr import ShortRepr
from topwork.reporting.head_evidence import HeadEvidence
from topwork.reporting.result import Copies, FeatureCounts, Seconds
from topwork.selection.choice import Selection
from topwork.settings.choices import TaskName
from topwork.trials.gains.column_gain import ColumnGain
from topwork.trials.head_candidates import HeldOut

ScoresT = TypeVar("ScoresT", bound=Record)


class TriedHead(BaseModel, Generic[ScoresT]):
    """One candidate: what was tried, how good it is, what it took in seconds."""

    model_config = ConfigDict(frozen=True)

    name: str
    backbone: str
    n_items: int
    scores: ScoresT
    seconds: float
    chosen: bool
    baseline: bool


TriedT = TypeVar("TriedT", bound=TriedHead[Any])


class HeadFitResult(ShortRepr, JsonObject, BaseModel, Generic[ScoresT, TriedT]):
    """What ``fit`` found, whatever its head predicts.

    Attributes
    ----------
    model
        Where the bundle was saved, if it was.
    previous_model
        Where the model is now that was there before; ``None`` where none was.
    asked, backbone
        The backbone that was asked for, and the one of the selected model.
    head
        Of the selected model; ``constant`` where what looks at no item is as good.
    scores
        Of the selected model, refitted in each fold, the selection repeated without each fold.
    duplicates
        Items that are there more than once.
    tried
        The baselines and the transfer, from simple to complex.
    choice
        Why the selected model was chosen among them.
    columns
        What the columns beside the items add, and these to them; ``None`` without any.
    """

    task: TaskName
    modality: ModalityName = "image"
    model: str | None = None
    previous_model: str | None = None
    asked: str
    backbone: str
    strategy: str = "probe"
    head: str
    engine: str
    precision: str
    n_items: int
    rejected: list[RejectedRecord]
    features: FeatureCounts
    scores: ScoresT
    duplicates: Copies
    n_families: int = 0
    tried: list[TriedT]
    choice: Selection | None
    columns: ColumnGain | None = None
    seconds: Seconds
    images_per_second: float
    cut_short: int = 0
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []


def common_record(
    evidence: HeadEvidence[HeldOut, Any, Any],
    seconds: Seconds,
    *,
    scores: ScoresT,
    scored: Callable[[HeldOut], ScoresT],
) -> dict[str, Any]:
    """The fields of a `HeadFitResult`, which are told alike for every task.

    Parameters
    ----------
    scores
        Of the selected model.
    scored
        Those of other candidates, from their held-out predictions.
    """
    asked, network = evidence.transfer.frozen, evidence.made.frozen.opened
    extraction, members = asked.extraction, evidence.duplicates.members()
    n_seen = len(extraction.kept) + len(extraction.rejected)
    return {
        "modality": asked.opened.backbone.takes,
        "asked": evidence.asked,
        "backbone": network.backbone.name,
        "head": evidence.chosen.head,
        "engine": network.engine.name,
        "precision": network.engine.precision,
        "n_items": len(asked.data),
        "rejected": RejectedRecord.of(extraction.rejected),
        "features": FeatureCounts(computed=extraction.computed, cached=extraction.cached),
        "scores": scores,
        "duplicates": Copies(
            n_items=sum(len(m) for m in members),
            n_groups=len(members),
            n_conflicts=len(evidence.findings.conflicts),
        ),
        "n_families": len(evidence.findings.families),
        "tried": [
            {
                "name": candidate.name,
                "backbone": candidate.backbone,
                "n_items": len(candidate.losses),
                "scores": scores if candidate is evidence.chosen else scored(candidate.held_out),
                "seconds": candidate.seconds,
                "chosen": candidate is evidence.chosen,
                "baseline": candidate.baseline,
            }
            for candidate in evidence.candidates
        ],
        "choice": evidence.selection.verdict,
        "columns": evidence.columns,
        "seconds": seconds,
        "images_per_second": n_seen / max(extraction.seconds, 1e-9),
        "cut_short": extraction.cut_short,
        "remarks": data_remarks(extraction.remarks, asked.data, evidence.findings.blank),
        "skipped": dict(asked.data.ignored),
        "notes": list(asked.data.hints),
    }
