"""A sitting: items come, answers go to the disk, and what comes next is planned meanwhile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Condition
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from topwork.errors import DataError, ParameterError
from topwork.labelling.annotation.agreement import agreement
from topwork.labelling.annotation.answer_form import AnswerForm, Value, checked_name
from topwork.labelling.annotation.journal import Answer, How, Journal, seconds_of
from topwork.labelling.annotation.label_file import LabelFile
from topwork.labelling.annotation.planning import Labelled, Plan
from topwork.labelling.annotation.sentences import sentences
from topwork.labelling.annotation.shown_items import Shown, firsts
from topwork.labelling.annotation.state import SittingState
from topwork.labelling.annotation.suggestions import Suggestion, Suggestions
from topwork.labelling.annotation.taking_over import taken_over, unread
from topwork.labelling.annotation.waiting import Waiting
from topwork.labelling.choosing import audit_rows
from topwork.runtime.counted import counted

REFRESH: Final = 10
"""Answers after which what comes next and what is proposed is worked out anew."""

GRID: Final = 24


@dataclass(eq=False)
class Sitting:
    """Labelling by one person; every method may be called by several threads.

    Parameters
    ----------
    items
        What is labelled.
    form
        What an answer is.
    file, journal
        Where answers are kept.
    classes
        Those that are known to exist.
    n_audit
        Items drawn at random that measure accuracy; they come first.
    seed
        Of what is drawn.
    by_name
        Whether a new class changes what is proposed.
    """

    items: Shown
    form: AnswerForm
    file: LabelFile
    journal: Journal
    classes: list[str]
    n_audit: int = 0
    seed: int = 0
    by_name: bool = False
    keys: tuple[bytes, ...] = ()
    notes: list[str] = field(default_factory=list)
    told: str = "Reading"
    error: BaseException | None = None
    _rows: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, np.intp))
    _cells: list[str] = field(default_factory=list)
    _place: dict[str, int] = field(default_factory=dict)
    _values: list[Value] = field(default_factory=list)
    _done: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    _audit: NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, bool))
    _suggestions: Suggestions = field(default_factory=Suggestions)
    _given: dict[int, Value] = field(default_factory=dict)
    _waiting: Waiting = field(default_factory=Waiting)
    _n_since: int = 0
    _new_name: bool = False
    _changed: Condition = field(default_factory=Condition)
    ended: bool = False

    def read(self, keys: Sequence[bytes | None]) -> None:
        """Take the content keys of all items, and with them the labels there are already.

        Raises
        ------
        DataError
            No item can be read, or the table gives one content two labels.
        """
        by_key = firsts(keys)
        if not by_key:
            raise DataError(
                f"None of the {counted(len(self.items), self._kind)} can be read.",
                remedy=self.items.kind.words.accepted,
                code="nothing_readable",
            )
        with self._changed:
            self._rows = np.array(list(by_key.values()), np.intp)
            self.keys = tuple(by_key)
            self._cells = [self.items.cells[row] for row in self._rows]
            self._values = [None] * len(self._rows)
            self._done = np.zeros(len(self._rows), bool)
            self._audit = audit_rows(self.keys, min(self.n_audit, len(self._rows)), self.seed)
            self.notes += unread(keys, self._kind)
            taken = taken_over(self.items, self.file, self.form, by_key)
            self.notes += taken.notes
            self._place = {cell: i for i, cell in enumerate(self._cells)}
            for i, cell in taken.cells.items():
                self._cells[i] = cell
                self._place[cell] = i
            self._take_over(taken.values)
            rng = np.random.default_rng(self.seed)
            self._waiting.order = rng.permutation(np.flatnonzero(~self._audit)).tolist()
            self._new_name = False
            self._changed.notify_all()

    def leave_out(self, keys: Collection[bytes]) -> None:
        """Ask no more about items that turned out to be unreadable."""
        with self._changed:
            bad = [i for i, key in enumerate(self.keys) if key in keys]
            self._done[bad] = True
            self._audit[bad] = False
            if bad:
                self.notes.append(f"{counted(len(bad), self._kind)} can't be decoded: left out.")

    def tell(self, step: str, done: int, total: int) -> None:
        """Say what is being done; an empty step for nothing."""
        self.told = f"{step}: {done:,} of {total:,}" if step else ""

    def failed(self, error: BaseException) -> None:
        """Say that no more plans will come; answers are still taken where items were read."""
        with self._changed:
            self.told = f"Stopped: {error}"
            self.error = error
            self._changed.notify_all()

    def plan(self, plan: Plan) -> None:
        """Take what a planner worked out."""
        with self._changed:
            self._suggestions.plan = plan

    def propose(self, proposed: Mapping[int, tuple[Value, float]]) -> None:
        """Take what a model says of items, until the answers themselves teach another one."""
        with self._changed:
            self._suggestions.of_model.update(proposed)
            for value, _ in proposed.values():
                for name in self.form.classes(value):
                    self._know(name)

    @property
    def current_plan(self) -> Plan:
        """The last one."""
        return self._suggestions.plan

    def open_rows(self) -> list[tuple[int, int]]:
        """Items outside of the audit without an answer, and their rows, the next ones first."""
        with self._changed:
            first = dict.fromkeys([*self._upcoming(), *self._waiting.order])
            return [
                (i, int(self._rows[i])) for i in first if not self._done[i] and not self._audit[i]
            ]

    def wait_for_change(self, seconds: float) -> Labelled | None:
        """What is known, once so many answers have come that a new plan is due; ``None`` if not."""
        with self._changed:
            self._changed.wait_for(lambda: self.ended or self._due(), seconds)
            if self.ended or not self._due():
                return None
            self._n_since, self._new_name = 0, False
            return self.known()

    def known(self) -> Labelled:
        """What is known of the items now."""
        with self._changed:
            return Labelled(
                tuple(self._values),
                self._done.copy(),
                self._audit.copy(),
                tuple(self.classes),
                self.form.name in ("classes", "ordinal"),
            )

    def end(self) -> None:
        """Wake up those who wait, for good."""
        with self._changed:
            self.ended = True
            self._changed.notify_all()

    def state(self, shown: int = -1) -> SittingState:
        """How far it is, what comes next, and what is known now of an item that is shown."""
        with self._changed:
            ready = bool(len(self._rows))
            waits = 0 <= shown < len(self._rows) and not self._done[shown]
            done = [value for value in self._values if value is not None]
            counts = Counter(n for value in done for n in self.form.classes(value))
            return SittingState(
                ready=ready,
                told=self.told,
                next=[self._shown(i) for i in self._upcoming()] if ready else [],
                shown=self._shown(shown) if waits else None,
                counts={name: counts.get(name, 0) for name in self.classes},
                n_items=len(self._rows),
                n_labelled=len(done),
                n_audit=int(self._audit.sum()),
                n_audit_left=int((self._audit & ~self._done).sum()),
                classes=list(self.classes),
                can_undo=bool(self.journal.actions),
                sentences=sentences(self.current_plan, agreement(self.journal.actions)),
                notes=list(self.notes),
            )

    def answer(self, answers: Sequence[Mapping[str, Any]], *, grid: bool = False) -> None:
        """Keep answers: each with ``id``, ``value``, ``suggested`` and ``seconds``.

        They are on the disk when this returns.

        Raises
        ------
        ParameterError
            One of them is none.
        """
        with self._changed:
            taken = [self._answer(one, grid=grid) for one in answers]
            if not taken:
                return
            self.journal.answer([answer for _, answer in taken])
            for i, answer in taken:
                if answer.how == "repeat":
                    self._waiting.again.pop(i, None)
                    continue
                self._keep(i, answer.value)
                self._n_since += 1
                self._waiting.answered(i)
            self._write([i for i, answer in taken if answer.how != "repeat"])
            for _, answer in taken:
                for name in self.form.classes(answer.value):
                    self._know(name)
            self._waiting.choose_again(self.journal.actions, self._place, self.seed)
            if self._due():
                self._changed.notify_all()

    def undo(self) -> list[int]:
        """Take the last key or click back; the items that it was about come first again."""
        with self._changed:
            answers = self.journal.undo()
            touched = []
            for answer in answers:
                if (i := self._place.get(answer.item)) is None:
                    continue
                if answer.how == "repeat":
                    self._waiting.again[i] = None
                else:
                    before = self.journal.value_of(answer.item)
                    self._values[i] = before.value if before else answer.before
                    self._done[i] = before is not None or answer.before is not None
                    self._waiting.again.pop(i, None)
                    if not self._done[i]:
                        self._waiting.put_back(i)
                touched.append(i)
            self._write(touched)
            return touched

    def add_class(self, name: object) -> str:
        """Add a class; the name as it is kept.

        Raises
        ------
        ParameterError
            It is no name.
        """
        with self._changed:
            checked = checked_name(name)
            if checked not in self.classes:
                self.journal.add_class(checked)
                self._know(checked)
                self._changed.notify_all()
            return checked

    def grid(self, name: str) -> list[Mapping[str, Any]]:
        """Items that are proposed to be of one class, the most probable first."""
        with self._changed:
            found = [
                (probability, i)
                for probability, i in self._suggestions.naming(name)
                if not self._done[i] and not self._audit[i]
            ]
            return [self._shown(i) for _, i in sorted(found, reverse=True)[:GRID]]

    def row(self, number: int) -> int:
        """The row of an item among all; `ParameterError` where it is none."""
        with self._changed:
            if not 0 <= number < len(self._rows):
                raise _unknown(number)
            return int(self._rows[number])

    def _shown(self, i: int) -> Mapping[str, Any]:
        again, audit = i in self._waiting.again, bool(self._audit[i])
        found = Suggestion() if again or audit else self._suggestions.of(i)
        return {
            "id": i,
            "texts": self.items.texts(int(self._rows[i])),
            "audit": audit and not again,
            "suggested": found.value,
            "probability": found.probability,
            "source": found.source,
        }

    def _upcoming(self) -> list[int]:
        planned = (choice.row for choice in self.current_plan.choices)
        return self._waiting.upcoming(~self._done, self._audit, planned)

    def _answer(self, one: Mapping[str, Any], *, grid: bool) -> tuple[int, Answer]:
        number = one.get("id")
        if not isinstance(number, int) or not 0 <= number < len(self._rows):
            raise _unknown(number)
        value = self.form.checked(one.get("value"))
        suggested = self.form.checked(one.get("suggested"))
        how: How = "single"
        if number in self._waiting.again:
            how = "repeat"
        elif value is None:
            how = "skipped"
        elif self._audit[number]:
            how = "audit"
        elif grid:
            how = "grid"
        elif suggested is not None and value == suggested:
            how = "suggested"
        cell, before = self._cells[number], self._given.get(number)
        return number, Answer(cell, value, how, suggested, seconds_of(one), before)

    def _keep(self, i: int, value: Value) -> None:
        self._values[i] = value
        self._done[i] = True

    def _write(self, positions: Sequence[int]) -> None:
        for split, part in (
            ("test", [i for i in positions if self._audit[i]]),
            ("train", [i for i in positions if not self._audit[i]]),
        ):
            if part:
                rows = {self._cells[i]: self.form.rows(self._values[i]) for i in part}
                self.file.put(rows, split=split)

    def _know(self, name: str) -> None:
        if name not in self.classes:
            self.classes.append(name)
            self._new_name = self.by_name

    def _due(self) -> bool:
        return self._n_since >= REFRESH or self._new_name

    def _take_over(self, written: Mapping[int, Value]) -> None:
        """What the table says, and what the journal says last where a crash kept it from there."""
        actions = self.journal.actions
        known = {answer.item for action in actions for answer in action}
        for i, value in written.items():
            self._keep(i, value)
            if self._cells[i] not in known:
                self._given[i] = value
        for answer in (answer for action in actions for answer in action):
            i = self._place.get(answer.item, -1)
            if i >= 0 and answer.how == "skipped":
                self._done[i] = True
            self._waiting.n_again += answer.how == "repeat"
        changed = []
        for answer, before in self.journal.last_change():
            i = self._place.get(answer.item, -1)
            if i >= 0 and self._values[i] in (None, before):
                self._values[i] = answer.value
                self._done[i] = answer.how == "skipped" or answer.value is not None
                changed.append(i)
        self._write(changed)
        given = (name for value in self._values for name in self.form.classes(value))
        for name in (*given, *self.journal.classes):
            self._know(name)

    @property
    def _kind(self) -> str:
        return "pair" if self.form.name == "pairs" else self.items.kind.name


def _unknown(number: object) -> ParameterError:
    return ParameterError(
        f"There is no item {number}.", remedy="Reload the page.", code="unknown_item"
    )
