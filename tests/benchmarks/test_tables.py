"""What the documents say of measurements is what the recorded results say."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.headlines import HEADLINES
from benchmarks.tables import TABLES, between, busy, results, when


@pytest.mark.parametrize(("path", "marker", "table"), TABLES, ids=["project", "benchmarks"])
def test_tables_are_made_from_the_results(path: Any, marker: str, table: Any) -> None:
    text = path.read_text(encoding="utf-8")
    assert between(text, marker, table(results())) == text, "run: python -m benchmarks.tables"


def test_a_changed_result_changes_the_table() -> None:
    path, marker, table = TABLES[0]
    found = results()
    found["kill"]["targets"][0]["value"] = 7
    text = path.read_text(encoding="utf-8")
    assert between(text, marker, table(found)) != text


def test_every_headline_has_its_result() -> None:
    found = results()
    assert {line.benchmark for line in HEADLINES} <= set(found)
    assert all(line.value(found[line.benchmark]) for line in HEADLINES)


@pytest.mark.parametrize(
    ("load", "others", "marked"), [(0.2, 0.0, False), (0.51, 0.0, True), (0.2, 0.3, True)]
)
def test_results_from_a_busy_machine_are_marked(load: float, others: float, marked: bool) -> None:
    result = {
        "commit": "0123456789",
        "uncommitted_changes": False,
        "date": "2026-01-01",
        "load_average_at_start": load,
        "cores_busy_with_other_work": others,
    }
    assert busy(result) is marked
    assert when(result).endswith("†") is marked


def test_a_missing_marker_is_said() -> None:
    with pytest.raises(ValueError, match="is missing"):
        between("no table here", "results", ["| a |"])
