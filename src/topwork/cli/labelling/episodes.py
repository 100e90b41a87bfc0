"""``topwork episodes``: how well few labelled items per class do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import ItemKind, Json, Network, Quiet
from topwork.runtime.counted import counted
from topwork.settings import FeatureSettings, TableSettings

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.metalearning import EpisodesResult
    from topwork.metalearning.result import ClassInterval, Estimated


@with_options
def episodes(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Class folders or a table.")],
    *,
    ways: Annotated[int, typer.Option("--ways", help="Classes of an episode.")] = 5,
    shots: Annotated[
        str, typer.Option("--shots", metavar="N,N", help="Labelled items per class.")
    ] = "1,5",
    n: Annotated[int, typer.Option("--episodes", help="How many are drawn.")] = 600,
    queries: Annotated[
        str,
        typer.Option("--queries", help="balanced, or dirichlet for classes of unequal shares."),
    ] = "balanced",
    n_queries: Annotated[
        int, typer.Option("--n-queries", help="Items to predict per class, on average.")
    ] = 15,
    backbone: Network = None,
    kind: ItemKind = "auto",
    settings: FeatureSettings,
    reading: TableSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure how well one or five labelled items per class do, over many small tasks."""
    from topwork.cli.screen import Screen
    from topwork.metalearning import evaluate_episodes

    screen = Screen(json=json, quiet=quiet)
    with screen.steps() as steps:
        found = evaluate_episodes(
            data,
            ways=ways,
            shots=_numbers(shots),
            episodes=n,
            queries=queries,  # type: ignore[arg-type]
            n_queries=n_queries,
            settings=settings,
            backbone=backbone,
            progress=steps("Features"),
            kind=kind,
            columns=reading.columns,
            header=reading.header,
            root=reading.root,
            lines=reading.lines,
        )
    screen.result(found)
    _show(screen, found)


def _numbers(text: str) -> list[int]:
    from topwork.errors import ParameterError

    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise ParameterError(
            f"--shots is {text!r}, which is no list of numbers.", remedy="Write --shots 1,5."
        ) from None


def _show(screen: Screen, found: EpisodesResult) -> None:
    from topwork.cli.show import show_reading, show_rejected

    kind = str(found.modality)
    if not screen.json:
        show_rejected(screen, found.rejected)
        for note in found.notes:
            screen.note(f"Note: {note}")
    show_reading(screen, found, kind)
    rows = [
        (
            counted(one.shots, "label"),
            *_cells(one.accuracy, one.over_classes),
            *_cells(one.together, one.together_over_classes),
        )
        for one in found.shots
    ]
    headings = ("per class", "each alone", "other classes", "all together", "other classes")
    screen.table(headings, rows, folded=False)
    screen.print_line(
        f"Accuracy, %, in {counted(found.episodes, 'episode')} of {found.ways} classes, "
        f"{found.queries}, with 95 % intervals over episodes and over classes; "
        f"{counted(found.n_items, kind)}, {found.n_groups:,} of them independent, by the "
        f"features of {found.backbone}."
    )


def _cells(mean: Estimated, classes: ClassInterval) -> tuple[str, str]:
    half = 50 * (mean.high - mean.low)
    known = classes.high - classes.low < 1
    other = f"{100 * classes.low:.0f} to {100 * classes.high:.0f}" if known else "unknown"
    return f"{100 * mean.value:.1f} ± {half:.1f}", other
