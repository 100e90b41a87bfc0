"""Data that is laid out in folders: one for each class, perhaps inside splits or domains."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from topwork.data.dataset import ClassTargets, Dataset
from topwork.data.folders.boxes import (
    Boxes,
    find_boxes,
    refuse_boxes,
    refuse_masks,
)
from topwork.data.folders.excluded import ExcludedNames
from topwork.data.folders.folder_tables import table_instead, tables_in
from topwork.data.folders.levels import FoundFile, level_hints, refuse_wrong_level, subfolder_parts
from topwork.data.folders.scan import Entry, files_below, root_entry
from topwork.data.folders.skipped import NO_EXTENSION, skipped_sentences
from topwork.data.folders.sought import Sought, folders_of, unwrapped
from topwork.data.folders.split_folders import split_folders
from topwork.data.folders.splits import Split, part_read, requested_parts
from topwork.data.item import Item, ModalityName
from topwork.data.modality import MODALITIES
from topwork.data.targets.labels import alike, decoded, readable
from topwork.errors import DataError, ParameterError
from topwork.settings.choices import LAYOUTS, Layout

NO_ITEMS: Final = "no_items"
"""The code of the error for a folder that holds no item of the kind that was looked for."""


def read_folder(
    source: str | Path,
    *,
    split: Split,
    layout: Layout = "auto",
    kind: ModalityName = "image",
    subfolders_are_groups: bool = False,
    exclude: Sequence[str] = (),
) -> Dataset:
    """Read a folder whose sub-folders are the classes.

    Where the top folders are called ``train``, ``val``, ``test`` and the like (`SPLIT_NAMES`),
    these are splits and the classes lie inside. Folders below a class folder belong to that class.
    Only the part asked for is looked at.

    Parameters
    ----------
    layout
        ``class`` or ``domain/class``; ``auto`` is ``class`` where nothing speaks against it.
    subfolders_are_groups
        Whether what lies in one subfolder of a class must not be split.
    exclude
        Names of folders and files that are not to be read, at any level.

    Raises
    ------
    topwork.errors.DataError
        If there is no item of this kind, or no class folder, or the classes seem to lie elsewhere.
    """
    if layout not in LAYOUTS:
        raise ParameterError(
            f"layout is {layout!r}, which is not known.", remedy=f"Use one of {', '.join(LAYOUTS)}."
        )
    ignored: Counter[str] = Counter()
    sought = Sought(kind, ignored, ExcludedNames(exclude))
    name, root = str(source), root_entry(source)
    top = unwrapped(sought.list(root.path), root.name, sought)
    parts = split_folders(top, sought)
    wanted = requested_parts(split, set(parts.values()), source=name) if parts else frozenset()
    roots = [folder for folder in folders_of(top) if parts.get(folder.name) in wanted]
    listings = [unwrapped(sought.list(r.path), r.name, sought) for r in roots] if parts else [top]
    found: list[FoundFile] = []
    for listing in listings:
        found += _read_level(listing, layout, sought)
    shows_objects = MODALITIES[kind].shows_objects and layout == "auto"
    boxes = find_boxes(root, ignored, sought.excluded) if shows_objects else None
    if not found:
        raise _nothing(name, top, listings, sought, layout=layout, boxes=boxes)
    notes = refuse_boxes(found, boxes) if layout == "auto" else []
    found, wanted = _inner_parts(found, wanted, sought, split=split, layout=layout, source=name)
    sought.notes.extend(notes)
    sought.notes.extend(
        sought.excluded.notes([entry.name for part in (top, *listings) for entry in part])
    )
    if layout == "auto":
        if shows_objects:
            refuse_masks(found)
        if not subfolders_are_groups:
            refuse_wrong_level(found, name)
    found.sort(key=lambda one: one.path.encode(errors="surrogateescape"))
    return _dataset(
        found,
        name,
        sought,
        layout=layout,
        parts=wanted,
        subfolders_are_groups=subfolders_are_groups,
    )


def _dataset(
    found: Sequence[FoundFile],
    source: str,
    sought: Sought,
    *,
    layout: Layout,
    parts: frozenset[str],
    subfolders_are_groups: bool,
) -> Dataset:
    labels = [readable(one.label) for one in found]
    hints = [*sought.notes, *_renamed(found), *alike(sorted(set(labels)))]
    if layout != "domain/class" and not subfolders_are_groups:
        hints += level_hints(found, sought.items, source)
    return Dataset(
        items=[Item(one.path, Path(one.path)) for one in found],
        targets=ClassTargets.from_labels(labels),
        groups=_groups(found) if subfolders_are_groups else None,
        domains=np.array([readable(one.domain) for one in found])
        if layout == "domain/class"
        else None,
        split=part_read(parts),
        kind=MODALITIES[sought.kind],
        ignored=dict(sought.ignored),
        hints=tuple(hints),
        source=source,
    )


def _groups(found: Sequence[FoundFile]) -> np.ndarray:
    """The subfolder of each file; one that lies in the class folder itself is alone.

    Subfolders of one name in several classes are one group: the same patient or plant.
    """
    return np.array([f"/{readable(one.below)}" if one.below else one.path for one in found])


def _renamed(found: Sequence[FoundFile]) -> list[str]:
    """Say which names of classes hold bytes that are no UTF-8."""
    names = sorted({one.label for one in found if decoded(one.label) != one.label})
    return [
        f"The name of a folder is not in UTF-8; its class is called {decoded(name)!r}."
        for name in names
    ]


def read_files_below(
    source: str | Path, kind: ModalityName = "image", ignored: Counter[str] | None = None
) -> list[Item]:
    """List every file of a kind in and below a folder, whatever its folders mean.

    Parameters
    ----------
    ignored
        Counts what is left out.
    """
    counted = Counter() if ignored is None else ignored
    found = files_below(root_entry(source), counted, MODALITIES[kind].extensions)
    return [Item(path, Path(path)) for path in found]


def _inner_parts(
    found: list[FoundFile],
    wanted: frozenset[str],
    sought: Sought,
    *,
    split: Split,
    layout: Layout,
    source: str,
) -> tuple[list[FoundFile], frozenset[str]]:
    """Of splits that lie inside the class folders, keep the part asked for."""
    if wanted:
        return found, wanted
    parts = subfolder_parts(found) if layout == "auto" else None
    if parts is None:
        return found, requested_parts(split, (), source=source)
    listed = ", ".join(sorted({one.below for one in found}))
    sought.notes.append(f"The folders inside the classes ({listed}) were read as splits.")
    asked = requested_parts(split, set(parts), source=source)
    return [one for one, part in zip(found, parts, strict=True) if part in asked], asked


def _read_level(listing: Sequence[Entry], layout: Layout, sought: Sought) -> list[FoundFile]:
    if layout != "domain/class":
        return _read_classes(listing, "", sought)
    sought.count_files(listing)
    found: list[FoundFile] = []
    for domain in folders_of(listing):
        found += _read_classes(sought.list(domain.path), domain.name, sought)
    return found


def _read_classes(listing: Sequence[Entry], domain: str, sought: Sought) -> list[FoundFile]:
    sought.count_files(listing)
    found = []
    for folder in folders_of(listing):
        paths = sought.files_below(folder)
        if not paths:
            sought.ignored[f"folders without {sought.items}"] += 1
        found += [FoundFile(path, folder.name, domain, _below(path, folder)) for path in paths]
    return found


def _below(path: str, folder: Entry) -> str:
    inner, separator, _ = path[len(folder.path) + 1 :].partition(os.sep)
    return inner if separator else ""


def _nothing(
    source: str,
    top: Sequence[Entry],
    listings: Sequence[Sequence[Entry]],
    sought: Sought,
    *,
    layout: Layout,
    boxes: Boxes | None,
) -> DataError:
    tables = tables_in(source, sought.excluded)
    if boxes is not None and not tables:
        refuse_boxes((), boxes)
    if layout == "domain/class":
        remedy = f"With the layout domain/class, {sought.items} lie in folders like camera1/cat/."
    else:
        remedy = (
            f"Put the {sought.items} of each class into a folder named after it, or give a table."
        )
    why = None
    if any(sought.holds_items(listing) for listing in listings):
        why = f"The {sought.items} in {source} lie outside any class folder."
    if tables:
        return table_instead(source, tables, sought.items, why=why, code=None if why else NO_ITEMS)
    if why:
        return DataError(why, remedy=remedy)
    if not top:
        return DataError(f"The folder {source} is empty.", remedy=remedy)
    files = {k: n for k, n in sought.ignored.items() if k.startswith(".") or k == NO_EXTENSION}
    said = "".join(f" {sentence}" for sentence in skipped_sentences(files, sought.items))
    return DataError(
        f"No {sought.items} were found in {source}.{said}", remedy=remedy, code=NO_ITEMS
    )
