"""``topwork check``: what is wrong with the data."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated

import typer

from topwork.cli.expanded import with_options
from topwork.cli.options import DataPath, Json, Quiet, Seed, are_parts, read_data
from topwork.cli.outputs import check_page, check_table
from topwork.cli.repeated import following, repeated
from topwork.data.tables.cells import inert, inert_label, inert_path, write_table
from topwork.data.targets.label_targets import UNKNOWN, LabelTargets
from topwork.data.targets.labels import decoded
from topwork.data.targets.several_labels import surviving_cells
from topwork.runtime.counted import counted
from topwork.settings import FitSettings, TaskSettings

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Item
    from topwork.intake.data_check import DataCheck
    from topwork.quality import DuplicateGroup, Findings
    from topwork.quality.boxes.box_findings import BoxClass, BoxFindings, BoxRecord


@with_options
def check(
    context: typer.Context,
    data: DataPath,
    *,
    write: Annotated[
        Path | None,
        typer.Option("--write", help="Write a table with the columns group and keep, for fit."),
    ] = None,
    page: Annotated[
        Path | None, typer.Option("--page", help="Write an HTML page with the findings.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 2 if anything was found.")
    ] = False,
    reading: TaskSettings,
    seed: Seed = 0,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Look for copies, conflicts, leaks, odd images and doubtful labels."""
    from topwork.cli.screen import Screen
    from topwork.cli.show import show_hints, show_losses
    from topwork.data import BoxTargets
    from topwork.data.reading.inspection.good_parts import only_good
    from topwork.errors import ParameterError
    from topwork.intake.data_check import check as check_data
    from topwork.intake.data_check import read_splits
    from topwork.reporting.check_page import check_page as render_check
    from topwork.runtime.run_context import RunContext
    from topwork.tasks.reading import interpreted

    screen = Screen(json=json, quiet=quiet)
    check_table(write, data)
    check_page(page, data)
    with screen.steps() as steps:
        dataset, splits = read_splits(lambda split: read_data(data, reading, split=split))
        told = interpreted(dataset, reading.asked, order=reading.order)
        dataset = told if len(told) == len(dataset) else dataset
        if write is not None and isinstance(dataset.targets, BoxTargets):
            raise ParameterError(
                "--write makes a table of labels, and these images are annotated with boxes.",
                remedy="Leave it out; --json and --page hold everything that was found.",
            )
        show_hints(screen, dataset, certain=True)
        parts = reading.task in ("auto", "one-class") and (
            are_parts(data, reading) or only_good(dataset)
        )
        context_of_run = RunContext(FitSettings(seed=seed), steps)
        found = check_data(dataset, splits, context_of_run, parts=parts)
    if write is not None:
        _write(found, write)
    if page is not None:
        page.write_text(render_check(found, data.name), "utf-8", errors="replace")
    screen.result(found.findings)
    show_losses(screen, dataset, found.findings.rejected)
    _show(screen, found.findings, dataset.kind.name)
    if found.findings.families:
        written = None if found.findings.boxes else repeated(context, write="TABLE.csv")
        remedy = _remedy(found.findings, dataset.kind.name, following(context, "fit"), written)
        screen.print_line(remedy, style="bold")
    if found.findings.clean:
        screen.print_line("No problems found.")
    return 2 if strict and not found.findings.clean else 0


def _write(found: DataCheck, table: Path) -> None:
    """One row an item: a text itself, or a path relative to the table.

    Names that are no UTF-8 are written in it; reading finds the files under them.
    """
    data = found.data
    inline = data.kind.inline

    def own(item: Item, path: str) -> str:
        if inline:
            return inert(data.kind.caption(item))
        return inert_path(decoded(os.path.relpath(path, table.parent)))

    headings, labels = _label_columns(found)
    write_table(
        table,
        (data.kind.column, *headings, "group", "split", "keep"),
        (
            (own(item, row.path), *own_labels, row.group, split, int(row.keep))
            for item, row, own_labels, split in zip(
                data.items, found.rows, labels, found.splits, strict=True
            )
        ),
    )


def _label_columns(found: DataCheck) -> tuple[tuple[str, ...], Sequence[Sequence[object]]]:
    """The columns of labels, and what stands in them in each row.

    What is known of each label, or unknown, needs a column per label; of several labels in one cell
    those that it doesn't hold are not there.
    """
    targets = found.data.targets
    if not isinstance(targets, LabelTargets):
        return ("label",), [(inert_label(row.label or ""),) for row in found.rows]
    if targets.complete:
        return ("label",), [(inert_label(cell),) for cell in surviving_cells(targets)]
    marks = [["" if mark == UNKNOWN else mark for mark in row] for row in targets.presence.tolist()]
    return tuple(map(inert_label, targets.labels)), marks


SHOWN = 3
"""Of each finding by name."""

FIRST_WORDS = 60
"""Characters of a text that are shown."""

MAX_CLASSES = 25
"""That get a line each."""


def _show(screen: Screen, found: Findings, kind: str) -> None:
    from topwork.cli.show import show_reading, show_rejected, show_remarks

    if not screen.json:
        show_rejected(screen, found.rejected)
    show_remarks(screen, found.remarks)
    show_reading(screen, found, kind)
    rows: list[tuple[str, str, str]] = []
    for what, n, names in _rows(found, kind):
        first, *others = (*names[:SHOWN], *(("...",) if len(names) > SHOWN else ())) or ("",)
        rows += [(what, n, first), *(("", "", other) for other in others)] if n else []
    screen.table(("found", "n", "for instance"), rows, folded=False)
    if found.boxes:
        _show_classes(screen, found.boxes.classes)
    doubtful = found.doubtful_labels or ()
    if doubtful:
        first = [
            (
                _first_words(d.path, d.text),
                d.given_words,
                f"{d.given_probability:.2f}",
                d.suggested,
                f"{d.probability:.2f}",
            )
            for d in doubtful[:10]
        ]
        screen.table(("doubtful label", "given", "probability", "suggested", "probability"), first)
        if len(doubtful) > len(first):
            screen.print_line(f"and {len(doubtful) - len(first)} more, all of them with --json.")


def _rows(found: Findings, kind: str) -> list[tuple[str, str, Sequence[str]]]:
    """What was found, how often, and each by name."""
    from topwork.data import MODALITIES

    made = sum(len(family.paths) for family in found.families)
    families = [family.paths[0] for family in found.families]
    named = sum(len(hint.paths) for hint in found.hints)
    return [
        (f"readable {kind}s", str(found.n_items), ()),
        (
            f"unreadable {kind}s" if MODALITIES[kind].inline else "unreadable files",
            _count(len(found.rejected)),
            [bad.path for bad in found.rejected],
        ),
        ("texts that exceed the maximum length", _count(found.cut_short), ()),
        (f"the same {kind} more than once", *_groups(found.duplicates)),
        ("of these with several labels", *_groups(found.conflicts)),
        ("of these in several splits", *_groups(found.leaks)),
        (
            f"{kind}s that seem to come from one original",
            f"{made} from {counted(len(families), 'original')}" if made else "",
            families,
        ),
        (
            "classes too small to evaluate",
            _count(len(found.small_classes)),
            found.small_classes,
        ),
        (
            f"odd {kind}s",
            _count(len({odd.path for odd in found.odd_items})),
            _odd(found),
        ),
        (
            "doubtful labels",
            _count(len(found.doubtful_labels or ())),
            [_first_words(doubt.path, doubt.text) for doubt in found.doubtful_labels or ()],
        ),
        (
            "names that may come from one source",
            f"{named} from {counted(len(found.hints), 'source')}" if named else "",
            [hint.stem for hint in found.hints],
        ),
        (
            "labels that always or never occur together",
            _count(len(found.label_pairs)),
            [pair.sentence for pair in found.label_pairs],
        ),
        *_box_rows(found.boxes),
    ]


def _first_words(path: str, text: str | None) -> str:
    """What an item is called; of a text its first words, too."""
    return path if text is None else f"{path}: {shorten(text, FIRST_WORDS, placeholder=' ...')}"


def _box_rows(found: BoxFindings | None) -> list[tuple[str, str, Sequence[str]]]:
    if found is None:
        return []
    pairs = {"the same box twice": found.duplicates, "two classes at one place": found.conflicts}
    return [
        ("boxes", str(found.n_boxes), ()),
        ("images without boxes", _count(found.n_without), ()),
        (
            "boxes and files not taken as written",
            _count(len(found.issues)),
            [f"{issue.path} ({issue.reason}: {issue.detail})" for issue in found.issues],
        ),
        *(
            (what, _count(len(those)), [_named(pair.first, pair.second.label) for pair in those])
            for what, those in pairs.items()
        ),
        (
            "odd boxes",
            _count(len(found.odd_boxes)),
            [_named(box, box.oddity) for box in found.odd_boxes],
        ),
    ]


def _named(box: BoxRecord, beside: str) -> str:
    return f"{box.path} ({box.label}, {beside}: {box.x1:g}, {box.y1:g}, {box.x2:g}, {box.y2:g})"


def _show_classes(screen: Screen, classes: Sequence[BoxClass]) -> None:
    """A line per class; of many classes only those with the fewest boxes."""
    few = sorted(classes, key=lambda one: one.n)[:MAX_CLASSES]
    if len(few) < len(classes):
        screen.print_line(f"The {len(few)} classes of {len(classes)} with the fewest boxes:")
    rows = [(one.label, one.n, one.n_images) for one in few]
    screen.table(("class", "boxes", "images"), rows)


def _odd(found: Findings) -> list[str]:
    """Each odd image once, with all that is odd about it."""
    by_path: dict[str, list[str]] = {}
    for odd in found.odd_items:
        by_path.setdefault(odd.path, []).append(odd.oddity)
    return [f"{path} ({', '.join(what)})" for path, what in by_path.items()]


def _count(n: int) -> str:
    """Empty for none."""
    return str(n) if n else ""


def _groups(groups: Sequence[DuplicateGroup]) -> tuple[str, Sequence[str]]:
    """How many items in how many groups, and these."""
    if not groups:
        return "", ()
    n = sum(len(group.members) for group in groups)
    some = [f"{' = '.join(m.path for m in group.members[:3])} ({_sure(group)})" for group in groups]
    return f"{n} in {counted(len(groups), 'group')}", some


def _sure(group: DuplicateGroup) -> str:
    """How sure it is that the items of a group are the same."""
    if group.kind == "exact":
        return "same content"
    return f"nearly the same, similarity {min(group.similarity, 0.999):.3f}"


def _remedy(found: Findings, kind: str, fitting: str, writing: str | None) -> str:
    """What to do about families, with the commands that fit these data and write the groups."""
    made = sum(len(family.paths) for family in found.families)
    written = f"; {writing} writes these groups into a table" if writing else ""
    originals = counted(len(found.families), "original")
    return (
        f"{counted(made, kind)} seem to come from {originals}. topwork fit keeps them together"
        f"{written}. If they are unrelated: {fitting} --no-name-groups"
    )
