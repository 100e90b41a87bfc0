"""What the names of the classes say of items, before there are answers and beside the first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from topwork.heads.few_shot.names import MIN_CLASSES, names_match
from topwork.intake.collection import Collection
from topwork.trials.few_shot import class_texts
from topwork.trials.few_shot.name_rows import FeatureSpace
from topwork.trials.few_shot.named_trial import LEVEL, MAX_PER_CLASS
from topwork.trials.modality import MODALITY_TRIALS

Rows = NDArray[np.float32]
SuggestedBy = Literal["answers", "names", "names and answers"]
NamesOf = Callable[[Collection, Sequence[str]], Rows | None]


@dataclass(eq=False, slots=True)
class NamesOfClasses:
    """Gives features of the names of classes, as long as those are the same without asking again.

    Parameters
    ----------
    backbone
        The full name of the network; that of the features where it is not given.
    """

    backbone: str | None = None
    _last: tuple[Sequence[str], Rows | None] = field(default=((), None))

    def __call__(self, collection: Collection, classes: Sequence[str]) -> Rows | None:
        """(k, d); None of codes, of fewer than two, and where the network takes no texts."""
        if tuple(classes) != tuple(self._last[0]):
            self._last = tuple(classes), self._rows(collection, classes)
        return self._last[1]

    def _rows(self, collection: Collection, classes: Sequence[str]) -> Rows | None:
        told = class_texts(classes, None) if len(classes) > 1 else None
        name_rows = MODALITY_TRIALS[collection.data.kind.name].name_rows
        if told is None or name_rows is None:
            return None
        network = self.backbone or collection.network
        space = FeatureSpace(collection.data.kind, network, collection.request, collection.features)
        return name_rows(space, [told[code][0] for code in range(len(classes))])


@dataclass(frozen=True, eq=False, slots=True)
class Lesson:
    """What a head that proposes answers learns from.

    Parameters
    ----------
    X, codes
        Features and classes of answered items and of names, (n, d) and (n,).
    by
        Where they come from.
    """

    X: Rows
    codes: NDArray[np.int64]
    by: SuggestedBy = "answers"


def lesson(X: Rows, codes: NDArray[np.int64], names: Rows | None, *, seed: int = 0) -> Lesson:
    """Answers, and the names of the classes as further items while answers are few.

    As in a fit, names count where a permutation test says that they match the classes, which four
    classes or more allow; before every class has an answer they count anyway, being all that is
    known of some.

    Parameters
    ----------
    X, codes
        Features and classes of the answered items, (n, d) and (n,).
    names
        Features of the names of all classes, (k, d); None where they have none.

    Examples
    --------
    >>> none = np.empty((0, 2), np.float32), np.empty(0, np.int64)
    >>> lesson(*none, np.eye(2, dtype=np.float32)).by
    'names'
    >>> lesson(np.eye(2, dtype=np.float32), np.arange(2), np.eye(2, dtype=np.float32)).by
    'answers'
    """
    if names is None or len(codes) > MAX_PER_CLASS * len(names):
        return Lesson(X, codes)
    k = len(names)
    if len(np.unique(codes)) == k and (
        k < MIN_CLASSES or names_match(X, codes, names, seed=seed) > LEVEL
    ):
        return Lesson(X, codes)
    every = np.concatenate([X, names]).astype(np.float32)
    by: SuggestedBy = "names and answers" if len(codes) else "names"
    return Lesson(every, np.concatenate([codes, np.arange(k)]), by)
