"""``topwork rank``: which backbone suits the data, and at what cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import DataPath, Json, Quiet, read_data
from topwork.cli.repeated import following
from topwork.runtime.counted import counted
from topwork.settings import FitSettings, RankSettings, ReadingSettings

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.ranking.ranked import RankedBackbone, Ranking


@with_options
def rank(
    context: typer.Context,
    data: DataPath,
    *,
    backbones: Annotated[
        str, typer.Option("--backbones", help="Names separated by commas; shortlist; or all.")
    ] = "shortlist",
    max_items: Annotated[
        int, typer.Option("--max-items", help="Maximum number of items to use; 0 for all.")
    ] = 4000,
    settings: RankSettings,
    reading: ReadingSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare pretrained networks on labelled items, without training any."""
    from topwork.cli.screen import Screen
    from topwork.cli.show import show_hints
    from topwork.data import skipped_sentences
    from topwork.errors import ParameterError
    from topwork.ranking.backbone_candidate import candidates_of
    from topwork.ranking.ranking import rank as rank_backbones

    if max_items < 0:
        raise ParameterError(
            f"--max-items cannot be {max_items}.", remedy="Give a number of items, or 0 for all."
        )
    screen = Screen(json=json, quiet=quiet)
    with screen.steps() as steps:
        dataset = read_data(data, reading, split="train")
        show_hints(screen, dataset)
        for sentence in skipped_sentences(dataset.ignored, f"{dataset.kind.name}s"):
            screen.note(f"Note: {sentence}")
        candidates = candidates_of(backbones, dataset.kind.name)
        found = rank_backbones(
            dataset, candidates, FitSettings(**vars(settings)), most=max_items or None, steps=steps
        )
    screen.result(found)
    _show(screen, found, following(context, "fit", backbone=found.best_network))


_LEFT_OUT_FIRST = (
    "H", "LogME", "items", "licence", "tokens", "pixels", "MB", "Brier", "GFLOPs", "log loss",
    "params",
)  # fmt: skip
"""Columns that a narrow terminal goes without; --json has them all."""


def _show(screen: Screen, found: Ranking, fitting: str) -> None:
    from topwork.cli.show import show_rejected

    if not screen.json:
        show_rejected(screen, found.rejected)
    screen.print_line(
        f"{counted(len(found.backbones), 'backbone')} ranked without training, on "
        f"{found.n_used} of {found.n_items} {found.modality}s ({found.n_classes} classes)."
    )
    from topwork.data import MODALITIES

    places = [one.place for one in found.backbones]
    headings = (
        "backbone",
        "place",
        "balanced accuracy",
        "log loss",
        "Brier",
        "LogME",
        "H",
        f"{found.modality}s/s",
        "params",
        "GFLOPs",
        MODALITIES[found.modality].words.unit,
        "MB",
        "licence",
        "items",
    )
    rows = [_row(one, places) for one in found.backbones]
    screen.table(headings, rows, folded=False, optional=_LEFT_OUT_FIRST)
    screen.print_line(found.reason, style="bold")
    screen.print_line(
        "Ranked by the leave-one-out Brier score of ridge regression; = marks ties within one "
        "standard error, the cheaper first. fit evaluates its own model by cross-validation."
    )
    if found.best != found.best_network:
        screen.print_line(f"fit always compares {found.best} with the network on texts.")
    screen.print_line(f"  {fitting}", style="bold")


def _row(one: RankedBackbone, places: list[int]) -> tuple[object, ...]:
    from topwork.cli.show import interval

    speed = one.images_per_second
    return (
        one.backbone,
        f"{one.place}{'=' if places.count(one.place) > 1 else ''}",
        interval(one.scores.balanced_accuracy),
        f"{one.scores.log_loss.value:.3f}",
        f"{one.brier.value:.3f}",
        f"{one.log_me:.3f}",
        f"{one.h_score:.2f}",
        "–" if speed is None else f"{speed:.0f}",
        f"{one.parameters / 1e6:.1f} M",
        f"{one.gflops:.2f}",
        "x".join(map(str, dict.fromkeys(one.input))),
        f"{one.weights_bytes / 1e6:.0f}",
        one.licence or "–",
        one.n_items,
    )
