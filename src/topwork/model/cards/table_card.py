"""What the bundles of models say that predict from the columns of a table."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from topwork.calibration.conformal import PredictionSets
from topwork.features.columns import ColumnEncoding
from topwork.model.card import Form, Label, SealedCard
from topwork.settings.choices import TaskName
from topwork.tasks.number.intervals import IntervalRule
from topwork.tasks.number.transform import Transform

TableHeadName = Literal["constant", "linear", "boosted trees"]


class TableCard(SealedCard):
    """What models of tables of every task say.

    Attributes
    ----------
    encoding
        How the columns of a row become numbers.
    head
        What predicts from these.
    columns
        The table's own names of the columns that go by others than topwork's.
    """

    form: ClassVar[Form] = "table"

    kind: Literal["row"] = "row"
    encoding: ColumnEncoding
    head: TableHeadName
    columns: dict[str, str] = Field(default={})


class TableClassCard(TableCard):
    """Everything about a classifier of rows that isn't a tensor: ``model.json`` in the bundle.

    Attributes
    ----------
    labels
        The classes, in the order of the logits.
    temperature
        Logits are divided by it before they become probabilities.
    sets
        Which classes are credible for a row.
    """

    task: ClassVar[TaskName] = "classes"

    labels: list[Label]
    temperature: float
    sets: PredictionSets


class TableNumberCard(TableCard):
    """Everything about a regressor of rows that isn't a tensor: ``model.json`` in the bundle.

    Attributes
    ----------
    transform
        The scale on which numbers are predicted.
    intervals
        How wide the interval around a prediction is.
    """

    task: ClassVar[TaskName] = "number"

    transform: Transform
    intervals: IntervalRule
