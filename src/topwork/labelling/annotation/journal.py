"""Everything that was answered, in order, so that it can be taken back and counted."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal

from topwork.errors import DataError
from topwork.labelling.annotation.answer_form import Value

How = Literal["single", "suggested", "grid", "audit", "repeat", "skipped"]
"""Typed without having seen a suggestion's class taken; a suggestion taken; one of many at once;
drawn at random for measuring accuracy; asked again blind; left without a label."""

SUFFIX: Final = ".journal.jsonl"


@dataclass(frozen=True, slots=True)
class Answer:
    """One item's answer.

    Parameters
    ----------
    item
        The cell that names it in the table.
    value
        What was answered.
    how
        In which way.
    suggested
        What the page proposed, if it did.
    seconds
        From the moment that the item was seen.
    before
        What the table said when it was first read, before any answer.
    """

    item: str
    value: Value
    how: How
    suggested: Value = None
    seconds: float = 0.0
    before: Value = None


@dataclass(slots=True)
class Journal:
    """Actions in a file of JSON lines, each on the disk before the next one is taken.

    An action is a list of answers, that of one key or one click. Taking back is a line, too.

    Parameters
    ----------
    file
        Where.
    actions
        Those that stand.
    classes
        Names that were added on the page.

    Raises
    ------
    DataError
        A line in the middle of the file is not one of its own.
    """

    file: Path
    actions: list[list[Answer]] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    _taken_back: list[Answer] = field(default_factory=list)

    @classmethod
    def opened(cls, file: Path) -> Journal:
        """The journal in a file, new where there is none; a line torn by a crash is left out."""
        journal = cls(file)
        if not file.exists():
            return journal
        data = file.read_bytes()
        whole = data.rfind(b"\n") + 1
        for number, line in enumerate(data[:whole].splitlines(), 1):
            try:
                journal._take(json.loads(line))
            except (ValueError, TypeError, KeyError) as error:
                raise DataError(
                    f"Line {number} of {file} is damaged.",
                    remedy="Move the file away: the labels themselves are in the table beside it.",
                    code="damaged_journal",
                ) from error
        if whole < len(data):
            with file.open("r+b") as stream:
                stream.truncate(whole)
        return journal

    def answer(self, answers: Sequence[Answer]) -> None:
        """Write an action down."""
        self._write({"do": "answer", "answers": [asdict(answer) for answer in answers]})
        self.actions.append(list(answers))

    def add_class(self, name: str) -> None:
        """Write down that a class exists."""
        self._write({"do": "class", "name": name})
        self.classes.append(name)

    def undo(self) -> list[Answer]:
        """Take the last action back and give its answers; an empty list where there is none."""
        if not self.actions:
            return []
        self._write({"do": "undo"})
        return self.actions.pop()

    def value_of(self, item: str) -> Answer | None:
        """The last answer about an item that stands, those given blind left out."""
        for action in reversed(self.actions):
            for answer in action:
                if answer.item == item and answer.how != "repeat":
                    return answer
        return None

    def last_change(self) -> list[tuple[Answer, Value]]:
        """What the last line says of items, and what held before it.

        A process that was killed may have written that line and not yet the table.
        """
        if self._taken_back:
            return [
                (self.value_of(a.item) or replace(a, value=a.before, how="single"), a.value)
                for a in self._taken_back
                if a.how != "repeat"
            ]
        last = [a for a in (self.actions[-1] if self.actions else []) if a.how != "repeat"]
        earlier = replace(self, actions=self.actions[:-1])
        before = {a.item: earlier.value_of(a.item) for a in last}
        return [(a, found.value if (found := before[a.item]) else a.before) for a in last]

    def _take(self, line: dict[str, Any]) -> None:
        self._taken_back = []
        if line["do"] == "answer":
            self.actions.append([_answer(one) for one in line["answers"]])
        elif line["do"] == "undo":
            if self.actions:
                self._taken_back = self.actions.pop()
        elif line["do"] == "class":
            self.classes.append(str(line["name"]))

    def _write(self, line: dict[str, Any]) -> None:
        when = datetime.now(UTC).isoformat(timespec="seconds")
        text = json.dumps({**line, "when": when})
        with self.file.open("ab") as stream:
            stream.write(text.encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())


def seconds_of(told: Mapping[str, Any]) -> float:
    """How long an answer took, to a hundredth; 0 where that is no sensible number.

    Examples
    --------
    >>> seconds_of({"seconds": 1.234}), seconds_of({"seconds": -1}), seconds_of({})
    (1.23, 0.0, 0.0)
    """
    seconds = told.get("seconds", 0.0)
    if not isinstance(seconds, int | float) or not 0 <= seconds < 1e7:
        return 0.0
    return round(float(seconds), 2)


def _answer(one: dict[str, Any]) -> Answer:
    return Answer(
        str(one["item"]),
        one["value"],
        one["how"],
        one.get("suggested"),
        float(one.get("seconds", 0.0)),
        one.get("before"),
    )
