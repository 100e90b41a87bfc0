"""Scores and rejected items as people read them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from topwork.runtime.counted import counted

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.features.remarks import RemarkRecord
    from topwork.metrics import ClassScore, Score, Scores
    from topwork.model.evaluation.judged_data import JudgedData
    from topwork.reporting.forgetting import Forgetting
    from topwork.reporting.result import Tried


class Bad(Protocol):
    """Something that could not be read."""

    @property
    def path(self) -> str: ...

    @property
    def reason(self) -> str: ...

    @property
    def detail(self) -> str: ...


FEW_CLASSES = 25
"""Up to so many classes each gets a line."""


def interval(score: Score | None) -> str:
    """``0.987  [0.942, 1.000]``."""
    if score is None:
        return "–"
    high = "?" if score.high is None else f"{score.high:.3f}"
    return f"{score.value:.3f}  [{score.low:.3f}, {high}]"


def show_scores(screen: Screen, scores: Scores) -> None:
    """The four numbers with their intervals."""
    names = ("balanced_accuracy", "accuracy", "macro_f1", "log_loss")
    rows = [(name.replace("_", " "), interval(getattr(scores, name))) for name in names]
    screen.table(("score", "value  [95 % interval]"), rows)


def show_tried(screen: Screen, tried: Sequence[Tried]) -> None:
    """The models that were compared, from simple to complex."""
    if len(tried) < 2:
        return
    n = max(one.n_items for one in tried)
    rows = [
        (
            one.name + ("" if one.n_items == n else f" (on {one.n_items} items)"),
            interval(one.scores.balanced_accuracy if one.scores else None),
            *(() if one.cost is None else (f"{one.cost:.3f}",)),
            "selected" if one.chosen else "",
        )
        for one in tried
    ]
    costs = () if tried[0].cost is None else ("mean cost",)
    screen.table(("tried", "balanced accuracy", *costs, ""), rows)


def show_continual(screen: Screen, found: Forgetting) -> None:
    """What going on from a model brought and cost: before, after, and the difference."""
    named = (
        ("old classes", found.old),
        (f"  stored {found.modality}s", found.stored if found.unseen else None),
        (f"  new {found.modality}s", found.unseen if found.stored else None),
        ("new classes", found.new),
    )
    rows = [(name, s.n_items, interval(s.before), interval(s.after)) for name, s in named if s]
    screen.table(("balanced accuracy on", "n", "before", "after"), rows)
    for warning in found.warnings:
        screen.note(f"Note: {warning}")
    screen.print_line(found.sentence, style="bold")


def show_classes(screen: Screen, per_class: Sequence[ClassScore]) -> None:
    """A line per class; of many classes only the worst."""
    shown = list(per_class)
    if len(shown) > FEW_CLASSES:
        shown = sorted(shown, key=lambda c: c.recall.value if c.recall else 0.0)[:10]
        screen.print_line(f"The 10 classes of {len(per_class)} with the lowest recall:")
    rows = [(c.label, c.n, interval(c.precision), interval(c.recall)) for c in shown]
    screen.table(("class", "n", "precision", "recall"), rows)


def show_hints(screen: Screen, data: Dataset, *, certain: bool = False) -> None:
    """How the data were read, and what may have been meant differently.

    Parameters
    ----------
    certain
        Say also what a fit refuses with an error.
    """
    from topwork.data import ClassTargets, check_label_type

    for hint in data.hints:
        screen.note(f"Note: {hint}")
    if not isinstance(data.targets, ClassTargets) or data.targets.certain:
        return
    issue = check_label_type(data.targets.labels, data.targets.counts())
    if issue is not None and (certain or not issue.certain):
        screen.note(f"Note: {issue.message} {issue.remedy}")


def show_remarks(screen: Screen, remarks: Iterable[RemarkRecord]) -> None:
    """How some of the items were read, a sentence each."""
    for remark in remarks:
        screen.note(remark.sentence)


def show_losses(screen: Screen, data: Dataset, rejected: Sequence[Bad]) -> None:
    """Which class loses clearly more items than the others, if one does."""
    from topwork.data import uneven_losses

    uneven = uneven_losses(data, [bad.path for bad in rejected])
    if uneven:
        screen.note(f"Warning: {uneven}")


class FromData(Protocol):
    """A result about data, of which some may have been left out."""

    @property
    def skipped(self) -> Mapping[str, int]: ...


def show_reading(screen: Screen, found: FromData, kind: str) -> None:
    """What was left out of the data, beside the result."""
    from topwork.data.folders.skipped import skipped_sentences

    if screen.json:
        return
    for sentence in skipped_sentences(found.skipped, f"{kind}s"):
        screen.note(f"Note: {sentence}")


def show_rejected(screen: Screen, rejected: Sequence[Bad]) -> None:
    """How many items could not be read and why, and the first few by name."""
    if not rejected:
        return
    reasons = Counter(r.reason for r in rejected)
    counts = ", ".join(f"{n} {_words(reason)}" for reason, n in reasons.most_common())
    screen.note(f"{counted(len(rejected), 'item')} could not be read: {counts}.")
    for record in rejected[:10]:
        detail = f", {record.detail}" if record.detail else ""
        screen.note(f"  {record.path}: {_words(record.reason)}{detail}")
    if len(rejected) > 10:
        screen.note(f"  and {len(rejected) - 10} more (all of them with --json)")


def _words(code: str) -> str:
    """A reason as people read it: JSON has its code."""
    return code.replace("_", " ")


def show_judged_data(screen: Screen, found: JudgedData) -> None:
    """What has to be known of the data that a model was evaluated on, before its scores."""
    if not screen.json:
        show_rejected(screen, found.rejected)
    show_reading(screen, found, found.modality)
    show_remarks(screen, found.remarks)
    for warning in found.warnings:
        screen.note(f"Warning: {warning}")
    if found.uses is None:
        screen.note("The use of these data could not be recorded: check TOPWORK_STATE_DIR.")
