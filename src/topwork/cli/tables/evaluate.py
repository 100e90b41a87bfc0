"""``topwork evaluate`` with a model of the rows of a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.model import TableModel
    from topwork.runtime.progress import Progress
    from topwork.settings import ReadingSettings


def evaluate_table(
    screen: Screen,
    model: TableModel,
    reading: ReadingSettings,
    *,
    names: tuple[Path, Path],
    progress: Progress,
    page: Path | None,
    out: Path | None,
) -> None:
    """Judge it, write the page and the table that are wanted, and show the result.

    Parameters
    ----------
    names
        Of the model and of the data.

    Raises
    ------
    DataError
        The data are no such table, or have no labels.
    """
    from topwork.cli.class_evaluation import show_evaluation, write_wrong
    from topwork.cli.heads.evaluate import evaluate_and_show
    from topwork.cli.numbers.evaluate import EVALUATED
    from topwork.cli.show import show_hints
    from topwork.data.columns.labelled_rows import read_rows
    from topwork.model import TableClassifierModel, TableNumberModel
    from topwork.reporting.evaluation_page import evaluation_page

    source = names[1]
    columns = {**model.card.columns, **(reading.named or {})}
    data = read_rows(
        source,
        columns=columns,
        header=reading.header,
        split="test_or_all",
        task="number" if isinstance(model, TableNumberModel) else "classes",
    )
    show_hints(screen, data)
    if isinstance(model, TableNumberModel):
        evaluate_and_show(
            EVALUATED,
            screen,
            model,
            data,
            names=names,
            progress=progress,
            page=page,
            out=out,
            cache=False,
        )
        return
    assert isinstance(model, TableClassifierModel)
    found, judged = model.evaluate_items(data)
    found = found.model_copy(update={"model": str(names[0])})
    if out is not None:
        write_wrong(out, judged, data)
    if page is not None:
        title = f"{names[0].name} on {source.name}"
        html = evaluation_page(found, judged, data, title=title, next_steps=())
        page.write_text(html, encoding="utf-8", errors="replace")
    screen.result(found)
    show_evaluation(screen, found)
    for file, what in ((out, "the wrong predictions"), (page, "the page")):
        if file is not None:
            screen.print_line(f"Wrote {what} to {file}.")
