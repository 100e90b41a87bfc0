"""Fitting on folders of DICOM files: patients, windows and privacy, from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import topwork as tw
from tests.medical_files import write_dicom
from topwork.cli.app import run
from topwork.data import read
from topwork.features.opened_backbone import open_backbone, read_once
from topwork.heads import stratified_folds
from topwork.intake.labelled import undivided
from topwork.quality import find_duplicates
from topwork.quality.item_fingerprints import fingerprints_of
from topwork.settings import FitSettings

pytest.importorskip("pydicom")

SMALL = ("--backbone", "packaged:efficientnet_lite0/64")
N_PATIENTS = 10
PLANTED = [
    *(f"Zyxwnam{i}" for i in range(N_PATIENTS)),
    *(f"QQID{i}77" for i in range(N_PATIENTS)),
    "19770531",
    "1.9.8.7.6.5",
    "Plantedhospital",
]
"""Names, IDs, a date, a UID and an institution, in the headers of the scans."""


def texture(rng: np.random.Generator, *, bright: bool) -> NDArray[np.int16]:
    """A lung-like slice, with or without a bright disc."""
    coarse = rng.normal(-700, 150, (8, 8))
    values = np.kron(coarse, np.ones((6, 6))) + rng.normal(0, 20, (48, 48))
    if bright:
        y, x = rng.integers(12, 36, 2)
        rows, columns = np.mgrid[:48, :48]
        values[(rows - y) ** 2 + (columns - x) ** 2 < 60] = 100
    return values.astype(np.int16)


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two slices of each patient of two classes, and twins of one patient in both."""
    folder, rng = tmp_path_factory.mktemp("medical") / "scans", np.random.default_rng(0)
    for i in range(N_PATIENTS):
        label = ("nodule", "clear")[i % 2]
        for k in range(2):
            write_dicom(
                folder / label / f"{i}{k}",
                texture(rng, bright=label == "nodule"),
                PatientID=f"QQID{i}77",
                PatientName=f"Zyxwnam{i}^Test",
                PatientBirthDate="19770531",
                StudyInstanceUID=f"1.9.8.7.6.5.{i}",
                InstitutionName="Plantedhospital",
                BodyPartExamined="CHEST",
            )
    twin = texture(rng, bright=False)
    for label in ("nodule", "clear"):
        write_dicom(folder / label / "twin", twin, PatientID="QQID077", PatientName="Zyxwnam0")
    return folder


@pytest.fixture(scope="module")
def fitted(session_cache: Path, scans: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("fitted") / "scans.topwork"
    assert run(["fit", str(scans), "--out", str(target), "--window", "lung", "-q", *SMALL]) == 0
    return target


def test_patients_are_never_split(session_cache: Path, scans: Path) -> None:
    data = read(scans)
    settings = FitSettings(backbone="packaged:efficientnet_lite0/64")
    opened = open_backbone(settings.backbone_name, settings)
    fingerprints = fingerprints_of(data.kind.name, keep=True)
    extraction = read_once(
        data,
        opened.request,
        extra_requests=[fingerprints.request],
        max_bad=0,
        progress=lambda *_: None,
    )
    similarity = fingerprints.similarity(extraction.keys, data)
    features = opened.request.store.read(extraction.keys)
    assert data.classes is not None
    codes = data.classes.codes
    duplicates = find_duplicates(extraction.keys, similarity, features, codes)
    groups = undivided(data, duplicates)
    patients = np.array([Path(item.name).name[0] for item in data.items])
    patients[patients == "t"] = "0"
    for seed in range(10):
        folds = stratified_folds(codes, n_folds=3, groups=groups, seed=seed)
        assert all(len(set(folds[patients == patient])) == 1 for patient in set(patients))


def test_the_bundle_keeps_the_window_and_uses_it(fitted: Path, tmp_path: Path) -> None:
    card = json.loads((fitted / "model.json").read_text())
    assert card["appearance"]["window"] == "lung"
    model = tw.load(fitted)
    plain = texture(np.random.default_rng(5), bright=True)
    own = write_dicom(tmp_path / "a", plain)
    misled = write_dicom(tmp_path / "b", plain, WindowCenter=3000, WindowWidth=10)
    first, second = model.predict_proba([str(own), str(misled)])
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_no_planted_name_is_in_anything_that_is_written(
    fitted: Path, scans: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    table, wrong, page = (tmp_path / name for name in ("p.csv", "wrong.csv", "page.html"))
    assert run(["predict", str(fitted), str(scans), "-o", str(table), "--json"]) == 0
    assert run(["evaluate", str(fitted), str(scans), "-o", str(wrong), "--page", str(page)]) == 0
    checked = tmp_path / "check.html"
    assert run(["check", str(scans), "--page", str(checked)]) == 0
    assert run(["fit", str(scans), "--out", str(tmp_path / "again.topwork"), "--json", *SMALL]) == 0
    said = capfd.readouterr()
    written = [said.out.encode(), said.err.encode()]
    written += [p.read_bytes() for top in (tmp_path, fitted) for p in top.rglob("*") if p.is_file()]
    assert len(written) > 8
    for name in PLANTED:
        for content in written:
            assert name.lower().encode() not in content.lower(), name


def test_pages_show_no_image_unless_asked_and_say_that_it_is_no_device(
    fitted: Path, scans: Path, tmp_path: Path
) -> None:
    pages = []
    for more in ((), ("--show-images",)):
        pages.append(tmp_path / f"{len(pages)}.html")
        assert run(["check", str(scans), "--page", str(pages[-1]), "-q", *more]) == 0
    plain, shown = (page.read_text() for page in pages)
    assert "data:image/jpeg" not in plain
    assert "data:image/jpeg" in shown
    report = (fitted / "report.html").read_text()
    assert "data:image/jpeg" not in report
    for text in (plain, report, (fitted / "README.md").read_text()):
        assert "Not a medical device" in text


def test_good_scans_are_kept_together_by_patient(
    scans: Path, session_cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["fit", str(scans / "clear"), "--task", "one-class", "--out", str(tmp_path / "m")]
    assert run([*command, "--false-alarms", "0.4", "--json", *SMALL]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["n_items"] == 11
    assert said["n_groups"] == 6  # five patients and the twin of another one
