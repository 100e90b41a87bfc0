"""``topwork adapt --online``: a new domain whose items arrive in batches."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from topwork.data.cells import inert, inert_path, write_table
from topwork.transductive import AdaptResult, AdaptSettings
from topwork.transductive.stream import Step, Stream, batches

if TYPE_CHECKING:
    from topwork.cli.screen import Screen
    from topwork.data import Dataset
    from topwork.model import Model


class StreamResult(BaseModel):
    """What came of a stream of batches.

    Attributes
    ----------
    model
        The model after the last batch.
    answers
        A table of what was said of every item before it was learnt from.
    n_items, n_batches
        Answered items, and how many batches they came in.
    adaptations
        What each adaptation found.
    """

    model_config = ConfigDict(frozen=True)

    model: str
    answers: str
    n_items: int
    n_batches: int
    adaptations: list[AdaptResult]


def adapt_stream(
    screen: Screen,
    model: Model,
    data: Dataset,
    settings: AdaptSettings,
    *,
    size: int,
    out: Path,
) -> None:
    """Answer for so many items at a time, and learn from them."""
    from topwork.model import check_target

    check_target(out)
    table = out.with_name(f"{out.stem}-answers.csv")
    stream = Stream(model, settings)
    taken: list[Step] = []
    try:
        for batch in batches(data, size):
            with screen.steps() as steps:
                taken.append(stream.take(batch, steps=steps))
            screen.say(_sentence(taken))
    finally:
        _write(table, taken, data, [str(label) for label in model.labels])
    stream.model.save(out)
    n = sum(len(step.said) for step in taken)
    screen.say(f"Saved {out}, and {n} answers in {table}.")
    found = [step.result for step in taken if step.result is not None]
    screen.result(
        StreamResult(
            model=str(out), answers=str(table), n_items=n, n_batches=len(taken), adaptations=found
        )
    )


def _sentence(taken: list[Step]) -> str:
    """What happened to the latest batch."""
    last = taken[-1]
    end = sum(len(step.said) for step in taken)
    first = min(end, end - len(last.said) + 1)
    by = f"adapted to {last.adapted_to} items" if last.adapted_to else "as it was"
    said = f"Items {first} to {end}: answered by the model {by}."
    if last.result is None:
        return said
    return f"{said} {last.result.sentences[-1]}"


def _write(table: Path, taken: list[Step], data: Dataset, labels: list[str]) -> None:
    """A row for each answer, safe to open in a spreadsheet."""
    texts = data.kind.name == "text"
    safe = inert if texts else inert_path
    write_table(
        table,
        ("path", "label", "probability", "adapted_to"),
        (
            (
                safe(name),
                inert(labels[code]),
                f"{step.said.probabilities[row, code]:.6f}",
                step.adapted_to,
            )
            for step in taken
            for row, (name, code) in enumerate(zip(step.said.names, step.said.codes, strict=True))
        ),
    )
