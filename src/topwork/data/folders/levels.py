"""Whether the folders that were read as classes are the classes."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from topwork.data.folders.splits import part_of
from topwork.errors import DataError

WRONG_LEVEL: Final = "wrong_level"
"""The code of the error for folders that don't look like classes."""

SHARED_SHARE: Final = 0.5
"""Share of the items in folders of equal names from which on these look like the classes."""

MAX_NAMED: Final = 6


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of the kind that was looked for.

    Parameters
    ----------
    label, domain
        The folders that it lies in, by their names.
    below
        The first folder inside the class folder; nothing for a file that lies in that itself.
    """

    path: str
    label: str
    domain: str
    below: str


def refuse_wrong_level(found: Sequence[FoundFile], source: str) -> None:
    """Refuse class folders of which the classes seem to lie elsewhere.

    Raises
    ------
    topwork.errors.DataError
        If a folder holds folders called like the classes beside it, or if the same folders lie in
        several.
    """
    counts = _by_label(found)
    _refuse_second_set(counts, source)
    _refuse_domains(counts)


def subfolder_parts(found: Sequence[FoundFile]) -> list[str] | None:
    """The part of each file where splits lie inside the classes, as in ``cat/train``.

    None unless every file lies in such a folder, and training and test parts are there.
    """
    parts = [part_of(one.below) for one in found]
    return parts if all(parts) and len(set(parts)) > 1 else None


def level_hints(found: Sequence[FoundFile], items: str, source: str) -> list[str]:
    """Notice a folder too many on top, and subfolders that may be groups."""
    counts = _by_label(found)
    inside = {
        (label, name)
        for label, names in counts.items()
        for name in names
        if name and not part_of(name)
    }
    if len(counts) == 1:
        (top,) = counts
        if "" in counts[top] or len(inside) < 2:
            return []
        return [
            f"All {items} lie in the one folder {top}; if its folders ({_listed(counts[top])}) are "
            f"the classes, give that folder itself: {shlex.quote(str(Path(source, top)))}"
        ]
    if len(inside) < 2:
        return []
    example = "/".join(min(inside))
    return [
        f"{len(inside)} subfolders lie inside the class folders, such as {example}. If each holds "
        "what belongs together (a plant, a patient, a video), --groups folder keeps each together."
    ]


def _by_label(found: Sequence[FoundFile]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {}
    for one in found:
        counts.setdefault(one.label, Counter())[one.below] += 1
    return counts


def _refuse_second_set(counts: dict[str, Counter[str]], source: str) -> None:
    tops = {label.casefold() for label in counts}
    for label, inside in counts.items():
        names = {name.casefold() for name in inside}
        if "" in names or not names <= tops - {label.casefold()}:
            continue
        raise DataError(
            f"{Path(source, label)} holds folders that are called like the classes beside it "
            f"({_listed(inside)}): it looks like a second set of them, not like a class.",
            remedy=f"Leave it out with --exclude {shlex.quote(label)}, or give it alone: "
            f"{shlex.quote(str(Path(source, label)))}. If it is a class, add --layout class.",
            code=WRONG_LEVEL,
        )


def _refuse_domains(counts: dict[str, Counter[str]]) -> None:
    tops = Counter(name for inside in counts.values() for name in inside if name)
    shared = {name for name, n in tops.items() if n > 1}
    n_shared = sum(n for inside in counts.values() for name, n in inside.items() if name in shared)
    n_items = sum(sum(inside.values()) for inside in counts.values())
    if len(shared) < 2 or n_shared < SHARED_SHARE * n_items:
        return
    holding = [label for label, inside in counts.items() if shared & set(inside)]
    raise DataError(
        f"Below {_and(holding)} are the same folders ({_listed(shared)}). Are those the classes?",
        remedy="Then add --layout domain/class. If the folders above are the classes, add --layout "
        "class, and --groups folder where the folders below are patients, plants or videos.",
        code=WRONG_LEVEL,
    )


def _listed(names: Counter[str] | set[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - MAX_NAMED} more" if len(ordered) > MAX_NAMED else ""
    return f"{', '.join(ordered[:MAX_NAMED])}{more}"


def _and(names: Sequence[str]) -> str:
    if len(names) > MAX_NAMED:
        return f"{', '.join(names[:MAX_NAMED])} and {len(names) - MAX_NAMED} more"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
