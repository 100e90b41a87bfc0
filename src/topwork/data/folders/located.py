"""Finding the files that a table names, where they are not called exactly that."""

from __future__ import annotations

import os
import re
import shlex
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from topwork.data.folders.scan import files_below, root_entry
from topwork.data.images.formats import IMAGE_EXTENSIONS
from topwork.data.object_storage import is_object
from topwork.data.targets.labels import readable
from topwork.data.texts.modality import TEXT_EXTENSIONS
from topwork.errors import DataError

MIN_FOUND: Final = 0.5
"""Share of the names that must fit a file, where they are looked for by their ends."""

_ADDRESS: Final = re.compile(r"(?!file:)[a-zA-Z][a-zA-Z0-9+.\-]+://")
_DRIVE: Final = re.compile(r"[a-zA-Z]:[\\/]")
_EXTENSIONS: Final = IMAGE_EXTENSIONS | TEXT_EXTENSIONS


@dataclass(frozen=True, slots=True)
class Located:
    """Where the files of a table are.

    Parameters
    ----------
    paths
        For each of n cells the path from the folder that paths start from; the cell itself where
        no file was found.
    notes
        Sentences about those that are called otherwise than the table says.
    """

    paths: Sequence[str]
    notes: tuple[str, ...] = ()


def locate(cells: Sequence[str], folder: Path) -> Located:
    """Find n files, given as a table writes them.

    A path that is there is taken as it is, and so are all where one is in object storage. One that
    isn't is tried without blanks around it, with
    ``/`` for ``\\``, in the other forms of Unicode, and in another case. Where no path at all is
    there, its end or its name without an extension is looked for below the folder, and taken where
    it fits one file only.

    Raises
    ------
    topwork.errors.DataError
        If all cells are addresses on the web, or names fit several files.
    """
    cells = [cell.strip() if is_object(cell.strip()) else cell for cell in cells]
    if any(is_object(cell) for cell in cells):
        return Located(cells)
    _refuse_addresses(cells)
    search = _Search(folder)
    paths = [search.as_written(cell) for cell in cells]
    if all(path is None for path in paths):
        paths = [search.by_end(cell) for cell in cells]
        search.refuse_ambiguous(len(cells))
        if sum(path is not None for path in paths) < MIN_FOUND * len(cells):
            return Located(cells)
    found = [cell if path is None else path for cell, path in zip(cells, paths, strict=True)]
    return Located(found, tuple(search.notes()))


@dataclass(slots=True)
class _Seen:
    """How often names were found in one way, and the first."""

    n: int = 0
    first: tuple[str, str] = ("", "")


class _Search:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ways: dict[str, _Seen] = defaultdict(_Seen)
        self._listings: dict[Path, dict[str, list[str]]] = {}
        self._ambiguous: list[tuple[str, list[str]]] = []

    def as_written(self, cell: str) -> str | None:
        """The file of that name in one of its spellings."""
        if os.path.lexists(self._folder / cell) and cell.strip("./ "):
            return cell
        for way, spelling in _spellings(cell):
            if spelling.strip("./ ") and os.path.lexists(self._folder / spelling):
                return self._note(way, cell, spelling)
        there = self._in_another_case(_slashed(cell))
        return self._note(_CASE, cell, there) if there else None

    def _in_another_case(self, path: str) -> str | None:
        """The only file whose path has the same letters, looked for folder by folder."""
        folder, found = self._folder, []
        for part in path.split("/"):
            if part in ("", ".", ".."):
                return None
            names = self._listing(folder).get(_key(part), [])
            if len(names) != 1:
                return None
            found.append(names[0])
            folder /= names[0]
        return "/".join(found)

    def _listing(self, folder: Path) -> dict[str, list[str]]:
        if folder not in self._listings:
            try:
                names = os.listdir(folder)  # noqa: PTH208 (names alone)
            except OSError:
                names = []
            self._listings[folder] = _grouped(names, _key)
        return self._listings[folder]

    def by_end(self, cell: str) -> str | None:
        """The only file whose path ends like the cell's, or whose name without extension it is."""
        parts = [part for part in _key(_DRIVE.sub("", _slashed(cell))).split("/") if part]
        if not parts:
            return None
        files = self._files
        fitting = files.by_name.get(parts[-1]) or files.by_stem.get(parts[-1], [])
        shared = [_n_shared(parts[:-1], path) for path in fitting]
        best = [path for path, n in zip(fitting, shared, strict=True) if n == max(shared)]
        if len(best) > 1:
            self._ambiguous.append((cell, best))
        return self._note(_END, cell, best[0]) if len(best) == 1 else None

    def refuse_ambiguous(self, n_cells: int) -> None:
        if not self._ambiguous:
            return
        cell, paths = self._ambiguous[0]
        folders = sorted({str(self._folder / Path(path).parent) for path in paths})
        raise DataError(
            f"{len(self._ambiguous)} of {n_cells} names in the table fit several files, such as "
            f"{cell}: {', '.join(paths[:3])}.",
            remedy=f"Say which folder the names start from, as with --root "
            f"{shlex.quote(folders[0])}.",
        )

    def notes(self) -> Iterator[str]:
        for way, seen in self._ways.items():
            cell, path = seen.first
            yield f"{seen.n} paths in the table {way}, such as {path} for {cell!r}."

    def _note(self, way: str, cell: str, path: str) -> str:
        seen = self._ways[way]
        seen.n += 1
        seen.first = seen.first if seen.n > 1 else (cell, path)
        return path

    @cached_property
    def _files(self) -> _Files:
        return _Files.below(self._folder)


_BLANKS = "were read without the blanks around them"
_SLASHES = "were read with / for \\"
_FORM = "were found in another form of Unicode"
_ENCODED = "were found under names that are not in UTF-8"
_ESCAPED = "were read with their escaped characters"
_CASE = "differ from the names of the files in case or form alone"
_END = "were found by the end of their path or by their name, which fits one file each"


def _spellings(cell: str) -> Iterator[tuple[str, str]]:
    """What a path may be meant as, and what is then said of it."""
    stripped = cell.strip()
    yield _BLANKS, stripped
    slashed = _slashed(cell)
    yield _SLASHES, slashed
    for form in ("NFC", "NFD"):
        yield _FORM, unicodedata.normalize(form, slashed)
    for encoding in ("cp1252", "latin-1"):
        try:
            yield _ENCODED, os.fsdecode(slashed.encode(encoding))
        except UnicodeEncodeError:
            continue
    if "%" in slashed or slashed.startswith("file://"):
        yield _ESCAPED, unquote(slashed.removeprefix("file://"))


def _slashed(cell: str) -> str:
    return cell.strip().replace("\\", "/")


def _key(path: str) -> str:
    """The same for paths that differ in case or in their form of Unicode."""
    plain = readable(path).casefold()
    return os.path.normpath(plain) if plain else plain


def _n_shared(folders: Sequence[str], path: str) -> int:
    """How many of the last folders of two paths are the same."""
    others = _key(path).split("/")[:-1]
    n = 0
    while n < min(len(folders), len(others)) and folders[-1 - n] == others[-1 - n]:
        n += 1
    return n


@dataclass(frozen=True)
class _Files:
    """The files below a folder by what they may be called."""

    by_name: Mapping[str, list[str]]
    by_stem: Mapping[str, list[str]]

    @classmethod
    def below(cls, folder: Path) -> _Files:
        root = str(folder)
        try:
            found = files_below(root_entry(folder), Counter(), _EXTENSIONS)
        except (DataError, OSError):
            found = []
        paths = [os.path.relpath(path, root) for path in found]
        return cls(
            _grouped(paths, lambda path: _key(Path(path).name)),
            _grouped(paths, lambda path: _key(Path(path).stem)),
        )


def _grouped(paths: Sequence[str], key: Callable[[str], str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        groups[key(path)].append(path)
    return dict(groups)


def _refuse_addresses(cells: Sequence[str]) -> None:
    addresses = [cell for cell in cells if _ADDRESS.match(cell.strip())]
    if addresses and len(addresses) == len(cells):
        raise DataError(
            f"The paths in the table are addresses, such as {_shown(addresses[0])}; topwork "
            "doesn't fetch files.",
            remedy="Download the files and give their paths in the table.",
        )


def _shown(address: str) -> str:
    """Without a name and password."""
    return re.sub(r"://[^/@]*@", "://", address.strip())


def why_missing(cell: str) -> str:
    """What is unusual about a path that was not found, as a half-sentence; nothing if nothing."""
    if _DRIVE.match(cell.strip()):
        return " (a path with a drive and backslashes, of another computer)"
    return " (with backslashes)" if "\\" in cell else ""
