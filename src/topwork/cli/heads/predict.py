"""``topwork predict`` with a model whose head predicts something else than classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from topwork.cli.listed_predictions import show_listed
from topwork.data import Item, ModalityName
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.features.remarks import RemarkRecord
from topwork.settings.choices import TaskName

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.model.heads.model import HeadModel
    from topwork.runtime.progress import Progress


class HeadPrediction(BaseModel):
    """What the model predicts for one item.

    Attributes
    ----------
    path
        The item's name; of a text the table and its line.
    text
        The text itself; ``None`` for an image.
    """

    model_config = ConfigDict(frozen=True)

    path: str
    text: str | None = None


PredictionT = TypeVar("PredictionT", bound=HeadPrediction)


class HeadPredictResult(JsonObject, BaseModel, Generic[PredictionT]):
    """What ``predict`` prints, whatever the head predicts."""

    task: TaskName
    modality: ModalityName = "image"
    predictions: list[PredictionT]
    rejected: list[RejectedRecord]
    cut_short: int = 0
    remarks: list[RemarkRecord] = []
    skipped: dict[str, int] = {}
    notes: list[str] = []


@dataclass(frozen=True, slots=True)
class PredictionShown:
    """How the predictions of a model of one task are made, written and shown.

    Parameters
    ----------
    result
        Makes what is printed of the model, and the fields that all tasks have.
    fields
        What is printed of one prediction.
    write
        Writes what is printed and the predictions into a table.
    headings, cells
        What is shown of all predictions, and of one.
    remark
        What is said behind them; empty for nothing.
    """

    result: Callable[..., Any]
    fields: Callable[[Any], dict[str, Any]]
    write: Callable[[Path, Any, Any], None]
    headings: Callable[[Any], Sequence[str]]
    cells: Callable[[Any], Sequence[str]]
    remark: Callable[[Any], str]


def head_result(
    shown: PredictionShown,
    model: HeadModel[Any, Any],
    items: Sequence[Item],
    progress: Progress,
    *,
    skipped: dict[str, int],
    notes: list[str],
) -> tuple[Any, Any]:
    """What is printed of a model's predictions, and these.

    Raises
    ------
    DataError
        None of the items can be read.
    """
    from topwork.cli.prediction import nothing_readable

    found = model.predictions(items, progress=progress)
    if not len(found):
        raise nothing_readable(items, found.rejected[0], model.card.kind)
    inline = model.kind.inline
    result = shown.result(
        model,
        modality=model.card.kind,
        predictions=[
            {
                "path": one.path,
                "text": model.kind.caption(items[place]) if inline else None,
                **shown.fields(one),
            }
            for place, one in zip(found.kept, found, strict=True)
        ],
        rejected=RejectedRecord.of(found.rejected),
        cut_short=found.cut_short,
        remarks=list(found.remarks),
        skipped=skipped,
        notes=notes,
    )
    return result, found


def predict_and_show(
    shown: PredictionShown,
    screen: Screen,
    model: HeadModel[Any, Any],
    items: Sequence[Item],
    progress: Progress,
    out: Path | None,
    skipped: dict[str, int],
    notes: list[str],
) -> None:
    """Predict, write the table where one is wanted, and show the result.

    Raises
    ------
    DataError
        None of the items can be read.
    """
    result, found = head_result(shown, model, items, progress, skipped=skipped, notes=notes)
    if out is not None:
        shown.write(out, result, found)
    screen.result(result)
    cells = (shown.cells(one) for one in result.predictions)
    show_listed(screen, result, out, shown.headings(result), cells)
    if remark := shown.remark(result):
        screen.print_line(remark)
