"""Clusters on the command line: cluster, predict, evaluate, and what can't be done."""

from __future__ import annotations

import csv
import itertools
import json
import shlex
from pathlib import Path

import pytest

from topwork.cli.app import run


def printed(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert run([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def model(drawn: Path, session_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("clusters") / "shapes.topwork"
    options = ["--backbone", "pixels", "--k", "3", "-o", str(out), "--quiet"]
    assert run(["cluster", str(drawn), *options]) == 0
    return out


def test_the_table_the_object_and_the_predictions_agree(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "m.topwork"
    options = ["--backbone", "pixels", "--k", "3", "-o", str(out)]
    found = printed(capsys, "cluster", str(drawn), *options)
    assert (found["task"], found["modality"], found["k"], found["stands_out"]) == (
        "clusters",
        "image",
        3,
        None,
    )
    assert set(found["structure"]) == {"found", "p", "strength"}
    assert [c["id"] for c in found["clusters"]] == [0, 1, 2]
    assert sum(c["size"] for c in found["clusters"]) == 36
    assert found["assignments"] == str(tmp_path / "m-assignments.csv")
    with Path(found["assignments"]).open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["path", "cluster", "name", "outlier"]
    predicted = printed(capsys, "predict", str(out), str(drawn))["predictions"]
    assert {p["path"]: (p["cluster"], p["name"]) for p in predicted} == {
        r["path"]: (int(r["cluster"]), r["name"]) for r in rows
    }


def test_the_printed_command_divides_anew(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "my images.csv"
    table.write_text("".join(f"x,{file}\n" for file in sorted(drawn.rglob("*.png"))))
    given = ["--no-header", "site,file", "--columns", "path=file", "--backbone", "pixels"]
    out = ["-o", str(tmp_path / "m.topwork")]
    assert run(["cluster", str(table), *given, *out, "--k", "3"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    predicting = shlex.split(shown.rpartition("; topwork predict ")[2].rpartition(" assigns")[0])
    assert predicting == [str(tmp_path / "m.topwork"), "NEW", *given[2:4], *given[:2]]
    printed = shown.rpartition("; ")[2].removesuffix(" gives N clusters.")
    assert shlex.quote(str(table)) in printed
    again = ["4" if word == "N" else word for word in shlex.split(printed)]
    assert run([*again[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["k"] == 4


def test_clusters_are_compared_with_folders(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "m.topwork")
    options = ["--backbone", "pixels", "--k", "3", "-o", out, "--compare", "folder"]
    assert run(["cluster", str(drawn), *options]) == 0
    assert "Adjusted Rand index of clusters and folder: " in capsys.readouterr().out
    found = printed(capsys, "cluster", str(drawn), *options)
    table = {v["value"]: v["clusters"] for v in found["compared"]["values"]}
    assert set(table) == {"discs", "noise", "stripes"}
    assert [sum(column) for column in zip(*table.values(), strict=True)] == [
        c["size"] for c in found["clusters"]
    ]


def test_clusters_are_compared_with_a_column(
    tmp_path: Path, session_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {
        "cat": "my {} cat sleeps on the sofa and eats {}",
        "ship": "a {} ship sails over the ocean with {} on board",
    }
    words = list(itertools.product(("old", "grey", "small"), ("fish", "rice", "beans", "corn")))
    rows = [f"{form.format(*two)},{what}" for what, form in said.items() for two in words]
    table = tmp_path / "t.csv"
    table.write_text("\n".join(["text,topic", *rows]))
    options = ["--k", "2", "-o", str(tmp_path / "m.topwork")]
    found = printed(capsys, "cluster", str(table), *options, "--compare", "topic")["compared"]
    assert (found["column"], found["n_items"]) == ("topic", 24)
    assert found["adjusted_rand"]["value"] == 1
    renamed = ("--columns", "label=topic", "--compare", "label")
    assert printed(capsys, "cluster", str(table), *options, *renamed)["compared"]["n_items"] == 24
    assert run(["cluster", str(table), *options, "--compare", "text", "--json"]) == 2
    assert "24 different values" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_judged_pairs_give_precision_and_recall(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, sheet = tmp_path / "m.topwork", tmp_path / "m-audit.csv"
    options = ["--backbone", "pixels", "--k", "3", "-o", str(out), "--audit", "40"]
    assert run(["cluster", str(drawn), *options]) == 0
    assert f"Fill in the column same of {sheet}" in capsys.readouterr().out
    with sheet.open(newline="") as file:
        pairs = list(csv.DictReader(file))
    assert len(pairs) == 40
    assert run(["evaluate", str(out), str(sheet), "--json"]) == 2
    assert "0 labelled pairs" in json.loads(capsys.readouterr().out)["error"]["message"]
    assignments = printed(capsys, "predict", str(out), str(drawn))["predictions"]
    cluster = {p["path"]: p["cluster"] for p in assignments}
    together = [cluster[p["first"]] == cluster[p["second"]] for p in pairs]
    assert sum(together) == 20
    answers = ["yes" if same else "no" for same in together[:-1]]
    lines = [f"{p['first']},{p['second']},{a}" for p, a in zip(pairs, answers, strict=False)]
    sheet.write_text("\n".join(["first,second,same", *lines, "a.png,b.png,"]))
    found = printed(capsys, "evaluate", str(out), str(sheet))
    assert (found["n_within"] + found["n_between"], found["n_open"]) == (39, 1)
    assert found["precision"]["value"] == found["recall"]["value"] == 1
    assert found["recall"]["low"] < found["precision"]["low"] < 1
    sheet.write_text("first,second,same\na.png,b.png,perhaps\n")
    assert run(["evaluate", str(out), str(sheet), "--json"]) == 2
    assert "neither yes nor no" in json.loads(capsys.readouterr().out)["error"]["message"]


def test_the_first_line_says_whether_there_are_groups(
    drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "m.topwork")
    assert run(["cluster", str(drawn), "--backbone", "pixels", "-o", out]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert first.startswith(("These images form groups (p = ", "No groups are shown (p = "))


def test_predict_writes_a_table_and_the_report_shows_every_cluster(
    model: Path, drawn: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "p.csv"
    assert run(["predict", str(model), str(drawn), "-o", str(table)]) == 0
    assert table.read_text().startswith("path,cluster,name,nearness,second,outlier\n")
    assert "nearness" in capsys.readouterr().out
    assert run(["predict", str(model), str(drawn), "-o", str(table), "--quiet"]) == 0
    page = (model / "report.html").read_text("utf-8")
    assert "Are there groups?" in page
    assert page.count("those nearest to the centre:") == 3


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["evaluate", "MODEL", "DATA"], "is no table of pairs"),
        (["adapt", "MODEL", "DATA"], "this one predicts clusters"),
        (["watch", "MODEL", "DATA"], "this one does neither"),
        (["cluster", "DATA", "--k", "many"], "--k cannot be 'many'"),
        (["cluster", "DATA", "--k", "1"], "cannot be 1"),
        (["cluster", "DATA", "--kind", "sound"], "'sound', which is not known"),
        (["cluster", "DATA", "--compare", "topic"], "is no table"),
        (["cluster", "DATA/discs/000.png"], "1 image can be read"),
        (["cluster", "MODEL"], "is a saved model, and data are needed here"),
        (["fit", "MODEL"], "is a saved model, and data are needed here"),
        (["check", "MODEL"], "is a saved model, and data are needed here"),
    ],
)
def test_what_cannot_be_done_is_said(
    model: Path, drawn: Path, command: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    filled = [part.replace("MODEL", str(model)).replace("DATA", str(drawn)) for part in command]
    assert run([*filled, "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert said in error["message"]
    assert error["remedy"]


def test_columns_that_say_the_same_are_not_grouped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "customers.csv"
    table.write_text("age,city,spent\n" + "31,Bern,20.5\n48,Chur,17\n" * 20)
    assert run(["cluster", str(table)]) == 2
    assert "has no column 'path'" in capsys.readouterr().err
    assert run(["cluster", str(table), "--kind", "row"]) == 2
    said = capsys.readouterr().err
    assert "1 columns that its rows can be grouped by" in said
    assert "city: follows from 'age'" in said
