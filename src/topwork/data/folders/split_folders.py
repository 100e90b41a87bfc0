"""Which folders are the training and test parts of the data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from topwork.data.folders.scan import Entry, entries
from topwork.data.folders.sought import Sought, folders_of
from topwork.data.folders.splits import loose_part_of, part_of
from topwork.data.targets.labels import readable


def split_folders(top: Sequence[Entry], sought: Sought) -> dict[str, str]:
    """Say which part each top folder is; nothing, unless every one of them is some.

    Where training and test parts hold the same folders, what lies beside them is no class either.
    """
    names = [folder.name for folder in folders_of(top)]
    parts = {name: part_of(name) for name in names}
    if names and all(parts.values()):
        return parts
    parts = {name: part for name in names if (part := part_of(name) or loose_part_of(name))}
    if len(set(parts.values())) < 2 or not _share_classes(top, parts, sought):
        return _none(names, sought)
    beside = [name for name in names if name not in parts]
    if beside:
        sought.notes.append(
            f"{', '.join(beside)} not read: {'it lies' if len(beside) == 1 else 'they lie'} beside "
            f"{', '.join(parts)}, which were read as splits."
        )
    return parts


def _share_classes(top: Sequence[Entry], parts: Mapping[str, str], sought: Sought) -> bool:
    """Whether a training and a test part hold folders of the same names."""
    inside: dict[str, set[str]] = {}
    for folder in folders_of(top):
        if folder.name in parts:
            counting = Counter[str]()
            listing = folders_of(entries(folder.path, counting, sought.excluded))
            if len(listing) == 1 and listing[0].name == folder.name:
                listing = folders_of(entries(listing[0].path, counting, sought.excluded))
            names = {readable(entry.name) for entry in listing}
            inside.setdefault(parts[folder.name], set()).update(names)
    return len(inside["train"] & inside["test"]) > 1


def _none(names: Sequence[str], sought: Sought) -> dict[str, str]:
    """No splits; and a note where some folder is called like one."""
    splits = [name for name in names if part_of(name)]
    if splits:
        other = next(name for name in names if name not in splits)
        sought.notes.append(
            f"{', '.join(splits)} were read as classes, because {other} lies beside them: splits "
            "are read as such where they are alone, or hold the same class folders."
        )
    return {}
