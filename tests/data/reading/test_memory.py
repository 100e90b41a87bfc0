"""Lists in Python, and items without labels."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from topwork.data import Framing, ImageModality, read, read_items
from topwork.data.targets.labels import alike
from topwork.errors import BadItem, DataError, ParameterError

GREY = np.zeros((4, 4), np.uint8)


def test_paths_images_and_arrays():
    values = ["a.jpg", Path("b/c.jpg"), Image.new("L", (3, 3)), GREY]
    data = read(values, [1, 0, 1, 2])
    assert [item.name for item in data.items] == ["a.jpg", "b/c.jpg", "item 2", "item 3"]
    assert [item.path for item in data.items] == [Path("a.jpg"), Path("b/c.jpg"), None, None]
    assert data.items[3].value is GREY
    assert data.targets.labels == (0, 1, 2)
    assert data.split == "all"


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([10, 9], (9, 10)),
        (np.array([10, 9]), (9, 10)),
        (["1", "01"], ("01", "1")),
        (np.array(["b", "a"]), ("a", "b")),
        (pd.Series(["b", "a"]), ("a", "b")),
        ([True, False], (False, True)),
        ((2.5, 1.5), (1.5, 2.5)),
        ([np.int32(5), 4], (4, 5)),
    ],
)
def test_labels_keep_their_type(labels, expected):
    found = read(["a.jpg", "b.jpg"], labels).targets.labels
    assert found == expected
    assert [type(label) for label in found] == [type(label) for label in expected]


def test_a_tuple_of_items_and_labels():
    assert read((["a.jpg", "b.jpg"], ["x", "y"])).targets.labels == ("x", "y")
    assert read((np.zeros((2, 4, 4, 3)), np.array([0, 1]))).items[1].name == "item 1"
    assert len(read(("a.jpg", "b.jpg"), ["x", "y"])) == 2
    with pytest.raises(DataError, match="2 items but no labels"):
        read(("a.jpg", "b.jpg"))


def test_columns_of_a_data_frame():
    frame = pd.DataFrame({"path": ["a.jpg", "b.jpg"], "label": ["x", "y"]})
    assert len(read(frame["path"], frame["label"])) == 2


def test_groups_and_domains():
    data = read(["a", "b"], [0, 1], groups=["p", "q"], domains=np.array([3, 4]))
    assert data.groups.tolist() == ["p", "q"]
    assert data.domains.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"labels": [0]}, "2 items but 1 labels"),
        ({"labels": [0, None]}, "1 of 2 labels are missing, the first of item 1"),
        ({"labels": ["a", ""]}, "1 of 2 labels are missing"),
        ({"labels": [0.5, float("nan")]}, "1 of 2 labels are missing"),
        ({"labels": pd.Series(["a", pd.NA])}, "1 of 2 labels are missing"),
        ({"labels": ["1", 1]}, "int and str"),
        ({"labels": [["a"], ["b"]], "task": "classes"}, "of type list"),
        ({"labels": "ab"}, "labels are of type str"),
        ({"labels": 3}, "labels are of type int"),
        ({"labels": np.eye(2)}, "argmax"),
        ({"labels": None}, "no labels"),
        ({"labels": [0, 1], "groups": [1]}, "2 items but 1 groups"),
        ({"labels": [0, 1], "groups": [1, None]}, "1 entries of groups are missing"),
    ],
)
def test_bad_labels(arguments, said):
    with pytest.raises(DataError, match=said):
        read(["a.jpg", "b.jpg"], **arguments)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ([], "list of items is empty"),
        ([3], "Item 0 is of type int"),
        (["a.jpg", None], "Item 1 is of type NoneType"),
        ([""], "A path is empty"),
        (7, "of type int"),
        ({"a": 1}, "of type dict"),
        (None, "of type NoneType"),
    ],
)
def test_bad_lists(source, said):
    with pytest.raises(DataError, match=said):
        read(source, [0])


@pytest.mark.parametrize("name", ["columns", "header", "layout"])
def test_parameters_of_other_sources(name):
    with pytest.raises(ParameterError, match=f"{name} goes with"):
        read(["a.jpg"], [0], **{name: "domain/class"})


def test_lists_have_no_test_part():
    assert len(read(["a.jpg"], [0], split="test_or_all")) == 1
    with pytest.raises(DataError, match="no parts"):
        read(["a.jpg"], [0], split="test")


# Items without labels


def test_one_of_anything():
    for value in (GREY, np.zeros((4, 4, 3)), Image.new("RGB", (2, 2))):
        items = read_items(value)
        assert [item.name for item in items] == ["item 0"]
    assert read_items("missing.jpg")[0].path == Path("missing.jpg")
    assert read_items(Path("odd.name"))[0].name == "odd.name"


def test_stacks_of_arrays():
    assert len(read_items(np.zeros((5, 8, 8, 3)))) == 5
    assert len(read_items(np.zeros((5, 8, 8)))) == 5
    assert [item.name for item in read_items(np.array(["a.jpg", "b.jpg"]))] == ["a.jpg", "b.jpg"]


def test_tensors():
    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return GREY

    assert read_items([Tensor()])[0].value is GREY


def test_mixtures(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ("d/b.jpg", "d/deep/a.png", "d/notes.txt", "d/.x.jpg", "one.jpg", "t/9.jpg"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).touch()
    Path("t/t.csv").write_text("path\n9.jpg\n")
    items = read_items(["one.jpg", "d", GREY, "t/t.csv", "gone.jpg"])
    assert [item.name for item in items] == [
        "one.jpg", "d/b.jpg", "d/deep/a.png", "item 2", "t/9.jpg", "gone.jpg",
    ]  # fmt: skip
    assert [item.name for item in read_items(".")] == [
        "d/b.jpg",
        "d/deep/a.png",
        "one.jpg",
        "t/9.jpg",
    ]


def test_nothing_to_read(tmp_path):
    with pytest.raises(DataError, match="No images were found in"):
        read_items(tmp_path)
    with pytest.raises(DataError, match="nothing to read"):
        read_items([])
    with pytest.raises(DataError, match="cannot be opened"):
        read_items("gone.csv")
    with pytest.raises(DataError, match="Item 0 is of type float"):
        read_items([0.5])
    with pytest.raises(DataError, match="Item 0 is of type float64"):
        read_items(np.zeros(5))
    with pytest.raises(DataError, match="of type int"):
        read_items(5)


def test_from_a_list_to_pixels():
    kind = ImageModality()
    for item in read([GREY, Image.new("RGB", (9, 5))], [0, 1]).items:
        assert kind.decode(kind.read(item), Framing(6, 7)).shape == (6, 7, 3)


# What programs hold


def png(level: int) -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (8, 8), (level, level, level)).save(stream, "PNG")
    return stream.getvalue()


def test_bytes_and_open_files(tmp_path):
    (tmp_path / "a.png").write_bytes(png(9))
    kind = ImageModality()
    with (tmp_path / "a.png").open("rb") as file:
        items = read_items([png(9), io.BytesIO(png(9)), file, bytearray(png(9))])
    assert {kind.read(item).key for item in items} == {kind.read(read_items(png(9))[0]).key}
    assert read_items(io.BytesIO(png(9)))[0].name == "item 0"
    with pytest.raises(DataError, match="opened as text"):
        read_items(io.StringIO("text"))
    with pytest.raises(BadItem, match="empty"):
        kind.read(read_items(b"")[0])


def test_pairs_of_an_item_and_its_label():
    pairs = [("a.jpg", "x"), ("b.jpg", "y")]
    for data in (read(pairs), read(zip(*zip(*pairs, strict=True), strict=True))):
        assert [item.name for item in data.items] == ["a.jpg", "b.jpg"]
        assert data.targets.values() == ["x", "y"]


def test_object_arrays_of_pictures():
    pictures = np.array([np.full((4, 4, 3), 200, np.uint8)] * 3, dtype=object)
    items = read_items(pictures)
    assert [item.value.dtype for item in items] == [np.uint8] * 3
    assert items[0].value.max() == 200


def test_channels_first_say_what_to_do():
    with pytest.raises(BadItem, match="moveaxis"):
        ImageModality().read(read_items([np.zeros((3, 8, 8), np.uint8)])[0])


def test_data_sets_of_torchvision(tmp_path):
    from torch.utils.data import Subset
    from torchvision.datasets import FakeData, ImageFolder

    for label in ("bright", "dark"):
        (tmp_path / label).mkdir()
        for i in range(2):
            (tmp_path / label / f"{i}.png").write_bytes(png(200 * (label == "bright")))
    folder = ImageFolder(str(tmp_path))
    data = read(folder)
    assert data.targets.values() == ["bright", "bright", "dark", "dark"]
    assert data.items[0].path == tmp_path / "bright" / "0.png"
    part = read(Subset(folder, [0, 2]))
    assert part.targets.values() == ["bright", "dark"]
    assert len(read_items(folder)) == 4
    assert len(read(FakeData(3, (3, 8, 8), num_classes=2))) == 3


def test_tensors_are_read_whatever_they_are_part_of() -> None:
    torch = pytest.importorskip("torch")
    plain = torch.rand(3, 8, 8).permute(1, 2, 0)
    expected = read_items([plain.numpy()])[0].value
    for tensor in (plain.clone().requires_grad_(), plain.bfloat16().float()):
        assert np.asarray(read_items([tensor])[0].value).shape == np.asarray(expected).shape
    assert np.asarray(read_items([plain.bfloat16()])[0].value).shape == (8, 8, 3)


def test_numbers_with_a_sign_are_no_spellings_of_one_label() -> None:
    assert alike(["-1", "1"]) == []
    assert len(alike(["cat-a", "cat a"])) == 1
