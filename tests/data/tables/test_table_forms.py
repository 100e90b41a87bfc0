"""Tables as other programs write them: hubs, spreadsheets, fastText, columns for classes."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from topwork.data import ImageModality, is_table, read, read_any, read_items
from topwork.data.tables.cells import inert_label, write_table
from topwork.errors import DataError

TEXTS = ["a fine film, really", "dull and much too long", "not a film for me"]


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def table(name: str, *lines: str) -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text("\n".join(lines), "utf-8")
    return name


def png(level: int) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.full((8, 8, 3), level, np.uint8)).save(stream, "PNG")
    return stream.getvalue()


# Names of columns


def test_names_in_any_capitals():
    assert len(read(table("t.csv", "TEXT,Label,GROUP", *(f'"{t}",x,1' for t in TEXTS)))) == 3
    both = table("u.csv", "text,Text,label", "the first,the second,x")
    assert read(both).items[0].value == "the first"


@pytest.mark.parametrize(
    ("names", "remedy"),
    [
        ("review,sentiment", "--columns text=review,label=sentiment"),
        ("id,Review,Category", "--columns text=Review,label=Category"),
        ("My text,The class", "--columns 'text=My text,label=The class'"),
        ("text,sentiment", "--columns label=sentiment"),
    ],
)
def test_the_columns_are_guessed_by_their_cells(names, remedy):
    n_ids = names.count(",") - 1
    rows = [
        f'{f"{i}," * n_ids}"{TEXTS[i % 3]} {i}",{"good" if i % 2 else "bad"}' for i in range(12)
    ]
    with pytest.raises(DataError, match="no column") as caught:
        read(table("t.csv", names, *rows))
    assert remedy in caught.value.remedy


def test_columns_of_files_are_guessed_by_their_names():
    rows = [f"{i},img/{i}.jpg,{'cat' if i % 2 else 'dog'},{i / 7}" for i in range(12)]
    with pytest.raises(DataError, match="no column 'path' or 'text'") as caught:
        read(table("t.csv", "id,picture,species,weight", *rows))
    assert "--columns path=picture,label=species" in caught.value.remedy


def customers(*, notes: str = "") -> list[str]:
    """Rows of numbers and categories, of which one in three has a note."""
    kinds = ("north", "east", "south")
    return [
        f'Customer {1000 + i},{kinds[i % 3]},"{i},{i % 7}",{i % 4},{notes if i % 3 == 0 else ""}'
        for i in range(30)
    ]


@pytest.mark.parametrize("kind", ["auto", "image", "text"])
@pytest.mark.parametrize("reader", [read, read_any])
def test_a_table_of_numbers_can_only_be_clustered(reader, kind):
    rows = customers(notes="please send an invoice by mail")
    with pytest.raises(DataError, match="no column") as caught:
        reader(table("t.csv", "name,region,sales,visits,note", *rows), items=kind)
    assert "topwork cluster t.csv" in caught.value.remedy
    assert "=note" not in caught.value.remedy


@pytest.mark.parametrize("items", ["auto", "text"])
def test_without_labels_texts_are_guessed_too(items):
    rows = [f'"{TEXTS[i % 3]} {i}",{"good" if i % 2 else "bad"}' for i in range(12)]
    with pytest.raises(DataError, match="no column") as caught:
        read_any(table("t.csv", "review,sentiment", *rows), items=items)
    assert caught.value.remedy.startswith("Try --columns text=review (")


def test_texts_in_memory_are_guessed_without_labels():
    with pytest.raises(DataError, match="no column") as caught:
        read_any([{"review": f"{TEXTS[i % 3]} {i}", "stars": i % 2} for i in range(12)])
    assert "rename(columns={'review': 'text'})" in caught.value.remedy


def test_where_only_labels_lack_what_needs_none_is_said():
    rows = [f'"{TEXTS[i % 3]} {i}",{"good" if i % 2 else "bad"}' for i in range(12)]
    with pytest.raises(DataError, match="no column 'label'") as caught:
        read(table("t.csv", "review,sentiment", *rows), columns={"text": "review"})
    assert "clusters need no labels" in caught.value.remedy


def test_texts_that_also_say_where_they_came_from():
    lines = ["path,text,label", *(f'docs/{i}.pdf,"{text}",x' for i, text in enumerate(TEXTS))]
    data = read(table("t.csv", *lines))
    assert [item.value for item in data.items] == TEXTS
    assert "--kind image" in data.hints[0]
    with pytest.raises(DataError, match="None of the 3 files"):
        read("t.csv", items="image")


# Labels in several columns


def test_the_one_column_that_is_1_names_the_label():
    rows = [f"a text {i},{i % 3 == 0:d},{i % 3 == 1:d},{i % 3 == 2:d}" for i in range(6)]
    data = read(table("t.csv", "text,healthy,rust,scab", *rows))
    assert data.targets.values() == ["healthy", "rust", "scab"] * 2
    assert "healthy, rust, scab" in data.hints[0]


def test_several_columns_that_are_1_are_several_labels():
    rows = ("text,rust,scab", "one text,1,1", "two text,0,0", "three text,1,", "four text,,")
    data = read(table("t.csv", *rows))
    assert data.targets.presence.tolist() == [[1, 1], [0, 0], [1, -1]]
    assert "columns rust, scab" in data.hints[0]
    assert data.ignored == {"rows without a label": 1}
    with pytest.raises(DataError, match="several are 1 in 1 of 4 rows and none in 2") as caught:
        read("t.csv", task="classes")
    assert caught.value.code == "several_labels"
    assert "--task labels" in caught.value.remedy


def test_columns_that_are_seldom_1_are_labels_only_where_that_is_said():
    rows = [f"a text {i},{i == 0:d},{i == 1:d}" for i in range(8)]
    with pytest.raises(DataError, match="no column 'label'"):
        read(table("t.csv", "text,checked,odd", *rows))
    assert read("t.csv", task="labels").targets.labels == ("checked", "odd")


# Forms of files


@pytest.mark.parametrize(
    "whole",
    [
        [{"text": text, "label": i} for i, text in enumerate(TEXTS)],
        {"text": TEXTS, "label": [0, 1, 2]},
        {"version": "1", "data": [{"text": text, "label": i} for i, text in enumerate(TEXTS)]},
        {"text": dict(enumerate(TEXTS)), "label": {"0": 0, "1": 1, "2": 2}},
    ],
)
def test_json_of_records_and_of_columns(whole):
    data = read(table("t.json", json.dumps(whole)))
    assert [item.value for item in data.items] == TEXTS
    assert data.targets.values() == ["0", "1", "2"]


def test_json_of_one_object_a_line_and_of_something_else():
    assert (
        len(read(table("t.json", '{"text": "a b", "label": 1}', '{"text": "c", "label": 2}'))) == 2
    )
    with pytest.raises(DataError, match="not a list of objects; it has info, images"):
        read(table("t.json", '{"info": {}, "images": [], "annotations": 3}'))
    with pytest.raises(DataError, match="is not JSON"):
        read(table("t.json", '[{"text": '))


def test_lines_that_begin_with_their_label():
    lines = [f"__label__{label} {text}" for label, text in zip("aba", TEXTS, strict=True)]
    data = read(table("t.txt", *lines, "no label here"))
    assert [item.value for item in data.items] == TEXTS
    assert data.targets.values() == ["a", "b", "a"]
    assert [r.reason for r in data.rejected] == ["bad_row"]
    assert is_table(Path("t.txt"))
    assert not is_table(Path(table("u.txt", "a plain text")))
    assert len(read_items(Path("t.txt"), kind="text")) == 4


def workbook(name: str, *sheets: list[list[object]]) -> str:
    """A file of Excel with cells of numbers, truths and texts."""
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kinds = f"{package}/content-types"
    excel = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    def cell(place: str, value: object) -> str:
        if isinstance(value, bool):
            return f'<c r="{place}" t="b"><v>{value:d}</v></c>'
        if isinstance(value, (int, float)):
            return f'<c r="{place}"><v>{value}</v></c>'
        return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>' if value else ""

    numbers = range(1, len(sheets) + 1)
    parts = {
        "[Content_Types].xml": f'{head}<Types xmlns="{kinds}"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
        f'PartName="/xl/workbook.xml" ContentType="{excel}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" '
            f'ContentType="{excel}.worksheet+xml"/>'
            for n in numbers
        )
        + "</Types>",
        "_rels/.rels": f'{head}<Relationships xmlns="{package}/relationships"><Relationship '
        f'Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{head}<workbook {main} xmlns:r="{office}"><sheets>'
        + "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'{head}<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{office}/worksheet" '
            f'Target="worksheets/sheet{n}.xml"/>'
            for n in numbers
        )
        + "</Relationships>",
    }
    for n, rows in zip(numbers, sheets, strict=True):
        body = "".join(
            f'<row r="{i}">{"".join(cell(f"{chr(65 + j)}{i}", v) for j, v in enumerate(row))}</row>'
            for i, row in enumerate(rows, start=1)
        )
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f"{head}<worksheet {main}><sheetData>{body}</sheetData></worksheet>"
        )
    with zipfile.ZipFile(name, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return name


def test_sheets_of_excel():
    rows: list[list[object]] = [["Text", "Label"]]
    rows += [[text, i] for i, text in enumerate(TEXTS)] + [["without", ""], ["", ""]]
    data = read(workbook("t.xlsx", [], rows))
    assert [item.value for item in data.items] == TEXTS
    assert data.targets.values() == ["0", "1", "2"]
    assert data.items[0].name == "t.xlsx:2"
    assert "2 sheets, of which 'Sheet2' was read" in data.hints[0]
    assert data.ignored == {"rows without a label": 1}
    truths = [["text", "label"], *([text, bool(i)] for i, text in enumerate(TEXTS))]
    assert read(workbook("u.xlsx", truths)).targets.values() == ["false", "true", "true"]


def test_sheets_that_cannot_be_read(monkeypatch):
    with pytest.raises(DataError, match="is empty"):
        read(workbook("t.xlsx", []))
    Path("u.xlsx").write_bytes(b"PK")
    with pytest.raises(DataError, match="cannot be read as a sheet"):
        read("u.xlsx")
    monkeypatch.setitem(__import__("sys").modules, "python_calamine", None)
    with pytest.raises(DataError, match="reader is not installed") as caught:
        read("t.xlsx")
    assert "[excel]" in caught.value.remedy
    assert "CSV UTF-8" in caught.value.remedy


# Data sets of hubs


def notes(names: list[str]) -> dict[bytes, bytes]:
    features = {"label": {"names": names, "_type": "ClassLabel"}, "image": {"_type": "Image"}}
    return {b"huggingface": json.dumps({"info": {"features": features}}).encode()}


def test_pictures_inside_parquet():
    pictures = [{"bytes": png(level), "path": f"{level}.png"} for level in (0, 99, 255)]
    frame = pa.table({"image": pictures, "label": [0, 1, -1]})
    pq.write_table(frame.replace_schema_metadata(notes(["dark", "bright"])), "t.parquet")
    data = read("t.parquet")
    assert data.targets.values() == ["dark", "bright"]
    assert data.ignored == {"rows without a label": 1}  # what -1 stands for
    kind = ImageModality()
    shown = [kind.show(kind.read(item)).max() for item in read_items("t.parquet")]
    assert [int(level) for level in np.array(shown)[[0, 2]]] == [0, 255]
    plain = pa.table({"img": [png(0), png(9)], "y": ["a", "b"]})
    pq.write_table(plain, "u.parquet")
    found = read("u.parquet", columns={"path": "img", "label": "y"})
    assert [item.name for item in found.items] == ["u.parquet:1", "u.parquet:2"]
    assert kind.read(found.items[0]).data == png(0)


def test_names_of_classes_in_parquet():
    frame = pa.table({"text": TEXTS, "label": [1, 0, 1]})
    pq.write_table(frame.replace_schema_metadata(notes(["bad", "good"])), "t.parquet")
    assert read("t.parquet").targets.values() == ["good", "bad", "good"]
    pq.write_table(frame.replace_schema_metadata(notes(["bad"])), "t.parquet")  # too few names
    assert read("t.parquet").targets.values() == ["1", "0", "1"]
    pq.write_table(frame.replace_schema_metadata({b"huggingface": b"{"}), "t.parquet")
    assert read("t.parquet").targets.values() == ["1", "0", "1"]


def test_folders_that_a_table_describes():
    for part in ("train", "test"):
        Path("hub", part, "images").mkdir(parents=True)
        for i in range(4):
            Path("hub", part, "images", f"{i}.png").write_bytes(png(i))
        rows = [f"images/{i}.png,{'ab'[i % 2]}" for i in range(4)]
        table(f"hub/{part}/metadata.csv", "file_name,label", *rows)
    with pytest.raises(DataError, match="described by hub/train/metadata") as caught:
        read("hub")
    assert caught.value.remedy.endswith(": hub/train/metadata.csv")
    with pytest.raises(DataError, match="described by hub/test/metadata"):
        read("hub", split="test_or_all")
    assert read("hub/train/metadata.csv").targets.values() == ["a", "b", "a", "b"]


# Signs that spreadsheets compute

SIGNS = ["+", "-", "=", "@home", "=x", "+ve", "-10 to 0", "+/-", "=1+1", "@SUM(A1)", "=cmd|'/C'!A0"]


def test_labels_that_are_signs_survive_a_table():
    rows = [(f"a text {i}", inert_label(sign)) for i, sign in enumerate(SIGNS)]
    write_table(Path("t.csv"), ("text", "label"), rows)
    assert read("t.csv").targets.values() == SIGNS
    changed = [sign for sign in SIGNS if inert_label(sign) != sign]
    assert changed == ["=x", "=1+1", "@SUM(A1)", "=cmd|'/C'!A0"]
    assert not [one for one in map(inert_label, SIGNS) if one[0] in "=@" and "(" in one]
