"""Several labels on the command line: fit, predict, evaluate, report, and what can't be done."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from topwork.cli.app import run

KINDS = ("bar", "chequer", "disc", "red")


def tile(kind: str, rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[:16, :16]
    drawn = rng.integers(0, 90, (16, 16, 3))
    drawn[{"bar": abs(x - 8) < 3, "disc": (y - 8) ** 2 + (x - 8) ** 2 < 30,
           "chequer": (x // 4 + y // 4) % 2 == 0}.get(kind, x < 0)] += 110  # fmt: skip
    drawn[..., 0] += 110 * (kind == "red")
    return drawn.astype(np.uint8)


def composites(folder: Path, n: int, seed: int) -> Path:
    """Images of 2 x 2 tiles, with what they show in a cell; some show nothing."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    rows = []
    for i in range(n):
        kinds = rng.choice([*KINDS, "none"], 4, p=[0.12, 0.1, 0.2, 0.08, 0.5])
        parts = [tile(kind, rng) for kind in kinds]
        whole = np.vstack([np.hstack(parts[:2]), np.hstack(parts[2:])])
        Image.fromarray(whole).save(folder / f"{seed}-{i}.png")
        rows.append((f"{seed}-{i}.png", ";".join(sorted(set(kinds) - {"none"}))))
    with (folder / "shown.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *rows])
    return folder / "shown.csv"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("composites")
    return composites(folder / "first", 120, 0), composites(folder / "second", 40, 1)


ONLY = ["--backbone", "pixels", "--no-near-duplicates"]


@pytest.fixture(scope="module")
def model(
    tables: tuple[Path, Path], session_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("model") / "shown.topwork"
    assert run(["fit", str(tables[0]), *ONLY, "--miss", "0.2", "-o", str(out), "--quiet"]) == 0
    return out


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict:
    assert run([*arguments, "--json"]) == code
    found: dict = json.loads(capsys.readouterr().out)
    return found


def test_fit_predicts_labels_and_says_how_cells_were_read(
    tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "m.topwork")
    found = printed(capsys, "fit", str(tables[0]), *ONLY, "--miss", "0.2", "-o", out)
    assert (found["task"], found["modality"], found["n_items"]) == ("labels", "image", 120)
    assert found["labels"] == list(KINDS)
    assert set(found["scores"]) == {"mean_ap", "macro_f1", "micro_f1", "auroc", "empty"}
    assert all(set(score) == {"value", "low", "high"} for score in found["scores"].values())
    assert found["scores"]["mean_ap"]["low"] > found["tried"][0]["scores"]["mean_ap"]["value"]
    assert found["tried"][0]["name"] == "label frequencies"
    assert [one["label"] for one in found["per_label"]] == list(KINDS)
    assert all(0 < rule["threshold"] < 1 for rule in found["rules"])
    assert found["miss"]["target"] == 0.2
    assert found["miss"]["expected"]["value"] <= 0.2
    assert any("--task classes" in note for note in found["notes"])
    assert any("empty cells" in note for note in found["notes"])


def test_predict_gives_labels_with_probabilities(
    model: Path, tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "predicted.csv"
    found = printed(capsys, "predict", str(model), str(tables[1]), "--out", str(table))
    assert (found["task"], found["miss"], len(found["predictions"])) == ("labels", 0.2, 40)
    rows = list(csv.DictReader(table.read_text().splitlines()))
    thresholds = dict(zip(KINDS, tw.load(model).card.thresholds, strict=True))
    for one, row in zip(found["predictions"], rows, strict=True):
        assert set(one) == {"path", "text", "labels"}
        named = {label["label"]: label["probability"] for label in one["labels"]}
        assert row["labels"] == ";".join(named)
        for kind in KINDS:
            p = float(row[f"probability of {kind}"])
            assert (p >= thresholds[kind]) == (kind in named) or abs(p - thresholds[kind]) < 1e-5


def test_evaluate_judges_labels_and_the_promise(
    model: Path, tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "all.csv"
    found = printed(capsys, "evaluate", str(model), str(tables[1]), "--out", str(out))
    assert (found["task"], found["n_items"], found["promised"]) == ("labels", 40, 0.2)
    assert found["scores"]["mean_ap"]["value"] > 0.6
    assert found["missed"]["low"] < 0.3
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert len(rows) == 40
    assert set(rows[0]) == {"path", "true", "predicted"}
    wrong = sum(set(r["true"].split(";")) != set(r["predicted"].split(";")) for r in rows)
    assert len(found["wrong"]) == wrong


def test_the_page_of_an_evaluation_shows_labels_and_errors(
    model: Path, tables: tuple[Path, Path], tmp_path: Path
) -> None:
    lines = tables[1].read_text().splitlines()
    name = lines[1].split(",")[0]
    lines[1] = f"{name},bar;chequer;disc;red"
    changed = tables[1].with_name("changed.csv")
    changed.write_text("\n".join(lines))
    page = tmp_path / "page.html"
    assert run(["evaluate", str(model), str(changed), "--page", str(page), "--quiet"]) == 0
    shown = page.read_text("utf-8")
    assert "at most 20 % was promised" in shown
    assert all(kind in shown for kind in KINDS)
    errors = shown.partition("Largest errors")[2]
    assert name in errors
    assert "bar; chequer; disc; red" in errors


def test_the_same_in_python_and_after_loading(model: Path, tables: tuple[Path, Path]) -> None:
    loaded = tw.load(model)
    given = loaded.predict(str(tables[1]))
    items = [item.path for item in tw.read(tables[1]).items]
    assert loaded.evaluate(items, given).scores.macro_f1.value == 1
    assert given.shape == (40, 4)
    found = loaded.evaluate(str(tables[1]))
    assert found.scores.empty.value == pytest.approx((given.sum(axis=1) == 0).mean())
    assert "labels" in repr(loaded)


def test_the_report_shows_every_label(model: Path) -> None:
    page = (model / "report.html").read_text("utf-8")
    for text in ("Label by label", "mean average precision", "no label is predicted", "chequer"):
        assert text in page
    assert "image-classification" in (model / "README.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("option", "code"),
    [
        (["--int8"], "classes_only"),
        (["--strategy", "auto"], "classes_only"),
        (["--unlabelled", "."], "classes_only"),
        (["--tiles", "2"], "boxes_only"),
        (["--task", "number"], "no_numbers"),
    ],
)
def test_what_taggers_cannot_do_is_refused_at_once(
    option: list[str],
    code: str,
    tables: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = ["-o", str(tmp_path / "m.topwork")]
    error = printed(capsys, "fit", str(tables[0]), *option, *out, code=2)["error"]
    assert error["code"] == code
    assert error["remedy"]


def test_every_other_command_works_or_names_the_remedy(
    model: Path, tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(tables[1])
    for arguments in (
        ["adapt", str(model), data],
        ["rank", data],
        ["watch", str(model), str(tables[1].parent)],
        ["fit", data, "--task", "boxes", "-o", str(tmp_path / "m")],
    ):
        error = printed(capsys, *arguments, code=2)["error"]
        assert error["remedy"], arguments
    found = printed(capsys, "check", data, "--write", str(tmp_path / "kept.csv"))
    assert found["task"] == "labels"
    assert [one["label"] for one in found["classes"]] == list(KINDS)
    again = tw.read(tmp_path / "kept.csv", task="labels")
    assert len(again) == 40
    first = str(tables[1].parent / "1-0.png")
    assert printed(capsys, "search", str(model), first)["n_items"] == 120
    assert printed(capsys, "search", data, first, "--backbone", "pixels")["n_items"] == 40
