"""Sentences from a table to a sealed model and back, as with images."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone

import topwork as tw
from tests.language import model_folder, reviews
from topwork.backbones import resolve
from topwork.backbones.multi_layer import with_layers
from topwork.cli.app import run
from topwork.data import read
from topwork.errors import BackboneError, BundleError, ParameterError
from topwork.inductive import FitSettings, fit


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"transformers:tiny@{model_folder(tmp_path_factory.mktemp('models') / 'bert')}"


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 reviews, one twice, one far too long, and four bad rows, without a line of names."""
    texts, labels = reviews(120)
    rows = [f"{text}\t{label}" for text, label in zip(texts, labels, strict=True)]
    rows += [f"{texts[0].upper()}\t{labels[0]}", f"{'fine ' * 90}\tgood"]
    rows += ["\tgood", "no label\t", "a\0zero\tgood", "x" * 1_000_000 + "\tbad"]
    file = tmp_path_factory.mktemp("tables") / "reviews.tsv"
    file.write_text("\n".join(rows) + "\n", "utf-8")
    return file


@pytest.fixture(scope="module")
def model(
    tmp_path_factory: pytest.TempPathFactory, backbone: str, table: Path
) -> tuple[Path, dict]:
    place = tmp_path_factory.mktemp("out") / "reviews.topwork"
    given = [
        "--no-header",
        "text,label",
        "--backbone",
        backbone,
        "--folds",
        "3",
        "--out",
        str(place),
    ]
    with pytest.MonkeyPatch.context() as patch:
        out: list[str] = []
        patch.setattr(
            "builtins.print", lambda *a, **k: out.append(str(a[0])) if not k.get("file") else None
        )
        assert run(["fit", str(table), *given, "--json"]) == 0
    return place, json.loads(next(line for line in out if line.startswith("{")))


def test_fit_tells_what_it_found(model) -> None:
    _, result = model
    assert (result["modality"], result["n_items"], result["n_classes"]) == ("text", 122, 2)
    reasons = sorted(r["reason"] for r in result["rejected"])
    assert reasons == ["no_text", "nul", "too_long"]
    assert result["skipped"] == {"rows without a label": 1}
    assert result["cut_short"] == 1
    assert result["duplicates"]["n_groups"] == 1
    assert result["scores"]["balanced_accuracy"]["low"] > 0.5


def test_the_report_shows_texts(model) -> None:
    place, _ = model
    page = (place / "report.html").read_text("utf-8")
    assert "122 texts" in page
    assert "image" not in page.split("<body")[1].replace("data:image", "")


def test_predicting_needs_neither_torch_nor_transformers(model) -> None:
    place, _ = model
    script = (
        "import sys, topwork as tw\n"
        f"said = tw.load({str(place)!r}).predict(['fine lovely warm', 'dull bleak stale'])\n"
        "assert not {'torch', 'transformers', 'timm', 'sklearn'} & set(sys.modules)\n"
        "print(*said)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["good", "bad"]


def test_a_saved_model_says_the_same_one_by_one(model) -> None:
    texts, _ = reviews(12, seed=1)
    loaded = tw.load(model[0])
    together = loaded.predict_proba(texts)
    for text, row in zip(texts, together, strict=True):
        assert np.abs(loaded.predict_proba(text)[0] - row).max() < 1e-4


def test_commands_take_the_model(model, table, tmp_path, capsys) -> None:
    place = str(model[0])
    capsys.readouterr()
    hostile = "<script>\x1b[31m =1+1 fine"
    assert run(["predict", place, "dull bleak", hostile, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert [p["text"] for p in said["predictions"]] == ["dull bleak", hostile]
    assert run(["predict", place, hostile]) == 0
    assert "\x1b" not in capsys.readouterr().out
    test = tmp_path / "test.csv"
    texts, labels = reviews(40, seed=2)
    rows = [f"{text},{label}" for text, label in zip(texts, labels, strict=True)]
    test.write_text("\n".join(["text,label", *rows, "short", "only text,"]))
    assert run(["evaluate", place, str(test), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n_items"], found["modality"]) == (40, "text")
    assert sorted(r["reason"] for r in found["rejected"]) == ["bad_row"]
    assert found["skipped"] == {"rows without a label": 1}
    assert run(["predict", place, str(test), "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["predictions"]) == 41


def test_a_bundle_without_its_tokenizer_is_refused(model, tmp_path) -> None:
    import shutil

    copy = shutil.copytree(model[0], tmp_path / "copy.topwork")
    (copy / "tokenizer.json").unlink()
    with pytest.raises(BundleError, match=r"lacks tokenizer\.json"):
        tw.load(copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    del manifest["files"]["tokenizer.json"]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=r"lacks tokenizer\.json"):
        tw.load(copy)


def test_the_estimator(backbone) -> None:
    texts, labels = reviews(60, seed=3)
    classifier = clone(tw.TextClassifier(backbone, n_folds=2, cache=False, baselines=False))
    assert classifier.fit(texts, labels) is classifier
    assert classifier.classes_.tolist() == ["bad", "good"]
    assert classifier.score(texts, labels) > 0.8
    assert classifier.predict(["fine warm", None], bad="none")[1] is None


def test_what_is_for_images_is_refused(backbone) -> None:
    data = read(*reviews(20))
    with pytest.raises(BackboneError, match="takes images, but the items are texts"):
        fit(data, FitSettings(backbone="packaged:efficientnet_lite0", cache=False))
    with pytest.raises(ParameterError, match="int8 cannot be True for texts"):
        fit(data, FitSettings(backbone=backbone, int8=True))


def test_several_depths_answer_the_same_when_saved(backbone, tmp_path) -> None:
    texts, labels = reviews(60, seed=3)
    settings = FitSettings(backbone=with_layers(backbone), n_folds=2, cache=False, baselines=False)
    model = fit(read(texts, labels), settings, save_to=tmp_path / "m.topwork").model
    again = tw.load(tmp_path / "m.topwork")
    assert "/depths" in again.card.backbone
    new = reviews(20, seed=4)[0]
    assert np.abs(again.predict_proba(new) - model.predict_proba(new)).max() < 1e-5
    weights = tmp_path / "m.topwork" / "weights.safetensors"
    own = resolve(f"{again.card.backbone}@{weights}")
    assert own.load().width == model.parts.head.weight.shape[0]
