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
    from topwork.model import TableNumberModel
    from topwork.model.heads.model import HeadModel
    from topwork.reporting.evaluated_head import EvaluatedWords
    from topwork.runtime.progress import Progress


@dataclass(frozen=True, slots=True)
class EvaluationShown:
    """How the evaluation of a model of one task is written and shown.

    Parameters
    ----------
    write
        Writes the data and what was predicted into a table.
    show
        Shows what was found; what all tasks have in common stands around it.
    errors
        Shows the largest errors, behind everything else.
    words
        Gives what a page says, `EvaluatedWords`, of what was found, the model, the data and what
        was predicted.
    """

    write: Callable[[Path, Dataset, Any], None]
    show: Callable[[Screen, Any, Any], None]
    errors: Callable[[Screen, Any], None]
    words: Callable[[Any, Any, Dataset, Any], EvaluatedWords]


def evaluate_and_show(
    shown: EvaluationShown,
    screen: Screen,
    model: HeadModel[Any, Any] | TableNumberModel,
    data: Dataset,
    *,
    names: tuple[Path, Path],
    progress: Progress,
    page: Path | None,
    out: Path | None,
    cache: bool,
) -> None:
    """Judge it, write the page and the table that are wanted, and show the result.

    Parameters
    ----------
    names
        The model and the data as they were named.
    """
    from topwork.cli.show import show_judged_data

    data = model.own_targets(data)
    found, predicted = model.evaluate_items(data, cache=cache, progress=progress)
    found = found.model_copy(update={"model": str(names[0])})
    if out is not None:
        shown.write(out, data, predicted)
    if page is not None:
        _write_page(page, shown.words(found, model, data, predicted), found, data, names)
    screen.result(found)
    show_judged_data(screen, found)
    screen.print_line(
        f"{counted(found.n_items, found.modality)} evaluated in {found.seconds:.1f} s."
    )
    shown.show(screen, found, model)
    if found.shift and found.shift.sentence:
        screen.print_line(found.shift.sentence, style="bold" if found.shift.noticeable else "")
    shown.errors(screen, found)
    for file, what in ((out, "all predictions"), (page, "the page")):
        if file is not None:
            screen.print_line(f"Wrote {what} to {file}.")


def _write_page(
    page: Path, words: EvaluatedWords, found: Any, data: Dataset, names: tuple[Path, Path]
) -> None:
    from topwork.reporting.evaluated_head import evaluated_head_page

    title = f"{names[0].name} on {names[1].name}"
    html = evaluated_head_page(found, found.scores, words, data, task=found.task, title=title)
    page.write_text(html, encoding="utf-8", errors="replace")
