"""What is said of labels that can't be used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from topwork.cli.app import run
from topwork.data.targets.several_labels import several_labels_of
from topwork.errors import DataError


def test_labels_left_out_are_named_in_the_terminal(
    tmp_path: Path, session_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rng, rows = np.random.default_rng(0), ["path,label"]
    for i in range(24):
        noise = rng.integers(0, 255, (16, 16, 3)).astype(np.uint8)
        Image.fromarray(noise).save(tmp_path / f"{i}.png")
        rows.append(f"{i}.png,{'sea;any' if i % 2 else 'sky;any'}")
    (tmp_path / "t.csv").write_text("\n".join(rows), "utf-8")
    arguments = [str(tmp_path / "t.csv"), "-o", str(tmp_path / "m.topwork")]
    assert run(["fit", *arguments, "--backbone", "pixels", "--no-near-duplicates"]) == 0
    said = " ".join(capsys.readouterr().err.split())
    assert "Left out: 1 label that all items or none of them have (any)." in said
    assert said.count("separated by ';'") == 1


def test_marks_by_name_may_have_numbers_for_names_and_must_be_marks() -> None:
    found = several_labels_of([{1: True, "b": 0}, {1: float("nan"), "b": 1}])[0]
    assert found.labels == ("1", "b")
    assert found.presence.tolist() == [[1, 0], [-1, 1]]
    with pytest.raises(DataError, match="item 1 are marked by other than 0, 1"):
        several_labels_of([{"a": 1}, {"a": 5}])
