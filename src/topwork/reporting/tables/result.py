"""What a fit on the rows of a table found, as plain data."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from topwork.calibration.conformal import PredictionSets
from topwork.calibration.temperature import Temperature
from topwork.data import ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.columns import ColumnEncoding
from topwork.features.rejected import RejectedRecord
from topwork.metrics import ClassScore, Scores
from topwork.metrics.records import MoreScores, Record
from topwork.model.short_repr import ShortRepr, score
from topwork.reporting.numbers.result import NumberRange
from topwork.reporting.result import Copies, Seconds
from topwork.runtime.counted import counted
from topwork.selection.choice import Selection
from topwork.settings.choices import TaskName
from topwork.tasks.number.intervals import IntervalRule
from topwork.tasks.number.scores import NumberScores
from topwork.tasks.number.transform import TransformName

ScoresT = TypeVar("ScoresT", bound=Record)

_NAMED = 8


class _Plain(BaseModel):
    model_config = ConfigDict(frozen=True)


class LeftOutPredictor(_Plain):
    """A column that nothing is predicted from, and why."""

    name: str
    reason: str


class Predictors(_Plain):
    """The columns of a table.

    Attributes
    ----------
    numbers, dates, categories, texts
        Those that are used, by what they hold.
    left_out
        Those that are not.
    n_features
        Numbers that one row becomes.
    """

    numbers: list[str]
    dates: list[str]
    categories: list[str]
    texts: list[str]
    left_out: list[LeftOutPredictor]
    n_features: int

    @classmethod
    def of(cls, encoding: ColumnEncoding) -> Predictors:
        """Those of an encoding."""
        kinds: dict[str, list[str]] = {"number": [], "date": [], "category": [], "words": []}
        for column in encoding.columns:
            kinds[column.kind].append(column.name)
        return cls(
            numbers=kinds["number"],
            dates=kinds["date"],
            categories=kinds["category"],
            texts=kinds["words"],
            left_out=[
                LeftOutPredictor(name=one.name, reason=one.reason) for one in encoding.left_out
            ],
            n_features=len(encoding.features),
        )

    @property
    def sentence(self) -> str:
        """Which columns are used, for people."""
        parts = [
            f"{counted(len(names), one, several)} ({_listed(names)})"
            for one, several, names in (
                ("column of numbers", "columns of numbers", self.numbers),
                ("of dates", "of dates", self.dates),
                ("of categories", "of categories", self.categories),
                ("of texts, by their frequent words", "of texts, by their words", self.texts),
            )
            if names
        ]
        return f"Predicted from {', '.join(parts)}."

    @property
    def left_out_sentence(self) -> str:
        """Which columns are not used, for people; empty where all are."""
        if not self.left_out:
            return ""
        shown = "; ".join(f"{one.name}: {one.reason}" for one in self.left_out[:_NAMED])
        more = f"; and {len(self.left_out) - _NAMED} more" if len(self.left_out) > _NAMED else ""
        return f"Not used: {shown}{more}."


class TriedOnRows(_Plain, Generic[ScoresT]):
    """One candidate: what was tried, how good it is, what it took in seconds."""

    name: str
    scores: ScoresT
    seconds: float
    chosen: bool
    baseline: bool


class TriedForClasses(TriedOnRows[Scores]):
    """The same where the labels are classes."""


class TriedForNumbers(TriedOnRows[NumberScores]):
    """The same where the labels are numbers."""


TriedT = TypeVar("TriedT", bound=TriedOnRows[Any])


class TableFitResult(ShortRepr, JsonObject, BaseModel, Generic[ScoresT, TriedT]):
    """What ``fit`` found on the rows of a table.

    Attributes
    ----------
    model
        Where the bundle was saved, if it was.
    previous_model
        Where the model is now that was there before; ``None`` where none was.
    head
        Of the selected model: ``constant``, ``linear`` or ``boosted trees``.
    columns
        Which columns are used, and which are not.
    scores
        Of the selected model, refitted in each fold, the selection repeated without each fold.
    duplicates
        Rows with equal cells in the columns that are used; folds keep them together.
    tried
        What was tried, from simple to complex.
    choice
        Why the selected model was chosen.
    """

    task: TaskName
    modality: ModalityName = "row"
    model: str | None = None
    previous_model: str | None = None
    head: str
    n_items: int
    columns: Predictors
    rejected: list[RejectedRecord]
    scores: ScoresT
    duplicates: Copies
    tried: list[TriedT]
    choice: Selection | None
    seconds: Seconds
    skipped: dict[str, int] = {}
    notes: list[str] = []

    def _common_facts(self) -> dict[str, Any]:
        return {
            "head": self.head,
            "columns": self.columns.n_features,
            "seconds": f"{self.seconds.total:.1f}",
        }


class TableClassFitResult(TableFitResult[Scores, TriedForClasses]):
    """What ``fit`` found where the labels of rows are classes.

    Attributes
    ----------
    temperature, sets
        What makes the probabilities honest.
    """

    task: Literal["classes"] = "classes"
    n_classes: int
    more: MoreScores | None
    per_class: list[ClassScore]
    temperature: Temperature
    sets: PredictionSets

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "classes": self.n_classes,
            "balanced_accuracy": score(self.scores.balanced_accuracy),
            **self._common_facts(),
        }


class TableNumberFitResult(TableFitResult[NumberScores, TriedForNumbers]):
    """What ``fit`` found where the labels of rows are numbers.

    Attributes
    ----------
    target
        The numbers that were learnt from.
    transform
        The scale on which the selected model predicts: ``none``, ``log`` or ``rank``.
    intervals
        How the intervals of single predictions are made.
    mean_width
        Mean width of these intervals over the rows of the fit, in the units of the target; ``None``
        where none can be promised.
    """

    task: Literal["number"] = "number"
    target: NumberRange
    transform: TransformName
    intervals: IntervalRule
    mean_width: float | None

    @property
    def promise(self) -> str:
        """What the intervals of single predictions hold, for people."""
        rule = self.intervals
        share = f"{100 * (1 - rule.error_rate):g} %"
        if rule.factor is None or self.mean_width is None:
            return (
                f"Intervals of single predictions cannot be promised: {share} takes {rule.needed} "
                "independent rows, and there are fewer."
            )
        return (
            f"The interval of a single prediction holds the true number for {share} of rows like "
            f"these; it is {self.mean_width:.4g} wide on average."
        )

    def _facts(self) -> dict[str, object]:
        return {
            "items": self.n_items,
            "mae": score(self.scores.mae),
            "r2": score(self.scores.r2),
            **self._common_facts(),
        }


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", ..." if len(names) > _NAMED else "")
