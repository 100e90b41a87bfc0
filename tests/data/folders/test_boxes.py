"""Images that come with boxes or masks are no classes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from topwork.data import read
from topwork.errors import DataError

VOC = "<annotation><object><name>roo</name><bndbox><xmin>1</xmin></bndbox></object></annotation>"
YOLO = "0 0.5 0.5 0.25 0.25\n1 0.1 0.2 0.3 0.4\n"
COCO = json.dumps({"images": [{"id": 1}], "annotations": [{"image_id": 1, "bbox": [1, 2, 3, 4]}]})
LABELME = json.dumps({"shapes": [{"points": [[1, 2]]}], "imagePath": "0.jpg"})


@pytest.fixture
def put(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def put(files: dict[str, str]) -> None:
        for name, content in files.items():
            file = Path("data", name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)

    return put


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"images/{}.jpg": "", "annots/{}.xml": VOC}, r"data/annots holds boxes \(Pascal VOC, 3"),
        ({"images/{}.jpg": "", "images/{}.xml": VOC}, "Pascal VOC, 3 files"),
        ({"{}.jpg": "", "{}.xml": VOC}, "Pascal VOC, 3 files"),
        ({"train/images/{}.jpg": "", "train/labels/{}.txt": YOLO}, "YOLO, 3 files"),
        ({"images/train/{}.jpg": "", "labels/train/{}.txt": YOLO}, "YOLO, 3 files"),
        ({"train/{}.jpg": "", "valid/a{}.jpg": "", "train/c.json": COCO}, r"COCO, 1 file\)"),
        ({"a2017/{}.jpg": "", "b2017/x{}.jpg": "", "notes/i.json": COCO}, r"notes holds boxes"),
        ({"images/{}.jpg": "", "images/{}.json": LABELME}, "labelme, 3 files"),
        ({"JPEG/{}.jpg": "", "Masks/{}.png": "", "Ann/{}.xml": VOC}, "Pascal VOC, 3 files"),
        ({"images/{}.jpg": "", "masks/{}.png": ""}, "masks looks like masks of the images in imag"),
        ({"images/{}.jpg": "", "masks/{}_mask.png": ""}, "topwork doesn't segment"),
    ],
)
def test_boxes_are_said(files, said, put):
    put({name.format(i): content for name, content in files.items() for i in range(3)})
    with pytest.raises(DataError, match=said) as caught:
        read("data", task="classes")
    assert "--layout class" in caught.value.remedy


def test_boxes_beside_the_images_of_classes_are_noted(put):
    put({f"{c}/{c}{i}.{e}": VOC for c in ("cat", "dog") for i in range(3) for e in ("jpg", "xml")})
    data = read("data")
    assert data.targets.labels == ("cat", "dog")
    assert "which are not used: the folders were read as classes" in data.hints[0]
    assert data.ignored == {".xml": 6}


def test_the_user_decides(put):
    put({f"{c}/{i}.jpg": "" for c in ("images", "masks") for i in range(3)})
    assert read("data", layout="class").targets.labels == ("images", "masks")


@pytest.mark.parametrize("beside", ["a picture of a cat", "3 0.5\n", ""])
def test_other_texts_beside_images_are_no_boxes(beside, put):
    put({f"{c}/{c}{i}.jpg": "" for c in ("cat", "dog") for i in range(3)})
    put({f"{c}/{c}{i}.txt": beside for c in ("cat", "dog") for i in range(3)})
    put({"readme.json": "{}", "notes.xml": "<a/>"})
    assert read("data").hints == ()


def test_faces_with_masks_are_classes(put):
    put({f"{c}/{i}.jpg": "" for c in ("with_mask", "without_mask") for i in range(3)})
    assert read("data").targets.labels == ("with_mask", "without_mask")


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.json", COCO), ("a.xml", VOC), ("a.txt", YOLO), ("data.yaml", "names: [a]\nnc: 1\n")],
)
def test_a_file_of_boxes_is_named(name, content, put):
    put({name: content})
    with pytest.raises(DataError, match="holds boxes"):
        read(f"data/{name}", task="classes")
