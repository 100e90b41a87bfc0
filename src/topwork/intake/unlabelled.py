"""Items without labels that a fit may learn from, too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.data import Dataset, read_items
from topwork.errors import DataError
from topwork.features.opened_backbone import read_once
from topwork.features.rejected import RejectedRecord
from topwork.quality import find_duplicates
from topwork.quality.item_fingerprints import fingerprints_of
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.trials.trial import Trial, targets_of


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
        Whether the selected model learnt from them.
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
        """For JSON and for people; ``used`` says whether the selected model learnt from them."""
        kind, does = self.data.kind.name, "learnt from" if used else "does not use"
        left = [f"{self.n_copies} duplicates of labelled ones"] if self.n_copies else []
        left += [f"{len(self.rejected)} unreadable"] if self.rejected else []
        without = f" Left out of {self.n_items}: {', '.join(left)}." if left else ""
        return UnlabelledRecord(
            n_items=self.n_items,
            n_used=len(self.data),
            n_copies=self.n_copies,
            rejected=list(self.rejected),
            used=used,
            sentence=" ".join(
                (
                    f"The model {does} {len(self.data)} unlabelled {kind}s.{without}",
                    *self.data.hints,
                )
            ),
        )


def read_unlabelled(source: object, probe: Trial, context: RunContext[FitSettings]) -> Unlabelled:
    """Read items without labels once; their features stay in the store.

    Folders are only folders here: no label is read from them. Copies of labelled items, changed
    ones among them, are left out, whichever fold those are in.

    Parameters
    ----------
    source
        Whatever ``read_items`` takes.
    probe
        A trial on the labelled items.

    Raises
    ------
    DataError
        There are no items, or none that can be read.
    """
    frozen, notes = probe.frozen, list[str]()
    items = read_items(source, kind=frozen.data.kind.name, notes=notes)
    data = Dataset(items, kind=frozen.data.kind, source=str(source), hints=tuple(notes))
    both = Dataset([*frozen.data.items, *items], kind=data.kind, source=data.source)
    request, labelled = frozen.opened.request, len(frozen.data)
    sketches = fingerprints_of(data.kind.name, keep=context.settings.cache)
    read = read_once(
        both,
        request,
        extra_requests=[sketches.request],
        max_bad=1.0,
        progress=context.steps(f"Unlabelled {data.kind.name}s"),
    )
    n = sum(position < labelled for position in read.kept)
    if n == len(read.kept):
        raise DataError(
            f"None of the {len(items)} unlabelled {data.kind.name}s can be read. The first one: "
            f"{read.rejected[0].path} ({read.rejected[0].why}).",
            remedy="Check the path, or leave --unlabelled (unlabelled) out.",
            code="nothing_readable",
        )
    features = request.store.read(read.keys)
    # what looks alike in several classes is no copy; here the probe's answers must do for classes
    said = probe.head.linear.logits(features[n:]).argmax(axis=1)
    own = [position for position in read.kept if position < labelled]
    found = find_duplicates(
        read.keys,
        sketches.similarity(read.keys, both.take(read.kept)),
        features,
        np.concatenate([targets_of(frozen).codes[own], said]),
    )
    copies = np.isin(found.groups[n:], found.groups[:n])
    rejected = RejectedRecord.of(read.rejected)
    if copies.all():
        raise DataError(
            f"All {len(read.kept) - n} unlabelled {data.kind.name}s duplicate labelled ones.",
            remedy="Give others, or leave --unlabelled (unlabelled) out.",
            code="nothing_unlabelled",
        )
    kept = np.asarray(read.kept[n:])[~copies] - labelled
    return Unlabelled(data.take(kept), len(items), int(copies.sum()), rejected)
