"""Items without labels that a fit may learn from, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.data import Dataset, read_items
from topwork.errors import DataError
from topwork.features import Progress, cache_folder
from topwork.inductive.settings import FitSettings
from topwork.inductive.thumbnails import thumbnails_of, thumbnails_wanted
from topwork.inductive.trial import Trial, targets_of
from topwork.model import RejectedRecord
from topwork.model.frozen import read_once
from topwork.quality import find_duplicates


class UnlabelledRecord(BaseModel):
    """What became of the items without labels.

    Attributes
    ----------
    n_items, n_used
        How many there were, and how many were learnt from.
    n_copies
        Left out, because they show what a labelled item shows: a held-out one would be seen.
    rejected
        Those that could not be read.
    used
        Whether the model that ships learnt from them.
    sentence
        The same for people.
    """

    model_config = ConfigDict(frozen=True)

    n_items: int
    n_used: int
    n_copies: int
    rejected: list[RejectedRecord]
    used: bool
    sentence: str


@dataclass(frozen=True, eq=False, slots=True)
class Unlabelled:
    """The m items without labels that can be learnt from.

    Parameters
    ----------
    data
        The items, read and without copies of labelled ones.
    n_items, n_copies
        How many there were, and how many of these are copies.
    """

    data: Dataset
    n_items: int
    n_copies: int
    rejected: Sequence[RejectedRecord]

    def record(self, *, used: bool) -> UnlabelledRecord:
        """For JSON and for people; ``used`` says whether the model that ships learnt from them."""
        does = "learnt from" if used else "does not use"
        left = [f"{self.n_copies} that show what labelled ones show"] if self.n_copies else []
        left += [f"{len(self.rejected)} that cannot be read"] if self.rejected else []
        without = f" Left out of {self.n_items}: {', '.join(left)}." if left else ""
        return UnlabelledRecord(
            n_items=self.n_items,
            n_used=len(self.data),
            n_copies=self.n_copies,
            rejected=list(self.rejected),
            used=used,
            sentence=f"The model {does} {len(self.data)} images without labels.{without}",
        )


def read_unlabelled(
    source: object,
    probe: Trial,
    thumbnails: NDArray[np.uint8],
    settings: FitSettings,
    progress: Progress,
) -> Unlabelled:
    """Read items without labels once; their features stay in the store.

    Folders are only folders here: no label is read from them. Copies of labelled items, changed
    ones among them, are left out, whichever fold those are in.

    Parameters
    ----------
    source
        Whatever ``read_items`` takes.
    probe, thumbnails
        A trial on the n labelled items, and their thumbnails ``(n, 64, 64)``.

    Raises
    ------
    DataError
        There are no items, or none that can be read.
    """
    frozen, items = probe.frozen, read_items(source)
    data = Dataset(items, kind=frozen.data.kind, source=str(source))
    wanted = frozen.opened.wanted
    pictures = thumbnails_wanted(cache_folder() if settings.cache else None)
    read = read_once(data, wanted, beside=[pictures], max_bad=1.0, progress=progress)
    n, features = len(frozen.data), wanted.store.read(read.keys)
    # what looks alike in several classes is no copy; here the probe's answers must do for classes
    said = probe.head.linear.logits(features).argmax(axis=1)
    found = find_duplicates(
        [*frozen.extraction.keys, *read.keys],
        np.concatenate([thumbnails, thumbnails_of(read.keys, pictures.store)]),
        np.concatenate([frozen.features, features]),
        np.concatenate([targets_of(frozen).codes, said]),
    )
    copies = np.isin(found.groups[n:], found.groups[:n])
    rejected = [RejectedRecord(path=r.path, reason=r.reason) for r in read.rejected]
    if copies.all():
        raise DataError(
            f"All {len(read.kept)} images without labels show what labelled images show.",
            remedy="Give others, or leave --unlabelled (unlabelled) out.",
            code="nothing_unlabelled",
        )
    kept = np.asarray(read.kept)[~copies]
    return Unlabelled(data.take(kept), len(items), int(copies.sum()), rejected)
