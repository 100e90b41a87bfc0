"""Every layout in which boxes lie on disk gives the same boxes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.data.boxes.written import (
    BOXES,
    HEIGHT,
    WIDTH,
    coco,
    cvat,
    found,
    labelme,
    put,
    put_image,
    some,
    voc,
    yolo,
)
from topwork.data import read
from topwork.errors import DataError

Splits = Mapping[str, str]
Layout = Callable[[Path], tuple[Path, Splits]]
"""Writes the boxes below a folder; gives what to read, and the split of each image if any."""

PARTS: Splits = {"a": "train", "b": "train", "c": "test", "d": "test"}
FOLDERS = {"a": "train", "b": "val", "c": "test", "d": "test"}
NOTES = "names: [cat, dog]\nnc: 2\ntrain: ../train/images\nval: ../val/images\n"


def _images(root: Path, where: str) -> None:
    """The images, each at a place that may depend on its split."""
    for stem, folder in FOLDERS.items():
        put_image(root / where.format(folder) / f"{stem}.jpg")


def _by_folder(root: Path, where: str, write: Callable[[str], str], extension: str) -> None:
    for stem, folder in FOLDERS.items():
        put(root / where.format(folder) / f"{stem}{extension}", write(stem))


def _voc(stem: str) -> str:
    return voc(f"{stem}.jpg", BOXES[stem])


def _yolo(stem: str) -> str:
    return yolo(BOXES[stem])


def coco_instances(root: Path) -> tuple[Path, Splits]:
    _images(root, "{}2017")
    for name, stems in (("train", "a"), ("val", "b"), ("test", "cd")):
        put(root / f"annotations/instances_{name}2017.json", coco(some(*stems)))
        put(root / f"annotations/captions_{name}2017.json", '{"images": [], "annotations": []}')
    return root, PARTS


def coco_of_roboflow(root: Path) -> tuple[Path, Splits]:
    _images(root, "{}")
    for name, stems in (("train", "a"), ("val", "b"), ("test", "cd")):
        put(root / name / "_annotations.coco.json", coco(some(*stems), dummy=True))
    return root, PARTS


def coco_beside_images(root: Path) -> tuple[Path, Splits]:
    _images(root, "")
    put(root / "boxes.json", coco(BOXES))
    return root, {}


def coco_with_sparse_ids(root: Path) -> tuple[Path, Splits]:
    _images(root, "images")
    put(root / "boxes.json", coco(BOXES, (17, 90), first_image=458755))
    return root, {}


def coco_with_folders_in_names(root: Path) -> tuple[Path, Splits]:
    _images(root, "images")
    put(root / "annotations/boxes.json", coco(BOXES, folder="C:\\work\\images\\"))
    return root, {}


def coco_file(root: Path) -> tuple[Path, Splits]:
    _images(root, "images")
    put_image(root / "images/other.jpg")
    return put(root / "annotations/instances_val.json", coco(BOXES)), {}


def voc_with_image_sets(root: Path) -> tuple[Path, Splits]:
    _images(root, "JPEGImages")
    put_image(root / "SegmentationClass/a.png", name="PNG")
    _by_folder(root, "Annotations", _voc, ".xml")
    put(root / "ImageSets/Main/train.txt", "a\n")
    put(root / "ImageSets/Main/trainval.txt", "a\nb\n")
    put(root / "ImageSets/Main/test.txt", "c\nd\n")
    put(root / "ImageSets/Main/cat_train.txt", "a 1\n")
    put(root / "ImageSets/Segmentation/train.txt", "d\n")
    return root, PARTS


def voc_beside_images(root: Path) -> tuple[Path, Splits]:
    _images(root, "")
    _by_folder(root, "", _voc, ".xml")
    return root, {}


def voc_in_two_folders(root: Path) -> tuple[Path, Splits]:
    _images(root, "images")
    _by_folder(root, "annotations/xmls", _voc, ".xml")
    return root, {}


def voc_in_splits(root: Path) -> tuple[Path, Splits]:
    _images(root, "{}")
    _by_folder(root, "{}", _voc, ".xml")
    return root, PARTS


def voc_with_other_names(root: Path) -> tuple[Path, Splits]:
    _images(root, "images")
    for number, stem in enumerate(BOXES):
        put(root / f"annotations/{number:03}.xml", voc(f"{stem.upper()}.JPG", BOXES[stem]))
    return root, {}


def _labelme(stem: str) -> str:
    return labelme(stem, BOXES[stem])


def labelme_beside_images(root: Path) -> tuple[Path, Splits]:
    _images(root, "")
    _by_folder(root, "", _labelme, ".json")
    return root, {}


def labelme_in_splits(root: Path) -> tuple[Path, Splits]:
    _images(root, "{}/images")
    _by_folder(root, "{}/marks", _labelme, ".json")
    return root, PARTS


def cvat_beside_folder(root: Path) -> tuple[Path, Splits]:
    _images(root, "images")
    put(root / "annotations.xml", cvat(BOXES))
    return root, {}


def cvat_with_subsets(root: Path) -> tuple[Path, Splits]:
    _images(root, "images")
    return put(root / "annotations.xml", cvat(BOXES, FOLDERS)), PARTS


def yolo_with_list(root: Path) -> tuple[Path, Splits]:
    _images(root, "images/{}")
    _by_folder(root, "labels/{}", _yolo, ".txt")
    put(root / "data.yaml", "path: .\ntrain: images/train\nval: images/val\nnames:\n- cat\n- dog\n")
    return root, PARTS


def yolo_with_mapping(root: Path) -> tuple[Path, Splits]:
    _images(root, "images/{}")
    _by_folder(root, "labels/{}", _yolo, ".txt")
    (root / "labels/test/c.txt").unlink()
    yaml = "# a comment\nnames:\n  0: cat  # the first\n  1: 'dog'\nnc: 2\n"
    return put(root / "data.yaml", yaml), PARTS


def yolo_of_roboflow(root: Path) -> tuple[Path, Splits]:
    _images(root, "{}/images")
    _by_folder(root, "{}/labels", _yolo, ".txt")
    put(root / "data.yaml", NOTES)
    put(root / "README.roboflow.txt", "Exported.\n")
    return root, PARTS


def yolo_with_folds(root: Path) -> tuple[Path, Splits]:
    for stem, folder in FOLDERS.items():
        fold = {"train": "x", "val": "y", "test": "z"}[folder]
        put_image(root / f"images/{fold}/{stem}.jpg")
        put(root / f"labels/{fold}/{stem}.txt", _yolo(stem))
    put(root / "data.yaml", "names: [cat, dog]\ntrain: [images/x, images/y]\ntest: ./images/z\n")
    return root, PARTS


def yolo_beside_images(root: Path) -> tuple[Path, Splits]:
    _images(root, "")
    _by_folder(root, "", _yolo, ".txt")
    put(root / "classes.txt", "cat\ndog\n")
    return root, {}


def yolo_with_lists(root: Path) -> tuple[Path, Splits]:
    _images(root, "obj_data")
    _by_folder(root, "obj_data", _yolo, ".txt")
    put(root / "obj.names", "cat\ndog\n")
    put(root / "train.txt", "data/obj_data/a.jpg\ndata/obj_data/b.jpg\n")
    put(root / "test.txt", "data/obj_data/c.jpg\ndata/obj_data/d.jpg\n")
    return root, PARTS


def _rows() -> list[tuple[str, list[str], str]]:
    rows = [
        (stem, [str(value) for value in corners], label)
        for stem, boxes in BOXES.items()
        for label, corners in boxes
    ]
    return [*rows, ("c", [""] * 4, "")]


def table_of_paths(root: Path) -> tuple[Path, Splits]:
    _images(root, "images")
    lines = [f"images/{stem}.jpg,{','.join(box)},{label}" for stem, box, label in _rows()]
    return put(root / "boxes.csv", "\n".join(["path,x1,y1,x2,y2,label", *lines])), {}


def table_of_file_names(root: Path) -> tuple[Path, Splits]:
    _images(root, "images")
    lines = [f"{stem}.jpg,{WIDTH},{HEIGHT},{label},{','.join(box)}" for stem, box, label in _rows()]
    header = "filename,width,height,class,xmin,ymin,xmax,ymax"
    return put(root / "labels.csv", "\n".join([header, *lines])), {}


def tables_in_splits(root: Path) -> tuple[Path, Splits]:
    _images(root, "{}")
    header = "filename,width,height,class,xmin,ymin,xmax,ymax"
    for name in ("train", "val", "test"):
        lines = [
            f"{stem}.jpg,{WIDTH},{HEIGHT},{label},{','.join(box)}"
            for stem, box, label in _rows()
            if FOLDERS[stem] == name
        ]
        put(root / name / "_annotations.csv", "\n".join([header, *lines]))
    return root, PARTS


def table_with_splits(root: Path) -> tuple[Path, Splits]:
    _images(root, "")
    lines = [f"{stem}.jpg;{FOLDERS[stem]};{';'.join(box)};{label}" for stem, box, label in _rows()]
    return put(root / "boxes.csv", "\n".join(["path;split;x1;y1;x2;y2;label", *lines])), PARTS


def table_of_fractions(root: Path) -> tuple[Path, Splits]:
    _images(root, "")
    lines = ["ImageID\tLabelName\tXMin\tXMax\tYMin\tYMax"]
    for stem, boxes in BOXES.items():
        for label, (x1, y1, x2, y2) in boxes:
            values = (x1 / WIDTH, x2 / WIDTH, y1 / HEIGHT, y2 / HEIGHT)
            lines.append("\t".join((stem, label, *(f"{value:.7f}" for value in values))))
    lines.append("c\t\t\t\t\t")
    return put(root / "boxes.tsv", "\n".join(lines)), {}


def parquet(root: Path) -> tuple[Path, Splits]:
    _images(root, "images")
    rows = _rows()
    columns = {
        "path": [f"images/{stem}.jpg" for stem, _, _ in rows],
        "label": [label or None for _, _, label in rows],
    }
    for place, name in enumerate(("x1", "y1", "x2", "y2")):
        columns[name] = [float(box[place]) if box[place] else None for _, box, _ in rows]
    pq.write_table(pa.table(columns), root / "boxes.parquet")
    return root / "boxes.parquet", {}


def json_table(root: Path) -> tuple[Path, Splits]:
    _images(root, "images")
    names = ("xmin", "ymin", "xmax", "ymax")
    rows = [
        {"image": f"images/{stem}.jpg", "label": label, **dict(zip(names, box, strict=True))}
        for stem, box, label in _rows()
    ]
    return put(root / "boxes.json", json.dumps(rows)), {}


LAYOUTS: dict[str, Layout] = {
    made.__name__: made
    for made in (
        coco_instances,
        coco_of_roboflow,
        coco_beside_images,
        coco_with_sparse_ids,
        coco_with_folders_in_names,
        coco_file,
        voc_with_image_sets,
        voc_beside_images,
        voc_in_two_folders,
        voc_in_splits,
        voc_with_other_names,
        labelme_beside_images,
        labelme_in_splits,
        cvat_beside_folder,
        cvat_with_subsets,
        yolo_with_list,
        yolo_with_mapping,
        yolo_of_roboflow,
        yolo_with_folds,
        yolo_beside_images,
        yolo_with_lists,
        table_of_paths,
        table_of_file_names,
        tables_in_splits,
        table_with_splits,
        table_of_fractions,
        parquet,
        json_table,
    )
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    return Path("data")


@pytest.mark.parametrize("name", LAYOUTS)
def test_every_layout_gives_the_same_boxes(name, folder):
    source, _ = LAYOUTS[name](folder)
    data = read(source, split="all")
    assert found(data) == BOXES
    assert data.boxes.labels == ("cat", "dog")
    assert all(Path(item.name).is_file() for item in data.items)
    assert data.boxes.issues == ()
    assert "Read 4 boxes of 2 classes in 4 images" in data.hints[0]
    assert data.split == "all"


@pytest.mark.parametrize("name", LAYOUTS)
def test_splits_are_read_as_splits(name, folder):
    source, parts = LAYOUTS[name](folder)
    if not parts:
        assert set(found(read(source))) == set(BOXES)
        with pytest.raises(DataError, match="no test part"):
            read(source, split="test")
        return
    for split in ("train", "test"):
        data = read(source, split=split)
        assert data.split == split
        assert set(found(data)) == {stem for stem, part in parts.items() if part == split}
