"""``topwork fit`` on images of good parts only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.reporting.inspection.result import InspectionFitResult
    from topwork.runtime.progress import Steps
    from topwork.settings import FitSettings


def fit_good_parts(
    screen: Screen,
    data: Dataset,
    settings: FitSettings,
    steps: Steps,
    target: Path,
    read_seconds: float,
    *,
    false_alarms: float | None,
    beside: Mapping[str, object],
) -> None:
    """Fit an inspector, save it and show what was found.

    Parameters
    ----------
    beside
        What only classifiers learn from, by the options that name it.

    Raises
    ------
    ParameterError
        Something is asked for that only classifiers can have.
    """
    from topwork.cli.show import show_hints
    from topwork.inductive.inspection.fitting import fit_inspector
    from topwork.settings.classes_only import check_classes_only, of_classes_only
    from topwork.settings.detection import check_no_promise
    from topwork.settings.inspection import FALSE_ALARMS, InspectionSettings

    asked = {option: more is not None for option, more in beside.items()}
    check_classes_only(
        asked | of_classes_only(settings, ("probe",)),
        "the images are of good parts",
        remedy="Leave it out.",
    )
    check_no_promise(settings, "good parts")
    show_hints(screen, data)
    wanted = InspectionSettings(
        backbone=settings.backbone,
        false_alarms=FALSE_ALARMS if false_alarms is None else false_alarms,
        name_groups=settings.name_groups,
        max_bad=settings.max_bad,
        engine=settings.engine,
        cache=settings.cache,
        seed=settings.seed,
    )
    fitted = fit_inspector(data, wanted, steps=steps, save_to=target, read_seconds=read_seconds)
    _show(screen, fitted.result)
    screen.result(fitted.result)


def check_no_false_alarms(rate: float | None) -> None:
    """Refuse a promise that only inspectors give.

    Raises
    ------
    ParameterError
        It is asked for.
    """
    from topwork.errors import ParameterError

    if rate is not None:
        raise ParameterError(
            "--false-alarms works for images of good parts only.",
            remedy="Leave it out, or add --task one-class.",
            code="one_class_only",
        )


def _show(screen: Screen, result: InspectionFitResult) -> None:
    from topwork.cli.show import show_rejected
    from topwork.runtime.counted import counted

    if not screen.json:
        show_rejected(screen, result.rejected)
    screen.print_line(
        f"{counted(result.n_items, 'image')} of {counted(result.n_groups, 'good part')}; "
        f"{result.features.computed} features computed, {result.features.cached} taken from the "
        "store."
    )
    screen.print_line(result.reason)
    screen.print_line(result.promise)
    for note in result.notes:
        screen.print_line(note)
    rows = [(one.path, f"{one.score:.3f}") for one in result.oddest[:5]]
    screen.table(("oddest good parts", "held-out score"), rows)
    screen.print_line(f"Parts with a score above {result.threshold:.3f} are anomalous.")
    if result.model is not None:
        screen.print_line(f"Saved {result.model} in {result.seconds.total:.1f} s.")
