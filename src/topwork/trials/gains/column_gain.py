"""What items and the columns beside them add to each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from topwork.metrics.paired import PairedTest, paired_items
from topwork.trials.columns.blocks import COLUMNS
from topwork.trials.columns.trees import TREES
from topwork.trials.comparison import ModelComparison
from topwork.trials.head_candidates import HeadCandidate, Integers, LossWords
from topwork.trials.trial import MAJORITY, Trial


class ColumnGain(BaseModel):
    """What items and the columns beside them add to each other, on the same held-out items.

    Attributes
    ----------
    used
        What the selected model learns from: ``both``, ``columns``, ``items``, or ``neither``.
    items_add
        How much better both together are than the columns alone: balanced accuracy, or the loss
        that candidates are compared by, which is lower.
    columns_add
        How much better they are than the items alone.
    sentence
        The same for people.
    """

    model_config = ConfigDict(frozen=True)

    used: str
    items_add: PairedTest
    columns_add: PairedTest
    sentence: str


def column_gains(
    beside: Sequence[Trial],
    transfer: Trial,
    chosen: Trial,
    comparison: ModelComparison,
    trees: Trial | None = None,
) -> ColumnGain | None:
    """The gains of classes; None where no column was learnt from.

    Parameters
    ----------
    beside
        The columns alone first, all blocks together last.
    trees
        Boosted trees on the columns, which are only compared with.
    """
    alone = next((t for t in beside if t.candidate.name == COLUMNS), None)
    if alone is None:
        return None
    *more, both = beside
    networks = [transfer, *(trial for trial in more if trial.above)]
    network = min(networks, key=lambda trial: float(trial.losses.mean()))

    def told(what: str, gain: PairedTest, to: str) -> str:
        if comparison.costs is not None:
            return f"{what} lower the mean cost of {to} by {_interval(gain, '{:.3f}')}"
        points = _interval(_times(gain, 100), "{:.1f}", " points of balanced accuracy")
        return f"{what} add {points} to {to}"

    name = chosen.candidate.name
    used = {alone.candidate.name: "columns", both.candidate.name: "both"}.get(name, "items")
    if chosen.candidate.head == MAJORITY.head:
        used = "neither"
    instead = "" if used != "items" or chosen is transfer or chosen.above else name
    items = f"{transfer.frozen.data.kind.name}s"
    gains = comparison.lead(both, alone), comparison.lead(both, network)
    better = None if trees is None else comparison.lead(trees, chosen)
    return _gain(used, items, gains, told, better=better, instead=instead)


def head_gains(
    candidates: Sequence[HeadCandidate[Any, Any]],
    chosen: HeadCandidate[Any, Any],
    folds: Integers,
    groups: Integers,
    words: LossWords,
) -> ColumnGain | None:
    """The same of other tasks: by how much the loss is lower."""
    both = next((c for c in candidates if c.side is not None and c.side.together), None)
    if both is None:
        return None
    alone = next(c for c in candidates if c.name == COLUMNS)
    networks = [
        c for c in candidates if not c.baseline and (c.side is None or c.side.encoding is None)
    ]
    network = min(networks, key=lambda candidate: float(candidate.losses.mean()))

    def lead(over: HeadCandidate[Any, Any], of: HeadCandidate[Any, Any] = both) -> PairedTest:
        return paired_items(over.losses - of.losses, groups=groups, n_folds=len(np.unique(folds)))

    def told(what: str, gain: PairedTest, to: str) -> str:
        lower = _interval(gain, words.difference)
        return f"{what} lower the {words.name} of {to} by {lower}"

    used = "both" if chosen is both else "columns" if chosen is alone else "items"
    used = "neither" if chosen.nested is None else used
    instead = "" if used != "items" or chosen in networks else chosen.name
    items = f"{both.frozen.data.kind.name}s"
    trees = next((c for c in candidates if c.name == TREES), None)
    better = None if trees is None else lead(chosen, of=trees)
    gains = lead(alone), lead(network)
    return _gain(used, items, gains, told, better=better, instead=instead)


def _gain(
    used: str,
    items: str,
    gains: tuple[PairedTest, PairedTest],
    told: Callable[[str, PairedTest, str], str],
    *,
    better: PairedTest | None,
    instead: str,
) -> ColumnGain:
    """What is said of gains.

    Parameters
    ----------
    better
        What boosted trees are better by than the selected model.
    instead
        The selected model, where it is another baseline that sees the items.
    """
    items_add, columns_add = gains
    by_items = told(f"the {items}", items_add, "the columns")
    by_columns = told("the columns", columns_add, f"the {items}")
    sentences = {
        "both": f"{by_items[0].upper()}{by_items[1:]}, and {by_columns}.",
        "columns": f"The columns are enough: {by_items}.",
        "items": f"The {items} are enough: {by_columns}.",
        "neither": f"Neither the {items} nor the columns are used: nothing is surely better with "
        "them.",
    }
    sentence = sentences[used]
    if instead:
        sentence = f"The columns are not used: nothing is surely better with them than {instead}."
    if better is not None and better.low is not None and better.low > 0:
        trees = told(TREES, better, "the selected model")
        sentence += f" {trees[0].upper()}{trees[1:]}: also fit the table without the {items}."
    return ColumnGain(used=used, items_add=items_add, columns_add=columns_add, sentence=sentence)


def _interval(gain: PairedTest, form: str, unit: str = "") -> str:
    def shown(value: float) -> str:
        return form.format(value).replace("-", "−")

    if gain.low is None or gain.high is None:
        return f"{shown(gain.difference)}{unit}"
    interval = f"95 % confidence interval {shown(gain.low)} to {shown(gain.high)}"
    return f"{shown(gain.difference)}{unit} ({interval})"


def _times(gain: PairedTest, by: float) -> PairedTest:
    low, high = (None if end is None else by * end for end in (gain.low, gain.high))
    return gain.model_copy(update={"difference": by * gain.difference, "low": low, "high": high})
