"""The result of one benchmark: a table for people, targets met or missed, a JSON file to commit."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from benchmarks.quiet import OtherWork, asked_anyway, wait_for_quiet

RESULTS = Path(__file__).parent / "results"

_ANYWAY = asked_anyway(sys.argv)


class Record:
    """Collects what a benchmark finds, printing it on the way.

    A busy machine is waited for, and then refused unless the command has ``--anyway``.

    Parameters
    ----------
    name
        Of the benchmark, and of its JSON file.

    Raises
    ------
    SystemExit
        The machine is busy.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self._load = wait_for_quiet(anyway=_ANYWAY)
        self._others = OtherWork()
        self._commit, self._changed = commit()
        self._results: dict[str, Any] = {}
        self._targets: list[dict[str, Any]] = []
        self._skipped: list[str] = []

    def table(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Rows under headings, kept as one object a row."""
        cells = [list(headings), *([_shown(cell) for cell in row] for row in rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(headings))]
        print(f"\n{title}")
        for row in cells:
            numbers = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
            print("  " + "  ".join([row[0].ljust(widths[0]), *numbers]), flush=True)
        self._results[title] = [
            {h: _rounded(cell) for h, cell in zip(headings, row, strict=True)} for row in rows
        ]

    def note(self, what: str, value: Any) -> None:
        """One fact."""
        print(f"{what}: {_shown(value)}", flush=True)
        self._results[what] = _rounded(value)

    def target(
        self, what: str, value: float, *, least: float | None = None, most: float | None = None
    ) -> None:
        """A number held against what it must be."""
        met = (least is None or value >= least) and (most is None or value <= most)
        bound = f"at least {least:g}" if least is not None else f"at most {most:g}"
        print(
            f"{'MET   ' if met else 'MISSED'} {what}: {_shown(value)}, target {bound}", flush=True
        )
        self._targets.append(
            {"what": what, "value": _rounded(value), "target": bound, "met": bool(met)}
        )

    def skip(self, what: str) -> None:
        """A part that was left out, and why."""
        print(f"SKIPPED {what}", flush=True)
        self._skipped.append(what)

    def write(self) -> None:
        """Write the JSON file."""
        RESULTS.mkdir(exist_ok=True)
        found = {
            "benchmark": self._name,
            "commit": self._commit,
            "uncommitted_changes": self._changed,
            "date": datetime.now(UTC).date().isoformat(),
            "machine": machine(),
            "load_average_at_start": _rounded(self._load),
            "cores_busy_with_other_work": _rounded(self._others.cores()),
            "targets": self._targets,
            "skipped": self._skipped,
            "results": self._results,
        }
        text = json.dumps(found, indent=1, ensure_ascii=False)
        (RESULTS / f"{self._name}.json").write_text(text + "\n", encoding="utf-8")


def commit() -> tuple[str | None, bool]:
    """The commit that is measured, and whether the product's code differs from it."""
    head = _git("rev-parse", "--short=10", "HEAD")
    return head, bool(_git("status", "--porcelain", "--", "src", "benchmarks/*.py"))


def _git(*arguments: str) -> str | None:
    done = subprocess.run(
        ["git", *arguments], cwd=RESULTS.parent, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() if done.returncode == 0 else None


def _rounded(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    if isinstance(value, bool | int | str) or value is None:
        return value
    return float(f"{float(value):.4g}")


def _shown(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(_shown(v) for v in value)
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"
    return "–" if value is None else str(value)
