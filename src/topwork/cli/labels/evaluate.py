"""``topwork evaluate`` with a model of several labels."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from topwork.data.tables.cells import inert_label, inert_path, write_table
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.model import LabelsEvaluation, LabelsModel
    from topwork.model.labels.predictions import LabelsPredictions
    from topwork.runtime.progress import Progress


def evaluate_several(
    screen: Screen,
    model: LabelsModel,
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
    from topwork.errors import ParameterError
    from topwork.tasks.reading import interpreted

    if page is not None:
        raise ParameterError(
            "--page works for classes only, and this model predicts several labels.",
            remedy="Leave it out; --out TABLE.csv writes every prediction beside its true labels.",
            code="classes_only",
        )
    data = interpreted(data, "labels")
    found, predicted = model.evaluate_items(data, cache=cache, progress=progress)
    found = found.model_copy(update={"model": str(name)})
    if out is not None:
        _write(out, data, predicted)
    screen.result(found)
    _show(screen, found, model)
    if out is not None:
        screen.print_line(f"Wrote all predictions to {out}.")


def _write(table: Path, data: Dataset, predicted: LabelsPredictions) -> None:
    """A row for each item that could be read: true and predicted labels."""
    true = data.several.texts()
    write_table(
        table,
        ("path", "true", "predicted"),
        (
            (
                inert_path(one.path),
                inert_label(true[place]),
                inert_label(";".join(label.label for label in one.labels)),
            )
            for place, one in zip(predicted.kept, predicted, strict=True)
        ),
    )


def _show(screen: Screen, found: LabelsEvaluation, model: LabelsModel) -> None:
    from topwork.cli.labels.fit import show_labels_scores, show_per_label
    from topwork.cli.show import interval, show_judged_data

    show_judged_data(screen, found)
    screen.print_line(
        f"{counted(found.n_items, found.modality)} evaluated in {found.seconds:.1f} s."
    )
    show_labels_scores(screen, found.scores)
    thresholds = dict(zip(model.labels, model.card.thresholds, strict=True))
    show_per_label(screen, found.per_label, thresholds)
    if found.missed is not None:
        promised = (
            "" if found.promised is None else f"; at most {100 * found.promised:g} % was promised"
        )
        screen.print_line(
            f"Share of an item's labels that was missed: {interval(found.missed)}{promised}."
        )
    if found.shift and found.shift.sentence:
        screen.print_line(found.shift.sentence, style="bold" if found.shift.noticeable else "")
    if found.wrong:
        rows = [(w.path, "; ".join(w.missed), "; ".join(w.extra)) for w in found.wrong[:5]]
        screen.table(("largest errors", "missed", "predicted wrongly"), rows)
