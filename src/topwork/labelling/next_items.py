"""From items and the labels so far to the items to label next."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from topwork.data import Modality
from topwork.data.reading.given import existing
from topwork.data.tables.table_files import is_table, open_table
from topwork.errors import DataError
from topwork.intake.collection import Collection, collect
from topwork.labelling.choosing import Choice, audit_rows, choose_next
from topwork.labelling.label_table import KnownLabels, labels_in
from topwork.labelling.result import NextItem, NextResult
from topwork.runtime.cluster.chosen import where_settings_say
from topwork.runtime.counted import counted
from topwork.runtime.progress import Progress, silent
from topwork.settings import FeatureSettings


@where_settings_say
def next_items(
    data: object,
    labels: str | os.PathLike[str] | None = None,
    *,
    n: int = 20,
    classes: Sequence[str] = (),
    audit: int = 0,
    settings: FeatureSettings | None = None,
    backbone: str | None = None,
    progress: Progress = silent,
    **reading: Any,
) -> NextResult:
    """Which items to label next, and why.

    Typical items of large groups come first, until there are five labels per class; then those that
    a head trained on the labels hesitates about. Items of equal content count once.

    Parameters
    ----------
    data
        A folder, a table, or a list of items.
    labels
        A table with the columns path (or text) and label. Where ``data`` is a table with a column
        label itself, that one.
    n
        How many items.
    classes
        Those that are known to exist, also without a label so far.
    audit
        So many items are set apart at random, always the same: they come first where they have no
        label, and nothing is chosen or learnt by their labels, so that accuracy measured on them
        is unbiased.
    backbone
        The network; the usual one where it is not given.
    reading
        How data are read: ``kind``, ``columns``, ``header``, ``root``, ``lines`` as in
        `topwork.intake.collection.collect`.

    Raises
    ------
    DataError
        Nothing is left to label, the data or the table can't be read, or a content has two labels.

    Examples
    --------
    >>> texts = ["the cat sleeps", "a cat eats", "rain in the north", "sun and clouds today"]
    >>> found = next_items(texts, n=2, kind="text")  # doctest: +SKIP
    >>> found.items[0].why  # doctest: +SKIP
    'typical of a group of 2 texts without a label'
    """
    settings = settings or FeatureSettings()
    collection = _distinct(collect(data, settings, backbone=backbone, progress=progress, **reading))
    kind = collection.data.kind
    known = _known(data, labels, collection, reading.get("columns"))
    apart = audit_rows(collection.keys, audit, settings.seed)
    waiting = np.flatnonzero(apart & (known.codes < 0))[:n].tolist()
    chosen = [Choice(row, "audit") for row in waiting]
    chosen += choose_next(
        np.asarray(collection.features, np.float32),
        known.codes,
        n - len(chosen),
        n_classes=len(set(classes) | set(known.labels)),
        seed=settings.seed,
        barred=apart,
    )
    if not chosen:
        raise DataError(
            f"All {counted(len(collection), kind.name)} have a label.",
            remedy="Fit a model: topwork fit LABELS.",
            code="all_labelled",
        )
    return NextResult(
        modality=kind.name,
        items=[_item(choice, collection, known) for choice in chosen],
        backbone=collection.network,
        n_items=len(collection),
        n_labelled=int((known.codes >= 0).sum()),
        n_audit=int(apart.sum()),
        classes=known.counts(),
        rejected=list(collection.rejected),
        skipped=dict(collection.data.ignored),
        notes=[*collection.data.hints, *known.notes],
    )


def _distinct(collection: Collection) -> Collection:
    """The first item of each content, in the order of the data."""
    _, firsts = np.unique(np.array(collection.keys, object), return_index=True)
    return collection.take(np.sort(firsts))


def _known(
    data: object,
    labels: str | os.PathLike[str] | None,
    collection: Collection,
    columns: Mapping[str, str] | None,
) -> KnownLabels:
    kind, keys = collection.data.kind, collection.keys
    here = Path(data) if isinstance(data, str | os.PathLike) else None
    if labels is not None:
        return labels_in(labels, keys, kind, beside=here)
    if here is not None and here.is_file() and is_table(here):
        column = (columns or {}).get("label", "label")
        if column in open_table(here, None)[0].names and _any_label(here, column):
            return labels_in(here, keys, kind, columns=columns)
    return KnownLabels(np.full(len(keys), -1))


def _any_label(table: Path, column: str) -> bool:
    cells = open_table(existing(table), None)[0].column(column)
    return any(cell and cell.strip() for cell in cells)


def _item(choice: Choice, collection: Collection, known: KnownLabels) -> NextItem:
    item, kind = collection.data.items[choice.row], collection.data.kind
    return NextItem(
        path=item.name,
        why=_why(choice, kind, known.labels),
        text=kind.caption(item) if kind.inline else None,
    )


def _why(choice: Choice, kind: Modality, labels: tuple[str, ...]) -> str:
    if choice.why == "audit":
        return "drawn at random, to measure accuracy with"
    if choice.why == "typical":
        size = counted(choice.size, kind.name)
        if choice.size == 1:
            return f"like no other {kind.name}"
        have = f"of which {choice.n_labelled} have" if choice.n_labelled > 1 else "of which 1 has"
        rest = f", {have} a label" if choice.n_labelled else " without a label"
        return f"typical of a group of {size}{rest}"
    first, second = (labels[code] for code in choice.classes)
    one, two = choice.probabilities
    return f"uncertain: {first} ({one:.2f}) or {second} ({two:.2f})"
