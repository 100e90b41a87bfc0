"""What evaluations of every task say of the data that they were made on."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from topwork.data import ModalityName, Rejected
from topwork.data.json_object import JsonObject
from topwork.data.texts.truncated import truncated
from topwork.errors import DataError
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.model.evaluation.ledger import Uses
from topwork.model.short_repr import ShortRepr
from topwork.runtime.counted import counted


class OtherItems(BaseModel):
    """The judged items whose labels the model has not learnt.

    Attributes
    ----------
    n_items
        How many.
    metric
        What the score is, as people read it.
    value, low, high
        On these items alone, with its 95 % confidence interval.
    """

    model_config = ConfigDict(frozen=True)

    n_items: int
    metric: str
    value: float
    low: float
    high: float | None

    @property
    def sentence(self) -> str:
        """For people."""
        ends = (
            f"{self.low:.3f} or more" if self.high is None else f"{self.low:.3f} to {self.high:.3f}"
        )
        return (
            f"The {self.metric} of the other {self.n_items} is {self.value:.3f} "
            f"(95 % interval {ends})."
        )


class JudgedData(ShortRepr, JsonObject, BaseModel):
    """The items that a model was judged on.

    Attributes
    ----------
    model
        Where it lies.
    n_items
        Items that were judged.
    cut_short
        Of them, texts that are longer than the model looks at.
    seen_in_training
        Judged items that were in the training data; they flatter the scores.
    labels_learnt
        Others whose labels the model was adapted with; they flatter the scores as well.
    adapted_to
        Others that it was adapted to without their labels.
    others
        What the scores are without the items of which labels are known to the model; ``None`` where
        that is no item, or too few are left.
    altered_copies
        Judged items that were not in the training data themselves but look like altered copies
        (rotated, mirrored, cropped, lit differently) of ones that were; ``None`` where the model
        stores nothing to tell that by.
    remarks
        How some of the items were read.
    uses
        How often these data were used to judge a model, this time included.
    skipped
        What lay in the data and is no item: counts by extension (``.heic``) or description.
    notes
        Sentences about what was read in another way than it lies there, or may mean more.
    """

    model_config = ConfigDict(frozen=True)

    modality: ModalityName = "image"
    model: str | None = None
    n_items: int
    cut_short: int = 0
    seen_in_training: int
    labels_learnt: int = 0
    adapted_to: int = 0
    others: OtherItems | None = None
    altered_copies: int | None = None
    rejected: list[RejectedRecord]
    remarks: list[RemarkRecord] = []
    uses: Uses | None = None
    skipped: dict[str, int] = {}
    notes: list[str] = []
    seconds: float = Field(ge=0)

    @property
    def warnings(self) -> list[str]:
        """What must be read before the scores are used."""
        found = list(self._left_out())
        items = f"{self.modality}s"
        if self.seen_in_training:
            found.append(
                f"{counted(self.seen_in_training, 'of these items was', 'of these items were')} in "
                "the training data, so the scores are optimistic."
            )
        if self.labels_learnt:
            found.append(
                f"The model was adapted with the labels of {self.labels_learnt} "
                f"{'more ' if self.seen_in_training else ''}of these items, so the scores are "
                "optimistic."
            )
        if self.others is not None:
            found.append(self.others.sentence)
        if self.adapted_to:
            found.append(
                f"The model was adapted to {self.adapted_to} "
                f"{'more ' if self.seen_in_training or self.labels_learnt else ''}of these items "
                "without their labels: the scores hold for these items, others may get less."
            )
        if self.altered_copies:
            found.append(
                f"{self.altered_copies} {'more ' if self.seen_in_training else ''}look like "
                f"altered copies of training {items} (rotated, mirrored, cropped or lit "
                "differently), so the scores are optimistic."
            )
        if self.cut_short:
            found.append(f"{truncated(self.cut_short)}.")
        if self.uses is not None and self.uses.sentence:
            found.append(self.uses.sentence)
        return found

    def _left_out(self) -> tuple[str, ...]:
        """What of the data was not judged, and why; a subclass knows."""
        return ()


def check_any_readable(n_read: int, rejected: Sequence[Rejected], items: str) -> None:
    """Refuse data of which nothing can be judged.

    Parameters
    ----------
    items
        What they are, such as ``images``.

    Raises
    ------
    DataError
        None of them can be read.
    """
    if n_read == 0:
        raise DataError(
            f"None of these {items} can be read.",
            remedy=f"The first one: {rejected[0].path} ({rejected[0].why}).",
            code="nothing_readable",
        )
