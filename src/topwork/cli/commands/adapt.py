"""``topwork adapt``: a new domain without labels."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.domains import targets_of
from topwork.cli.expanded import with_options
from topwork.cli.options import Json, ModelPath, Quiet
from topwork.cli.repeated import repeated
from topwork.errors import ParameterError
from topwork.settings import AdaptSettings, TableSettings

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.model import Card
    from topwork.transductive import AdaptResult, AuditSheet


@with_options
def adapt(
    context: typer.Context,
    model: ModelPath,
    data: Annotated[
        list[Path],
        typer.Argument(metavar="UNLABELLED...", help="A folder or table of each new domain."),
    ],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="Where the model goes [MODEL-adapted.topwork]; of several domains, a folder.",
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--source", metavar="DATA", help="What the model was fitted on, if at hand."),
    ] = None,
    labelled: Annotated[
        Path | None,
        typer.Option("--labelled", metavar="FEW", help="A few labelled items of the new domain."),
    ] = None,
    online: Annotated[
        int | None,
        typer.Option(
            "--online",
            metavar="N",
            help="Process as a stream, N at a time: predict into OUT-answers.csv, then adapt.",
        ),
    ] = None,
    settings: AdaptSettings,
    reading: TableSettings,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Adapt a model to another camera, site or style without labels, or leave it as it is.

    A detector stays as it is: whether the images look different is told, and --audit N chooses
    images to annotate, with its boxes to start from.
    """
    from topwork.cli.extras import note_left_out
    from topwork.cli.screen import Screen
    from topwork.cli.show import show_hints
    from topwork.data import Framing, columns_as_fitted, is_table, read_unlabelled
    from topwork.installation import TRAINING
    from topwork.model import DetectorModel, check_target, load
    from topwork.model.loading import as_classifier
    from topwork.transductive import AdaptResults
    from topwork.transductive import adapt as adapt_model

    screen = Screen(json=json, quiet=quiet)
    targets = targets_of(model, data, out, "-adapted.topwork")
    if labelled is not None and len(data) > 1:
        raise ParameterError(
            "The few labels belong to one domain, but several are given.",
            remedy="Adapt to that domain on its own.",
        )
    if online is not None and len(data) > 1:
        raise ParameterError(
            "A stream comes from one domain, but several are given.",
            remedy="Adapt to each on its own.",
        )
    if reading.root is not None and not any(map(is_table, (*data, *([source] if source else ())))):
        raise ParameterError(
            "--root goes with a table, and none is given.", remedy="Leave --root out."
        )
    results: list[AdaptResult] = []
    found_model = load(model, engine=settings.engine)
    if isinstance(found_model, DetectorModel):
        from topwork.cli.boxes.adapt import adapt_boxes

        adapt_boxes(
            screen,
            found_model,
            name=model,
            domains=data,
            out=out,
            settings=settings,
            reading=reading,
            beside={"--source": source, "--labelled": labelled, "--online": online},
            again=lambda domain, folder: _again(context, data, domain, folder),
        )
        return
    loaded = as_classifier(found_model, "topwork adapt")
    for target in targets:
        check_target(target)
    given = None if source is None else _source(source, loaded.card, reading)
    few, plan = _few_labels(labelled, loaded.card)
    if settings.deep and isinstance(loaded.card.framing, Framing):  # it has layers behind a cut
        note_left_out(screen, "Adaptations of layers behind a cut", TRAINING)
    new = [
        read_unlabelled(
            d,
            kind=loaded.kind,
            columns=columns_as_fitted(loaded.card.columns, reading.columns),
            header=reading.header,
            root=reading.root if is_table(d) else None,
            lines=reading.lines,
        )
        for d in data
    ]
    for one in new:
        show_hints(screen, one)
    if online is not None:
        from topwork.cli.commands.adapt_stream import adapt_stream
        from topwork.transductive.stream import Stream, no_labels_in_a_stream

        if few is not None:
            raise no_labels_in_a_stream()
        adapt_stream(screen, Stream(loaded, settings, given), new[0], size=online, out=targets[0])
        return
    for domain, one, target in zip(data, new, targets, strict=True):
        with screen.steps() as steps:
            done = adapt_model(
                loaded,
                one,
                settings,
                source=given,
                labelled=few,
                plan=plan,
                steps=steps,
                save_to=target,
            )
        found = done.result
        if done.sheet is not None:
            sheet = done.sheet.write(target.with_name(f"{target.stem}-audit.csv"))
            found = found.model_copy(update={"sheet": str(sheet)})
        results.append(found)
        if len(data) > 1:
            screen.print_line(f"\n{one.source}", style="bold")
        again = _again(context, data, domain, target)
        show_adapted(screen, found, original=str(model), again=again)
    screen.result(
        results[0]
        if len(data) == 1
        else AdaptResults(task="classes", modality=results[0].modality, domains=results)
    )


def _again(context: typer.Context, domains: list[Path], domain: Path, target: Path) -> str:
    """The command for one of the domains, without what chooses or names items to label."""
    chosen = ("audit", "labelled")
    if len(domains) == 1:
        return repeated(context, without=chosen)
    data, out = shlex.quote(str(domain)), shlex.quote(str(target))
    return repeated(context, without=chosen, data=data, out=out)


def _few_labels(labelled: Path | None, card: Card) -> tuple[Dataset | None, AuditSheet | None]:
    """A few labelled items of the new domain, and how they were chosen."""
    from topwork.data import columns_as_fitted, read
    from topwork.transductive import AuditSheet

    if labelled is None:
        return None, None
    few = read(
        labelled,
        split="all",
        columns=columns_as_fitted(card.columns),
        items=card.kind,
        skip_unlabelled=True,
    )
    return few, AuditSheet.beside(labelled)


def _source(source: Path, card: Card, reading: TableSettings) -> Dataset:
    """The labelled domain; names of columns are for tables, header lines for those without one."""
    from topwork.data import columns_as_fitted, is_table, read

    if not is_table(source):
        return read(source, split="train", items=card.kind)
    return read(
        source,
        split="train",
        items=card.kind,
        columns=columns_as_fitted(card.columns, reading.columns),
        header=reading.header,
        root=reading.root,
    )


_FROM = {
    "given": "given labelled {items}",
    "stored": "training {items} from the feature store",
    "model": "feature rows stored in the model",
}


def show_adapted(screen: Screen, found: AdaptResult, *, original: str, again: str) -> None:
    """The outcome, for people.

    Parameters
    ----------
    original
        Names the model that was adapted.
    again
        The command that adapts it to the same items.
    """
    from topwork.cli.show import show_rejected
    from topwork.report.numbers import percent

    if not screen.json:
        show_rejected(screen, found.rejected)
    items = f"{found.modality}s"
    beside = _FROM[found.source].format(items=items)
    screen.print_line(
        f"{found.n_items} unlabelled {items}, compared with {found.n_source} {beside}."
    )
    if found.seen_in_training:
        screen.note(
            f"Warning: {found.seen_in_training} of these {items} were in the training data."
        )
    if found.copies:
        first = found.copies[0]
        screen.note(
            f"{found.n_copies} of these {items} duplicate labelled ones (e.g. {first.item} and "
            f"{first.labelled}); scores on them would be optimistic."
        )
    if found.finalists:
        screen.table(
            (
                "checks without labels",
                "ensemble agreement",
                "reverse valid.",
                "mutual inform.",
                "mixed items",
                "source log-lik.",
                "passed",
            ),
            [
                (
                    score.name,
                    percent(score.agreement),
                    percent(score.circular),
                    f"{score.certainty:.2f}",
                    "" if score.mixed is None else percent(score.mixed),
                    "" if score.weighted is None else f"{score.weighted:.2f}",
                    "–"
                    if place == 0
                    else "collapsed"
                    if score.collapsed
                    else f"{score.votes} of {score.of}",
                )
                for place, score in enumerate(found.finalists)
            ],
        )
    for sentence in found.sentences:
        screen.print_line(sentence, style="bold" if sentence is found.sentences[-1] else "")
    if found.source_after is not None:
        screen.print_line(own_domain(found, original))
    if found.model:
        screen.print_line(f"Saved {found.model} after {found.seconds:.1f} s.")
    if found.previous_model:
        screen.print_line(f"The model that was there before is now {found.previous_model}.")
    if found.sheet:
        screen.print_line(
            f"Next: fill in the column label of {found.sheet}. Then {again} --labelled "
            f"{shlex.quote(found.sheet)} gives the accuracy of both models and uses the labels."
        )
    elif found.audit is None:
        screen.print_line(
            f"Next: {again} --audit 60 chooses {items} to label, to measure the accuracy in the "
            "new domain."
        )


def own_domain(found: AdaptResult, original: str) -> str:
    """How the source domain fares, and what to do about it."""
    from topwork.transductive.result import source_sentence

    assert found.source_before is not None
    assert found.source_after is not None
    said = source_sentence(found)
    if found.source_before - found.source_after > _NOTICED:
        return f"{said} Keep {original} for that domain."
    return said


_NOTICED = 0.02
"""Loss of accuracy on its own domain from which the original should be kept for it."""
