"""``topwork evaluate``: an honest number on other data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.options import Columns, ItemsOption, Json, Layout, ModelPath, NoHeader, Quiet, Seed

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.model import Evaluation


def evaluate(
    model: ModelPath,
    data: Annotated[Path, typer.Argument(metavar="DATA", help="Class folders, or a table.")],
    columns: Columns = None,
    no_header: NoHeader = None,
    items: ItemsOption = "auto",
    layout: Layout = "class",
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Judge a model on other labelled items; of splits, the test split is taken."""
    from topwork.cli.options import column_names, header_names
    from topwork.cli.screen import Screen
    from topwork.data import read
    from topwork.model import load

    screen = Screen(json=json, quiet=quiet)
    with screen.steps() as steps:
        loaded = load(model)
        dataset = read(
            data,
            split="test_or_all",
            columns=column_names(columns),
            header=header_names(no_header),
            layout=layout,  # type: ignore[arg-type]
            items=loaded.card.kind if items == "auto" else items,  # type: ignore[arg-type]
        )
        found = loaded.evaluate(dataset, seed=seed, progress=steps("Predicting"))
    found = found.model_copy(update={"model": str(model)})
    screen.result(found)
    show_evaluation(screen, found)


def show_evaluation(screen: Screen, found: Evaluation) -> None:
    """The result of an evaluation, for people."""
    from topwork.cli.show import show_classes, show_rejected, show_scores

    if not screen.json:
        show_rejected(screen, found.rejected)
    if found.unknown_labels:
        screen.note(
            f"{found.unknown_labels} items were set aside: the model doesn't know their label."
        )
    if found.seen_in_training:
        screen.note(
            f"Warning: {found.seen_in_training} of these items were in the training data, so the "
            "scores flatter the model."
        )
    if found.uses is None:
        screen.note("That these data were used could not be written down: see TOPWORK_STATE_DIR.")
    elif found.uses.sentence:
        screen.note(found.uses.sentence)
    if found.cut_short:
        screen.note(f"{found.cut_short} of them are longer than the model looks at.")
    screen.say(f"{found.n_items} {found.kind}s judged in {found.seconds:.1f} s.")
    show_scores(screen, found.scores)
    show_classes(screen, found.per_class)
    if found.shift:
        screen.say(found.shift.sentence, style="bold" if found.shift.noticeable else "")
    if found.unknown:
        screen.say(f"The model calls {found.unknown:.0%} of these {found.kind}s unknown.")
