"""What is taken for boxes, what is not, and what is said about it."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.data.boxes.written import BOXES, coco, found, put, put_image, reasons, some, voc, yolo
from topwork.data import read
from topwork.errors import DataError, ParameterError


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _flat(*stems: str, folder: str = "data") -> None:
    for stem in stems:
        put_image(Path(folder, f"{stem}.jpg"))
        put(Path(folder, f"{stem}.xml"), voc(f"{stem}.jpg", BOXES[stem]))


def test_class_folders_with_boxes_are_classes_unless_boxes_are_asked_for():
    _flat("a", "b", folder="data/cats")
    _flat("c", "d", folder="data/dogs")
    for task in ("auto", "classes"):
        data = read("data", task=task)
        assert data.targets.labels == ("cats", "dogs")
        assert "--task boxes reads the boxes" in data.hints[0]
    assert found(read("data", task="boxes")) == BOXES


def test_who_asks_for_classes_gets_no_boxes():
    _flat("a", "b")
    put(Path("boxes.json"), coco(some("a")))
    for source in ("data", "boxes.json", "data/a.xml"):
        with pytest.raises(DataError, match="one label per image is needed") as caught:
            read(source, task="classes")
        assert caught.value.code == "boxes"
    with pytest.raises(ParameterError, match="layout goes with classes"):
        read("data", task="boxes", layout="class")


def test_a_table_of_classes_with_corners_is_read_as_either():
    put_image(Path("a.jpg"))
    put(Path("cars.csv"), "path,x1,y1,x2,y2,label\na.jpg,1,2,30,40,audi\n")
    assert read("cars.csv", task="classes").targets.labels == ("audi",)
    assert found(read("cars.csv")) == {"a": [("audi", (1, 2, 30, 40))]}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no boxes"),
        ({"a.txt": "a note"}, "holds no boxes"),
    ],
)
def test_a_folder_without_boxes_says_so(files, said):
    put_image(Path("data/a.jpg"))
    for name, text in files.items():
        put(Path("data", name), text)
    with pytest.raises(DataError, match=said):
        read("data", task="boxes")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.xml", voc("a.jpg", BOXES["a"]), "of one image only"),
        ("a.txt", yolo(BOXES["a"]), "of one image only"),
        ("a.json", json.dumps({"shapes": [], "imagePath": "a.jpg"}), "of one image only"),
    ],
)
def test_a_file_about_one_image_names_its_folder(name, text, said):
    put(Path("data", name), text)
    with pytest.raises(DataError, match=said):
        read(f"data/{name}")


def test_no_image_of_the_annotations_is_there():
    for source, text in (("1.json", coco(BOXES)), ("1.csv", "path,x1,y1,x2,y2,label\nq,1,2,3,4,a")):
        put(Path(source), text)
        with pytest.raises(DataError, match="None of the"):
            read(source)
    put(Path("data/a.xml"), voc("a.jpg", BOXES["a"]))
    put_image(Path("data/b.jpg"))
    with pytest.raises(DataError, match="None of the 1 images that the annotations in data name"):
        read("data", task="boxes")


def test_columns_may_be_called_otherwise_and_missing_ones_are_named():
    put_image(Path("a.jpg"))
    put(Path("1.csv"), "where,x1,y1,x2,y2,what\na.jpg,1,2,30,40,audi\n")
    data = read("1.csv", columns={"path": "where", "label": "what"})
    assert found(data) == {"a": [("audi", (1, 2, 30, 40))]}
    with pytest.raises(DataError, match="no column path"):
        read("1.csv")
    with pytest.raises(DataError, match="no column nowhere"):
        read("1.csv", columns={"path": "nowhere", "label": "what"})
    with pytest.raises(ParameterError, match="does not look for in boxes"):
        read("1.csv", columns={"text": "where"})
    put(Path("b.json"), coco(BOXES))
    with pytest.raises(ParameterError, match="columns and header don't go with"):
        read("b.json", columns={"path": "where"})


def test_a_table_without_a_line_of_names():
    put_image(Path("a.jpg"))
    put(Path("1.csv"), "a.jpg,1,2,30,40,audi\n")
    data = read("1.csv", header=["path", "x1", "y1", "x2", "y2", "label"])
    assert found(data) == {"a": [("audi", (1, 2, 30, 40))]}


def test_other_corners_and_other_splits_are_refused():
    put_image(Path("a.jpg"))
    put(Path("1.csv"), "path,xmin,ymin,wide,high,label\na.jpg,1,2,30,40,audi\n")
    with pytest.raises(DataError, match="no columns for the corners"):
        read("1.csv")
    put(Path("2.csv"), "path,split,x1,y1,x2,y2,label\na.jpg,later,1,2,30,40,audi\n")
    with pytest.raises(DataError, match="unknown split: 'later'"):
        read("2.csv")


def test_groups_of_a_table_are_groups_of_images():
    for stem in "ab":
        put_image(Path(f"{stem}.jpg"))
    put(Path("1.csv"), "path,group,x1,y1,x2,y2,label\na.jpg,p,1,2,30,40,x\nb.jpg,p,1,2,30,40,x\n")
    assert read("1.csv").groups.tolist() == ["p", "p"]


def test_folders_of_images_are_groups_on_request():
    for scene, stem in (("s1", "a"), ("s1", "b"), ("s2", "d")):
        put_image(Path(f"data/images/{scene}/{stem}.jpg"))
        put(Path(f"data/boxes/{scene}/{stem}.xml"), voc(f"{stem}.jpg", BOXES[stem]))
    assert read("data").groups is None
    for task in ("auto", "boxes"):
        groups = read("data", groups="folder", task=task).groups
        assert groups.tolist() == ["data/images/s1", "data/images/s1", "data/images/s2"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (0, 2, 1)])
def test_a_large_coco_file_is_known_in_any_order(order):
    put_image(Path("data/images/a.jpg"))
    whole = json.loads(coco(some("a")))
    whole["images"] += [{"id": f"x{i}", "file_name": f"{i:0200}.jpg"} for i in range(6000)]
    whole["annotations"] += [{**whole["annotations"][0], "id": i} for i in range(20_000)]
    names = ("images", "categories", "annotations")
    put(Path("data/boxes.json"), json.dumps({names[i]: whole[names[i]] for i in order}))
    assert Path("data/boxes.json").stat().st_size > 3_000_000
    assert found(read("data")) == some("a")


def test_few_boxes_among_many_images_are_seen():
    put_image(Path("data/images/0.jpg"))
    for i in range(1, 600):
        os.link("data/images/0.jpg", f"data/images/{i}.jpg")
    for i in range(600):
        put(Path(f"data/labels/{i}.txt"), yolo(BOXES["a"]) if i == 311 else "")
        put(Path(f"data/notes/{i}.json"), '{"image": 1}')
    data = read("data")
    assert [stem for stem, boxes in found(data).items() if boxes] == ["311"]
    assert len(data) == 600


def test_images_that_show_nothing_may_be_all_there_are():
    for i in range(3):
        put_image(Path(f"data/{i}.jpg"))
        put(Path(f"data/{i}.xml"), voc(f"{i}.jpg", []))
    assert found(read("data")) == {"0": [], "1": [], "2": []}


def test_one_coco_file_is_found_among_others():
    put_image(Path("data/images/a.jpg"))
    for i in range(60):
        put(Path(f"data/notes/{i:03}.json"), '{"image": "a"}')
    put(Path("data/notes/z.json"), coco(some("a")))
    assert found(read("data")) == some("a")


def test_the_root_of_names_can_be_given():
    put_image(Path("elsewhere/a.jpg"))
    put(Path("notes/boxes.json"), coco(some("a")))
    put(Path("notes/boxes.csv"), "path,x1,y1,x2,y2,label\na.jpg,1,2,30,40,x\n")
    for name in ("boxes.json", "boxes.csv"):
        assert list(found(read(f"notes/{name}", root="elsewhere"))) == ["a"]
    with pytest.raises(ParameterError, match="which is no folder"):
        read("notes/boxes.json", root="nowhere")


def test_what_is_excluded_is_not_read():
    _flat("a", "b")
    _flat("c", folder="data/old")
    assert set(found(read("data", exclude=["old", "b.jpg"]))) == {"a"}


def test_issues_of_another_split_are_not_told():
    _flat("a", folder="data/train")
    _flat("d", folder="data/test")
    put(Path("data/test/x.xml"), "<broken")
    assert reasons(read("data")) == []
    assert reasons(read("data", split="test")) == ["bad_file"]


def test_one_image_in_two_coco_files_has_the_boxes_of_both():
    put_image(Path("data/images/a.jpg"))
    put(Path("data/cats.json"), coco({"a": BOXES["a"][:1]}))
    put(Path("data/dogs.json"), coco({"a": BOXES["a"]}))
    data = read("data")
    assert found(data) == some("a")
    assert reasons(data) == ["duplicate"]


def test_an_image_that_is_listed_for_training_and_for_a_test_is_in_the_test_only():
    for stem in "ab":
        put_image(Path(f"data/images/{stem}.jpg"))
    put(Path("data/instances_train.json"), coco(some("a", "b")))
    put(Path("data/instances_test.json"), coco(some("b")))
    assert set(found(read("data"))) == {"a"}
    assert set(found(read("data", split="test"))) == {"b"}


def test_the_same_name_in_two_splits_is_two_images():
    for part, stem in (("train", "a"), ("test", "d")):
        put_image(Path(f"data/images/{part}/1.jpg"))
        put(Path(f"data/labels/{part}/1.txt"), yolo(BOXES[stem]))
    put(Path("data/data.yaml"), "names: [cat, dog]\n")
    assert found(read("data"))["1"] == BOXES["a"]
    assert found(read("data", split="test"))["1"] == BOXES["d"]


def test_images_in_no_split_are_said():
    for folder, stem in (("train", "a"), ("test", "b"), ("more", "d")):
        _flat(stem, folder=f"data/{folder}")
    data = read("data", task="boxes")
    assert set(found(data)) == {"a"}
    assert any("1 annotated image left out, because they are in no split" in h for h in data.hints)


def test_a_test_that_is_named_alone_is_kept_out_of_training():
    for stem in ("a", "b", "d"):
        put_image(Path(f"data/images/{stem}.jpg"))
        put(Path(f"data/boxes/{stem}.xml"), voc(f"{stem}.jpg", BOXES[stem]))
    put(Path("data/test.txt"), "b\n")
    data = read("data")
    assert set(found(data)) == {"a", "d"}
    assert any("2 annotated images in no split read as training images" in h for h in data.hints)
    assert set(found(read("data", split="test"))) == {"b"}


def test_two_files_for_one_image_are_said():
    put_image(Path("data/images/a.jpg"))
    put(Path("data/boxes/a.xml"), voc("a.jpg", BOXES["a"]))
    put(Path("data/more/a.xml"), voc("a.jpg", BOXES["b"]))
    data = read("data")
    assert found(data) == some("a")
    assert any("1 annotation file left out" in hint for hint in data.hints)


def test_two_lists_of_names_that_differ_are_said():
    put_image(Path("data/a.jpg"))
    put(Path("data/a.txt"), yolo(BOXES["a"]))
    put(Path("data/data.yaml"), "names: [cat, dog]\n")
    put(Path("data/classes.txt"), "dog\ncat\n")
    data = read("data")
    assert found(data) == some("a")
    assert any("data/classes.txt has others" in hint for hint in data.hints)


@pytest.mark.parametrize("name", ["data.yaml", "classes.txt"])
def test_names_are_found_above_one_split_of_a_data_set(name):
    put_image(Path("data/train/images/a.jpg"))
    put(Path("data/train/labels/a.txt"), yolo(BOXES["a"]))
    put(Path("data", name), "names: [cat, dog]\n" if name.endswith("yaml") else "cat\ndog\n")
    data = read("data/train")
    assert found(data) == some("a")
    assert any(f"data/{name}." in hint for hint in data.hints)


def test_classes_that_differ_in_case_alone_are_said():
    put_image(Path("data/a.jpg"))
    put(Path("data/a.xml"), voc("a.jpg", [("Cat", (1, 1, 9, 9)), ("cat", (20, 20, 30, 30))]))
    assert any("'Cat' and 'cat'" in hint for hint in read("data").hints)


def test_frames_of_boxes():
    put_image(Path("a.jpg"))
    columns = {"path": ["a.jpg"] * 2, "x1": [1, 3], "y1": [2, 4], "x2": [9, 9], "y2": [9.5, 9]}
    frame = pd.DataFrame({**columns, "label": ["x", "y"]})
    for source in (frame, frame.to_dict("list"), frame.to_dict("records")):
        assert found(read(source)) == {"a": [("x", (1, 2, 9, 9.5)), ("y", (3, 4, 9, 9))]}
    assert read(frame, task="classes").targets.labels == ("x", "y")


def test_many_folders_with_the_same_names_are_told_apart_quickly():
    for scene in range(40):
        put_image(Path(f"data/images/s{scene}/0.jpg"))
        for frame in range(20):
            copy = Path(f"data/images/s{scene}/{frame}.jpg")
            if frame:
                shutil.copy(copy.with_name("0.jpg"), copy)
            box = ("cat", (scene, frame, scene + 5, frame + 6))
            put(Path(f"data/boxes/s{scene}/{frame}.xml"), voc(f"{frame}.jpg", [box]))
    data = read("data")
    assert len(data) == 800
    for item, boxes in zip(data.items, data.boxes.images, strict=True):
        scene, frame = item.path.parent.name[1:], item.path.stem
        assert boxes.corners[0, :2].tolist() == [int(scene), int(frame)]


@pytest.mark.bench_data
def test_photographs_of_cards(bench_data):
    train, test = (read(bench_data / "cards-mini", split=split) for split in ("train", "test"))
    assert (len(train), len(test)) == (150, 60)
    assert (
        train.boxes.labels == test.boxes.labels == ("ace", "jack", "king", "nine", "queen", "ten")
    )
    assert train.boxes.counts().min() > 10
    assert {issue.reason for issue in train.boxes.issues} <= {"clipped"}
