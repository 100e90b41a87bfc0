"""``topwork evaluate`` with a detector."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.features import Progress
    from topwork.model.detection.evaluation import DetectionEvaluation
    from topwork.model.detection.model import DetectorModel


def evaluate_boxes(
    screen: Screen,
    model: DetectorModel,
    data: Dataset,
    name: Path,
    progress: Progress,
    page: Path | None,
    out: Path | None,
) -> None:
    """Judge it, and show the result.

    Raises
    ------
    ParameterError
        A page or a table is asked for, which only other models have.
    """
    from topwork.errors import ParameterError

    for option, path in (("--page", page), ("--out", out)):
        if path is not None:
            raise ParameterError(
                f"{option} works for models of classes, and this one finds objects.",
                remedy="Leave it out; topwork predict --draw FOLDER shows the boxes.",
                code="classes_only",
            )
    found, _ = model.evaluate_items(data, progress=progress)
    found = found.model_copy(update={"model": str(name)})
    screen.result(found)
    _show(screen, found)


def _show(screen: Screen, found: DetectionEvaluation) -> None:
    from topwork.cli.boxes.fit import show_at_threshold, show_detection_scores
    from topwork.cli.show import show_reading, show_rejected, show_remarks

    if not screen.json:
        show_rejected(screen, found.rejected)
    show_reading(screen, found, found.modality)
    show_remarks(screen, found.remarks)
    for warning in found.warnings:
        screen.note(f"Warning: {warning}")
    if found.uses is None:
        screen.note("The use of these data could not be recorded: check TOPWORK_STATE_DIR.")
    screen.print_line(
        f"{counted(found.n_items, 'image')} with {counted(found.n_objects, 'object')} evaluated "
        f"in {found.seconds:.1f} s."
    )
    show_detection_scores(screen, found.scores)
    show_at_threshold(screen, found.at_threshold)
