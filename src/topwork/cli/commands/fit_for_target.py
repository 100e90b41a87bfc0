"""``topwork fit --target``: a fit, and then an adaptation to the domain that it is meant for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ConfigDict

from topwork.cli.commands.adapt import show_adapted
from topwork.data import Dataset, is_table, read_unlabelled
from topwork.data.json_object import JsonObject
from topwork.reporting.result import FitResult
from topwork.transductive import AdaptResult, AdaptSettings, adapt

if TYPE_CHECKING:
    from collections.abc import Callable

    from topwork.cli.screen import Screen
    from topwork.inductive.fitting import Fitted
    from topwork.settings import FitSettings, ReadingSettings


class FitForTarget(JsonObject):
    """What the fit found, and what its adaptation did.

    Attributes
    ----------
    adapt
        Its ``model`` is the one for the target; that of ``fit`` is for the labelled domain.
    """

    model_config = ConfigDict(frozen=True)

    fit: FitResult
    adapt: AdaptResult


def read_domain(domain: Path, data: Dataset, reading: ReadingSettings) -> Dataset:
    """The items of the target, of the same kind as the labelled ones, and of tables like theirs."""
    table = is_table(domain)
    return read_unlabelled(
        domain,
        kind=data.kind,
        columns=reading.named if table else None,
        header=reading.header if table else None,
        lines=reading.lines,
    )


def adapt_fitted(
    screen: Screen,
    fitted: Fitted,
    data: Dataset,
    items: Dataset,
    *,
    out: Path,
    settings: FitSettings,
    again: Callable[[str], str],
) -> FitForTarget:
    """Adapt to the items of the target, save to ``out`` and show what came of it.

    Parameters
    ----------
    again
        The command that adapts a model of this name to the same items.
    """
    wanted = AdaptSettings(
        engine=settings.engine,
        cache=settings.cache,
        max_bad=settings.max_bad,
        seed=settings.seed,
    )
    with screen.steps() as steps:
        found = adapt(fitted.model, items, wanted, source=data, steps=steps, save_to=out).result
    screen.print_line()
    original = fitted.result.model or "the first model"
    show_adapted(screen, found, original=original, again=again(original))
    return FitForTarget(task="classes", modality=found.modality, fit=fitted.result, adapt=found)
