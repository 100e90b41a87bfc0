"""What the user sees: results on standard output, progress and messages on standard error."""

from __future__ import annotations

import json
import math
import os
import re
import sys
import time
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.console import Console, ConsoleOptions

    from topwork.runtime.progress import Progress

PATIENCE = 2.0
"""Seconds that a step may take before its progress is shown."""

_WIDEST = 400
"""Characters of a line that may run on."""

_LONGEST_CELL = 300
"""Characters that are shown of a cell, which may be a whole document."""


_UNSEEN = re.compile("[\\x7f-\\x9f\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069]")
"""What a terminal might obey and JSON allows in texts; there it is written as an escape."""


def plain(text: object) -> str:
    """``text`` without anything that a terminal would obey: controls, escapes, direction marks."""
    kept = (
        c if unicodedata.category(c)[0] != "C" or c == " " else "\N{REPLACEMENT CHARACTER}"
        for c in str(text)
    )
    return "".join(kept)


def as_json(record: BaseModel) -> str:
    """A record as JSON; a byte of a file's name that is no UTF-8 is escaped as half a character.

    Python's ``json.loads`` gives back the name that opens the file.
    """
    try:
        return record.model_dump_json()
    except ValueError:  # a name that is no UTF-8
        return json.dumps(_finite(record.model_dump(mode="json")), separators=(",", ":"))


def _finite(value: Any) -> Any:
    """The same with null for numbers that JSON has no word for."""
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


class Screen:
    """Prints one command's results.

    Parameters
    ----------
    json
        Print one JSON object and nothing else on standard output.
    quiet
        Show neither progress nor results.
    """

    def __init__(self, *, json: bool = False, quiet: bool = False) -> None:
        self.json, self.quiet = json, quiet

    @property
    def _silent(self) -> bool:
        return self.json or self.quiet

    def print_line(self, text: str = "", *, style: str | None = None) -> None:
        """A line of the result."""
        if not self._silent:
            _out().print(plain(text), style=style, markup=False, highlight=False)

    def note(self, text: str) -> None:
        """A message beside the result, on standard error."""
        if not self.quiet:
            print(plain(text), file=sys.stderr)

    def notes(self, texts: Sequence[str]) -> None:
        """Several of them."""
        for text in texts:
            self.note(f"Note: {text}")

    def table(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[object]],
        *,
        folded: bool = True,
        optional: Sequence[str] = (),
    ) -> None:
        """A table; the first column is text, the others are numbers.

        Parameters
        ----------
        folded
            Whether cells are folded where there is no terminal; else the lines run on.
        optional
            Headings of columns that a narrow terminal goes without, the least important first.
        """
        if self._silent:
            return
        from rich.box import SIMPLE
        from rich.table import Table
        from rich.text import Text

        from topwork.cli.fitted_table import fitted

        out, table = _out(), Table(box=SIMPLE, pad_edge=False)
        cells = [[_cell(cell) for cell in row] for row in rows]
        widths: list[int | None] = [None] * len(headings)
        if fits := sys.stdout.isatty() or "COLUMNS" in os.environ:
            headings, cells, found = fitted(headings, cells, out.width, optional=optional)
            widths = [*found]
        for i, heading in enumerate(headings):
            side: Literal["left", "right"] = "left" if i == 0 else "right"
            table.add_column(heading, justify=side, overflow="fold", width=widths[i])
        for row in cells:
            table.add_row(*map(Text, row))
        if not (folded or fits):
            out.width = max(out.width, out.measure(table, options=_unbounded(out)).maximum)
        out.print(table)

    def result(self, record: BaseModel) -> None:
        """The JSON object, if it was asked for."""
        if self.json:
            print(_UNSEEN.sub(lambda c: f"\\u{ord(c[0]):04x}", as_json(record)))

    @contextmanager
    def steps(self) -> Iterator[Steps]:
        """Progress of one command."""
        steps = Steps(visible=not self.quiet)
        try:
            yield steps
        finally:
            steps.close()


class Steps:
    """Shows how far each long step is, and when it will be done.

    Calling it with a step's name gives the function to report with.
    """

    def __init__(self, *, visible: bool) -> None:
        self._visible = visible
        self._bars: Any = None

    def __call__(self, name: str) -> Progress:
        from topwork.runtime.progress import printed_steps, silent

        if not self._visible:
            return silent
        return self._redrawn(name) if sys.stderr.isatty() else printed_steps(name)

    def close(self) -> None:
        """Remove the bars."""
        if self._bars is not None:
            self._bars.stop()

    def _redrawn(self, name: str) -> Progress:
        begun = 0.0
        task: Any = None

        def report(done: int, total: int) -> None:
            nonlocal begun, task
            begun = begun or time.monotonic()
            if task is None:
                if time.monotonic() - begun < PATIENCE or done >= total:
                    return
                task = self._started().add_task(name, total=total)
            self._bars.update(task, completed=done, total=total, visible=done < total)

        return report

    def _started(self) -> Any:
        if self._bars is None:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Bars

            columns = (
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
            )
            self._bars = Bars(*columns, console=Console(stderr=True), transient=True)
            self._bars.start()
        return self._bars


def _cell(value: object) -> str:
    text = plain(value)
    return text if len(text) <= _LONGEST_CELL else f"{text[:_LONGEST_CELL]} …"


def _unbounded(out: Console) -> ConsoleOptions:
    return out.options.update(max_width=_WIDEST)


def _out() -> Console:
    from rich.console import Console

    return Console(file=sys.stdout, soft_wrap=True)
