"""Ordered classes on the command line: fit, predict, evaluate, report, and what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from topwork.cli.app import run

LEVELS = ("low", "mid", "high")
ORDER = ["--task", "ordinal", "--order", ",".join(LEVELS)]
ONLY = ["--backbone", "pixels", "--no-near-duplicates"]


def drawn(folder: Path, n: int, seed: int, *, blur: float = 0.0) -> Path:
    """Images whose brightness, with noise, is cut into three levels, blurred by so much."""
    rng = np.random.default_rng(seed)
    folder.mkdir()
    rows = []
    for i, light in enumerate(rng.uniform(40, 200, n)):
        pixels = np.clip(light + rng.normal(0, 20, (16, 16, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{seed}-{i}.png")
        rows.append(
            (f"{seed}-{i}.png", LEVELS[int(np.digitize(light + blur * rng.normal(), [93, 147]))])
        )
    with (folder / "levels.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("path", "label"), *rows])
    return folder / "levels.csv"


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("levels")
    return drawn(folder / "first", 60, 0), drawn(folder / "second", 30, 1)


@pytest.fixture(scope="module")
def model(
    tables: tuple[Path, Path], session_cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    out = tmp_path_factory.mktemp("model") / "levels.topwork"
    assert run(["fit", str(tables[0]), *ONLY, *ORDER, "-o", str(out), "--quiet"]) == 0
    return out


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_fit_tries_three_heads_and_scores_the_one_selected(
    tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "m.topwork")
    found = printed(capsys, "fit", str(tables[0]), *ONLY, *ORDER, "-o", out)
    assert (found["task"], found["modality"], found["n_items"]) == ("ordinal", "image", 60)
    assert found["labels"] == list(LEVELS)
    assert list(found["scores"]) == ["kappa", "mean_rank_error", "accuracy"]
    assert all(set(score) == {"value", "low", "high"} for score in found["scores"].values())
    assert found["scores"]["kappa"]["low"] > 0.7
    assert [one["name"].rpartition(", ")[2] for one in found["tried"]] == [
        "class frequencies",
        "cumulative logit",
        "ridge on ranks",
        "logistic",
    ]
    assert found["tried"][0]["scores"]["kappa"]["value"] == 0
    assert np.sum(found["confusions"]) == 60
    assert found["counts"] == np.sum(found["confusions"], axis=1).tolist()
    assert found["sets"]["enough"]
    page = (Path(out) / "report.html").read_text("utf-8")
    assert "quadratic weighted kappa" in page
    assert "low" in page


def test_predict_gives_classes_with_probabilities_and_sets(
    model: Path, tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "predicted.csv"
    found = printed(capsys, "predict", str(model), str(tables[1]), "--out", str(table))
    assert (found["task"], found["labels"], found["promised"]) == ("ordinal", list(LEVELS), True)
    assert len(found["predictions"]) == 30
    for one in found["predictions"]:
        assert one["label"] in one["set"]
        assert sum(one["probabilities"]) == pytest.approx(1)
        assert one["probability"] == one["probabilities"][LEVELS.index(one["label"])]
        places = [LEVELS.index(label) for label in one["set"]]
        assert places == list(range(places[0], places[-1] + 1))
    with table.open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["path", "label", "probability", *(f"probability of {x}" for x in LEVELS)]
    assert len(rows) == 31
    assert run(["predict", str(model), str(tables[1])]) == 0
    assert "90 % set" in capsys.readouterr().out


def test_evaluate_scores_other_items_in_the_order_of_the_model(
    model: Path, tables: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = tmp_path / "judged.csv"
    found = printed(capsys, "evaluate", str(model), str(tables[1]), "--out", str(table))
    assert (found["task"], found["n_items"], found["seen_in_training"]) == ("ordinal", 30, 0)
    assert found["scores"]["kappa"]["value"] > 0.7
    assert found["coverage"]["value"] >= 0.8
    wrong = [one["true"] != one["predicted"] for one in found["largest_errors"]]
    assert all(wrong)
    assert len(wrong) == 30 - np.trace(found["confusions"])
    with table.open() as file:
        rows = list(csv.DictReader(file))
    assert sum(row["true"] != row["predicted"] for row in rows) == len(wrong)
    page = tmp_path / "page.html"
    assert run(["evaluate", str(model), str(tables[1]), "--page", str(page)]) == 0
    written = page.read_text("utf-8")
    assert "quadratic weighted kappa" in written
    assert "of the sets hold the true class" in written
    shown = capsys.readouterr().out
    assert "mean rank error" in shown
    assert "classes per set" in shown


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--task", "ordinal"], "--order LOWEST,...,HIGHEST"),
        (["--order", "low,mid"], "each of the labels high, low, mid once"),
        (["--order", "low,mid,high,top"], "'top'"),
        (["--order", "low,mid,hihg"], "No item has its labels 'hihg'"),
        (["--order", "low,mid,high", "--task", "classes"], "--task ordinal"),
        ([*ORDER, "--int8"], "works for classes only, and the classes have an order"),
        ([*ORDER, "--miss", "0.1"], "these targets are ordered classes"),
    ],
)
def test_what_cannot_be_done_names_the_remedy(
    options: list[str],
    said: str,
    tables: tuple[Path, Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "m.topwork"
    found = printed(capsys, "fit", str(tables[0]), *ONLY, *options, "-o", str(out), code=2)
    assert said in " ".join((found["error"]["message"], found["error"]["remedy"]))
    assert not out.exists()


def test_check_counts_the_classes_and_refuses_another_order(
    tables: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    found = printed(capsys, "check", str(tables[0]), *ORDER)
    assert {one["label"] for one in found["classes"]} == set(LEVELS)
    found = printed(capsys, "check", str(tables[0]), "--order", "low,high", code=2)
    assert found["error"]["code"] == "other_order"


def test_other_labels_are_refused(
    model: Path, tables: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    other = tables[1].with_name("other.csv")
    other.write_text(tables[1].read_text().replace("low", "lowest"))
    found = printed(capsys, "evaluate", str(model), str(other), code=2)
    assert found["error"]["code"] == "other_labels"
    found = printed(capsys, "adapt", str(model), str(tables[1].parent), code=2)
    assert "this one predicts ordered classes" in found["error"]["message"]


def test_grades_have_the_order_of_their_numbers(session_cache: Path) -> None:
    images = [np.full((16, 16, 3), level, np.uint8) for level in np.linspace(10, 250, 40)]
    grades = [10 if i > 29 else 9 if i > 14 else 1 for i in range(40)]
    estimator = tw.OrdinalImageClassifier("pixels", cache=False, name_groups=False)
    estimator.fit(images, grades)
    assert estimator.classes_.tolist() == [1, 9, 10]
    assert estimator.predict(images[::39]).tolist() == [1, 10]
    assert estimator.score(images, grades) > 0.8
    found = estimator.model_.evaluate(images[:30], grades[:30], cache=False)  # no item is a 10
    assert found.labels == ["1", "9", "10"]
    assert found.scores.accuracy.value > 0.8


def test_words_alone_can_be_selected_and_saved(session_cache: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 3, 60)
    texts = [f"{' '.join(['fine'] * n + ['film'] * 3)} number {i}" for i, n in enumerate(levels)]
    classifier = tw.OrdinalTextClassifier(order=list(LEVELS), cache=False, name_groups=False)
    classifier.fit(texts, [LEVELS[n] for n in levels])
    again = tw.load(classifier.save(tmp_path / "m.topwork"))
    np.testing.assert_allclose(
        again.predictions(texts).probabilities, classifier.predict_proba(texts), atol=1e-6
    )


def test_tables_are_written_again(
    tables: tuple[Path, Path], model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told, judged = str(tmp_path / "told.csv"), str(tmp_path / "judged.csv")
    for _ in range(2):
        assert run(["predict", str(model), str(tables[1].parent), "--out", told]) == 0
        assert run(["evaluate", str(model), str(tables[1]), "--out", judged]) == 0
    capsys.readouterr()


def test_a_wrong_order_is_noticed(
    session_cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All labels are there, so that nothing else could tell."""
    model, table = tmp_path / "m.topwork", drawn(tmp_path / "blurred", 150, 2, blur=20)
    wrong = [*ONLY, "--task", "ordinal", "--order", "low,high,mid", "-o", str(model)]
    found = printed(capsys, "fit", str(table), *wrong)
    assert found["suggested_order"] == ["low", "mid", "high"]
    assert "another order: low,mid,high" in found["notes"][-1]
    assert "another order" in (model / "report.html").read_text("utf-8")
    right = printed(capsys, "fit", str(table), *ONLY, *ORDER, "-o", str(model))
    assert right["suggested_order"] is None
    assert not any("another order" in note for note in right["notes"])
