"""``topwork next`` on real files."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pytest

import topwork as tw
from topwork.cli.app import run
from topwork.errors import DataError


def _next(capsys, *arguments: object, status: int = 0) -> dict:
    assert run(["next", *map(str, arguments), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def _label_of(path: str) -> str:
    return Path(path).parent.name


def _write(table: Path, rows: list[tuple[str, str]], content: str = "path") -> Path:
    with table.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([(content, "label"), *rows])
    return table


def test_from_nothing_to_enough(drawn: Path, tmp_path: Path, capsys) -> None:
    """Typical items first, then uncertain ones, and at last none is left."""
    rows: list[tuple[str, str]] = []
    whys = []
    labels = _write(tmp_path / "labels.csv", rows)
    for _ in range(4):
        found = _next(capsys, drawn, "--labels", labels, "-n", 10)
        paths = [item["path"] for item in found["items"]]
        assert not {path for path, _ in rows} & set(paths)
        assert all(Path(path).is_file() for path in paths)
        rows += [(str(Path(path).resolve()), _label_of(path)) for path in paths]
        whys.append({item["why"].split()[0] for item in found["items"]})
        _write(labels, rows)
    assert found["n_items"] == len(rows) == 36
    assert whys[0] == {"typical"}
    assert whys[-1] == {"uncertain:"}
    over = _next(capsys, drawn, "--labels", labels, status=2)
    assert over["error"]["code"] == "all_labelled"


def test_json_has_paths_and_reasons(drawn: Path, capsys) -> None:
    found = _next(capsys, drawn, "-n", 3)
    assert (found["schema_version"], found["task"], found["modality"]) == ("1.0", None, "image")
    assert [set(item) for item in found["items"]] == [{"path", "why", "text"}] * 3
    assert {_label_of(item["path"]) for item in found["items"]} == {"discs", "noise", "stripes"}
    assert found == _next(capsys, drawn, "-n", 3)


@pytest.mark.parametrize("start", ["table", "here", "data"])
def test_paths_may_start_from_three_places(
    start: str, drawn: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(drawn.parent)
    images = sorted(drawn.glob("*/*.*"))[::12]
    home = {"table": tmp_path, "here": drawn.parent, "data": drawn}[start]
    rows = [(os.path.relpath(file, home), file.parent.name) for file in images]
    labels = _write(tmp_path / "labels.csv", rows)
    assert _next(capsys, drawn.name, "--labels", labels, "-n", 2)["n_labelled"] == 3


def test_an_audit_comes_first_and_is_not_learnt_from(drawn: Path, tmp_path: Path, capsys) -> None:
    first = _next(capsys, drawn, "-n", 8, "--audit", 8)
    assert {item["why"] for item in first["items"]} == {"drawn at random, to measure accuracy with"}
    own = [(item["path"], _label_of(item["path"])) for item in first["items"]]
    wrong = [(path, "odd") for path, _ in own]
    told = [
        _next(capsys, drawn, "--labels", _write(tmp_path / "l.csv", rows), "-n", 6, "--audit", 8)
        for rows in (own, wrong)
    ]
    assert told[0]["items"] == told[1]["items"]
    assert told[0]["n_audit"] == told[0]["n_labelled"] == 8


def test_a_table_to_fill_in(drawn: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "next.csv"
    found = _next(capsys, drawn, "-n", 5, "--out", out)
    with out.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["path"] for row in rows] == [item["path"] for item in found["items"]]
    assert {row["label"] for row in rows} == {""}
    # filled in by half, it is a table of labels
    half = [(row["path"], _label_of(row["path"]) if i < 3 else "") for i, row in enumerate(rows)]
    labels = _write(tmp_path / "labels.csv", half)
    assert _next(capsys, drawn, "--labels", labels, "-n", 2)["n_labelled"] == 3


def test_texts_and_a_table_with_gaps(tmp_path: Path, capsys) -> None:
    texts = [f"the parcel number {i} came too late" for i in range(8)]
    texts += [f"my card {i} was refused at the till" for i in range(8)]
    rows = [(text, "late" if i == 0 else "") for i, text in enumerate(texts)]
    table = _write(tmp_path / "mail.csv", rows, "text")
    found = _next(capsys, table, "-n", 2)
    assert (found["modality"], found["n_labelled"]) == ("text", 1)
    assert found["classes"] == {"late": 1}
    assert "card" in found["items"][0]["text"]


def test_copies_count_once(tmp_path: Path) -> None:
    texts = ["rain today", "rain today", "sun tomorrow", "snow"]
    found = tw.next_items(texts, n=9, kind="text")
    assert found.n_items == len(found.items) == 3


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("labels.txt", "nothing here", None),
        ("labels.csv", "file,label\na,b\n", "missing_column"),
        ("labels.csv", "path,label\nnowhere.png,cat\n", None),
    ],
)
def test_bad_tables_are_refused(
    name: str, text: str, code: str | None, drawn: Path, tmp_path: Path, capsys
) -> None:
    (tmp_path / name).write_text(text)
    error = _next(capsys, drawn, "--labels", tmp_path / name, status=2)["error"]
    assert error["remedy"]
    assert code in (None, error["code"])


def test_two_labels_of_one_content_are_refused(drawn: Path, tmp_path: Path) -> None:
    first = next(drawn.glob("*/*.*"))
    labels = _write(tmp_path / "l.csv", [(str(first), "cat"), (str(first), "dog")])
    with pytest.raises(DataError, match=r"both cat and dog") as refused:
        tw.next_items(drawn, labels)
    assert refused.value.code == "contradicting_labels"


def test_labels_of_other_images_are_said(drawn: Path, tmp_path: Path) -> None:
    """Those of items that are not among the data are not used."""
    here = drawn / "discs"
    files = [next(here.glob("*.*")), next((drawn / "noise").glob("*.*"))]
    labels = _write(tmp_path / "l.csv", [(str(file), file.parent.name) for file in files])
    found = tw.next_items(here, labels, n=2)
    assert found.n_labelled == 1
    assert any("1 image" in note for note in found.notes)
