"""What labels mean: the same in every form of table, numbers, and several in one cell."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from topwork.data import check_label_type, match_labels, read
from topwork.data.targets.label_values import read_labels


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def tables(labels: list[object]) -> list[str]:
    """One column of labels in every form of table."""
    frame = pd.DataFrame({"text": [f"text {i}" for i in range(len(labels))], "label": labels})
    frame.to_csv("t.csv", index=False)
    frame.to_csv("t.tsv", index=False, sep="\t")
    frame.to_parquet("t.parquet")
    frame.to_json("t.jsonl", orient="records", lines=True)
    frame.to_json("t.json", orient="records")
    return ["t.csv", "t.tsv", "t.parquet", "t.jsonl", "t.json"]


def test_whole_numbers_are_the_same_labels_in_every_table():
    gap = tables([0.0, 1.0, None, 2.0, 1.0])
    for name in gap:
        data = read(name)
        assert data.targets.values() == ["0", "1", "2", "1"], name
        assert data.ignored == {"rows without a label": 1}
        assert not any("no label" in hint for hint in data.hints)
    frame = pd.DataFrame({"text": ["a b", "c d", "e f"], "label": [0.0, None, 1.0]})
    assert read(frame).targets.values() == [0, 1]


@pytest.mark.parametrize("labels", [[True, False, True], [3, 1, 2], [1.0, 2.0, 1.0], [1.5, 2.0, 1]])
def test_labels_of_any_table_are_known_to_a_model_of_another(labels):
    names = tables(labels)
    frame = read(pd.DataFrame({"text": ["a b", "c d", "e f"], "label": labels}))
    ours = [read(name).targets.labels for name in names] + [frame.targets.labels]
    for first in ours:
        for second in ours:
            assert sorted(match_labels(second, first)) == list(range(len(first)))


def test_what_is_not_the_same_stays_apart():
    assert match_labels(["01", "Cat", "1.5", "maybe"], [1, "cat", 1, True]) == [-1, -1, -1, -1]
    assert match_labels(["1"], ["1", "1.0"]) == [0]
    assert match_labels([" 1 "], ["1.0", "1"]) == [-1]  # of two that mean it, neither


def test_blanks_around_labels_are_no_part_of_them():
    Path("t.csv").write_text("text,label\na b,cat \nc d,cat\ne f, dog\n")
    data = read("t.csv")
    assert data.targets.labels == ("cat", "dog")
    assert data.hints == ("Blanks around 2 of 3 labels were removed.",)


def test_true_and_false_in_several_cases():
    labels, hints = read_labels(["True", "TRUE", "false"])
    assert labels == ["true", "true", "false"]
    assert "several cases" in hints[0]
    assert read_labels(["True", "False"]) == (["True", "False"], ())


RNG = np.random.default_rng(0)
PRICES = [f"{value:.2f}" for value in RNG.normal(100, 15, 160)]
AGES = [str(value) for value in RNG.integers(18, 90, 160)]


def doubt(labels):
    distinct, counts = np.unique(np.array(labels, dtype=object), return_counts=True)
    return check_label_type(distinct.tolist(), counts)


@pytest.mark.parametrize(
    "labels",
    [
        PRICES,
        AGES,
        [float(price) for price in PRICES],
        [f"{price} €" for price in PRICES],
        [price.replace(".", ",") for price in PRICES],
        [f"{value:.1f}" for value in RNG.uniform(0, 10, 5_000)],
        [f"{value:.1e}" for value in RNG.uniform(0, 10, 40)],
        [f"{value:.1f} kg" for value in RNG.uniform(0, 10, 40)],
        [f"${value:,}" for value in RNG.integers(1_000, 9_000_000, 40)],
    ],
)
def test_numbers_are_no_classes(labels):
    found = doubt(labels)
    assert found is not None
    assert found.certain
    assert f"{len(set(labels))} different numbers" in found.message
    assert "--task number" in found.remedy


@pytest.mark.parametrize(
    "labels",
    [
        [str(i) for i in range(100)],  # classes that are numbered through, one item each
        list(range(1, 103)) * 3,
        [i * 7 for i in range(20)] * 3,  # chosen classes of a larger set
        [f"{i:03}" for i in RNG.integers(0, 999, 160)],
        [f"{i / 2}" for i in range(2, 11)] * 4,  # stars
        RNG.integers(0, 10, 60).tolist(),
        [f"class{i}" for i in range(160)],
        [f"{i}{unit}" for i in range(1, 14) for unit in "ab"],
        [True, False] * 9,
    ],
)
def test_numbers_that_may_be_classes(labels):
    assert doubt(labels) is None


@pytest.mark.parametrize(
    ("labels", "separator"),
    [
        (["a;urgent", "b;urgent", "a", "b;normal"], ";"),
        (["cat|dog", "cat", "dog|bird"], "|"),
        (["a;b", "b;a"], ";"),
        (["a b", "b a", "a c", "c a", "b c", "a"], " "),
        (["cat, dog", "dog, cat", "bird, cat", "cat", "dog"], ","),
        (["['cat', 'dog']", "['bird']", "['cat']"], ","),
    ],
)
def test_several_labels_in_a_cell(labels, separator):
    found = doubt(labels)
    assert found is not None
    assert found.certain
    assert f"hold {separator!r}" in found.message
    assert "several labels per item" in found.message


def test_whole_texts_as_labels_are_named_by_their_beginning():
    texts = [f"a text of {'many words ' * 60}; it ends with {i % 7}; or so" for i in range(40)]
    found = doubt(texts)
    assert found is not None
    assert "a text of many words" in found.message
    assert len(found.message) + len(found.remedy) < 800


@pytest.mark.parametrize(
    "labels",
    [
        ["golden retriever", "labrador retriever", "tabby cat", "red fox"],
        ["animal;bird;owl", "animal;bird;wren", "animal;fish;cod", "plant;moss"],
        ["Paris, France", "Lyon, France", "Rome, Italy"],
        ["+", "-", "=", "@home"],
        ["a/b", "b/c"],
    ],
)
def test_names_of_several_words_are_one_label(labels):
    assert doubt(labels) is None


@pytest.mark.parametrize(
    "labels",
    [
        ["bad, late", "bad, soon", "good, late", "good, soon"],
        ["New York", "York New", "Rome"],  # one swapped pair may be chance
        ["left right", "right left"],
        ["a/b", "b/a", "c"],
        ["clear primary", "primary clear", "clear water", "cloudy"],
        ["cat, dog", "dog, cat", "bird"],
    ],
)
def test_labels_that_may_be_several_are_a_note(labels):
    found = doubt(labels)
    assert found is not None
    assert not found.certain


def test_a_number_written_in_two_ways_is_one_label_beside_words_too():
    labels, hints = read_labels(["0", "0.0", "1", "1.0", "unsure"])
    assert labels == ["0", "0", "1", "1", "unsure"]
    assert len(hints) == 1
    assert read_labels(["1.0", "2.0", "v"]) == (["1.0", "2.0", "v"], ())


@pytest.mark.parametrize("word", ["nan", "N/A", "null", "None"])
def test_words_for_missing_labels_are_pointed_out(word):
    labels, hints = read_labels(["a", word, "b", word])
    assert labels == ["a", word, "b", word]
    assert hints == (
        f"2 labels say {word!r} and are taken for a class; leave the cell empty where a label "
        "is missing.",
    )
