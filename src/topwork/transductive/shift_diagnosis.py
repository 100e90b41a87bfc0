"""What differs between the domains, before anything is changed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.data import HASHED
from topwork.errors import DataError
from topwork.features.hashed_words import hashed_words
from topwork.features.opened_backbone import FrozenPart
from topwork.heads import softmax
from topwork.model import Model
from topwork.shift.kind_of_shift import Kind, KindOfShift, kind_of_shift
from topwork.shift.label_shift import LabelShift, label_shift
from topwork.shift.shift import ShiftTest, shift_test
from topwork.transductive.source_features import SourceFeatures

_MAX_COMPARED = 2000


@dataclass(frozen=True, slots=True)
class ShiftDiagnosis:
    """What was found of the target; None where there are too few items to tell.

    Parameters
    ----------
    covariate_shift
        Whether a classifier tells the domains apart.
    classes
        How the classes are distributed, if items of a class look as they used to.
    kind
        Which of the two differs.
    """

    covariate_shift: ShiftTest | None
    classes: LabelShift | None
    kind: KindOfShift | None

    @property
    def verdict(self) -> Kind:
        """What to act on; looks where nothing could be told."""
        if self.covariate_shift is None:
            return "covariate_shift"
        differs = self.covariate_shift.noticeable
        if self.classes is None or self.kind is None:
            return "covariate_shift" if differs else "none"
        if self.kind.kind == "classes" and self.classes.shifted:
            return "classes"
        return "covariate_shift" if differs and self.kind.covariate_shift.noticeable else "none"


def diagnose_shift(
    model: Model,
    source_features: SourceFeatures,
    target: FrozenPart,
    *,
    seed: int,
) -> ShiftDiagnosis:
    """Compare the target with the source.

    By features, or by hashed words where the backbone was made of the training texts.
    """
    rows, codes, others = _compared(model, source_features, target)
    rng = np.random.default_rng(seed)
    ours, theirs = (rng.permutation(len(x))[:_MAX_COMPARED] for x in (rows, others))
    try:
        covariate_shift = shift_test(rows[ours], others[theirs], seed=seed)
    except DataError:
        return ShiftDiagnosis(None, None, None)
    try:
        classes = _classes(model, target.features.astype(np.float32), seed)
        kind = kind_of_shift(
            rows[ours],
            codes[ours],
            others[theirs],
            classes,
            seed=seed,
        )
    except DataError:
        return ShiftDiagnosis(covariate_shift, None, None)
    return ShiftDiagnosis(covariate_shift, classes, kind)


def _compared(
    model: Model, source_features: SourceFeatures, target: FrozenPart
) -> tuple[NDArray[np.float32], NDArray[np.int64], NDArray[np.float32]]:
    """Rows of the source ``(r, w)``, their classes ``(r,)``, and rows of the target ``(m, w)``."""
    if not model.card.made_of_items:
        features = target.features.astype(np.float32)
        return source_features.features, source_features.codes, features
    past = model.parts.statistics
    mine = past.hashed.astype(np.float32).reshape(-1, HASHED)
    words = hashed_words(target.data, np.arange(len(target.data)))
    return mine, past.rehearsal_codes[: len(mine)], words


def _classes(model: Model, target: NDArray[np.float32], seed: int) -> LabelShift:
    past, temperature = model.parts.statistics, model.card.temperature
    known = past.rehearsal_logits.shape == (len(past.rehearsal_codes), len(past.counts))
    return label_shift(
        model.parts.head.probabilities(target, temperature=temperature),
        past.counts / past.counts.sum(),
        held_out=softmax(past.rehearsal_logits / np.float32(temperature)) if known else None,
        codes=past.rehearsal_codes if known else None,
        seed=seed,
    )
