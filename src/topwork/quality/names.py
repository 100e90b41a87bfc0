"""What names of files say about where images come from."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

HintKind = Literal["burst", "source"]

BURST_SECONDS = 3
"""Images taken no further apart than this are one burst."""

_AUGMENTED = re.compile(r"^(?P<stem>.+)\.rf\.[0-9A-Za-z]{16,}$")
"""What Roboflow calls the augmented copies of one image."""

_TIME = re.compile(
    r"^(?P<before>.*?)(?P<time>(?:19|20)\d{6}[-_T ]?\d{6})(?:\d{3})?(?P<after>(?:[^0-9].*)?)$"
)
_LAST_NUMBER = re.compile(r"^(?P<stem>.*\d.*?)[-_. ](?:[A-Za-z]*[-_]?)?\d+$")
_MIN_MEMBERS = 2
_MIN_SOURCES = 2
_MIN_SHARE = 0.5
"""Part of all items that must have such names before they are taken to mean something."""


@dataclass(frozen=True, slots=True)
class NameHint:
    """Items whose names look as if they came from one source.

    Parameters
    ----------
    kind
        ``burst``: times at most 3 seconds apart; ``source``: a common stem that holds a number,
        before the last number (``patient12_003``), or before an augmentation's suffix.
    stem
        What they share: folder and beginning of the name.
    positions
        The items, at least two.
    """

    kind: HintKind
    stem: str
    positions: tuple[int, ...]


def name_hints(names: Sequence[str]) -> list[NameHint]:
    """Find items that may come from one video, patient or burst, by their names alone.

    A hint and no more: such names may mean something else. A stem such as ``IMG_0012`` is what
    every camera writes, so stems without a number of their own say nothing; nor do they where
    fewer than half of the items have them, or all items of a folder share one.

    Parameters
    ----------
    names
        n names: paths.

    Examples
    --------
    >>> names = [f"cat/video{v}_{frame:03}.jpg" for v in (1, 2) for frame in range(2)]
    >>> [(hint.kind, hint.stem, hint.positions) for hint in name_hints(names)]
    [('source', 'cat/video1', (0, 1)), ('source', 'cat/video2', (2, 3))]
    >>> name_hints(["IMG_1.jpg", "IMG_2.jpg", "IMG_3.jpg"])
    []
    """
    return [*_bursts(names), *_sources(names)]


def _bursts(names: Sequence[str]) -> list[NameHint]:
    times: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for position, name in enumerate(names):
        folder, base = _parts(name)
        when = _TIME.match(base)
        moment = _moment(when["time"]) if when else None
        if when and moment:
            times[f"{folder}{when['before']}"].append((moment, position))
    return [
        NameHint("burst", f"{stem}{run[0][0]:%Y%m%d_%H%M%S}", tuple(sorted(p for _, p in run)))
        for stem, taken in sorted(times.items())
        for run in _runs(sorted(taken))
        if len(run) >= _MIN_MEMBERS
    ]


def _runs(taken: list[tuple[datetime, int]]) -> Iterable[list[tuple[datetime, int]]]:
    """Cut a sequence where the time between neighbours is too long."""
    run = taken[:1]
    for before, one in pairwise(taken):
        if (one[0] - before[0]).total_seconds() > BURST_SECONDS:
            yield run
            run = []
        run.append(one)
    yield run


def _sources(names: Sequence[str]) -> list[NameHint]:
    stems: dict[str, list[int]] = defaultdict(list)
    stems_of_folder: dict[str, set[str]] = defaultdict(set)
    for position, name in enumerate(names):
        folder, base = _parts(name)
        stem = _stem(base)
        if stem:
            stems[folder + stem].append(position)
            stems_of_folder[folder].add(folder + stem)
    # one stem for a whole folder is the name of the class, or of the set
    telling = {s for found in stems_of_folder.values() if len(found) >= _MIN_SOURCES for s in found}
    several = {s: p for s, p in stems.items() if s in telling and len(p) >= _MIN_MEMBERS}
    return _if_common(several, len(names))


def _if_common(stems: Mapping[str, list[int]], n: int) -> list[NameHint]:
    covered = sum(len(positions) for positions in stems.values())
    if len(stems) < _MIN_SOURCES or covered < _MIN_SHARE * n:
        return []
    return [NameHint("source", stem, tuple(p)) for stem, p in sorted(stems.items())]


def _stem(base: str) -> str | None:
    """What comes before the last number, if it holds a number itself."""
    augmented = _AUGMENTED.match(base)
    if augmented:
        return augmented["stem"]
    if _TIME.match(base):
        return None
    numbered = _LAST_NUMBER.match(base)
    return numbered["stem"] if numbered else None


def _parts(name: str) -> tuple[str, str]:
    """Folder (with its slash) and name without its extension."""
    path = name.replace(os.sep, "/")
    folder, slash, base = path.rpartition("/")
    return folder + slash, base.rpartition(".")[0] or base


def _moment(digits: str) -> datetime | None:
    try:
        return datetime.strptime(re.sub(r"\D", "", digits), "%Y%m%d%H%M%S")
    except ValueError:
        return None
