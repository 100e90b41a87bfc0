"""Data that is laid out in folders: one for each class, perhaps inside splits or domains."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np

from topwork.data.dataset import ClassTargets, Dataset
from topwork.data.item import Item, KindName
from topwork.data.kinds import EXTENSIONS, KINDS
from topwork.data.scan import Entry, Extensions, entries, files_below, root_entry
from topwork.data.splits import SPLIT_NAMES, Split, part_read, wanted_parts
from topwork.data.table_files import TABLE_EXTENSIONS
from topwork.errors import DataError, ParameterError

Layout = Literal["class", "domain/class"]
LAYOUTS: Final[tuple[Layout, ...]] = get_args(Layout)

NO_ITEMS: Final = "no_items"
"""The code of the error for a folder that holds no item of the kind that was looked for."""


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is looked for, and what is counted on the way."""

    kind: KindName
    ignored: Counter[str]

    @property
    def extensions(self) -> Extensions:
        return EXTENSIONS[self.kind]

    @property
    def items(self) -> str:
        """What people call them."""
        return f"{self.kind}s"

    def count_files(self, listing: Sequence[Entry]) -> None:
        """Count what lies where no class folder is."""
        loose = f"{self.items} outside any class folder"
        for entry in listing:
            if not entry.is_folder:
                wanted = entry.extension in self.extensions
                self.ignored[loose if wanted else entry.extension or "no extension"] += 1


@dataclass(frozen=True, slots=True)
class _Found:
    path: str
    label: str
    domain: str
    below: str  # the first folder inside the class folder, or nothing


def read_folder(
    source: str | Path, *, split: Split, layout: Layout, kind: KindName = "image"
) -> Dataset:
    """Read a folder whose sub-folders are the classes.

    Where every top folder is called ``train``, ``val``, ``valid``, ``validation`` or ``test``
    (in any case), these are splits and the classes lie inside. Folders below a class folder belong
    to that class. Only the part asked for is looked at.

    Raises
    ------
    topwork.errors.DataError
        If there is no item of this kind, or no class folder.
    """
    if layout not in LAYOUTS:
        raise ParameterError(
            f"layout is {layout!r}, which is not known.", remedy=f"Use one of {', '.join(LAYOUTS)}."
        )
    ignored: Counter[str] = Counter()
    sought = _Sought(kind, ignored)
    name = str(source)
    top = entries(root_entry(source).path, ignored)
    parts = _parts(top)
    wanted = wanted_parts(split, set(parts.values()), source=name)
    roots = [folder for folder in _folders(top) if parts.get(folder.name) in wanted]
    listings = [entries(root.path, ignored) for root in roots] if parts else [top]
    found: list[_Found] = []
    for listing in listings:
        found += _read_level(listing, layout, sought)
    if not found:
        raise _nothing(name, top, listings, layout, sought)
    found.sort(key=lambda one: one.path.encode(errors="surrogateescape"))
    return Dataset(
        items=[Item(one.path, Path(one.path)) for one in found],
        targets=ClassTargets.from_labels([one.label for one in found]),
        domains=None if layout == "class" else np.array([one.domain for one in found]),
        split=part_read(wanted),
        kind=KINDS[kind],
        ignored=dict(ignored),
        hints=()
        if layout != "class"
        else (*_hints_on_splits(top, parts), *_hints_on_layout(found, sought)),
        source=name,
    )


def read_files_below(source: str | Path, kind: KindName = "image") -> list[Item]:
    """List every file of a kind in and below a folder, whatever its folders mean."""
    found = files_below(root_entry(source), Counter(), EXTENSIONS[kind])
    return [Item(path, Path(path)) for path in found]


def _folders(listing: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in listing if entry.is_folder]


def _parts(top: Sequence[Entry]) -> dict[str, str]:
    """Say which part each top folder is; nothing, unless every one of them is some."""
    parts = {folder.name: SPLIT_NAMES.get(folder.name.lower(), "") for folder in _folders(top)}
    return parts if all(parts.values()) else {}


def _read_level(listing: Sequence[Entry], layout: Layout, sought: _Sought) -> list[_Found]:
    if layout == "class":
        return _read_classes(listing, "", sought)
    sought.count_files(listing)
    found: list[_Found] = []
    for domain in _folders(listing):
        found += _read_classes(entries(domain.path, sought.ignored), domain.name, sought)
    return found


def _read_classes(listing: Sequence[Entry], domain: str, sought: _Sought) -> list[_Found]:
    sought.count_files(listing)
    found = []
    for folder in _folders(listing):
        paths = files_below(folder, sought.ignored, sought.extensions)
        if not paths:
            sought.ignored[f"folders without {sought.items}"] += 1
        found += [_Found(path, folder.name, domain, _below(path, folder)) for path in paths]
    return found


def _below(path: str, folder: Entry) -> str:
    inner, separator, _ = path[len(folder.path) + 1 :].partition(os.sep)
    return inner if separator else ""


def _nothing(
    source: str,
    top: Sequence[Entry],
    listings: Sequence[Sequence[Entry]],
    layout: Layout,
    sought: _Sought,
) -> DataError:
    tables = [entry.path for entry in top if entry.extension in TABLE_EXTENSIONS]
    if tables:
        remedy = f"To read the table that lies there, give {tables[0]} itself."
    elif layout == "domain/class":
        remedy = f"With the layout domain/class, {sought.items} lie in folders like camera1/cat/."
    else:
        remedy = (
            f"Put the {sought.items} of each class into a folder named after it, or give a table."
        )
    if any(entry.extension in sought.extensions for listing in listings for entry in listing):
        why = f"The {sought.items} in {source} lie outside any class folder."
        return DataError(why, remedy=remedy)
    if not top:
        return DataError(f"The folder {source} is empty.", remedy=remedy)
    return DataError(f"No {sought.items} were found in {source}.", remedy=remedy, code=NO_ITEMS)


def _hints_on_splits(top: Sequence[Entry], parts: Mapping[str, str]) -> list[str]:
    names = [folder.name for folder in _folders(top)]
    splits = [name for name in names if name.lower() in SPLIT_NAMES]
    if parts or not splits:
        return []
    other = next(name for name in names if name not in splits)
    return [
        f"{', '.join(splits)} were read as classes, because {other} lies beside them: "
        "splits are read as such only where every top folder is one."
    ]


def _hints_on_layout(found: Sequence[_Found], sought: _Sought) -> list[str]:
    """Notice a folder too many on top, and classes that lie inside domains."""
    inside: dict[str, set[str]] = {}
    for one in found:
        inside.setdefault(one.label, set()).add(one.below)
    tops, first = sorted(inside), inside[found[0].label]
    if "" in first or any(names != first for names in inside.values()):
        return []
    if len(tops) == 1:
        return [
            f"All {sought.items} lie in the one folder {tops[0]}; if its folders are the classes, "
            "give that folder itself."
        ]
    return [
        f"The same folders ({', '.join(sorted(first))}) lie in each of {', '.join(tops)}; if those "
        "are cameras or sites and these the classes, read them with the layout domain/class."
    ]
