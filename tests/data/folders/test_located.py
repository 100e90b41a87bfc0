"""Files that a table calls otherwise than they are called."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from topwork.data import read, read_items
from topwork.errors import DataError, ParameterError

FILES = ("img/cat/1.jpg", "img/cat/2.jpg", "img/Hêtre/1.jpg", "img/50% off.jpg")


@pytest.fixture(autouse=True)
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        put(f"t/{name}")


def put(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def table(*paths: str, name: str = "t/t.csv") -> str:
    rows = [f'"{path}",{"ab"[i % 2]}' for i, path in enumerate(paths)]
    Path(name).write_text("\n".join(["path,label", *rows]), "utf-8")
    return name


def names(data) -> list[str]:
    return [item.name for item in data.items]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda p: p.replace("/", "\\"), "read with / for \\"),
        (lambda p: f" {p} ", "without the blanks"),
        (lambda p: unicodedata.normalize("NFD", p), "another form of Unicode"),
        (lambda p: p.upper(), "case or form alone"),
        (lambda p: f" {p.upper()}".replace("/", "\\"), "case or form alone"),
        (lambda p: "file://" + str(Path("t", p).resolve()), "escaped"),
        (lambda p: p.replace("%", "%25").replace(" ", "%20"), "escaped"),
        (lambda p: "C:\\Users\\me\\" + p.replace("/", "\\"), "fits one file each"),
        (lambda p: "/home/me/" + p, "fits one file each"),
    ],
)
def test_other_spellings(change, said):
    data = read(table(*map(change, FILES)))
    assert [Path(name).resolve() for name in names(data)] == [
        Path("t", name).resolve() for name in FILES
    ]
    assert any(said in hint for hint in data.hints)
    assert [Path(i.name).resolve() for i in read_items("t/t.csv")] == [
        Path(name).resolve() for name in names(data)
    ]


def test_what_is_there_is_taken_as_it_is():
    put("t/ img.jpg", "t/img.jpg", "t/a\\b.jpg", "t/a/b.jpg", "t/A.jpg", "t/a.jpg")
    given = (" img.jpg", "img.jpg", "a\\b.jpg", "A.jpg", "a.jpg")
    data = read(table(*given))
    assert (names(data), data.hints) == ([f"t/{name}" for name in given], ())


def test_a_missing_file_is_not_taken_for_another():
    data = read(table("img/cat/1.jpg", "img/dog/2.jpg", "x/2.jpg"))
    assert names(data) == ["t/img/cat/1.jpg", "t/img/dog/2.jpg", "t/x/2.jpg"]
    put("t/Q.jpg", "t/q.jpg")
    assert names(read(table("img/cat/1.jpg", "Q.JPG")))[1] == "t/Q.JPG"


def test_identifiers_are_found_below_the_table():
    put("t/part_1/I_a.jpg", "t/part_2/I_b.png", "t/part_2/notes.md")
    Path("t/meta.csv").write_text("image_id,dx,lesion\nI_a,x,1\nI_b,y,2\n")
    data = read("t/meta.csv", columns={"path": "image_id", "label": "dx", "group": "lesion"})
    assert names(data) == ["t/part_1/I_a.jpg", "t/part_2/I_b.png"]
    assert "such as part_1/I_a.jpg for 'I_a'" in data.hints[0]


def test_names_that_fit_several_files_are_asked_about():
    put("t/train/7.jpg", "t/test/7.jpg", "t/train/8.jpg")
    with pytest.raises(
        DataError, match=r"fit several files, such as 7: test/7.jpg, train"
    ) as caught:
        read(table("7", "8"))
    assert caught.value.remedy.endswith("--root t/test.")
    data = read("t/t.csv", root="t/train")
    assert names(data) == ["t/train/7.jpg", "t/train/8.jpg"]


def test_root_is_where_paths_start():
    data = read(table("1.jpg", "2.jpg"), root="t/img/cat")
    assert (names(data), data.hints) == (["t/img/cat/1.jpg", "t/img/cat/2.jpg"], ())


def test_few_names_that_fit_are_chance():
    with pytest.raises(DataError, match="None of the 5 files") as caught:
        read(table("x/50% off.jpg", "x/6.jpg", "x/7.jpg", "x/8.jpg", "x/9.jpg"))
    assert "--root FOLDER" in caught.value.remedy


@pytest.mark.parametrize("start", ["https://example.org/", "hdfs://host/"])
def test_addresses_are_named(start):
    with pytest.raises(DataError, match=r"are addresses, such as .*doesn't fetch"):
        read(table(f"{start}a.jpg", f"{start}b.jpg"))


def test_paths_of_another_computer_are_named():
    with pytest.raises(DataError, match="with a drive and backslashes"):
        read(table("D:\\x\\a.jpg", "D:\\x\\b.jpg"))


def test_names_in_another_encoding():
    Path("t/img/cat/1.jpg").rename(os.fsdecode(b"t/img/cat/caf\xe9.jpg"))
    data = read(table("img/cat/café.jpg", "img/cat/2.jpg"))
    assert Path(data.items[0].path).exists()


def test_root_needs_a_table_of_files():
    Path("t/texts.csv").write_text("text,label\na b,x\nc d,y\n")
    for source, root in (("t/texts.csv", "t"), (table("img/cat/1.jpg"), "nowhere"), ("t/img", "t")):
        with pytest.raises(ParameterError, match="root"):
            read(source, root=root)


def test_labels_in_two_forms_of_unicode_are_one():
    rows = [f"img/cat/{i + 1}.jpg,{unicodedata.normalize(f, 'Hêtre')}" for i, f in
            enumerate(("NFC", "NFD"))]  # fmt: skip
    Path("t/t.csv").write_text("\n".join(["path,label", *rows, "img/Hêtre/1.jpg,oak"]), "utf-8")
    assert read("t/t.csv").targets.labels == ("Hêtre", "oak")
    put(
        *(f"f/{c}/{i}.jpg" for i, c in enumerate(rows[j].split(",")[1] for j in (0, 1))),
        "f/o/1.jpg",
    )
    assert read("f").targets.labels == ("Hêtre", "o")


def test_labels_that_differ_in_case_are_named():
    Path("t/t.csv").write_text("path,label\nimg/cat/1.jpg,Cat\nimg/cat/2.jpg,cat\n")
    assert "'Cat' and 'cat' differ in case" in read("t/t.csv").hints[0]
