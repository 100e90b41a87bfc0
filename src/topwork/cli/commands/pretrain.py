"""``topwork pretrain``: refine a backbone on items without labels, if it pays."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import Json, Quiet
from topwork.cli.repeated import repeated
from topwork.settings import PretrainSettings, TableSettings

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.unsupervised.pretraining import PretrainResult


@with_options
def pretrain(
    context: typer.Context,
    data: Annotated[
        Path,
        typer.Argument(
            metavar="UNLABELLED", help="Images or texts without labels: a folder or a table."
        ),
    ],
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="The folder for the refined backbone.")
    ] = Path("backbone.topwork"),
    labelled: Annotated[
        Path | None,
        typer.Option("--labelled", metavar="FEW", help="Labelled items that decide if it pays."),
    ] = None,
    for_model: Annotated[
        Path | None,
        typer.Option(
            "--for",
            metavar="MODEL",
            help="Refine the network of a saved model, evaluated on its training items.",
        ),
    ] = None,
    settings: PretrainSettings,
    reading: TableSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Refine a backbone on images or texts without labels, and keep it only if it gained.

    With --labelled FEW the refined backbone is written if a probe on it is better than one on the
    start. Without, it is written, and nothing says that it is better. With --for MODEL the network
    of a saved classifier is refined, and the files that it was fitted on judge where no --labelled
    is given. Use it as --backbone own:@OUT. Needs the extra train.
    """
    from topwork.cli.screen import Screen
    from topwork.cli.show import show_hints, show_rejected
    from topwork.data import is_table, read, read_any
    from topwork.errors import ParameterError
    from topwork.installation import TRAINING, require
    from topwork.model.loading import load_classifier
    from topwork.unsupervised.pretraining import pretrain as refine
    from topwork.unsupervised.pretraining.for_model import check_unseen, start_of, training_items
    from topwork.unsupervised.pretraining.pretrain import check_place

    require("Pretraining", TRAINING)
    check_place(out)
    screen = Screen(json=json, quiet=quiet)
    few = None if labelled is None else read(labelled, split="all", skip_unlabelled=True)
    start = None
    if for_model is not None:
        if settings.backbone is not None:
            raise ParameterError(
                "--for takes the network of the model, and --backbone names another one.",
                remedy="Give one of the two.",
                code="two_starts",
            )
        model = load_classifier(for_model, "topwork pretrain --for")
        if few is None:
            few = training_items(model, for_model)
        else:
            check_unseen(few, model)
        start = start_of(model, for_model, settings)
    unlabelled = read_any(
        data,
        items="auto" if few is None else few.kind.name,
        columns=reading.columns,
        header=reading.header,
        root=reading.root if is_table(data) else None,
        lines=reading.lines,
    )
    if few is not None and labelled is None:
        show_hints(screen, few)
    show_hints(screen, unlabelled)
    with screen.steps() as steps:
        found = refine(unlabelled, out, settings, labelled=few, start=start, steps=steps)
    screen.result(found)
    if not screen.json:
        show_rejected(screen, found.rejected)
        _show(screen, found, repeated(context, labelled="FEW"))


def _show(screen: Screen, found: PretrainResult, judged: str) -> None:
    items = f"{found.modality}s"
    copies = f", {found.n_copies} copies of labelled ones left out" if found.n_copies else ""
    screen.print_line(
        f"{found.start} refined on {found.n_items} unlabelled {items}{copies}, "
        f"in {found.seconds:.0f} s."
    )
    screen.print_line(found.reason, style="bold")
    if found.backbone == found.start:
        screen.print_line("Nothing was written.")
    elif found.shipped:
        screen.print_line(f"Next: topwork fit DATA --backbone {shlex.quote(found.backbone)}")
    else:
        screen.print_line(f"Next: {judged} tests whether {found.backbone} is better.")
