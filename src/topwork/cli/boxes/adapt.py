"""``topwork adapt`` with a detector."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from topwork.cli.screen import Screen
    from topwork.model import DetectorModel
    from topwork.settings import AdaptSettings, TableSettings
    from topwork.transductive.detection.result import DetectorAdaptResult


def adapt_boxes(
    screen: Screen,
    model: DetectorModel,
    *,
    name: Path,
    domains: list[Path],
    out: Path | None,
    settings: AdaptSettings,
    reading: TableSettings,
    beside: Mapping[str, object],
    again: Callable[[Path, Path], str],
) -> None:
    """Look at each new domain, choose images to annotate where they are wanted, and show it.

    Parameters
    ----------
    name
        The model as it was named.
    out
        Where the images to annotate go.
    beside
        Further data and choices by the options that name them, which only classifiers have.
    again
        The command for one domain and the folder of its images to annotate.

    Raises
    ------
    ParameterError
        Something is asked for that only classifiers can have.
    """
    from topwork.cli.domains import targets_of
    from topwork.cli.show import show_hints
    from topwork.data import is_table, read_unlabelled
    from topwork.settings.classes_only import check_classes_only
    from topwork.transductive.detection.annotation_folder import check_folder
    from topwork.transductive.detection.new_domain import look_at_domain
    from topwork.transductive.detection.result import DetectorAdaptResults

    asked = {option: given is not None for option, given in beside.items()}
    trained = {"--train": bool(settings.train), "--force": settings.force}
    check_classes_only(
        {**asked, **trained, "--keep-source": settings.keep_source},
        "this model finds objects",
        remedy="Leave it out; --audit N chooses images to annotate.",
    )
    folders = targets_of(name, domains, out, "-annotate")
    for folder in folders if settings.audit else ():
        check_folder(folder)
    read = [
        read_unlabelled(
            domain,
            kind=model.kind,
            columns=reading.columns,
            header=reading.header,
            root=reading.root if is_table(domain) else None,
            lines=reading.lines,
        )
        for domain in domains
    ]
    results: list[DetectorAdaptResult] = []
    for domain, data, folder in zip(domains, read, folders, strict=True):
        show_hints(screen, data)
        with screen.steps() as steps:
            found = look_at_domain(
                model,
                data,
                n=settings.audit,
                folder=folder if settings.audit else None,
                title=f"Images of {domain.name} for {name.name}",
                seed=settings.seed,
                progress=steps("Predicting"),
            )
        results.append(found)
        if len(domains) > 1:
            screen.print_line(f"\n{domain}", style="bold")
        _show(screen, found, again=again(domain, folder))
    screen.result(results[0] if len(domains) == 1 else DetectorAdaptResults(domains=results))


def _show(screen: Screen, found: DetectorAdaptResult, *, again: str) -> None:
    import shlex

    from topwork.cli.show import show_rejected, show_remarks
    from topwork.transductive.detection.annotation_folder import BOXES, PAGE

    if not screen.json:
        show_rejected(screen, found.rejected)
    show_remarks(screen, found.remarks)
    if found.seen_in_training:
        screen.note(f"Warning: {found.seen_in_training} of these images were in the training data.")
    for sentence in found.sentences:
        bold = found.shift is not None and found.shift.noticeable
        screen.print_line(sentence, style="bold" if bold and "look" in sentence else "")
    if found.suggestions is None:
        screen.print_line(
            f"Next: {again} --audit 30 chooses images to annotate, with the "
            "detector's boxes to start from."
        )
        return
    folder = Path(found.suggestions)
    screen.print_line(
        f"Copied {len(found.suggested)} images to annotate into {folder}, with suggested boxes in "
        f"{BOXES} (COCO). See them in {folder / PAGE}."
    )
    screen.print_line(
        f"Next: correct the boxes in an annotation tool, put {shlex.quote(str(folder))} beside the "
        "training data, and fit again."
    )
