"""Looking for files of one kind in folders; only those without an extension are opened."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from topwork.data.files import read_head
from topwork.data.folders.excluded import NONE, ExcludedNames
from topwork.data.folders.skipped import EXCLUDED, HIDDEN, NO_EXTENSION
from topwork.data.images.medical.recognised import HEAD, medical_format
from topwork.data.targets.labels import readable
from topwork.errors import BadItem, DataError

# What systems, network drives and programs keep for themselves, in lower case; hidden files go
# without saying.
_JUNK: Final = frozenset(
    (
        *("__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db", "ehthumbs_vista.db", "icon\r"),
        *("$recycle.bin", "recycler", "system volume information", "found.000", "lost+found"),
        *("@eadir", "@tmp", "@recycle", "@recently-snapshot", "#recycle", "#snapshot"),
        *("__pycache__", "lost.dir"),
    )
)

Extensions = AbstractSet[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a folder: its name, its path as the user would write it, and what it is."""

    name: str
    path: str
    is_folder: bool
    identity: tuple[int, int] = (0, 0)

    @property
    def extension(self) -> str:
        """The extension in lower case, with its dot; empty where there is none."""
        name = self.name.lower()
        inner, last = os.path.splitext(name)  # noqa: PTH122 (no Path per file)
        return ".nii.gz" if last == ".gz" and inner.endswith(".nii") else last

    def is_one_of(self, extensions: Extensions) -> bool:
        """Whether its name says that it is what is looked for, or its content, of DICOM files.

        Those are often called by a number or have no extension; only such are opened.
        """
        extension = self.extension
        if extension in extensions:
            return True
        nameless = not extension or extension[1:].isdigit() or " " in extension
        if self.is_folder or not nameless or ".dcm" not in extensions:
            return False
        try:
            return medical_format(read_head(Path(self.path), HEAD)) is not None
        except BadItem:
            return False


def entries(folder: str, ignored: Counter[str], excluded: ExcludedNames = NONE) -> list[Entry]:
    """List a folder in byte order, without what is hidden or left behind by the system.

    Parameters
    ----------
    folder
        Its path; an empty one is the current folder, whose entries are then called by their name.
    ignored
        Counts what is left out.
    excluded
        Names of what is not to be read, too.

    Raises
    ------
    topwork.errors.DataError
        If the folder cannot be listed.
    """
    found = []
    try:
        with os.scandir(folder or ".") as listing:
            for entry in listing:
                if entry.name.startswith(".") or entry.name.lower() in _JUNK:
                    ignored[HIDDEN] += 1
                elif excluded and readable(entry.name) in excluded:
                    ignored[EXCLUDED] += 1
                else:
                    found.append(_entry(entry, folder))
    except OSError as error:
        raise DataError(
            f"The folder {folder or '.'} cannot be listed: {error.strerror}.",
            remedy="Give yourself the right to read it, or move it out of the data.",
        ) from error
    return sorted(found, key=lambda entry: os.fsencode(entry.name))


def _entry(entry: os.DirEntry[str], folder: str) -> Entry:
    path = os.path.join(folder, entry.name)  # noqa: PTH118 (no Path per file)
    try:
        if not entry.is_dir():
            return Entry(entry.name, path, is_folder=False)
        # The entry itself knows the inode of a link, not of the folder that it leads to.
        status = Path(path).stat()
        return Entry(entry.name, path, is_folder=True, identity=(status.st_dev, status.st_ino))
    except OSError:  # a loop of links; reading it will say so
        return Entry(entry.name, path, is_folder=False)


def files_below(
    folder: Entry,
    ignored: Counter[str],
    extensions: Extensions,
    excluded: ExcludedNames = NONE,
) -> list[str]:
    """Give the paths of all files with these extensions in and below a folder, in byte order.

    Links are followed, and every folder is visited once. A folder whose own name is that of such a
    file is given as one, to be rejected in the open. What has an excluded name is left out at every
    level.
    """
    found = _walk(folder, ignored, extensions, excluded, {folder.identity})
    return sorted(found, key=os.fsencode)


def _walk(
    folder: Entry,
    ignored: Counter[str],
    extensions: Extensions,
    excluded: ExcludedNames,
    seen: set[tuple[int, int]],
) -> Iterator[str]:
    for entry in entries(folder.path, ignored, excluded):
        if entry.is_one_of(extensions):
            yield entry.path
        elif not entry.is_folder:
            ignored[entry.extension or NO_EXTENSION] += 1
        elif entry.identity not in seen:
            seen.add(entry.identity)
            yield from _walk(entry, ignored, extensions, excluded, seen)


def root_entry(folder: str | Path) -> Entry:
    """Describe the folder that the user named, so that paths below it open from where they are."""
    path = Path(folder)
    status = path.stat()
    written = "" if str(path) == "." else str(path)
    return Entry(path.name, written, is_folder=True, identity=(status.st_dev, status.st_ino))
