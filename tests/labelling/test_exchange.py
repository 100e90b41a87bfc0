"""Labels to other tools and back."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from PIL import Image

import topwork as tw
from topwork.cli.app import run
from topwork.errors import DataError, ParameterError
from topwork.labelling.exchange import export_labels, import_labels


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "data" / "photos"
    folder.mkdir(parents=True)
    for name, size in (("a.jpg", (64, 48)), ("b c.png", (30, 90)), ("ü & <x>.png", (50, 50))):
        Image.new("RGB", size, "grey").save(folder / name)
    return folder


TABLES = {
    "classes": (
        'path,label\nphotos/a.jpg,cat\nphotos/b c.png,"dog & <co>"\nphotos/ü & <x>.png,cat\n'
    ),
    "labels": (
        "path,label\nphotos/a.jpg,cat;dog\nphotos/b c.png,dog\nphotos/ü & <x>.png,bird;cat\n"
    ),
    "boxes": (
        "path,x_min,y_min,x_max,y_max,label\nphotos/a.jpg,1,2,30.5,40,cat\n"
        "photos/a.jpg,0,0,64,48,dog\nphotos/b c.png,3,4,20,80,cat\nphotos/ü & <x>.png,,,,,\n"
    ),
}


def _written(table: Path) -> list[tuple[str, ...]]:
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    return sorted(tuple(v for k, v in row.items() if k != "split") for row in rows)


@pytest.mark.parametrize("tool", ["label-studio", "cvat"])
@pytest.mark.parametrize("form", list(TABLES))
def test_there_and_back(photos: Path, tool, form: str) -> None:
    table = photos.parent / "labels.csv"
    table.write_text(TABLES[form], "utf-8")
    there = export_labels(table, to=tool)
    assert there.n_items == 3
    back = photos.parent / "back.csv"
    found = import_labels(there.out, back, root=photos.parent)
    assert found.n_items == 3
    expected = _written(table)
    if form == "boxes":
        assert [(r[0], r[-1]) for r in _written(back)] == [(r[0], r[-1]) for r in expected]
        for mine, theirs in zip(expected, _written(back), strict=True):
            for a, b in zip(mine[1:-1], theirs[1:-1], strict=True):
                assert (a, b) == ("", "") or float(a) == pytest.approx(float(b), abs=0.051)
    else:
        assert _written(back) == expected
    assert len(tw.read(back, split="all", task="labels" if form == "labels" else "auto")) == 3


def test_texts_go_to_label_studio_and_back(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    rows = [("it rains", "weather"), ("=1+1", "sums"), ('"two"\nlines', "weather")]
    with table.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("text", "label"), *rows])
    there = export_labels(table, to="label-studio")
    tasks = json.loads(Path(there.out).read_text("utf-8"))
    assert [task["data"]["text"] for task in tasks] == [text for text, _ in rows]
    assert there.config is not None
    assert '<Choice value="weather"/>' in there.config
    back = tmp_path / "back.csv"
    import_labels(there.out, back)
    data = tw.read(back, split="all")
    assert sorted(
        zip([str(i.value).strip() for i in data.items], data.classes.values(), strict=True)
    ) == sorted(rows)
    with pytest.raises(ParameterError, match="texts"):
        export_labels(table, to="cvat")


def test_what_label_studio_exports_itself_is_read(photos: Path) -> None:
    """Uploaded names, cancelled and repeated annotations, tasks without one."""

    def choice(name: str, **more: object) -> dict:
        value = {"choices": [name]}
        return {"result": [{"type": "choices", "from_name": "tag", "value": value}], **more}

    tasks = [
        {"id": 1, "data": {"image": "/data/upload/3/0a1b2c3d-a.jpg"},
         "annotations": [choice("dog", was_cancelled=True), choice("cat", was_cancelled=False)]},
        {"id": 2, "data": {"img": "/data/local-files/?d=photos/b%20c.png"},
         "annotations": [choice("cat"), choice("dog")]},
        {"id": 3, "data": {"image": "s3://bucket/photos/gone.png"}, "annotations": [choice("cat")]},
        {"id": 4, "data": {"image": "/data/upload/3/0a1b2c3d-x.png"}, "annotations": []},
    ]  # fmt: skip
    file = photos.parent / "export.json"
    file.write_text(json.dumps(tasks), "utf-8")
    found = import_labels(file, photos.parent / "labels.csv", root=photos.parent)
    assert [row[:2] for row in _written(photos.parent / "labels.csv")] == [
        ("photos/a.jpg", "cat"), ("photos/b c.png", "dog"),
    ]  # fmt: skip
    assert len(found.notes) == 3


def test_files_of_nobody_are_refused(photos: Path) -> None:
    bad = photos.parent / "bad.json"
    for content in ("", "{}", "[1]", '[{"text": "x"}]', "[" * 100_000):
        bad.write_text(content, "utf-8")
        with pytest.raises(DataError):
            import_labels(bad, photos.parent / "labels.csv")
    bad = photos.parent / "bad.xml"
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]><annotations><image name="&b;"/></annotations>'
    for content in ("", "<a/>", "<annotations></annotations>", bomb):
        bad.write_text(content, "utf-8")
        with pytest.raises(DataError):
            import_labels(bad, photos.parent / "labels.csv")
    (photos.parent / "x.dat").write_text("", "utf-8")
    with pytest.raises(ParameterError, match="--from"):
        import_labels(photos.parent / "x.dat", photos.parent / "labels.csv")
    assert not (photos.parent / "labels.csv").exists()


def test_names_that_lead_out_of_the_folder_are_not_followed(photos: Path) -> None:
    secret = photos.parent.parent / "secret.png"
    Image.new("RGB", (5, 5)).save(secret)
    file = photos.parent / "export.xml"
    file.write_text(
        '<annotations><image name="../secret.png"><tag label="x"/></image>'
        '<image name="photos/a.jpg"><tag label="y"/></image></annotations>',
        "utf-8",
    )
    found = import_labels(file, photos.parent / "labels.csv", root=photos.parent)
    assert found.n_items == 1
    assert found.classes == ["y"]


def test_the_commands(photos: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = photos.parent / "labels.csv"
    table.write_text(TABLES["classes"], "utf-8")
    assert run(["export-labels", str(table), "--to", "cvat", "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    assert out["n_items"] == 3
    back = photos.parent / "back.csv"
    arguments = ["import-labels", out["out"], "-o", str(back), "--root", str(photos.parent)]
    assert run([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["classes"] == ["cat", "dog & <co>"]
