"""The commands with rows of tables that have targets."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from tests.inductive.test_tables import customers
from topwork.cli.app import run


class Printed:
    """Runs commands and reads the object that they print."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *arguments: object, code: int = 0) -> dict[str, Any]:
        self.capsys.readouterr()
        assert run([*map(str, arguments), "--json"]) == code
        found: dict[str, Any] = json.loads(self.capsys.readouterr().out)
        return found


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Printed:
    return Printed(capsys)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tables") / "customers.csv"
    rows = customers()
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(rows)
        writer.writerows(zip(*rows.values(), strict=True))
    return path


@pytest.mark.parametrize(("label", "other"), [("churn", "value"), ("value", "churn")])
def test_fit_predict_and_evaluate(
    table: Path, label: str, other: str, tmp_path: Path, printed: Printed
) -> None:
    model, out = tmp_path / "m.topwork", tmp_path / "out.csv"
    fit = printed("fit", table, "--columns", f"label={label}", "--exclude", other, "--out", model)
    assert (fit["modality"], fit["n_items"]) == ("row", 240)
    assert fit["task"] == ("classes" if label == "churn" else "number")
    assert (model / "report.html").stat().st_size > 10_000
    predicted = printed("predict", model, table, "--out", out)
    assert len(predicted["predictions"]) == 240
    assert predicted["predictions"][0]["path"] == f"{table}:2"
    with out.open(encoding="utf-8-sig") as file:
        assert len(list(csv.DictReader(file))) == 240
    page = tmp_path / "page.html"
    judged = printed("evaluate", model, table, "--out", tmp_path / "errors.csv", "--page", page)
    assert "<html" in page.read_text("utf-8")
    assert (judged["n_items"], judged["seen_in_training"]) == (240, 240)
    for command in (["fit", table, "--label", label, "--out", tmp_path / "n.topwork"],
                    ["predict", model, table], ["evaluate", model, table],
                    ["report", model, "--out", tmp_path / "r.html"]):  # fmt: skip
        assert run(list(map(str, command))) == 0


def test_what_is_missing_is_told(table: Path, tmp_path: Path, printed: Printed) -> None:
    for arguments, code in (
        (["fit", table], "missing_column"),
        (["fit", table, "--kind", "row"], "missing_column"),
        (["fit", table, "--label", "churn", "--exclude", "nothing"], ""),
        (["fit", table, "--label", "churn", "--thorough"], "not_for_rows"),
        (["fit", table, "--label", "churn", "--target", table], "not_for_rows"),
        (["fit", table, "--label", "churn", "--kind", "row", "--lines"], "not_for_rows"),
    ):
        error = printed(*arguments, "--out", tmp_path / "m.topwork", code=2)["error"]
        assert error["remedy"]
        assert not code or error["code"] == code
