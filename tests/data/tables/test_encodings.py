"""Tables that are not in UTF-8, or whose rows other programs escape: told, said and read."""

from __future__ import annotations

from pathlib import Path

import pytest

from topwork.data import Dataset, read, read_items, uneven_losses
from topwork.errors import DataError

ROWS = [("déjà vu at the café", "good"), ("5 £ for über cold soup", "bad"), ("plain words", "good")]
TEXT = "text,label\n" + "".join(f"{text},{label}\n" for text, label in ROWS)


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def told(data: Dataset) -> list[tuple[object, object]]:
    return list(zip([item.value for item in data.items], data.targets.values(), strict=True))


@pytest.mark.parametrize(
    ("encoding", "said"),
    [
        ("utf-8", None),
        ("utf-8-sig", None),
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("cp1252", "Windows-1252"),
        ("latin-1", "Windows-1252"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_encoding_that_can_be_told(encoding, said, separator):
    Path("t.csv").write_bytes(TEXT.replace(",", separator).encode(encoding))
    data = read("t.csv")
    assert told(data) == ROWS
    assert not data.rejected
    assert [said in hint for hint in data.hints] == ([True] if said else [])
    notes: list[str] = []
    assert len(read_items(Path("t.csv"), kind="text", notes=notes)) == 3
    assert notes == list(data.hints)


@pytest.mark.parametrize("form", ["jsonl", "json", "tsv"])
def test_other_forms_in_another_encoding(form):
    lines = ['{"text": "déjà vu", "label": "a"}', '{"text": "über", "label": "b"}']
    text = {
        "jsonl": "\n".join(lines),
        "json": f"[{','.join(lines)}]",
        "tsv": "text\tlabel\ndéjà vu\ta\nüber\tb\n",
    }[form]
    Path(f"t.{form}").write_bytes(text.encode("cp1252"))
    assert told(read(f"t.{form}")) == [("déjà vu", "a"), ("über", "b")]


@pytest.mark.parametrize(
    ("encoding", "words"),
    [
        ("cp1251", "очень хороший фильм"),
        ("cp1250", "łódź jest piękna, żółta gęś"),
        ("mac-roman", "déjà vu, très chère crème brûlée"),
        ("cp437", "déjà vu, très chère crème brûlée"),
        ("shift-jis", "とても良い映画でした"),
        ("gb18030", "这是一部很好的电影"),
    ],
)
def test_an_encoding_that_cannot_be_told_is_refused_before_anything_is_rejected(encoding, words):
    rows = [f'"{words} {i}",{label}' for i in range(20) for label in ("a", "b")]
    Path("t.csv").write_bytes("\n".join(["text,label", *rows]).encode(encoding))
    with pytest.raises(DataError, match="encoding can't be told") as caught:
        read("t.csv")
    assert "CSV UTF-8" in caught.value.remedy
    assert "iconv -f ENCODING -t UTF-8 t.csv" in caught.value.remedy


def test_damaged_bytes_in_utf8_cost_their_rows_alone():
    rows = [f"zwölf {i},x".encode() for i in range(30)] + [b"gr\xfcn,x"]
    Path("t.csv").write_bytes(b"\n".join([b"text,label", *rows]))
    data = read("t.csv")
    assert len(data) == 31
    assert not data.hints


def test_a_line_that_names_the_separator_is_no_header():
    Path("t.csv").write_text("sep=;\r\ntext;label\r\nfine, really;a\r\ndull;b\r\n")
    data = read("t.csv")
    assert told(data) == [("fine, really", "a"), ("dull", "b")]
    assert data.items[0].name == "t.csv:3"


def test_quotation_marks_behind_backslashes():
    Path("t.csv").write_text('text,label\n"say ""hi"", ok",a\n"say \\"win\\", twice",b\n')
    data = read("t.csv")
    assert [text for text, _ in told(data)] == ['say "hi", ok', 'say "win", twice']
    assert "behind backslashes" in data.hints[0]
    Path("u.csv").write_text('text,label\n"C:\\new\\",a\nplain,b\n')
    assert told(read("u.csv"))[0] == ("C:\\new\\", "a")  # a backslash alone stays one


def test_when_every_row_is_bad_the_first_reason_is_said():
    Path("t.csv").write_text("text,label\none,two,three\nfour\n")
    with pytest.raises(DataError, match="None of the 2 rows") as caught:
        read("t.csv")
    assert "Line 2 of t.csv has 3 fields where there are 2 columns" in caught.value.message


def test_missing_columns_come_before_bad_rows():
    good = "\n".join(f"a text of words {i},ham" for i in range(9))
    Path("t.csv").write_text(f'message,class\n{good}\n"open quote" here,ham\n')
    with pytest.raises(DataError, match="no column 'path' or 'text'") as caught:
        read("t.csv")
    assert "--columns text=message,class" not in caught.value.remedy
    assert "--columns text=message,label=class" in caught.value.remedy


def test_a_class_that_loses_more_rows_is_named_with_numbers():
    rows = [f"zwölf ham {i},ham".encode() for i in range(40)]
    rows += [f"win {i} ".encode() + (b"\xa3" if i % 2 else b"") + b",spam" for i in range(20)]
    Path("t.csv").write_bytes(b"\n".join([b"text,label", *rows]))
    data = read("t.csv")
    lost = [item.name for item in data.items if "\udca3" in str(item.value)]
    sentence = uneven_losses(data, lost)
    assert sentence is not None
    assert sentence.startswith("10 of 20 items of the class 'spam' cannot be read, but 0 of 40")
    assert uneven_losses(data, [data.items[0].name, data.items[50].name]) is None


def test_a_quotation_mark_that_swallows_rows_is_refused_with_its_line():
    rows = [f"a text of words {i},{'ab'[i % 2]}" for i in range(40)]
    rows[6] = '"it opens here,a'
    Path("t.csv").write_text("\n".join(["text,label", *rows, ""]))
    with pytest.raises(
        DataError, match=r"Line 8 of t.csv cannot be read: .* never closed"
    ) as caught:
        read("t.csv")
    assert "the 33 lines after it" in caught.value.message
    assert "Close it in the line where it opens" in caught.value.remedy
    rows[20] = 'and "closed" here",b'
    Path("t.csv").write_text("\n".join(["text,label", *rows, ""]))
    read_before = [line for line in range(2, 42) if not 8 <= line <= 22]
    data = read("t.csv")
    assert [item.name for item in data.items] == [f"t.csv:{line}" for line in read_before]
    (bad,) = data.rejected
    assert bad.path == "t.csv:8"
    assert "The row in lines 8 to 22 of t.csv cannot be read" in bad.detail


def test_names_of_images_in_a_column_of_texts_are_read_as_images():
    Path("img").mkdir()
    for name in ("a b.jpg", "c.PNG"):
        (Path("img") / name).touch()
    Path("t.csv").write_text("Text,label\nimg/a b.jpg,x\nimg/c.PNG,y\n")
    data = read("t.csv")
    assert data.kind.name == "image"
    assert [item.name for item in data.items] == ["img/a b.jpg", "img/c.PNG"]
    assert "names images, so the images were read; --kind text" in data.hints[0]
    texts = read("t.csv", items="text")
    assert told(texts) == [("img/a b.jpg", "x"), ("img/c.PNG", "y")]
    Path("t.csv").write_text("text,label\nsee img/c.png there,x\nimg/c.PNG,y\n")
    assert read("t.csv").kind.name == "text"
    Path("t.csv").write_text("text,label\nno/a.jpg,x\nno/b.jpg,y\n")
    with pytest.raises(DataError, match=r"None of the 2 files that t\.csv names is there"):
        read("t.csv")
