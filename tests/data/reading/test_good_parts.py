"""Which images are read as those of good parts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from topwork.cli.options import read_data
from topwork.data import ClassTargets, read
from topwork.data.reading.inspection.good_parts import (
    good_of,
    is_inspection_layout,
    read_good_parts,
)
from topwork.data.reading.inspection.inspected_parts import read_inspected_parts
from topwork.errors import DataError, ParameterError
from topwork.settings import TaskSettings


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """Four training rows and three test rows, a defective one in each."""
    labels = ["good", "good", "good", "dent", "good", "good", "dent"]
    rows = ["path,label,split"]
    for i, label in enumerate(labels):
        Image.new("RGB", (16, 16), (10 * i, 0, 0)).save(tmp_path / f"{i}.png")
        rows.append(f"{i}.png,{label},{'train' if i < 4 else 'test'}")
    target = tmp_path / "parts.csv"
    target.write_text("\n".join(rows))
    return target


def test_the_parts_of_a_table_are_kept_apart(table: Path) -> None:
    fitted = read_good_parts(table)
    assert ([Path(item.name).stem for item in fitted.items], fitted.split) == (list("012"), "train")
    judged = read_inspected_parts(table)
    assert [Path(item.name).stem for item in judged.data.items] == list("456")
    assert judged.defective.tolist() == [False, False, True]


def test_options_of_labelled_data_hold_for_good_parts_or_are_refused(table: Path) -> None:
    table.write_text(table.read_text().replace("label", "state"))
    data = read_data(table, TaskSettings(task="one-class", label="state"), split="train")
    assert len(data) == 3
    asked: list[tuple[str, dict[str, Any]]] = [
        ("--exclude", {"exclude": ("old",)}),
        ("--groups", {"groups": "folder"}),
        ("--layout", {"layout": "class"}),
    ]
    for option, given in asked:
        with pytest.raises(ParameterError, match=f"^{option} cannot be given"):
            read_data(table, TaskSettings(task="one-class", **given), split="train")
    with pytest.raises(ParameterError, match="columns goes with a table"):
        read_data(table.parent, TaskSettings(task="one-class", label="state"), split="train")


def _folders(place: Path, *names: str) -> Path:
    for i, name in enumerate(names):
        (place / name).mkdir(parents=True)
        Image.new("RGB", (16, 16), (40 * i, 0, 0)).save(place / name / "0.png")
    return place


@pytest.mark.parametrize("top", ["", "train"])
def test_the_folder_of_good_parts_is_found_in_capitals_too(tmp_path: Path, top: str) -> None:
    _folders(tmp_path / top, "NG", "OK")
    (item,) = read_good_parts(tmp_path).items
    assert Path(item.name).parent.name == "OK"


@pytest.mark.parametrize("top", ["", "train"])
def test_several_classes_of_which_none_is_good_are_refused(tmp_path: Path, top: str) -> None:
    _folders(tmp_path / top, "bent", "fine")
    with pytest.raises(DataError, match=r"\(bent, fine\), and none is called good"):
        read_good_parts(tmp_path)
    assert len(read_good_parts(tmp_path / top / "fine")) == 1


def test_good_parts_are_taken_out_of_a_data_set(table: Path) -> None:
    data = read(table, split="train")
    assert [Path(item.name).stem for item in good_of(data).items] == list("012")
    (bad,) = good_of(data.take([3])).items  # one class: the user says that it is good
    assert Path(bad.name).stem == "3"
    others = replace(data, targets=ClassTargets.from_labels(["fine", "fine", "fine", "dent"]))
    with pytest.raises(DataError, match="none is called good"):
        good_of(others)


@pytest.mark.parametrize("name", ["good", "OK"])
def test_good_parts_beside_masks_are_known_however_they_are_called(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "train" / name).mkdir(parents=True)
    assert not is_inspection_layout(tmp_path)
    (tmp_path / "ground_truth").mkdir()
    assert is_inspection_layout(tmp_path)
    (tmp_path / "train" / "scratch").mkdir()
    assert not is_inspection_layout(tmp_path)
