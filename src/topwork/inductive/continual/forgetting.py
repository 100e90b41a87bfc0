"""How good a model was on its classes, and how good the one is that continues it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from topwork.inductive.continual.gaussian_replay import gaussian_replay, judged_with
from topwork.inductive.continual.rehearsal import RehearsalRows
from topwork.inductive.continual.start_model import StartModel
from topwork.metrics import Score, judge
from topwork.metrics.paired import PairedTest, paired_items
from topwork.reporting.forgetting import Basis, Forgetting, ForgettingScore, in_words
from topwork.settings import FitSettings
from topwork.trials.trial import targets_of
from topwork.validation import JudgedHead


@dataclass(frozen=True, eq=False, slots=True)
class Answers:
    """What both models say of all ``m`` rows.

    Parameters
    ----------
    before
        Whether the earlier one is right, ``(m,)``; meaningful where ``compared``.
    after
        Held-out probabilities of the next one, ``(m, k)``.
    compared
        Rows on which the two can be compared, ``(m,)``.
    """

    before: NDArray[np.bool_]
    after: NDArray[np.float32]
    compared: NDArray[np.bool_]
    basis: Basis


def forgetting(
    start_model: StartModel,
    rows: RehearsalRows,
    head: JudgedHead,
    *,
    folds: NDArray[np.integer],
    settings: FitSettings,
    warnings: tuple[str, ...] = (),
) -> Forgetting:
    """Compare the base model with the one that continues it.

    The base model answers for new items as it is. For the rows that it stores, which it was
    trained on, the answers of its own held-out heads are taken, or those of heads that are fitted
    on the other folds' stored rows.

    Parameters
    ----------
    head
        The next model's, with its held-out answers.
    folds
        Of all rows, ``(m,)``.
    """
    predictions = _answers(start_model, rows, head, folds, settings)
    stored = np.arange(len(rows.codes)) < rows.n_rows
    labels = [str(label) for label in targets_of(rows.frozen).labels]
    standing = _ForgettingScores(rows, predictions, labels, len(np.unique(folds)))
    old = rows.old & predictions.compared
    parts = (old, old & stored, old & ~stored, ~rows.old)
    whole, known, unseen, new = (standing.of(part) for part in parts)
    found = Forgetting(
        modality=start_model.model.card.kind,
        start=start_model.place,
        old_labels=labels[: rows.n_old],
        new_labels=labels[rows.n_old :],
        n_new=len(rows.seen),
        n_stored=rows.n_rows,
        n_known=int(rows.known.sum()),
        n_left_out=int((rows.old & ~predictions.compared).sum()),
        basis=predictions.basis,
        old=whole,
        stored=known,
        unseen=unseen,
        new=new,
        warnings=[*warnings, *_warnings(start_model, rows, predictions)],
        sentence="",
    )
    return found.model_copy(update={"sentence": in_words(found)})


def _answers(
    start_model: StartModel,
    rows: RehearsalRows,
    head: JudgedHead,
    folds: NDArray[np.integer],
    settings: FitSettings,
) -> Answers:
    r, codes = rows.n_rows, rows.codes
    recorded = start_model.statistics.rehearsal_logits
    basis: Basis = "recorded" if len(recorded) == r and not start_model.tuned else "refitted"
    past = recorded if basis == "recorded" else _refitted(start_model, folds[:r], settings)
    before = np.concatenate(
        [
            past.argmax(axis=1) == codes[:r],
            start_model.right(rows.frozen.features[r:], codes[r:]),
        ]
    )
    compared = np.concatenate([np.ones(r, bool), ~rows.seen])
    return Answers(before, head.probabilities_oof, compared, basis)


def _refitted(
    start_model: StartModel, folds: NDArray[np.integer], settings: FitSettings
) -> NDArray[np.float32]:
    """Held-out logits of heads on what the model stores alone, ``(r, k)``."""
    past = start_model.statistics
    k = len(past.counts)
    if len(np.unique(folds)) < 2:
        return np.asarray(start_model.model.parts.head.logits(past.rehearsal), np.float32)
    codes = past.rehearsal_codes
    everything = np.ones(len(codes), bool)
    absent = gaussian_replay(past, past.rehearsal, codes, at_hand=everything, seed=settings.seed)
    weight = settings.class_weight
    return judged_with(
        absent, past.rehearsal, codes, k, folds=folds, class_weight=weight
    ).logits_oof


@dataclass(frozen=True, eq=False, slots=True)
class _ForgettingScores:
    rows: RehearsalRows
    predictions: Answers
    labels: list[str]
    n_folds: int

    def of(self, part: NDArray[np.bool_]) -> ForgettingScore | None:
        """On some of the rows, ``(m,)``."""
        if not part.any():
            return None
        codes, groups = self.rows.codes[part], self.rows.groups[part]
        after = self.predictions.after[part]
        known = bool((codes < self.rows.n_old).all())
        before = self.predictions.before[part] if known else np.zeros(len(codes), bool)
        return ForgettingScore(
            n_items=len(codes),
            before=self._balanced(codes, before, groups)
            if known
            else Score(value=0.0, low=0.0, high=0.0),
            after=self._balanced(codes, after.argmax(axis=1) == codes, groups),
            difference=self._difference(codes, before, after, groups) if known else None,
        )

    def _balanced(
        self, codes: NDArray[np.int64], right: NDArray[np.bool_], groups: NDArray[np.int64]
    ) -> Score:
        """Every class present counting the same; what a wrong answer is makes no difference."""
        k = len(self.labels)
        said = np.where(right, codes, (codes + 1) % k)
        judged = judge(
            codes,
            np.eye(k, dtype=np.float32)[said],
            self.labels,
            groups=groups,
            cross_validated=True,
        )
        return judged.scores.balanced_accuracy

    def _difference(
        self,
        codes: NDArray[np.int64],
        before: NDArray[np.bool_],
        after: NDArray[np.float32],
        groups: NDArray[np.int64],
    ) -> PairedTest:
        counts = np.bincount(codes)
        weights = len(codes) / (np.count_nonzero(counts) * np.maximum(counts, 1))
        changed = (after.argmax(axis=1) == codes).astype(float) - before
        return paired_items(changed * weights[codes], groups=groups, n_folds=self.n_folds)


def _warnings(start_model: StartModel, rows: RehearsalRows, predictions: Answers) -> list[str]:
    left_out = int((rows.old & ~predictions.compared).sum())
    kind, found = start_model.model.card.kind, []
    if left_out:
        found.append(
            f"{left_out} of the {len(rows.seen)} new {kind}s were used to train the base model, "
            "duplicate such items or share a group with them: they are left out of the comparison "
            "before and after, which would be optimistic."
        )
    if start_model.tuned:
        found.append(
            f"The network was trained on the {kind}s whose features the model stores: scores on "
            "these are optimistic, before and after alike."
        )
    elif predictions.basis == "refitted":
        found.append(
            "The base model holds no out-of-fold predictions; before is a head fitted on its "
            "stored features."
        )
    return found
