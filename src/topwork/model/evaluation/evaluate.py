"""How good a model is on other data."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from topwork.data import Dataset, Item, match_labels
from topwork.errors import DataError
from topwork.features import ExtraRequest
from topwork.features.hashed_words import HashedWords
from topwork.features.rejected import RejectedRecord
from topwork.metrics import ClassScore, Scores, judge
from topwork.metrics.records import MoreScores
from topwork.model.card import Label
from topwork.model.evaluation.copies import CopySearch
from topwork.model.evaluation.judged import JudgedItems
from topwork.model.evaluation.judged_data import JudgedData, OtherItems, check_any_readable
from topwork.model.evaluation.ledger import note_use
from topwork.model.evaluation.shifted import DataShift, data_shift
from topwork.model.predictions import Predictions
from topwork.model.short_repr import score
from topwork.model.statistics import TrainingStatistics
from topwork.runtime.counted import counted

MAX_CONFUSIONS = 50


class Confusion(BaseModel):
    """Items of one class that are taken for another."""

    model_config = ConfigDict(frozen=True)

    label: str
    predicted: str
    n: int


class Evaluation(JudgedData, BaseModel):
    """What ``evaluate`` found.

    Attributes
    ----------
    unknown_labels
        Items set aside because the model doesn't know their label.
    set_aside
        How many of each of these labels.
    more
        Further scores.
    unknown
        Share of the judged items that the model calls unknown.
    confusions
        What is taken for what, the most frequent first.
    shift
        How the data differ from those of training; ``None`` where there are too few to tell.
    """

    task: Literal["classes"] = "classes"
    unknown_labels: int
    set_aside: dict[str, int] = {}
    scores: Scores
    more: MoreScores | None
    unknown: float
    per_class: list[ClassScore]
    confusions: list[Confusion] = []
    shift: DataShift | None = None

    def _left_out(self) -> tuple[str, ...]:
        if not self.unknown_labels:
            return ()
        return (
            f"{counted(self.unknown_labels, 'item was', 'items were')} set aside: the model "
            f"doesn't know the label ({_counted(self.set_aside)}).",
        )

    def _facts(self) -> dict[str, object]:
        scores = self.scores
        return {
            "items": self.n_items,
            "balanced_accuracy": score(scores.balanced_accuracy),
            "accuracy": score(scores.accuracy),
            "unknown": f"{self.unknown:.3f}",
            "rejected": len(self.rejected),
        }


def evaluate_items(
    data: Dataset,
    *,
    labels: Sequence[Label],
    statistics: TrainingStatistics,
    identity: str,
    predict: Callable[[Sequence[Item], Sequence[ExtraRequest]], Predictions],
    made_of_items: bool = False,
    seed: int = 0,
) -> tuple[Evaluation, JudgedItems]:
    """Judge a model on labelled data, and tell of each item.

    Parameters
    ----------
    labels, statistics, identity
        Of the model.
    predict
        What the model says about items, which others see, too, while they are open.
    made_of_items
        Whether the model's backbone was made of its training texts.
    seed
        Of the test for a shift.

    Raises
    ------
    DataError
        The data have no labels, or none that the model knows, or nothing can be read.
    """
    begun = time.monotonic()
    codes = codes_of(data, labels)
    judged = np.flatnonzero(codes >= 0)
    copies, words = CopySearch(statistics), HashedWords(wanted=made_of_items)
    requests = (*copies.extra_requests, *words.extra_requests)
    predicted = predict([data.items[int(i)] for i in judged], requests)
    check_any_readable(len(predicted), predicted.rejected, "items")
    rows = judged[predicted.kept]
    groups = None if data.groups is None else data.groups[rows]
    names = [str(label) for label in labels]
    mine = codes[rows]
    verdict = judge(mine, predicted.probabilities, names, predicted=predicted.codes, groups=groups)
    trained, learnt = statistics.seen(predicted.keys), statistics.learnt(predicted.keys)
    found = Evaluation(
        modality=data.kind.name,
        cut_short=predicted.cut_short,
        n_items=len(rows),
        unknown_labels=int((codes < 0).sum()),
        set_aside=set_aside(data, codes),
        seen_in_training=int(trained.sum()),
        labels_learnt=int((learnt & ~trained).sum()),
        adapted_to=int((statistics.adapted_on(predicted.keys) & ~learnt & ~trained).sum()),
        others=_others(mine, predicted, names, groups, ~(trained | learnt)),
        altered_copies=copies.altered(predicted.keys),
        rejected=RejectedRecord.of((*data.rejected, *predicted.rejected)),
        remarks=list(predicted.remarks),
        scores=verdict.scores,
        more=verdict.more,
        unknown=float(predicted.unknown.mean()),
        per_class=list(verdict.per_class),
        confusions=confusions(mine, predicted.codes, names),
        shift=data_shift(
            statistics,
            predicted.features,
            mine,
            keys=predicted.keys,
            groups=groups,
            hashed=words.of(predicted.keys) if made_of_items else None,
            seed=seed,
        ),
        uses=note_use(identity, predicted.keys),
        skipped=dict(data.ignored),
        notes=list(data.hints),
        seconds=time.monotonic() - begun,
    )
    return found, JudgedItems(names, mine, predicted)


MIN_OTHERS = 10
"""Items that the model knows no labels of, from which they are scored by themselves."""


def _others(
    codes: NDArray[np.int64],
    predicted: Predictions,
    names: Sequence[str],
    groups: NDArray[Any] | None,
    new: NDArray[np.bool_],
) -> OtherItems | None:
    """Balanced accuracy without the items whose labels the model knows."""
    if new.all() or new.sum() < MIN_OTHERS:
        return None
    found = judge(
        codes[new],
        predicted.probabilities[new],
        names,
        predicted=predicted.codes[new],
        groups=None if groups is None else groups[new],
    ).scores.balanced_accuracy
    return OtherItems(
        n_items=int(new.sum()),
        metric="balanced accuracy",
        value=found.value,
        low=found.low,
        high=found.high,
    )


def confusions(
    codes: NDArray[np.integer], predicted: NDArray[np.integer], names: Sequence[str]
) -> list[Confusion]:
    """What is taken for what, the most frequent first."""
    k = len(names)
    pairs, counts = np.unique((codes * k + predicted)[codes != predicted], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:MAX_CONFUSIONS]
    return [
        Confusion(label=names[pair // k], predicted=names[pair % k], n=int(n))
        for pair, n in zip(pairs[order], counts[order], strict=True)
    ]


def set_aside(data: Dataset, codes: NDArray[np.integer]) -> dict[str, int]:
    """How many items there are of each label that the model doesn't know."""
    assert data.classes is not None
    theirs, counts = np.unique(data.classes.codes[codes < 0], return_counts=True)
    names = [str(data.classes.labels[c]) for c in theirs]
    return dict(zip(names, map(int, counts), strict=True))


def _counted(labels: Mapping[str, int]) -> str:
    shown = [f"{name} {n}" for name, n in list(labels.items())[:5]]
    return ", ".join([*shown, "..."] if len(labels) > 5 else shown)


def codes_of(data: Dataset, labels: Sequence[Label]) -> NDArray[np.int64]:
    """The model's number of each item's label ``(n,)``, -1 for those that it doesn't know."""
    if data.classes is None:
        raise DataError(
            "These items have no labels, so there is nothing to judge by.",
            remedy="Give class folders or a table with a label column; topwork predict needs none.",
        )
    numbers = np.array(match_labels(data.classes.labels, labels), np.int64)
    codes: NDArray[np.int64] = numbers[data.classes.codes]
    if not (codes >= 0).any():
        theirs = ", ".join(str(label) for label in data.classes.labels[:5])
        ours = ", ".join(str(label) for label in labels[:5])
        raise DataError(
            f"The model knows none of the labels in these data ({theirs}).",
            remedy=f"It was trained for {ours}{' and others' if len(labels) > 5 else ''}; "
            "check the names of the folders, or the column of labels (--columns label=NAME).",
            code="unknown_labels",
        )
    return codes
