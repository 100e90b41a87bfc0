"""What going on from a model did to its classes: how good it was on them, and how good it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from topwork.evaluation import JudgedHead, Score, judge
from topwork.evaluation.paired import PairedTest, paired_items
from topwork.evaluation.records import Record
from topwork.inductive.earlier import Earlier
from topwork.inductive.remembered import Remembered
from topwork.inductive.settings import FitSettings
from topwork.inductive.stand_ins import judged_with, stand_ins

Basis = Literal["recorded", "refitted"]


class Standing(Record):
    """Balanced accuracy on some classes before and after.

    Attributes
    ----------
    n_items
        Rows that both were judged on.
    before
        Of the earlier model; 0 for classes that it doesn't know.
    after
        Of models like the one that ships, on rows that they have not seen.
    difference
        After minus before, paired by rows; ``None`` for new classes.
    """

    n_items: int
    before: Score
    after: Score
    difference: PairedTest | None = None


class Forgetting(Record):
    """What going on brought and cost.

    Attributes
    ----------
    start
        The earlier model's folder, as it was named.
    old_labels, new_labels
        Classes that it knows, and classes that are new.
    n_new, n_remembered
        New items that could be read, and rows that the earlier model remembers.
    n_known
        New items that it was trained on.
    n_left_out
        New items of its classes that are left out of ``old``, because it has seen them, or copies
        of them, or others of their group.
    basis
        Where its answers about remembered rows come from: ``recorded`` when it was fitted, by
        heads that had not seen them; or ``refitted`` on remembered rows alone, where those are not
        known or its network has seen the rows.
    old
        Its classes: remembered rows and new items together. ``remembered`` and ``unseen`` are the
        two apart; ``None`` where there are none.
    new
        The classes that are new; ``None`` where there are none.
    warnings
        What must be read before the numbers are used.
    sentence
        The same for people.
    """

    start: str
    old_labels: list[str]
    new_labels: list[str]
    n_new: int
    n_remembered: int
    n_known: int
    n_left_out: int
    basis: Basis
    old: Standing | None
    remembered: Standing | None
    unseen: Standing | None
    new: Standing | None
    warnings: list[str]
    sentence: str


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
    earlier: Earlier,
    rows: Remembered,
    head: JudgedHead,
    *,
    folds: NDArray[np.integer],
    settings: FitSettings,
    warnings: tuple[str, ...] = (),
) -> Forgetting:
    """Compare the earlier model with the one that went on from it.

    The earlier model answers for new items as it is. For the rows that it remembers, which it was
    trained on, the answers of its own held-out heads are taken, or those of heads that are fitted
    on the other folds' remembered rows.

    Parameters
    ----------
    head
        The next model's, with its held-out answers.
    folds
        Of all rows, ``(m,)``.
    """
    answers = _answers(earlier, rows, head, folds, settings)
    remembered = np.arange(len(rows.codes)) < rows.n_rows
    labels = [str(label) for label in rows.frozen.data.targets.labels]  # type: ignore[union-attr]
    standing = _Standings(rows, answers, labels, len(np.unique(folds)))
    old = rows.old & answers.compared
    parts = (old, old & remembered, old & ~remembered, ~rows.old)
    whole, known, unseen, new = (standing.of(part) for part in parts)
    found = Forgetting(
        start=earlier.place,
        old_labels=labels[: rows.n_old],
        new_labels=labels[rows.n_old :],
        n_new=len(rows.seen),
        n_remembered=rows.n_rows,
        n_known=int(rows.known.sum()),
        n_left_out=int((rows.old & ~answers.compared).sum()),
        basis=answers.basis,
        old=whole,
        remembered=known,
        unseen=unseen,
        new=new,
        warnings=[*warnings, *_warnings(earlier, rows, answers)],
        sentence="",
    )
    return found.model_copy(update={"sentence": _sentence(found)})


def _answers(
    earlier: Earlier,
    rows: Remembered,
    head: JudgedHead,
    folds: NDArray[np.integer],
    settings: FitSettings,
) -> Answers:
    r, codes = rows.n_rows, rows.codes
    recorded = earlier.statistics.rehearsal_logits
    basis: Basis = "recorded" if len(recorded) == r and not earlier.tuned else "refitted"
    past = recorded if basis == "recorded" else _refitted(earlier, folds[:r], settings)
    before = np.concatenate(
        [
            past.argmax(axis=1) == codes[:r],
            earlier.right(rows.frozen.features[r:], codes[r:]),
        ]
    )
    compared = np.concatenate([np.ones(r, bool), ~rows.seen])
    return Answers(before, head.probabilities_oof, compared, basis)


def _refitted(
    earlier: Earlier, folds: NDArray[np.integer], settings: FitSettings
) -> NDArray[np.float32]:
    """Held-out logits of heads on what the model remembers alone, ``(r, k)``."""
    past = earlier.statistics
    k = len(past.counts)
    if len(np.unique(folds)) < 2:
        return np.asarray(earlier.model.parts.head.logits(past.rehearsal), np.float32)
    codes = past.rehearsal_codes
    everything = np.ones(len(codes), bool)
    absent = stand_ins(past, past.rehearsal, codes, at_hand=everything, seed=settings.seed)
    weight = settings.class_weight
    return judged_with(
        absent, past.rehearsal, codes, k, folds=folds, class_weight=weight
    ).logits_oof


@dataclass(frozen=True, eq=False, slots=True)
class _Standings:
    rows: Remembered
    answers: Answers
    labels: list[str]
    n_folds: int

    def of(self, part: NDArray[np.bool_]) -> Standing | None:
        """On some of the rows, ``(m,)``."""
        if not part.any():
            return None
        codes, groups = self.rows.codes[part], self.rows.groups[part]
        after = self.answers.after[part]
        known = bool((codes < self.rows.n_old).all())
        before = self.answers.before[part] if known else np.zeros(len(codes), bool)
        return Standing(
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


def _warnings(earlier: Earlier, rows: Remembered, answers: Answers) -> list[str]:
    left_out = int((rows.old & ~answers.compared).sum())
    found = []
    if left_out:
        found.append(
            f"{left_out} of the {len(rows.seen)} new images are in the earlier model already, are "
            "copies of such images or belong to their groups: they are left out of the comparison "
            "before and after, which they would flatter."
        )
    if earlier.tuned:
        found.append(
            "The network was trained on the images that the model remembers, so that numbers on "
            "these are too high, before and after alike."
        )
    elif answers.basis == "refitted":
        found.append(
            "The earlier model did not record what it said of images that it had not seen; before "
            "is a head fitted on the images that it remembers."
        )
    return found


def _sentence(found: Forgetting) -> str:
    parts = [_of_old(found.old, found) if found.old else ""]
    if found.new:
        after = found.new.after
        classes = "New class" if len(found.new_labels) == 1 else "New classes"
        parts.append(f"{classes}: {after.value:.1%} after{_between(after)}.")
    return " ".join(part for part in parts if part)


def _of_old(old: Standing, found: Forgetting) -> str:
    change = old.difference
    assert change is not None
    points = f"{_points(change.difference)} points"
    if change.error == 0:
        points = "no answer became right or wrong"
    elif change.low is not None and change.high is not None:
        points += f", 95 % interval {_points(change.low)} to {_points(change.high)}"
    on = [f"{found.remembered.n_items} remembered images"] if found.remembered else []
    on += [f"{found.unseen.n_items} new ones"] if found.unseen else []
    return (
        f"Old classes: {old.before.value:.1%} before, {old.after.value:.1%} after ({points}), on "
        f"{' and '.join(on)}."
    )


def _between(score: Score) -> str:
    high = 1.0 if score.high is None else score.high
    return f" (95 % interval {score.low:.1%} to {high:.1%})"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")
