"""The probe with the name of each class as one more item to learn from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from topwork.backbones.towers.text_tower import open_text_tower
from topwork.data import Dataset, Item
from topwork.errors import BackboneError
from topwork.features.opened_backbone import FrozenPart, read_once
from topwork.heads import normalise_rows
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


class NameRows(Protocol):
    """Features (n, d) of texts, to be learnt from as those of items; None where there are none."""

    def __call__(
        self, frozen: FrozenPart, texts: Sequence[str], context: RunContext[FitSettings], /
    ) -> NDArray[np.float32] | None: ...


def rows_of_texts(
    frozen: FrozenPart, texts: Sequence[str], context: RunContext[FitSettings]
) -> NDArray[np.float32]:
    """Of texts that are items of the same kind themselves."""
    data = Dataset([Item(text, value=text) for text in texts], kind=frozen.data.kind)
    read = read_once(
        data, frozen.opened.request, max_bad=0.0, progress=context.steps("Names of the classes")
    )
    return np.asarray(frozen.opened.request.store.read(read.keys), np.float32)


def rows_by_tower(
    frozen: FrozenPart,
    texts: Sequence[str],
    context: RunContext[FitSettings],
) -> NDArray[np.float32] | None:
    """Of texts beside images, by the network's own tower for texts where it has one.

    Features of texts lie apart from those of images, so that a text beside images would be far
    from all of them alike (Liang et al. 2022, Mind the gap). Their differences agree: each row is
    the mean image, moved by the direction of its text from the mean text, as far as images lie
    from their mean.
    """
    try:
        tower = open_text_tower(context.settings.backbone_name)
    except BackboneError:  # such as a folder without a tokenizer: images need none
        return None
    if tower is None:
        return None
    rows = tower.among_images(texts)
    images = normalise_rows(frozen.features)
    if rows.shape[1] != images.shape[1]:
        return None
    centre = images.mean(axis=0)
    away = float(np.linalg.norm(images - centre, axis=1).mean())
    found: NDArray[np.float32] = centre + away * normalise_rows(rows - rows.mean(axis=0))
    return found


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
    rows = name_rows(frozen, texts, context)
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
