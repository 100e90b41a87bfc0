"""Texts with one per line, their labels in a second file, and names that are taken for texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from topwork.data import (
    TextModality,
    TextNotFileWarning,
    looks_like_a_file,
    read,
    read_items,
    read_unlabelled,
)
from topwork.errors import DataError, ParameterError


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("d").mkdir()


def put(name: str, *lines: str, end: str = "\n") -> str:
    Path("d", name).write_bytes("".join(line + end for line in lines).encode())
    return f"d/{name}"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("names", "labels"),
    [
        (None, ["1", "0", "1"]),
        (("0\tsad", "1\tvery glad"), ["very glad", "sad", "very glad"]),
        (("0 sad", "1 glad"), ["glad", "sad", "glad"]),
        (("1: glad", "0: sad"), ["glad", "sad", "glad"]),
        (("sad,0", "glad,1"), ["glad", "sad", "glad"]),
        (("sad", "glad"), ["glad", "sad", "glad"]),
    ],
)
def test_labels_in_a_second_file(names, labels, end):
    texts = put("train_text.txt", "so good\u2028today", "it rains", "a\x0bb", end=end)
    given = put("train_labels.txt", "1", "0 ", "1", end=end)
    called = None if names is None else put("mapping.txt", *names, end=end)
    data = read(texts, given, names=called)
    assert data.targets.values() == labels
    assert [i.name for i in data.items] == [f"{texts}:{n}" for n in (1, 2, 3)]
    assert [i.value for i in data.items] == ["so good\u2028today", "it rains", "a\x0bb"]
    assert data.kind.name == "text"


@pytest.mark.parametrize(
    ("texts", "labels", "names", "said"),
    [
        (("a", "b"), ("1",), ("x",), "d/t.txt has 2 lines, but d/l.txt has 1"),
        (("a", "b"), ("1", ""), ("x",), "1 lines of d/l.txt are empty, the first is line 2"),
        (("a", "b"), ("1", "7"), ("x", "y"), "no name for the label '7'; it names 0, 1"),
    ],
)
def test_files_that_do_not_go_together(texts, labels, names, said):
    with pytest.raises(DataError, match=said):
        read(put("t.txt", *texts), put("l.txt", *labels), names=put("m.txt", *names))


def test_an_empty_line_stays_in_step():
    data = read(put("t.txt", "a", "", "c"), put("l.txt", "x", "y", "z"))
    assert [item.value for item in data.items] == ["a", "", "c"]
    assert data.targets.values() == ["x", "y", "z"]


def test_the_command_for_two_files_is_named():
    texts, labels = put("train_text.txt", "a b"), put("train_labels.txt", "1")
    put("mapping.txt", "0\tno")
    put("test_text.txt", "a b")
    put("test_labels.txt", "1")
    for source in ("d", texts):
        with pytest.raises(DataError, match="in two files") as caught:
            read(source)
        assert caught.value.remedy.endswith(
            f"topwork fit {texts} --labels {labels} --names d/mapping.txt"
        )
    with pytest.raises(DataError, match="in two files") as caught:
        read("d/test_text.txt")
    assert "--labels d/test_labels.txt" in caught.value.remedy


def test_a_single_text_is_no_data():
    with pytest.raises(DataError, match="single text") as caught:
        read(put("a.txt", "a b"))
    assert "--labels FILE" in caught.value.remedy


def test_lines_need_a_file_of_them():
    put("t.csv", "text,label", "a,b")
    for source, more in (("d", {"lines": True}), ("d/t.csv", {"labels": "d/t.csv"})):
        with pytest.raises(ParameterError, match="no file with a text per line"):
            read(source, **more)
    with pytest.raises(ParameterError, match="names goes with"):
        read("d/t.csv", names="d/t.csv")


def test_lines_as_items():
    file = Path(put("t.txt", "a b", "", "c d"))
    assert [(i.name, i.value) for i in read_items(file, kind="text", lines=True)] == [
        ("d/t.txt:1", "a b"), ("d/t.txt:3", "c d")]  # fmt: skip
    notes: list[str] = []
    assert len(read_items(file, kind="text", notes=notes)) == 1
    assert notes == []
    assert len(read_items(Path(put("t.txt", *["a b"] * 1421)), kind="text", notes=notes)) == 1
    assert notes == [
        "d/t.txt has 1,421 lines and was read as one text; --lines reads each line as one."
    ]


@pytest.mark.parametrize(
    ("text", "is_file"),
    [
        ("nwe.csv", True), ("a.JPG", True), ("./a", True), ("../a/b", True), ("/a/b", True),
        ("C:\\new", True), ("d/new", True), ("d/a new.txt", True), ("the nwe.csv", True),
        ("good", False), ("and/or", False), ("3/4", False), ("see readme.txt", False), ("", False),
        ("it ends.", False), ("two\nlines.csv", False), ("a" * 300 + ".csv", False), (":/", False),
    ],
)  # fmt: skip
def test_what_looks_like_a_file(text, is_file):
    Path("the new.csv").touch()
    assert looks_like_a_file(text) is is_file


def test_python_warns_of_a_name_taken_as_a_text():
    with pytest.warns(TextNotFileWarning, match=r"pathlib.Path\('nwe.csv'\)"):
        assert read_items("nwe.csv", kind="text")[0].value == "nwe.csv"


def test_a_close_name_is_named():
    put("new.csv", "text", "a")
    with pytest.raises(DataError, match=r"No such file or directory. Did you mean d/new.csv\?"):
        read_items(Path("d/nwe.csv"), kind="text")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"layout": "class"}, "layout goes with a folder"),
        ({"exclude": ["x"]}, "exclude goes with a folder"),
    ],
)
def test_what_is_for_folders_is_refused_for_lines(given, said):
    texts, labels = put("t.txt", "a", "b"), put("l.txt", "x", "y")
    for more in ({"labels": labels}, {"lines": True}):
        with pytest.raises(ParameterError, match=said):
            read(texts, **more, **given)


@pytest.mark.parametrize("given", [{"names": "d/t.txt"}, {"labels": ["x", "y"]}])
def test_labels_of_lines_are_in_a_file(given):
    with pytest.raises(ParameterError, match=r"(names|labels) goes with"):
        read(put("t.txt", "a", "b"), lines=True, **given)


def test_lines_have_no_splits_and_may_lack_labels():
    texts, labels = put("t.txt", "a", "b", "c"), put("l.txt", "x", "", "z")
    with pytest.raises(DataError, match="test"):
        read(texts, labels, split="test")
    data = read(texts, labels, skip_unlabelled=True, split="test_or_all")
    assert [item.name for item in data.items] == ["d/t.txt:1", "d/t.txt:3"]
    assert data.targets.values() == ["x", "z"]


def test_what_is_said_of_the_encoding_of_lines_is_kept():
    texts, labels = put("t.txt", "good", "bad"), put("l.txt", "0", "1")
    names = Path("d/n.txt")
    names.write_bytes("0\tschön\n1\tschlecht\n".encode("cp1252"))
    assert any("d/n.txt" in hint for hint in read(texts, labels, names=names).hints)
    french = Path("d/f.txt")
    french.write_bytes("déjà vu\nça va\n".encode("cp1252"))
    notes: list[str] = []
    read_items(french, kind="text", lines=True, notes=notes)
    assert any("Windows-1252" in note for note in notes)
    assert read(french, lines=True).hints == tuple(notes)
    table = Path("d/t.csv")
    table.write_bytes("text\ndéjà vu\nça va\n".encode("cp1252"))
    assert any("Windows-1252" in hint for hint in read_unlabelled(table, kind=TextModality()).hints)


@pytest.mark.parametrize("lines", ["0\tneg\n0\tpos\n1\tx\n", "0\tneg\n1\tneg\n"])
def test_names_that_contradict_each_other_are_refused(tmp_path: Path, lines: str) -> None:
    texts, labels, names = (tmp_path / n for n in ("t.txt", "l.txt", "n.txt"))
    texts.write_text("good\nbad\n")
    labels.write_text("0\n1\n")
    names.write_text(lines)
    with pytest.raises(DataError) as raised:
        read(texts, labels=labels, names=names)
    assert raised.value.code == "names_differ"
