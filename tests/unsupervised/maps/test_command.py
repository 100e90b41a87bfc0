"""``topwork map`` on real files."""

from __future__ import annotations

import importlib
import json
import re
from pathlib import Path

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
