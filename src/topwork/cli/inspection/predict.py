"""``topwork predict`` with a model that inspects parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from topwork.cli.listed_predictions import show_listed, write_listed

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Item
    from topwork.model import InspectorModel
    from topwork.runtime.progress import Progress


def predict_parts(
    screen: Screen,
    model: InspectorModel,
    items: Sequence[Item],
    progress: Progress,
    out: Path | None,
    maps: Path | None,
    skipped: dict[str, int],
    notes: list[str],
) -> None:
    """Predict, write table and heat maps where they are wanted, and show the result."""
    from topwork.cli.inspection.prediction import inspect_result

    result = inspect_result(model, items, maps, progress)
    result = result.model_copy(update={"skipped": skipped, "notes": notes})
    if out is not None:
        cells = ((f"{p.score:.6f}", f"{p.p:.6f}", int(p.anomalous)) for p in result.predictions)
        write_listed(out, result.predictions, ("score", "p", "anomalous"), cells)
    screen.result(result)
    shown = (
        (f"{p.score:.3f}", f"{p.p:.3f}", "anomalous" if p.anomalous else "")
        for p in result.predictions
    )
    show_listed(screen, result, out, ("score", "p", ""), shown)
    n = sum(p.anomalous for p in result.predictions)
    screen.print_line(
        f"{n} of {len(result.predictions)} are anomalous: they score above {result.threshold:.3f}, "
        f"as {100 * result.false_alarms:g} % of good parts may."
    )
    if result.moved is not None:
        screen.print_line(result.moved.sentence, style="bold")
    if maps is not None:
        screen.print_line(f"Wrote heat maps to {maps}; places brighter than 128 are anomalous.")
