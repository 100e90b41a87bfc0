"""The probe with the name of each class as one more training text."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.data import Dataset, Item
from topwork.features.opened_backbone import read_once
from topwork.heads.few_shot.names import MIN_CLASSES, names_match
from topwork.runtime.executor import run_large_tasks
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.trials.trial import Candidate, HeadTask, Trial, judge_head, targets_of
from topwork.validation import JudgedHead

LEVEL: Final = 0.05
"""At which names must match their classes."""

MAX_PER_CLASS: Final = 32
"""Labels per class on average above which one more text changes nothing."""

_SHARE: Final = 0.8
_WORD: Final = re.compile(r"[^\W\d_]{3,}")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def names_of(labels: Sequence[object]) -> list[str] | None:
    """Labels as texts; None where they are codes rather than words.

    Examples
    --------
    >>> names_of(["card_arrival", "lostCard", "exchange-rate"])
    ['card arrival', 'lost card', 'exchange rate']
    >>> names_of(["A1", "A2", "x"]) is names_of([0, 1, 2]) is None
    True
    """
    if not all(isinstance(label, str) for label in labels):
        return None
    told = [re.sub(r"[\s_./-]+", " ", _CAMEL.sub(" ", str(label))).strip() for label in labels]
    words = sum(bool(_WORD.search(name)) for name in told)
    if words < _SHARE * len(told) or not all(told):
        return None
    return [name.lower() for name in told]


def named_trial(
    base: Trial, folds: NDArray[np.integer], context: RunContext[FitSettings]
) -> Trial | None:
    """The same features and head with the names as texts that every fit learns from.

    None where labels are no words, where there are many items per class, and where the names do
    not match the classes (see `names_match`): then nothing says that they mean anything. It is
    judged on the same folds and takes the place of ``base`` where it does better there, or where
    there are too few items to compare.

    Parameters
    ----------
    base
        The probe, on frozen features of texts.
    folds
        ``(r, n)``.
    """
    begun, frozen = time.monotonic(), base.frozen
    targets, settings = targets_of(frozen), context.settings
    names = names_of(targets.labels)
    k = len(targets.labels)
    if names is None or k < MIN_CLASSES or len(targets.codes) > MAX_PER_CLASS * k:
        return None
    data = Dataset([Item(name, value=name) for name in names], kind=frozen.data.kind)
    read = read_once(
        data, frozen.opened.request, max_bad=0.0, progress=context.steps("Names of the classes")
    )
    rows = frozen.opened.request.store.read(read.keys)
    if names_match(frozen.features, targets.codes, rows, seed=settings.seed) > LEVEL:
        return None
    features = np.concatenate([np.asarray(frozen.features, np.float32), rows.astype(np.float32)])
    codes = np.concatenate([targets.codes, np.arange(k)])
    never = np.full(k, -1)
    tasks = [
        HeadTask(
            features, codes, k, np.concatenate([division, never]), "auto",
            settings.class_weight, search=True,
        )
        for division in folds
    ]  # fmt: skip
    heads = run_large_tasks(judge_head, tasks, context.steps("Names of the classes"))
    return Trial(
        Candidate("the names of the classes as training texts", base.candidate.backbone),
        frozen,
        tuple(_of_items(head, len(targets.codes)) for head in heads),
        time.monotonic() - begun,
        instead_of=base.candidate.name,
        evident=True,
    )


def _of_items(head: JudgedHead, n: int) -> JudgedHead:
    """Without what is said of the names themselves."""
    return replace(
        head,
        logits_oof=head.logits_oof[:n],
        probabilities_oof=head.probabilities_oof[:n],
        seen=head.seen[:n],
    )
