"""The probe with the name of each class as one more training text."""

from __future__ import annotations

import time
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
from topwork.trials.few_shot.class_texts import class_texts
from topwork.trials.trial import Candidate, HeadTask, Trial, judge_head, targets_of
from topwork.validation import JudgedHead

LEVEL: Final = 0.05
"""At which names must match their classes."""

MAX_PER_CLASS: Final = 32
"""Labels per class on average above which one more text changes nothing."""


def named_trial(
    base: Trial, folds: NDArray[np.integer], context: RunContext[FitSettings]
) -> Trial | None:
    """The same features and head with the names as texts that every fit learns from.

    None where labels are no words, where there are many items per class, and where the names do
    not match the classes (see `names_match`): then nothing says that they mean anything. It is
    judged on the same folds and takes the place of ``base`` where it does better there, or where
    there are too few items to compare. Descriptions that people wrote take the place of names; of
    fewer than four classes, which can't be tested, the folds alone decide about them.

    Parameters
    ----------
    base
        The probe, on frozen features of texts.
    folds
        ``(r, n)``.
    """
    begun, frozen = time.monotonic(), base.frozen
    targets, settings = targets_of(frozen), context.settings
    told = class_texts(targets.labels, settings.describe)
    k = len(targets.labels)
    described = settings.describe is not None
    if told is None or (k < MIN_CLASSES and not described):
        return None
    if len(targets.codes) > MAX_PER_CLASS * k and not described:
        return None
    own = np.array([code for code in sorted(told) for _ in told[code]])
    texts = [text for code in sorted(told) for text in told[code]]
    data = Dataset([Item(text, value=text) for text in texts], kind=frozen.data.kind)
    read = read_once(
        data, frozen.opened.request, max_bad=0.0, progress=context.steps("Names of the classes")
    )
    rows = frozen.opened.request.store.read(read.keys)
    means = np.stack([rows[own == code].mean(axis=0) for code in range(k)])
    fits = names_match(frozen.features, targets.codes, means, seed=settings.seed) <= LEVEL
    if not fits and (k >= MIN_CLASSES or not described):
        return None
    features = np.concatenate([np.asarray(frozen.features, np.float32), rows.astype(np.float32)])
    codes = np.concatenate([targets.codes, own])
    never = np.full(len(own), -1)
    tasks = [
        HeadTask(
            features, codes, k, np.concatenate([division, never]), "auto",
            settings.class_weight, search=True,
        )
        for division in folds
    ]  # fmt: skip
    what = "the descriptions" if described else "the names"
    heads = run_large_tasks(judge_head, tasks, context.steps("Names of the classes"))
    return Trial(
        Candidate(f"{what} of the classes as training texts", base.candidate.backbone),
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
