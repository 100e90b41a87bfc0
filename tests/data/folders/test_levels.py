"""Which folders are the classes, where more than one level may be."""

from __future__ import annotations

from pathlib import Path

import pytest

from topwork.data import read
from topwork.errors import DataError, ParameterError


@pytest.fixture
def grow(tmp_path, monkeypatch):
    """Make empty files below a folder ``photos`` in the current one."""
    monkeypatch.chdir(tmp_path)

    def grow(*paths: str) -> None:
        for path in paths:
            file = Path("photos", path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()

    return grow


def labels(data) -> list[str]:
    return [f"{item.name.removeprefix('photos/')} {label}" for item, label in
            zip(data.items, data.targets.values(), strict=True)]  # fmt: skip


SECOND = ("yes/1.jpg", "no/2.jpg", "more data/yes/3.jpg", "more data/no/4.jpg")


def test_a_second_set_beside_the_classes_is_no_class(grow):
    grow(*SECOND)
    with pytest.raises(DataError, match=r"called like the classes beside it \(no, yes\)") as caught:
        read("photos")
    assert "--exclude 'more data'" in caught.value.remedy
    assert "'photos/more data'" in caught.value.remedy
    left = read("photos", exclude=["more data"])
    assert labels(left) == ["no/2.jpg no", "yes/1.jpg yes"]
    assert left.ignored == {"excluded": 1}
    assert labels(read("photos/more data")) == [
        "more data/no/4.jpg no",
        "more data/yes/3.jpg yes",
    ]
    assert read("photos", layout="class").targets.labels == ("more data", "no", "yes")


def test_one_folder_of_a_second_set_is_enough(grow):
    grow("Yes/1.jpg", "no/2.jpg", "augmented/yes/3.jpg")
    with pytest.raises(DataError, match="second set"):
        read("photos")


def test_what_is_excluded_is_left_out_at_every_level(grow):
    grow("cat/1.jpg", "cat/Thumbs/2.jpg", "cat/deep/Thumbs/3.jpg", "cat/deep/x.jpg", "dog/4.jpg")
    grow("dog/x.jpg", "Thumbs/5.jpg")
    data = read("photos", exclude=["Thumbs", "x.jpg"])
    assert labels(data) == ["cat/1.jpg cat", "dog/4.jpg dog"]
    assert data.ignored == {"excluded": 5}


def test_an_excluded_name_that_is_nowhere_is_said(grow):
    grow("cat/1.jpg", "dog/2.jpg", "thumbs/3.jpg")
    data = read("photos", exclude=["thubms", "cat", "of another kind"])
    assert labels(data) == ["dog/2.jpg dog", "thumbs/3.jpg thumbs"]
    assert data.hints == (
        "Nothing that was read is called 'of another kind' (--exclude).",
        "Nothing that was read is called 'thubms' (--exclude); did you mean 'thumbs'?",
    )
    assert not read("photos", exclude=["thumbs"]).hints


def test_excluded_boxes_are_no_boxes(grow):
    grow("images/1.jpg", "images/2.jpg", "images/readme.txt", "labels/1.txt", "other/3.jpg")
    Path("photos/labels/1.txt").write_text("0 0.5 0.5 0.2 0.2\n")
    with pytest.raises(DataError, match="boxes"):
        read("photos", task="classes")
    assert len(read("photos", exclude=["labels"])) == 3
    assert "called 'labls' (--exclude)" in read("photos", exclude=["labls"]).hints[-1]
    assert len(read("photos").boxes) == 2


def test_what_is_excluded_must_be_in_a_folder(tmp_path):
    with pytest.raises(ParameterError, match="exclude goes with a folder"):
        read(["a.jpg"], ["a"], exclude=["b"])


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("Training", "Testing"),
        ("TRAIN", "valid"),
        ("dev", "eval"),
        ("training_set", "test_set"),
        ("trainset", "testset"),
        ("train images", "evaluation-data"),
        ("seg_train", "seg_test"),
        ("train2017", "test2017"),
    ],
)
def test_names_of_splits(train, test, grow):
    grow(f"{train}/cat/1.jpg", f"{train}/dog/2.jpg", f"{test}/cat/3.jpg", f"{test}/dog/4.jpg")
    data = read("photos")
    assert data.targets.labels == ("cat", "dog")
    assert len(data) == (4 if test == "valid" else 2)
    if test != "valid":
        assert labels(read("photos", split="test"))[0] == f"{test}/cat/3.jpg cat"


def test_what_lies_beside_the_splits_is_left_out_and_said(grow):
    grow("train/cat/1.jpg", "train/dog/2.jpg", "test/cat/3.jpg", "test/dog/4.jpg", "more/5.jpg")
    data = read("photos")
    assert labels(data) == ["train/cat/1.jpg cat", "train/dog/2.jpg dog"]
    assert data.hints[0].startswith("more not read: it lies beside test, train")
    assert not data.ignored  # said once, with the folder's name


def test_vehicles_called_like_splits_stay_classes(grow):
    grow("train/1.jpg", "test/2.jpg", "tram/3.jpg", "train/red/4.jpg")
    assert read("photos").targets.labels == ("test", "train", "tram")


def test_splits_inside_the_classes(grow):
    grow("cat/train/1.jpg", "cat/test/2.jpg", "dog/train/3.jpg", "dog/test/4.jpg")
    assert labels(read("photos")) == ["cat/train/1.jpg cat", "dog/train/3.jpg dog"]
    assert labels(read("photos", split="test")) == ["cat/test/2.jpg cat", "dog/test/4.jpg dog"]
    assert read("photos").hints == (
        "The folders inside the classes (test, train) were read as splits.",
    )


PLANTS = ("plant1/ant/1.jpg", "plant1/bass/2.jpg", "plant2/ant/3.jpg", "plant2/bass/4.jpg")


@pytest.mark.parametrize("more", [(), ("plant2/crab/5.jpg",), ("plant1/loose.jpg",)])
def test_the_same_folders_below_several_are_asked_about(more, grow):
    grow(*PLANTS, *more)
    with pytest.raises(
        DataError, match=r"Below plant1 and plant2 are the same folders \(ant, bass"
    ):
        read("photos")
    data = read("photos", layout="domain/class")
    assert data.targets.labels[:2] == ("ant", "bass")
    assert set(data.domains) == {"plant1", "plant2"}
    assert read("photos", layout="class").targets.labels == ("plant1", "plant2")


def test_folders_of_other_names_below_are_no_classes(grow):
    grow("cat/2021/1.jpg", "cat/x/2.jpg", "dog/2022/3.jpg", "dog/loose.jpg")
    assert read("photos").targets.labels == ("cat", "dog")


def test_few_items_in_shared_folders_are_no_classes(grow):
    grow(*(f"{c}/{i}.jpg" for c in ("cat", "dog") for i in range(9)))
    grow("cat/dark/1.jpg", "cat/blurred/1.jpg", "dog/dark/1.jpg", "dog/blurred/1.jpg")
    assert read("photos").targets.labels == ("cat", "dog")


def test_subfolders_are_groups_on_request(grow):
    grow("ant/p0/1.jpg", "ant/p0/deep/2.jpg", "ant/p1/3.jpg", "bass/p0/4.jpg", "bass/5.jpg")
    data = read("photos")
    assert data.groups is None
    assert data.hints == (
        "3 subfolders lie inside the class folders, such as ant/p0. If each holds what belongs "
        "together (a plant, a patient, a video), --groups folder keeps each together.",
    )
    kept = read("photos", groups="folder")
    assert kept.hints == ()
    a, b, c, e, d = kept.groups.tolist()
    assert (a == b == d, len({a, c, e})) == (True, 3)
    with pytest.raises(ParameterError, match="groups is 'plant'"):
        read("photos", groups="plant")


def test_groups_go_with_folders_above_that_are_classes(grow):
    grow(*PLANTS)
    data = read("photos", groups="folder")
    assert (data.targets.labels, len(set(data.groups))) == (("plant1", "plant2"), 2)


def test_a_folder_in_a_folder_of_its_name_is_entered(grow):
    grow("photos/train/train/cat/1.jpg", "photos/train/train/dog/2.jpg", "photos/test/cat/3.jpg")
    data = read("photos")
    assert labels(data) == [
        "photos/train/train/cat/1.jpg cat",
        "photos/train/train/dog/2.jpg dog",
    ]
    assert data.hints[0] == "Read photos/photos, the only folder in photos."


def test_a_class_called_like_its_folder_stays_one(grow):
    grow("photos/1.jpg", "other/2.jpg")
    assert read("photos").targets.labels == ("other", "photos")
