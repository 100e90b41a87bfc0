"""Predictions of items as a table on the screen and in a file, whatever a model predicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from topwork.data.tables.cells import inert, inert_path, write_table
from topwork.data.texts.truncated import truncated

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.features.rejected import RejectedRecord
    from topwork.features.remarks import RemarkRecord

MAX_ROWS = 20
"""Predictions that are listed on the screen."""


class ListedPrediction(Protocol):
    """What is predicted of an item, and what the item is called."""

    @property
    def path(self) -> str: ...

    @property
    def text(self) -> str | None: ...


class ListedResult(Protocol):
    """What ``predict`` prints."""

    @property
    def modality(self) -> str: ...

    @property
    def predictions(self) -> Sequence[ListedPrediction]: ...

    @property
    def rejected(self) -> Sequence[RejectedRecord]: ...

    @property
    def remarks(self) -> Sequence[RemarkRecord]: ...

    @property
    def skipped(self) -> Mapping[str, int]: ...

    @property
    def cut_short(self) -> int: ...


def write_listed(
    table: Path,
    predictions: Sequence[ListedPrediction],
    headings: Sequence[str],
    cells: Iterable[Sequence[object]],
) -> None:
    """A row for each item that could be read, safe to open in a spreadsheet.

    Parameters
    ----------
    headings, cells
        Of the columns beside path and text.
    """
    texts = ("text",) if any(p.text is not None for p in predictions) else ()
    write_table(
        table,
        ("path", *texts, *headings),
        (
            (inert_path(p.path), *(inert(p.text or "") for _ in texts), *own)
            for p, own in zip(predictions, cells, strict=True)
        ),
    )


def show_listed(
    screen: Screen,
    result: ListedResult,
    out: Path | None,
    headings: Sequence[str],
    cells: Iterable[Sequence[object]],
) -> None:
    """The first predictions, for people; ``cells`` are those before the item's name."""
    from topwork.cli.show import show_reading, show_rejected, show_remarks

    if not screen.json:
        show_rejected(screen, result.rejected)
    show_remarks(screen, result.remarks)
    show_reading(screen, result, result.modality)
    shown = result.predictions[:MAX_ROWS]
    rows = [(*own, p.text or p.path) for p, own in zip(shown, cells, strict=False)]
    inline = any(p.text is not None for p in result.predictions)
    screen.table((*headings, result.modality), rows, folded=inline)
    left_out = len(result.predictions) - len(rows)
    if left_out:
        where = f"all of them are in {out}" if out else "write all of them with --out table.csv"
        screen.print_line(f"And {left_out} more: {where}.")
    if result.cut_short:
        screen.print_line(f"{truncated(result.cut_short)}.")
