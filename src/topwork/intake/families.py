"""Items that were made from one original: kept together, and what splitting them would change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.features.opened_backbone import FrozenPart
from topwork.heads import stratified_folds
from topwork.intake.labelled import undivided
from topwork.metrics.metrics import ClassCounts, balanced_accuracy
from topwork.metrics.paired import paired_items
from topwork.quality import Duplicates, Families, Similarity, find_families
from topwork.runtime.counted import counted
from topwork.settings import FitSettings
from topwork.tasks.registry import strata_of
from topwork.trials.trial import Trial, judged, targets_of

DRAWS = 3
"""Draws of folds in each of which a score must be too high before it is called so."""

UNDO = "--no-name-groups (name_groups=False)"


class FamilyCheck(BaseModel):
    """Items that seem to come from the same originals, and what keeping them together changes.

    Attributes
    ----------
    n_items
        Items that come from one original with another item.
    n_originals
        Those originals.
    together, apart
        Balanced accuracy of the transfer where folds keep the items of an original together, and
        where they don't; ``None`` where there is nothing to judge by.
    sentence
        The same for people.
    """

    model_config = ConfigDict(frozen=True)

    n_items: int
    n_originals: int
    together: float | None
    apart: float | None
    sentence: str


def families_of(
    frozen: FrozenPart, similarity: Similarity, duplicates: Duplicates, settings: FitSettings
) -> Families | None:
    """The families among n readable items; ``None`` where they shall not be looked for."""
    if not settings.name_groups:
        return None
    names = [item.name for item in frozen.data.items]
    codes = strata_of(frozen.data)
    return find_families(names, similarity, frozen.features, duplicates, codes)


def check_families(
    families: Families | None,
    duplicates: Duplicates,
    transfer: Trial,
    settings: FitSettings,
) -> FamilyCheck | None:
    """What keeping families together changes; ``None`` where nothing is kept that wasn't before.

    Costs one more cross-validation, on the same features, and two for each further draw of folds
    where a score seems too high.
    """
    data = transfer.frozen.data
    if families is None:
        return None
    apart, kept = undivided(data, duplicates), undivided(data, duplicates, families)
    if len(np.unique(kept)) == len(np.unique(apart)):
        return None
    members = families.members()
    n_items, n_originals = sum(len(rows) for rows in members), len(members)
    scores, optimistic = None, False
    if targets_of(transfer.frozen).counts().max() >= 2:
        other = _on_folds(transfer, apart, settings, settings.seed)
        scores = _score(transfer), _score(other)
        optimistic = _scores_more(other, transfer, kept, settings) and all(
            _scores_more(
                _on_folds(transfer, apart, settings, seed),
                _on_folds(transfer, kept, settings, seed),
                kept,
                settings,
            )
            for seed in range(settings.seed + 1, settings.seed + DRAWS)
        )
    return FamilyCheck(
        n_items=n_items,
        n_originals=n_originals,
        together=scores[0] if scores else None,
        apart=scores[1] if scores else None,
        sentence=_sentence(
            len(data), n_items, n_originals, data.kind.name, scores, optimistic=optimistic
        ),
    )


def _on_folds(
    transfer: Trial, groups: NDArray[np.int64], settings: FitSettings, seed: int
) -> Trial:
    """The transfer on other folds, which keep groups together."""
    codes = targets_of(transfer.frozen).codes
    folds = stratified_folds(codes, n_folds=settings.n_folds, groups=groups, seed=seed)
    return judged(transfer.candidate, transfer.frozen, folds[None], settings)


def _scores_more(
    one: Trial, other: Trial, originals: NDArray[np.int64], settings: FitSettings
) -> bool:
    """Whether a trial gets more items right than another one beyond chance, by originals."""
    differences = one.right[0].astype(float) - other.right[0]
    test = paired_items(differences, groups=originals, n_folds=settings.n_folds)
    return test.low is not None and test.low > 0


def _score(trial: Trial) -> float:
    targets = targets_of(trial.frozen)
    sentence = trial.head.logits_oof.argmax(axis=1)
    return float(balanced_accuracy(ClassCounts.of(targets.codes, sentence, len(targets.labels))))


def _sentence(
    n: int,
    n_items: int,
    n_originals: int,
    kind: str,
    scores: tuple[float, float] | None,
    *,
    optimistic: bool,
) -> str:
    some = f"{n_items:,}" if n_items == n else f"{n_items:,} of {n:,}"
    originals = counted(n_originals, "original")
    sentence = f"{some} {kind}s seem to come from {originals}."
    if scores is None or not optimistic:
        return f"{sentence} Folds keep them together; {UNDO} if they are unrelated."
    together, apart = scores
    return (
        f"{sentence} Kept together: {together:.3f}; apart: {apart:.3f}, too optimistic. "
        f"Using {together:.3f}; {UNDO} if they are unrelated."
    )
