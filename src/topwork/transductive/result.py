"""What an adaptation found."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.model.short_repr import ShortRepr
from topwork.report import Way
from topwork.report.numbers import percent
from topwork.selection.audit import AuditResult
from topwork.selection.choice import Selection
from topwork.selection.unlabelled_choice import LabelFreeScores
from topwork.shift.class_presence import ClassPresence
from topwork.shift.kind_of_shift import Kind, KindOfShift
from topwork.shift.label_shift import LabelShift
from topwork.shift.shift import ShiftTest
from topwork.transductive.overlap import Copy
from topwork.transductive.source_features import SourceKind

MAX_COPIES = 100
"""That are named."""


class AdaptResult(ShortRepr, JsonObject, BaseModel):
    """What ``adapt`` found.

    Attributes
    ----------
    previous_model
        Where the model went that was saved at the same place before; None where there was none.
    n_items
        Unlabelled items that could be read.
    source
        Where labelled features came from: ``given`` items, those ``stored`` by the fit, or those
        stored in the ``model``.
    n_source
        How many.
    seen_in_training
        Unlabelled items that the model was fitted on.
    n_copies, copies
        Unlabelled items that duplicate labelled ones, changed a little or not; None where those
        are not at hand. The first of them.
    shift
        What was acted on: ``none``, ``classes`` or ``covariate_shift``.
    covariate_shift
        Whether both domains look different; None where there are too few items to tell.
    classes
        How the classes are distributed, if items of a class look as they used to.
    shift_diagnosis
        Which of both differs.
    presence
        Which classes the new domain seems to hold; None where nothing was tried.
    adapted
        Whether the returned model is another one.
    method
        How it was made.
    n_changed
        Items that it labels otherwise than the model it came from.
    finalists
        What the scores without labels say of the model as it is, and of those that might have
        replaced it.
    ways
        Every way that voted.
    source_before, source_after
        Accuracy on the labelled rows of the source, of the model before and after; None where
        nothing changed. Optimistic: the model was fitted on them.
    n_labelled
        Items of the new domain that came with labels.
    labels_say
        What was chosen by those labels, each held out of what learns from it.
    audit
        Accuracy on all of the new domain's items of the model as it was, and of the one that was
        found without labels; from the labels of items that were drawn for it.
    sheet
        The table in which items wait for labels.
    sentences
        The outcome for people.
    """

    model_config = ConfigDict(frozen=True)

    model: str | None = None
    previous_model: str | None = None
    task: Literal["classes"] = "classes"
    modality: ModalityName
    n_items: int
    rejected: list[RejectedRecord]
    source: SourceKind
    n_source: int
    seen_in_training: int
    n_copies: int | None = None
    copies: list[Copy] = []
    shift: Kind
    covariate_shift: ShiftTest | None
    classes: LabelShift | None
    shift_diagnosis: KindOfShift | None
    presence: ClassPresence | None = None
    adapted: bool
    method: str | None
    n_changed: int
    finalists: list[LabelFreeScores] = []
    ways: list[Way] = []
    source_before: float | None = None
    source_after: float | None = None
    n_labelled: int = 0
    labels_say: Selection | None = None
    audit: AuditResult | None = None
    sheet: str | None = None
    sentences: list[str]
    seconds: float = Field(ge=0)

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "adapted": self.adapted,
            "method": self.method,
            "shift": self.shift,
            "labels_changed": self.n_changed,
            "outcome": " ".join(self.sentences),
        }


class AdaptResults(JsonObject, BaseModel):
    """What ``adapt`` found for several new domains, in the order given."""

    model_config = ConfigDict(frozen=True)

    domains: list[AdaptResult]


def source_sentence(found: AdaptResult) -> str:
    """How the model does on the items that it was fitted on; nothing where it is unchanged."""
    if found.source_before is None or found.source_after is None:
        return ""
    return (
        f"Accuracy on {found.n_source} {found.modality}s of its own domain: "
        f"{percent(found.source_after)} ({percent(found.source_before)} before); both models were "
        f"fitted on these {found.modality}s, so both numbers are optimistic."
    )
