"""Learning from volumes on the command line: fit, evaluate and predict read them alike."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import topwork as tw
from tests.medical_files import write_dicom
from topwork.cli.app import run

pytest.importorskip("pydicom")

N_SLICES = 7
BRIGHT = (0, 1, 5, 6)
"""Slices that show the finding: not the one in the middle."""


def write_volume(folder: Path, patient: str, rng: np.random.Generator, *, bright: bool) -> None:
    """Slices of noise, their files in no order, some with a bright square."""
    for name, k in enumerate(rng.permutation(N_SLICES)):
        values = np.kron(rng.normal(-600, 150, (8, 8)), np.ones((4, 4)))
        if bright and k in BRIGHT:
            values[8:24, 8:24] += 500
        write_dicom(
            folder / f"IM{name}",
            values.astype(np.int16),
            PatientID=patient,
            SeriesInstanceUID=f"1.2.{patient[1:]}",
            ImagePositionPatient=[-16, -16, 5 * int(k)],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0],
            PixelSpacing=[1, 1],
            InstanceNumber=int(rng.integers(1, 99)),
        )


def scans(folder: Path, n: int, seed: int) -> Path:
    rng = np.random.default_rng(seed)
    for i in range(n):
        label = ("clear", "nodule")[i % 2]
        patient = f"P{seed}{i:03}"
        write_volume(folder / label / f"scan{i}", patient, rng, bright=label == "nodule")
    write_dicom(
        folder / "clear" / "scan0" / "scout",
        np.zeros((32, 32), np.int16),
        PatientID=f"P{seed}000",
        ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
    )
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("volumes")
    return scans(folder / "first", 60, 1), scans(folder / "second", 20, 2)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict:
    capsys.readouterr()
    assert run([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_volumes_are_learnt_from_and_read_alike_by_the_model(
    folders: tuple[Path, Path],
    tmp_path: Path,
    session_cache: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first, second = map(str, folders)
    out = str(tmp_path / "m.topwork")
    options = ["--volume", "--window", "lung", "--backbone", "pixels"]
    found = printed(capsys, "fit", first, *options, "-o", out)
    assert found["n_items"] == 60
    (chosen,) = (one["name"] for one in found["tried"] if one["chosen"])
    assert chosen.startswith("all images")
    said = " ".join(found["notes"])
    assert "60 volumes, 60 of them of several slices: up to 16 of each" in said
    assert "1 localiser: left out." in said
    assert "60 of 60 volumes have several slices: the mean of their features." in said
    card = json.loads((Path(out) / "model.json").read_text())
    assert card["appearance"]["plane"] == "axial"
    evaluated = printed(capsys, "evaluate", out, second)
    assert evaluated["scores"]["balanced_accuracy"]["value"] > 0.85
    predicted = printed(capsys, "predict", out, second)
    assert len(predicted["predictions"]) == 20
    assert any("20 volumes" in note for note in predicted["notes"])
    names = [Path(one["path"]).name for one in predicted["predictions"]]
    assert sorted(names) == sorted(f"scan{i}" for i in range(20))
    model = tw.load(out)
    one = predicted["predictions"][0]
    assert model.predict([str(path) for path in sorted(Path(one["path"]).iterdir())]).tolist() == [
        one["label"]
    ]
    refused = printed(capsys, "adapt", out, second, "-o", str(tmp_path / "a.topwork"), code=2)
    assert refused["error"]["code"] in ("has_columns", "has_volumes")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--plane", "coronal"], None),
        (["--volume", "--plane", "oblique"], None),
        (["--volume", "--target", "DATA"], "has_volumes"),
        (["--volume"], "medical_only"),
        (["--volume", "--from", "m.topwork"], "decided_by_start"),
    ],
)
def test_what_volumes_cannot_be_asked_for_with(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], code: str | None
) -> None:
    for label in "ab":
        (tmp_path / label).mkdir()
        for i in range(3):
            Image.new("RGB", (8, 8), (i, 0, 0)).save(tmp_path / label / f"{i}.png")
    given = [str(tmp_path) if option == "DATA" else option for option in options]
    error = printed(capsys, "fit", str(tmp_path), *given, "-o", str(tmp_path / "m"), code=2)
    assert code in (None, error["error"]["code"])
    assert error["error"]["message"].count("--")


def test_parts_are_not_inspected_as_volumes(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = str(folders[0] / "clear")
    options = ["--task", "one-class", "--volume", "-o", str(tmp_path / "m")]
    error = printed(capsys, "fit", good, *options, code=2)
    assert error["error"]["message"].startswith("--volume cannot be given")


def test_too_few_volumes_are_said(
    tmp_path: Path, session_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(scans(tmp_path / "few", 4, 3))
    options = ["--volume", "--backbone", "pixels", "-o", str(tmp_path / "m.topwork")]
    found = printed(capsys, "fit", folder, *options)
    words = "4 of 4 volumes have several slices: there are too few items per class"
    assert any(words in note for note in found["notes"])
