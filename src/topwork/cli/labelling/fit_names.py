"""``topwork fit DATA --classes a,b,c``: a model of items of which none has a label."""

from __future__ import annotations

import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.settings import FitReadingSettings, FitSettings


def fit_names(
    screen: Screen,
    data: Path,
    classes: str,
    settings: FitSettings,
    reading: FitReadingSettings,
    target: Path,
) -> None:
    """Fit on what is written about the classes, and say how to find out what that is worth."""
    from topwork.cli.shown_fit import show_fit
    from topwork.data import read_any
    from topwork.inductive.fitting import fit as fit_data
    from topwork.inductive.items_by_name import items_by_name
    from topwork.trials.few_shot import items_of_names

    begun = time.monotonic()
    found = read_any(
        data,
        items=reading.kind,
        columns=reading.columns,
        header=reading.header,
        root=reading.root,
    )
    labels = [name.strip() for name in classes.split(",") if name.strip()]
    with screen.steps() as steps:
        if found.kind.inline:
            named, without = items_of_names(labels, settings.describe), data
        else:
            progress = steps(f"Features of {found.kind.name}s")
            named, without = items_by_name(found, labels, settings, progress=progress), None
        fitted = fit_data(
            named,
            settings,
            unlabelled=without,
            steps=steps,
            save_to=target,
            read_seconds=time.monotonic() - begun,
        )
    show_fit(screen, fitted.result, stored=settings.cache)
    place = shlex.quote(str(data))
    screen.print_line(
        "It knows the classes by their names alone. What that is worth an audit says: "
        f"topwork label {place} --out audit.csv --audit 60; then "
        f"topwork evaluate {shlex.quote(str(target))} audit.csv --split test"
    )
    screen.result(fitted.result)
