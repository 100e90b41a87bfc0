"""The command line as a user meets it: results, JSON, exit status, files."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conftest import draw_folder
from topwork.cli.app import run
from topwork.cli.screen import plain
from topwork.data import MODALITIES
from topwork.data.unrelated import unrelated_items

SMALL = "packaged:efficientnet_lite0/64"


@pytest.fixture(scope="module")
def model(drawn: Path, session_cache: Path, tmp_path_factory) -> Path:
    target = tmp_path_factory.mktemp("models") / "shapes.topwork"
    options = ("--backbone", SMALL, "--quiet", "--no-baselines")
    assert run(["fit", str(drawn), "--out", str(target), *options]) == 0
    return target


def _json(capsys, *arguments: str, status: int = 0) -> dict:
    assert run([*arguments, "--json"]) == status
    out = capsys.readouterr().out
    assert out.count("\n") == 1, "exactly one JSON object"
    return json.loads(out)


def _is_score(score: dict) -> bool:
    return (
        set(score) == {"value", "low", "high"} and score["low"] <= score["value"] <= score["high"]
    )


SCORES = {"accuracy", "balanced_accuracy", "macro_f1", "log_loss"}


def test_fit(drawn: Path, tmp_path: Path, capsys) -> None:
    out = str(tmp_path / "m.topwork")
    said = _json(capsys, "fit", str(drawn), "--out", out, "--no-baselines")
    assert {
        "model",
        "backbone",
        "strategy",
        "engine",
        "n_items",
        "n_classes",
        "rejected",
        "features",
        "scores",
        "per_class",
        "seconds",
        "images_per_second",
    } <= set(said)
    assert said["model"] == str(tmp_path / "m.topwork")
    assert (said["backbone"], said["strategy"]) == ("packaged:efficientnet_lite0", "probe")
    assert (said["n_items"], said["n_classes"]) == (36, 3)
    assert set(said["scores"]) == SCORES
    assert all(map(_is_score, said["scores"].values()))
    assert set(said["seconds"]) == {"read", "features", "head", "judge", "total"}
    assert [c["label"] for c in said["per_class"]] == ["discs", "noise", "stripes"]
    assert all(_is_score(c["recall"]) and c["n"] == 12 for c in said["per_class"])
    assert (tmp_path / "m.topwork" / "manifest.json").exists()


def test_the_model_is_named_after_the_data(tmp_path: Path, capsys, monkeypatch) -> None:
    draw_folder(tmp_path / "shapes", 4)
    monkeypatch.chdir(tmp_path)
    said = _json(capsys, "fit", "shapes", "--backbone", "pixels")
    assert said["model"] == "shapes.topwork"


def test_evaluate(model: Path, tmp_path: Path, capsys) -> None:
    others = draw_folder(tmp_path / "others", 5, seed=8)
    (others / "zebra").mkdir()
    next((others / "noise").iterdir()).rename(others / "zebra" / "z.png")
    (others / "noise" / "bad.png").touch()
    said = _json(capsys, "evaluate", str(model), str(others))
    assert said["n_items"] == 14
    assert said["unknown_labels"] == 1
    assert [r["reason"] for r in said["rejected"]] == ["empty"]
    assert set(said["scores"]) == SCORES
    assert said["scores"]["balanced_accuracy"]["value"] > 0.9


def test_evaluate_warns_of_training_items(model: Path, drawn: Path, capsys) -> None:
    assert run(["evaluate", str(model), str(drawn)]) == 0
    captured = capsys.readouterr()
    assert "36 of these items were in the training data" in captured.err
    assert "balanced accuracy" in captured.out


def test_predict(model: Path, drawn: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(drawn)
    bad = tmp_path / "bad.jpg"
    bad.write_text("no")
    said = _json(capsys, "predict", str(model), "noise/000.png", "discs", str(bad), "--top", "2")
    assert [p["path"] for p in said["predictions"]][:2] == ["noise/000.png", "discs/000.png"]
    assert len(said["predictions"]) == 13
    first = said["predictions"][0]
    assert first["label"] == "noise" == first["top"][0]["label"]
    assert first["probability"] == first["top"][0]["probability"]
    assert len(first["top"]) == 2
    assert first["unknown"] is False
    assert "noise" in first["set"]
    assert said["rejected"] == [
        {"path": str(bad), "reason": "not_an_image", "detail": "it looks like text"}
    ]
    assert all(Path(p["path"]).exists() for p in said["predictions"])


def test_predict_for_people(model: Path, drawn: Path, capsys) -> None:
    assert run(["predict", str(model), str(drawn / "noise" / "000.png")]) == 0
    assert "noise" in capsys.readouterr().out


def test_report(model: Path, tmp_path: Path, capsys) -> None:
    page = tmp_path / "page.html"
    said = _json(capsys, "report", str(model), "--out", str(page))
    assert said == {
        "schema_version": "1.0",
        "task": "classes",
        "modality": "image",
        "path": str(page),
    }
    assert page.read_text().startswith("<!DOCTYPE html>")
    said = _json(capsys, "report", str(model), "--card", "--out", str(tmp_path))
    assert Path(said["path"]).read_text().startswith("---")
    assert _json(capsys, "report", str(model))["path"] == str(model / "report.html")


def test_splits(tmp_path: Path, capsys) -> None:
    data = tmp_path / "data"
    draw_folder(data / "train", 6, seed=1)
    draw_folder(data / "val", 2, seed=2)
    draw_folder(data / "test", 3, seed=3)
    target = str(tmp_path / "m.topwork")
    assert _json(capsys, "fit", str(data), "--out", target, "--backbone", "pixels")["n_items"] == 24
    assert _json(capsys, "evaluate", target, str(data))["n_items"] == 9


def test_tables(tmp_path: Path, capsys) -> None:
    data = draw_folder(tmp_path / "data", 5)
    rows = [f"{p.relative_to(tmp_path)};{p.parent.name}" for p in sorted(data.rglob("*.png"))]
    table = tmp_path / "table.tsv"
    table.write_text("\n".join(r.replace(";", "\t") for r in ["file;kind", *rows]) + "\n")
    target = str(tmp_path / "m.topwork")
    renamed = ("--columns", "path=file,label=kind")
    said = _json(capsys, "fit", str(table), "--out", target, "--backbone", "pixels", *renamed)
    assert said["n_items"] == 15
    table.write_text("\n".join(r.replace(";", "\t") for r in rows) + "\n")
    unnamed = ("--no-header", "path,label")
    assert _json(capsys, "evaluate", target, str(table), *unnamed)["n_items"] == 15


def test_cache(drawn: Path, fresh_cache: Path, tmp_path: Path, capsys) -> None:
    run(["fit", str(drawn), "--backbone", "pixels", "-o", str(tmp_path / "m"), "-q"])
    said = _json(capsys, "cache")
    assert said["path"] == str(fresh_cache)
    assert said["bytes"] > 0
    assert [(e["backbone"], e["cut"], e["rows"]) for e in said["entries"]] == [
        ("thumbnail", "64", 36),
        ("pixels", "pooled", 36 + len(unrelated_items(MODALITIES["image"]).items)),
    ]
    assert _json(capsys, "cache", "--clear")["entries"] == []
    assert not fresh_cache.exists()


def test_demo(tmp_path: Path, capsys) -> None:
    said = _json(capsys, "demo", "--out", str(tmp_path / "demo"), "--seed", "3")
    head = {"schema_version", "task", "modality"}
    assert set(said) == {*head, "fit", "evaluate", "pixels"}
    assert said["evaluate"]["scores"]["balanced_accuracy"]["value"] > 0.95
    assert said["pixels"]["scores"]["balanced_accuracy"]["value"] < 0.7
    assert run(["demo", "--out", str(tmp_path / "demo"), "--seed", "3"]) == 0
    shown, told = capsys.readouterr()
    assert "evaluated on these data" not in told
    assert "$ topwork fit" in shown
    assert "$ topwork evaluate" in shown
    assert "$ topwork predict" in shown
    assert "raw pixels" in shown


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["fit", "/no/such/folder"], "bad_data"),
        (["fit"], "usage"),
        (["fly"], "usage"),
        (["fit", "{drawn}", "--backbone", "nonsense"], "bad_backbone"),
        (["fit", "{drawn}", "--backbone", "keras:ResNet51"], "bad_backbone"),
        (["fit", "{drawn}", "--backbone", "timm:resnet18@/no/file.pth"], "bad_backbone"),
        (["fit", "{drawn}", "--geometry", "round"], "bad_parameter"),
        (["fit", "{drawn}", "--columns", "path"], "bad_parameter"),
        (["fit", "{drawn}", "--out", "{drawn}"], "would_overwrite"),
        (["fit", "{drawn}", "--max-bad", "7"], "bad_parameter"),
        (["evaluate", "{drawn}", "{drawn}"], "not_a_bundle"),
        (["predict", "/no/model", "x.png"], "not_a_bundle"),
    ],
)
def test_what_the_user_did_wrong(arguments: list[str], code: str, drawn: Path, capsys) -> None:
    filled = [a.format(drawn=drawn) for a in arguments]
    error = _json(capsys, *filled, status=2)["error"]
    assert error["code"] == code
    assert error["message"]
    assert error["remedy"]
    assert run(filled) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert error["message"] in captured.err


def test_only_bad_inputs(model: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "a.png").touch()
    error = _json(capsys, "predict", str(model), str(tmp_path), status=2)["error"]
    assert error["code"] == "nothing_readable"
    assert _json(capsys, "predict", str(model), "/no/where.png", status=2)["error"]["message"]


def test_labels_the_model_doesn_t_know(model: Path, tmp_path: Path, capsys) -> None:
    draw_folder(tmp_path / "data", 2)
    for folder in list((tmp_path / "data").iterdir()):
        folder.rename(folder.with_name(f"other {folder.name}"))
    error = _json(capsys, "evaluate", str(model), str(tmp_path / "data"), status=2)["error"]
    assert error["code"] == "unknown_labels"


def test_our_own_bug_is_exit_1(drawn: Path, capsys, monkeypatch) -> None:
    def broken(*_args, **_kwargs):
        raise RuntimeError("boom")

    monkeypatch.setattr("topwork.inductive.fitting.fit", broken)
    assert run(["fit", str(drawn)]) == 1
    assert "bug in topwork" in capsys.readouterr().err


def test_interruption_is_exit_130(drawn: Path, capsys, monkeypatch) -> None:
    def interrupted(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("topwork.inductive.fitting.fit", interrupted)
    assert run(["fit", str(drawn)]) == 130
    assert "Interrupted" in capsys.readouterr().err


def test_names_can_t_speak_to_the_terminal(tmp_path: Path, capsys) -> None:
    assert plain("a\x1b[31mb\u202ec\x07") == "a�[31mb�c�"
    folder = draw_folder(tmp_path / "data", 4)
    (folder / "noise").rename(folder / "\x1b[31mred [bold]x[bold]")
    assert run(["fit", str(folder), "--backbone", "pixels", "-o", str(tmp_path / "m")]) == 0
    shown = capsys.readouterr().out
    assert "\x1b[31mred" not in shown
    assert "[bold]x[bold]" in shown


def test_help_and_version(capsys) -> None:
    assert run([]) == 0
    assert "fit" in capsys.readouterr().out
    assert run(["--version"]) == 0
    assert capsys.readouterr().out.startswith("topwork ")


def _process(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    )


def test_start_is_quick() -> None:
    bare = _seconds("pass")
    assert _seconds("import topwork") - bare < 0.1
    assert _seconds("from topwork.cli.app import run; run(['--help'])") < 0.5


def _seconds(script: str) -> float:
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        _process("-c", script)
        times.append(time.perf_counter() - begun)
    return min(times)


def test_predict_needs_neither_torch_nor_scikit_learn(model: Path, drawn: Path) -> None:
    script = (
        "import sys\n"
        "from topwork.cli.app import run\n"
        "assert run(sys.argv[1:]) == 0\n"
        "heavy = {'torch', 'timm', 'sklearn', 'pandas', 'torchvision'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    _process("-c", script, "predict", str(model), str(drawn / "noise" / "000.png"))


WATCHED = """
import sys
seen = []
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        seen.append((event, arguments))
sys.addaudithook(watch)
from topwork.cli.app import run
assert run(["fit", sys.argv[1], "--out", sys.argv[2], "--quiet"]) == 0
assert run(["predict", sys.argv[2], sys.argv[1], "--quiet"]) == 0
assert not seen, seen
"""


def test_no_telemetry(tmp_path: Path) -> None:
    """A cold fit, converter and all, opens no socket and writes only where it may."""
    data = draw_folder(tmp_path / "data", 4)
    home = tmp_path / "home"
    home.mkdir()
    _process(
        "-c",
        WATCHED,
        str(data),
        str(tmp_path / "m.topwork"),
        HOME=str(home),
        TOPWORK_CACHE_DIR=str(tmp_path / "cache"),
        TOPWORK_STATE_DIR=str(tmp_path / "state"),
        XDG_CACHE_HOME="",
        XDG_CONFIG_HOME="",
    )
    assert sorted(p.name for p in home.rglob("*")) == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache", "data", "home", "m.topwork"]


@pytest.mark.filterwarnings("default::topwork.settings.run.CacheWarning")
def test_a_place_that_can_t_be_written_is_the_users_matter(
    model: Path, drawn: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    page = tmp_path / "nowhere" / "r.html"
    assert run(["report", str(model), "--out", str(page)]) == 2
    assert "nowhere" in capsys.readouterr().err
    (tmp_path / "file").touch()
    monkeypatch.setenv("TOPWORK_CACHE_DIR", str(tmp_path / "file"))
    assert (
        run(["fit", str(drawn), "--backbone", SMALL, "--out", str(tmp_path / "m"), "--json"]) == 0
    )
    done = capsys.readouterr()
    assert "can't write to its cache folder" in done.err
    assert json.loads(done.out)["task"] == "classes"


def test_a_report_overwrites_nothing_else(model: Path, tmp_path: Path, capsys) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("path,label")
    assert run(["report", str(model), "--out", str(table)]) == 2
    assert table.read_text() == "path,label"


def test_a_model_that_was_there_is_kept(tmp_path: Path, capsys) -> None:
    """Another model under the same name goes beside the new one; the same one is replaced."""
    data = draw_folder(tmp_path / "shapes", 6)
    out = tmp_path / "m.topwork"
    command = ("fit", str(data), "--out", str(out), "--backbone", "pixels", "--no-baselines")
    assert _json(capsys, *command)["previous_model"] is None
    assert _json(capsys, *command)["previous_model"] is None
    before = (out / "head.safetensors").read_bytes()
    for file in list(data.rglob("00[0-2].png")):
        file.unlink()
    kept = _json(capsys, *command)["previous_model"]
    assert kept == str(tmp_path / "m.1.topwork")
    assert (Path(kept) / "head.safetensors").read_bytes() == before
    assert (out / "head.safetensors").read_bytes() != before
    assert run(["predict", kept, str(data), "--quiet"]) == 0


def test_errors_name_options_as_they_are_typed(drawn: Path, capsys) -> None:
    said = _json(capsys, "fit", str(drawn), "--folds", "1", status=2)["error"]["message"]
    assert said.startswith("--folds, the number of folds, must be")


def test_a_report_is_named_where_there_is_no_browser(
    model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch
) -> None:
    """No program is started without a display, and what one says is not shown."""
    opener = tmp_path / "xdg-open"
    opener.write_text(f"#!/bin/sh\necho noise >&2\necho $1 > {tmp_path}/opened\n")
    opener.chmod(0o755)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    page = str(model / "report.html")
    assert run(["report", str(model)]) == 0
    assert not (tmp_path / "opened").exists()
    monkeypatch.setenv("DISPLAY", ":0")
    assert run(["report", str(model)]) == 0
    deadline = time.monotonic() + 20
    while not (tmp_path / "opened").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (tmp_path / "opened").exists()
    captured = capfd.readouterr()
    assert captured.out.replace("\n", "") == page * 2
    assert captured.err == ""


def test_without_a_store_nothing_is_read_from_it(drawn: Path, tmp_path: Path, capsys) -> None:
    options = ["--backbone", "pixels", "--no-baselines", "--out", str(tmp_path / "m.topwork")]
    assert run(["fit", str(drawn), *options, "--no-cache"]) == 0
    assert "read from the store" not in capsys.readouterr().out
