"""The tables of results in README.md and benchmarks/README.md, made from the JSON files.

`python -m benchmarks.tables` writes them anew between their markers; a test holds that the files
say what the results say.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.headlines import HEADLINES
from benchmarks.quiet import MAX_LOAD, MAX_OTHER_WORK
from benchmarks.record import RESULTS

HERE = Path(__file__).parent
ROOT = HERE.parent
BUSY = "†"

Result = dict[str, Any]


def results() -> dict[str, Result]:
    """Every recorded result by the name of its benchmark."""
    found = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))
    ]
    return {result["benchmark"]: result for result in found}


def targets_table(found: dict[str, Result]) -> list[str]:
    """One row per benchmark: what it shows, its numbers beside their targets, when it was run."""
    rows = ["| command | what it shows | results (target) | measured |", "|---|---|---|---|"]
    for name, result in found.items():
        cells = (f"`python -m benchmarks.{name}`", _purpose(name), _targets(result), when(result))
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def headlines_table(found: dict[str, Result]) -> list[str]:
    """The numbers that the README shows."""
    rows = ["| what | result | command | measured |", "|---|---|---|---|"]
    for line in HEADLINES:
        if line.benchmark not in found:
            continue
        result = found[line.benchmark]
        command = f"`python -m benchmarks.{line.benchmark}`"
        rows.append(f"| {line.what} | {line.value(result)} | {command} | {when(result)} |")
    return rows


def when(result: Result) -> str:
    """Date and commit, and a mark where other work ran beside."""
    if not result.get("commit"):
        said = "commit not recorded"
    else:
        said = f"{result['date']}, {result['commit']}" + "+" * bool(result["uncommitted_changes"])
    return said + (f" {BUSY}" if busy(result) else "")


def busy(result: Result) -> bool:
    """Whether the machine had other work to do."""
    others = result.get("cores_busy_with_other_work") or 0.0
    return result["load_average_at_start"] > MAX_LOAD or others > MAX_OTHER_WORK


def _purpose(name: str) -> str:
    """The first sentence of the benchmark's docstring."""
    text = ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))) or ""
    return " ".join(text.split("\n\n")[0].split()).removesuffix(".").replace("|", "\\|")


def _targets(result: Result) -> str:
    said = [
        f"{t['what']}: {shown(t['value'])} ({t['target']}{'' if t['met'] else ', **missed**'})"
        for t in result["targets"]
    ]
    skipped = [f"skipped: {what}" for what in result["skipped"]]
    return "; ".join([*said, *skipped]).replace("|", "\\|") or "no targets: see the JSON file"


def shown(value: Any) -> str:
    """A number with four digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def between(text: str, marker: str, rows: Iterable[str]) -> str:
    """The text with what stands between the marker's comments replaced.

    Raises
    ------
    ValueError
        The markers are not there.
    """
    start, end = f"<!-- {marker} -->", f"<!-- end of {marker} -->"
    head, opened, rest = text.partition(start)
    _, closed, tail = rest.partition(end)
    if not opened or not closed:
        raise ValueError(f"{start} ... {end} is missing")
    return "\n".join([head + start, *rows, end]) + tail


TABLES: Sequence[tuple[Path, str, Callable[[dict[str, Result]], list[str]]]] = (
    (ROOT / "README.md", "results", headlines_table),
    (HERE / "README.md", "results", targets_table),
)
"""Files, markers, and what makes the table."""


def main() -> None:
    found = results()
    for path, marker, table in TABLES:
        text = path.read_text(encoding="utf-8")
        path.write_text(between(text, marker, table(found)), encoding="utf-8")
        print(f"wrote the table of {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
