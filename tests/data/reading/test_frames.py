"""Tables in memory: frames, dictionaries, data sets, whoever made them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from PIL import Image

from topwork.data import read, read_items
from topwork.errors import DataError

PATHS = ["a.jpg", "b.jpg", "c.jpg"]
LABELS = ["x", "y", "x"]
TEXTS = ["a fine film", "dull and long", "not for me"]


class Polars:
    """The part of a frame of polars that is used."""

    def __init__(self, columns: dict[str, list[object]]) -> None:
        self._columns = columns
        self.columns = list(columns)

    def __getitem__(self, name: str) -> object:
        return type("Series", (), {"to_list": lambda _: self._columns[name]})()


COLUMNS: dict[str, list[object]] = {"path": list(PATHS), "label": list(LABELS)}


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(COLUMNS),
        pd.DataFrame(COLUMNS, index=[7, 7, 9]),
        pd.DataFrame({"Path": PATHS, "LABEL": pd.Categorical(LABELS)}),
        pa.table(COLUMNS),
        Polars(COLUMNS),
        COLUMNS,
        [dict(zip(COLUMNS, row, strict=True)) for row in zip(PATHS, LABELS, strict=True)],
    ],
)
def test_frames_of_any_kind(frame):
    data = read(frame)
    assert [item.path for item in data.items] == [Path(path) for path in PATHS]
    assert data.targets.values() == LABELS
    assert [item.name for item in read_items(frame)] == PATHS


def test_texts_in_a_frame():
    data = read(pd.DataFrame({"text": TEXTS, "label": [3, 4, 3]}))
    assert data.kind.name == "text"
    assert [(item.name, item.value) for item in data.items] == [
        (f"item {i}", text) for i, text in enumerate(TEXTS)
    ]
    assert data.targets.values() == [3, 4, 3]
    reviews = pd.DataFrame({"Review": TEXTS, "Stars": LABELS})
    assert len(read(reviews, columns={"text": "review", "label": "stars"})) == 3
    with pytest.raises(DataError, match="no column 'path' or 'text'") as caught:
        read(reviews)
    assert "frame.rename(columns={'Review': 'text', 'Stars': 'label'})" in caught.value.remedy
    with pytest.raises(DataError, match="no column 'path'") as caught:
        read_items(pd.DataFrame(np.zeros((3, 9))))
    assert "arrays (n, h, w)" in caught.value.remedy
    assert len(read_items(reviews, columns={"text": "Review"}, kind="text")) == 3


def test_a_frame_beside_its_labels():
    frame = pd.DataFrame({"path": PATHS, "group": [1, 1, 2]})
    data = read(frame[["path"]], pd.DataFrame({"label": LABELS}))
    assert data.targets.values() == LABELS
    assert read(frame, LABELS).groups.tolist() == [1, 1, 2]
    assert read(frame, LABELS, groups=["p", "q", "q"]).groups.tolist() == ["p", "q", "q"]
    assert read(pd.DataFrame({"Review": TEXTS}), LABELS).kind.name == "text"
    assert read((frame[["path"]], LABELS)).targets.values() == LABELS
    assert [i.value for i in read_items(pd.DataFrame({"Review": TEXTS}), kind="text")] == TEXTS
    with pytest.raises(DataError, match="3 items but 2 labels"):
        read(frame, LABELS[:2])
    with pytest.raises(DataError, match="labels are a frame of 2 columns"):
        read(frame, pd.DataFrame({"label": LABELS, "more": LABELS}))


def test_every_column_of_a_frame():
    frame = pd.DataFrame(
        {
            "path": PATHS,
            "label": LABELS,
            "group": [4, 5, 5],
            "split": ["train", "test", "train"],
            "keep": [True, True, False],
        }
    )
    data = read(frame)
    assert [item.name for item in data.items] == ["a.jpg"]
    assert data.groups.tolist() == [4]
    assert len(read(frame, split="test")) == 1


def test_rows_without_a_label_are_left_out_and_counted():
    data = read(pd.DataFrame({"path": PATHS, "label": ["x", None, "y"]}))
    assert [item.name for item in data.items] == ["a.jpg", "c.jpg"]
    assert data.ignored == {"rows without a label": 1}
    assert data.hints == ()


def test_pictures_in_a_frame():
    pictures = [Image.new("RGB", (4, 4)), np.zeros((4, 4), np.uint8), b"\xff\xd8\xff"]
    data = read(
        [{"image": one, "label": label} for one, label in zip(pictures, "xyx", strict=True)]
    )
    assert [item.value is one for item, one in zip(data.items, pictures, strict=True)] == [True] * 3
    assert len(read_items({"image": pictures})) == 3


def test_a_data_set_of_a_hub_names_its_classes():
    class DataSet:
        column_names = ("text", "label")

        @property
        def features(self):
            return {"label": type("ClassLabel", (), {"names": ["bad", "good"]})()}

        def __getitem__(self, name):
            return {"text": TEXTS, "label": [1, 0, 1]}[name]

    assert read(DataSet()).targets.values() == ["good", "bad", "good"]
    with pytest.raises(DataError, match="in parts: train, test") as caught:
        read({"train": DataSet(), "test": DataSet()})
    assert "data['train']" in caught.value.remedy


def test_labels_in_arrays_of_one_column_and_in_tensors():
    import torch

    assert read(PATHS, np.array([[1], [2], [1]])).targets.values() == [1, 2, 1]
    assert read(PATHS, torch.tensor([1, 2, 1])).targets.values() == [1, 2, 1]
    assert read(PATHS, list(torch.tensor([1, 2, 1]))).targets.values() == [1, 2, 1]


def test_flat_rows_of_pixels():
    with pytest.raises(DataError, match="32 items are flat rows of 784 numbers") as caught:
        read(np.zeros((32, 784), np.uint8), [0, 1] * 16)
    assert "reshape(-1, 28, 28)" in caught.value.remedy


class Counting:
    """A frame that notes which columns are gone through, and how many rows of them."""

    def __init__(self, columns: dict[str, list[object]], asked: list[tuple[str, int]]) -> None:
        self.columns = columns
        self.asked = asked

    def __len__(self) -> int:
        return len(self.columns["text"])

    def head(self, n: int) -> Counting:
        return Counting({name: values[:n] for name, values in self.columns.items()}, self.asked)

    def __getitem__(self, name: str) -> list[object]:
        self.asked.append((name, len(self)))
        return self.columns[name]


def test_only_the_columns_that_are_asked_for_are_gone_through():
    texts: list[object] = [f"text {i}" for i in range(200)]
    frame = Counting({"text": texts, "label": [i % 2 for i in range(200)], "more": texts}, [])
    data = read(frame)
    assert (len(data), data.n_classes) == (200, 2)
    assert sorted(frame.asked) == [
        ("label", 50), ("label", 200), ("more", 50), ("text", 50), ("text", 200)]  # fmt: skip


@pytest.mark.parametrize("index", [[0.5, 1.5, 2.5], list("pqr"), [2, 1, 0]])
def test_the_first_rows_are_found_under_any_index(index):
    held = [b"\xff\xd8\xff", np.zeros((4, 4), np.uint8), b"x"]
    frame = pd.DataFrame({"image": held, "label": LABELS}, index=index)
    for given in (frame, dict(frame.items())):
        assert read(given).items[0].value == held[0]


def test_labels_that_are_missing_may_be_skipped():
    frame = pd.DataFrame({"path": PATHS, "label": ["x", None, "y"]})
    assert read(frame, skip_unlabelled=True).ignored == {}
