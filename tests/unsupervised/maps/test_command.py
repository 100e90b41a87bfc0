"""``topwork map`` on real files."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

import numpy as np

from topwork.cli.app import run


def test_draws_images_with_their_labels(drawn: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "map.html"
    assert run(["map", str(drawn), "--out", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["schema_version"], found["task"], found["modality"]) == ("1.0", None, "image")
    assert (found["n_items"], found["n_thumbnails"]) == (36, 36)
    assert found["coloured_by"] == ["label", "doubt"]
    page = out.read_text("utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    assert data["colourings"][0]["names"] == ["discs", "noise", "stripes"]
    assert len(data["images"]) == len(data["names"]) == 36
    # the same again, over its own page and in another place
    assert run(["map", str(drawn), "--out", str(out), "--quiet"]) == 0
    assert out.read_text("utf-8") == page


def test_leaves_other_files_alone(drawn: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "mine.html"
    out.write_text("<p>mine</p>")
    assert run(["map", str(drawn), "--out", str(out), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "would_overwrite"
    assert out.read_text() == "<p>mine</p>"


def test_thumbnails_stay_within_their_budget(drawn: Path, tmp_path: Path, monkeypatch) -> None:
    module = importlib.import_module("topwork.unsupervised.maps.map_items")
    monkeypatch.setattr(module, "THUMBNAIL_BYTES", 20_000)
    out = tmp_path / "map.html"
    assert run(["map", str(drawn / "discs"), "--out", str(out), "--quiet"]) == 0
    uris = re.findall(r"data:image/jpeg;base64,[^\"]+", out.read_text("utf-8"))
    assert 0 < len(uris) < 12
    assert sum(map(len, uris)) <= 20_000


def test_a_clustering_is_drawn_with_its_clusters(drawn: Path, tmp_path: Path, capsys) -> None:
    model, out = str(tmp_path / "m.topwork"), tmp_path / "map.html"
    assert run(["cluster", str(drawn), "--k", "3", "-o", model, "--quiet"]) == 0
    assert run(["map", model, "--out", str(out), "--quiet"]) == 0
    page = out.read_text("utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])
    (clusters,) = data["colourings"]
    assert clusters["name"] == "cluster"
    assert [name[:3] for name in clusters["names"]] == ["0: ", "1: ", "2: "]
    one = drawn / "discs"
    assert run(["search", model, str(next(one.iterdir())), "--top", "1", "--json"]) == 0
    printed = capsys.readouterr().out
    assert "discs" in json.loads(printed)["results"][0]["path"]


def test_a_classifier_is_drawn_with_its_labels(drawn: Path, tmp_path: Path, capsys) -> None:
    model, out = str(tmp_path / "m.topwork"), tmp_path / "map.html"
    assert run(["fit", str(drawn), "-o", model, "--quiet"]) == 0
    capsys.readouterr()
    assert run(["map", model, "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["coloured_by"] == ["label", "doubt"]


def test_rows_of_a_table_have_no_map(tmp_path: Path, capsys) -> None:
    rng, table = np.random.default_rng(0), tmp_path / "shop.csv"
    spent = rng.normal(size=60) + 5 * (np.arange(60) % 2)
    rows = [f"{a:.3f},{a + b:.3f}" for a, b in zip(spent, rng.normal(size=60), strict=True)]
    table.write_text("\n".join(["spent,visits", *rows]))
    model = str(tmp_path / "m.topwork")
    assert run(["cluster", str(table), "-o", model, "--quiet"]) == 0
    assert run(["map", model, "--out", str(tmp_path / "map.html"), "--json"]) == 2
    error = json.loads(capsys.readouterr().out)["error"]
    assert (error["code"], "columns of a table" in error["message"]) == ("other_task", True)
