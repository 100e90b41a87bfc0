"""Folders of every layout, and what lies around in them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from topwork.data import Dataset, read, read_items
from topwork.data.folders import scan
from topwork.errors import DataError, ParameterError


@pytest.fixture
def grow(tmp_path, monkeypatch):
    """Make empty files below a folder ``photos`` in the current one; nothing here is opened."""
    monkeypatch.chdir(tmp_path)

    def grow(*paths: str) -> Path:
        for path in paths:
            file = tmp_path / "photos" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        return tmp_path / "photos"

    return grow


def pairs(data: Dataset) -> list[tuple[str, object]]:
    assert data.targets is not None
    return list(zip([item.name for item in data.items], data.targets.values(), strict=True))


def test_class_folders(grow):
    grow("dog/b.jpg", "cat/z.PNG", "cat/a.jpeg", "cat/deep/er/c.webp")
    data = read("photos")
    assert pairs(data) == [
        ("photos/cat/a.jpeg", "cat"),
        ("photos/cat/deep/er/c.webp", "cat"),
        ("photos/cat/z.PNG", "cat"),
        ("photos/dog/b.jpg", "dog"),
    ]
    assert data.targets.labels == ("cat", "dog")
    assert (data.split, data.groups, data.domains, data.hints) == ("all", None, None, ())
    assert not data.ignored
    assert data.source == "photos"


def test_names_open_from_the_current_folder(grow, monkeypatch):
    root = grow("a/1.jpg", "b/2.jpg")
    for source in ("photos", "photos/", Path("photos"), "./photos"):
        assert [item.name for item in read(source).items] == ["photos/a/1.jpg", "photos/b/2.jpg"]
    assert read(root).items[0].name == str(root / "a/1.jpg")
    monkeypatch.chdir(root)
    assert [item.name for item in read(".").items] == ["a/1.jpg", "b/2.jpg"]
    monkeypatch.chdir(root / "a")
    assert [item.name for item in read("..").items] == ["../a/1.jpg", "../b/2.jpg"]
    assert all(item.path.is_file() for item in read("..").items)


def test_order_is_that_of_bytes(grow):
    grow("a/é.jpg", "a/Z.jpg", "a/a.jpg", "B/1.jpg", "a/10.jpg", "a/9.jpg")
    assert [item.name[7:] for item in read("photos").items] == [
        "B/1.jpg", "a/10.jpg", "a/9.jpg", "a/Z.jpg", "a/a.jpg", "a/é.jpg",
    ]  # fmt: skip


def test_labels_are_strings_as_written(grow):
    grow("1/a.jpg", "01/a.jpg", "1.0/a.jpg", " 1/a.jpg")
    assert read("photos").targets.labels == (" 1", "01", "1", "1.0")


SPLIT = ("train/a/1.jpg", "val/a/2.jpg", "Validation/b/3.jpg", "valid/b/4.jpg", "test/a/5.jpg")


def test_splits(grow):
    grow(*SPLIT)
    train = read("photos")
    assert sorted(item.name[-5] for item in train.items) == ["1", "2", "3", "4"]
    assert train.split == "train"
    test = read("photos", split="test")
    assert pairs(test) == [("photos/test/a/5.jpg", "a")]
    assert test.split == "test"
    everything = read("photos", split="all")
    assert (len(everything), everything.split) == (5, "all")
    assert len(read("photos", split="test_or_all")) == 1


def test_parts_not_asked_for_are_not_looked_at(grow, monkeypatch):
    grow(*SPLIT)
    listed = []
    scandir = os.scandir
    monkeypatch.setattr(scan.os, "scandir", lambda path: listed.append(path) or scandir(path))
    read("photos")
    assert "photos/train/a" in listed
    assert not [path for path in listed if "test" in path]
    listed.clear()
    read("photos", split="test")
    assert "photos/test/a" in listed
    assert not [path for path in listed if "train" in path or "val" in path.lower()]


def test_splits_need_every_top_folder_to_be_one(grow):
    grow("train/1.jpg", "test/2.jpg", "tram/3.jpg")
    data = read("photos")
    assert data.targets.labels == ("test", "train", "tram")
    assert "tram lies beside" in data.hints[0]


def test_missing_parts(grow):
    grow("train/a/1.jpg", "train/b/1.jpg")
    with pytest.raises(DataError, match="no test part; it has only train"):
        read("photos", split="test")
    assert len(read("photos", split="test_or_all")) == 2
    grow_test = grow("../other/test/a/1.jpg").parent / "other"
    with pytest.raises(DataError, match="no train part"):
        read(grow_test)
    assert read(grow_test, split="all").split == "test"


@pytest.mark.parametrize("split", ["train", "test", "all", "test_or_all"])
def test_without_splits_everything_is_read_unless_test_is_insisted_on(split, grow):
    grow("a/1.jpg", "b/1.jpg")
    if split == "test":
        with pytest.raises(DataError, match="no parts"):
            read("photos", split=split)
    else:
        assert len(read("photos", split=split)) == 2


def test_domains(grow):
    grow("cam1/cat/1.jpg", "cam1/dog/2.jpg", "cam2/cat/3.jpg", "cam2/dog/x/4.jpg", "cam2/5.jpg")
    data = read("photos", layout="domain/class")
    assert data.targets.values() == ["cat", "dog", "cat", "dog"]
    assert data.domains.tolist() == ["cam1", "cam1", "cam2", "cam2"]
    assert data.ignored == {"images outside any class folder": 1}
    assert data.hints == ()


def test_domains_inside_splits(grow):
    grow("train/c1/cat/1.jpg", "test/c1/cat/1.jpg", "train/c2/dog/2.jpg")
    data = read("photos", layout="domain/class")
    assert data.domains.tolist() == ["c1", "c2"]
    assert data.targets.values() == ["cat", "dog"]


def test_one_folder_too_many_is_noticed(grow):
    grow("all/cat/1.jpg", "all/dog/2.jpg")
    assert read("photos").hints[0].endswith("give that folder itself: photos/all")


def test_what_is_no_data(grow):
    grow(
        "cat/a.jpg", "cat/.hidden.jpg", "cat/.ipynb_checkpoints/a-checkpoint.jpg", "cat/Thumbs.db",
        "__MACOSX/cat/._a.jpg", ".git/x.jpg", "dog/b.jpg", "dog/notes.TXT", "dog/more.txt",
        "README", "loose.jpg", "cat/sub/desktop.ini", "labels.xlsx",
    )  # fmt: skip
    (Path("photos") / "empty").mkdir()
    data = read("photos")
    assert len(data) == 2
    assert data.ignored == {
        "hidden or left behind by the system": 6,
        ".txt": 2,
        ".xlsx": 1,
        "no extension": 1,
        "images outside any class folder": 1,
        "folders without images": 1,
    }


def test_hidden_root_is_read(tmp_path):
    for name in ("a", "b"):
        (tmp_path / ".data" / name).mkdir(parents=True)
        (tmp_path / ".data" / name / "1.jpg").touch()
    assert len(read(tmp_path / ".data")) == 2


def test_odd_things_with_names_of_images_are_items_to_be_rejected(grow):
    root = grow("a/1.jpg", "b/2.jpg")
    (root / "a/folder.jpg").mkdir()
    os.mkfifo(root / "a/pipe.jpg")
    (root / "a/broken.jpg").symlink_to("nowhere")
    (root / "a/loop.jpg").symlink_to("loop.jpg")
    (root / "a/loop").symlink_to("loop")
    names = [Path(item.name).name for item in read("photos").items]
    assert names == ["1.jpg", "broken.jpg", "folder.jpg", "loop.jpg", "pipe.jpg", "2.jpg"]


def test_links(grow):
    root = grow("a/1.jpg", "b/2.jpg", "../elsewhere/3.jpg", "../elsewhere/deep/4.jpg")
    (root / "a/link.jpg").symlink_to("1.jpg")
    (root / "b/more").symlink_to(root.parent / "elsewhere")
    (root / "c").symlink_to(root.parent / "elsewhere")
    assert [item.name for item in read("photos").items] == [
        "photos/a/1.jpg", "photos/a/link.jpg", "photos/b/2.jpg", "photos/b/more/3.jpg",
        "photos/b/more/deep/4.jpg", "photos/c/3.jpg", "photos/c/deep/4.jpg",
    ]  # fmt: skip


def test_loops_of_links_end(grow):
    root = grow("a/1.jpg", "b/2.jpg")
    (root / "a/up").symlink_to(root)
    (root / "a/self").symlink_to(root / "a")
    for one in "abcdefgh":
        (root / "a" / f"d{one}").mkdir()
    for one in "abcdefgh":
        for other in "abcdefgh":
            (root / "a" / f"d{one}" / other).symlink_to(root / "a" / f"d{other}")
    assert len([item for item in read("photos").items if item.name.endswith("a/1.jpg")]) == 1
    assert len(read_items("photos")) < 10


@pytest.mark.parametrize(
    ("paths", "said", "remedy"),
    [
        (["1.jpg", "2.jpg"], "outside any class folder", "folder named after it"),
        (
            ["1.jpg", "labels.csv"],
            "outside any class folder",
            "the table itself, 'photos/labels.csv'",
        ),
        (["a/notes.md"], "No images were found", "folder named after it"),
        (["train/1.jpg"], "outside any class folder", "folder named after it"),
    ],
)
def test_useless_folders(paths, said, remedy, grow):
    grow(*paths)
    with pytest.raises(DataError, match=said) as caught:
        read("photos")
    assert remedy in caught.value.remedy


def test_useless_folder_of_domains(grow):
    grow("cat/1.jpg", "dog/2.jpg")
    with pytest.raises(DataError, match="No images") as caught:
        read("photos", layout="domain/class")
    assert "camera1/cat" in caught.value.remedy


def test_empty_folder(tmp_path):
    with pytest.raises(DataError, match="is empty"):
        read(tmp_path)


def test_folder_that_cannot_be_listed(grow, monkeypatch):
    grow("a/1.jpg")

    def refuse(_folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(scan.os, "scandir", refuse)
    with pytest.raises(DataError, match="cannot be listed: Permission denied"):
        read("photos")


def test_unknown_layout_and_split(grow):
    grow("a/1.jpg")
    with pytest.raises(ParameterError, match="layout is 'class/domain'"):
        read("photos", layout="class/domain")
    with pytest.raises(ParameterError, match="split is 'val'"):
        read("photos", split="val")


@pytest.mark.parametrize("name", ["labels", "groups", "domains", "columns", "header"])
def test_parameters_of_other_sources(name, grow):
    grow("a/1.jpg")
    with pytest.raises(ParameterError, match=f"{name} goes with"):
        read("photos", **{name: ["x"]})
