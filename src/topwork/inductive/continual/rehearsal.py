"""Rows that a base model stores and new items, as one set to fit and judge heads on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topwork.data import ClassTargets, Dataset, Item
from topwork.features.opened_backbone import FrozenPart
from topwork.heads.linear import normalise_rows
from topwork.inductive.continual.label_space import LabelSpace
from topwork.inductive.continual.start_model import StartModel
from topwork.intake.labelled import undivided
from topwork.model import Rows
from topwork.quality import Duplicates, Families, join_groups
from topwork.trials.trial import targets_of

SAME = 0.99
"""Cosine of features from which on a new item is taken for a copy of a stored one.

A stored row has no image to compare. Where two different images are taken for copies,
they only stay in one fold.
"""


@dataclass(frozen=True, eq=False, slots=True)
class RehearsalRows:
    """``r`` stored rows, then ``n`` new items.

    Parameters
    ----------
    frozen
        The ``m = r + n`` rows; a stored one has a name and no image.
    groups
        What must not be split, ``(m,)``; a group keeps the number that the base model gave it.
    duplicates
        Copies among the rows.
    known
        Which new items of its classes the base model was trained on, ``(n,)``.
    start_model
        Which rows are items that the base model was trained on, each once, ``(m,)``.
    seen
        The known ones, and what belongs together with them or with a stored row, ``(n,)``.
    n_old
        Classes of the base model; they come first.
    """

    frozen: FrozenPart
    groups: NDArray[np.int64]
    duplicates: Duplicates
    known: NDArray[np.bool_]
    start_model: NDArray[np.bool_]
    seen: NDArray[np.bool_]
    n_old: int

    @property
    def n_rows(self) -> int:
        """How many rows are stored."""
        return len(self.groups) - len(self.seen)

    @property
    def codes(self) -> NDArray[np.int64]:
        return targets_of(self.frozen).codes

    @property
    def old(self) -> NDArray[np.bool_]:
        """Which rows are of classes that the base model knows, ``(m,)``."""
        result: NDArray[np.bool_] = self.codes < self.n_old
        return result

    @property
    def added(self) -> NDArray[np.bool_]:
        """Which rows are items that the base model was not trained on, ``(m,)``."""
        return np.concatenate([np.zeros(self.n_rows, bool), ~self.known])

    def rows(self, logits: NDArray[np.float32]) -> Rows:
        """The same for the next model to remember; ``logits`` are held-out ones, ``(m, k)``."""
        return Rows(
            features=self.frozen.features,
            codes=self.codes,
            groups=self.groups,
            added=self.added,
            keys=self.frozen.extraction.keys,
            logits=logits,
        )


def remember(
    start_model: StartModel,
    new: FrozenPart,
    duplicates: Duplicates,
    classes: LabelSpace,
    *,
    families: Families | None = None,
) -> RehearsalRows:
    """Put the rows that a model stores before new items.

    Parameters
    ----------
    duplicates
        Copies among the new items.
    families
        Which of the new items come from one original.
    """
    past = start_model.statistics
    codes = np.concatenate([past.rehearsal_codes, classes.of_new[targets_of(new).codes]])
    r = len(past.rehearsal_codes)
    copy_of = _copies(past.rehearsal, new.features)
    known = past.seen(new.extraction.keys) & (codes[r:] < classes.n_old)
    joined = _joined(past.rehearsal_groups, undivided(new.data, duplicates, families), copy_of)
    copies = _joined(np.arange(r), duplicates.groups, copy_of)
    return RehearsalRows(
        frozen=_together(start_model, new, ClassTargets(codes, classes.labels)),
        groups=_numbered(joined, past.rehearsal_groups, past.groups),
        duplicates=Duplicates(copies, (), np.zeros(len(codes), bool)),
        known=known,
        start_model=np.concatenate([np.ones(r, bool), known & (copy_of < 0)]),
        seen=np.isin(joined[r:], joined[: r + len(known)][np.r_[np.ones(r, bool), known]]),
        n_old=classes.n_old,
    )


def _together(start_model: StartModel, new: FrozenPart, targets: ClassTargets) -> FrozenPart:
    past = start_model.statistics
    names = [
        f"stored {new.data.kind.name} of {start_model.labels[code]}"
        for code in past.rehearsal_codes
    ]
    data = Dataset(
        [*(Item(name) for name in names), *new.data.items],
        targets,
        hints=new.data.hints,
        ignored=new.data.ignored,
        source=new.data.source,
        kind=new.data.kind,
    )
    features = np.concatenate([past.rehearsal, new.features])
    return replace(new, data=data, features=features)


def _copies(stored: NDArray[Any], new: NDArray[Any]) -> NDArray[np.intp]:
    """The stored row that each new item is a copy of, ``(n,)``; -1 for none."""
    cosines = normalise_rows(new) @ normalise_rows(stored).T
    nearest = cosines.argmax(axis=1)
    found: NDArray[np.intp] = np.where(cosines.max(axis=1) >= SAME, nearest, -1)
    return found


def _joined(
    stored: NDArray[np.integer], new: NDArray[np.int64], copy_of: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Groups of all rows, ``(m,)``, numbered by their first."""
    start = int(stored.max(initial=-1)) + 1
    own = np.concatenate([stored.astype(np.int64), start + new])
    return join_groups(own, _first_copies(copy_of, len(stored)))


def _first_copies(copy_of: NDArray[np.intp], r: int) -> NDArray[np.intp]:
    """The first row that shows what each row shows, ``(m,)``, of ``r`` stored ones."""
    rows = np.arange(r + len(copy_of))
    rows[r:][copy_of >= 0] = copy_of[copy_of >= 0]
    return rows


def _numbered(
    joined: NDArray[np.int64], stored: NDArray[np.integer], taken: NDArray[np.integer]
) -> NDArray[np.int64]:
    """The groups under the base model's numbers, new ones under numbers not ``taken``."""
    _, first = np.unique(joined, return_index=True)
    numbers = int(taken.max(initial=-1)) + 1 + np.arange(len(first))
    old = first < len(stored)  # stored rows come first
    numbers[old] = stored[first[old]]
    return numbers[joined]
