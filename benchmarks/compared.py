"""Recorded results of two commits side by side, as a table for a decision record.

`python -m benchmarks.compared COMMIT NAME...` holds the targets recorded at that commit against
those recorded now; a target is known by what it says.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

from benchmarks.record import RESULTS
from benchmarks.tables import Result, results, shown, when


def recorded_at(commit: str, name: str) -> Result | None:
    """The result of a benchmark in that commit; None where there was none."""
    path = f"{commit}:./{name}.json"
    done = subprocess.run(
        ["git", "show", path], cwd=RESULTS, capture_output=True, text=True, check=False
    )
    return json.loads(done.stdout) if done.returncode == 0 else None


def compared(before: Result | None, now: Result) -> list[tuple[str, str, str, str]]:
    """What each target says, its number before and now, and the target."""
    known: dict[str, list[Any]] = {}
    for target in before["targets"] if before else ():
        known.setdefault(target["what"], []).append(target["value"])
    rows = []
    for target in now["targets"]:
        values = known.get(target["what"])
        old = shown(values.pop(0)) if values else "–"
        missed = "" if target["met"] else ", **missed**"
        rows.append((target["what"], old, shown(target["value"]), target["target"] + missed))
    return rows


def markdown(commit: str, names: Sequence[str], found: dict[str, Result]) -> list[str]:
    """The lines of the table."""
    lines = [f"| benchmark | number | {commit} | now | target |", "|---|---|---|---|---|"]
    for name in names:
        if name not in found:
            raise SystemExit(f"benchmarks.{name} has no recorded result; run it first.")
        for what, old, new, target in compared(recorded_at(commit, name), found[name]):
            cells = (f"{name} ({when(found[name])})", what, old, new, target)
            lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return lines


def main(arguments: Sequence[str] = sys.argv[1:]) -> None:
    if len(arguments) < 2:
        raise SystemExit((__doc__ or "").strip())
    commit, *names = arguments
    print("\n".join(markdown(commit, names, results())))


if __name__ == "__main__":
    main()
