"""What going on brought and cost, as plain data and in words."""

from __future__ import annotations

from typing import Literal

from topwork.data import ModalityName
from topwork.metrics import Score
from topwork.metrics.paired import PairedTest
from topwork.metrics.records import Record

Basis = Literal["recorded", "refitted"]


class ForgettingScore(Record):
    """Balanced accuracy on some classes before and after.

    Attributes
    ----------
    n_items
        Rows that both were judged on.
    before
        Of the base model; 0 for classes that it doesn't know.
    after
        Of models like the selected one, on rows that they have not seen.
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
    kind
        What the items are.
    start
        The base model's folder, as it was named.
    old_labels, new_labels
        Classes that it knows, and classes that are new.
    n_new, n_stored
        New items that could be read, and rows that the base model stores.
    n_known
        New items that it was trained on.
    n_left_out
        New items of its classes that are left out of ``old``, because it has seen them, or copies
        of them, or others of their group.
    basis
        Where its answers about stored rows come from: ``recorded`` when it was fitted, by
        heads that had not seen them; or ``refitted`` on stored rows alone, where those are not
        known or its network has seen the rows.
    old
        Its classes: stored rows and new items together. ``stored`` and ``unseen`` are the
        two apart; ``None`` where there are none.
    new
        The classes that are new; ``None`` where there are none.
    warnings
        What must be read before the numbers are used.
    sentence
        The same for people.
    """

    modality: ModalityName = "image"
    start: str
    old_labels: list[str]
    new_labels: list[str]
    n_new: int
    n_stored: int
    n_known: int
    n_left_out: int
    basis: Basis
    old: ForgettingScore | None
    stored: ForgettingScore | None
    unseen: ForgettingScore | None
    new: ForgettingScore | None
    warnings: list[str]
    sentence: str


def in_words(found: Forgetting) -> str:
    """What was measured, as a sentence for people."""
    parts = [_of_old(found.old, found) if found.old else ""]
    if found.new:
        after = found.new.after
        classes = "New class" if len(found.new_labels) == 1 else "New classes"
        parts.append(f"{classes}: {100 * after.value:.1f} % after{_between(after)}.")
    return " ".join(part for part in parts if part)


def _of_old(old: ForgettingScore, found: Forgetting) -> str:
    change = old.difference
    assert change is not None
    points = f"{_points(change.difference)} points"
    if change.error == 0:
        points = "no prediction became right or wrong"
    elif change.low is not None and change.high is not None:
        low, high = max(change.low, -1.0), min(change.high, 1.0)
        points += f", 95 % interval {_points(low)} to {_points(high)}"
    on = [f"{found.stored.n_items} stored {found.modality}s"] if found.stored else []
    on += [f"{found.unseen.n_items} new ones"] if found.unseen else []
    return (
        f"Old classes: {100 * old.before.value:.1f} % before, {100 * old.after.value:.1f} % after "
        f"({points}), on {' and '.join(on)}."
    )


def _between(score: Score) -> str:
    high = 1.0 if score.high is None else score.high
    return f" (95 % interval {100 * score.low:.1f} to {100 * high:.1f} %)"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")
