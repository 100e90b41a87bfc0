"""Texts: every way in, and what is wrong with single ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from topwork.data import (
    MODALITIES,
    REASONS,
    Item,
    TextModality,
    TextNotFileWarning,
    Tokenizing,
    read,
    read_items,
)
from topwork.data.preprocessing.tokenizing import BUCKETS, FILLING, bucket
from topwork.errors import BadItem, DataError, ParameterError

KIND = TextModality()
ROWS = [
    {"text": "a fine film", "label": "good"},
    {"text": 'dull, "very" dull', "label": "bad"},
    {"text": "ein schöner Film 🎬", "label": "good"},
]


def shown(data) -> list[str]:
    return [KIND.show(KIND.read(item)) for item in data.items]


def write(name: str, rows: list[dict[str, object]]) -> Path:
    path, frame = Path(name), pd.DataFrame(rows)
    if name.endswith(".parquet"):
        frame.to_parquet(path)
    elif name.endswith(".jsonl"):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    else:
        frame.to_csv(path, index=False, sep="\t" if name.endswith(".tsv") else ",")
    return path


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", ["t.csv", "t.tsv", "t.parquet", "t.jsonl"])
def test_every_table(name):
    rows = [row | {"group": f"g{i}", "domain": "d"} for i, row in enumerate(ROWS)]
    data = read(write(name, rows))
    assert data.kind == MODALITIES["text"]
    assert shown(data) == [row["text"] for row in ROWS]
    assert data.targets.values() == ["good", "bad", "good"]
    assert data.groups.tolist() == ["g0", "g1", "g2"]
    first = 2 if name[-3:] in {"csv", "tsv"} else 1
    assert data.items[0].name == f"{name}:{first}"
    assert [KIND.read(i).data for i in read_items(Path(name), kind="text")] == shown(data)


def test_splits_of_a_table():
    rows = [
        row | {"split": split} for row, split in zip(ROWS, ("train", "test", "val"), strict=True)
    ]
    path = write("t.csv", rows)
    assert [len(read(path, split=s)) for s in ("train", "test", "all")] == [2, 1, 3]


def test_a_table_without_names_and_quotation_marks_that_are_none():
    Path("t.tsv").write_text('"so-called" art\t0\nan "unfinished thought\t1\n"\t0\n')
    data = read("t.tsv", header=["text", "label"])
    assert shown(data) == ['"so-called" art', 'an "unfinished thought', '"']
    assert not data.rejected


def test_a_column_called_path_wins_unless_texts_are_asked_for():
    Path("a.jpg").touch()
    path = write("t.csv", [{"path": "a.jpg", "text": "words", "label": "x"}])
    assert read(path).kind.name == "image"
    assert shown(read(path, items="text")) == ["words"]
    with pytest.raises(DataError, match="no column 'path'"):
        read(write("u.csv", ROWS), items="image")
    with pytest.raises(ParameterError, match="items is 'sound'"):
        read(path, items="sound")


def test_bad_rows_are_rejected_and_the_rest_is_read():
    long = "x" * 1_000_000
    lines = [
        b"text,label",
        b"good one,1",
        b",1",
        b"no label,",
        b"gr\xfcn,0",
        "zwölf,0".encode(),
        b"zero\0character,0",
        b"short row",
        long.encode() + b",1",
        b'"open" quote,1',
        b"good two,0",
    ]
    Path("t.csv").write_bytes(b"\n".join(lines) + b"\n")
    data = read("t.csv")
    rejected = {r.path: r.reason for r in data.rejected}
    good = []
    for item in data.items:
        try:
            good.append(KIND.read(item).data)
        except BadItem as bad:
            rejected[item.name] = bad.reason
    assert good == ["good one", "zwölf", "good two"]
    assert data.ignored == {"rows without a label": 1}
    assert data.targets.values()[-1] == "0"
    assert rejected == {
        "t.csv:3": "no_text",
        "t.csv:5": "not_utf8",
        "t.csv:7": "nul",
        "t.csv:8": "bad_row",
        "t.csv:9": "too_long",
        "t.csv:10": "bad_row",
    }
    assert set(rejected.values()) <= REASONS.keys()
    again = {item.name for item in read_items(Path("t.csv"), kind="text")}
    assert again >= {"t.csv:8", "t.csv:9"}  # predict names them, too


def test_bad_lines_of_json():
    lines = [
        '{"text": "fine", "label": "x"}',
        '{"text": "cut',
        '["a"]',
        '{"text": "\\ud800", "label": 1}',
    ]
    Path("t.jsonl").write_text("\n".join(lines))
    data = read("t.jsonl")
    assert [r.reason for r in data.rejected] == ["bad_row", "bad_row"]
    with pytest.raises(BadItem, match="not_utf8"):
        KIND.read(data.items[1])


def test_folders_of_text_files():
    for label, texts in {"good": ["fine\n", "\ufeffnice"], "bad": ["dull"]}.items():
        Path("d", label).mkdir(parents=True)
        for i, text in enumerate(texts):
            Path("d", label, f"{i}.txt").write_text(text, "utf-8")
    data = read("d")
    assert shown(data) == ["dull", "fine", "nice"]
    assert data.targets.values() == ["bad", "good", "good"]
    assert [item.name for item in read_items(Path("d"), kind="text")] == [
        "d/bad/0.txt", "d/good/0.txt", "d/good/1.txt",
    ]  # fmt: skip
    Path("d/bad/photo.jpg").touch()  # captions beside pictures are no items
    assert read("d").kind.name == "image"
    Path("e/x").mkdir(parents=True)
    with pytest.raises(DataError, match="No texts were found"):
        read("e", items="text")


def test_lists_of_strings():
    data = read(["a fine film", "dull"], [1, 0])
    assert (data.kind.name, shown(data), data.items[1].name) == (
        "text",
        ["a fine film", "dull"],
        "item 1",
    )
    assert read(["fine", "dull"], [1, 0], items="text").kind.name == "text"
    assert read(["fine", "dull"], [1, 0]).kind.name == "image"
    Path("a file").touch()
    assert read(["a file", "b file"], [1, 0]).kind.name == "image"
    gaps = read(["a fine film", None, float("nan")], [1, 0, 1], items="text")
    with pytest.raises(BadItem, match="no_text"):
        KIND.read(gaps.items[2])
    with pytest.warns(TextNotFileWarning):  # a string is the text itself
        assert read_items("t.csv", kind="text")[0].value == "t.csv"


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b"", "empty"), (b" \n", "no_text"), (b"\xff", "not_utf8"), (b"a\0b", "nul"),
     (b"x" * 600_000, "too_long")],
)  # fmt: skip
def test_bad_files(data, reason):
    Path("x.txt").write_bytes(data)
    with pytest.raises(BadItem) as caught:
        KIND.read(Item("x.txt", Path("x.txt")))
    assert caught.value.reason == reason


def test_what_is_no_text():
    with pytest.raises(BadItem, match="not_a_text: it is of type int"):
        KIND.read(Item("item 0", value=5))
    with pytest.raises(BadItem, match="missing"):
        KIND.read(Item("x", Path("x.txt")))


def words(*vocabulary: str) -> str:
    tokenizers = pytest.importorskip("tokenizers")
    numbers = {word: i for i, word in enumerate(("?", *vocabulary))}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(numbers, unk_token="?"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    made.enable_padding(length=40)
    made.enable_truncation(2)
    return made.to_str()


def test_tokens_are_cut_and_filled_up():
    tokenizing = Tokenizing("words", 3, words("a", "b"))
    read_text = KIND.read(Item("item 0", value="a b a c b"))
    assert KIND.decode(read_text, tokenizing).tolist() == [1, 2, 1] + [FILLING] * 5
    assert KIND.cut_short(read_text, tokenizing)
    assert not KIND.cut_short(KIND.read(Item("item 0", value="a b c")), tokenizing)
    assert tokenizing == Tokenizing("words", 3)
    assert KIND.decode(read_text, tokenizing).dtype == np.int32
    assert all(bucket(n) in BUCKETS and bucket(n) >= n for n in range(1, 513))


def test_bad_tokenizers():
    with pytest.raises(DataError, match="tokenizer cannot be read"):
        Tokenizing("broken", 3, "{}").tokens("a")
    with pytest.raises(ParameterError, match="max_length"):
        Tokenizing("words", 0)
