"""``topwork evaluate`` with a model of numbers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from topwork.data.tables.cells import inert_path, write_table
from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.model import NumberEvaluation, NumberModel
    from topwork.model.number.predictions import NumberPredictions
    from topwork.runtime.progress import Progress


def evaluate_number(
    screen: Screen,
    model: NumberModel,
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
            "--page works for classes only, and this model predicts numbers.",
            remedy="Leave it out; --out TABLE.csv writes every prediction beside its true number.",
            code="classes_only",
        )
    data = interpreted(data, "number")
    found, predicted = model.evaluate_items(data, cache=cache, progress=progress)
    found = found.model_copy(update={"model": str(name)})
    if out is not None:
        _write(out, data, predicted)
    screen.result(found)
    _show(screen, found)
    if out is not None:
        screen.print_line(f"Wrote all predictions to {out}.")


def _write(table: Path, data: Dataset, predicted: NumberPredictions) -> None:
    """A row for each item that could be read, the largest error first."""
    numbers = data.numbers
    rows = zip(predicted.kept, predicted, strict=True)
    ordered = sorted(rows, key=lambda pair: -abs(pair[1].value - numbers[pair[0]]))
    write_table(
        table,
        ("path", "true", "value", "low", "high"),
        (
            (
                inert_path(one.path),
                f"{numbers[place]:.8g}",
                f"{one.value:.8g}",
                *("" if end is None else f"{end:.8g}" for end in (one.low, one.high)),
            )
            for place, one in ordered
        ),
    )


def _show(screen: Screen, found: NumberEvaluation) -> None:
    from topwork.cli.numbers.fit_number import show_number_scores, shown
    from topwork.cli.show import show_judged_data

    show_judged_data(screen, found)
    screen.print_line(
        f"{counted(found.n_items, found.modality)} evaluated in {found.seconds:.1f} s."
    )
    show_number_scores(screen, found.scores)
    if found.coverage is None:
        screen.print_line("The model gives no intervals: it was fitted on too few items.")
    else:
        screen.print_line(
            f"Coverage of the {100 * found.promised:g} % intervals: {shown(found.coverage)}; mean "
            f"width {found.mean_width:.4g}."
        )
    if found.shift and found.shift.sentence:
        screen.print_line(found.shift.sentence, style="bold" if found.shift.noticeable else "")
    if found.largest_errors:
        rows = [(e.path, f"{e.true:.5g}", f"{e.value:.5g}") for e in found.largest_errors[:5]]
        screen.table(("largest errors", "true", "predicted"), rows)
