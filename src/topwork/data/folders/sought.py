"""What is looked for in folders, and what is counted and noted on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from topwork.data.folders.excluded import ExcludedNames
from topwork.data.folders.scan import Entry, Extensions, entries, files_below
from topwork.data.folders.skipped import NO_EXTENSION
from topwork.data.item import ModalityName
from topwork.data.modality import MODALITIES


@dataclass(frozen=True, slots=True)
class Sought:
    """A walk through folders for items of one kind.

    Parameters
    ----------
    kind
        What is looked for.
    ignored
        Counts what is left out, by extension or description.
    excluded
        Names of what is not to be read.
    notes
        Sentences for the user about what was read in another way than it lies there.
    """

    kind: ModalityName
    ignored: Counter[str]
    excluded: ExcludedNames = field(default_factory=ExcludedNames)
    notes: list[str] = field(default_factory=list)

    @property
    def extensions(self) -> Extensions:
        return MODALITIES[self.kind].extensions

    @property
    def items(self) -> str:
        """What people call them."""
        return f"{self.kind}s"

    def list(self, folder: str) -> list[Entry]:
        """What lies in a folder, without what is not to be read."""
        return entries(folder, self.ignored, self.excluded)

    def files_below(self, folder: Entry) -> Sequence[str]:
        """The paths of the items in and below a folder, without what is not to be read."""
        return files_below(folder, self.ignored, self.extensions, self.excluded)

    def count_files(self, listing: Sequence[Entry]) -> None:
        """Count what lies where no class folder is."""
        loose = f"{self.items} outside any class folder"
        for entry in listing:
            if not entry.is_folder:
                wanted = entry.is_one_of(self.extensions)
                self.ignored[loose if wanted else entry.extension or NO_EXTENSION] += 1

    def holds_items(self, listing: Sequence[Entry]) -> bool:
        """Whether an item lies in a folder itself."""
        return any(not e.is_folder and e.is_one_of(self.extensions) for e in listing)


def folders_of(listing: Sequence[Entry]) -> list[Entry]:
    return [entry for entry in listing if entry.is_folder]


def unwrapped(listing: list[Entry], name: str, sought: Sought) -> list[Entry]:
    """What lies in the only folder of a folder of the same name, as archives unpack to."""
    folders = folders_of(listing)
    if len(folders) != 1 or folders[0].name != name or sought.holds_items(listing):
        return listing
    inner = sought.list(folders[0].path)
    if sought.holds_items(inner) or not folders_of(inner):
        return listing
    sought.count_files(listing)
    sought.notes.append(f"Read {folders[0].path}, the only folder in {name}.")
    return unwrapped(inner, name, sought)
