"""Which images are read as those of good parts."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from topwork.data.reading.good_parts import read_good_parts
from topwork.data.reading.inspected_parts import read_inspected_parts


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
