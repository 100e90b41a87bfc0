"""``topwork adapt --online``: a new domain whose items arrive in batches."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ConfigDict

from topwork.cli.class_predictions import write_predictions
from topwork.cli.prediction import Prediction, listed
from topwork.data.json_object import JsonObject
from topwork.features.rejected import RejectedRecord
from topwork.model.continual.previous import save_beside_previous
from topwork.runtime.counted import counted
from topwork.transductive import AdaptResult
from topwork.transductive.stream import Step, Stream, batches

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.model import Model


class StreamResult(JsonObject):
    """What came of a stream of batches.

    Attributes
    ----------
    model
        The model after the last batch.
    answers
        A table of what was said of every item before it was learnt from.
    n_items, n_batches
        Answered items, and how many batches they came in.
    rejected
        Items that could not be read.
    adaptations
        What each adaptation found.
    problems
        Why adaptations failed, if some did.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    answers: str
    n_items: int
    n_batches: int
    rejected: list[RejectedRecord]
    adaptations: list[AdaptResult]
    problems: list[str]


def adapt_stream(
    screen: Screen,
    stream: Stream,
    data: Dataset,
    *,
    size: int,
    out: Path,
) -> None:
    """Answer for so many items at a time, and learn from them.

    What was answered and learnt is written even if it is interrupted.
    """
    from topwork.cli.show import show_rejected
    from topwork.model import check_target

    parts = batches(data, size)
    check_target(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    written = _Written(stream.start, out.with_name(f"{out.stem}-answers.csv"))
    try:
        for part in parts:
            with screen.steps() as steps:
                step = stream.take(part, steps=steps)
            written.add(part, step)
            screen.print_line(_sentence(step, len(written.answers)))
    finally:
        if written.steps:
            written.save()
            if (earlier := save_beside_previous(stream.model, out)) is not None:
                screen.print_line(f"The model that was there before is now {earlier}.")
    result = written.result(out)
    if not screen.json:
        show_rejected(screen, result.rejected)
    screen.print_line(
        f"Saved {out}, and {counted(result.n_items, 'prediction')} in {result.answers}."
    )
    screen.result(result)


def _sentence(step: Step, end: int) -> str:
    """What happened to a batch whose last answer is number ``end``."""
    if not len(step.predicted):
        return "None of the items of this batch can be read."
    by = (
        f"the model adapted to {step.adapted_to} items" if step.adapted_to else "the original model"
    )
    sentence = f"Items {end - len(step.predicted) + 1} to {end}: predicted by {by}."
    more = step.result.sentences[-1] if step.result else step.problem
    return f"{sentence} {more}" if more else sentence


@dataclass(eq=False)
class _Written:
    """What was answered so far, and the table that it goes to."""

    model: Model
    table: Path
    steps: list[Step] = field(default_factory=list)
    answers: list[Prediction] = field(default_factory=list)

    def add(self, part: Dataset, step: Step) -> None:
        self.steps.append(step)
        self.answers += listed(self.model, part.items, step.predicted, 1)

    def save(self) -> None:
        learnt = [step.adapted_to for step in self.steps for _ in range(len(step.predicted))]
        write_predictions(self.table, self.answers, {"adapted_to": learnt})

    def result(self, out: Path) -> StreamResult:
        rejected = [r for step in self.steps for r in step.predicted.rejected]
        return StreamResult(
            task="classes",
            modality=self.model.card.kind,
            model=str(out),
            answers=str(self.table),
            n_items=len(self.answers),
            n_batches=len(self.steps),
            rejected=RejectedRecord.of(rejected),
            adaptations=[step.result for step in self.steps if step.result is not None],
            problems=[step.problem for step in self.steps if step.problem],
        )
