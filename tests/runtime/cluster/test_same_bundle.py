"""The same model from this process and from the workers of a cluster."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_limits

from tests.conftest import draw_folder
from tests.inductive.test_tables import customers
from tests.language import model_folder, reviews
from topwork.cli.app import run
from topwork.runtime.cluster.ray_executor import RayExecutor

_TIMINGS = re.compile(r"seconds|per_second|_at$|date|computed_at")


def _images(folder: Path) -> list[str]:
    return [str(draw_folder(folder / "shapes", 8))]


def _texts(folder: Path) -> list[str]:
    texts, labels = reviews(60)
    rows = [f"{text}\t{label}" for text, label in zip(texts, labels, strict=True)]
    table = folder / "reviews.tsv"
    table.write_text("\n".join(["text\tlabel", *rows]) + "\n", "utf-8")
    return [str(table), "--backbone", f"transformers:tiny@{model_folder(folder / 'bert')}"]


def _numbers(folder: Path) -> list[str]:
    rows = customers()
    with (folder / "customers.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(rows)
        writer.writerows(zip(*rows.values(), strict=True))
    return [str(folder / "customers.csv"), "--columns", "label=value", "--exclude", "churn"]


def _untimed(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _untimed(v) for k, v in value.items() if not _TIMINGS.search(k)}
    return [_untimed(v) for v in value] if isinstance(value, list) else value


def _content(model: Path) -> dict[str, Any]:
    """What is in a bundle but for timings and the running numbers of a graph's nodes."""
    found: dict[str, Any] = {}
    for file in sorted(model.rglob("*")):
        name = str(file.relative_to(model))
        if file.suffix == ".json" and file.name != "manifest.json":
            found[name] = _untimed(json.loads(file.read_text()))
        elif file.suffix == ".xml":
            found[name] = re.sub(r"_\d+\"", '"', file.read_text())
        elif file.is_file() and file.name not in ("manifest.json", "report.html"):
            found[name] = file.read_bytes()
    manifest = json.loads((model / "manifest.json").read_text())
    assert set(manifest.pop("files")) | {"manifest.json"} == set(found) | {
        "manifest.json",
        "report.html",
    }
    return {**found, "manifest": _untimed(manifest)}


def _fitted(arguments: list[str], model: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    capsys.readouterr()
    with threadpool_limits(1, "blas"):
        assert run(["fit", *arguments, "--out", str(model), "--json"]) == 0
    said = _untimed(json.loads(capsys.readouterr().out))
    said.pop("model")
    return said


def _sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many tasks go to the cluster at a time."""
    numbers: list[int] = []
    results = RayExecutor._results

    def counted(self: RayExecutor, function: Any, tasks: Any, board: Any) -> Any:
        numbers.append(len(tasks))
        return results(self, function, tasks, board)

    monkeypatch.setattr(RayExecutor, "_results", counted)
    return numbers


@pytest.mark.parametrize("written", [_images, _texts, _numbers])
def test_a_bundle_is_the_same_from_a_cluster(
    written: Any, joined: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    arguments = written(tmp_path)
    here, there = tmp_path / "here" / "m.topwork", tmp_path / "there" / "m.topwork"
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(tmp_path / "cache-here"))
    said_here = _fitted(arguments, here, capsys)
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(tmp_path / "cache-there"))
    sent = _sent(monkeypatch)
    said_there = _fitted([*arguments, "--executor", "ray"], there, capsys)
    assert sent
    assert said_there == said_here
    ours, theirs = _content(here), _content(there)
    assert ours.keys() == theirs.keys()
    for name in ours:
        assert theirs[name] == ours[name], name
