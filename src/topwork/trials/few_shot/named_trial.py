"""The probe with the name of each class as one more item to learn from."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from topwork.heads.few_shot.names import MIN_CLASSES, names_match
from topwork.runtime.executor import run_large_tasks
from topwork.runtime.run_context import RunContext
from topwork.settings import FitSettings
from topwork.trials.few_shot.class_texts import class_texts
from topwork.trials.few_shot.name_rows import FeatureSpace, NameRows, rows_of_texts
from topwork.trials.trial import Candidate, HeadTask, Trial, judge_head, targets_of
from topwork.validation import JudgedHead

LEVEL: Final = 0.05
"""At which names must match their classes."""

MAX_PER_CLASS: Final = 32
"""Labels per class on average above which one more text changes nothing."""


def named_trial(
    base: Trial,
    folds: NDArray[np.integer],
    context: RunContext[FitSettings],
    name_rows: NameRows = rows_of_texts,
) -> Trial | None:
    """The same features and head with the names as items that every fit learns from.

    None where labels are no words, where there are many items per class, and where the names do
    not match the classes (see `names_match`): then nothing says that they mean anything. It is
    judged on the same folds and takes the place of ``base`` where it does better there, or where
    there are too few items to compare. Descriptions that people wrote take the place of names; of
    fewer than four classes, which can't be tested, the folds alone decide about them.

    Parameters
    ----------
    base
        The probe, on frozen features.
    folds
        ``(r, n)``.
    name_rows
        Gives features of names.
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
    space = FeatureSpace(
        frozen.data.kind, settings.backbone_name, frozen.opened.request, frozen.features
    )
    rows = name_rows(space, texts, context.steps("Names of the classes"))
    if rows is None:
        return None
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
    items = "texts" if name_rows is rows_of_texts else "items"
    what = "the descriptions" if described else "the names"
    heads = run_large_tasks(judge_head, tasks, context.steps("Names of the classes"))
    return Trial(
        Candidate(f"{what} of the classes as training {items}", base.candidate.backbone),
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
