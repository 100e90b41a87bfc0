"""``topwork evaluate`` with a model whose head predicts something else than classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.model.heads.model import HeadModel
    from topwork.runtime.progress import Progress


@dataclass(frozen=True, slots=True)
class EvaluationShown:
    """How the evaluation of a model of one task is written and shown.

    Parameters
    ----------
    predicted, true
        What the model predicts, and what is true of one item.
    write
        Writes the data and what was predicted into a table.
    show
        Shows what was found; what all tasks have in common stands around it.
    errors
        Shows the largest errors, behind everything else.
    """

    predicted: str
    true: str
    write: Callable[[Path, Dataset, Any], None]
    show: Callable[[Screen, Any, Any], None]
    errors: Callable[[Screen, Any], None]


def evaluate_and_show(
    shown: EvaluationShown,
    screen: Screen,
    model: HeadModel[Any, Any],
    data: Dataset,
    *,
    name: Path,
    progress: Progress,
    page: Path | None,
    out: Path | None,
    cache: bool,
) -> None:
    """Judge it, write the table where one is wanted, and show the result.

    Raises
    ------
    ParameterError
        A page is asked for, which only classifiers have.
    """
    from topwork.cli.show import show_judged_data
    from topwork.errors import ParameterError

    if page is not None:
        raise ParameterError(
            f"--page works for classes only, and this model predicts {shown.predicted}.",
            remedy="Leave it out; --out TABLE.csv writes every prediction beside its true "
            f"{shown.true}.",
            code="classes_only",
        )
    data = model.own_targets(data)
    found, predicted = model.evaluate_items(data, cache=cache, progress=progress)
    found = found.model_copy(update={"model": str(name)})
    if out is not None:
        shown.write(out, data, predicted)
    screen.result(found)
    show_judged_data(screen, found)
    screen.print_line(
        f"{counted(found.n_items, found.modality)} evaluated in {found.seconds:.1f} s."
    )
    shown.show(screen, found, model)
    if found.shift and found.shift.sentence:
        screen.print_line(found.shift.sentence, style="bold" if found.shift.noticeable else "")
    shown.errors(screen, found)
    if out is not None:
        screen.print_line(f"Wrote all predictions to {out}.")
