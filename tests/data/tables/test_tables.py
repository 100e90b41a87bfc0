"""Tables of every form."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from topwork.data import read, read_items
from topwork.errors import DataError, ParameterError

ROWS = [
    {"path": "img/b.jpg", "label": "1"},
    {"path": "img/a.jpg", "label": "01"},
    {"path": "c d.png", "label": "1.0"},
    {"path": "ü.jpg", "label": "NA"},
]


@pytest.fixture(autouse=True)
def _files(tmp_path, monkeypatch):
    """Put the files that tables name into ``data`` in the current folder."""
    monkeypatch.chdir(tmp_path)
    for row in ROWS:
        path = tmp_path / "data" / row["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def write(name: str, rows: list[dict[str, object]], **options: object) -> str:
    frame, path = pd.DataFrame(rows), Path("data") / name
    if name.endswith(".parquet"):
        frame.to_parquet(path)
    elif name.endswith("l"):
        path.write_text(
            "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8"
        )
    else:
        separator = "\t" if name.endswith(".tsv") else ","
        frame.to_csv(path, **{"index": False, "sep": separator, "encoding": "utf-8"} | options)
    return str(path)


def text(content: str | bytes, name: str = "t.csv") -> str:
    path = Path("data") / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


FORMS = ["t.csv", "t.TSV".lower(), "t.parquet", "t.jsonl"]


@pytest.mark.parametrize("name", FORMS)
def test_every_form(name):
    data = read(write(name, ROWS))
    assert data.targets.values() == ["1", "01", "1.0", "NA"]
    assert [item.name for item in data.items] == [
        "data/img/b.jpg", "data/img/a.jpg", "data/c d.png", "data/ü.jpg",
    ]  # fmt: skip
    assert all(item.path.is_file() for item in data.items)
    assert (data.split, data.groups, data.domains) == ("all", None, None)


@pytest.mark.parametrize("name", FORMS)
def test_every_column(name):
    parts = ["train", "VAL", "test", "validation"]
    rows = [
        row | {"group": f"g{i}", "domain": f"d{i}", "split": parts[i], "keep": i != 1, "more": [i]}
        for i, row in enumerate(ROWS)
    ]
    data = read(write(name, rows))
    assert data.groups.tolist() == ["g0", "g3"]
    assert data.domains.tolist() == ["d0", "d3"]
    assert data.ignored == {"rows not kept": 1}
    assert data.split == "train"
    assert len(read(write(name, rows), split="test")) == 1
    assert len(read(write(name, rows), split="test_or_all")) == 1
    assert len(read(write(name, rows), split="all")) == 3
    assert len(read_items(write(name, rows))) == 3


def test_table_in_the_current_folder(monkeypatch):
    write("t.csv", ROWS)
    monkeypatch.chdir("data")
    assert read("t.csv").items[0].name == "img/b.jpg"
    assert read("./t.csv").items[0].name == "img/b.jpg"


def test_absolute_paths(tmp_path):
    path = tmp_path / "data/img/a.jpg"
    assert read(write("t.csv", [{"path": str(path), "label": "x"}])).items[0].path == path


def test_labels_stay_as_written():
    lines = '{"path": "img/a.jpg", "label": 1.50}\n\n{"path": "img/b.jpg", "label": true}\n'
    assert read(text(lines, "t.jsonl")).targets.labels == ("1.50", "true")
    numbers = [{"path": "img/a.jpg", "label": 7}, {"path": "img/b.jpg", "label": 10}]
    assert read(write("t.parquet", numbers)).targets.labels == ("10", "7")


@pytest.mark.parametrize(
    "content",
    [
        "path;label\nimg/a.jpg;x\n",
        "path\tlabel\nimg/a.jpg\tx\n",
        "\ufeffpath,label\r\nimg/a.jpg,x\r\n\r\n",
        'path, label ,"note, long"\nimg/a.jpg,x,"a\nb"\n',
    ],
)
def test_dialects(content):
    data = read(text(content))
    assert (data.items[0].name, data.targets.labels) == ("data/img/a.jpg", ("x",))


def test_columns_can_be_renamed():
    rows = [{"file": "img/a.jpg", "kind": "x", "label": "wrong", "patient": "p"}]
    names = {"path": "file", "label": "kind", "group": "patient"}
    for name in FORMS:
        data = read(write(name, rows), columns=names)
        assert data.targets.labels == ("x",)
        assert data.groups.tolist() == ["p"]
        assert len(read_items(write(name, rows), columns={"path": "file"})) == 1


def test_tables_without_a_line_of_names():
    path = text("img/a.jpg,x,7\nimg/b.jpg,y,8\n")
    data = read(path, header=["path", "label", "group"])
    assert data.targets.values() == ["x", "y"]
    assert data.groups.tolist() == ["7", "8"]
    assert len(read(path, header=["file", "label", "n"], columns={"path": "file"})) == 2


def test_splits_in_a_table_without_test():
    path = text("path,label,split\nimg/a.jpg,x,train\nimg/b.jpg,y,val\n")
    assert len(read(path, split="test_or_all")) == 2
    with pytest.raises(DataError, match="no test part"):
        read(path, split="test")


def test_table_without_splits_has_no_test_part():
    path = text("path,label\nimg/a.jpg,x\n")
    with pytest.raises(DataError, match="no parts"):
        read(path, split="test")


def test_rows_of_other_parts_are_not_looked_at():
    path = text("path,label,split\nimg/a.jpg,x,train\nnowhere.jpg,,test\n")
    assert len(read(path)) == 1
    with pytest.raises(DataError, match=r"1 of 1 rows of .* have no label"):
        read(path, split="test")


BAD = {
    "no label column": ("path,kind\na,b\n", "no column 'label'; .*: path, kind", "--columns label"),
    "no line of names, but sentences": (
        "what a lovely day,1\nnot for me at all,0\n",
        "no column 'path'",
        "--no-header text,label",
    ),
    "no line of names": ("img/a.jpg,x\n", "no column 'path'", "--no-header path,label"),
    "no label": (
        "path,label\nimg/a.jpg,\nimg/b.jpg,\nc d.png,  \n",
        r"3 of 3 rows of data/t.csv have no label: lines 2, 3, 4\.",
        "Fill in",
    ),
    "no path": ("path,label\n,x\n", "have no path: lines 2", "Fill in"),
    "no group": ("path,label,group\nimg/a.jpg,x,\n", "have no group", "Fill in"),
    "many empty": ("path,label\n" + "img/a.jpg,\n" * 12, "10, 11 and 2 more", "Fill in"),
    "keep": ("path,label,keep\nimg/a.jpg,x,maybe\n", "neither true nor false", "true, false"),
    "split": ("path,label,split\nimg/a.jpg,x,holdout\n", "unknown split: lines 2", "train"),
    "none kept": ("path,label,keep\nimg/a.jpg,x,0\n", "no rows to read", "row for each item"),
    "names alone": ("path,label\n", "no rows to read", "row for each item"),
    "nothing": ("", "is empty", "line for each item"),
    "short row": ("path,label\nimg/a.jpg\n", "Line 2 of data/t.csv has 1 fields", "double quotes"),
    "open quote": ('path,label\n"img/a.jpg,x\n', "Line 2 .*cannot be read", "double quotes"),
    "two labels": ("path,label,label\nimg/a.jpg,x,y\n", "2 columns called 'label'", "of its own"),
    "wrong paths": ("path,label\nx.jpg,x\ny.jpg,y\n", "None of the 2 files", "relative to"),
    "not all utf-8": (b"path,label\nimg/a.jpg,gr\xc3\xbcn\nb,gr\xfcn\n", "not in UTF-8", "UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_table(case):
    content, said, remedy = BAD[case]
    with pytest.raises(DataError, match=said) as caught:
        read(text(content))
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"path": "img/a.jpg", "label": "x"\n', "Line 1 of data/t.jsonl is not JSON"),
        ('\n["img/a.jpg", "x"]\n', "Line 2 of data/t.jsonl is not an object"),
        ('{"path": ["img/a.jpg", "x"], "label": "x"}\n', "several values"),
        ('{"path": "img/a.jpg", "label": null}\n', "have no label: lines 1"),
        ('{"path": "img/a.jpg", "label": NaN}\n', "have no label: lines 1"),
        ("", "no column 'path'; its columns are: none at all"),
    ],
)
def test_bad_jsonl(content, said):
    with pytest.raises(DataError, match=said):
        read(text(content, "t.jsonl"))


def test_bad_parquet():
    with pytest.raises(DataError, match="not a Parquet file"):
        read(text("path,label", "t.parquet"))
    with pytest.raises(DataError, match="where text is expected"):
        read(write("t.parquet", [{"path": ["img/a.jpg", "x"], "label": "x"}]))
    with pytest.raises(DataError, match="have no path: rows 2"):
        read(write("t.parquet", [{"path": "img/a.jpg", "label": 1}, {"path": None, "label": 2}]))


def test_bad_parameters():
    path = write("t.csv", ROWS)
    with pytest.raises(ParameterError, match="columns renames 'file'"):
        read(path, columns={"file": "path"})
    with pytest.raises(DataError, match="no column 'patient'"):
        read(path, columns={"group": "patient"})
    with pytest.raises(ParameterError, match="header does not apply"):
        read(write("t.jsonl", ROWS), header=["path", "label"])
    with pytest.raises(ParameterError, match="layout goes with"):
        read(path, layout="domain/class")


def test_table_that_cannot_be_opened(monkeypatch):
    path = write("t.csv", ROWS)

    def refuse(*_arguments, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(DataError, match="cannot be read: Permission denied"):
        read(path)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing", "cannot be opened: No such file"),
        ("missing.csv", "cannot be opened: No such file"),
        ("img/a.jpg", "is a single image"),
        ("t.zip", "is an archive"),
        ("t.doc", "neither a folder nor a table"),
        ("t.xlsx", "cannot be read as a sheet"),
    ],
)
def test_sources_that_are_no_data(name, said):
    if name.startswith("t."):
        text("x", name)
    with pytest.raises(DataError, match=said):
        read(f"data/{name}")


def test_rows_that_are_dropped_are_not_checked():
    rows = [row | {"split": "train", "keep": 1} for row in ROWS]
    rows.append({"path": "", "label": "x", "split": "train", "keep": 0})
    rows.append({"path": None, "label": "y", "split": "test", "keep": 1})
    table = write("t.csv", rows)
    assert len(read(table)) == 4
    assert len(read_items(write("u.csv", [r for r in rows if r["split"] == "train"]))) == 4
    with pytest.raises(DataError, match=r"1 of 1 rows of .* have no path"):
        read(table, split="test")


def test_root_goes_with_tables_of_files():
    rows = [{"path": Path(row["path"]).name, "label": row["label"]} for row in ROWS[:2]]
    table = write("t.csv", rows)
    for reading in (read(table, root="data/img").items, read_items(table, root="data/img")):
        assert sorted(item.name for item in reading) == ["data/img/a.jpg", "data/img/b.jpg"]
    for source in (["data/img/a.jpg"], pd.DataFrame(rows)):
        with pytest.raises(ParameterError, match="root goes with a table in a file"):
            read(source, root="data/img")
        with pytest.raises(ParameterError, match="root goes with a table in a file"):
            read_items(source, root="data/img")
