"""Predictions of classes, for people and as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.cli.listed_predictions import show_listed, write_listed
from topwork.data.tables.cells import inert, inert_label

if TYPE_CHECKING:
    from topwork.cli.prediction import Prediction, PredictResult
    from topwork.cli.screen import Screen


def by_class(
    labels: Sequence[object], predictions: Sequence[Prediction]
) -> dict[str, list[object]]:
    """A column of probabilities for each class."""
    of = [{t.label: f"{t.probability:.6f}" for t in p.top} for p in predictions]
    names = [str(label) for label in labels]
    return {f"probability of {name}": [one[name] for one in of] for name in names}


def shortened(result: PredictResult, top: int) -> PredictResult:
    """With so many classes of each prediction."""
    short = [p.model_copy(update={"top": p.top[:top]}) for p in result.predictions]
    return result.model_copy(update={"predictions": short})


def write_predictions(
    table: Path,
    predictions: Sequence[Prediction],
    more: Mapping[str, Sequence[object]] | None = None,
) -> None:
    """A row for each item that could be read, safe to open in a spreadsheet.

    Parameters
    ----------
    more
        Further columns, of numbers, by name.
    """
    columns = more or {}
    cells = (
        (
            inert_label(p.label),
            f"{p.probability:.6f}",
            int(p.unknown),
            *(column[row] for column in columns.values()),
        )
        for row, p in enumerate(predictions)
    )
    headings = ("label", "probability", "unknown", *map(inert, columns))
    write_listed(table, predictions, headings, cells)


def show_predictions(screen: Screen, result: PredictResult, out: Path | None = None) -> None:
    """The first predictions, for people."""
    cells = ((_answer(p), f"{p.probability:.3f}", _others(p)) for p in result.predictions)
    show_listed(screen, result, out, ("label", "probability", "then"), cells)
    if not result.unknown_on:
        screen.print_line("Detection of unknown inputs is off for this model (see its report).")
    n_unknown = sum(p.unknown for p in result.predictions)
    if n_unknown:
        match = "input matches" if n_unknown == 1 else "inputs match"
        screen.print_line(f"{n_unknown} {match} no known class; the closest one is named.")


def _answer(prediction: Prediction) -> str:
    return f"unknown (closest: {prediction.label})" if prediction.unknown else prediction.label


def _others(prediction: Prediction) -> str:
    shown = () if prediction.unknown else prediction.top[1:3]
    return ", ".join(f"{t.label} {t.probability:.3f}" for t in shown)
